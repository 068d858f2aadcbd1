/* check/few_words: pages with nothing to read, and honest short mail. */
#include "tests/check_test.h"

#define HEAD "From: a@example.org\nTo: b@example.net\nSubject: hello\nMIME-Version: 1.0\n"
#define HTML "Content-Type: text/html\n\n"
#define LONG                                                                                                                               \
	"<p>Dear members, the meeting of our club takes place on Friday at eight in the large hall. Please bring the minutes "             \
	"of the last meeting, your proposals for the trip in May, and something to drink. We shall also choose a new "                     \
	"treasurer, as Anna is moving away. Those who cannot come may vote by letter until Thursday.</p>"

static const struct check_case cases[] = {
	{ .name = "a picture to press",
	  .message = HEAD HTML "<a href=http://x.example/go><img src=http://x.example/offer.png></a>",
	  .present = "few_words.picture",
	  .absent = "few_words.link" },
	{ .name = "a link to press",
	  .message = HEAD HTML "<p>Look: <a href=http://x.example/go>here</a></p>",
	  .present = "few_words.link" },
	{ .name = "words in the alternative text are words",
	  .message = HEAD HTML LONG "<a href=http://x.example/go><img src=http://x.example/o.png></a>",
	  .absent = "few_words.*" },
	{ .name = "a photograph inside the mail", .message = HEAD HTML "<p>From our trip</p><img src=cid:1>", .absent = "few_words.*" },
	{ .name = "an answer with a logo",
	  .message =
	      HEAD "In-Reply-To: <1@example.net>\n" HTML "Thanks!<br><a href=http://example.org><img src=http://example.org/logo.png></a>",
	  .absent = "few_words.*" },
	{ .name = "no link at all", .message = HEAD HTML "<p>See you at eight</p>", .absent = "few_words.*" },
	{ .name = "a mail address is no web link",
	  .message = HEAD HTML "<p>See you, <a href=mailto:a@example.org>a</a></p>",
	  .absent = "few_words.*" },
	{ .name = "plain text", .message = HEAD "\nLook: http://x.example/go\n", .absent = "few_words.*" },
};

CHECK_TEST_MAIN(few_words, cases)
