/* Who answers what, when a round is over, and what a deadline makes of the rest. Delays are milliseconds of a zone, nothing is sent. */
#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "net/asker.h"
#include "tests/dns_server.h"
#include "tests/test.h"

#include <stdlib.h>
#include <unistd.h>

static struct arena arena;

static const char zone_json[] = "{\"now.example\": [{\"A\": \"192.0.2.1\"}], \"ten.example\": [{\"A\": \"192.0.2.10\", \"delay\": 10}],\n"
				" \"thirty.example\": [{\"A\": \"192.0.2.30\", \"delay\": 30}, {\"TXT\": \"here\"}], \"long.example\": "
				"[{\"A\": \"192.0.2.99\", \"delay\": 60000}],\n"
				" \"alias.example\": [{\"CNAME\": \"now.example\", \"delay\": 5, \"ttl\": 7}],\n"
				" \"late.example\": \"TIMEOUT\", \"sick.example\": \"SERVFAIL\", \"192.0.2.1\": [{\"NETWORK\": \"AS64500 "
				"NZ 192.0.2.0/24 Example Net.\"}],\n"
				" \"blocked 192.0.2.1\": [{\"LIST\": \"192.0.2.0/24\"}]}";

static struct zone *load_zone(void)
{
	char path[] = "/tmp/postern-asker-XXXXXX";
	struct zone *zone = NULL;
	struct span error;
	int fd = mkstemp(path);
	assert_int_equal(write(fd, zone_json, sizeof zone_json - 1), (ssize_t)sizeof zone_json - 1);
	close(fd);
	assert_int_equal(zone_load(path, &arena, &zone, &error), 0);
	unlink(path);
	return zone;
}

struct fixture {
	struct zone *zone;
	struct asker *asker;
	struct answers answers;
	struct questions questions;
	struct asker_call call;
};

static void setup(struct fixture *f, struct asker_options options)
{
	struct span error;
	memset(f, 0, sizeof *f);
	f->zone = load_zone();
	if (!options.where.n_servers && !options.forward.put && !options.nobody)
		options.zone = f->zone;
	assert_int_equal(asker_new(&options, NULL, &arena, &f->asker, &error), 0);
	f->questions.arena = &arena;
	f->call = (struct asker_call){ .answers = &f->answers, .arena = &arena, .began = clock_microseconds(), .context = f };
}

static void teardown(struct fixture *f)
{
	asker_free(f->asker);
	zone_free(f->zone);
}

static void put(struct fixture *f, enum question_type type, const char *name)
{
	question_ask(&f->answers, &f->questions, type, span_cstr(name));
}

static const struct answer *answer_of(const struct fixture *f, enum question_type type, const char *name)
{
	const struct answer *answer = answers_find(&f->answers, type, span_cstr(name));
	assert_non_null(answer);
	return answer;
}

static const struct asker_options from_zone = { .deadline = 5000 };

static void at_once(void **state)
{
	struct fixture f;
	(void)state;
	setup(&f, from_zone);
	put(&f, QUESTION_A, "now.example");
	put(&f, QUESTION_A, "NOW.example."); /* the same */
	put(&f, QUESTION_TXT, "thirty.example");
	put(&f, QUESTION_A, "late.example");
	put(&f, QUESTION_A, "sick.example");
	put(&f, QUESTION_A, "absent.example");
	put(&f, QUESTION_NETWORK, "192.0.2.1");
	put(&f, QUESTION_LIST, "blocked 192.0.2.1");
	put(&f, QUESTION_A, "a..example");
	put(&f, QUESTION_A, "");
	put(&f, QUESTION_A, "x123456789012345678901234567890123456789012345678901234567890123.example");
	assert_null(asker_ask(f.asker, &f.questions, &f.call));
	assert_int_equal(f.answers.list.n, 10);
	assert_span(answer_of(&f, QUESTION_A, "now.example")->records.v[0], "192.0.2.1");
	assert_int_equal(answer_of(&f, QUESTION_A, "late.example")->status, ANSWER_TIMEOUT);
	assert_int_equal(answer_of(&f, QUESTION_A, "sick.example")->status, ANSWER_SERVFAIL);
	assert_int_equal(answer_of(&f, QUESTION_A, "absent.example")->status, ANSWER_NXDOMAIN);
	assert_span(answer_of(&f, QUESTION_NETWORK, "192.0.2.1")->records.v[0], "AS64500 NZ 192.0.2.0/24 Example Net.");
	assert_span(answer_of(&f, QUESTION_LIST, "blocked 192.0.2.1")->records.v[0], "192.0.2.0/24");
	assert_int_equal(answer_of(&f, QUESTION_A, "a..example")->status, ANSWER_NXDOMAIN);
	assert_int_equal(answer_of(&f, QUESTION_A, "")->status, ANSWER_NXDOMAIN);
	assert_null(asker_wait(f.asker));
	assert_null(asker_poll(f.asker));
	assert_true(answer_of(&f, QUESTION_A, "now.example")->time >= clock_now() - 5);
	teardown(&f);
}

