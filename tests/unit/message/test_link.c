/* Links of text and HTML, obfuscated ones, and links inside links; then the lists of SpamAssassin and linkify-it from ../shared. */
#include "base/limits.h"
#include "message/link.h"
#include "tests/test.h"

#include <stdlib.h>

static struct arena arena;

/* "kind flags url" of each link: t(ext) a(ttribute) o(bfuscated); + inside another, b(roken). */
static struct span summary(const struct links *links)
{
	struct span all = SPAN("");
	for (uint32_t i = 0; i < links->list.n; i++) {
		const struct link *l = &links->list.v[i];
		all = arena_printf(&arena, "%.*s%s%c%s%s %.*s", SPAN_ARG(all), i ? " | " : "", "ato"[l->kind],
				   l -> flags &LINK_REDIRECTED ? "+" : "", l->flags &LINK_BROKEN ? "b" : "",
				   SPAN_ARG(l->flags & LINK_BROKEN ? l->raw : l->url.href));
	}
	return all;
}

static void check(const char *in, struct links *links, const char *want)
{
	struct span got = summary(links);
	if (!span_eq(got, span_cstr(want)))
		print_error("%s\n   got  %.*s\n   want %s\n", in, SPAN_ARG(got), want);
	assert_true(span_eq(got, span_cstr(want)));
}

