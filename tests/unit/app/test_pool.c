/* Who gets which message, and what becomes of one on which a worker dies: workers are played by this test, at the other end of their
 * channel. */
#include "app/pool.h"
#include "base/limits.h"
#include "base/record.h"
#include "facts/answers_record.h"
#include "tests/test.h"

#include <event2/event.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { MOST = 8 };

static struct event_base *base;
static struct pool *pool;
static struct channel *workers[MOST];
static struct arena arena;

/* What the pool said. */
static unsigned n_over, n_failed, n_aside, n_hung, n_up;
static enum outcome_unjudged last_failure;
static struct session_request *last_request;

static void on_over(void *context, struct session_request *request, struct spool *message, uint8_t type, struct span payload)
{
	(void)context;
	(void)message;
	(void)type;
	(void)payload;
	n_over++;
	last_request = request;
}

static void on_failed(void *context, struct session_request *request, enum outcome_unjudged failure, struct span why)
{
	(void)context;
	assert_true(why.n > 0);
	n_failed++;
	last_failure = failure;
	last_request = request;
}

static void on_aside(void *context, struct spool *message, struct span why)
{
	(void)context;
	assert_non_null(message);
	assert_true(why.n > 0);
	n_aside++;
}

static void on_hung(void *context, uint64_t pid)
{
	(void)context;
	assert_true(pid >= 100);
	n_hung++;
}

static void on_trouble(void *context, struct span what)
{
	(void)context;
	(void)what;
}

static void on_up(void *context, uint64_t generation, struct span sandbox)
{
	(void)context;
	(void)generation;
	(void)sandbox;
	n_up++;
}

static void turn(void)
{
	for (unsigned i = 0; i < 4; i++) {
		event_base_loop(base, EVLOOP_NONBLOCK);
		pool_turn(pool);
	}
}

static int setup(void **state)
{
	static const struct pool_events events = { NULL, on_over, on_failed, on_aside, on_hung, on_trouble, on_up };
	static const struct pool_settings settings = { 60 * 1000000 };
	static const struct asker_options nobody = { .nobody = true, .deadline = 1000 };
	struct asker *asker;
	struct span error;
	(void)state;
	arena_init(&arena);
	base = event_base_new();
	pool = pool_new(base, &events);
	assert_int_equal(asker_new(&nobody, base, &arena, &asker, &error), 0);
	pool_configure(pool, &settings);
	pool_ask_by(pool, asker);
	n_over = n_failed = n_aside = n_hung = n_up = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	pool_free(pool);
	for (unsigned i = 0; i < MOST; i++) {
		channel_free(workers[i]);
		workers[i] = NULL;
	}
	event_base_free(base);
	arena_release(&arena);
	return 0;
}

