/* tests/unit/auth/test_canonical.c - the canonical forms of RFC 6376 3.4, byte for byte, and that hashing them costs one pass. */
#include "auth/canonical.h"
#include "base/buf.h"
#include "tests/test.h"

static void gather(void *taker, const uint8_t *p, size_t n) { buf_put(taker, span_of(p, n)); }

static const struct body_case {
	const char *name, *body, *simple, *relaxed;
} body_cases[] = {
	{ "empty", "", "\r\n", "" },
	{ "one line end", "\r\n", "\r\n", "" },
	{ "only empty lines", "\n\r\n\n", "\r\n", "" },
	{ "only blanks", " \t ", " \t \r\n", "" },
	{ "a line of blanks, then nothing", "  \r\n\r\n", "  \r\n", "" },
	{ "as it should be", "Hello you,\r\nhow is it?\r\n", "Hello you,\r\nhow is it?\r\n", "Hello you,\r\nhow is it?\r\n" },
	{ "LF alone", "a\nb\n", "a\r\nb\r\n", "a\r\nb\r\n" },
	{ "mixed line ends", "a\nb\r\nc\n\r\nd", "a\r\nb\r\nc\r\n\r\nd\r\n", "a\r\nb\r\nc\r\n\r\nd\r\n" },
	{ "no final line end", "abc", "abc\r\n", "abc\r\n" },
	{ "empty lines at the end", "abc\r\n\r\n\r\n", "abc\r\n", "abc\r\n" },
	{ "empty lines at the end, LF", "abc\n\n\n", "abc\r\n", "abc\r\n" },
	{ "empty lines inside stay", "a\n\n\nb\n", "a\r\n\r\n\r\nb\r\n", "a\r\n\r\n\r\nb\r\n" },
	{ "blanks at line ends", "a \t\r\nb\t\n", "a \t\r\nb\t\r\n", "a\r\nb\r\n" },
	{ "runs of blanks", "a  b\t\tc \t d\n", "a  b\t\tc \t d\r\n", "a b c d\r\n" },
	{ "one tab is a blank", "a\tb\n", "a\tb\r\n", "a b\r\n" },
	{ "blanks at the start stay as one", "   a\n", "   a\r\n", " a\r\n" },
	{ "blank lines before the end", "a\n  \n\t\n", "a\r\n  \r\n\t\r\n", "a\r\n" },
	{ "a CR alone is a byte", "a\rb\r\n", "a\rb\r\n", "a\rb\r\n" },
	{ "a blank before a CR alone", "a \rb\r\n", "a \rb\r\n", "a \rb\r\n" },
	{ "CR CR LF", "a\r\r\nb\n", "a\r\r\nb\r\n", "a\r\r\nb\r\n" },
	{ "a CR at the end", "a\r", "a\r\r\n", "a\r\r\n" },
	{ "8-bit", "caf\xc3\xa9  \xff\n", "caf\xc3\xa9  \xff\r\n", "caf\xc3\xa9 \xff\r\n" },
	{ "change beyond sixteen bytes", "0123456789abcdefghi  0123456789abcdefghi\t0123456789abcdefghi \n",
	  "0123456789abcdefghi  0123456789abcdefghi\t0123456789abcdefghi \r\n",
	  "0123456789abcdefghi 0123456789abcdefghi 0123456789abcdefghi\r\n" },
};

static struct span body_of(struct arena *arena, enum dkim_canonical form, struct span body)
{
	struct canonical canonical;
	struct buf out;
	buf_init(&out, arena, 64u * 1024 * 1024);
	canonical_init(&canonical, gather, &out);
	canonical_body(&canonical, form, body);
	canonical_finish(&canonical);
	assert_int_equal(canonical.looked, body.n);
	return buf_span(&out);
}

static void test_bodies(void **state)
{
	(void)state;
	struct arena arena;
	arena_init(&arena);
	for (size_t i = 0; i < COUNT(body_cases); i++) {
		const struct body_case *c = &body_cases[i];
		struct span simple = body_of(&arena, DKIM_SIMPLE, span_cstr(c->body));
		struct span relaxed = body_of(&arena, DKIM_RELAXED, span_cstr(c->body));
		if (!span_eq(simple, span_cstr(c->simple)) || !span_eq(relaxed, span_cstr(c->relaxed)))
			print_error("%s\n", c->name);
		assert_span(simple, c->simple);
		assert_span(relaxed, c->relaxed);
	}
	arena_release(&arena);
}

/* The forms by their definition, a byte at a time, against the fast way, on bodies of the bytes that matter. */
static struct span plain_body(struct arena *arena, bool relaxed, struct span body)
{
	struct buf out;
	size_t lines = 0; /* empty ones that wait */
	bool any = false;
	buf_init(&out, arena, 8 * body.n + 16);
	for (size_t at = 0; at < body.n;) {
		size_t end = span_find_byte(body, '\n', at), next = end == SPAN_NPOS ? body.n : end + 1;
		struct span line = span_slice(body, at, end == SPAN_NPOS ? body.n : end);
		if (end != SPAN_NPOS && span_ends(line, SPAN("\r")))
			line.n--;
		struct buf one;
		buf_init(&one, arena, line.n + 1);
		bool blank = false;
		for (size_t i = 0; i < line.n; i++) {
			if (relaxed && (line.p[i] == ' ' || line.p[i] == '\t')) {
				blank = true;
				continue;
			}
			if (blank)
				buf_byte(&one, ' ');
			blank = false;
			buf_byte(&one, line.p[i]);
		}
		at = next;
		if (one.n == 0) {
			lines++;
			continue;
		}
		for (; lines; lines--)
			buf_cstr(&out, "\r\n");
		buf_put(&out, buf_span(&one));
		buf_cstr(&out, "\r\n");
		any = true;
	}
	if (!any && !relaxed)
		buf_cstr(&out, "\r\n");
	return buf_span(&out);
}

