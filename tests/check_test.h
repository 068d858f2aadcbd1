/* tests/check_test.h - table tests for checks: a message, settings, and the evidence ids that must and must not come out.
 *
 * The whole pipeline runs, so that a case is a message as a user would see it. */
#ifndef TESTS_CHECK_TEST_H
#define TESTS_CHECK_TEST_H

#include "app/pipeline.h"
#include "tests/zone_test.h"

struct check_case {
	const char *name;
	const char *message;                             /* LF line ends */
	const char *local_domains;                       /* blank-separated, or NULL */
	const char *client_ip, *rdns, *helo, *mail_from; /* live connection, or NULL */
	const char *now;                                 /* RFC 3339, or NULL */
	const char *present;                             /* blank-separated evidence ids that must come out */
	const char *absent;                              /* ids that must not; "prefix.*" stands for all with that prefix */
	const char *zone;                                /* what the DNS says, as JSON; NULL: nobody to ask */
	const char *unchecked;                           /* blank-separated checks that must say "unchecked" */
	const char *allow_domains;                       /* blank-separated, or NULL */
	const char *recipient, *auth_user;               /* of the live connection, or NULL */
	const char *trap_recipients, *plant_secret;      /* blank-separated, or NULL */
};

static inline bool check_test_has_(const struct evidence_set *set, struct span id)
{
	bool prefix = span_ends(id, SPAN(".*"));
	if (prefix)
		id.n--;
	for (uint32_t i = 0; i < set->list.n; i++) {
		struct span have = span_cstr(set->list.v[i].def->id);
		if (prefix ? span_starts(have, id) : span_eq(have, id))
			return true;
	}
	return false;
}

static inline bool check_test_ids_(const struct check_case *c, const struct evidence_set *set, const char *ids, bool wanted)
{
	bool ok = true;
	struct span rest = ids ? span_cstr(ids) : span_none, id;
	while (span_split(&rest, ' ', &id))
		if (id.n && check_test_has_(set, id) != wanted) {
			print_error("%s: %.*s is %s\n", c->name, SPAN_ARG(id), wanted ? "missing" : "there");
			ok = false;
		}
	return ok;
}

static inline bool check_test_unchecked_(const struct check_case *c, const struct evidence_set *set)
{
	struct span rest = c->unchecked ? span_cstr(c->unchecked) : span_none, name;
	while (span_split(&rest, ' ', &name)) {
		bool said = false;
		for (uint32_t i = 0; i < set->unchecked.n; i++)
			said |= span_eq(name, span_cstr(set->unchecked.v[i].check));
		if (!said) {
			print_error("%s: nothing unchecked is said by %.*s\n", c->name, SPAN_ARG(name));
			return false;
		}
	}
	return true;
}

static inline struct span *check_test_words_(const char *words, struct arena *arena, size_t *ret_n)
{
	VEC(struct span) list = { 0 };
	struct span rest = words ? span_cstr(words) : span_none, one;
	while (span_split(&rest, ' ', &one))
		*(struct span *)vec_push(arena, &list) = one;
	*ret_n = list.n;
	return list.v;
}

static inline bool check_test_case_(const struct check_case *c)
{
	struct arena arena;
	arena_init(&arena);
	struct pipeline_options o = { .now = CLOCK_NONE };
	settings_defaults(&o.settings);
	o.settings.local_domains.v = check_test_words_(c->local_domains, &arena, &o.settings.local_domains.n);
	o.settings.allow_domains.v = check_test_words_(c->allow_domains, &arena, &o.settings.allow_domains.n);
	o.settings.trap_recipients.v = check_test_words_(c->trap_recipients, &arena, &o.settings.trap_recipients.n);
	o.settings.plant_secret = span_cstr(c->plant_secret);
	o.connection.recipients = check_test_words_(c->recipient, &arena, &o.connection.n_recipients);
	o.connection.auth_user = span_cstr(c->auth_user);
	o.connection.rdns = span_cstr(c->rdns);
	o.connection.helo = span_cstr(c->helo);
	o.connection.mail_from = span_cstr(c->mail_from);
	o.connection.has_ip = c->client_ip && ip_parse(span_cstr(c->client_ip), &o.connection.ip);
	if (c->now)
		clock_parse(span_cstr(c->now), &o.now);

	struct zone *zone = c->zone ? zone_test(c->zone, &arena) : NULL;
	o.zone = zone;

	struct pipeline p;
	struct judgement judgement;
	pipeline_init(&p, &o);
	pipeline_judge(&p, span_cstr(c->message), &judgement);
	bool ok = check_test_ids_(c, &judgement.evidence, c->present, true) & check_test_ids_(c, &judgement.evidence, c->absent, false) &
		  check_test_unchecked_(c, &judgement.evidence);
	if (!ok)
		for (uint32_t i = 0; i < judgement.evidence.list.n; i++)
			print_error("    %s %d: %.*s\n", judgement.evidence.list.v[i].def->id, judgement.evidence.list.v[i].weight,
				    SPAN_ARG(judgement.evidence.list.v[i].says));
	pipeline_release(&p);
	zone_free(zone);
	arena_release(&arena);
	return ok;
}

#define CHECK_TEST_MAIN(check, cases)                                                                                                      \
	static void all_cases(void **state)                                                                                                \
	{                                                                                                                                  \
		bool ok = true;                                                                                                            \
		(void)state;                                                                                                               \
		for (size_t i = 0; i < COUNT(cases); i++)                                                                                  \
			ok &= check_test_case_(&(cases)[i]);                                                                               \
		assert_true(ok);                                                                                                           \
	}                                                                                                                                  \
	int main(void)                                                                                                                     \
	{                                                                                                                                  \
		const struct CMUnitTest tests[] = { cmocka_unit_test(all_cases) };                                                         \
		pipeline_warm_up();                                                                                                        \
		return cmocka_run_group_tests_name("check/" #check, tests, NULL, NULL);                                                    \
	}

#endif
