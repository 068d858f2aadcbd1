/* app/askers: after a reload the new asker is asked, and the old one still brings what it owes. */
#include "app/askers.h"
#include "base/clock.h"
#include "tests/test.h"

#include <event2/event.h>
#include <stdlib.h>
#include <unistd.h>

static struct event_base *base;
static struct arena arena;
static struct zone *zone;

/* Plays the network: each answer takes its time. */
static int setup(void **state)
{
	static const char text[] = "{\"one.example\": [{\"A\": \"192.0.2.1\", \"delay\": 20}],"
				   " \"two.example\": [{\"A\": \"192.0.2.2\", \"delay\": 30}]}";
	char path[] = "/tmp/postern-test-askers-XXXXXX";
	struct span error;
	(void)state;
	arena_init(&arena);
	base = event_base_new();
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, sizeof text - 1), sizeof text - 1);
	close(fd);
	int err = zone_load(path, &arena, &zone, &error);
	unlink(path);
	return err;
}

static int teardown(void **state)
{
	(void)state;
	zone_free(zone);
	event_base_free(base);
	arena_release(&arena);
	return 0;
}

static struct asker *asker(const struct zone *from)
{
	struct asker_options options = { .zone = from, .nobody = true, .deadline = 5000 };
	struct asker *made;
	struct span error;
	assert_int_equal(asker_new(&options, base, &arena, &made, &error), 0);
	return made;
}

struct message {
	struct answers answers;
	struct questions questions;
};

static bool ask(struct askers *askers, struct message *m, const char *name)
{
	struct asker_call call = { .answers = &m->answers, .arena = &arena, .began = clock_microseconds(), .context = m };
	m->questions.arena = &arena;
	question_ask(&m->answers, &m->questions, QUESTION_A, span_cstr(name));
	return askers_ask(askers, &m->questions, &call);
}

static struct message *take(struct askers *askers)
{
	struct asker_round *round;
	while (!(round = askers_take(askers)))
		assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
	return round->context;
}

static void old_ones_bring_what_they_owe(void **state)
{
	struct askers askers = { NULL };
	struct message one = { 0 }, two = { 0 }, three = { 0 };
	(void)state;
	askers_add(&askers, asker(zone));
	assert_null(askers_take(&askers));
	assert_true(ask(&askers, &one, "one.example"));
	askers_add(&askers, asker(zone));
	assert_null(askers_take(&askers)); /* the first is not freed: it owes an answer */
	assert_true(ask(&askers, &two, "two.example"));
	const struct message *first = take(&askers), *second = take(&askers);
	assert_true((first == &one && second == &two) || (first == &two && second == &one));
	assert_span(one.answers.list.v[0].records.v[0], "192.0.2.1");
	assert_span(two.answers.list.v[0].records.v[0], "192.0.2.2");
	askers_add(&askers, asker(NULL)); /* nobody */
	assert_false(ask(&askers, &three, "one.example"));
	assert_int_equal(three.answers.list.v[0].status, ANSWER_UNAVAILABLE);
	assert_null(askers_take(&askers));
	askers_free(&askers);
	assert_null(askers.newest);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(old_ones_bring_what_they_owe, setup, teardown) };
	return cmocka_run_group_tests_name("app/askers", tests, NULL, NULL);
}
