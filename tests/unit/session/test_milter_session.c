/* session/milter_session, with session/door under it: messages put together exactly, answers of every kind, clients that stall or vanish.
 */
#include "base/limits.h"
#include "tests/milter_test.h"
#include "tests/session_test.h"

static struct arena arena;

static const struct span WHOLE = SPAN_INIT("Received: from a\r\n\tby b\r\nSubject:  hello\r\nX-Spam-Flag: NO\r\n\r\ntext\r\n.\r\nmore\r\n");

static void put_beginning(struct buf *out)
{
	buf_init(out, &arena, 1 << 24);
	milter_test_offer(out, 6, MILTER_TEST_ACTIONS, MILTER_TEST_STEPS);
	MILTER_TEST(out, 'D', "Cj\0mx.example.org\0");
	MILTER_TEST(out, 'C', "mail.example.net\0004\0\031192.0.2.7\0");
	MILTER_TEST(out, 'H', "helo.example.net\0");
}

static void put_message(struct buf *out)
{
	MILTER_TEST(out, 'D', "M{auth_authen}\0ann\0{tls_version}\0TLSv1.3\0{cipher}\0AES\0");
	MILTER_TEST(out, 'M', "<a@example.net>\0SIZE=100\0");
	MILTER_TEST(out, 'R', "<b@example.org>\0");
	MILTER_TEST(out, 'R', "c@example.org\0");
	milter_test_header(out, "Received", " from a\n\tby b");
	milter_test_header(out, "Subject", "  hello");
	milter_test_header(out, "X-Spam-Flag", " NO");
	MILTER_TEST(out, 'N', "");
	MILTER_TEST(out, 'B', "text\r\n.\r\n");
	MILTER_TEST(out, 'D', "Ei\0004F1\0");
	MILTER_TEST(out, 'E', "more\r\n");
}

/* The letters of the packets that came back. */
static const char *letters(struct span packets)
{
	static char text[200];
	size_t n = 0;
	while (packets.n >= 5 && n + 1 < sizeof text) {
		size_t bytes = (size_t)packets.p[1] << 16 | (size_t)packets.p[2] << 8 | packets.p[3];
		text[n++] = (char)packets.p[4];
		packets = span_skip(packets, 4 + bytes);
	}
	text[n] = 0;
	return text;
}

static void two_messages_in_pieces_of_any_size(void **state)
{
	(void)state;
	for (size_t piece = 1; piece < 2000; piece = piece * 3 + 7) {
		struct session_test t;
		struct buf in;
		bool closed;
		session_test_init(&t);
		int fd = session_test_client(&t, DOOR_MILTER, false);
		put_beginning(&in);
		put_message(&in);
		session_test_send(&t, fd, buf_span(&in), piece);
		assert_string_equal(letters(session_test_read(&t, fd, &closed)), "Oca");
		assert_int_equal(t.submitted, 1);
		assert_true(span_eq(t.message, WHOLE));
		assert_span(t.asked,
			    "ip=192.0.2.7 rdns=mail.example.net helo=helo.example.net user=ann id=4F1 tls=TLSv1.3 AES from=a@example.net "
			    "to=b@example.org,c@example.org");
		/* Another on the same connection, from nobody and not authenticated: nothing of the first is left. */
		buf_init(&in, &arena, 1 << 20);
		MILTER_TEST(&in, 'M', "<>\0");
		MILTER_TEST(&in, 'R', "<d@example.org>\0");
		MILTER_TEST(&in, 'N', "");
		MILTER_TEST(&in, 'E', "");
		session_test_send(&t, fd, buf_span(&in), piece);
		assert_string_equal(letters(session_test_read(&t, fd, &closed)), "a");
		assert_false(closed);
		assert_span(t.message, "\r\n");
		assert_span(t.asked, "ip=192.0.2.7 rdns=mail.example.net helo=helo.example.net from= to=d@example.org");
		/* And another client, of whom less is known. */
		buf_init(&in, &arena, 1 << 20);
		MILTER_TEST(&in, 'K', "");
		MILTER_TEST(&in, 'C', "[192.0.2.9]\0U");
		MILTER_TEST(&in, 'M', "<e@example.net>\0");
		MILTER_TEST(&in, 'R', "<d@example.org>\0");
		MILTER_TEST(&in, 'N', "");
		MILTER_TEST(&in, 'E', "");
		MILTER_TEST(&in, 'Q', "");
		t.hold = true;
		session_test_send(&t, fd, span_first(buf_span(&in), in.n - 5), piece);
		assert_span(t.asked, "from=e@example.net to=d@example.org");
		session_test_answer(&t);
		session_test_send(&t, fd, span_skip(buf_span(&in), in.n - 5), piece);
		assert_string_equal(letters(session_test_read(&t, fd, &closed)), "a");
		assert_true(closed);
		assert_int_equal(doors_connections(t.doors), 0);
		close(fd);
		session_test_release(&t);
	}
}

