/* session/smtp_session with the gate and a next hop by script: each answer of the gate at each stage, delays, clients that do not wait, do
 * not come to an end or vanish, and what the judge says. */
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>

#include "base/limits.h"
#include "tests/heap.h"
#include "tests/session_test.h"

/* The mail server behind: accepts everything, keeps what it was sent. */
struct next_hop {
	struct session_test *t;
	struct evconnlistener *listener;
	struct settings_address address;
	int fd; /* of the one connection; -1 */
	struct event *readable;
	uint8_t heard[100000];
	size_t n, answered;
	bool content;
	const char *refuse; /* a word that is answered with 550 */
};

static void answer_lines(struct next_hop *h)
{
	for (;;) {
		struct span rest = span_of(h->heard + h->answered, h->n - h->answered);
		size_t end = h->content ? span_find(rest, SPAN("\r\n.\r\n"), 0) : span_find_byte(rest, '\n', 0);
		if (end == SPAN_NPOS)
			return;
		struct span line = span_first(rest, end);
		h->answered += end + (h->content ? 5 : 1);
		const char *reply = span_starts(line, SPAN("DATA")) ? "354 go\r\n" : "250 ok\r\n";
		if (h->refuse && span_starts(line, span_cstr(h->refuse)))
			reply = "550 5.1.1 no\r\n";
		h->content = span_starts(line, SPAN("DATA"));
		assert_true(send(h->fd, reply, strlen(reply), MSG_NOSIGNAL) > 0);
	}
}

static void on_readable(evutil_socket_t fd, short what, void *context)
{
	struct next_hop *h = context;
	(void)what;
	ssize_t n = recv(fd, h->heard + h->n, sizeof h->heard - h->n, 0);
	if (n <= 0) {
		event_del(h->readable);
		return;
	}
	h->n += (size_t)n;
	answer_lines(h);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address, int n, void *context)
{
	struct next_hop *h = context;
	(void)listener;
	(void)address;
	(void)n;
	h->fd = fd;
	h->readable = event_new(h->t->base, fd, EV_READ | EV_PERSIST, on_readable, h);
	event_add(h->readable, NULL);
	assert_true(send(fd, "220 hop\r\n", 9, MSG_NOSIGNAL) == 9);
}

/* The gate: at `stage` this answer, at others all pass. */
struct guard {
	enum gate_stage stage;
	struct gate_reply reply;
	bool later; /* the answer is held until guard_speak */
	struct gate_visit *waiting;
	uint32_t asked[GATE_STAGES], manners;
};

struct scene {
	struct session_test t;
	struct next_hop hop;
	struct guard guard;
	int client;
};

static bool on_gate(void *context, struct gate_visit *visit, enum gate_stage stage)
{
	struct guard *g = &((struct scene *)context)->guard;
	g->asked[stage]++;
	g->manners = visit->manners;
	if (stage != g->stage || stage == GATE_END)
		return true;
	visit->reply = g->reply;
	g->waiting = g->later ? visit : NULL;
	return !g->later;
}

static void begin(struct scene *s, enum gate_stage stage, const struct gate_reply *reply)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof in;
	memset(s, 0, sizeof *s);
	session_test_init(&s->t);
	s->hop = (struct next_hop){ .t = &s->t, .fd = -1 };
	s->hop.listener =
	    evconnlistener_new_bind(s->t.base, on_accept, &s->hop, LEV_OPT_CLOSE_ON_FREE, 5, (struct sockaddr *)&in, sizeof in);
	assert_non_null(s->hop.listener);
	assert_int_equal(getsockname(evconnlistener_get_fd(s->hop.listener), (struct sockaddr *)&in, &n), 0);
	s->hop.address = (struct settings_address){ .ip = ip_from_v4(INADDR_LOOPBACK), .port = ntohs(in.sin_port) };
	s->t.settings.smtp.next_hop = &s->hop.address;
	s->guard.stage = stage;
	if (reply)
		s->guard.reply = *reply;
	/* The session sees a client of the internet: it is asked for the peer of a socket that has one. */
	struct sockaddr_in door = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	n = sizeof door;
	assert_true(listener >= 0 && bind(listener, (struct sockaddr *)&door, sizeof door) == 0 && listen(listener, 1) == 0 &&
		    getsockname(listener, (struct sockaddr *)&door, &n) == 0);
	s->client = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(s->client, (struct sockaddr *)&door, sizeof door), 0);
	int accepted = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
	assert_true(accepted >= 0 && evutil_make_socket_nonblocking(s->client) == 0);
	close(listener);
	s->t.handlers.gate = on_gate;
	s->t.handlers.context = s;
	doors_enter(s->t.doors, DOOR_SMTP, accepted, false);
}

