/* learn/label_leaks: what is cut, what stays, and that the list is the one other tools use. */
#include "base/buf.h"
#include "learn/label_leaks.h"
#include "tests/test.h"

#include <stdlib.h>

static struct arena arena;

static void cuts(void **state)
{
	static const struct {
		const char *raw, *kept; /* kept NULL: nothing is cut, nothing is copied */
	} cases[] = {
		{ "", NULL },
		{ "From: a\n\nX-Spam-Status: Yes\n", NULL },
		{ "From: a\nX-Spam-Status: Yes\nTo: b\n\nbody\n", "From: a\nTo: b\n\nbody\n" },
		{ "From: a\r\nx-SPAM-status : Yes,\r\n\tscore=9\r\n  more\r\nTo: b\r\n\r\nbody", "From: a\r\nTo: b\r\n\r\nbody" },
		{ "X-Spam-Level: **\n", "" },
		{ "X-Spam-Level: **", "" },
		{ " X-Spam-Level: **\n a\nTo: b\n", "To: b\n" }, /* the first line is a field, whatever it begins with */
		{ "XStatus: 1\nXStatusBar: 2\nX-Spam: 3\nX-Spam-: 4\n\n", "XStatusBar: 2\nX-Spam: 3\n\n" },
		{ "X-MS-Exchange-Organization-SCL: 9\nX-MS-Exchange-Organization-AuthAs: x\n", "X-MS-Exchange-Organization-AuthAs: x\n" },
		{ "To: b\n\r\r\nX-Spam-Level: *\n", NULL },
		{ "X-Keywords\nTo: b\n", "To: b\n" }, /* no colon */
		{ "Subject: [SPAM] hello\n\n[SPAM]", "Subject: hello\n\n[SPAM]" },
		{ "Subject: [spam]\r\nTo: b\r\n", "Subject: \r\nTo: b\r\n" },
		{ "subject:***Spam*** \t[SPAM]{spam?} x [SPAM]y\n", "subject:x y\n" },
		{ "Subject: one\n [SPAM] two\nComments: [SPAM]\n", "Subject: one\n two\nComments: [SPAM]\n" },
		{ "Subject: [SPA\nX: {Spam}\n", NULL },
		{ "Subject: ****SPAM****\n", "Subject: **\n" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct span raw = span_cstr(cases[i].raw), kept = label_leaks_cut(raw, &arena);
		assert_span(kept, cases[i].kept ? cases[i].kept : cases[i].raw);
		if (!cases[i].kept)
			assert_ptr_equal(kept.p, raw.p);
	}
}

/* A million fields, half of them cut, and one huge Subject: each byte is looked at a few times only. */
static void much(void **state)
{
	struct buf in, want;
	(void)state;
	buf_init(&in, &arena, 64 << 20);
	for (unsigned i = 0; i < 1000000; i++)
		buf_cstr(&in, i % 2 ? "X-Spam-A: b\n" : "A: b\n");
	buf_cstr(&in, "Subject: ");
	for (unsigned i = 0; i < 1000000; i++)
		buf_cstr(&in, i % 2 ? "[SPAM] " : "[***");
	struct span kept = label_leaks_cut(buf_span(&in), &arena);
	buf_init(&want, &arena, 64 << 20);
	for (unsigned i = 0; i < 500000; i++)
		buf_cstr(&want, "A: b\n");
	buf_cstr(&want, "Subject: ");
	for (unsigned i = 0; i < 500000; i++)
		buf_cstr(&want, "[***");
	assert_true(span_eq(kept, buf_span(&want)));
}

/* ../shared has the list that the benchmarks cut. */
static void shared_list(void **state)
{
	char path[4096], line[256];
	const char *root = getenv("POSTERN_ROOT");
	unsigned seen = 0;
	(void)state;
	snprintf(path, sizeof path, "%s/../shared/corpora/label-leaks.txt", root ? root : ".");
	FILE *file = fopen(path, "r");
	if (!file)
		skip();
	while (fgets(line, sizeof line, file)) {
		struct span pattern = span_trim(span_cstr(line));
		if (pattern.n == 0 || span_at(pattern, 0) == '#')
			continue;
		bool open = span_ends(pattern, SPAN("*"));
		struct span name = span_first(pattern, pattern.n - open);
		if (!label_leaks_field(name))
			print_error("%.*s is not cut\n", SPAN_ARG(pattern));
		assert_true(label_leaks_field(name));
		assert_int_equal(label_leaks_field(arena_printf(&arena, "%.*szz", SPAN_ARG(name))), open);
		seen++;
	}
	fclose(file);
	assert_int_equal(seen, 23);
}

static int setup(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(cuts), cmocka_unit_test(much), cmocka_unit_test(shared_list) };
	return cmocka_run_group_tests_name("learn/label_leaks", tests, setup, teardown);
}