/* How one message is answered. */
static struct span answered(struct session_test *t)
{
	struct buf in;
	bool closed;
	int fd = session_test_client(t, DOOR_MILTER, false);
	put_beginning(&in);
	session_test_send(t, fd, buf_span(&in), 1000);
	session_test_read(t, fd, &closed);
	buf_init(&in, &arena, 1 << 20);
	put_message(&in);
	session_test_send(t, fd, buf_span(&in), 1000);
	struct span answer = session_test_read(t, fd, &closed);
	assert_false(closed);
	close(fd);
	session_test_turn(t);
	return answer;
}

/* A mail server whose client has gone quiet behind its message was told every 15 seconds that work goes on, and never hung up on. */
static void quiet_after_the_answer(void **state)
{
	struct session_test t;
	struct buf in;
	bool closed;
	(void)state;
	session_test_init(&t);
	t.hold = true;
	int fd = session_test_client(&t, DOOR_MILTER, false);
	put_beginning(&in);
	put_message(&in);
	session_test_send(&t, fd, buf_span(&in), 1000);
	assert_true(session_test_deadline(&t) <= 15);
	session_test_answer(&t);
	assert_string_equal(letters(session_test_read(&t, fd, &closed)), "Oca");
	assert_true(session_test_deadline(&t) > LIMIT_MILTER_IDLE_SECONDS - 60);
	close(fd);
	session_test_release(&t);
}

static void answers(void **state)
{
	struct session_test t;
	(void)state;
	session_test_init(&t);
	t.outcome.disposition = DISPOSITION_REJECT;
	assert_string_equal(letters(answered(&t)), "cy");
	t.outcome.disposition = DISPOSITION_STORE;
	assert_string_equal(letters(answered(&t)), "cd");
	t.outcome.disposition = DISPOSITION_HOLD;
	assert_string_equal(letters(answered(&t)), "cqa");
	t.answer = ANSWERED_UNAVAILABLE;
	t.reply = SPAN("the checker is gone");
	assert_true(span_has(answered(&t), SPAN("451 4.7.1 Please try again later: the checker is gone")));
	t.settings.accept_on_failure = true;
	struct span packets = answered(&t);
	assert_string_equal(letters(packets), "cmia"); /* the mark from outside goes */
	assert_true(span_has(packets, SPAN("X-Postern-Why\0 not judged: the checker is gone\0")));
	session_test_release(&t);
}

static void too_large(void **state)
{
	struct session_test t;
	struct buf in;
	bool closed;
	(void)state;
	session_test_init(&t);
	t.settings.message_bytes = 3000;
	int fd = session_test_client(&t, DOOR_MILTER, false);
	put_beginning(&in);
	MILTER_TEST(&in, 'M', "<a@example.net>\0");
	MILTER_TEST(&in, 'R', "<b@example.org>\0");
	MILTER_TEST(&in, 'N', "");
	uint8_t body[2000] = { 0 };
	milter_test_packet(&in, 'B', span_of(body, sizeof body));
	milter_test_packet(&in, 'B', span_of(body, sizeof body));
	MILTER_TEST(&in, 'E', "");
	session_test_send(&t, fd, buf_span(&in), 100);
	struct span packets = session_test_read(&t, fd, &closed);
	assert_string_equal(letters(packets), "Ocsia");
	assert_true(span_has(packets, SPAN("not judged: the message is too large")));
	assert_int_equal(t.submitted, 0);
	/* Not more than all messages together may take. */
	spool_limit(1000);
	buf_init(&in, &arena, 1 << 20);
	MILTER_TEST(&in, 'M', "<a@example.net>\0");
	MILTER_TEST(&in, 'R', "<b@example.org>\0");
	MILTER_TEST(&in, 'N', "");
	milter_test_packet(&in, 'B', span_of(body, sizeof body));
	MILTER_TEST(&in, 'E', "");
	session_test_send(&t, fd, buf_span(&in), 100);
	assert_string_equal(letters(session_test_read(&t, fd, &closed)), "cy");
	spool_limit(UINT64_MAX);
	close(fd);
	session_test_release(&t);
}