static void end(struct scene *s)
{
	close(s->client);
	session_test_turn(&s->t);
	if (s->hop.readable)
		event_free(s->hop.readable);
	if (s->hop.fd >= 0)
		close(s->hop.fd);
	evconnlistener_free(s->hop.listener);
	session_test_release(&s->t);
}

/* What comes back, until it has so many lines or the door is closed. */
static struct span talk(struct scene *s, const char *text, unsigned lines, bool *ret_closed)
{
	struct buf all;
	bool closed = false;
	if (text && text[0])
		session_test_send(&s->t, s->client, span_cstr(text), 10000);
	buf_init(&all, &s->t.arena, 1 << 20);
	for (int i = 0; i < (lines > 1 ? 2000 : 60) && !closed; i++) {
		unsigned n = 0;
		buf_put(&all, session_test_read(&s->t, s->client, &closed));
		for (size_t at = 0; at < all.n; at++)
			n += all.p[at] == '\n';
		if (n >= lines && lines)
			break;
		event_base_loop(s->t.base, EVLOOP_NONBLOCK);
		usleep(500);
	}
	*ret_closed = closed;
	return buf_span(&all);
}

#define LETTER "EHLO c.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n"

static bool has(struct span text, const char *what) { return span_has(text, span_cstr(what)); }

static void answers_of_the_gate(void **state)
{
	static const struct {
		enum gate_stage stage;
		enum gate_answer answer;
		uint16_t code;
		const char *says; /* the replies begin with these codes, one line each, EHLO's apart */
		bool closed;
	} v[] = {
		{ GATE_CONNECT, GATE_REFUSE, 554, "521 5.7.1 go\r\n", true },
		{ GATE_CONNECT, GATE_CLOSE, 421, "421 5.7.1 go\r\n", true },
		{ GATE_CONNECT, GATE_DEFER, 450, "450 5.7.1 go\r\n", true },
		{ GATE_HELO, GATE_REFUSE, 550, "220 mx.example.org ESMTP\r\n550 5.7.1 go\r\n503", false },
		{ GATE_HELO, GATE_CLOSE, 550, "220 mx.example.org ESMTP\r\n550 5.7.1 go\r\n", true },
		{ GATE_MAIL, GATE_DEFER, 450, "450 5.7.1 go\r\n503", false },
		{ GATE_RCPT, GATE_REFUSE, 550, "250 2.1.0 Sender ok\r\n550 5.7.1 go\r\n503", false },
		{ GATE_DATA, GATE_REFUSE, 550, "250 2.1.5 Recipient ok\r\n550 5.7.1 go\r\n", false },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(v); i++)
		for (int later = 0; later < 2; later++) {
			struct scene s;
			bool closed = false;
			struct gate_reply reply = { .answer = v[i].answer, .code = v[i].code, .enhanced = "5.7.1", .text = SPAN("go") };
			begin(&s, v[i].stage, &reply);
			s.guard.later = later;
			struct span said = span_none;
			bool answered = false;
			for (int n = 0; n < 200 && !closed && (!has(said, v[i].says) || v[i].closed); n++) {
				bool greeted = n == 1; /* by then it is greeted, or refused */
				said = arena_join(&s.t.arena, said, talk(&s, greeted ? LETTER : NULL, 1, &closed));
				if (s.guard.waiting && later && !answered) {
					answered = true;
					s.guard.waiting->done(s.guard.waiting);
				}
			}
			if (!has(said, v[i].says) || closed != v[i].closed)
				fail_msg("%zu later %d: \"%.*s\", closed %d", i, later, SPAN_ARG(said), closed);
			end(&s);
			if (s.guard.asked[GATE_END] != 1)
				fail_msg("%zu: the gate was told of the end %u times", i, s.guard.asked[GATE_END]);
		}
}

