/* gate/decision, gate/tests and gate/test_*: clients as they come, what is found of them, and what they are told. */
#include "gate/decision.h"
#include "tests/zone_test.h"

static struct arena arena;

#define TWO_LISTS                                                                                                                          \
	"lists: [{name: one, zone: one.example, ask: [client], codes: {127.0.0.2: [4, sends spam]}},"                                      \
	" {name: two, zone: two.example, ask: [client], codes: {127.0.0.2: [2.5, is infected]}}]\n"
#define GOOD_NAME "\"7.2.0.192.in-addr.arpa\":[{\"PTR\":\"mail.client.example\"}],\"mail.client.example\":[{\"A\":\"192.0.2.7\"}]"

struct client {
	const char *name, *yaml, *zone; /* zone NULL: nobody is asked */
	uint32_t manners;
	const char *helo, *recipient; /* NULL: not told */
	enum gate_listed listed;
	uint32_t good, spam; /* brought before */
	bool correspondents;
	enum gate_reach rate, crowd;
	enum greylist_says greylist;
	bool trusted;
	/* want */
	enum gate_answer answer, would;
	enum gate_cause cause;
	const char *ids, *text; /* all evidence, in order; a part of the reply */
};

static const struct client clients[] = {
	{ "nothing is known", "", NULL, .text = "" },
	{ "a mail server as it should be", "", "{" GOOD_NAME "}", .helo = "mail.client.example", .recipient = "u@example.org" },
	{ "on the own list", "", "{" GOOD_NAME "}", .listed = GATE_LISTED_BLOCK, .answer = GATE_REFUSE, .would = GATE_REFUSE,
	  .cause = GATE_BY_LIST, .ids = "gate.blocked",
	  .text = "192.0.2.7 is on the block list of this server: seen last night; case 01abc" },
	{ "on the own list, which is off", "gate_blocked: off\n", "{" GOOD_NAME "}", .listed = GATE_LISTED_BLOCK },
	{ "on the own list, which only watches", "gate_blocked: watch\n", "{" GOOD_NAME "}", .listed = GATE_LISTED_BLOCK,
	  .would = GATE_REFUSE, .ids = "gate.blocked" },
	{ "allowed, whatever else", "", "{}", .manners = GATE_FOREIGN_COMMAND, .listed = GATE_LISTED_ALLOW },
	{ "one's own", "", "{}", .manners = GATE_FOREIGN_COMMAND, .trusted = true },
	{ "caught in a trap", "gate_contact: https://example.org/help\n", "{" GOOD_NAME "}", .listed = GATE_LISTED_TRAP,
	  .answer = GATE_REFUSE, .would = GATE_REFUSE, .cause = GATE_BY_TRAP, .ids = "gate.trap",
	  .text = "if this is a mistake: https://example.org/help" },
	{ "one list never refuses", TWO_LISTS, "{" GOOD_NAME ",\"7.2.0.192.one.example\":[{\"A\":\"127.0.0.2\"}]}",
	  .ids = "gate.dns_lists" },
	{ "nor with the lowest bar", TWO_LISTS "gate_refuse: 1\n", "{" GOOD_NAME ",\"7.2.0.192.one.example\":[{\"A\":\"127.0.0.2\"}]}",
	  .ids = "gate.dns_lists" },
	{ "two do", TWO_LISTS,
	  "{" GOOD_NAME ",\"7.2.0.192.one.example\":[{\"A\":\"127.0.0.2\"}],\"7.2.0.192.two.example\":[{\"A\":\"127.0.0.2\"}]}",
	  .recipient = "u@example.org", .greylist = GREYLIST_KNOWN, .answer = GATE_REFUSE, .would = GATE_REFUSE, .cause = GATE_BY_SCORE,
	  .ids = "gate.dns_lists gate.dns_lists", .text = "is on the list one: sends spam" },
	{ "one, and something seen here", TWO_LISTS, "{\"7.2.0.192.one.example\":[{\"A\":\"127.0.0.2\"}]}", .recipient = "u@example.org",
	  .greylist = GREYLIST_KNOWN, .answer = GATE_REFUSE, .would = GATE_REFUSE, .cause = GATE_BY_SCORE,
	  .ids = "gate.no_name gate.dns_lists" },
	{ "lists are heard when they watch", TWO_LISTS "gate_dns_lists: watch\n",
	  "{" GOOD_NAME ",\"7.2.0.192.one.example\":[{\"A\":\"127.0.0.2\"}],\"7.2.0.192.two.example\":[{\"A\":\"127.0.0.2\"}]}",
	  .recipient = "u@example.org", .greylist = GREYLIST_KNOWN, .would = GATE_REFUSE, .ids = "gate.dns_lists gate.dns_lists" },
	{ "no name", "", "{}", .ids = "gate.no_name" },
	{ "a name that is not its own", "",
	  "{\"7.2.0.192.in-addr.arpa\":[{\"PTR\":\"mail.bank.example\"}],\"mail.bank.example\":[{\"A\":\"192.0.2.99\"}]}",
	  .ids = "gate.false_name" },
	{ "a cable line", "",
	  "{\"7.2.0.192.in-addr.arpa\":[{\"PTR\":\"192-0-2-7.dsl.dyn.example\"}],\"192-0-2-7.dsl.dyn.example\":[{\"A\":\"192.0.2.7\"}]}",
	  .ids = "gate.access_line" },
	{ "our name", "hostname: mx.example.org\n", "{" GOOD_NAME "}", .helo = "MX.example.org", .recipient = "u@example.org",
	  .greylist = GREYLIST_KNOWN, .answer = GATE_REFUSE, .would = GATE_REFUSE, .cause = GATE_BY_SCORE, .ids = "gate.helo_ours",
	  .text = "MX.example.org" },
	{ "our domain", "local_domains: example.org\n", "{" GOOD_NAME "}", .helo = "example.org", .recipient = "u@example.org",
	  .greylist = GREYLIST_KNOWN, .answer = GATE_REFUSE, .would = GATE_REFUSE, .cause = GATE_BY_SCORE, .ids = "gate.helo_ours" },
	{ "our address", "", "{" GOOD_NAME "}", .helo = "[198.51.100.1]", .recipient = "u@example.org", .greylist = GREYLIST_KNOWN,
	  .answer = GATE_REFUSE, .would = GATE_REFUSE, .cause = GATE_BY_SCORE, .ids = "gate.helo_ours" },
	{ "a word", "", "{" GOOD_NAME "}", .helo = "friend", .ids = "gate.helo_nonsense" },
	{ "an address without brackets", "", "{" GOOD_NAME "}", .helo = "192.0.2.7", .ids = "gate.helo_nonsense" },
	{ "a private address", "", "{" GOOD_NAME "}", .helo = "[10.1.2.3]", .ids = "gate.helo_nonsense" },
	{ "its own address", "", "{" GOOD_NAME "}", .helo = "[192.0.2.7]" },
	{ "another's address", "", "{" GOOD_NAME "}", .helo = "[203.0.113.9]", .ids = "gate.helo_foreign_address" },
	{ "an early talker", "", "{" GOOD_NAME "}", .manners = GATE_EARLY_TALKER, .recipient = "u@example.org", .greylist = GREYLIST_KNOWN,
	  .answer = GATE_REFUSE, .would = GATE_REFUSE, .cause = GATE_BY_SCORE, .ids = "gate.early_talker" },
	{ "an early talker, watched", "gate_early_talker: watch\n", "{" GOOD_NAME "}", .manners = GATE_EARLY_TALKER,
	  .recipient = "u@example.org", .greylist = GREYLIST_KNOWN, .would = GATE_REFUSE, .ids = "gate.early_talker" },
	{ "through a proxy", "", "{" GOOD_NAME "}", .manners = GATE_FOREIGN_COMMAND, .answer = GATE_REFUSE, .would = GATE_REFUSE,
	  .cause = GATE_BY_SCORE, .ids = "gate.foreign_command" },
	{ "brought spam", "", "{" GOOD_NAME "}", .spam = 30, .ids = "gate.reputation" },
	{ "a friend with a bad name", "", "{}", .good = 30, .helo = "friend", .ids = "gate.reputation gate.no_name gate.helo_nonsense" },
	{ "a correspondent's server with a bad name", "", "{}", .correspondents = true, .helo = "friend",
	  .ids = "gate.correspondents gate.no_name gate.helo_nonsense" },
	{ "grey, and new", "", "{}", .helo = "friend", .recipient = "u@example.org", .greylist = GREYLIST_NEW, .answer = GATE_DEFER,
	  .would = GATE_DEFER, .cause = GATE_BY_GREYLIST, .ids = "gate.no_name gate.helo_nonsense", .text = "in 240 seconds" },
	{ "grey, but to postmaster", "", "{}", .helo = "friend", .recipient = "Postmaster@example.org", .greylist = GREYLIST_NEW,
	  .ids = "gate.no_name gate.helo_nonsense" },
	{ "grey, and known", "", "{}", .helo = "friend", .recipient = "u@example.org", .greylist = GREYLIST_KNOWN,
	  .ids = "gate.no_name gate.helo_nonsense" },
	{ "grey, and greylisting watches", "gate_greylist: watch\n", "{}", .helo = "friend", .recipient = "u@example.org",
	  .greylist = GREYLIST_NEW, .would = GATE_DEFER, .ids = "gate.no_name gate.helo_nonsense" },
	{ "clean, and new", "", "{" GOOD_NAME "}", .recipient = "u@example.org", .greylist = GREYLIST_NEW },
	{ "too many", "", "{" GOOD_NAME "}", .crowd = GATE_OF_NETWORK, .answer = GATE_CLOSE, .would = GATE_CLOSE, .cause = GATE_BY_LOAD,
	  .ids = "gate.crowd", .text = "its network (/24) has 80 connections open" },
	{ "too fast, watched", "gate_rate: watch\n", "{" GOOD_NAME "}", .rate = GATE_OF_ADDRESS, .would = GATE_CLOSE, .ids = "gate.rate" },
};

