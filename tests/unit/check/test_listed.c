/* check/listed: declarations and DNS answers in, evidence or "unchecked" out, through the real pipeline. */
#include "app/pipeline.h"
#include "base/clock.h"
#include "tests/test.h"
#include "tests/zone_test.h"

static struct arena arena;

static int64_t now = 1000000;
static int64_t clock_of_test(void) { return now; }

#define BL "{name: bl, zone: bl.example, ask: [client], codes: {127.0.0.2: [1.5, sends spam], 127.0.0.4-7: [2.5, is hijacked]}}"
#define TESTS "\"2.0.0.127.bl.example\": [{\"A\": \"127.0.0.2\"}]"
#define MAIL                                                                                                                               \
	"Received: from mail.sender.example (mail.sender.example [192.0.2.7]) by mx.me.example with ESMTP id a1; Mon, 2 Mar 2026 "         \
	"10:00:00 "                                                                                                                        \
	"+0000\nReceived: from relay.other.example (relay.other.example [198.51.100.9]) by mail.sender.example with ESMTP id b2; Mon, 2 "  \
	"Mar "                                                                                                                             \
	"2026 09:59:50 +0000\nFrom: Ann <Ann@sender.example>\nReply-To: <b@reply.example>\nTo: me@me.example\nDate: Mon, 2 Mar 2026 "      \
	"09:59:40 "                                                                                                                        \
	"+0000\nMessage-ID: <a@sender.example>\nSubject: hello\n\nSee http://www.site.example/a#b and http://other.example/ and "          \
	"http://203.0.113.5/x\n"

static const struct {
	const char *what, *lists, *zone;
	const char *says;      /* words of one piece of evidence with an id of listed.*; NULL: none */
	int32_t weight;        /* of all of them */
	const char *unchecked; /* words of one sentence; NULL: no sentence about lists */
} cases[] = {
	{ "listed", "[" BL "]", TESTS ", \"7.2.0.192.bl.example\": [{\"A\": \"127.0.0.2\"}]",
	  "The machine that handed it over, 192.0.2.7, is on the list bl: sends spam", 1500, NULL },
	{ "two answers: the weightier", "[" BL "]", TESTS ", \"7.2.0.192.bl.example\": [{\"A\": \"127.0.0.2\"}, {\"A\": \"127.0.0.5\"}]",
	  "is on the list bl: is hijacked", 2500, NULL },
	{ "not listed", "[" BL "]", TESTS, NULL, 0, NULL },
	{ "a code that nobody declared", "[" BL "]", TESTS ", \"7.2.0.192.bl.example\": [{\"A\": \"127.0.0.9\"}]", NULL, 0, NULL },
	{ "refused", "[" BL "]", TESTS ", \"7.2.0.192.bl.example\": [{\"A\": \"127.255.255.254\"}]", NULL, 0,
	  "The list bl was not heard: it answered 127.255.255.254, which is a refusal" },
	{ "a parked zone", "[" BL "]", TESTS ", \"7.2.0.192.bl.example\": [{\"A\": \"203.0.113.80\"}]", NULL, 0,
	  "it answered 203.0.113.80" },
	{ "lists the world", "[" BL "]",
	  TESTS ", \"1.0.0.127.bl.example\": [{\"A\": \"127.0.0.2\"}], \"7.2.0.192.bl.example\": [{\"A\": \"127.0.0.2\"}]", NULL, 0,
	  "it lists a test address that no list may hold" },
	{ "dead", "[" BL "]", "\"7.2.0.192.bl.example\": [{\"A\": \"127.0.0.2\"}]", NULL, 0,
	  "it does not list the test address that every list holds" },
	{ "tests that time out", "[" BL "]", "\"2.0.0.127.bl.example\": \"TIMEOUT\", \"7.2.0.192.bl.example\": [{\"A\": \"127.0.0.2\"}]",
	  NULL, 0, "its test questions were not answered" },
	{ "times out", "[" BL "]", TESTS ", \"7.2.0.192.bl.example\": \"TIMEOUT\"", NULL, 0, "its answer timed out" },
	{ "nobody to ask", "[" BL "]", NULL, NULL, 0, "was not asked" },
	{ "relays only where wanted", "[{name: deep, zone: bl.example, ask: [relays], codes: {127.0.0.2: [1, is an open proxy]}}]",
	  TESTS ", \"9.100.51.198.bl.example\": [{\"A\": \"127.0.0.2\"}], \"7.2.0.192.bl.example\": [{\"A\": \"127.0.0.2\"}]",
	  "A machine it passed through, 198.51.100.9, is on the list deep: is an open proxy", 1000, NULL },
	{ "the relay is not asked about", "[" BL "]", TESTS ", \"9.100.51.198.bl.example\": [{\"A\": \"127.0.0.2\"}]", NULL, 0, NULL },
	{ "domains of links; two findings of one list weigh as the heavier",
	  "[{name: d, zone: d.example, ask: [link_domains], must_list: [], must_not_list: [], codes: {127.0.0.2: [2, is advertised by "
	  "spam], "
	  "127.0.0.3: [1, is young]}}]",
	  "\"site.example.d.example\": [{\"A\": \"127.0.0.3\"}], \"other.example.d.example\": [{\"A\": \"127.0.0.2\"}]",
	  "It links to other.example, which is on the list d: is advertised by spam", 2000, NULL },
	{ "hosts of links",
	  "[{name: d, zone: d.example, ask: link_hosts, must_list: test.x, must_not_list: invalid, codes: {127.0.0.2: [2, is bad]}}]",
	  "\"test.x.d.example\": [{\"A\": \"127.0.0.2\"}], \"www.site.example.d.example\": [{\"A\": \"127.0.0.2\"}]",
	  "It links to www.site.example, which is on the list d: is bad", 2000, NULL },
	{ "numbers in links", "[{like: spamcop, zone: bl.example, ask: link_addresses}]",
	  TESTS ", \"5.113.0.203.bl.example\": [{\"A\": \"127.0.0.2\"}]",
	  "It links to the bare address 203.0.113.5, which is on the list spamcop", 1500, NULL },
	{ "where sites live", "[{name: s, zone: bl.example, ask: sites, codes: {127.0.0.2: [2, serves spam]}}]",
	  TESTS ", \"www.site.example\": [{\"A\": \"198.51.100.77\"}], \"77.100.51.198.bl.example\": [{\"A\": \"127.0.0.2\"}]",
	  "A site it links to is served by 198.51.100.77, which is on the list s: serves spam", 2000, NULL },
	{ "sender, answers, envelope",
	  "[{name: d, zone: d.example, ask: [from, reply_to], must_not_list: [], codes: {127.0.0.2: [1, is bad]}}]",
	  "\"reply.example.d.example\": [{\"A\": \"127.0.0.2\"}]", "The domain that answers go to, reply.example, is on the list d: is bad",
	  1000, NULL },
	{ "names of the machine",
	  "[{name: d, zone: d.example, ask: [client_name, helo], must_not_list: [], codes: {127.0.0.2: [1, is bad]}}]",
	  "\"mail.sender.example.d.example\": [{\"A\": \"127.0.0.2\"}]",
	  "The name of the machine that handed it over, mail.sender.example, is on the list d: is bad", 1000, NULL },
	{ "hashes of mail addresses",
	  "[{name: h, zone: h.example, ask: mail_addresses, hash: sha1, codes: {127.0.0.2: [3, collects stolen money]}}]",
	  "\"82bd2f73beee427ac85597cdba75cfef04cc55ea.h.example\": [{\"A\": \"127.0.0.2\"}]",
	  "The mail address ann@sender.example is on the list h: collects stolen money", 3000, NULL },
	{ "an allow list", "[{name: good, zone: bl.example, ask: client, codes: {127.0.*.2: [-1.2, hardly ever sends spam]}}]",
	  TESTS ", \"7.2.0.192.bl.example\": [{\"A\": \"127.0.9.2\"}]",
	  "192.0.2.7 is on the list good, which speaks for it: hardly ever sends spam", -1200, NULL },
	{ "the budget of a message",
	  "[{name: d, zone: d.example, ask: link_domains, per_message: 1, must_not_list: [], codes: {127.0.0.2: [1, is bad]}}]",
	  "\"other.example.d.example\": [{\"A\": \"127.0.0.2\"}]", NULL, 0, "was asked 1 questions, as many as it may be" },
};