static void waits_and_sees_who_does_not(void **state)
{
	struct scene s;
	bool closed;
	(void)state;
	begin(&s, GATE_CONNECT, &(struct gate_reply){ .answer = GATE_PASS, .delay_ms = 50, .teaser = true });
	assert_true(span_eq(talk(&s, "EHLO early\r\n", 1, &closed), SPAN("220-mx.example.org ESMTP\r\n")));
	struct span said = talk(&s, NULL, 3, &closed);
	assert_true(span_starts(said, SPAN("220 mx.example.org ESMTP\r\n250-")));
	assert_int_equal(s.guard.manners, GATE_EARLY_TALKER);
	end(&s);
}

static void judged(void **state)
{
	static const struct {
		enum disposition disposition;
		enum session_answer answer;
		bool accepts;
		const char *reply;
		bool arrives;
	} v[] = {
		{ DISPOSITION_DELIVER, ANSWERED, false, "250 ok\r\n", true },
		{ DISPOSITION_HOLD, ANSWERED, false, "250 ok\r\n", true },
		{ DISPOSITION_REJECT, ANSWERED, false, "550 5.7.1 abuse\r\n", false },
		{ DISPOSITION_DEFER, ANSWERED, false, "550 5.7.1 abuse\r\n", false },
		{ DISPOSITION_STORE, ANSWERED, false, "250 2.0.0 Accepted 7F\r\n", false },
		{ DISPOSITION_DELIVER, ANSWERED_UNAVAILABLE, false, "451 4.3.0 Please try again later: the checker is gone\r\n", false },
		{ DISPOSITION_DELIVER, ANSWERED_UNAVAILABLE, true, "250 ok\r\n", true },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(v); i++) {
		struct scene s;
		bool closed;
		begin(&s, GATE_END, NULL);
		s.t.handlers.context = &s;
		s.t.outcome = (struct outcome){ .disposition = v[i].disposition,
						.id = SPAN("7F"),
						.reply_code = 550,
						.reply_status = SPAN("5.7.1"),
						.reply_text = SPAN("abuse") };
		s.t.answer = v[i].answer;
		s.t.reply = SPAN("the checker is gone");
		s.t.settings.accept_on_failure = v[i].accepts;
		talk(&s, NULL, 1, &closed);
		struct span said = talk(&s, LETTER, 11, &closed);
		assert_true(has(said, "354 "));
		said = talk(&s, "X-Spam-Flag: NO\r\nSubject: x\r\n\r\ntext\r\n.\r\n", 1, &closed);
		assert_true(span_eq(said, span_cstr(v[i].reply)));
		assert_span(s.t.message, "X-Spam-Flag: NO\r\nSubject: x\r\n\r\ntext\r\n");
		assert_span(s.t.asked, "ip=127.0.0.1 helo=c.example from=a@b.example to=c@d.example");
		struct span heard = span_of(s.hop.heard, s.hop.n);
		assert_int_equal(has(heard, "Subject: x"), v[i].arrives);
		if (v[i].answer == ANSWERED_UNAVAILABLE && v[i].arrives)
			assert_true(!has(heard, "X-Spam-Flag") && has(heard, "X-Postern-Why: not judged"));
		/* the next message finds the next hop clean */
		said = talk(&s, "MAIL FROM:<e@f.example>\r\nRCPT TO:<c@d.example>\r\nQUIT\r\n", 3, &closed);
		assert_true(has(said, "250 2.1.0 Sender ok\r\n250 2.1.5 Recipient ok\r\n221 "));
		assert_int_equal(has(span_of(s.hop.heard, s.hop.n), "RSET\r\n"), !v[i].arrives);
		end(&s);
	}
}

