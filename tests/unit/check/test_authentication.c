/* check/authentication: what the domain in From says of the message, through the real pipeline and DNS answers; and what nobody asked. */
#include "tests/check_test.h"
#include "tests/unit/check/mail.h"

#define ZONE                                                                                                                               \
	"{\"bank.example\": [{\"MX\": [10, \"mx.bank.example\"]}, \"v=spf1 ip4:198.51.100.7 -all\"],"                                      \
	" \"_dmarc.bank.example\": [\"v=DMARC1; p=reject\"],"                                                                              \
	" \"shop.example\": [{\"MX\": [10, \"mx.shop.example\"]}, \"v=spf1 ip4:198.51.100.7 ~all\"],"                                      \
	" \"_dmarc.shop.example\": [\"v=DMARC1; p=quarantine\"],"                                                                          \
	" \"club.example\": [{\"MX\": [10, \"mx.club.example\"]}, \"v=spf1 -all\"],"                                                       \
	" \"_dmarc.club.example\": [\"v=DMARC1; p=none\"],"                                                                                \
	" \"bare.example\": [{\"MX\": [10, \"mx.bare.example\"]}, \"v=spf1 ip4:198.51.100.7 -all\"],"                                      \
	" \"soft.example\": [{\"MX\": [10, \"mx.soft.example\"]}, \"v=spf1 ~all\"],"                                                       \
	" \"plain.example\": [{\"MX\": [10, \"mx.plain.example\"]}],"                                                                      \
	" \"slow.example\": [{\"MX\": [10, \"mx.slow.example\"]}], \"_dmarc.slow.example\": \"TIMEOUT\","                                  \
	" \"named.example\": [\"v=spf1 -all\"],"                                                                                           \
	" \"9.113.0.203.in-addr.arpa\": [{\"PTR\": \"mail.elsewhere.example\"}],"                                                          \
	" \"10.113.0.203.in-addr.arpa\": [{\"PTR\": \"host-10.dsl.example.net\"}],"                                                        \
	" \"paypal.com\": [{\"MX\": [10, \"mx.paypal.com\"]}, \"v=spf1 ip4:198.51.100.7 -all\"],"                                          \
	" \"_dmarc.paypal.com\": [\"v=DMARC1; p=reject\"]}"
#define LIVE(from, ip) .client_ip = ip, .helo = "out.example.net", .mail_from = from, .zone = ZONE, .now = "2026-10-19T12:30:00Z"
#define MAIL(from) "From: " from "\n" TO_ME REST

static const struct check_case cases[] = {
	{ .name = "sent by its own machine",
	  .message = MAIL("a@bank.example"),
	  LIVE("a@bank.example", "198.51.100.7"),
	  .present = "authentication.vouched",
	  .absent = "authentication.fail*" },
	{ .name = "borrowed, refusal wanted",
	  .message = MAIL("a@bank.example"),
	  LIVE("x@elsewhere.example", "203.0.113.9"),
	  .present = "authentication.fail_reject" },
	{ .name = "below the domain",
	  .message = MAIL("a@sub.bank.example"),
	  LIVE("x@elsewhere.example", "203.0.113.9"),
	  .present = "authentication.fail_reject" },
	{ .name = "borrowed, wariness wanted",
	  .message = MAIL("a@shop.example"),
	  LIVE("a@shop.example", "203.0.113.9"),
	  .present = "authentication.fail_quarantine",
	  .absent = "authentication.return_*" },
	{ .name = "borrowed, owner only watches",
	  .message = MAIL("a@club.example"),
	  LIVE("x@elsewhere.example", "203.0.113.9"),
	  .present = "authentication.fail",
	  .absent = "authentication.fail_reject" },
	{ .name = "by way of a list",
	  .message = "List-Id: <x.lists.example.org>\n" MAIL("a@bank.example"),
	  LIVE("x-bounces@plain.example", "203.0.113.9"),
	  .present = "authentication.fail_list",
	  .absent = "authentication.fail_reject" },
	{ .name = "no policy, sent by its own machine",
	  .message = MAIL("a@bare.example"),
	  LIVE("a@bare.example", "198.51.100.7"),
	  .present = "authentication.vouched" },
	{ .name = "no policy, return address refused",
	  .message = MAIL("a@bare.example"),
	  LIVE("a@bare.example", "203.0.113.9"),
	  .present = "authentication.return_address" },
	{ .name = "no policy, return address doubted",
	  .message = MAIL("a@soft.example"),
	  LIVE("a@soft.example", "203.0.113.9"),
	  .present = "authentication.return_address_soft" },
	{ .name = "nothing is said",
	  .message = MAIL("a@plain.example"),
	  LIVE("a@plain.example", "203.0.113.9"),
	  .absent = "authentication.*" },
	{ .name = "a greeting that its owner denies",
	  .message = MAIL("a@plain.example"),
	  .client_ip = "203.0.113.9",
	  .helo = "named.example",
	  .mail_from = "a@plain.example",
	  .zone = ZONE,
	  .present = "authentication.greeting" },
	{ .name = "could not be asked",
	  .message = MAIL("a@slow.example"),
	  LIVE("a@slow.example", "203.0.113.9"),
	  .absent = "authentication.fail*",
	  .unchecked = "authentication" },
	{ .name = "a service that I let send for me",
	  .message = MAIL("a@bank.example"),
	  LIVE("a@bank.example", "198.51.100.7"),
	  .local_domains = "bank.example",
	  .absent = "own_domain.from" },
	{ .name = "not let send for me",
	  .message = MAIL("a@bank.example"),
	  LIVE("a@bank.example", "203.0.113.9"),
	  .local_domains = "bank.example",
	  .present = "own_domain.from authentication.fail_reject" },
	{ .name = "a brand that stands behind it",
	  .message = MAIL("PayPal <service@paypal.com>"),
	  LIVE("service@paypal.com", "198.51.100.7"),
	  .present = "brand.genuine",
	  .absent = "brand.unsigned_now brand.stranger" },
	{ .name = "a brand that does not",
	  .message = MAIL("PayPal <service@paypal.com>"),
	  LIVE("service@paypal.com", "203.0.113.9"),
	  .present = "authentication.fail_reject brand.unsigned_now",
	  .absent = "brand.genuine brand.stranger" },
	{ .name = "from an access line, by its name in the DNS",
	  .message = MAIL("PayPal <service@paypal.com>"),
	  LIVE("service@paypal.com", "203.0.113.10"),
	  .present = "brand.stranger" },
	{ .name = "from a machine that has no name in the DNS",
	  .message = MAIL("PayPal <service@paypal.com>"),
	  LIVE("service@paypal.com", "203.0.113.11"),
	  .present = "brand.stranger" },
	{ .name = "nobody knows which machine",
	  .message = MAIL("a@bank.example"),
	  .zone = ZONE,
	  .absent = "authentication.*",
	  .unchecked = "authentication" },
	{ .name = "nobody to ask", .message = MAIL("a@bank.example"), .absent = "authentication.*", .unchecked = "questions reputation" },
	{ .name = "one's own user",
	  .message = MAIL("a@bank.example"),
	  .client_ip = "127.0.0.1",
	  .zone = ZONE,
	  .absent = "authentication.*" },
};

CHECK_TEST_MAIN(authentication, cases)