static const char *listed(const struct evidence_set *set, const char *says, int32_t *ret_weight)
{
	const char *found = NULL;
	*ret_weight = 0;
	for (uint32_t i = 0; i < set->list.n; i++) {
		const struct evidence *e = &set->list.v[i];
		if (strncmp(e->def->id, "listed.", 7))
			continue;
		*ret_weight += e->weight;
		if (!found || (says && span_has(e->says, span_cstr(says))))
			found = (const char *)arena_printf(&arena, "%.*s", SPAN_ARG(e->says)).p;
	}
	return found;
}

static const char *unheard(const struct evidence_set *set)
{
	for (uint32_t i = 0; i < set->unchecked.n; i++)
		if (strcmp(set->unchecked.v[i].check, "listed") == 0 || strcmp(set->unchecked.v[i].check, "questions") == 0)
			return (const char *)arena_printf(&arena, "%.*s", SPAN_ARG(set->unchecked.v[i].why)).p;
	return NULL;
}

static void settings_of(const char *lists, struct settings *settings)
{
	char path[] = "/tmp/postern-settings-XXXXXX";
	struct span error = span_none, yaml = arena_printf(&arena, "local_domains: [me.example]\nlists: %s\n", lists);
	int fd = mkstemp(path);
	assert_int_equal(write(fd, yaml.p, yaml.n), (ssize_t)yaml.n);
	close(fd);
	if (settings_load(path, &arena, settings, &error))
		fail_msg("%s: %.*s", lists, SPAN_ARG(error));
	unlink(path);
}

