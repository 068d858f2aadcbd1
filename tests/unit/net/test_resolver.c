/* The resolver beside a name server that does what it is told: answers, failures, repeats, and what becomes of one that falls silent. */
#include "base/clock.h"
#include "base/limits.h"
#include "net/dns_packet.h"
#include "net/resolver.h"
#include "tests/dns_server.h"
#include "tests/test.h"

#include <event2/event.h>

enum { ENOUGH = 20000000 }; /* microseconds; a test that waits so long has failed */

static struct arena arena;

struct asked {
	struct answer answer;
	struct lookup *lookup;
	bool done;
};

struct fixture {
	struct dns_server server;
	struct event_base *base;
	struct resolver *resolver;
};

static void on_reply(void *context, const struct resolver_reply *reply)
{
	struct asked *asked = context;
	asked->done = true;
	asked->answer.status = reply->status;
	asked->answer.why = reply->why;
	if (reply->status == ANSWER_OK)
		dns_packet_read(reply->packet, &arena, &asked->answer);
}

static void setup(struct fixture *f, uint32_t probe, uint32_t muted)
{
	struct span server, error;
	dns_server_start(&f->server, NULL);
	f->base = event_base_new();
	server = span_cstr(f->server.address);
	struct resolver_options options = { .n_servers = 1, .probe = probe, .muted = muted };
	struct span *kept = arena_alloc(&arena, sizeof *kept);
	*kept = server;
	options.servers = kept;
	assert_int_equal(resolver_new(&options, f->base, &arena, &f->resolver, &error), 0);
}

static void teardown(struct fixture *f)
{
	resolver_free(f->resolver);
	event_base_free(f->base);
	dns_server_stop(&f->server);
}

static void ask(struct fixture *f, struct asked *asked, enum question_type type, const char *name)
{
	*asked = (struct asked){ .answer = { .question = { type, span_cstr(name) } } };
	asked->lookup = resolver_ask(f->resolver, &asked->answer.question, on_reply, asked);
}

/* Until it is answered, or long enough for a test that expects no answer. */
static void wait_for(struct fixture *f, const struct asked *asked, uint64_t microseconds)
{
	uint64_t until = clock_microseconds() + microseconds;
	while (!(asked && asked->done) && clock_microseconds() < until) {
		struct timeval tick = { .tv_usec = 2000 };
		event_base_loopexit(f->base, &tick);
		event_base_loop(f->base, EVLOOP_ONCE);
	}
}

static void answers(void **state)
{
	static const struct {
		const char *name;
		enum question_type type;
		enum answer_status status;
		const char *first;
		uint32_t ttl;
	} cases[] = {
		{ "a.example", QUESTION_A, ANSWER_OK, "192.0.2.1", 300 },
		{ "A.Example.", QUESTION_AAAA, ANSWER_OK, "2001:db8::1", 300 },
		{ "a.test", QUESTION_A, ANSWER_OK, "192.0.2.1", 300 },
		{ "a.localhost", QUESTION_A, ANSWER_OK, "192.0.2.1", 300 },
		{ "a.invalid", QUESTION_A, ANSWER_OK, "192.0.2.1", 300 },
		{ "1.0.0.10.in-addr.arpa", QUESTION_PTR, ANSWER_OK, "host.example", 300 },
		{ "1.0.168.192.in-addr.arpa", QUESTION_PTR, ANSWER_OK, "host.example", 300 },
		{ "2.0.0.127.in-addr.arpa", QUESTION_PTR, ANSWER_OK, "host.example", 300 },
		{ "a.example", QUESTION_MX, ANSWER_OK, "10 mail.example", 300 },
		{ "a.example", QUESTION_NS, ANSWER_OK, "ns.example", 300 },
		{ "a.example", QUESTION_SOA, ANSWER_OK, "ns.example hostmaster.example 1 2 3 4 5", 300 },
		{ "t.example", QUESTION_TXT, ANSWER_OK, "text of t.example", 300 },
		{ "_spf.o dd\\x(1).example", QUESTION_TXT, ANSWER_OK, "text of _spf.o dd\\x(1).example", 300 },
		{ "alias.b.example", QUESTION_A, ANSWER_OK, "192.0.2.1", 60 },
		{ "tc.example", QUESTION_A, ANSWER_OK, "192.0.2.1", 300 },
		{ "nx.example", QUESTION_A, ANSWER_NXDOMAIN, NULL, 5 },
		{ "nx.nosoa", QUESTION_A, ANSWER_NXDOMAIN, NULL, 0 },
		{ "nodata.example", QUESTION_A, ANSWER_NODATA, NULL, 5 },
		{ "servfail.example", QUESTION_A, ANSWER_SERVFAIL, NULL, 0 },
		{ "refused.example", QUESTION_A, ANSWER_SERVFAIL, NULL, 0 },
		{ "short.example", QUESTION_A, ANSWER_SERVFAIL, NULL, 0 },
		{ "loop.example", QUESTION_A, ANSWER_SERVFAIL, NULL, 0 },
		{ "garbage.example", QUESTION_A, ANSWER_SERVFAIL, NULL, 0 },
		{ "delay-30.example", QUESTION_A, ANSWER_OK, "192.0.2.1", 300 },
	};
	struct asked asked[COUNT(cases)];
	struct fixture f;
	(void)state;
	setup(&f, 0, 0);
	for (size_t i = 0; i < COUNT(cases); i++)
		ask(&f, &asked[i], cases[i].type, cases[i].name);
	for (size_t i = 0; i < COUNT(cases); i++) {
		wait_for(&f, &asked[i], ENOUGH);
		const struct answer *a = &asked[i].answer;
		struct span first = a->records.n ? a->records.v[0] : span_none;
		if (!asked[i].done || a->status != cases[i].status || !span_eq(first, span_cstr(cases[i].first)) || a->ttl > cases[i].ttl ||
		    (cases[i].ttl && a->ttl + 5 < cases[i].ttl))
			fail_msg("%s %s: %s, status %d, \"%.*s\", ttl %u", question_type_name(cases[i].type), cases[i].name,
				 asked[i].done ? "answered" : "not answered", a->status, SPAN_ARG(first), a->ttl);
	}
	teardown(&f);
}