static void test_any_body(void **state)
{
	(void)state;
	static const char bytes[] = "ab  \t\r\n\n";
	struct arena arena;
	arena_init(&arena);
	uint64_t random = 1;
	for (int round = 0; round < 20000; round++) {
		uint8_t body[100];
		size_t n = (size_t)(random >> 33) % sizeof body;
		for (size_t i = 0; i < n; i++) {
			random = random * 6364136223846793005u + 1442695040888963407u;
			body[i] = (uint8_t)(round % 3 && random >> 62 ? 'x' : bytes[(random >> 33) % 8]);
		}
		random = random * 6364136223846793005u + 1442695040888963407u;
		struct span s = span_of(body, n);
		for (enum dkim_canonical form = DKIM_SIMPLE; form <= DKIM_RELAXED; form++)
			assert_true(span_eq(body_of(&arena, form, s), plain_body(&arena, form == DKIM_RELAXED, s)));
		arena_reset(&arena);
	}
	arena_release(&arena);
}

static const struct field_case {
	const char *name, *field;
	const char *cut; /* text left out, or NULL */
	const char *simple, *relaxed;
} field_cases[] = {
	{ "plain", "Subject: Hello\r\n", NULL, "Subject: Hello\r\n", "subject:Hello\r\n" },
	{ "LF", "Subject: Hello\n", NULL, "Subject: Hello\r\n", "subject:Hello\r\n" },
	{ "blanks", "SUBJect \t:\tHello   you \t \r\n", NULL, "SUBJect \t:\tHello   you \t \r\n", "subject:Hello you\r\n" },
	{ "folded", "To: a@example.org,\r\n\tb@example.org\r\n", NULL, "To: a@example.org,\r\n\tb@example.org\r\n",
	  "to:a@example.org, b@example.org\r\n" },
	{ "folded, LF", "To: a,\n b,\n  c\n", NULL, "To: a,\r\n b,\r\n  c\r\n", "to:a, b, c\r\n" },
	{ "empty", "X-Empty:\r\n", NULL, "X-Empty:\r\n", "x-empty:\r\n" },
	{ "only blanks", "X-Empty: \r\n \r\n", NULL, "X-Empty: \r\n \r\n", "x-empty:\r\n" },
	{ "cut", "DKIM-Signature: v=1; b=ab\r\n cd; d=x\r\n", "ab\r\n cd", "DKIM-Signature: v=1; b=; d=x\r\n",
	  "dkim-signature:v=1; b=; d=x\r\n" },
	{ "cut at the end", "DKIM-Signature: v=1; b= abcd \r\n", " abcd ", "DKIM-Signature: v=1; b=\r\n", "dkim-signature:v=1; b=\r\n" },
	{ "blanks on both sides of the cut", "A: x  CUT  y\r\n", "CUT", "A: x    y\r\n", "a:x y\r\n" },
	{ "a CR alone", "A: x\ry\r\n", NULL, "A: x\ry\r\n", "a:x\ry\r\n" },
};

static void test_fields(void **state)
{
	(void)state;
	struct arena arena;
	arena_init(&arena);
	for (size_t i = 0; i < COUNT(field_cases); i++) {
		const struct field_case *c = &field_cases[i];
		struct span raw = span_cstr(c->field);
		struct headers headers;
		struct anomalies anomalies = { 0 };
		uint32_t total = 0;
		size_t consumed;
		headers_parse(raw, raw, &arena, &anomalies, &total, &headers, &consumed);
		assert_int_equal(headers.list.n, 1);
		struct span cut = span_none;
		if (c->cut)
			cut = span_of(raw.p + span_find(raw, span_cstr(c->cut), 0), strlen(c->cut));
		for (enum dkim_canonical form = DKIM_SIMPLE; form <= DKIM_RELAXED; form++) {
			const char *want = form == DKIM_SIMPLE ? c->simple : c->relaxed;
			struct canonical canonical;
			struct buf out, last;
			buf_init(&out, &arena, 1000);
			canonical_init(&canonical, gather, &out);
			canonical_field(&canonical, form, &headers.list.v[0], cut, false);
			canonical_finish(&canonical);
			if (!span_eq(buf_span(&out), span_cstr(want)))
				print_error("%s\n", c->name);
			assert_span(buf_span(&out), want);
			buf_init(&last, &arena, 1000);
			canonical_init(&canonical, gather, &last);
			canonical_field(&canonical, form, &headers.list.v[0], cut, true);
			canonical_finish(&canonical);
			assert_true(span_eq(buf_span(&last), span_first(buf_span(&out), out.n - 2)));
		}
	}
	arena_release(&arena);
}

/* Bytes that wait for what comes after them are gone over once: a hundred thousand blanks before each line end, a million empty lines. */
static void test_large(void **state)
{
	(void)state;
	struct arena arena;
	arena_init(&arena);
	enum { N = 1000000 };
	uint8_t *body = arena_alloc(&arena, 2 * N);
	memset(body, '\n', 2 * N);
	body[N] = 'x';
	assert_int_equal(body_of(&arena, DKIM_SIMPLE, span_of(body, 2 * N)).n, 2 * N + 3);
	memset(body, ' ', 2 * N);
	body[N] = 'x';
	assert_int_equal(body_of(&arena, DKIM_RELAXED, span_of(body, 2 * N)).n, 4);
	memset(body, 'x', 2 * N);
	assert_int_equal(body_of(&arena, DKIM_RELAXED, span_of(body, 2 * N)).n, 2 * N + 2);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_any_body),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_large),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
