/* check/allowed: an allow entry counts for mail that is proven to be the domain's, for no other that bears its name, and says when nobody
 * could tell. */
#include "tests/check_test.h"
#include "tests/unit/check/mail.h"

#define ZONE                                                                                                                               \
	"{\"partner.example\": [\"v=spf1 ip4:198.51.100.7 -all\"], \"_dmarc.partner.example\": [\"v=DMARC1; p=reject\"],"                  \
	" \"bare.example\": [\"v=spf1 ip4:198.51.100.7 -all\"],"                                                                           \
	" \"strict.example\": [\"v=spf1 ip4:198.51.100.7 -all\"], \"_dmarc.strict.example\": [\"v=DMARC1; p=none; aspf=s\"],"              \
	" \"slow.example\": \"TIMEOUT\", \"_dmarc.slow.example\": \"TIMEOUT\","                                                            \
	" \"half.example\": \"TIMEOUT\","                                                                                                  \
	" \"evil.example\": [\"v=spf1 ip4:203.0.113.9 -all\"], \"xpartner.example\": [\"v=spf1 ip4:203.0.113.9 -all\"],"                   \
	" \"partner.example.evil.example\": [\"v=spf1 ip4:203.0.113.9 -all\"]}"
#define LIVE(from, ip)                                                                                                                     \
	.client_ip = ip, .helo = "out.example.net", .mail_from = from, .zone = ZONE, .now = "2026-10-19T12:30:00Z",                        \
	.allow_domains = "partner.example bare.example strict.example slow.example half.example"
#define MAIL(from) "From: " from "\n" TO_ME REST

static const struct check_case cases[] = {
	{ .name = "from its own machine, with DMARC",
	  .message = MAIL("a@partner.example"),
	  LIVE("a@partner.example", "198.51.100.7"),
	  .present = "allowed.domain" },
	{ .name = "from its own machine, without DMARC",
	  .message = MAIL("a@bare.example"),
	  LIVE("a@bare.example", "198.51.100.7"),
	  .present = "allowed.domain" },
	{ .name = "below the domain",
	  .message = MAIL("a@news.partner.example"),
	  LIVE("a@partner.example", "198.51.100.7"),
	  .present = "allowed.domain" },
	/* evasions */
	{ .name = "borrowed", .message = MAIL("a@partner.example"), LIVE("x@evil.example", "203.0.113.9"), .absent = "allowed.*" },
	{ .name = "borrowed, its return address too",
	  .message = MAIL("a@bare.example"),
	  LIVE("a@bare.example", "203.0.113.9"),
	  .absent = "allowed.*" },
	{ .name = "in the display name",
	  .message = MAIL("\"a@partner.example\" <x@evil.example>"),
	  LIVE("x@evil.example", "203.0.113.9"),
	  .absent = "allowed.*" },
	{ .name = "as the beginning of another",
	  .message = MAIL("a@partner.example.evil.example"),
	  LIVE("a@partner.example.evil.example", "203.0.113.9"),
	  .absent = "allowed.*" },
	{ .name = "as the end of another",
	  .message = MAIL("a@xpartner.example"),
	  LIVE("a@xpartner.example", "203.0.113.9"),
	  .absent = "allowed.*" },
	{ .name = "two authors",
	  .message = "From: x@evil.example\n" MAIL("a@partner.example"),
	  LIVE("a@partner.example", "198.51.100.7"),
	  .absent = "allowed.*" },
	{ .name = "the return address alone is theirs",
	  .message = MAIL("a@bare.example"),
	  LIVE("a@partner.example", "198.51.100.7"),
	  .absent = "allowed.*" },
	{ .name = "the owner wants it exact, and it is not",
	  .message = MAIL("a@sub.strict.example"),
	  LIVE("a@strict.example", "198.51.100.7"),
	  .absent = "allowed.*" },
	{ .name = "an Authentication-Results that the sender wrote",
	  .message = "Authentication-Results: mx.example.net; dmarc=pass header.from=partner.example\n" MAIL("a@partner.example"),
	  LIVE("x@evil.example", "203.0.113.9"),
	  .absent = "allowed.*" },
	/* twins */
	{ .name = "not on the list, proven",
	  .message = MAIL("a@evil.example"),
	  LIVE("a@evil.example", "203.0.113.9"),
	  .absent = "allowed.*" },
	{ .name = "nothing is allowed",
	  .message = MAIL("a@partner.example"),
	  .client_ip = "198.51.100.7",
	  .helo = "out.example.net",
	  .mail_from = "a@partner.example",
	  .zone = ZONE,
	  .absent = "allowed.*" },
	/* nobody could tell */
	{ .name = "no answer",
	  .message = MAIL("a@slow.example"),
	  LIVE("a@slow.example", "198.51.100.7"),
	  .absent = "allowed.*",
	  .unchecked = "allowed" },
	{ .name = "no answer about SPF",
	  .message = MAIL("a@half.example"),
	  LIVE("a@half.example", "198.51.100.7"),
	  .absent = "allowed.*",
	  .unchecked = "allowed" },
	{ .name = "who handed it over is not known",
	  .message = MAIL("a@partner.example"),
	  .zone = ZONE,
	  .allow_domains = "partner.example",
	  .absent = "allowed.*",
	  .unchecked = "allowed" },
};