static void after_its_delay(void **state)
{
	struct fixture f, g;
	(void)state;
	setup(&f, from_zone);
	g = f; /* another message of the same thread */
	f.call.answers = &f.answers;
	g.call.answers = &g.answers;
	g.call.context = &g;
	put(&f, QUESTION_A, "thirty.example");
	put(&f, QUESTION_A, "now.example");
	put(&g, QUESTION_A, "ten.example");
	struct asker_round *slow = asker_ask(f.asker, &f.questions, &f.call), *quick = asker_ask(f.asker, &g.questions, &g.call);
	assert_non_null(slow);
	assert_int_equal(slow->waiting, 1);
	assert_ptr_equal(asker_wait(f.asker), quick);
	assert_ptr_equal(quick->context, &g);
	assert_ptr_equal(asker_wait(f.asker), slow);
	assert_int_equal(slow->waiting, 0);
	assert_span(answer_of(&f, QUESTION_A, "thirty.example")->records.v[0], "192.0.2.30");
	assert_null(asker_wait(f.asker));

	f.questions.list.n = 0;
	put(&f, QUESTION_A, "alias.example");
	assert_non_null(asker_ask(f.asker, &f.questions, &f.call));
	assert_non_null(asker_wait(f.asker));
	assert_int_equal(answer_of(&f, QUESTION_A, "alias.example")->ttl, 7);
	teardown(&f);
}

static struct asker_round *called; /* back at its asker */

static void on_over(struct asker_round *round)
{
	assert_int_equal(round->waiting, 0);
	called = round;
}

/* Several may share an asker: who gave a function is called, and his rounds are nobody else's. */
static void called_back(void **state)
{
	struct fixture f, g;
	(void)state;
	setup(&f, from_zone);
	g = f;
	f.call.answers = &f.answers;
	g.call.answers = &g.answers;
	g.call.over = on_over;
	put(&f, QUESTION_A, "thirty.example");
	put(&g, QUESTION_A, "ten.example");
	struct asker_round *slow = asker_ask(f.asker, &f.questions, &f.call), *quick = asker_ask(f.asker, &g.questions, &g.call);
	struct asker_round *came = NULL;
	for (unsigned i = 0; i < 100 && !came; i++)
		came = asker_wait(f.asker);
	assert_ptr_equal(called, quick);
	assert_ptr_equal(came, slow);
	assert_null(asker_wait(f.asker));
	teardown(&f);
}

/* One deadline for all rounds of a message, counted from its first question. */
static void by_the_deadline(void **state)
{
	struct asker_options options = from_zone;
	struct fixture f;
	(void)state;
	options.deadline = 40;
	setup(&f, options);
	put(&f, QUESTION_A, "thirty.example");
	put(&f, QUESTION_A, "long.example");
	uint64_t begin = clock_microseconds();
	assert_non_null(asker_ask(f.asker, &f.questions, &f.call));
	assert_non_null(asker_wait(f.asker));
	assert_true(clock_microseconds() - begin < 30000000);
	assert_int_equal(answer_of(&f, QUESTION_A, "thirty.example")->status, ANSWER_OK);
	assert_int_equal(answer_of(&f, QUESTION_A, "long.example")->status, ANSWER_TIMEOUT);
	assert_int_equal(answer_of(&f, QUESTION_A, "long.example")->records.n, 0);

	f.questions.list.n = 0;
	put(&f, QUESTION_A, "ten.example");
	put(&f, QUESTION_A, "now.example");
	f.call.began -= 1000000;
	struct asker_round *round = asker_ask(f.asker, &f.questions, &f.call);
	assert_true(!round || asker_wait(f.asker) == round);
	assert_int_equal(answer_of(&f, QUESTION_A, "ten.example")->status, ANSWER_TIMEOUT);
	assert_int_equal(answer_of(&f, QUESTION_A, "now.example")->status, ANSWER_OK);
	teardown(&f);
}

