/* auth/internal_results: what our own servers noted stands in for what could not be asked; what others wrote never does. */
#include "base/buf.h"
#include "tests/check_test.h"

#define OUTSIDE                                                                                                                            \
	"Received: from x.far.example (x.far.example [198.51.100.7]) by mx.ours.example with ESMTP id 1; Mon, 19 Oct 2026 12:20:31 "       \
	"+0000\n"
#define INSIDE                                                                                                                             \
	"Received: from mx.ours.example (mx.ours.example [10.0.0.2]) by box.ours.example with ESMTP id 2; Mon, 19 Oct 2026 12:20:33 "      \
	"+0000\n"
#define OLDER "Received: from pc (pc [192.0.2.9]) by x.far.example with SMTP id 3; Mon, 19 Oct 2026 12:20:30 +0000\n"
#define MAIL "Return-Path: <a@far.example>\n"
#define REST "From: a@far.example\nTo: me@ours.example\nSubject: x\n\nhello\n"
#define NOTED(id, what) "Authentication-Results: " id "; " what "\n"
#define FAIL "dmarc=fail header.from=far.example"

static const struct check_case cases[] = {
	{ .name = "above the boundary, by our server",
	  .message = MAIL NOTED("mx.ours.example", FAIL) OUTSIDE OLDER REST,
	  .present = "authentication.fail authentication.noted" },
	{ .name = "by another machine of ours",
	  .message = MAIL INSIDE NOTED("filter.ours.example", FAIL) OUTSIDE OLDER REST,
	  .present = "authentication.fail authentication.noted" },
	{ .name = "above, by somebody else",
	  .message = MAIL NOTED("mx.other.example", FAIL) OUTSIDE OLDER REST,
	  .absent = "authentication.*" },
	{ .name = "beneath our line: the sender may have written it",
	  .message = MAIL OUTSIDE NOTED("mx.ours.example", "dmarc=pass header.from=far.example") OLDER REST,
	  .absent = "authentication.*",
	  .unchecked = "questions" },
	{ .name = "beneath an older line",
	  .message = MAIL OUTSIDE OLDER NOTED("mx.ours.example", FAIL) REST,
	  .absent = "authentication.*" },
	{ .name = "about another domain",
	  .message = MAIL NOTED("mx.ours.example", "dmarc=pass header.from=elsewhere.example") OUTSIDE OLDER REST,
	  .absent = "authentication.*" },
	{ .name = "pass",
	  .message =
	      MAIL NOTED("mx.ours.example", "spf=pass smtp.mailfrom=a@far.example; dmarc=pass header.from=far.example") OUTSIDE OLDER REST,
	  .present = "authentication.vouched authentication.noted" },
	{ .name = "asked ourselves: what was noted is not needed",
	  .message = MAIL NOTED("mx.ours.example", FAIL) OUTSIDE OLDER REST,
	  .zone = "{\"far.example\": [\"v=spf1 ip4:198.51.100.7 -all\", {\"MX\": [10, \"x.far.example\"]}]}",
	  .present = "authentication.vouched",
	  .absent = "authentication.noted authentication.fail" },
};

static void all_cases(void **state)
{
	bool ok = true;
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		ok &= check_test_case_(&cases[i]);
	assert_true(ok);
}

/* A field, where it stands, what the settings say, and whether it is believed. */
static void told_ids(void **state)
{
	static const struct {
		const char *message, *hostname, *authserv_id;
		bool believed;
	} told[] = {
		{ MAIL NOTED("seal.example", FAIL) OUTSIDE OLDER REST, "", "", false },
		{ MAIL NOTED("seal.example", FAIL) OUTSIDE OLDER REST, "", "seal.example", true },
		{ MAIL NOTED("box", FAIL) OUTSIDE OLDER REST, "box", "", true },
		{ MAIL NOTED("box", FAIL) OUTSIDE OLDER REST, "box", "seal.example", false },
		{ MAIL OUTSIDE NOTED("Seal.example", FAIL) OLDER REST, "", "seal.example", true },
		{ MAIL OUTSIDE NOTED("box", FAIL) OLDER REST, "box", "", false },
		{ MAIL OUTSIDE OLDER NOTED("seal.example", FAIL) REST, "", "seal.example", false },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(told); i++) {
		struct pipeline_options options = { .now = CLOCK_NONE };
		struct pipeline p;
		struct judgement judgement;
		settings_defaults(&options.settings);
		options.settings.hostname = span_cstr(told[i].hostname);
		options.settings.authserv_id = span_cstr(told[i].authserv_id);
		pipeline_init(&p, &options);
		pipeline_judge(&p, span_cstr(told[i].message), &judgement);
		if (check_test_has_(&judgement.evidence, SPAN("authentication.noted")) != told[i].believed)
			fail_msg("case %zu", i);
		pipeline_release(&p);
	}
}

/* Of many fields the first are read, newest first. */
static void reads_so_many(void **state)
{
	(void)state;
	for (unsigned before = LIMIT_AUTHRES_FIELDS - 1; before <= LIMIT_AUTHRES_FIELDS; before++) {
		struct arena arena;
		struct buf message;
		arena_init(&arena);
		buf_init(&message, &arena, 65536);
		buf_cstr(&message, MAIL);
		for (unsigned i = 0; i < before; i++)
			buf_cstr(&message, NOTED("mx.other.example", FAIL));
		buf_cstr(&message, NOTED("mx.ours.example", FAIL) OUTSIDE OLDER REST);
		buf_byte(&message, 0);
		struct check_case c = { .name = "many fields", .message = (const char *)message.p };
		*(before < LIMIT_AUTHRES_FIELDS ? &c.present : &c.absent) = "authentication.noted";
		assert_true(check_test_case_(&c));
		arena_release(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(all_cases), cmocka_unit_test(told_ids), cmocka_unit_test(reads_so_many) };
	pipeline_warm_up();
	return cmocka_run_group_tests_name("auth/internal_results", tests, NULL, NULL);
}
