/* tests/unit/message/test_transfer.c - base64, quoted-printable and uuencode as hostile senders write them. */
#include "message/transfer.h"
#include "tests/test.h"

static const struct {
	const char *in, *out;
	unsigned junk, bad, after, dropped;
} base64[] = {
	{ "QUJD", "ABC", 0, 0, 0, 0 },
	{ "QUJDRA==", "ABCD", 0, 0, 0, 0 },
	{ "Q U\r\nJ\tD\n", "ABC", 0, 0, 0, 0 },
	{ "QUI=QUI=", "ABAB", 0, 0, 4, 0 }, /* chunks, each padded */
	{ "QU*JD", "ABC", 1, 0, 0, 0 },
	{ "QUJDRA", "ABCD", 0, 0, 0, 1 }, /* cut off */
	{ "", "", 0, 0, 0, 0 },
	{ "====", "", 0, 0, 0, 0 },
}, printable[] = {
	{ "a=3Db=\nc", "a=bc", 0, 0, 0, 0 },
	{ "a=  \r\nb", "ab", 0, 0, 0, 0 },
	{ "a=3db=", "a=b", 0, 0, 0, 0 },
	{ "50=%", "50=%", 0, 1, 0, 0 },
	{ "=\rx", "x", 0, 0, 0, 0 },
};

static struct arena arena;

static void decoders(void **state)
{
	struct transfer_facts facts;
	(void)state;
	for (size_t i = 0; i < COUNT(base64); i++) {
		assert_span(base64_decode(span_cstr(base64[i].in), &arena, &facts), base64[i].out);
		assert_int_equal(facts.junk, base64[i].junk);
		assert_int_equal(facts.after_padding, base64[i].after);
		assert_int_equal(facts.dropped_bits, base64[i].dropped);
	}
	for (size_t i = 0; i < COUNT(printable); i++) {
		assert_span(quoted_printable_decode(span_cstr(printable[i].in), false, &arena, &facts), printable[i].out);
		assert_int_equal(facts.bad_escapes, printable[i].bad);
	}
	assert_span(quoted_printable_decode(SPAN("a_b=5F"), true, &arena, &facts), "a b_");
}

static void uuencode(void **state)
{
	struct transfer_facts facts;
	struct span name, bytes,
	    text = SPAN("begin at the beginning\n\nbegin 644 a b.txt\r\n#0V%T\r\n`\r\nend\r\nrest\nbegin 600 c\n#0V%T\nno end\n");
	size_t begin, after;
	(void)state;
	assert_true(uuencode_find(text, 0, &arena, &name, &bytes, &begin, &after, &facts));
	assert_span(name, "a b.txt");
	assert_span(bytes, "Cat");
	assert_int_equal(facts.junk, 0);
	assert_span(span_slice(text, after, after + 4), "rest");
	assert_true(uuencode_find(text, after, &arena, &name, &bytes, &begin, &after, &facts));
	assert_span(bytes, "Cat");
	assert_int_equal(facts.junk, 1);
	assert_false(uuencode_find(text, after, &arena, &name, &bytes, &begin, &after, &facts));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(decoders), cmocka_unit_test(uuencode) };
	int failed = cmocka_run_group_tests_name("message/transfer", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
