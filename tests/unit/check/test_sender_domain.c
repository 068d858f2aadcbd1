/* check/sender_domain: each answer the DNS can give, failures included, through the real pipeline and a zone file. */
#include "app/pipeline.h"
#include "tests/zone_test.h"

static const char zone_text[] =
    "{\"mail.example\": [{\"MX\": [10, \"mx.mail.example\"]}], \"null.example\": [{\"MX\": [0, \"\"]}],"
    " \"address.example\": [{\"A\": \"192.0.2.1\"}], \"six.example\": [{\"AAAA\": \"2001:db8::1\"}], \"text.example\": [\"only a text\"],"
    " \"slow.example\": \"TIMEOUT\", \"broken.example\": \"SERVFAIL\"}";

static void every_answer(void **state)
{
	static const struct {
		const char *domain, *evidence;
		bool unchecked;
	} cases[] = {
		{ "mail.example", NULL, false },
		{ "address.example", NULL, false },
		{ "six.example", NULL, false },
		{ "null.example", "sender_domain.no_mail", false },
		{ "text.example", "sender_domain.no_mail", false },
		{ "nowhere.example", "sender_domain.missing", false },
		{ "slow.example", NULL, true },
		{ "broken.example", NULL, true },
		{ "own.example", NULL, false },
	};
	(void)state;
	struct arena arena;
	struct span own = SPAN("own.example");
	arena_init(&arena);
	struct zone *zone = zone_test(zone_text, &arena);
	struct pipeline_options options = { .now = CLOCK_NONE, .zone = zone };
	settings_defaults(&options.settings);
	options.settings.local_domains.v = &own;
	options.settings.local_domains.n = 1;
	struct pipeline pipeline;
	pipeline_init(&pipeline, &options);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct judgement j;
		const char *found = NULL;
		bool unchecked = false;
		pipeline_judge(&pipeline, arena_printf(&arena, "From: a@%s\nSubject: hello\n\nhello\n", cases[i].domain), &j);
		for (uint32_t k = 0; k < j.evidence.list.n; k++)
			if (strncmp(j.evidence.list.v[k].def->id, "sender_domain.", 14) == 0)
				found = j.evidence.list.v[k].def->id;
		for (uint32_t k = 0; k < j.evidence.unchecked.n; k++)
			unchecked |= strcmp(j.evidence.unchecked.v[k].check, "sender_domain") == 0;
		if (unchecked != cases[i].unchecked || (found == NULL) != (cases[i].evidence == NULL) ||
		    (found && strcmp(found, cases[i].evidence)))
			fail_msg("%s: %s, %s", cases[i].domain, found ? found : "nothing", unchecked ? "unchecked" : "checked");
	}
	pipeline_release(&pipeline);
	zone_free(zone);
	arena_release(&arena);
}

static void nobody_to_ask(void **state)
{
	(void)state;
	struct pipeline_options options = { .now = CLOCK_NONE };
	struct pipeline pipeline;
	struct judgement j;
	settings_defaults(&options.settings);
	pipeline_init(&pipeline, &options);
	pipeline_judge(&pipeline, SPAN("From: a@mail.example\nSubject: hello\n\nhello\n"), &j);
	bool said = false;
	for (uint32_t k = 0; k < j.evidence.unchecked.n; k++)
		said |= strcmp(j.evidence.unchecked.v[k].check, "questions") == 0;
	assert_true(said);
	pipeline_release(&pipeline);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_answer), cmocka_unit_test(nobody_to_ask) };
	pipeline_warm_up();
	return cmocka_run_group_tests_name("check/sender_domain", tests, NULL, NULL);
}
