/* base/file: whole, or not at all. */
#include "base/err.h"
#include "base/file.h"
#include "tests/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void reads(void **state)
{
	char path[] = "/tmp/postern-file-XXXXXX";
	int fd = mkstemp(path);
	struct arena arena;
	struct span text;
	(void)state;
	assert_true(fd >= 0);
	arena_init(&arena);
	assert_int_equal(file_read(path, 10, &arena, &text), ERR_OK);
	assert_int_equal(text.n, 0);
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(write(fd, "0123456789", 10), 10);
	assert_int_equal(file_read(path, 10000, &arena, &text), ERR_OK);
	assert_int_equal(text.n, 10000);
	assert_int_equal(text.p[9999], '9');
	assert_int_equal(file_read(path, 9999, &arena, &text), ERR_IO);
	assert_int_equal(errno, EFBIG);
	close(fd);
	unlink(path);
	assert_int_equal(file_read(path, 10000, &arena, &text), ERR_IO);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(file_read("/tmp", 10000, &arena, &text), ERR_IO);
	assert_int_equal(errno, EISDIR);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(reads) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
