/* app/keeping: the keeper's words about room and about what was asked, on one channel that they do not end. */
#include "app/keeping.h"
#include "base/record.h"
#include "net/channel.h"
#include "tests/test.h"

#include <event2/event.h>
#include <sys/socket.h>

static struct arena arena;
static int answered = -1;

static void on_answer(void *context, enum session_answer answer, struct span reply)
{
	(void)context;
	(void)reply;
	answered = answer;
}

static struct span number(uint64_t n, struct span text)
{
	struct buf out;
	buf_init(&out, &arena, 1000);
	record_put_number(&out, n);
	if (text.p)
		record_put_text(&out, text);
	return buf_span(&out);
}

static void room_and_answers(void **state)
{
	struct event_base *base = event_base_new();
	struct keeping *keeping = keeping_new(base);
	struct channel_record asked;
	int fds[2];
	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	keeping_attach(keeping, fds[0]);
	struct channel *keeper = channel_new(fds[1], 1 << 20);
	keeping_ask(keeping, WIRE_READ, SPAN("x"), NULL, on_answer, NULL);
	for (uint64_t no_room = 1; no_room < 2; no_room--) { /* 1, and 0: there is some again */
		assert_int_equal(channel_send(keeper, WIRE_ROOM, 0, number(no_room, span_none), NULL, -1), 0);
		event_base_loop(base, EVLOOP_NONBLOCK);
		assert_int_equal(keeping_no_room(keeping), no_room);
		assert_int_equal(answered, -1); /* who asked still waits, and the channel is whole */
	}
	assert_int_equal(channel_receive(keeper, &asked), 1);
	assert_int_equal(channel_send(keeper, WIRE_DONE, asked.job, number(ANSWERED, SPAN("y")), NULL, -1), 0);
	event_base_loop(base, EVLOOP_NONBLOCK);
	assert_int_equal(answered, ANSWERED);
	channel_free(keeper);
	keeping_free(keeping);
	event_base_free(base);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(room_and_answers) };
	arena_init(&arena);
	return cmocka_run_group_tests_name("app/keeping", tests, NULL, NULL);
}
