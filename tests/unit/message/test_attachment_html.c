/* message/attachment_html: HTML files that build files or themselves, ask for passwords, and honest ones. */
#include "message/attachment_html.h"
#include "tests/attachment_fixture.h"

#include <stdlib.h>

#define LONG_RUN "@" /* stands for 1000 characters without a blank */

static struct span expanded(const char *text, char *room)
{
	size_t n = 0;
	for (; *text; text++)
		if (*text == '@') {
			memset(room + n, 'A', 1000);
			n += 1000;
		} else {
			room[n++] = *text;
		}
	return span_of(room, n);
}

static void scripts(void **state)
{
	static const struct {
		const char *name, *html;
		uint32_t flags;
	} cases[] = {
		{ "plain page", "<p>document.write and atob( in text</p>", 0 },
		{ "script of a saved page", "<script>var a = document.getElementById('x');</script>", ATTACHMENT_HTML_SCRIPT },
		{ "handler only", "<svg onload='x()'></svg>", ATTACHMENT_HTML_SCRIPT },
		{ "file built and offered",
		  "<script>var b = new Blob([x]); a.href = URL.createObjectURL(b); a.download = 'x.iso';</script>",
		  ATTACHMENT_HTML_SCRIPT | ATTACHMENT_HTML_SMUGGLING },
		{ "old Internet Explorer", "<script>navigator.msSaveOrOpenBlob(x, 'a.zip')</script>",
		  ATTACHMENT_HTML_SCRIPT | ATTACHMENT_HTML_SMUGGLING },
		{ "built, not offered", "<script>worker(new Blob([x]))</script>", ATTACHMENT_HTML_SCRIPT },
		{ "unpacks itself", "<script>document.write(atob('" LONG_RUN "'))</script>",
		  ATTACHMENT_HTML_SCRIPT | ATTACHMENT_HTML_UNPACKS },
		{ "decodes a little", "<script>document.write(unescape('%41'))</script>", ATTACHMENT_HTML_SCRIPT },
		{ "password form", "<form action='http://a.example.org/'><input type=password></form>", ATTACHMENT_HTML_PASSWORD_FORM },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct attachment_fixture f;
		char room[4096];
		struct attachment *a = attachment_fixture_begin(&f, SPAN("text"), "a.html");
		attachment_html_examine(&f.work, expanded(cases[i].html, room), true);
		if (a->flags != cases[i].flags)
			fail_msg("%s: flags %x, not %x", cases[i].name, a->flags, cases[i].flags);
		attachment_fixture_end(&f);
	}
}

/* The links of a body are collected already; those of a file are marked. */
static void links(void **state)
{
	struct attachment_fixture f;
	(void)state;
	attachment_fixture_begin(&f, SPAN("text"), "a.html");
	attachment_html_examine(&f.work, SPAN("<a href='http://a.example.org/'>x</a>"), false);
	assert_int_equal(f.links.list.n, 0);
	attachment_html_examine(&f.work, SPAN("<a href='http://a.example.org/'>x</a>"), true);
	assert_int_equal(f.links.list.n, 1);
	assert_true(f.links.list.v[0].flags & LINK_IN_ATTACHMENT);
	attachment_fixture_end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(scripts), cmocka_unit_test(links) };
	return cmocka_run_group_tests_name("message/attachment_html", tests, NULL, NULL);
}