static void say_listed(const void *context, struct arena *a, struct answer *answer)
{
	answer->status = ANSWER_OK;
	answer->ttl = 60;
	*(struct span *)vec_push(a, &answer->records) = span_cstr(context);
}

/* Nobody is asked over the network; what is known on the spot is answered all the same. */
static void nobody_to_ask(void **state)
{
	struct asker_options options = { .nobody = true, .deadline = 5000 };
	struct fixture f;
	(void)state;
	options.answerers[QUESTION_LIST] = (struct answerer){ say_listed, "entry" };
	setup(&f, options);
	put(&f, QUESTION_LIST, "x");
	put(&f, QUESTION_NETWORK, "192.0.2.1");
	put(&f, QUESTION_A, "now.example");
	assert_null(asker_ask(f.asker, &f.questions, &f.call));
	assert_span(answer_of(&f, QUESTION_LIST, "x")->records.v[0], "entry");
	assert_int_equal(answer_of(&f, QUESTION_NETWORK, "192.0.2.1")->status, ANSWER_UNAVAILABLE);
	assert_span(answer_says(answer_of(&f, QUESTION_A, "now.example")), "was not asked: there is no resolver");
	teardown(&f);

	options =
	    (struct asker_options){ .where = { .servers = (struct span[]){ SPAN("127.0.0.1@1") }, .n_servers = 1 }, .deadline = 5000 };
	setup(&f, options);
	f.call.unused = SPAN("was not asked: too late");
	put(&f, QUESTION_A, "now.example");
	assert_null(asker_ask(f.asker, &f.questions, &f.call));
	assert_span(answer_says(answer_of(&f, QUESTION_A, "now.example")), "was not asked: too late");
	teardown(&f);
}

/* What the DNS said before is known at once, though the deadline has passed or nobody answers any more; but not to mail too old to ask
 * about. */
static void known(void **state)
{
	static const char *const names[] = { "a.example", "nx.example", "nodata.example" };
	struct dns_server server;
	struct fixture f;
	(void)state;
	dns_server_start(&server, NULL);
	struct span address = span_cstr(server.address);
	setup(&f, (struct asker_options){ .where = { .servers = &address, .n_servers = 1 }, .deadline = 20000 });
	for (unsigned round = 0; round < 3; round++) {
		f.answers = (struct answers){ 0 };
		for (size_t i = 0; i < COUNT(names); i++)
			put(&f, QUESTION_A, names[i]);
		put(&f, QUESTION_A, "servfail.example");
		if (round == 1)
			f.call.began -= 30000000;
		if (round == 2)
			f.call.unused = SPAN("was not asked: too late");
		struct asker_round *waits = asker_ask(f.asker, &f.questions, &f.call);
		assert_true(round == 0 ? asker_wait(f.asker) == waits : !waits);
		assert_int_equal(answer_of(&f, QUESTION_A, "a.example")->status, round < 2 ? ANSWER_OK : ANSWER_UNAVAILABLE);
		assert_int_equal(answer_of(&f, QUESTION_A, "nx.example")->status, round < 2 ? ANSWER_NXDOMAIN : ANSWER_UNAVAILABLE);
		assert_int_equal(answer_of(&f, QUESTION_A, "nodata.example")->status, round < 2 ? ANSWER_NODATA : ANSWER_UNAVAILABLE);
		static const enum answer_status sick[] = { ANSWER_SERVFAIL, ANSWER_TIMEOUT, ANSWER_UNAVAILABLE };
		assert_int_equal(answer_of(&f, QUESTION_A, "servfail.example")->status, sick[round]);
		if (round == 0)
			dns_server_tell(&server, "silent");
		f.questions.list.n = 0;
	}
	teardown(&f);
	dns_server_stop(&server);
}

static void no_server(void **state)
{
	static const char *const wrong[] = { "ns.example.org", "192.0.2.1@", "192.0.2.1@0", "192.0.2.1@65536", "192.0.2.1:53", "", "@53" };
	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct span server = span_cstr(wrong[i]), error = span_none;
		struct asker_options options = { .where = { .servers = &server, .n_servers = 1 }, .deadline = 5000 };
		struct asker *asker;
		assert_int_equal(asker_new(&options, NULL, &arena, &asker, &error), ERR_USAGE);
		assert_true(span_has(error, SPAN("is no name server; write")));
	}
}