static void settings_of(const char *yaml, struct settings *ret)
{
	struct settings_files files = { 0 };
	struct settings_report report;
	struct settings_file *file = vec_push(&arena, &files.list);
	*file = (struct settings_file){ SPAN("test.yaml"), span_cstr(yaml) };
	if (settings_parse(&files, &arena, ret, &report))
		fail_msg("%.*s", SPAN_ARG(report.errors.v[0]));
}

/* As the front asks, until there is nothing left to ask. */
static void ask_all(struct gate_facts *facts, const struct zone *zone, struct answers *answers)
{
	for (unsigned round = 0; round < 5; round++) {
		struct questions questions = { .arena = &arena };
		facts->answers = answers;
		if (!gate_ask(facts, &questions))
			return;
		for (uint32_t i = 0; i < questions.list.n; i++) {
			if (answers_find(answers, questions.list.v[i].type, questions.list.v[i].name))
				continue;
			struct answer *answer = answers_add(answers, &arena, &questions.list.v[i]);
			if (answer->question.type != QUESTION_LIST)
				zone_answer(zone, &arena, answer);
			else {
				answer->status = ANSWER_OK;
				*(struct span *)vec_push(&arena, &answer->records) = SPAN("ask");
			}
		}
	}
	fail_msg("it never stops asking");
}

