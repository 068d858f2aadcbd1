/* state/tuples: counters fade exactly, lives end, the bound holds, readers see commits, kills and full disks lose little and damage
 * nothing. */
#include "base/limits.h"
#include "gate/greylist.h"
#include "state/tuples.h"
#include "tests/store_test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

enum { NOW = 1800000000, DAY = 86400, BOUND = 1 << 20 };
static struct arena arena;
static const uint64_t good[TUPLE_COUNTERS] = { TUPLE_ONE, 0 }, spam[TUPLE_COUNTERS] = { 0, TUPLE_ONE };

static struct tuples *opened(enum tuples_mode mode)
{
	struct tuples *tuples = NULL;
	char why[TUPLES_WHY_MAX];
	if (tuples_open(test_folder, mode, BOUND, NOW, why, &tuples) != 0)
		fail_msg("%s", why);
	return tuples;
}

static void counts_and_fades(void **state)
{
	struct tuples *t = opened(TUPLES_WRITE);
	struct tuple got;
	(void)state;
	assert_int_equal(tuples_get(t, TUPLE_ADDRESS, SPAN("a"), NOW, &got), ERR_NOT_FOUND);
	assert_int_equal(tuples_add(t, TUPLE_ADDRESS, SPAN("a"), NOW, good, &got), 0);
	assert_int_equal(got.first, NOW);
	for (unsigned i = 0; i < 7; i++)
		assert_int_equal(tuples_add(t, TUPLE_ADDRESS, SPAN("a"), NOW, spam, &got), 0);
	assert_int_equal(got.counter[TUPLE_GOOD], 1000);
	assert_int_equal(got.counter[TUPLE_SPAM], 7000);
	static const struct {
		int64_t age;
		uint64_t spam;
	} cases[] = { { -5, 7000 },       { 0, 7000 },     { 7 * DAY, 3500 }, { 7 * DAY + 7 * DAY / 2, 2625 },
		      { 14 * DAY, 1750 }, { 70 * DAY, 6 }, { 90 * DAY, 1 } };
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(tuples_get(t, TUPLE_ADDRESS, SPAN("a"), NOW + cases[i].age, &got), 0);
		assert_int_equal(got.counter[TUPLE_SPAM], cases[i].spam);
	}
	assert_int_equal(tuples_get(t, TUPLE_ADDRESS, SPAN("a"), NOW + 90 * DAY + 1, &got), ERR_NOT_FOUND);
	assert_int_equal(tuples_get(t, TUPLE_NETWORK, SPAN("a"), NOW, &got), ERR_NOT_FOUND);
	/* After its life it begins anew. */
	assert_int_equal(tuples_add(t, TUPLE_ADDRESS, SPAN("a"), NOW + 91 * DAY, good, &got), 0);
	assert_int_equal(got.first, NOW + 91 * DAY);
	assert_int_equal(got.counter[TUPLE_SPAM], 0);
	/* Correspondents do not fade. */
	assert_int_equal(tuples_add(t, TUPLE_CORRESPONDENT, SPAN("u"), NOW, good, NULL), 0);
	assert_int_equal(tuples_add(t, TUPLE_CORRESPONDENT, SPAN("u"), NOW + 700 * DAY, good, &got), 0);
	assert_int_equal(got.counter[0], 2000);
	assert_int_equal(got.first, NOW);
	struct tuple most = { NOW, NOW, { UINT64_MAX, 1 } };
	assert_int_equal(tuples_put(t, TUPLE_AS, SPAN("64500"), &most), 0);
	assert_int_equal(tuples_add(t, TUPLE_AS, SPAN("64500"), NOW, good, &got), 0);
	assert_int_equal(got.counter[0], UINT64_MAX);
	assert_int_equal(tuples_get(t, TUPLE_AS, SPAN("64500"), NOW + 15 * DAY, &got), 0);
	assert_int_equal(got.counter[0], UINT64_MAX - UINT64_MAX / 4);
	assert_int_equal(tuples_drop(t, TUPLE_AS, SPAN("64500")), 0);
	assert_int_equal(tuples_drop(t, TUPLE_AS, SPAN("64500")), ERR_NOT_FOUND);
	struct span longest = span_of(arena_zalloc(&arena, TUPLES_KEY_MAX + 1), TUPLES_KEY_MAX);
	assert_int_equal(tuples_add(t, TUPLE_DOMAIN, longest, NOW, good, NULL), 0);
	longest.n++;
	assert_int_equal(tuples_add(t, TUPLE_DOMAIN, longest, NOW, good, NULL), ERR_LIMIT);
	tuples_close(t);
}