static void many_recipients(void **state)
{
	struct session_test t;
	struct buf in;
	bool closed;
	(void)state;
	session_test_init(&t);
	int fd = session_test_client(&t, DOOR_MILTER, false);
	put_beginning(&in);
	MILTER_TEST(&in, 'M', "<a@example.net>\0");
	for (uint32_t i = 0; i < LIMIT_ENVELOPE_RECIPIENTS + 10; i++)
		MILTER_TEST(&in, 'R', "<b@example.org>\0");
	char address[LIMIT_ENVELOPE_ADDRESS + 10];
	memset(address, 'a', sizeof address);
	address[sizeof address - 1] = 0;
	MILTER_TEST(&in, 'N', "");
	MILTER_TEST(&in, 'E', "");
	t.hold = true;
	session_test_send(&t, fd, buf_span(&in), 65536);
	assert_int_equal(t.pending->connection.n_recipients, LIMIT_ENVELOPE_RECIPIENTS);
	session_test_answer(&t);
	session_test_read(&t, fd, &closed);
	buf_init(&in, &arena, 1 << 20);
	milter_test_packet(&in, 'M', span_of(address, sizeof address));
	MILTER_TEST(&in, 'R', "<b@example.org>\0");
	MILTER_TEST(&in, 'N', "");
	MILTER_TEST(&in, 'E', "");
	session_test_send(&t, fd, buf_span(&in), 65536);
	assert_int_equal(t.pending->connection.mail_from.n, LIMIT_ENVELOPE_ADDRESS);
	session_test_answer(&t);
	close(fd);
	session_test_release(&t);
}

static void who_vanishes_is_forgotten(void **state)
{
	struct session_test t;
	struct buf in;
	(void)state;
	session_test_init(&t);
	t.hold = true;
	put_beginning(&in);
	put_message(&in);
	/* after any number of bytes */
	for (size_t n = 0; n <= in.n; n += 7) {
		int fd = session_test_client(&t, DOOR_MILTER, false);
		session_test_send(&t, fd, span_first(buf_span(&in), n), 4096);
		assert_true(session_test_deadline(&t) <= LIMIT_MILTER_IDLE_SECONDS);
		close(fd);
		session_test_turn(&t);
		assert_int_equal(doors_connections(t.doors), 0);
		assert_null(t.pending);
	}
	int fd = session_test_client(&t, DOOR_MILTER, false);
	session_test_send(&t, fd, buf_span(&in), 4096);
	assert_non_null(t.pending);
	uint32_t cancelled = t.cancelled;
	/* the mail server gives up, and comes with another */
	buf_init(&in, &arena, 1 << 20);
	MILTER_TEST(&in, 'A', "");
	put_message(&in);
	session_test_send(&t, fd, buf_span(&in), 4096);
	assert_int_equal(t.cancelled, cancelled + 1);
	assert_non_null(t.pending);
	/* the service ends first */
	session_test_release(&t);
	assert_int_equal(t.cancelled, cancelled + 2);
	close(fd);
}

static void who_talks_nonsense_is_hung_up_on(void **state)
{
	struct session_test t;
	bool closed;
	(void)state;
	session_test_init(&t);
	int fd = session_test_client(&t, DOOR_MILTER, false);
	session_test_send(&t, fd, SPAN("GET / HTTP/1.1\r\n\r\n"), 3);
	session_test_read(&t, fd, &closed);
	assert_true(closed);
	assert_string_equal(t.trouble, "a mail server was hung up on: a packet is larger than any mail server sends");
	close(fd);
	/* Who asks and asks and reads no answer. */
	struct buf in;
	fd = session_test_client(&t, DOOR_MILTER, false);
	buf_init(&in, &arena, 1 << 20);
	milter_test_offer(&in, 2, 0x3f, 0);
	MILTER_TEST(&in, 'C', "a\0U");
	session_test_send(&t, fd, buf_span(&in), 1000);
	buf_init(&in, &arena, 1 << 20);
	for (int i = 0; i < 10000; i++)
		MILTER_TEST(&in, 'U', "");
	for (size_t sent = 0; sent < 2 * (LIMIT_SESSION_OUTPUT + LIMIT_MILTER_ANSWER) && doors_connections(t.doors); sent += in.n)
		session_test_send(&t, fd, buf_span(&in), 65536);
	assert_int_equal(doors_connections(t.doors), 0);
	close(fd);
	session_test_release(&t);
}

