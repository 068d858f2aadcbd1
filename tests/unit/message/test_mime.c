/* tests/unit/message/test_mime.c - multiparts as hostile senders write them: every reading found, work held linear, limits said. */
#include "base/limits.h"
#include "message/charset.h"
#include "message/message.h"
#include "tests/test.h"

#include <stdlib.h>

static struct arena arena;

static struct message parse(struct span raw)
{
	struct message m;
	arena_reset(&arena);
	message_parse(raw, &arena, &m);
	return m;
}

/* A part with those decoded bytes in any reading. */
static bool has_bytes(const struct message *m, const char *bytes)
{
	for (uint32_t i = 0; i < m->parts.n; i++)
		if (m->parts.v[i].kind != PART_MULTIPART && span_eq(span_trim(m->parts.v[i].bytes), span_cstr(bytes)))
			return true;
	return false;
}

#define MIXED "Content-Type: multipart/mixed; "

static const struct {
	const char *name, *message, *found;
	int anomaly; /* enum anomaly_kind, or -1 */
} cases[] = {
	{ "comment", MIXED "boundary=(x)b\n\n--b\n\nhidden\n--b--\n", "hidden", -1 },
	{ "comment hides another", MIXED "(boundary=no) boundary=b\n\n--b\n\nhidden\n--b--\n", "hidden", -1 },
	{ "escape", MIXED "boundary=\\b\\c\n\n--bc\n\nhidden\n--bc--\n", "hidden", -1 },
	{ "open quote", MIXED "boundary=\"b\n\n--b\n\nhidden\n--b--\n", "hidden", ANOMALY_PARAMETER_BAD },
	{ "single quotes", MIXED "boundary='b c'\n\n--b c\n\nhidden\n--b c--\n", "hidden", -1 },
	{ "2231 pieces", MIXED "boundary*1=c; boundary*0=b\n\n--bc\n\nhidden\n--bc--\n", "hidden", -1 },
	{ "2231 and guess", MIXED "boundary*=''b\n\n--x\n\nseen\n--b\n\nhidden\n--b--\n--x--\n", "hidden", ANOMALY_BOUNDARY_AMBIGUOUS },
	{ "two boundaries", MIXED "boundary=a; boundary=b\n\n--a\n\nseen\n--a--\n--b\n\nhidden\n--b--\n", "hidden",
	  ANOMALY_BOUNDARY_AMBIGUOUS },
	{ "two types", "Content-Type: text/plain\n" MIXED "boundary=b\n\n--b\n\nhidden\n--b--\n", "hidden", ANOMALY_MIME_DUPLICATE_FIELD },
	{ "no boundary", MIXED "\n\n--b\n\nhidden\n--b--\n", "hidden", ANOMALY_BOUNDARY_MISSING },
	{ "after the end", MIXED "boundary=b\n\n--b\n\nseen\n--b--\n\n--b\n\nhidden\n--b--\n", "hidden", ANOMALY_BOUNDARY_AMBIGUOUS },
	{ "not ended", MIXED "boundary=b\n\n--b\n\nhidden", "hidden", ANOMALY_BOUNDARY_UNTERMINATED },
	{ "line goes on", MIXED "boundary=b\n\n--b\n\nseen\n--b x\nContent-Type: text/html\n\nhidden\n--b--\n", "hidden",
	  ANOMALY_BOUNDARY_AMBIGUOUS },
	{ "two encodings", "Content-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64\n\naGlkZGVu\n", "hidden",
	  ANOMALY_MIME_DUPLICATE_FIELD },
	{ "encoding and more", "Content-Transfer-Encoding: base64;x\n\naGlkZGVu\n", "hidden", ANOMALY_TRANSFER_ENCODING_AMBIGUOUS },
	{ "chunks", "Content-Transfer-Encoding: BASE64\n\naGlk\nZA==ZW4=\n", "hidden", ANOMALY_BASE64_AFTER_PADDING },
	{ "encoded message", "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogeAoKaGlkZGVu\n", "hidden",
	  -1 },
	{ "digest", "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: x\n\nhidden\n--b--\n", "hidden", -1 },
	{ "uuencode", "Subject: x\n\ntext\nbegin 644 a.exe\n&:&ED9&5N\n`\nend\n", "hidden", -1 },
	{ "junk before fields", MIXED "boundary=b\n\n--b\n--_x=:\nContent-Transfer-Encoding: base64\n\naGlkZGVu\n--b--\n", "hidden",
	  ANOMALY_HEADER_NO_COLON },
	{ "delimiter in header", MIXED "boundary=b\n\n--b\nContent-Type: text/plain\n--b\n\nhidden\n--b--\n", "hidden", -1 },
	{ "part header of other ends", MIXED "boundary=b\n\n--b\nX: y\r\n\r\nhidden\n--b--\n", "hidden", ANOMALY_LINE_ENDS_MIXED },
	{ "CR before a field", "Subject: x\rContent-Transfer-Encoding: base64\n\naGlkZGVu\n", "hidden", ANOMALY_MIME_AMBIGUOUS },
	{ "CR before the type", "Subject: x\r" MIXED "boundary=b\n\n--b\n\nhidden\n--b--\n", "hidden", ANOMALY_MIME_AMBIGUOUS },
	{ "CR before a delimiter", MIXED "boundary=b\n\n--b\n\nseen\r--b\n\nhidden\n--b--\n", "hidden", ANOMALY_MIME_AMBIGUOUS },
	{ "only CRs", MIXED "boundary=b\r\r--b\r\rhidden\r--b--\r", "hidden", ANOMALY_MIME_AMBIGUOUS },
	{ "footer", "Content-Transfer-Encoding: base64\n\nc2Vlbg==\n\nTo leave, send mail\n", "To leave, send mail",
	  ANOMALY_BASE64_AFTER_PADDING },
	{ "footer and no padding", "Content-Transfer-Encoding: base64\r\n\r\nc2Vl\r\n\r\nList of us\r\n____\r\n", "List of us\r\n____",
	  ANOMALY_BASE64_JUNK },
	{ "footer is no part of the text", "Content-Transfer-Encoding: base64\n\nc2Vlbg==\n\nTo leave, send mail\n", "seen",
	  ANOMALY_BASE64_AFTER_PADDING },
	{ "footer without a full stop", "Content-Transfer-Encoding: base64\n\nc2Vl\n\nYou get this from our list\n", "see",
	  ANOMALY_BASE64_JUNK },
	{ "footer without a full stop, read", "Content-Transfer-Encoding: base64\n\nc2Vl\n\nYou get this from our list\n",
	  "You get this from our list", ANOMALY_BASE64_JUNK },
	{ "base64 behind words", "Content-Transfer-Encoding: base64\n\nc2Vl\n\nOur list, to you\nIGh0dHA6Ly93d3cuZXhhbXBsZS5jb20K\n",
	  "see:\xea\xe5\x8a\xcbm\xa3*. http://www.example.com", ANOMALY_BASE64_JUNK },
	{ "blanks in base64", "Content-Transfer-Encoding: base64\n\naGlkZGVuIG FuZCBzZWVuIGFnYWlu\n", "hidden and seen again", -1 },
	{ "footer at once", "Content-Transfer-Encoding: base64\n\nc2Vl\n_____\nList of us\n", "_____\nList of us", ANOMALY_BASE64_JUNK },
	{ "inner boundary ends the outer one", MIXED "boundary=b\n\n--b\n" MIXED "boundary=\"b--\"\n\n--b--\n\nhidden\n--b----\n--b--\n",
	  "hidden", ANOMALY_BOUNDARY_AMBIGUOUS },
	{ "inner boundary ends the outer one, then the message",
	  MIXED "boundary=b\n\n--b\n" MIXED "boundary=\"b--\"\n\n--b--\n\nseen\n--b--\n\nhidden", "hidden", ANOMALY_BOUNDARY_AMBIGUOUS },
	{ "CRLF", MIXED "boundary=b\r\n\r\n--b\r\n\r\nhidden\r\n--b--\r\n", "hidden", -1 },
};