static struct span ids_of(const struct evidence_set *set)
{
	struct buf out;
	buf_init(&out, &arena, 4096);
	for (uint32_t i = 0; i < set->list.n; i++) {
		buf_cstr(&out, i ? " " : "");
		buf_cstr(&out, set->list.v[i].def->id);
	}
	return buf_span(&out);
}

static struct tuple counted(uint32_t good, uint32_t spam)
{
	return (struct tuple){ .counter = { [TUPLE_GOOD] = good * TUPLE_ONE, [TUPLE_SPAM] = spam * TUPLE_ONE } };
}

static bool comes(const struct client *c)
{
	struct settings settings;
	struct gate_visit visit = { .manners = c->manners, .trusted = c->trusted };
	struct ip own = ip_from_v4(0xc6336401);
	struct gate_facts facts = { .settings = &settings, .visit = &visit, .arena = &arena };
	struct gate_findings findings = { .set.arena = &arena };
	struct gate_decision decision;
	struct gate_reply reply;
	struct answers answers = { 0 };
	struct zone *zone = c->zone ? zone_test(c->zone, &arena) : NULL;
	settings_of(c->yaml, &settings);
	visit.ip = ip_from_v4(0xc0000207);
	visit.own = &own;
	visit.helo = c->helo ? span_cstr(c->helo) : span_none;
	visit.recipient = c->recipient ? span_cstr(c->recipient) : span_none;
	facts.known = (struct gate_known){ .listed = c->listed,
					   .note = c->listed ? SPAN("seen last night") : span_none,
					   .correspondents = c->correspondents,
					   .has_address = c->good || c->spam,
					   .address = counted(c->good, c->spam) };
	facts.load = (struct gate_load){ .rate = c->rate, .crowd = c->crowd };
	if (zone)
		ask_all(&facts, zone, &answers);
	enum gate_stage stage = c->recipient ? GATE_RCPT : c->helo ? GATE_HELO : GATE_CONNECT;
	gate_examine(&facts, &findings);
	gate_decide(&facts, &findings, stage, c->recipient ? c->greylist : GREYLIST_KNOWN, &decision);
	gate_reply_write(&facts, &findings, &decision, SPAN("01abc"), 240, &reply);
	zone_free(zone);
	struct span ids = ids_of(&findings.set);
	bool ok = decision.answer == c->answer && decision.would == c->would && decision.cause == c->cause &&
		  span_eq(ids, c->ids ? span_cstr(c->ids) : span_none) && (!c->text || span_has(reply.text, span_cstr(c->text)));
	if (!ok)
		print_error("%s: answer %d, would %d, cause %s, score %d, evidence \"%.*s\", text \"%.*s\"\n", c->name, decision.answer,
			    decision.would, gate_cause_name(decision.cause), decision.verdict.score, SPAN_ARG(ids), SPAN_ARG(reply.text));
	return ok;
}