static void wait(struct session_test *t, unsigned milliseconds)
{
	const struct timeval time = { milliseconds / 1000, milliseconds % 1000 * 1000 };
	event_base_loopexit(t->base, &time);
	event_base_dispatch(t->base);
}

static void who_stalls_is_hung_up_on(void **state)
{
	struct session_test t;
	struct buf in;
	(void)state;
	session_test_init(&t);
	put_beginning(&in);
	size_t beginning = in.n;
	put_message(&in);
	t.settings.idle_seconds = t.settings.read_seconds = 1;
	assert_true(t.settings.idle_seconds < LIMIT_MILTER_IDLE_SECONDS);
	t.hold = true;
	int silent = session_test_client(&t, DOOR_MILTER, false), packet = session_test_client(&t, DOOR_MILTER, false),
	    content = session_test_client(&t, DOOR_MILTER, false), idle = session_test_client(&t, DOOR_MILTER, false),
	    judged = session_test_client(&t, DOOR_MILTER, false);
	session_test_send(&t, packet, span_first(buf_span(&in), beginning - 3), 100);
	session_test_send(&t, content, span_first(buf_span(&in), in.n - 40), 100);
	session_test_send(&t, idle, span_first(buf_span(&in), beginning), 100);
	session_test_send(&t, judged, buf_span(&in), 100);
	assert_int_equal(doors_connections(t.doors), 5);
	wait(&t, 1300);
	/* Who waits between two commands, or for us, is in his right. */
	assert_int_equal(doors_connections(t.doors), 2);
	session_test_answer(&t);
	close(silent);
	close(packet);
	close(content);
	close(idle);
	close(judged);
	session_test_release(&t);
}

static void listening(void **state)
{
	struct session_test t;
	struct sockaddr_storage address = { .ss_family = AF_UNIX };
	socklen_t n = sizeof(sa_family_t);
	(void)state;
	session_test_init(&t);
	t.settings.connections = 2;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), clients[3];
	assert_int_equal(bind(fd, (struct sockaddr *)&address, n), 0); /* Linux chooses an abstract name */
	n = sizeof address;
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &n), 0);
	assert_int_equal(doors_open(t.doors, DOOR_MILTER, fd), ERR_OK);
	for (int i = 0; i < 3; i++) {
		clients[i] = socket(AF_UNIX, SOCK_STREAM, 0);
		assert_int_equal(connect(clients[i], (struct sockaddr *)&address, n), 0);
	}
	session_test_turn(&t);
	assert_int_equal(doors_connections(t.doors), 2); /* the third waits */
	close(clients[0]);
	close(clients[1]);
	session_test_turn(&t);
	assert_int_equal(doors_connections(t.doors), 1);
	doors_shut(t.doors);
	int late = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(connect(late, (struct sockaddr *)&address, n), 0);
	session_test_turn(&t);
	assert_int_equal(doors_connections(t.doors), 1);
	close(late);
	close(clients[2]);
	assert_int_equal(doors_open(t.doors, DOOR_MILTER, -1), ERR_IO);
	session_test_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_messages_in_pieces_of_any_size),
		cmocka_unit_test(answers),
		cmocka_unit_test(quiet_after_the_answer),
		cmocka_unit_test(too_large),
		cmocka_unit_test(many_recipients),
		cmocka_unit_test(who_vanishes_is_forgotten),
		cmocka_unit_test(who_talks_nonsense_is_hung_up_on),
		cmocka_unit_test(who_stalls_is_hung_up_on),
		cmocka_unit_test(listening),
	};
	return cmocka_run_group_tests_name("session/milter_session", tests, NULL, NULL);
}
