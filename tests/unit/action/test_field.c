/* Values of fields: folded, encoded where needed, and never more than one value whatever the text is. */
#include "action/field.h"
#include "message/encoded_word.h"
#include "tests/test.h"

#include <string.h>

static struct arena arena;

static struct span text(size_t column, struct span s)
{
	struct buf out;
	buf_init(&out, &arena, SIZE_MAX);
	field_put_text(&out, column, s);
	return buf_span(&out);
}

static struct span words(size_t column, struct span s)
{
	struct buf out;
	buf_init(&out, &arena, SIZE_MAX);
	field_put_words(&out, column, s);
	return buf_span(&out);
}

/* One value: blanks behind every line end, nothing but printable ASCII, lines not too long. */
static void assert_value(struct span value, size_t column, size_t most)
{
	assert_int_equal(span_at(value, 0), ' ');
	for (size_t i = 0; i < value.n; i++) {
		uint8_t c = value.p[i];
		assert_true((c >= 0x20 && c < 0x7f) || c == '\t' || c == '\r' || c == '\n');
		if (c == '\r')
			assert_int_equal(span_at(value, i + 1), '\n');
		if (c == '\n') {
			assert_int_equal(span_at(value, i - 1), '\r');
			assert_true(span_at(value, i + 1) == ' ' || span_at(value, i + 1) == '\t');
			column = 0;
		} else if (c != '\r') {
			column++;
		}
		assert_true(column <= most);
	}
}

static void plain(void **state)
{
	static const struct {
		const char *text, *value;
	} cases[] = {
		{ "YES", " YES" },
		{ "", " " },
		{ " one  two ", " one  two" },
		{ "a word that goes on until the line is full, and then it is folded at a blank",
		  " a word that goes on until the line is full, and then it is\r\n\tfolded at a blank" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_span(text(14, span_cstr(cases[i].text)), cases[i].value);
		assert_value(text(14, span_cstr(cases[i].text)), 14, 78);
	}
	assert_span(words(14, SPAN("mx.example;\nspf=pass a=b;\ndkim=none")), " mx.example;\r\n\tspf=pass a=b;\r\n\tdkim=none");
}

/* What is not plain ASCII is encoded, and reads back as it was. */
static void encoded(void **state)
{
	char many[4000];
	const struct span cases[] = {
		SPAN("caf\xc3\xa9"),
		SPAN("line\r\nX-Spam-Flag: NO"),
		SPAN("a\nb"),
		SPAN("a =?UTF-8?Q?X?= b"),
		SPAN("=?"),
		SPAN("tab\there, nul \\0"),
		SPAN("a_b = c? \"d\" <e@f.example>, (g) h: i; \xe2\x80\xae j \xf0\x9f\x98\x80"),
		span_of(many, sizeof many),
	};
	(void)state;
	for (size_t i = 0; i + 1 < sizeof many; i += 2)
		memcpy(many + i, i % 600 < 300 ? "xy" : "\xc3\xbc", 2);
	for (size_t i = 0; i < COUNT(cases); i++)
		for (size_t column = 1; column <= 40; column += 7) {
			struct span value = text(column, cases[i]);
			struct buf unfolded;
			assert_value(value, column, 76);
			buf_init(&unfolded, &arena, SIZE_MAX);
			for (size_t k = 1; k < value.n; k++)
				if (value.p[k] != '\r' && value.p[k] != '\n')
					buf_byte(&unfolded, value.p[k]);
			struct span decoded = encoded_words_decode(span_trim(buf_span(&unfolded)), &arena, NULL, (struct place){ 0 });
			if (!span_eq(decoded, cases[i]))
				fail_msg("%zu: %.*s", i, SPAN_ARG(decoded));
		}
	assert_span(text(14, SPAN("caf\xc3\xa9 noir")), " =?UTF-8?Q?caf=C3=A9_noir?=");
	assert_value(text(14, span_of("\xff\xfe\x80", 3)), 14, 76);
}

/* A list between commas without blanks, as X-Spam-Status has. */
static void commas(void **state)
{
	struct buf list;
	(void)state;
	buf_init(&list, &arena, SIZE_MAX);
	buf_cstr(&list, "Yes, score=7.1 required=5.0 tests=");
	for (unsigned i = 0; i < 60; i++)
		buf_printf(&list, "%sgroup.some_evidence_%u", i ? "," : "", i);
	struct span value = words(14, buf_span(&list));
	assert_value(value, 14, 78);
	assert_true(span_starts(value, SPAN(" Yes, score=7.1 required=5.0 tests=group.")));
	memset(list.p, 'x', list.n); /* one word that cannot be folded is left whole */
	assert_int_equal(words(14, buf_span(&list)).n, list.n + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(plain), cmocka_unit_test(encoded), cmocka_unit_test(commas) };
	arena_init(&arena);
	int failed = cmocka_run_group_tests_name("action/field", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
