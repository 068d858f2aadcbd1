/* trap/operators: machines tied by what they use; bounded; kept as a record. */
#include "trap/operators.h"

#include "tests/test.h"

static uint32_t see(struct operators *o, uint32_t ip, bool probe)
{
	struct operator_sight sight = {
		.ip = ip_from_v4(ip), .time = 1000 + ip, .probe = probe, .payload = !probe, .country = "TW", .as = 64500
	};
	return operators_see(o, &sight);
}
static void tie(struct operators *o, uint32_t ip, enum operator_tie how, const char *what)
{
	struct ip address = ip_from_v4(ip);
	operators_tie(o, &address, how, span_cstr(what), 1);
}
static uint32_t of(struct operators *o, uint32_t ip)
{
	struct ip address = ip_from_v4(ip);
	return operators_of(o, &address);
}

static void tied(void **state)
{
	(void)state;
	struct operators *o = operators_new(7);
	for (uint32_t i = 1; i <= 6; i++)
		see(o, i, i < 6);
	assert_int_not_equal(of(o, 1), of(o, 2));
	tie(o, 1, OPERATOR_COLLECTOR, "box@example.org");
	tie(o, 2, OPERATOR_COLLECTOR, "box@example.org");
	tie(o, 2, OPERATOR_FAMILY, "found-1");
	tie(o, 3, OPERATOR_FAMILY, "found-1");
	tie(o, 4, OPERATOR_DIALECT, "box@example.org"); /* another kind of thing of the same name */
	assert_int_equal(of(o, 1), of(o, 3));
	assert_int_not_equal(of(o, 1), of(o, 4));
	assert_int_equal(of(o, 99), UINT32_MAX);
	struct ip six = ip_from_v4(6);
	const struct operator_machine *m = operators_find(o, &six);
	assert_int_equal(m->payloads, 1);
	assert_int_equal(m->probes, 0);
	assert_string_equal(m->country, "TW");
	operators_free(o);
}

static void record(void **state)
{
	(void)state;
	struct arena arena;
	arena_init(&arena);
	struct operators *o = operators_new(7), *again = operators_new(8);
	for (uint32_t i = 1; i <= 500; i++) {
		char what[16];
		see(o, i, i % 3);
		snprintf(what, sizeof what, "box%u", i % 20);
		tie(o, i, OPERATOR_COLLECTOR, what);
	}
	struct buf out;
	buf_init(&out, &arena, 1 << 20);
	operators_write(o, &out);
	struct cursor c = cursor_of(buf_span(&out));
	assert_int_equal(operators_read(again, &c), 0);
	assert_int_equal(cursor_left(&c), 0);
	for (uint32_t i = 1; i <= 500; i++) {
		assert_int_equal(of(o, i), of(again, i));
		assert_int_equal(of(o, i), of(o, (i - 1) % 20 + 1));
	}
	for (size_t n = 0; n < out.n; n += 1 + out.n / 53) {
		c = cursor_of(span_first(buf_span(&out), n));
		assert_int_equal(operators_read(again, &c), ERR_SYNTAX);
		assert_int_equal(operators_machines(again), 0);
	}
	operators_free(o);
	operators_free(again);
	arena_release(&arena);
}

/* More machines and ties than LIMIT_OPERATOR_EDGES: the older half goes, the newer stay tied. */
static void full(void **state)
{
	(void)state;
	struct operators *o = operators_new(7);
	char what[16];
	for (uint32_t i = 1; i <= 2 * LIMIT_OPERATOR_EDGES; i++) {
		see(o, i, true);
		snprintf(what, sizeof what, "box%u", i / 100);
		tie(o, i, OPERATOR_COLLECTOR, what);
		tie(o, i, OPERATOR_FAMILY, what);
	}
	assert_true(operators_machines(o) <= LIMIT_OPERATOR_EDGES);
	uint32_t last = 2 * LIMIT_OPERATOR_EDGES;
	assert_int_equal(of(o, last), of(o, last - 10));
	assert_int_not_equal(of(o, last), of(o, last - 200));
	assert_int_equal(of(o, 1), UINT32_MAX);
	operators_free(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(tied), cmocka_unit_test(record), cmocka_unit_test(full) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