/* Two messages with one question send it once; and once answered it is known. */
static void once(void **state)
{
	struct asked asked[20];
	struct fixture f;
	(void)state;
	setup(&f, 0, 0);
	for (size_t i = 0; i < COUNT(asked); i++)
		ask(&f, &asked[i], QUESTION_A, i % 2 ? "delay-20.same.example" : "Delay-20.SAME.example.");
	for (size_t i = 0; i < COUNT(asked); i++)
		wait_for(&f, &asked[i], ENOUGH);
	assert_int_equal(dns_server_count(&f.server), 1);
	ask(&f, &asked[0], QUESTION_A, "delay-20.same.example");
	assert_true(asked[0].done); /* within the call */
	assert_null(asked[0].lookup);
	assert_int_equal(asked[0].answer.status, ANSWER_OK);
	assert_int_equal(dns_server_count(&f.server), 1);
	teardown(&f);
}

static void what_can_be_asked(void **state)
{
	char name[300];
	(void)state;
	memset(name, 'a', sizeof name);
	for (unsigned i = 63; i < sizeof name; i += 64)
		name[i] = '.';
	assert_true(resolver_can_ask(span_of(name, 253)));
	assert_false(resolver_can_ask(span_of(name, 254)));
	assert_true(resolver_can_ask(span_of(name, 63)));
	name[63] = 'a';
	assert_false(resolver_can_ask(span_of(name, 64)));
	assert_true(resolver_can_ask(SPAN("a.b.")));
	assert_false(resolver_can_ask(SPAN("a..b")));
	assert_false(resolver_can_ask(SPAN(".a")));
	assert_false(resolver_can_ask(SPAN(".")));
	assert_false(resolver_can_ask(SPAN("")));
	assert_true(resolver_can_ask(SPAN("a\0 .b")));
}

/* Whoever chooses the names can have four of them dropped; that silences only names of his. */
static void one_sick_domain(void **state)
{
	static const char *const names[] = { "drop.a.example", "drop.b.example", "drop.c.example", "drop.d.example", "drop.e.example" };
	struct asked asked[COUNT(names)], other;
	struct fixture f;
	(void)state;
	setup(&f, 60, 60000);
	for (size_t i = 0; i < COUNT(names); i++)
		ask(&f, &asked[i], QUESTION_A, names[i]);
	wait_for(&f, NULL, 20000);
	for (size_t i = 0; i < COUNT(names); i++)
		resolver_give_up(f.resolver, asked[i].lookup);
	wait_for(&f, NULL, 200000);
	ask(&f, &other, QUESTION_A, "other.example");
	wait_for(&f, &other, ENOUGH);
	assert_int_equal(other.answer.status, ANSWER_OK);
	teardown(&f);
}