/* One of three does not get it: the next hop is given the message anew, without him. */
static void some_are_withheld(void **state)
{
	static struct span him = SPAN_INIT("no@d.example");
	struct scene s;
	bool closed;
	(void)state;
	begin(&s, GATE_END, NULL);
	s.t.answer = ANSWERED;
	s.t.outcome = (struct outcome){ .disposition = DISPOSITION_DELIVER, .id = SPAN("7F"), .withhold = { .v = &him, .n = 1 } };
	talk(&s, NULL, 1, &closed);
	talk(&s,
	     "EHLO c\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nRCPT TO:<no@d.example>\r\nRCPT TO:<e@d.example>\r\nDATA\r\n",
	     13, &closed);
	struct span said = talk(&s, "Subject: x\r\n\r\n.text\r\n.\r\n", 1, &closed);
	assert_span(said, "250 ok\r\n");
	struct span heard = span_of(s.hop.heard, s.hop.n);
	size_t again = span_find(heard, SPAN("RSET\r\n"), 0);
	assert_true(again != SPAN_NPOS && has(span_first(heard, again), "RCPT TO:<no@d.example>"));
	heard = span_skip(heard, again);
	assert_true(
	    span_starts(heard, SPAN("RSET\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nRCPT TO:<e@d.example>\r\nDATA\r\n")));
	assert_true(span_ends(heard, SPAN("Subject: x\r\n\r\ntext\r\n.\r\n")));
	end(&s);
	/* All of them: it is kept, and nobody behind us hears of it. */
	begin(&s, GATE_END, NULL);
	static struct span only = SPAN_INIT("c@d.example");
	s.t.answer = ANSWERED;
	s.t.outcome = (struct outcome){ .disposition = DISPOSITION_DELIVER, .id = SPAN("7F"), .withhold = { .v = &only, .n = 1 } };
	talk(&s, NULL, 1, &closed);
	talk(&s, LETTER, 11, &closed);
	assert_span(talk(&s, "Subject: x\r\n\r\n.\r\n", 1, &closed), "250 2.0.0 Accepted 7F\r\n");
	assert_false(has(span_of(s.hop.heard, s.hop.n), "Subject"));
	end(&s);
}

static void clients_that_vanish(void **state)
{
	struct scene s;
	bool closed;
	(void)state;
	begin(&s, GATE_END, NULL);
	s.t.hold = true;
	talk(&s, NULL, 1, &closed);
	talk(&s, LETTER, 11, &closed);
	talk(&s, "Subject: x\r\n\r\ntext\r\n.\r\n", 0, &closed);
	assert_int_equal(s.t.submitted, 1);
	shutdown(s.client, SHUT_RDWR);
	for (int i = 0; i < 100 && doors_connections(s.t.doors); i++)
		session_test_turn(&s.t);
	assert_int_equal(s.t.cancelled, 1);
	assert_int_equal(doors_connections(s.t.doors), 0);
	assert_false(has(span_of(s.hop.heard, s.hop.n), "Subject"));
	end(&s);
}

static void recipients_are_bounded(void **state)
{
	struct scene s;
	bool closed;
	struct buf in;
	(void)state;
	begin(&s, GATE_END, NULL);
	talk(&s, NULL, 1, &closed);
	talk(&s, "EHLO c\r\nMAIL FROM:<a@b>\r\n", 9, &closed);
	buf_init(&in, &s.t.arena, 1 << 20);
	for (unsigned i = 0; i <= LIMIT_SMTP_RECIPIENTS; i++)
		buf_printf(&in, "RCPT TO:<c%u@d>\r\n", i);
	buf_byte(&in, 0);
	struct span said = talk(&s, (const char *)in.p, LIMIT_SMTP_RECIPIENTS + 1, &closed);
	assert_true(has(said, "452 4.5.3 "));
	assert_true(span_ends(said, SPAN("another message\r\n")));
	end(&s);
}

