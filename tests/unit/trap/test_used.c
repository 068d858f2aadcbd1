/* trap/used: what was used is found again, counted, kept within its bound, and read back the same; other bytes are refused or read. */
#include "trap/used.h"

#include "base/arena.h"
#include "tests/test.h"

static struct used_sight sight_of(struct span address, uint32_t ip, int64_t time, const struct planted *shown)
{
	return (struct used_sight){
		.address = address, .mail_from = SPAN("Shop@Bulk.example"), .ip = ip_from_v4(ip), .time = time, .shown = shown
	};
}

static void counted(void **state)
{
	(void)state;
	struct used *used = used_new(7);
	struct planted shown = { ip_from_v4(0xCB007109), 1778065200 };
	struct used_sight sight = sight_of(SPAN("Sales.4gh0@Ours.example"), 1, 100, &shown);
	assert_null(used_find(used, SPAN("sales.4gh0@ours.example")));
	used_see(used, &sight);
	const struct used_recipient *u = used_find(used, SPAN("sales.4GH0@ours.example"));
	assert_non_null(u);
	assert_string_equal(u->address, "sales.4gh0@ours.example");
	assert_string_equal(u->mail_from, "shop@bulk.example");
	assert_true(u->planted && u->times == 1 && !u->others && ip_eq(&u->shown.visitor, &shown.visitor));
	sight.time = 90; /* time runs backwards */
	used_see(used, &sight);
	sight.ip = ip_from_v4(2);
	used_see(used, &sight);
	assert_true(u->times == 3 && u->others && u->first == 100 && u->last == 100);
	used_free(used);
}

static void bounded_and_read_back(void **state)
{
	(void)state;
	struct arena arena;
	struct buf out, again;
	struct used *used = used_new(7), *read = used_new(8);
	arena_init(&arena);
	for (uint32_t i = 0; i < 2 * LIMIT_USED_RECIPIENTS; i++) {
		struct used_sight sight = sight_of(arena_printf(&arena, "x%u@ours.example", i), i, i, NULL);
		used_see(used, &sight);
	}
	assert_true(used_count(used) <= LIMIT_USED_RECIPIENTS && used_count(used) > LIMIT_USED_RECIPIENTS / 2);
	assert_non_null(used_find(used, arena_printf(&arena, "x%u@ours.example", 2 * LIMIT_USED_RECIPIENTS - 1)));
	buf_init(&out, &arena, SIZE_MAX);
	used_write(used, &out);
	struct cursor c = cursor_of(buf_span(&out));
	assert_int_equal(used_read(read, &c), 0);
	assert_int_equal(cursor_left(&c), 0);
	assert_true(used_count(read) > LIMIT_USED_RECIPIENTS / 2); /* other buckets: some may meet a full one */
	const struct used_recipient *u = used_find(read, arena_printf(&arena, "x%u@ours.example", 2 * LIMIT_USED_RECIPIENTS - 1));
	assert_true(u && u->last == 2 * LIMIT_USED_RECIPIENTS - 1 && u->times == 1 && !u->planted);
	for (size_t n = 0; n < out.n; n += 1 + n / 16) {
		c = cursor_of(span_first(buf_span(&out), n));
		assert_int_equal(used_read(read, &c), ERR_SYNTAX);
		assert_int_equal(used_count(read), 0);
	}
	buf_init(&again, &arena, SIZE_MAX);
	used_write(read, &again);
	assert_int_equal(again.n, 2);
	used_free(used);
	used_free(read);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(counted), cmocka_unit_test(bounded_and_read_back) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