static void add_worker(unsigned i, uint64_t generation)
{
	int fds[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	pool_add(pool, fds[0], 100 + i, generation);
	workers[i] = channel_new(fds[1], UINT64_MAX);
	assert_int_equal(channel_send(workers[i], WIRE_UP, 0, SPAN("none"), NULL, -1), 0);
	turn();
}

/* The next record of worker i, or a type of 0. */
static struct channel_record heard(unsigned i)
{
	struct channel_record record = { .type = 0, .fd = -1 };
	turn();
	if (channel_receive(workers[i], &record) == 1)
		spool_drop(record.content);
	return record;
}

static void say(unsigned i, uint8_t type, uint32_t job, struct span payload)
{
	assert_int_equal(channel_send(workers[i], type, job, payload, NULL, -1), 0);
	turn();
}

static struct session_request requests[LIMIT_SERVE_JOBS + 1];

static void submit(unsigned i, const char *text)
{
	struct spool *message = spool_new();
	assert_int_equal(spool_add(message, span_cstr(text)), 0);
	assert_int_equal(spool_seal(message), 0);
	requests[i] = (struct session_request){ .wish = WISH_JUDGE };
	pool_submit(pool, &requests[i], message);
	spool_drop(message);
}

static void work_is_shared_and_answered(void **state)
{
	(void)state;
	add_worker(0, 1);
	add_worker(1, 1);
	assert_int_equal(n_up, 2);
	submit(0, "a");
	submit(1, "b");
	struct channel_record a = heard(0), b = heard(1);
	assert_int_equal(a.type, WIRE_JOB);
	assert_int_equal(b.type, WIRE_JOB);
	say(0, WIRE_JUDGED, a.job, SPAN("x"));
	say(1, WIRE_JUDGED, b.job, SPAN("x"));
	assert_int_equal(n_over, 2);
	struct pool_status status;
	pool_status(pool, &status);
	assert_int_equal(status.jobs, 0);
	assert_int_equal(status.ready, 2);
}

static void questions_come_back_answered(void **state)
{
	struct buf out;
	struct answers answers;
	(void)state;
	add_worker(0, 1);
	submit(0, "a");
	struct channel_record job = heard(0);
	uint32_t id = job.job;
	buf_init(&out, &arena, SIZE_MAX);
	record_put_number(&out, 1);
	record_put_number(&out, QUESTION_A);
	record_put_text(&out, SPAN("host.example"));
	say(0, WIRE_QUESTIONS, id, buf_span(&out));
	struct channel_record got = heard(0);
	assert_int_equal(got.type, WIRE_ANSWERS);
	assert_int_equal(got.job, id);
	assert_int_equal(answers_record_read(got.payload, &arena, &answers), 0); /* nobody was there to ask: that is an answer too */
	say(0, WIRE_JUDGED, id, SPAN("x"));
	assert_int_equal(n_over, 1);
}

static void one_message_dies_with_its_worker(void **state)
{
	(void)state;
	add_worker(0, 1);
	submit(0, "deadly");
	submit(1, "next");
	assert_int_equal(heard(0).type, WIRE_JOB);
	channel_free(workers[0]);
	workers[0] = NULL;
	turn();
	assert_int_equal(n_failed, 1);
	assert_int_equal(last_failure, UNJUDGED_CRASHED);
	assert_ptr_equal(last_request, &requests[0]);
	assert_int_equal(n_aside, 1);
	add_worker(1, 1); /* who takes what the other had besides */
	struct channel_record next = heard(1);
	assert_int_equal(next.type, WIRE_JOB);
	say(1, WIRE_JUDGED, next.job, SPAN("x"));
	assert_ptr_equal(last_request, &requests[1]);
	assert_int_equal(n_over, 1);
	/* once more it may be tried, if it comes again */
	submit(2, "deadly");
	assert_int_equal(heard(1).type, WIRE_JOB);
	channel_free(workers[1]);
	workers[1] = NULL;
	turn();
	assert_int_equal(n_failed, 2);
	add_worker(2, 1);
	submit(3, "deadly");
	assert_int_equal(n_failed, 2); /* never from inside submit */
	assert_int_equal(heard(2).type, 0);
	assert_int_equal(n_failed, 3);
}

static void a_worker_that_speaks_out_of_turn_is_ended(void **state)
{
	static const uint8_t types[] = { WIRE_JUDGED, WIRE_KEEP, WIRE_UP, 99 };
	(void)state;
	for (unsigned i = 0; i < COUNT(types); i++) {
		add_worker(i, 1);
		say(i, types[i], 77, SPAN("x"));
		assert_int_equal(n_hung, i + 1);
	}
}

static void nobody_waits_for_what_is_cancelled(void **state)
{
	(void)state;
	submit(0, "a");
	pool_cancel(pool, &requests[0]);
	submit(1, "b");
	add_worker(0, 1);
	struct channel_record job = heard(0);
	assert_int_equal(job.type, WIRE_JOB);
	say(0, WIRE_JUDGED, job.job, SPAN("x"));
	assert_ptr_equal(last_request, &requests[1]);
	assert_int_equal(n_over, 1);
	assert_int_equal(heard(0).type, 0);
}

static void the_newest_settings_get_the_work(void **state)
{
	(void)state;
	add_worker(0, 1);
	submit(0, "a");
	struct channel_record old = heard(0);
	add_worker(1, 2);
	submit(1, "b");
	assert_int_equal(heard(0).type, 0);
	assert_int_equal(heard(1).type, WIRE_JOB);
	say(0, WIRE_JUDGED, old.job, SPAN("x")); /* what it had it ends */
	assert_int_equal(n_over, 1);
}

static void too_much_is_said(void **state)
{
	(void)state;
	for (unsigned i = 0; i <= LIMIT_SERVE_JOBS; i++)
		submit(i, "x");
	turn();
	assert_true(n_failed >= 1);
	assert_int_equal(last_failure, UNJUDGED_TOO_BUSY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(work_is_shared_and_answered, setup, teardown),
		cmocka_unit_test_setup_teardown(questions_come_back_answered, setup, teardown),
		cmocka_unit_test_setup_teardown(one_message_dies_with_its_worker, setup, teardown),
		cmocka_unit_test_setup_teardown(a_worker_that_speaks_out_of_turn_is_ended, setup, teardown),
		cmocka_unit_test_setup_teardown(nobody_waits_for_what_is_cancelled, setup, teardown),
		cmocka_unit_test_setup_teardown(the_newest_settings_get_the_work, setup, teardown),
		cmocka_unit_test_setup_teardown(too_much_is_said, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
