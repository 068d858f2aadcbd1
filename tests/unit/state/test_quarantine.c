/* state/quarantine: held is held: whole or not at all, known by its id, told apart from what is damaged. */
#include "base/err.h"
#include "state/quarantine.h"
#include "tests/store_test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

static struct arena arena;
static const char id[] = "01kha9xx006w8g84h2meg0z0z1", other[] = "01kha9xx006w8g84h2meg0z0z2";

static bool counts(void *context, struct span name, uint64_t bytes)
{
	unsigned *n = context;
	assert_true(bytes > 28);
	assert_span(name, id);
	return ++*n > 0;
}

static void held(void **state)
{
	struct quarantine *q;
	struct span record, content;
	unsigned n = 0;
	(void)state;
	assert_int_equal(quarantine_open(test_folder, false, &q), ERR_NOT_FOUND);
	assert_int_equal(quarantine_open(test_folder, true, &q), 0);
	assert_int_equal(quarantine_put(q, SPAN("../../../../etc/passwd1234"), SPAN("r"), SPAN("c")), ERR_SYNTAX);
	assert_int_equal(quarantine_put(q, span_cstr(id), SPAN("the case"), SPAN("the message\0with all")), 0);
	assert_int_equal(quarantine_get(q, span_cstr(id), &arena, &record, &content), 0);
	assert_span(record, "the case");
	assert_true(span_eq(content, SPAN("the message\0with all")));
	assert_int_equal(quarantine_get(q, span_cstr(other), &arena, &record, NULL), ERR_NOT_FOUND);
	assert_int_equal(quarantine_each(q, counts, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(quarantine_drop(q, span_cstr(id)), 0);
	assert_int_equal(quarantine_drop(q, span_cstr(id)), ERR_NOT_FOUND);
	assert_int_equal(quarantine_drop(q, SPAN("../content.key")), ERR_NOT_FOUND);
	quarantine_close(q);
}

static void damaged(void **state)
{
	struct quarantine *q;
	struct span record, content;
	char path[128];
	uint8_t bytes[256];
	(void)state;
	assert_int_equal(quarantine_open(test_folder, true, &q), 0);
	assert_int_equal(quarantine_put(q, span_cstr(id), SPAN("the case"), SPAN("the message")), 0);
	snprintf(path, sizeof path, "%s/quarantine/%s.message", test_folder, id);
	int file = open(path, O_RDWR);
	ssize_t n = pread(file, bytes, sizeof bytes, 0);
	for (ssize_t at = 0; at < n; at++) {
		uint8_t changed = bytes[at] ^ 0x10;
		assert_int_equal(pwrite(file, &changed, 1, at), 1);
		assert_int_equal(quarantine_get(q, span_cstr(id), &arena, &record, &content), ERR_SYNTAX);
		assert_int_equal(pwrite(file, &bytes[at], 1, at), 1);
	}
	assert_int_equal(quarantine_get(q, span_cstr(id), &arena, &record, &content), 0);
	assert_int_equal(ftruncate(file, 20), 0);
	assert_int_equal(quarantine_get(q, span_cstr(id), &arena, &record, &content), ERR_SYNTAX);
	close(file);
	quarantine_close(q);
}

static void full_disk(void **state)
{
	struct quarantine *q;
	struct span record;
	struct rlimit limit, none;
	unsigned n = 0;
	(void)state;
	assert_int_equal(quarantine_open(test_folder, true, &q), 0);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &none);
	limit = none;
	limit.rlim_cur = 30;
	setrlimit(RLIMIT_FSIZE, &limit);
	assert_int_equal(quarantine_put(q, span_cstr(id), SPAN("the case"), SPAN("the message")), ERR_IO);
	setrlimit(RLIMIT_FSIZE, &none);
	assert_int_equal(quarantine_get(q, span_cstr(id), &arena, &record, NULL), ERR_NOT_FOUND);
	assert_int_equal(quarantine_each(q, counts, &n), 0);
	assert_int_equal(n, 0);
	quarantine_close(q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(held, make_test_folder, drop_test_folder),
		cmocka_unit_test_setup_teardown(damaged, make_test_folder, drop_test_folder),
		cmocka_unit_test_setup_teardown(full_disk, make_test_folder, drop_test_folder),
	};
	arena_init(&arena);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
