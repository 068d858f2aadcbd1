/* tests/unit/auth/test_dkim_fields.c - fields picked by name from the bottom up, for each signature anew, in constant time. */
#include "auth/dkim_fields.h"
#include "base/buf.h"
#include "base/limits.h"
#include "tests/test.h"

static void read_headers(struct span text, struct arena *arena, struct headers *ret)
{
	struct anomalies anomalies = { 0 };
	uint32_t total = 0;
	size_t consumed;
	headers_parse(text, text, arena, &anomalies, &total, ret, &consumed);
}

static struct span value_of(const struct header *field) { return field ? span_trim(field->value) : SPAN("(none)"); }

static void test_pick(void **state)
{
	(void)state;
	struct arena arena;
	struct headers headers;
	struct dkim_fields fields;
	uint32_t count, picked;
	arena_init(&arena);
	read_headers(SPAN("Received: 3\nTO: b\nReceived: 2\nFrom: a\nX-Own: x\nreceived: 1\n"), &arena, &headers);
	dkim_fields_init(&fields, &headers, &arena);
	for (int signature = 0; signature < 3; signature++) {
		dkim_fields_begin(&fields);
		dkim_fields_count(&fields, SPAN("received"), &count, &picked);
		assert_int_equal(count, 3);
		assert_int_equal(picked, 0);
		assert_span(value_of(dkim_fields_pick(&fields, SPAN("Received"))), "1");
		assert_span(value_of(dkim_fields_pick(&fields, SPAN("RECEIVED"))), "2");
		assert_span(value_of(dkim_fields_pick(&fields, SPAN("x-own"))), "x");
		assert_span(value_of(dkim_fields_pick(&fields, SPAN("received"))), "3");
		assert_span(value_of(dkim_fields_pick(&fields, SPAN("received"))), "(none)");
		assert_span(value_of(dkim_fields_pick(&fields, SPAN("received"))), "(none)");
		assert_span(value_of(dkim_fields_pick(&fields, SPAN("cc"))), "(none)");
		assert_span(value_of(dkim_fields_pick(&fields, SPAN(""))), "(none)");
		dkim_fields_count(&fields, SPAN("Received"), &count, &picked);
		assert_int_equal(picked, 3);
		dkim_fields_count(&fields, SPAN("To"), &count, &picked);
		assert_int_equal(count, 1);
		assert_int_equal(picked, 0);
		dkim_fields_count(&fields, SPAN("Cc"), &count, &picked);
		assert_int_equal(count, 0);
	}
	arena_release(&arena);
}

static void test_no_fields(void **state)
{
	(void)state;
	struct arena arena;
	struct headers headers;
	struct dkim_fields fields;
	arena_init(&arena);
	read_headers(SPAN("\n"), &arena, &headers);
	dkim_fields_init(&fields, &headers, &arena);
	dkim_fields_begin(&fields);
	assert_null(dkim_fields_pick(&fields, SPAN("from")));
	arena_release(&arena);
}

/* LIMIT_HEADERS fields, all of one name or each of its own, long names that begin alike: a few steps each. */
static void test_linear(void **state)
{
	(void)state;
	struct arena arena;
	arena_init(&arena);
	for (int kind = 0; kind < 3; kind++) {
		struct headers headers;
		struct dkim_fields fields;
		struct buf text;
		buf_init(&text, &arena, 64u * 1024 * 1024);
		for (unsigned i = 0; i < LIMIT_HEADERS; i++)
			buf_printf(&text, kind == 0 ? "Same: %u\n" : kind == 1 ? "X-%u: x\n" : "X-%0200u: x\n", i);
		read_headers(buf_span(&text), &arena, &headers);
		assert_int_equal(headers.list.n, LIMIT_HEADERS);
		dkim_fields_init(&fields, &headers, &arena);
		dkim_fields_begin(&fields);
		for (unsigned i = 0; i < LIMIT_HEADERS; i++)
			assert_ptr_equal(dkim_fields_pick(&fields, headers.list.v[LIMIT_HEADERS - 1 - i].name),
					 &headers.list.v[LIMIT_HEADERS - 1 - i]);
		assert_true(fields.steps < 6 * LIMIT_HEADERS);
	}
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pick),
		cmocka_unit_test(test_no_fields),
		cmocka_unit_test(test_linear),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
