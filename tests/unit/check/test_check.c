/* check/check: whose domains are the user's own: said by settings, by the connection, or by the lines that can be trusted. */
#include "app/pipeline.h"
#include "tests/test.h"

static void look_at(const struct check_view *view, struct evidence_set *set);

static const struct check look = { .name = "look", .purpose = "", .examine = look_at };
static const struct check *const checks[] = { &look, NULL };

/* What the check under test was shown, as text. */
static char seen[1000];

static void look_at(const struct check_view *view, struct evidence_set *set)
{
	(void)set;
	int n = sprintf(seen, "%s", view->own.certain ? "certain" : "inferred");
	for (uint32_t i = 0; i < view->own.domains.n; i++)
		n += sprintf(seen + n, " %.*s", SPAN_ARG(view->own.domains.v[i]));
	for (uint32_t i = 0; i < view->own_addresses.n; i++)
		n += sprintf(seen + n, " <%.*s>", SPAN_ARG(view->own_addresses.v[i]));
}

#define HOP                                                                                                                                \
	"Received: from a.example.org (a.example.org [192.0.2.1])\n\tby mx.example.com (Postfix) with ESMTP id 1 for "                     \
	"<Bob@Mail.Example.com>; Mon, 2 Mar 2026 10:00:00 +0000\n"

static void own(void **state)
{
	static const struct {
		const char *name, *message, *local, *recipient, *seen;
	} cases[] = {
		{ "nothing known; To and Cc never count", "To: bob@example.com\nCc: ann@example.net\n\nx", NULL, NULL, "inferred" },
		{ "settings", "\nx", "example.com", NULL, "certain example.com" },
		{ "settings beat the connection", "\nx", "example.com", "bob@example.net", "certain example.com <bob@example.net>" },
		{ "connection, whole organisation", "\nx", NULL, "Bob@mail.Example.com", "inferred example.com <Bob@mail.Example.com>" },
		{ "free mail is nobody's own", "\nx", NULL, "bob@gmail.com", "inferred <bob@gmail.com>" },
		{ "Delivered-To without a way", "Delivered-To: bob@example.com\n\nx", NULL, NULL,
		  "inferred example.com <bob@example.com>" },
		{ "Delivered-To above our line", "Delivered-To: bob@example.com\n" HOP "\nx", NULL, NULL,
		  "inferred example.com <bob@example.com> <Bob@Mail.Example.com>" },
		{ "Delivered-To below it is anybody's", HOP "Delivered-To: bob@example.net\n\nx", NULL, NULL,
		  "inferred example.com <Bob@Mail.Example.com>" },
		{ "said twice, kept once", HOP "\nx", NULL, "bob@mail.example.com", "inferred example.com <bob@mail.example.com>" },
		{ "no address", "Delivered-To: undisclosed\n\nx", NULL, NULL, "inferred" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct span local = span_cstr(cases[i].local), recipient = span_cstr(cases[i].recipient);
		struct pipeline_options o = { .now = CLOCK_NONE, .checks = checks };
		struct pipeline p;
		struct judgement j;
		settings_defaults(&o.settings);
		o.settings.local_domains.v = &local;
		o.settings.local_domains.n = local.n > 0;
		o.connection.recipients = &recipient;
		o.connection.n_recipients = recipient.n > 0;
		pipeline_init(&p, &o);
		pipeline_judge(&p, span_cstr(cases[i].message), &j);
		if (strcmp(seen, cases[i].seen) != 0)
			fail_msg("%s: \"%s\", not \"%s\"", cases[i].name, seen, cases[i].seen);
		pipeline_release(&p);
	}
}

static void is_own(void **state)
{
	struct span one[] = { SPAN("example.com") };
	struct own_domains mine = { .domains = { .v = one, .n = 1 } };
	(void)state;
	assert_true(check_is_own(&mine, SPAN("example.com")));
	assert_true(check_is_own(&mine, SPAN("Mail.EXAMPLE.com")));
	assert_false(check_is_own(&mine, SPAN("badexample.com")));
	assert_false(check_is_own(&mine, SPAN("example.com.evil.example")));
	assert_false(check_is_own(&mine, SPAN("com")));
	assert_false(check_is_own(&mine, span_none));
}

/* The registry: every check says what it is for, and every evidence has a name of its own, a sentence and a reason. */
static void registry(void **state)
{
	(void)state;
	for (size_t i = 0; check_all[i]; i++) {
		assert_true(strlen(check_all[i]->purpose) > 10);
		for (size_t k = 0; k < check_all[i]->n_evidence; k++) {
			const struct evidence_def *def = &check_all[i]->evidence[k];
			assert_non_null(strchr(def->id, '.'));
			assert_true(def->group < GROUPS && strlen(def->says) > 0 && strlen(def->why) > 0);
			for (size_t other = 0; other <= i; other++)
				for (size_t n = 0; n < (other == i ? k : check_all[other]->n_evidence); n++)
					assert_string_not_equal(def->id, check_all[other]->evidence[n].id);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(own), cmocka_unit_test(is_own), cmocka_unit_test(registry) };
	pipeline_warm_up();
	return cmocka_run_group_tests_name("check/check", tests, NULL, NULL);
}