/* Seven of eight places are taken: who says nothing has 10 seconds, not 5 minutes. */
static void less_time_in_a_crowd(void **state)
{
	struct scene s;
	bool closed;
	(void)state;
	begin(&s, GATE_END, NULL);
	talk(&s, NULL, 1, &closed);
	assert_false(doors_crowded(s.t.doors));
	talk(&s, "NOOP\r\n", 1, &closed);
	assert_true(session_test_deadline(&s.t) > 200);
	s.t.settings.connections = 1;
	assert_true(doors_crowded(s.t.doors));
	talk(&s, "NOOP\r\n", 1, &closed);
	assert_true(session_test_deadline(&s.t) <= 11);
	s.t.settings.connections = 100; /* before it leaves */
	end(&s);
}

/* All places are taken: the oldest that says nothing makes room, nobody else. */
static void the_oldest_makes_room(void **state)
{
	enum { PLACES = 8 };
	struct session_test t;
	int clients[PLACES + 2];
	bool closed;
	(void)state;
	session_test_init(&t);
	t.settings.connections = PLACES;
	for (int i = 0; i < PLACES - 1; i++) {
		clients[i] = session_test_client(&t, DOOR_SMTP, false);
		assert_true(has(session_test_read(&t, clients[i], &closed), "220 "));
	}
	session_test_send(&t, clients[0], SPAN("EHLO c.exam"), 100); /* in the middle of a word */
	clients[PLACES - 1] = session_test_client(&t, DOOR_SMTP, false);
	assert_true(has(session_test_read(&t, clients[PLACES - 1], &closed), "220 ") && !closed);
	assert_true(has(session_test_read(&t, clients[1], &closed), "421 4.3.2 mx.example.org Too busy") && closed);
	assert_int_equal(doors_given_up(t.doors), 1);
	assert_true(session_test_read(&t, clients[0], &closed).n == 0 && !closed);
	session_test_send(&t, clients[0], SPAN("ple\r\n"), 100);
	assert_true(has(session_test_read(&t, clients[0], &closed), "250 CHUNKING\r\n") && !closed);
	/* then it rests, and is the oldest */
	clients[PLACES] = session_test_client(&t, DOOR_SMTP, false);
	assert_true(has(session_test_read(&t, clients[0], &closed), "421 ") && closed);
	for (int i = 0; i <= PLACES; i++)
		close(clients[i]);
	session_test_turn(&t);
	assert_int_equal(doors_connections(t.doors), 0);
	assert_null(t.doors->oldest);
	session_test_release(&t);
}

/* The service ends: goodbye to who waits; who brings a message is waited for. */
static void parts(void **state)
{
	struct scene s;
	bool closed;
	(void)state;
	begin(&s, GATE_END, NULL);
	s.t.answer = ANSWERED;
	s.t.outcome = (struct outcome){ .disposition = DISPOSITION_DELIVER, .id = SPAN("7F") };
	talk(&s, NULL, 1, &closed);
	int idle = session_test_client(&s.t, DOOR_SMTP, false);
	assert_true(has(session_test_read(&s.t, idle, &closed), "220 "));
	talk(&s, LETTER, 11, &closed);
	assert_int_equal(doors_part(s.t.doors, false), 2); /* one was told now, one is in a message */
	assert_true(has(session_test_read(&s.t, idle, &closed), "421 4.3.2 mx.example.org Closing down") && closed);
	assert_int_equal(doors_part(s.t.doors, true), 1);
	assert_span(talk(&s, "Subject: x\r\n\r\n.\r\n", 1, &closed), "250 ok\r\n");
	assert_int_equal(doors_part(s.t.doors, false), 1);
	assert_true(has(talk(&s, NULL, 1, &closed), "421 ") && closed);
	assert_int_equal(doors_part(s.t.doors, false), 0);
	close(idle);
	end(&s);
}