static void every_reading(void **state)
{
	bool ok = true;
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct message m = parse(span_cstr(cases[i].message));
		bool good = has_bytes(&m, cases[i].found) && (cases[i].anomaly < 0 || m.anomalies.count[cases[i].anomaly]);
		if (!good)
			print_error("%s: %s, %u parts\n", cases[i].name, has_bytes(&m, cases[i].found) ? "not said" : "not found",
				    m.parts.n);
		ok &= good;
	}
	assert_true(ok);
}

/* head, then line times, then tail. */
static struct span repeat(const char *head, const char *line, size_t times, const char *tail)
{
	size_t h = strlen(head), l = strlen(line), t = strlen(tail);
	char *p = malloc(h + l * times + t);
	assert_non_null(p);
	memcpy(p, head, h);
	for (size_t i = 0; i < times; i++)
		memcpy(p + h + i * l, line, l);
	memcpy(p + h + l * times, tail, t);
	return span_of(p, h + l * times + t);
}

static void floods(void **state)
{
	static const struct {
		const char *name, *head, *line, *tail;
		size_t times;
		uint64_t steps_a_byte;
		int anomaly;
	} flood[] = {
		{ "headers", "", "A: b\n", "\nbody", 1000000, 4, ANOMALY_HEADER_LIMIT },
		{ "one line", "Subject: x\n\n", "0123456789abcdef", "", 2000000, 4, -1 },
		{ "delimiters", MIXED "boundary=b\n\n", "--b\n", "", 100000, 8, ANOMALY_PARTS_LIMIT },
		{ "near delimiters", MIXED "boundary=b\n\n--b\n\n", "--bx\n", "--b--\n", 100000, 8, -1 },
		{ "nested", "", MIXED "boundary=b\n\n--b\n", "", 3000, 60, ANOMALY_PARTS_LIMIT },
		{ "nested, many readings", "", MIXED "boundary=b; boundary=c; boundary*0=d\n\n--b\n\n--c\n\n--d\n", "", 3000, 60, -1 },
		{ "nested messages", "", "Content-Type: message/rfc822\n\n", "x", 3000, 60, ANOMALY_DEPTH_LIMIT },
		{ "message inside itself", "no field\nContent-Type: message/rfc822\nContent-Transfer-Encoding: quoted-printable\n", "x", "",
		  1000, 30, -1 },
		{ "types", "", "Content-Type: multipart/mixed; boundary=b\nContent-Type: text/html\n", "\n--b\n\nx", 3000, 60,
		  ANOMALY_MIME_DUPLICATE_FIELD },
		{ "open comments", "Content-Type: text/plain; x=", "(", "\n\nx", 1000000, 8, -1 },
		{ "words", "Subject: ", "=?a?q?", "\n\nx", 1000000, 8, -1 },
		{ "CR delimiters", MIXED "boundary=b\n\n--b\n\nx", "\r--b", "\n--b--\n", 100000, 20, ANOMALY_MIME_AMBIGUOUS },
		{ "CR near delimiters", MIXED "boundary=b\n\n--b\n\nx", "\r--x", "\n--b--\n", 100000, 20, -1 },
		{ "CR in the header", "Subject: x", "\rTo: b", "\n\nx", 100000, 8, ANOMALY_MIME_AMBIGUOUS },
		{ "CRs", "Subject: x", "\r", "\n\nx", 1000000, 8, -1 },
		{ "footers", "Content-Transfer-Encoding: base64\n\n", "QUI=\n\n_ a b\n", "", 1000000, 8, ANOMALY_BASE64_JUNK },
		{ "base64 in one line", "Content-Transfer-Encoding: base64\n\n", "QUJDREVGR0hJSktM", "\n\nThe list, for you\n", 2000000, 8,
		  ANOMALY_BASE64_JUNK },
		{ "ends of the outer one", MIXED "boundary=b\n\n", "--b\n" MIXED "boundary=b--\n\n--b--\n", "", 10000, 60, -1 },
		{ "blanks in base64", "Content-Transfer-Encoding: base64\n\n", "a b\n", "", 1000000, 8, ANOMALY_BASE64_JUNK },
		{ "begin", "\n", "begin 644 x\n", "", 200000, 8, -1 },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(flood); i++) {
		struct span raw = repeat(flood[i].head, flood[i].line, flood[i].times, flood[i].tail);
		struct message m = parse(raw);
		message_field_text(&m, HEADER_SUBJECT);
		bool ok = m.steps <= flood[i].steps_a_byte * raw.n && m.parts.n <= LIMIT_PARTS &&
			  (flood[i].anomaly < 0 || m.anomalies.count[flood[i].anomaly]) &&
			  arena.peak <= (1u << 20) + 16 * raw.n + (4u << 20);
		if (!ok)
			print_error("%s: %.1f steps a byte, %u parts, %zu bytes of memory for %zu\n", flood[i].name,
				    (double)m.steps / (double)raw.n, m.parts.n, arena.peak, raw.n);
		free((void *)(uintptr_t)raw.p);
		assert_true(ok);
		arena_release(&arena);
		arena_init(&arena);
	}
}