static void in_text(void **state)
{
	static const struct {
		const char *in, *want;
	} cases[] = {
		{ "See http://example.com/a, or not.", "t http://example.com/a" },
		{ "(http://example.com/a_(b))", "t http://example.com/a_(b)" },
		{ "<https://example.com/>.", "t https://example.com/" },
		{ "<http://example.com/a\nb\n c>", "t http://example.com/abc" },
		{ "go to www.example.com.", "t http://www.example.com/" },
		{ "go to ftp.example.com", "t ftp://ftp.example.com/" },
		{ "example.com/x?y=z#f and other.org", "t http://example.com/x?y=z#f | t http://other.org/" },
		{ "write to ann@example.com, please", "t mailto:ann@example.com" },
		{ "mailto:ann@example.com?subject=x", "t mailto:ann@example.com?subject=x" },
		{ "first.last+tag@example.com", "t mailto:first.last+tag@example.com" },
		{ "HTTP:\\\\example.com\\a", "t http://example.com/a" },
		{ "http://192.0.2.1:8080/x", "t http://192.0.2.1:8080/x" },
		{ "http://user@example.com/", "t http://user@example.com/" },
		{ "http://localhost/", "t http://localhost/" },
		{ "\u201Cwww.example.com\u201D", "t http://www.example.com/" },
		{ "http://example.com\u3092\u898B\u308B", "t http://example.com/" },
		{ "b\u00FCcher.example.com", "t http://xn--bcher-kva.example.com/" },
		{ "\u043F\u0440\u0438\u043C\u0435\u0440.\u0440\u0444", "t http://xn--e1afmkfd.xn--p1ai/" },
		/* no links */
		{ "done.It is foo.php, main.py, node.js, 1.2.3.4 and 12.50.", "" },
		{ "e.g. this, i.e. that... and so on.Next", "" },
		{ "/usr/lib/x.so and C:\\a.exe", "" },
		{ "http://-a.example/ http://a..example/ http:// http://?", "" },
		{ "ann@localhost @example.com a@@example.com", "" },
		{ "I left. Com is a word", "" },
		/* obfuscated */
		{ "hxxp://example.com/a", "o http://example.com/a" },
		{ "hXXps://example[.]com/a", "o https://example.com/a" },
		{ "http://example[.]com/a", "o http://example.com/a" },
		{ "example[.]com", "o http://example.com/" },
		{ "visit example dot com now", "o http://example.com/" },
		{ "visit example . com now", "o http://example.com/" },
		{ "visit shop.example. com today", "o http://shop.example.com/" },
		{ "example(dot)org/x", "o http://example.org/x" },
		{ "example\uFF0E"
		  "com",
		  "o http://example.com/" },
		{ "\uFF45xample\u3002com", "o http://example.com/" },
		{ "http[:]//example.com/", "o http://example.com/" },
		{ "ann at example dot com", "" },
		/* inside others */
		{ "http://r.example/?u=http://example.com/a&b=c",
		  "t http://r.example/?u=http://example.com/a&b=c | t+ http://example.com/a" },
		{ "http://r.example/?u=http%3A%2F%2Fexample.com%2Fa%3Fb&c",
		  "t http://r.example/?u=http%3A%2F%2Fexample.com%2Fa%3Fb&c | t+ http://example.com/a?b" },
		{ "http://r.example/http://example.com/a?b&c",
		  "t http://r.example/http://example.com/a?b&c | t+ http://example.com/a?b&c" },
		{ "http://r.example/?x=aHR0cDovL2V4YW1wbGUuY29tL2E",
		  "t http://r.example/?x=aHR0cDovL2V4YW1wbGUuY29tL2E | t+ http://example.com/a" },
		{ "https://u.example/v2/url?u=https-3A__example.com_a-3Fb&d=x",
		  "t https://u.example/v2/url?u=https-3A__example.com_a-3Fb&d=x | t+ https://example.com/a?b" },
		{ "https://u.example/v3/__https://example.com/a__;!!b",
		  "t https://u.example/v3/__https://example.com/a__;!!b | t+ https://example.com/a" },
		{ "http://r.example/?u=http%253A%252F%252Fexample.com",
		  "t http://r.example/?u=http%253A%252F%252Fexample.com | t+ http://example.com/" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct links links = { 0 };
		arena_reset(&arena);
		links_from_text(span_cstr(cases[i].in), 0, PLACE_TEXT, &arena, NULL, &links);
		check(cases[i].in, &links, cases[i].want);
	}
}

static void places_and_flags(void **state)
{
	struct links links = { 0 };
	struct span text = SPAN("at www.example.co.nz/a or ann@example.org");
	(void)state;
	arena_reset(&arena);
	links_from_text(text, 3, PLACE_TEXT, &arena, NULL, &links);
	assert_int_equal(links.list.n, 2);
	assert_span(span_slice(text, links.list.v[0].at.from, links.list.v[0].at.to), "www.example.co.nz/a");
	assert_span(links.list.v[0].domain, "example.co.nz");
	assert_span(links.list.v[0].raw, "http://www.example.co.nz/a");
	assert_int_equal(links.list.v[0].flags, LINK_SCHEME_ADDED);
	assert_int_equal(links.list.v[0].at.part, 3);
	assert_int_equal(links.list.v[1].flags, LINK_SCHEME_ADDED | LINK_MAILTO);
}

static void in_html(void **state)
{
	struct span text = SPAN("Click here or www.example.net or www.example.org/shown");
	struct html html = { .text = text, .base = SPAN("http://base.example/a/b") };
	struct links links = { 0 };
	static const struct html_link hrefs[] = {
		{ .kind = HTML_LINK_IMAGE, .href = SPAN_INIT("http://img.example/x.gif"), .from = 5, .to = 9 },
		{ .kind = HTML_LINK_ANCHOR, .href = SPAN_INIT(" ../c "), .shown = SPAN_INIT("here"), .text_from = 6, .text_to = 10 },
		{ .kind = HTML_LINK_ANCHOR, .href = SPAN_INIT("#top") },
		{ .kind = HTML_LINK_IMAGE, .href = SPAN_INIT("cid:1@x") },
		{ .kind = HTML_LINK_ANCHOR, .href = SPAN_INIT("javascript:a()"), .hidden = true },
		{ .kind = HTML_LINK_ANCHOR,
		  .href = SPAN_INIT("http://go.example/"),
		  .shown = SPAN_INIT("www.example.org/shown"),
		  .text_from = 33,
		  .text_to = 54 },
	};
	(void)state;
	arena_reset(&arena);
	html.links.v = (struct html_link *)(uintptr_t)hrefs;
	html.links.n = COUNT(hrefs);
	links_from_html(&html, 1, LINK_IN_ATTACHMENT, &arena, NULL, &links);
	check("html", &links,
	      "a http://img.example/x.gif | a http://base.example/c | a javascript:a() | a http://go.example/ | t http://www.example.net/");
	assert_int_equal(links.list.v[0].flags, LINK_IMAGE | LINK_IN_ATTACHMENT);
	assert_span(links.list.v[1].shown, "here");
	assert_int_equal(links.list.v[2].flags, LINK_HIDDEN | LINK_IN_ATTACHMENT);
	assert_int_equal(links.list.v[4].at.from, 14);

	links = (struct links){ 0 };
	html.base = span_none;
	static const struct html_link bare[] = {
		{ .kind = HTML_LINK_ANCHOR, .href = SPAN_INIT("www.example.com/a") },
		{ .kind = HTML_LINK_ANCHOR, .href = SPAN_INIT("//example.com/b") },
		{ .kind = HTML_LINK_ANCHOR, .href = SPAN_INIT("page.html") },
	};
	html.links.v = (struct html_link *)(uintptr_t)bare;
	html.links.n = COUNT(bare);
	html.text = span_none;
	links_from_html(&html, 1, 0, &arena, NULL, &links);
	check("html without base", &links, "a http://www.example.com/a | a http://example.com/b | ab page.html");
}

static void limits(void **state)
{
	struct links links = { 0 };
	struct anomalies anomalies = { 0 };
	struct span unit = SPAN("http://a.example/ ");
	enum { TIMES = 3 * LIMIT_LINKS };
	(void)state;
	arena_reset(&arena);
	uint8_t *text = arena_alloc(&arena, TIMES * unit.n);
	for (size_t i = 0; i < TIMES; i++)
		memcpy(text + i * unit.n, unit.p, unit.n);
	links_from_text(span_of(text, TIMES * unit.n), 0, PLACE_TEXT, &arena, &anomalies, &links);
	assert_int_equal(links.list.n, LIMIT_LINKS);
	assert_int_equal(anomalies.count[ANOMALY_LINK_LIMIT], 1);
}

/* Nothing of this may be read more than a few times; quadratic, any of them would take hours. */
static void hostile_is_linear(void **state)
{
	static const char *const units[] = { ".",
					     "a.",
					     "@",
					     "a@",
					     ":",
					     "http://",
					     "http:",
					     "<http://a\n",
					     "www.",
					     "www.a:",
					     "[.]",
					     "a[.]",
					     " dot ",
					     " . ",
					     ". com",
					     "\u3002",
					     "\uFF0E"
					     "a",
					     "(",
					     "h**p://",
					     "a.b+",
					     "x@a.b,",
					     "\xEF",
					     "mailto:a",
					     "http://a/(" };
	enum { BYTES = 1 << 18 };
	(void)state;
	for (size_t i = 0; i < COUNT(units); i++) {
		struct links links = { 0 };
		arena_reset(&arena);
		uint8_t *text = arena_alloc(&arena, BYTES);
		size_t n = strlen(units[i]);
		for (size_t at = 0; at + n <= BYTES; at += n)
			memcpy(text + at, units[i], n);
		links_from_text(span_of(text, BYTES - BYTES % n), 0, PLACE_TEXT, &arena, NULL, &links);
	}
}

static FILE *suite(const char *name)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/../shared/suites/url/%s", getenv("POSTERN_ROOT") ? getenv("POSTERN_ROOT") : ".", name);
	return fopen(path, "rb");
}

