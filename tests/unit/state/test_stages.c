/* state/stages: hours that add up, years that go round, files that are none, and a writer that is killed. */
#include "state/stages.h"
#include "tests/test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOW = 1800000000 };

static char folder[] = "/tmp/postern-stages-XXXXXX", path[64];

static void adds(void **state)
{
	struct stages *writer, *reader;
	struct stage_counts one = { { [STAGE_OFFERED] = 10, [STAGE_GONE] = 3 } }, sum;
	(void)state;
	assert_int_equal(stages_open(folder, false, &reader), ERR_NOT_FOUND);
	assert_int_equal(stages_open(folder, true, &writer), ERR_OK);
	assert_int_equal(stages_open(folder, false, &reader), ERR_OK);
	stages_add(writer, NOW, &one);
	stages_add(writer, NOW - 3600, &one);
	stages_add(writer, NOW - 3600 * 30, &one);
	stages_add(writer, -5, &one); /* a clock that is wrong */
	stages_sum(reader, NOW - 86400, NOW + 1, &sum);
	assert_int_equal(sum.n[STAGE_OFFERED], 20);
	assert_int_equal(sum.n[STAGE_GONE], 6);
	stages_sum(reader, 0, NOW + 1, &sum);
	assert_int_equal(sum.n[STAGE_OFFERED], 30);
	stages_add(writer, NOW + (int64_t)STAGES_HOURS * 3600, &one); /* takes the row of NOW */
	stages_sum(reader, NOW - 86400, NOW + 1, &sum);
	assert_int_equal(sum.n[STAGE_OFFERED], 10);
	stages_close(reader);
	stages_close(writer);
	assert_int_equal(stages_open(folder, true, &writer), ERR_OK);
	stages_sum(writer, NOW - 86400, NOW + 1, &sum);
	assert_int_equal(sum.n[STAGE_OFFERED], 10);
	stages_close(writer);
}

static void is_none(void **state)
{
	struct stages *stages;
	struct stage_counts sum;
	(void)state;
	int fd = open(path, O_WRONLY);
	assert_true(fd >= 0 && write(fd, "nonsense", 8) == 8);
	close(fd);
	assert_int_equal(stages_open(folder, false, &stages), ERR_SYNTAX);
	assert_int_equal(stages_open(folder, true, &stages), ERR_OK); /* set aside, begun anew */
	stages_sum(stages, 0, NOW * 2ll, &sum);
	assert_int_equal(sum.n[STAGE_OFFERED], 0);
	stages_close(stages);
	assert_int_equal(truncate(path, 100), 0);
	assert_int_equal(stages_open(folder, false, &stages), ERR_SYNTAX);
	assert_int_equal(stages_open("/nonexistent", true, &stages), ERR_NOT_FOUND);
}

static void killed(void **state)
{
	struct stages *stages;
	struct stage_counts sum, one = { { [STAGE_OFFERED] = 1, [STAGE_GONE] = 1 } };
	int told[2];
	char byte;
	(void)state;
	assert_int_equal(pipe(told), 0);
	pid_t child = fork();
	if (child == 0) {
		if (stages_open(folder, true, &stages) != 0)
			_exit(1);
		for (unsigned i = 0; i < 1000; i++)
			stages_add(stages, NOW, &one);
		(void)!write(told[1], "x", 1);
		pause();
	}
	assert_int_equal(read(told[0], &byte, 1), 1);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_int_equal(stages_open(folder, false, &stages), ERR_OK);
	stages_sum(stages, NOW, NOW + 1, &sum);
	assert_int_equal(sum.n[STAGE_OFFERED], 1000);
	assert_int_equal(stages_open_of(&sum).door, 0);
	stages_close(stages);
	close(told[0]);
	close(told[1]);
}

static void identities(void **state)
{
	struct stage_counts c = { { [STAGE_OFFERED] = 100,
				    [STAGE_REFUSED_LIST] = 60,
				    [STAGE_REFUSED_TRAP] = 10,
				    [STAGE_REFUSED_SCORE] = 5,
				    [STAGE_PUT_OFF_LOAD] = 4,
				    [STAGE_PUT_OFF_GREYLIST] = 3,
				    [STAGE_GONE] = 2,
				    [STAGE_PASSED] = 15,
				    [STAGE_HANDED_IN] = 20,
				    [STAGE_ABANDONED] = 1,
				    [STAGE_ACCEPTED] = 20,
				    [STAGE_MARKED] = 5,
				    [STAGE_QUARANTINED] = 4,
				    [STAGE_REJECTED] = 2,
				    [STAGE_DEFERRED] = 1,
				    [STAGE_UNJUDGED] = 1 } };
	(void)state;
	assert_int_equal(stages_open_of(&c).door, 1);
	assert_int_equal(stages_open_of(&c).judge, 1);
	c.n[STAGE_GONE] += 2;
	assert_int_equal(stages_open_of(&c).door, -1);
}

static void hits_of_traps(void **state)
{
	(void)state;
	struct stage_counts c = { { [STAGE_TRAP_CAME] = 50, [STAGE_TRAP_HIT] = 10, [STAGE_TRAP_RECIPIENT] = 5 } };
	for (unsigned i = STAGE_TRAP_KEPT_OUT; i <= STAGE_TRAP_NO_ROOM; i++)
		c.n[i] = 2;
	assert_int_equal(stages_open_of(&c).trap, 1);
	c.n[STAGE_TRAP_GUARDED] += 2;
	assert_int_equal(stages_open_of(&c).trap, -1);
	assert_int_equal(stages_open_of(&c).door, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(hits_of_traps), cmocka_unit_test(adds), cmocka_unit_test(is_none),
					    cmocka_unit_test(killed), cmocka_unit_test(identities) };
	if (!mkdtemp(folder))
		return 1;
	snprintf(path, sizeof path, "%s/stages", folder);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	char aside[80];
	snprintf(aside, sizeof aside, "%s.damaged", path);
	unlink(path);
	unlink(aside);
	rmdir(folder);
	return failed;
}
