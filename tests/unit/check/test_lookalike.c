/* check/lookalike: domains made to be taken for others, and honest neighbours. */
#include "tests/check_test.h"
#include "tests/unit/check/mail.h"

#define OURS .local_domains = "examplehouse.org"
#define BY(domain) BROUGHT_BY(ELSEWHERE) "From: a@" domain "\n" TO_ME REST
#define REPLY(domain) BROUGHT_BY(ELSEWHERE) "From: a@elsewhere.example\nReply-To: b@" domain "\n" TO_ME REST
#define LINK(url) BROUGHT_BY(ELSEWHERE) "From: a@elsewhere.example\n" TO_ME "Subject: x\n\nsee " url "\n"
static const struct check_case cases[] = {
	{ .name = "own, one letter", .message = BY("examplehouze.org"), OURS, .present = "lookalike.own" },
	{ .name = "own, swapped", .message = BY("exampelhouse.org"), OURS, .present = "lookalike.own" },
	{ .name = "own, strokes", .message = BY("exarnplehouse.org"), OURS, .present = "lookalike.own" },
	{ .name = "own, dressed up", .message = BY("examplehouse-support.org"), OURS, .present = "lookalike.own_dressed" },
	{ .name = "own domain itself", .message = BY("examplehouse.org"), OURS, .absent = "lookalike.*" },
	{ .name = "another house", .message = BY("sampleshouse.org"), OURS, .absent = "lookalike.*" },
	{ .name = "digit", .message = BY("paypa1.com"), .present = "lookalike.brand" },
	{ .name = "rn", .message = BY("rnicrosoft.com"), .present = "lookalike.brand" },
	{ .name = "punycode", .message = REPLY("xn--pypal-4ve.com"), .present = "lookalike.brand" },
	{ .name = "slip", .message = BY("microsofl.com"), .present = "lookalike.brand_slip" },
	{ .name = "dressed brand", .message = REPLY("secure-paypal-login.com"), .present = "lookalike.brand_dressed" },
	{ .name = "brand's own", .message = REPLY("www.paypal.de"), .absent = "lookalike.*" },
	{ .name = "brand as labels", .message = REPLY("paypal.com.account.evil.net"), .present = "lookalike.brand_labels" },
	{ .name = "link, dressed brand", .message = LINK("http://secure-paypal-login.com/"), .present = "lookalike.brand_dressed" },
	{ .name = "link, brand as labels", .message = LINK("http://paypal.com.account.evil.net/"), .present = "lookalike.brand_labels" },
	{ .name = "link, punycode", .message = LINK("http://xn--pypal-4ve.com/login"), .present = "lookalike.brand" },
	{ .name = "link to the brand", .message = LINK("http://www.paypal.com/login"), .absent = "lookalike.*" },
	{ .name = "link to a story about the brand",
	  .message = LINK("http://news.example.net/paypal.com-is-down"),
	  .absent = "lookalike.*" },
	{ .name = "a short name's neighbour", .message = BY("appla.com"), .absent = "lookalike.*" },
	{ .name = "word with a hyphen", .message = BY("paypal-forum-regulars.org"), .absent = "lookalike.brand_dressed" },
	{ .name = "bytes that are no letters", .message = BY("c\x9Aient-paypal-l\x9Agin.com"), .absent = "lookalike.brand_dressed" },
	{ .name = "plain", .message = BY("modern-living.org"), .absent = "lookalike.*" },
};

CHECK_TEST_MAIN(lookalike, cases)