/* What was noted by a clock that ran ahead by a year is noted anew, or it would be in the future for a year. */
static void backwards(void **state)
{
	struct tuples *t = opened(TUPLES_WRITE);
	struct tuple got;
	(void)state;
	assert_int_equal(tuples_add(t, TUPLE_TRIED, SPAN("who"), NOW + 365 * DAY, good, NULL), 0);
	assert_int_equal(tuples_add(t, TUPLE_TRIED, SPAN("who"), NOW, good, NULL), 0);
	assert_int_equal(tuples_get(t, TUPLE_TRIED, SPAN("who"), NOW + 300, &got), 0);
	assert_int_equal(got.first, NOW);
	assert_int_equal(greylist_look(&got, NULL, NOW + 299, 300), GREYLIST_EARLY);
	assert_int_equal(greylist_look(&got, NULL, NOW + 300, 300), GREYLIST_PASSES);
	tuples_close(t);
}

static void keys(void **state)
{
	struct ip v4 = ip_from_v4(0xc0000207), neighbour = ip_from_v4(0xc00002ff), v6, other;
	static const struct span ab[] = { SPAN_INIT("A"), SPAN_INIT("b") }, joined[] = { SPAN_INIT("ab"), SPAN_INIT("") };
	(void)state;
	assert_true(ip_parse(SPAN("2001:db8:1:2:3::4"), &v6) && ip_parse(SPAN("2001:db8:1:3:3::4"), &other));
	assert_true(span_eq(tuples_network(&v4, &arena), tuples_network(&neighbour, &arena)));
	assert_false(span_eq(tuples_network(&v6, &arena), tuples_network(&other, &arena)));
	assert_false(span_eq(tuples_key(&arena, ab, 2), tuples_key(&arena, joined, 2)));
	assert_true(span_eq(tuples_key(&arena, ab, 1), tuples_key(&arena, (struct span[]){ SPAN("a") }, 1)));
}

static void readers(void **state)
{
	struct tuples *writer = opened(TUPLES_WRITE);
	struct tuple got;
	(void)state;
	assert_int_equal(tuples_add(writer, TUPLE_DOMAIN, SPAN("a"), NOW, good, NULL), 0);
	int to_child[2], from_child[2];
	assert_true(pipe(to_child) == 0 && pipe(from_child) == 0);
	assert_int_equal(tuples_commit(writer), 0);
	pid_t child = fork();
	if (child == 0) { /* a process of its own, with no more files to open: LMDB allows one handle a process */
		struct rlimit none = { 0, 0 };
		struct tuples *reader = opened(TUPLES_READ);
		setrlimit(RLIMIT_NOFILE, &none);
		char c;
		int bad = tuples_get(reader, TUPLE_DOMAIN, SPAN("a"), NOW, &got) != 0 ||
			  tuples_get(reader, TUPLE_DOMAIN, SPAN("b"), NOW, &got) == 0;
		bad |= write(from_child[1], "1", 1) != 1 || read(to_child[0], &c, 1) != 1;
		for (unsigned i = 0; i < 200 && !bad; i++)
			bad |= tuples_get(reader, TUPLE_DOMAIN, SPAN("b"), NOW, &got) != 0;
		bad |= tuples_add(reader, TUPLE_DOMAIN, SPAN("c"), NOW, good, NULL) != ERR_IO;
		_exit(bad);
	}
	char c;
	int status;
	assert_int_equal(read(from_child[0], &c, 1), 1);
	assert_int_equal(tuples_add(writer, TUPLE_DOMAIN, SPAN("b"), NOW, good, NULL), 0);
	assert_int_equal(tuples_commit(writer), 0);
	assert_int_equal(write(to_child[1], "1", 1), 1);
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
	tuples_close(writer);
}

static struct span numbered(unsigned i, char room[32]) { return span_of(room, (size_t)snprintf(room, 32, "key number %u", i)); }