static void raw_ranges(void **state)
{
	(void)state;
	struct span raw =
	    span_cstr("Subject: a\r\n b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\npre\r\n--b\r\nX: y\r\n\r\none\r\n--b--\r\n");
	struct message m = parse(raw);
	assert_int_equal(m.parts.n, 2);
	assert_span(m.parts.v[0].headers.list.v[0].raw, "Subject: a\r\n b\r\n");
	assert_span(m.parts.v[1].raw_header, "X: y\r\n\r\n");
	assert_span(m.parts.v[1].raw_body, "one");
	assert_true(span_within(raw, m.parts.v[1].bytes));
	struct place at = message_place(&m, m.parts.v[1].raw_body);
	assert_span(span_slice(raw, at.from, at.to), "one");
}

/* What a reading with other lines shows points at the same bytes of the message. */
static void cr_places(void **state)
{
	(void)state;
	struct span raw = span_cstr("Subject: x\rContent-Type: text/html\n\nbody");
	struct message m = parse(raw);
	assert_int_equal(m.parts.n, 2);
	const struct part *other = &m.parts.v[1];
	assert_int_equal(other->kind, PART_HTML);
	assert_int_equal(other->reading_of, 0);
	assert_true(other->flags & PART_ALTERNATE);
	assert_true(span_within(raw, other->headers.list.v[1].raw));
	struct place at = message_place(&m, other->raw_body);
	assert_span(span_slice(raw, at.from, at.to), "body");
	assert_int_equal(at.in, PLACE_RAW);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_reading), cmocka_unit_test(floods), cmocka_unit_test(raw_ranges),
					    cmocka_unit_test(cr_places) };
	int failed = cmocka_run_group_tests_name("message/mime", tests, NULL, NULL);
	arena_release(&arena);
	charset_thread_release();
	return failed;
}