/* linkify-it's lists are another program's taste: the score is held, the classes of differences are named in print. */
static void linkify(void **state)
{
	char line[4096], text[4096] = "";
	unsigned right = 0, wrong = 0, silent = 0, noisy = 0;
	(void)state;
	FILE *f = suite("linkify_links.txt"), *none = suite("linkify_not_links.txt");
	if (!f || !none)
		skip();
	for (bool wants_link = false; fgets(line, sizeof line, f);) {
		char *comment = line[0] == '%' ? line : strstr(line, " %");
		if (comment)
			*comment = '\0';
		line[strcspn(line, "\r\n")] = '\0';
		struct span s = span_trim(span_cstr(line));
		if (s.n == 0 && !wants_link)
			continue;
		if (!wants_link) {
			snprintf(text, sizeof text, "%.*s", SPAN_ARG(s));
			wants_link = true;
			continue;
		}
		wants_link = false;
		struct span want = s.n ? s : span_cstr(text), raw = span_none;
		struct links links = { 0 };
		arena_reset(&arena);
		links_from_text(span_cstr(text), 0, PLACE_TEXT, &arena, NULL, &links);
		if (links.list.n)
			raw = span_slice(span_cstr(text), links.list.v[0].at.from, links.list.v[0].at.to);
		if (span_eq(raw, want))
			right++;
		else if (++wrong)
			print_message("# linkify: \"%s\": %.*s, linkify-it %.*s\n", text, SPAN_ARG(raw), SPAN_ARG(want));
	}
	while (fgets(line, sizeof line, none)) {
		char *comment = line[0] == '%' ? line : strstr(line, " %");
		if (comment)
			*comment = '\0';
		struct span s = span_trim(span_cstr(line));
		struct links links = { 0 };
		arena_reset(&arena);
		links_from_text(s, 0, PLACE_TEXT, &arena, NULL, &links);
		silent += s.n && !links.list.n;
		noisy += links.list.n > 0;
		if (links.list.n)
			print_message("# linkify: \"%.*s\" is no link there\n", SPAN_ARG(s));
	}
	fclose(f);
	fclose(none);
	print_message("# linkify: %u of %u links, %u of %u others\n", right, right + wrong, silent, silent + noisy);
	assert_true(right >= 90 && silent >= 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_text), cmocka_unit_test(places_and_flags),  cmocka_unit_test(in_html),
		cmocka_unit_test(limits),  cmocka_unit_test(hostile_is_linear), cmocka_unit_test(linkify),
	};
	arena_init(&arena);
	int failed = cmocka_run_group_tests_name("message/link", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