static void all_clients(void **state)
{
	bool ok = true;
	(void)state;
	for (size_t i = 0; i < COUNT(clients); i++) {
		arena_reset(&arena);
		ok &= comes(&clients[i]);
	}
	assert_true(ok);
}

/* What could not be found out is said, and counts for nothing. */
static void unanswered(void **state)
{
	struct settings settings;
	struct gate_visit visit = { .ip = ip_from_v4(0xc0000207) };
	struct answers answers = { 0 };
	struct gate_facts facts = { .settings = &settings, .visit = &visit, .arena = &arena };
	struct gate_findings findings = { .set.arena = &arena };
	struct zone *zone = zone_test("{\"7.2.0.192.in-addr.arpa\":[\"TIMEOUT\"],\"7.2.0.192.one.example\":[\"SERVFAIL\"],"
				      "\"7.2.0.192.two.example\":[{\"A\":\"203.0.113.1\"}]}",
				      &arena);
	(void)state;
	settings_of(TWO_LISTS, &settings);
	ask_all(&facts, zone, &answers);
	gate_examine(&facts, &findings);
	zone_free(zone);
	assert_int_equal(findings.set.list.n, 0);
	assert_int_equal(findings.set.unchecked.n, 3); /* the name and both lists */
	for (uint32_t i = 0; i < 3; i++)
		assert_true(findings.set.unchecked.v[i].temporary && findings.set.unchecked.v[i].could);
}

/* A reply is one line of ASCII whatever the client called itself. */
static void a_reply_is_one_line(void **state)
{
	struct settings settings;
	struct gate_visit visit = { .ip = ip_from_v4(0xc0000207),
				    .helo = SPAN("mx.example.org\r\n250 \xc3\xa4.example.org"),
				    .recipient = SPAN("u@example.org") };
	struct gate_facts facts = { .settings = &settings, .visit = &visit, .arena = &arena };
	struct gate_findings findings = { .set.arena = &arena };
	struct gate_decision decision;
	struct gate_reply reply;
	(void)state;
	settings_of("local_domains: example.org\n", &settings);
	gate_examine(&facts, &findings);
	gate_decide(&facts, &findings, GATE_RCPT, GREYLIST_KNOWN, &decision);
	gate_reply_write(&facts, &findings, &decision, span_none, 0, &reply);
	assert_int_equal(reply.code, 554);
	assert_in_range(reply.text.n, 1, GATE_TEXT_MAX);
	for (size_t i = 0; i < reply.text.n; i++)
		assert_in_range(reply.text.p[i], ' ', 0x7e);
}

/* What traps ask: is the name the client's own? */
static void names(void **state)
{
	static const struct {
		const char *zone;
		enum gate_name want;
		const char *name;
	} cases[] = {
		{ "{" GOOD_NAME "}", GATE_NAME_CONFIRMED, "mail.client.example" },
		{ "{\"7.2.0.192.in-addr.arpa\":[{\"PTR\":\"mail.google.com\"}],\"mail.google.com\":[{\"A\":\"192.0.2.99\"}]}",
		  GATE_NAME_FALSE, "mail.google.com" },
		{ "{\"7.2.0.192.in-addr.arpa\":[{\"PTR\":\"mail.google.com\"}]}", GATE_NAME_FALSE, "mail.google.com" },
		{ "{\"7.2.0.192.in-addr.arpa\":[{\"PTR\":\"mail.google.com\"}],\"mail.google.com\":\"TIMEOUT\"}", GATE_NAME_UNKNOWN,
		  "mail.google.com" },
		{ "{}", GATE_NAME_NONE, "" },
		{ "{\"7.2.0.192.in-addr.arpa\":\"SERVFAIL\"}", GATE_NAME_UNKNOWN, "" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct settings settings;
		struct gate_visit visit = { .ip = ip_from_v4(0xc0000207) };
		struct answers answers = { 0 };
		struct gate_facts facts = { .settings = &settings, .visit = &visit, .arena = &arena };
		struct zone *zone = zone_test(cases[i].zone, &arena);
		struct span name;
		settings_of("", &settings);
		assert_int_equal(gate_name_of(&facts, &name), GATE_NAME_UNKNOWN); /* nobody was asked */
		ask_all(&facts, zone, &answers);
		enum gate_name got = gate_name_of(&facts, &name);
		if (got != cases[i].want || !span_eq(name, span_cstr(cases[i].name)))
			fail_msg("%zu: %d %.*s", i, got, SPAN_ARG(name));
		zone_free(zone);
	}
}

static int begin(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(all_clients), cmocka_unit_test(names), cmocka_unit_test(unanswered),
					    cmocka_unit_test(a_reply_is_one_line) };
	return cmocka_run_group_tests(tests, begin, end);
}
