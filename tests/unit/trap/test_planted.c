/* trap/planted: one address a visitor, which only its maker can read. */
#include "trap/planted.h"

#include "tests/test.h"

static void there_and_back(void **state)
{
	(void)state;
	uint8_t key[PLANTED_KEY] = { 1, 2, 3 }, other[PLANTED_KEY] = { 1, 2, 4 };
	char first[PLANTED_TEXT] = "";
	for (uint32_t i = 0; i < 2000; i++) {
		struct planted visit = { .visitor = ip_from_v4(0xCB007100 + i), .time = 1790000000 + i * 100 }, read;
		char local[PLANTED_TEXT];
		size_t n = planted_make(key, &visit, local);
		assert_true(n <= 64 && n == strlen(local));
		assert_true(planted_read(key, span_of(local, n), &read));
		assert_true(ip_eq(&read.visitor, &visit.visitor));
		assert_int_equal(read.time, visit.time / 3600 * 3600);
		assert_false(planted_read(other, span_of(local, n), &read));
		assert_string_not_equal(first, local);
		memcpy(first, local, n + 1);
		/* harvesters change case; a changed sign is nobody's */
		for (size_t k = 0; k < n; k++)
			if (local[k] >= 'a' && local[k] <= 'z')
				local[k] = (char)(local[k] - 32);
		assert_true(planted_read(key, span_of(local, n), &read));
		local[n - 1 - i % 40] ^= 1;
		assert_false(planted_read(key, span_of(local, n), &read));
	}
}

static void not_ours(void **state)
{
	(void)state;
	uint8_t key[PLANTED_KEY] = { 0 };
	struct planted read;
	static const char *const texts[] = { "",
					     ".",
					     "anna",
					     "anna.schmidt",
					     "anna.000000000000000000000000000000000000000000000",
					     "000000000000000000000000000000000000000000000",
					     "anna.uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu" };
	for (size_t i = 0; i < COUNT(texts); i++)
		assert_false(planted_read(key, span_cstr(texts[i]), &read));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(there_and_back), cmocka_unit_test(not_ours) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
