/* session/smtp_ids: names of messages have a real server's form, and hold the time. */
#include "session/smtp_ids.h"
#include "tests/test.h"

static struct arena arena;

static struct span id(smtp_id_put *put, const struct smtp_id_seed *seed)
{
	struct buf out;
	buf_init(&out, &arena, 1000);
	put(seed, &out);
	return buf_span(&out);
}

static void forms(void **state)
{
	struct smtp_id_seed seed = { .now = 1795348477042500, .chance = 7, .n = 1, .bytes = 2048, .host = SPAN("mx.example") };
	(void)state;
	struct span postfix = id(smtp_id_postfix, &seed), exim = id(smtp_id_exim, &seed), exchange = id(smtp_id_exchange, &seed);
	assert_int_equal(postfix.n, 10);
	assert_true(span_starts(postfix, SPAN("0A604"))); /* 42500 in hexadecimal */
	assert_int_equal(exim.n, 16);
	assert_true(span_starts(exim, SPAN("1xV69V-")));
	assert_true(span_ends(exim, SPAN("-1N")));
	assert_true(span_starts(exchange, SPAN("<")));
	assert_true(span_has(exchange, SPAN("@mx.example> [InternalId=")));
	assert_true(span_has(exchange, SPAN(", Hostname=mx.example] 2048 bytes in 0.")));
	assert_true(span_ends(exchange, SPAN(" KB/sec")));
	seed.message_id = SPAN("<x@y>");
	assert_true(span_starts(id(smtp_id_exchange, &seed), SPAN("<x@y> [InternalId=")));
}

/* Of one conversation: the process stays; another second or message is another name. */
static void change(void **state)
{
	const struct smtp_id_seed a = { .now = 1795348477042500, .chance = 7, .n = 1 },
				  b = { .now = 1795348477143000, .chance = 7, .n = 2 };
	(void)state;
	assert_false(span_eq(id(smtp_id_postfix, &a), id(smtp_id_postfix, &b)));
	assert_true(span_eq(span_first(id(smtp_id_exim, &a), 13), span_first(id(smtp_id_exim, &b), 13)));
	assert_false(span_eq(id(smtp_id_exim, &a), id(smtp_id_exim, &b)));
	assert_false(span_eq(id(smtp_id_exchange, &a), id(smtp_id_exchange, &b)));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(forms), cmocka_unit_test(change) };
	arena_init(&arena);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