/* A hundred thousand of them must fit into 250 MB: greeted, or back at the end of a command, with the gate's notes still to be added. */
static void an_idle_client_costs_little(void **state)
{
	enum { CLIENTS = 300, BYTES = 1200 };
	static int clients[CLIENTS];
	struct session_test t;
	char in[512];
	(void)state;
	session_test_init(&t);
	t.settings.connections = CLIENTS + 1;
	int first = session_test_client(&t, DOOR_SMTP, false); /* what all share is there now */
	session_test_turn(&t);
	size_t before = heap_bytes();
	for (int i = 0; i < CLIENTS; i++)
		clients[i] = session_test_client(&t, DOOR_SMTP, false);
	session_test_turn(&t);
	size_t greeted = (heap_bytes() - before) / CLIENTS;
	for (int i = 0; i < CLIENTS; i++) {
		assert_true(recv(clients[i], in, sizeof in, 0) > 20);
		session_test_send(&t, clients[i], SPAN("EHLO c.example\r\n"), 100);
		assert_true(recv(clients[i], in, sizeof in, 0) > 100);
	}
	session_test_turn(&t);
	size_t introduced = (heap_bytes() - before) / CLIENTS;
	if (greeted > BYTES || introduced > BYTES)
		fail_msg("an idle client costs %zu bytes, and %zu behind EHLO", greeted, introduced);
	for (int i = 0; i < CLIENTS; i++)
		close(clients[i]);
	close(first);
	session_test_release(&t);
}

/* Who rests keeps its deadline, is heard at once, and may go. */
static void a_rest_changes_nothing(void **state)
{
	struct scene s;
	bool closed;
	(void)state;
	begin(&s, GATE_END, NULL);
	talk(&s, NULL, 1, &closed);
	assert_true(session_rests(s.t.doors->sessions));
	assert_in_range(session_test_deadline(&s.t), 290, 301);
	session_pause(s.t.doors->sessions, 2000);
	assert_span(talk(&s, "NOO", 0, &closed), "");
	assert_false(session_rests(s.t.doors->sessions));
	assert_in_range(session_test_deadline(&s.t), 0, 2); /* a byte buys no time */
	assert_span(talk(&s, "P\r\n", 1, &closed), "250 2.0.0 Ok\r\n");
	assert_true(session_rests(s.t.doors->sessions));
	assert_in_range(session_test_deadline(&s.t), 290, 301);
	assert_span(talk(&s, "NOOP\r\nNOOP\r\nNO", 2, &closed), "250 2.0.0 Ok\r\n250 2.0.0 Ok\r\n");
	assert_false(session_rests(s.t.doors->sessions));
	assert_span(talk(&s, "OP\r\n", 1, &closed), "250 2.0.0 Ok\r\n");
	session_pause(s.t.doors->sessions, 1);
	assert_true(session_rests(s.t.doors->sessions));
	assert_true(has(talk(&s, NULL, 1, &closed), "421 4.4.2 mx.example.org You took too long\r\n"));
	end(&s);
	begin(&s, GATE_END, NULL);
	talk(&s, NULL, 1, &closed);
	assert_true(session_rests(s.t.doors->sessions));
	shutdown(s.client, SHUT_WR);
	for (int i = 0; i < 100 && doors_connections(s.t.doors); i++)
		session_test_turn(&s.t);
	assert_int_equal(doors_connections(s.t.doors), 0);
	end(&s);
	begin(&s, GATE_END, NULL);
	talk(&s, NULL, 1, &closed);
	assert_true(session_rests(s.t.doors->sessions)); /* when the doors go */
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_of_the_gate),
		cmocka_unit_test(waits_and_sees_who_does_not),
		cmocka_unit_test(judged),
		cmocka_unit_test(some_are_withheld),
		cmocka_unit_test(clients_that_vanish),
		cmocka_unit_test(recipients_are_bounded),
		cmocka_unit_test(less_time_in_a_crowd),
		cmocka_unit_test(the_oldest_makes_room),
		cmocka_unit_test(parts),
		cmocka_unit_test(an_idle_client_costs_little),
		cmocka_unit_test(a_rest_changes_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