static void answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct pipeline_options o = { .now = CLOCK_NONE };
		struct span error;
		struct zone *zone = NULL;
		struct pipeline pipeline;
		struct judgement j;
		int32_t weight;
		settings_of(cases[i].lists, &o.settings);
		assert_int_equal(list_book_new(o.settings.lists.v, o.settings.lists.n, clock_of_test, &arena, &o.lists, &error), 0);
		if (cases[i].zone)
			zone = zone_test((const char *)arena_printf(&arena, "{%s}", cases[i].zone).p, &arena);
		o.zone = zone;
		o.answerers[QUESTION_LIST] = (struct answerer){ list_book_answer, o.lists };
		pipeline_init(&pipeline, &o);
		pipeline_judge(&pipeline, SPAN(MAIL), &j);
		const char *found = listed(&j.evidence, cases[i].says, &weight), *not_heard = unheard(&j.evidence);
		if ((found != NULL) != (cases[i].says != NULL) || (found && !strstr(found, cases[i].says)) || weight != cases[i].weight)
			fail_msg("%s: %s, weight %d", cases[i].what, found ? found : "nothing", weight);
		if ((not_heard != NULL) != (cases[i].unchecked != NULL) || (not_heard && !strstr(not_heard, cases[i].unchecked)))
			fail_msg("%s: unchecked: %s", cases[i].what, not_heard ? not_heard : "nothing");
		pipeline_release(&pipeline);
		list_book_free(o.lists);
		zone_free(zone);
	}
}

/* Muted by one message, silent in the next, heard again later in the very message whose control questions are answered. */
static void comes_back(void **state)
{
	(void)state;
	struct pipeline_options o = { .now = CLOCK_NONE };
	struct span error;
	struct pipeline pipeline;
	struct judgement j;
	int32_t weight;
	struct zone *ill = zone_test("{" TESTS ", \"7.2.0.192.bl.example\": [{\"A\": \"127.255.255.254\"}]}", &arena);
	struct zone *well = zone_test("{" TESTS ", \"7.2.0.192.bl.example\": [{\"A\": \"127.0.0.2\"}]}", &arena);
	settings_of("[" BL "]", &o.settings);
	assert_int_equal(list_book_new(o.settings.lists.v, o.settings.lists.n, clock_of_test, &arena, &o.lists, &error), 0);
	pipeline_init(&pipeline, &o);
	o.answerers[QUESTION_LIST] = (struct answerer){ list_book_answer, o.lists };
	o.zone = ill;
	pipeline_judge(&pipeline, SPAN(MAIL), &j);
	assert_null(listed(&j.evidence, NULL, &weight));
	pipeline_release(&pipeline);
	o.zone = well;
	pipeline_init(&pipeline, &o);
	pipeline_judge(&pipeline, SPAN(MAIL), &j);
	assert_null(listed(&j.evidence, NULL, &weight));
	assert_string_equal(unheard(&j.evidence), "The list bl was not asked: it refuses to answer us");
	assert_non_null(j.evidence.unchecked.v[0].check);
	now += LIST_MUTED_FIRST;
	pipeline_judge(&pipeline, SPAN(MAIL), &j);
	assert_non_null(listed(&j.evidence, NULL, &weight));
	assert_null(unheard(&j.evidence));
	pipeline_release(&pipeline);
	list_book_free(o.lists);
	zone_free(ill);
	zone_free(well);
}

/* Every list there is, all of them against it, and the worst codes: not refused. */
static void lists_alone_do_not_refuse(void **state)
{
	(void)state;
	assert_true(evidence_group_cap(GROUP_LISTS) + 1000 < 8000);
	assert_true(LIST_WEIGHT_MOST < 8000);
}

static void outgoing_is_not_asked_about(void **state)
{
	(void)state;
	struct pipeline_options o = { .now = CLOCK_NONE };
	struct span error;
	struct pipeline pipeline;
	struct judgement j;
	int32_t weight;
	settings_of("[" BL "]", &o.settings);
	assert_int_equal(list_book_new(o.settings.lists.v, o.settings.lists.n, clock_of_test, &arena, &o.lists, &error), 0);
	o.connection.has_ip = ip_parse(SPAN("192.0.2.7"), &o.connection.ip);
	o.connection.auth_user = SPAN("ann");
	struct zone *zone = zone_test("{" TESTS ", \"7.2.0.192.bl.example\": [{\"A\": \"127.0.0.2\"}]}", &arena);
	o.zone = zone;
	o.answerers[QUESTION_LIST] = (struct answerer){ list_book_answer, o.lists };
	pipeline_init(&pipeline, &o);
	pipeline_judge(&pipeline, SPAN("From: a@me.example\nSubject: hello\n\nhello\n"), &j);
	assert_null(listed(&j.evidence, NULL, &weight));
	for (uint32_t i = 0; i < pipeline.answers.list.n; i++)
		assert_false(span_ends(pipeline.answers.list.v[i].question.name, SPAN("bl.example")));
	pipeline_release(&pipeline);
	list_book_free(o.lists);
	zone_free(zone);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(answers), cmocka_unit_test(comes_back),
					    cmocka_unit_test(lists_alone_do_not_refuse), cmocka_unit_test(outgoing_is_not_asked_about) };
	arena_init(&arena);
	pipeline_warm_up();
	int failed = cmocka_run_group_tests_name("check/listed", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
