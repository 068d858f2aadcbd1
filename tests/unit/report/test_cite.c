/* report/cite: places as a person finds them again, in encoded parts, attachments and large messages. */
#include "report/cite.h"
#include "tests/test.h"

#include <stdlib.h>

static struct arena arena;

#define MESSAGE                                                                                                                            \
	"Subject: a\r\n"                                                                                                                   \
	"Content-Type: multipart/mixed; boundary=b\r\n"                                                                                    \
	"\r\n"                                                                                                                             \
	"--b\r\n"                                                                                                                          \
	"\r\n"                                                                                                                             \
	"first\r\nsecond\r\n"                                                                                                              \
	"--b\r\n"                                                                                                                          \
	"Content-Transfer-Encoding: base64\r\n"                                                                                            \
	"\r\n"                                                                                                                             \
	"b25lCnR3bwp0aHJlZQo=\r\n" /* one, two, three */                                                                                   \
	"--b\r\n"                                                                                                                          \
	"Content-Type: application/octet-stream; name=\"a\x1b.exe\"\r\n"                                                                   \
	"\r\n"                                                                                                                             \
	"MZ\r\n"                                                                                                                           \
	"--b--\r\n"

static void places(void **state)
{
	static const struct {
		const char *says;
		struct place at[5];
		uint32_t n;
	} cases[] = {
		{ "", { { 0 } }, 0 },
		{ " (line 1)", { { 0, 10, 0, PLACE_RAW } }, 1 },
		{ " (lines 1 and 2)", { { 12, 20, 0, PLACE_RAW }, { 0, 10, 0, PLACE_RAW } }, 2 }, /* in the order of the message */
		{ " (line 1)", { { 0, 10, 0, PLACE_RAW }, { 2, 3, 0, PLACE_RAW } }, 2 },          /* said once */
		{ " (line 7)", { { 7, 9, 1, PLACE_TEXT } }, 1 },                                  /* not encoded: as in the file */
		{ " (part 2, line 2 once decoded)", { { 4, 6, 2, PLACE_DECODED } }, 1 },
		{ " (attachment a\\e.exe)", { { 0, 2, 3, PLACE_DECODED } }, 1 },
		{ " (line 1, part 2, line 3 once decoded and attachment a\\e.exe)",
		  { { 0, 2, 3, PLACE_DECODED }, { 0, 10, 0, PLACE_RAW }, { 8, 9, 2, PLACE_DECODED } },
		  3 },
		{ "", { { 0, 0, 0, PLACE_RAW } }, 1 },
	};
	struct message message;
	struct content content;
	(void)state;
	message_parse(SPAN(MESSAGE), &arena, &message);
	content_examine(&message, &content);
	assert_int_equal(message.parts.n, 4);
	struct cite cite = { .message = &message, .content = &content, .arena = &arena };
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf out;
		buf_init(&out, &arena, 1000);
		cite_put(&cite, &out, cases[i].at, cases[i].n);
		if (!span_eq(buf_span(&out), span_cstr(cases[i].says)))
			fail_msg("case %zu: \"%.*s\", want \"%s\"", i, SPAN_ARG(buf_span(&out)), cases[i].says);
	}
}

/* Lines of a large message, asked for from its end to its beginning, agree with counting them. */
static void lines(void **state)
{
	struct message message;
	struct content content;
	size_t n = 100000;
	char *p = malloc(n);
	(void)state;
	memcpy(p, "Subject: x\n\n", 12);
	for (size_t i = 12; i < n; i++)
		p[i] = i % 37 == 0 ? '\n' : 'a';
	message_parse(span_of(p, n), &arena, &message);
	content_examine(&message, &content);
	struct cite cite = { .message = &message, .content = &content, .arena = &arena };
	for (uint32_t at = (uint32_t)n; at > 0; at -= 997 < at ? 997 : at) {
		uint32_t line = 1;
		for (uint32_t i = 0; i < at; i++)
			line += p[i] == '\n';
		assert_int_equal(cite_line(&cite, at), line);
	}
	assert_int_equal(cite_line(&cite, UINT32_MAX), cite_line(&cite, (uint32_t)n));
	free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(places), cmocka_unit_test(lines) };
	arena_init(&arena);
	content_warm_up();
	int failed = cmocka_run_group_tests_name("report/cite", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
