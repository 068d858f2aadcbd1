/* Messages on their way in: inline, in a sealed file, bounded; and what is no such file is refused. */
#include "base/limits.h"
#include "net/spool.h"
#include "tests/test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct span filled(size_t n)
{
	uint8_t *bytes = malloc(n);
	for (size_t i = 0; i < n; i++)
		bytes[i] = (uint8_t)(i * 31 >> 3);
	return span_of(bytes, n);
}

static void grows_out_of_memory_into_a_file(void **state)
{
	static const size_t sizes[] = { 0, 1, 4096, 4097, SPOOL_INLINE, SPOOL_INLINE + 1, 3 * SPOOL_INLINE + 7 };
	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct span all = filled(sizes[i]);
		struct spool *spool = spool_new();
		for (size_t at = 0; at < all.n; at += 70001)
			assert_int_equal(spool_add(spool, span_slice(all, at, at + 70001 < all.n ? at + 70001 : all.n)), 0);
		assert_int_equal(spool_seal(spool), 0);
		assert_int_equal(spool_bytes(spool), sizes[i]);
		assert_true((spool_fd(spool) >= 0) == (sizes[i] > SPOOL_INLINE));
		assert_true(span_eq(spool_span(spool), all));
		spool_drop(spool);
		free((void *)all.p);
	}
}

static void what_is_sealed_stays(void **state)
{
	(void)state;
	struct span all = filled(SPOOL_INLINE + 10);
	struct spool *spool = spool_new(), *other = NULL;
	assert_int_equal(spool_add(spool, all), 0);
	assert_int_equal(spool_seal(spool), 0);
	assert_int_equal(write(spool_fd(spool), "x", 1), -1);
	assert_int_equal(ftruncate(spool_fd(spool), 1), -1);
	assert_int_equal(spool_of_fd(dup(spool_fd(spool)), all.n, &other), 0);
	spool_drop(spool);
	assert_true(span_eq(spool_span(other), all));
	spool_drop(other);
	free((void *)all.p);
}

static void refuses_what_could_change_beneath_it(void **state)
{
	(void)state;
	struct spool *spool = NULL;
	int fd = memfd_create("test", MFD_ALLOW_SEALING);
	assert_int_equal(ftruncate(fd, 100), 0);
	assert_int_equal(spool_of_fd(dup(fd), 100, &spool), ERR_SYNTAX);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE), 0);
	assert_int_equal(spool_of_fd(dup(fd), 101, &spool), ERR_SYNTAX);
	assert_int_equal(spool_of_fd(dup(fd), 0, &spool), ERR_SYNTAX);
	assert_int_equal(spool_of_fd(open("/dev/zero", O_RDONLY), 100, &spool), ERR_SYNTAX);
	assert_int_equal(spool_of_fd(dup(fd), 100, &spool), 0);
	spool_drop(spool);
	close(fd);
}

static void all_together_are_bounded(void **state)
{
	(void)state;
	struct spool *one = spool_new(), *two = spool_new();
	spool_limit(10);
	assert_int_equal(spool_add(one, SPAN("123456")), 0);
	assert_int_equal(spool_add(two, SPAN("12345")), ERR_LIMIT);
	assert_int_equal(spool_add(two, SPAN("1234")), 0);
	spool_drop(one);
	assert_int_equal(spool_add(two, SPAN("567890")), 0);
	assert_span(spool_span(two), "1234567890");
	spool_hold(two);
	spool_drop(two);
	assert_span(spool_span(two), "1234567890");
	spool_drop(two);
	spool_limit(UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grows_out_of_memory_into_a_file),
		cmocka_unit_test(what_is_sealed_stays),
		cmocka_unit_test(refuses_what_could_change_beneath_it),
		cmocka_unit_test(all_together_are_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
