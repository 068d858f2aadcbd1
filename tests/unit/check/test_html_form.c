/* check/html_form: what belongs on web pages, and newsletters without it. */
#include "tests/check_test.h"

#define HEAD "From: a@example.org\nTo: b@example.net\nSubject: hello\nMIME-Version: 1.0\nContent-Type: text/html\n\n"

static const struct check_case cases[] = {
	{ .name = "password",
	  .message = HEAD "<form action=http://x.example/><input name=u><input type=password></form>",
	  .present = "html.password",
	  .absent = "html.form" },
	{ .name = "password in odd case", .message = HEAD "<INPUT TYPE=' PassWord '>", .present = "html.password" },
	{ .name = "form", .message = HEAD "<form action=http://x.example/><input><input><input></form>", .present = "html.form" },
	{ .name = "search box", .message = HEAD "<form action=http://x.example/><input name=q></form>", .absent = "html.*" },
	{ .name = "handler and script",
	  .message = HEAD "<body onload=go()><script>x</script>",
	  .present = "html.event_handlers",
	  .absent = "html.script" },
	{ .name = "script", .message = HEAD "<script>x</script>", .present = "html.script" },
	{ .name = "refresh", .message = HEAD "<meta http-equiv=refresh content='0;url=http://x.example/'>", .present = "html.refresh" },
	{ .name = "charset", .message = HEAD "<meta http-equiv=content-type content='text/html'><p once=1>hello", .absent = "html.*" },
	{ .name = "source shown as text", .message = HEAD "&lt;input type=password&gt;", .absent = "html.*" },
};

CHECK_TEST_MAIN(html_form, cases)