static void falls_silent_and_comes_back(void **state)
{
	struct asked asked[6], refused;
	struct fixture f;
	(void)state;
	setup(&f, 60, 150);
	ask(&f, &asked[0], QUESTION_A, "before.example");
	wait_for(&f, &asked[0], ENOUGH);
	assert_int_equal(asked[0].answer.status, ANSWER_OK);
	dns_server_tell(&f.server, "silent");
	dns_server_count(&f.server); /* has heard it */
	for (size_t i = 0; i < COUNT(asked); i++)
		ask(&f, &asked[i], QUESTION_A, (const char *)arena_printf(&arena, "n%zu.example", i).p);
	wait_for(&f, NULL, 20000);
	for (size_t i = 0; i + 1 < COUNT(asked); i++)
		resolver_give_up(f.resolver, asked[i].lookup);
	/* The probe is not answered: the last one learns it as well. */
	wait_for(&f, &asked[COUNT(asked) - 1], ENOUGH);
	assert_int_equal(asked[COUNT(asked) - 1].answer.status, ANSWER_UNAVAILABLE);
	ask(&f, &refused, QUESTION_A, "muted.example");
	assert_true(refused.done);
	assert_int_equal(refused.answer.status, ANSWER_UNAVAILABLE);
	assert_true(span_has(refused.answer.why, SPAN("the resolver answers nothing")));

	dns_server_tell(&f.server, "speak");
	uint64_t until = clock_microseconds() + ENOUGH;
	do { /* nobody runs the loop; asking does */
		struct timespec tick = { .tv_nsec = 20000000 };
		nanosleep(&tick, NULL);
		ask(&f, &refused, QUESTION_A, "after.example");
	} while (refused.done && refused.answer.status == ANSWER_UNAVAILABLE && clock_microseconds() < until);
	wait_for(&f, &refused, ENOUGH);
	assert_int_equal(refused.answer.status, ANSWER_OK);
	teardown(&f);
}

/* Freed with questions on their way; nobody hears of them. */
static void ends_while_asking(void **state)
{
	struct asked asked[3];
	struct fixture f;
	(void)state;
	setup(&f, 0, 0);
	ask(&f, &asked[0], QUESTION_A, "drop.a.example");
	ask(&f, &asked[1], QUESTION_A, "drop.b.example");
	ask(&f, &asked[2], QUESTION_A, "drop.c.example");
	wait_for(&f, NULL, 5000);
	resolver_give_up(f.resolver, asked[1].lookup);
	teardown(&f);
	assert_false(asked[0].done || asked[1].done || asked[2].done);
}

/* From the root down, and with keys: what it says then needs a network, but for a name that libunbound knows by itself. */
static void begins(void **state)
{
	static const struct {
		const char *keys;
		enum answer_status want;
	} cases[] = {
		{ NULL, ANSWER_OK },
		{ ". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n\n", ANSWER_OK },
		{ "no key at all\n", ANSWER_UNAVAILABLE },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct resolver_options options = { .keys = cases[i].keys ? span_cstr(cases[i].keys) : span_none };
		struct event_base *base = event_base_new();
		struct resolver *resolver;
		struct asked asked = { .answer = { .question = { .type = QUESTION_PTR } } };
		struct span error;
		struct ip loopback;
		assert_true(ip_parse(SPAN("::1"), &loopback));
		assert_int_equal(resolver_new(&options, base, &arena, &resolver, &error), 0);
		asked.answer.question.name = question_ptr_name(&loopback, &arena);
		assert_null(resolver_ask(resolver, &asked.answer.question, on_reply, &asked));
		assert_int_equal(asked.answer.status, cases[i].want);
		if (cases[i].want == ANSWER_OK)
			assert_span(asked.answer.records.v[0], "localhost");
		resolver_free(resolver);
		event_base_free(base);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(answers),
					    cmocka_unit_test(once),
					    cmocka_unit_test(what_can_be_asked),
					    cmocka_unit_test(one_sick_domain),
					    cmocka_unit_test(falls_silent_and_comes_back),
					    cmocka_unit_test(ends_while_asking),
					    cmocka_unit_test(begins) };
	arena_init(&arena);
	int failed = cmocka_run_group_tests_name("net/resolver", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