static void too_many(void **state)
{
	struct fixture f;
	(void)state;
	setup(&f, from_zone);
	for (unsigned i = 0; i < LIMIT_QUESTIONS + 10; i++)
		question_ask(&f.answers, &f.questions, QUESTION_A, arena_printf(&arena, "n%u.example", i));
	assert_null(asker_ask(f.asker, &f.questions, &f.call));
	assert_int_equal(f.answers.list.n, LIMIT_QUESTIONS + 10);
	assert_int_equal(f.answers.list.v[LIMIT_QUESTIONS - 1].status, ANSWER_NXDOMAIN);
	assert_int_equal(f.answers.list.v[LIMIT_QUESTIONS].status, ANSWER_UNAVAILABLE);
	assert_true(span_has(answer_says(&f.answers.list.v[LIMIT_QUESTIONS]), SPAN("more questions than one may")));
	teardown(&f);
}

static uint32_t forwarded;
static struct asker_round *forwarded_round;

static void take_forwarded(void *context, struct asker_round *round, const struct questions *questions)
{
	assert_ptr_equal(context, &arena);
	assert_ptr_equal(round->answers->list.v, ((struct fixture *)round->context)->answers.list.v);
	forwarded = questions->list.n;
	forwarded_round = round;
}

/* What this process may not ask another one does; what it did not answer was not asked, for the reason it gives. */
static void by_another_process(void **state)
{
	struct fixture f;
	struct answers told = { .unused = SPAN("was not asked: no resolver") };
	struct question question = { QUESTION_A, SPAN("one.example") };
	(void)state;
	setup(&f, (struct asker_options){ .forward = { take_forwarded, &arena }, .deadline = 5000 });
	put(&f, QUESTION_A, "one.example");
	put(&f, QUESTION_TXT, "two.example");
	put(&f, QUESTION_A, "no..name");
	assert_non_null(asker_ask(f.asker, &f.questions, &f.call));
	assert_int_equal(forwarded, 2);
	struct answer *answer = answers_add(&told, &arena, &question);
	answer->status = ANSWER_OK;
	answer->ttl = 60;
	*(struct span *)vec_push(&arena, &answer->records) = SPAN("192.0.2.1");
	asker_answered(forwarded_round, &told);
	assert_span(answer_of(&f, QUESTION_A, "one.example")->records.v[0], "192.0.2.1");
	assert_int_equal(answer_of(&f, QUESTION_A, "no..name")->status, ANSWER_NXDOMAIN);
	assert_int_equal(answer_of(&f, QUESTION_TXT, "two.example")->status, ANSWER_UNAVAILABLE);
	assert_span(answer_says(answer_of(&f, QUESTION_TXT, "two.example")), "was not asked: no resolver");

	f.answers = (struct answers){ 0 };
	f.questions.list.n = 0;
	put(&f, QUESTION_A, "one.example");
	assert_null(asker_ask(f.asker, &f.questions, &f.call)); /* it holds for a minute */
	assert_span(answer_of(&f, QUESTION_A, "one.example")->records.v[0], "192.0.2.1");
	teardown(&f);
}

/* Where nobody is to be asked the other process is not troubled. */
static void by_nobody(void **state)
{
	struct fixture f;
	(void)state;
	setup(&f, (struct asker_options){ .forward = { take_forwarded, &arena }, .nobody = true, .deadline = 5000 });
	put(&f, QUESTION_A, "one.example");
	assert_null(asker_ask(f.asker, &f.questions, &f.call));
	assert_int_equal(answer_of(&f, QUESTION_A, "one.example")->status, ANSWER_UNAVAILABLE);
	teardown(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_once),         cmocka_unit_test(after_its_delay), cmocka_unit_test(called_back),
		cmocka_unit_test(by_the_deadline), cmocka_unit_test(nobody_to_ask),   cmocka_unit_test(known),
		cmocka_unit_test(no_server),       cmocka_unit_test(too_many),        cmocka_unit_test(by_another_process),
		cmocka_unit_test(by_nobody)
	};
	arena_init(&arena);
	int failed = cmocka_run_group_tests_name("net/asker", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