static void all_cases(void **state)
{
	bool ok = true;
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		ok &= check_test_case_(&cases[i]);
	assert_true(ok);
}

/* A signature counts only where it covers the whole. */
static void signatures(void **state)
{
	static const struct {
		enum dmarc_result result;
		bool spf;
		const char *domain;
		enum dkim_result dkim;
		uint32_t flags;
		bool allowed, unchecked;
	} rows[] = {
		{ DMARC_PASS, false, "partner.example", DKIM_PASS, 0, true, false },
		{ DMARC_NONE, false, "mail.partner.example", DKIM_PASS, DKIM_TESTING, true, false },
		{ DMARC_PASS, false, "partner.example", DKIM_PASS, DKIM_BODY_LENGTH, false, false },
		{ DMARC_PASS, true, "partner.example", DKIM_PASS, DKIM_BODY_LENGTH, true, false },
		{ DMARC_NONE, false, "partner.example", DKIM_PASS, DKIM_HEADER_ADDED, false, false },
		{ DMARC_NONE, false, "evil.example", DKIM_PASS, 0, false, false },
		{ DMARC_FAIL, false, "partner.example", DKIM_PASS, 0, false, false },
		{ DMARC_PERMERROR, false, "partner.example", DKIM_PASS, 0, false, false },
		{ DMARC_FAIL, false, "partner.example", DKIM_TEMPERROR, 0, false, true },
		{ DMARC_TEMPERROR, false, "partner.example", DKIM_PASS, 0, false, true },
	};
	struct arena arena;
	struct span allow = SPAN("partner.example");
	struct path path = { .outgoing = false };
	struct check_settings settings = { .allow_domains = &allow, .n_allow_domains = 1 };
	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct authentication auth = { .step = AUTH_DONE, .has_client = true, .has_message = true };
		struct evidence_set set = { .arena = &arena };
		struct check_view view = { .path = &path, .settings = &settings, .auth = &auth, .arena = &arena };
		auth.dmarc = (struct dmarc){ .result = rows[i].result, .domain = allow, .spf_aligned = rows[i].spf };
		*(struct dkim_signature *)vec_push(&arena, &auth.dkim.list) =
		    (struct dkim_signature){ .domain = span_cstr(rows[i].domain), .result = rows[i].dkim, .flags = rows[i].flags };
		assert_int_equal(check_allowed.step(&view, NULL, NULL, &set), CHECK_DONE);
		if ((set.list.n == 1) != rows[i].allowed || (set.unchecked.n == 1) != rows[i].unchecked)
			fail_msg("%zu: %u, %u unchecked", i, set.list.n, set.unchecked.n);
		path.outgoing = true;
		struct evidence_set none = { .arena = &arena };
		assert_int_equal(check_allowed.step(&view, NULL, NULL, &none), CHECK_DONE);
		assert_int_equal(none.list.n + none.unchecked.n, 0);
		path.outgoing = false;
		auth.step = AUTH_MORE;
		assert_int_equal(check_allowed.step(&view, NULL, NULL, &none), CHECK_MORE);
	}
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(all_cases), cmocka_unit_test(signatures) };
	pipeline_warm_up();
	return cmocka_run_group_tests_name("check/allowed", tests, NULL, NULL);
}