static void ends(void **state)
{
	struct tuples *t = opened(TUPLES_WRITE);
	struct tuples_status status;
	struct tuple got;
	char room[32];
	bool more = true;
	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(tuples_add(t, i % 2 ? TUPLE_GREYLIST : TUPLE_CORRESPONDENT, numbered(i, room), NOW + i, good, NULL), 0);
	/* touched again: lives on */
	assert_int_equal(tuples_add(t, TUPLE_GREYLIST, SPAN("key number 1"), NOW + 30 * DAY, good, NULL), 0);
	for (unsigned i = 0; more && i < 10; i++)
		assert_int_equal(tuples_expire(t, NOW + 40 * DAY, &more), 0);
	tuples_status(t, &status);
	assert_int_equal(status.records, 501);
	assert_int_equal(status.expired, 499);
	assert_int_equal(status.evicted, 0);
	assert_int_equal(tuples_get(t, TUPLE_GREYLIST, SPAN("key number 1"), NOW + 40 * DAY, &got), 0);
	tuples_close(t);
}

static void bounded(void **state)
{
	struct tuples *t = opened(TUPLES_WRITE);
	struct tuples_status status;
	struct tuple got;
	char room[32];
	bool more;
	(void)state;
	for (unsigned i = 0; i < 60000; i++) {
		assert_int_equal(tuples_add(t, TUPLE_ADDRESS, numbered(i, room), NOW + i * 60, good, NULL), 0);
		if (i % 500 == 499)
			do
				assert_int_equal(tuples_expire(t, NOW + i * 60, &more), 0);
			while (more);
	}
	tuples_status(t, &status);
	assert_true(status.bytes <= BOUND && status.bytes > BOUND / 2);
	assert_true(status.evicted > 10000);
	assert_int_equal(status.lost, 0);
	assert_int_equal(tuples_get(t, TUPLE_ADDRESS, SPAN("key number 59999"), NOW + 59999 * 60, &got), 0);
	assert_int_equal(tuples_get(t, TUPLE_ADDRESS, SPAN("key number 0"), NOW, &got), ERR_NOT_FOUND);
	tuples_close(t);
}

/* Nobody expires: the map is full, the changes since the last commit are lost, and it goes on. */
static void no_room(void **state)
{
	struct tuples *t = opened(TUPLES_WRITE);
	struct tuples_status status;
	char room[32];
	unsigned failed = 0;
	bool more;
	(void)state;
	for (unsigned i = 0; i < 150000; i++) {
		failed += tuples_add(t, TUPLE_ADDRESS, numbered(i, room), NOW, good, NULL) != 0;
		if (i % 100 == 99)
			failed += tuples_commit(t) != 0;
	}
	assert_true(failed > 0);
	assert_non_null(strstr(tuples_why(t), "no room"));
	tuples_status(t, &status);
	assert_true(status.lost > 0 && status.records > 1000);
	do
		assert_int_equal(tuples_expire(t, NOW, &more), 0);
	while (more);
	assert_int_equal(tuples_add(t, TUPLE_ADDRESS, SPAN("again"), NOW, good, NULL), 0);
	assert_int_equal(tuples_commit(t), 0);
	tuples_close(t);
}

static void killed(void **state)
{
	(void)state;
	unsigned long long before = 0;
	for (unsigned round = 0; round < 25; round++) {
		int pipes[2];
		assert_int_equal(pipe(pipes), 0);
		pid_t child = fork();
		if (child == 0) {
			struct tuples *t = opened(TUPLES_WRITE);
			char room[32];
			for (unsigned i = 0;; i++) { /* two records that must always agree */
				uint64_t one[TUPLE_COUNTERS] = { 1, 0 };
				bool more;
				if (tuples_add(t, TUPLE_GREYLIST, SPAN("x"), NOW, one, NULL) != 0 ||
				    tuples_add(t, TUPLE_GREYLIST, numbered(i % 100, room), NOW, one, NULL) != 0 ||
				    tuples_add(t, TUPLE_GREYLIST, SPAN("y"), NOW, one, NULL) != 0 ||
				    (i % 7 == 6 && tuples_commit(t) != 0) || (i % 50 == 49 && tuples_expire(t, NOW, &more) != 0))
					_exit(1);
				if (i % 7 == 6 && write(pipes[1], "1", 1) != 1)
					_exit(1);
			}
		}
		close(pipes[1]);
		usleep(15000 + round * 1700);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		unsigned long long commits = 0;
		char buffer[4096];
		for (ssize_t n; (n = read(pipes[0], buffer, sizeof buffer)) > 0;)
			commits += (unsigned long long)n;
		close(pipes[0]);
		struct tuples *t = opened(TUPLES_WRITE);
		struct tuple x = { 0, 0, { 0, 0 } }, y = { 0, 0, { 0, 0 } };
		tuples_get(t, TUPLE_GREYLIST, SPAN("x"), NOW, &x);
		tuples_get(t, TUPLE_GREYLIST, SPAN("y"), NOW, &y);
		assert_int_equal(x.counter[0], y.counter[0]);
		assert_true(x.counter[0] >= before + 7 * commits);
		before = x.counter[0];
		tuples_close(t);
	}
	assert_true(before > 0);
}

static void full_disk(void **state)
{
	struct tuples *t = opened(TUPLES_WRITE);
	struct tuples_status status;
	struct rlimit limit, none;
	struct tuple got;
	char room[32];
	unsigned failed = 0;
	(void)state;
	assert_int_equal(tuples_add(t, TUPLE_DOMAIN, SPAN("before"), NOW, good, NULL), 0);
	assert_int_equal(tuples_commit(t), 0);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &none);
	limit = none;
	limit.rlim_cur = 100000;
	setrlimit(RLIMIT_FSIZE, &limit);
	for (unsigned i = 0; i < 5000; i++) {
		failed += tuples_add(t, TUPLE_ADDRESS, numbered(i, room), NOW, good, NULL) != 0;
		if (i % 500 == 499)
			failed += tuples_commit(t) != 0;
	}
	assert_true(failed > 0);
	assert_int_equal(tuples_get(t, TUPLE_DOMAIN, SPAN("before"), NOW, &got), 0);
	tuples_status(t, &status);
	assert_true(status.lost > 0);
	setrlimit(RLIMIT_FSIZE, &none);
	assert_int_equal(tuples_add(t, TUPLE_DOMAIN, SPAN("after"), NOW, good, NULL), 0);
	assert_int_equal(tuples_commit(t), 0);
	assert_int_equal(tuples_get(t, TUPLE_DOMAIN, SPAN("after"), NOW, &got), 0);
	tuples_close(t);
}

static void damaged(void **state)
{
	struct tuples *t = opened(TUPLES_WRITE);
	char path[96], why[TUPLES_WHY_MAX];
	struct tuple got;
	(void)state;
	assert_int_equal(tuples_add(t, TUPLE_DOMAIN, SPAN("a"), NOW, good, NULL), 0);
	tuples_close(t);
	snprintf(path, sizeof path, "%s/tuples/data.mdb", test_folder);
	int file = open(path, O_WRONLY);
	for (unsigned i = 0; i < 2000; i++)
		assert_int_equal(pwrite(file, "garbage", 7, (off_t)i * 7), 7);
	close(file);
	assert_int_equal(tuples_open(test_folder, TUPLES_READ, BOUND, NOW, why, &t), ERR_SYNTAX);
	assert_int_equal(tuples_open(test_folder, TUPLES_WRITE, BOUND, NOW, why, &t), 0);
	assert_non_null(strstr(why, "tuples.damaged-1800000000"));
	assert_int_equal(tuples_get(t, TUPLE_DOMAIN, SPAN("a"), NOW, &got), ERR_NOT_FOUND);
	tuples_close(t);
}

static void nothing_yet(void **state)
{
	struct tuples *t;
	char why[TUPLES_WHY_MAX];
	(void)state;
	assert_int_equal(tuples_open(test_folder, TUPLES_READ, BOUND, NOW, why, &t), ERR_NOT_FOUND);
	assert_int_equal(tuples_open("/proc/none", TUPLES_WRITE, BOUND, NOW, why, &t), ERR_NOT_FOUND);
	/* The bound of the service costs nothing while it is not used. */
	struct tuples_status status;
	assert_int_equal(tuples_open(test_folder, TUPLES_WRITE, LIMIT_TUPLES_BYTES, NOW, why, &t), 0);
	tuples_status(t, &status);
	assert_int_equal(status.bound, LIMIT_TUPLES_BYTES);
	assert_true(status.bytes < 65536);
	tuples_close(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_test_folder, drop_test_folder)
		IN_FOLDER(counts_and_fades), IN_FOLDER(backwards), IN_FOLDER(keys),   IN_FOLDER(readers),   IN_FOLDER(ends),
		IN_FOLDER(bounded),          IN_FOLDER(no_room),   IN_FOLDER(killed), IN_FOLDER(full_disk), IN_FOLDER(damaged),
		IN_FOLDER(nothing_yet),
	};
	arena_init(&arena);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
