/* session/spamd_session: requests in pieces, half-closed clients, lessons, limits, and clients that stall. */
#include "base/limits.h"
#include "tests/session_test.h"

#include <zlib.h>

static struct arena arena;

/* What a request is answered; half: the client closes its half of the connection behind it. */
static struct span ask(struct session_test *t, bool trusted, struct span request, size_t piece, bool half)
{
	bool closed;
	int fd = session_test_client(t, DOOR_SPAMD, trusted);
	session_test_send(t, fd, request, piece);
	if (half)
		shutdown(fd, SHUT_WR);
	struct span answer = session_test_read(t, fd, &closed);
	assert_true(closed);
	close(fd);
	session_test_turn(t);
	assert_int_equal(doors_connections(t->doors), 0);
	return answer;
}

static void requests(void **state)
{
	struct session_test t;
	(void)state;
	session_test_init(&t);
	t.outcome.thresholds = (struct verdict_thresholds){ .mark = 2000, .quarantine = 4000, .reject = 8000 };
	t.outcome.score = 2000;
	t.outcome.spam = true;
	for (size_t piece = 1; piece < 200; piece = piece * 3 + 1)
		for (int half = 0; half < 2; half++) {
			assert_span(ask(&t, false,
					SPAN("CHECK SPAMC/1.5\r\nUser: ann@example.org\r\nContent-length: 15\r\n\r\nSubject: x\n\nhi\n"),
					piece, half),
				    "SPAMD/1.1 0 EX_OK\r\nSpam: True ; 5.0 / 5.0\r\n\r\n");
			assert_span(t.message, "Subject: x\n\nhi\n");
			assert_span(t.asked, "to=ann@example.org");
			assert_span(ask(&t, false, SPAN("PING SPAMC/1.2\r\n"), piece, half), "SPAMD/1.5 0 PONG\r\n");
			assert_span(ask(&t, false, SPAN("SKIP SPAMC/1.2\r\n"), piece, half), "");
		}
	/* without a length the end of sending ends it */
	assert_span(ask(&t, false, SPAN("CHECK SPAMC/1.2\r\nUser: ann\r\n\r\nhello"), 3, true),
		    "SPAMD/1.1 0 EX_OK\r\nSpam: True ; 5.0 / 5.0\r\n\r\n");
	assert_span(t.message, "hello");
	assert_span(t.asked, "");
	/* Exim's other dialect tells the envelope */
	assert_true(
	    span_starts(ask(&t, false,
			    SPAN("CHECK RSPAMC/1.3\r\nContent-length: 1\r\nQueue-Id: 1abc\r\nFrom: <a@example.net>\r\nRecipient-Number: "
				 "1\r\nRcpt: <b@example.org>\r\nHelo: h\r\nHostname: r\r\nIP: 192.0.2.7\r\nUser: ann\r\n\r\nx"),
			    3, false),
			SPAN("RSPAMD/1.3 0 EX_OK\r\nMetric: default; True; 5.0 / 5.0 / 15.0\r\nAction: ")));
	assert_span(t.asked, "ip=192.0.2.7 rdns=r helo=h user=ann id=1abc from=a@example.net to=b@example.org");
	session_test_release(&t);
}

static void lessons(void **state)
{
	static const struct {
		const char *head;
		bool trusted;
		enum session_answer answer;
		const char *want;
		enum session_wish wish; /* where something is asked */
	} cases[] = {
		{ "Message-class: spam\r\nSet: local\r\n", true, ANSWERED, "SPAMD/1.1 0 EX_OK\r\nDidSet: local\r\n\r\n", WISH_LEARN_SPAM },
		{ "Message-class: ham\r\nSet: local,remote\r\n", true, ANSWERED, "SPAMD/1.1 0 EX_OK\r\nDidSet: local\r\n\r\n",
		  WISH_LEARN_HAM },
		{ "Message-class: spam\r\nSet: local\r\n", true, ANSWERED_ALREADY, "SPAMD/1.1 0 EX_OK\r\n\r\n", WISH_LEARN_SPAM },
		{ "Remove: local\r\n", true, ANSWERED, "SPAMD/1.1 0 EX_OK\r\nDidRemove: local\r\n\r\n", WISH_FORGET },
		{ "Remove: local\r\n", true, ANSWERED_NOT_FOUND, "SPAMD/1.1 0 EX_OK\r\n\r\n", WISH_FORGET },
		{ "Remove: local\r\n", true, ANSWERED_UNAVAILABLE, "SPAMD/1.0 75 not judged\r\n\r\n", WISH_FORGET },
		{ "Message-class: spam\r\nSet: remote\r\n", true, ANSWERED, "SPAMD/1.1 0 EX_OK\r\n\r\n", WISH_JUDGE },
		{ "Message-class: spam\r\nSet: local\r\n", false, ANSWERED,
		  "SPAMD/1.0 69 Service Unavailable: TELL is heard on a unix socket only\r\n\r\n", WISH_JUDGE },
	};
	struct session_test t;
	(void)state;
	session_test_init(&t);
	for (size_t i = 0; i < COUNT(cases); i++) {
		uint32_t before = t.submitted;
		struct buf in;
		buf_init(&in, &arena, 10000);
		buf_cstr(&in, "TELL SPAMC/1.5\r\nContent-length: 5\r\n");
		buf_cstr(&in, cases[i].head);
		buf_cstr(&in, "\r\nhello");
		t.answer = cases[i].answer;
		assert_span(ask(&t, cases[i].trusted, buf_span(&in), 1000, true), cases[i].want);
		assert_int_equal(t.submitted - before, cases[i].wish != WISH_JUDGE);
		if (cases[i].wish != WISH_JUDGE)
			assert_int_equal(t.wish, cases[i].wish);
	}
	session_test_release(&t);
}

static void too_large_and_wrong(void **state)
{
	struct session_test t;
	static uint8_t nothing[200000];
	uint8_t packed[1000];
	uLongf n = sizeof packed;
	struct buf in;
	(void)state;
	session_test_init(&t);
	assert_true(
	    span_starts(ask(&t, false, SPAN("CHECK SPAMC/1.5\r\nContent-length: 100001\r\n\r\nx"), 10, false), SPAN("SPAMD/1.0 98 ")));
	buf_init(&in, &arena, 1 << 20);
	buf_cstr(&in, "CHECK SPAMC/1.5\r\n\r\n");
	buf_put(&in, span_of(nothing, sizeof nothing));
	assert_true(span_starts(ask(&t, false, buf_span(&in), 5000, false), SPAN("SPAMD/1.0 98 ")));
	/* The same in 200 bytes. */
	assert_int_equal(compress(packed, &n, nothing, sizeof nothing), Z_OK);
	buf_init(&in, &arena, 1 << 20);
	buf_printf(&in, "CHECK SPAMC/1.5\r\nCompress: zlib\r\nContent-length: %lu\r\n\r\n", n);
	buf_put(&in, span_of(packed, n));
	assert_true(span_starts(ask(&t, false, buf_span(&in), 5000, false), SPAN("SPAMD/1.0 98 ")));
	t.settings.message_bytes = sizeof nothing;
	assert_true(span_starts(ask(&t, false, buf_span(&in), 50, false), SPAN("SPAMD/1.1 0 ")));
	assert_int_equal(t.message.n, sizeof nothing);
	in.p[in.n - 1] ^= 1;
	assert_true(span_starts(ask(&t, false, buf_span(&in), 50, false), SPAN("SPAMD/1.0 76 ")));
	assert_true(span_starts(ask(&t, false, SPAN("CHECK SPAMC/1.5\r\nCompress: zlib\r\nContent-length: 2\r\n\r\n\x78\x9c"), 50, false),
				SPAN("SPAMD/1.0 76 ")));
	assert_true(span_starts(ask(&t, false, SPAN("GET / HTTP/1.1\r\n\r\n"), 50, false), SPAN("SPAMD/1.0 76 Bad header line: ")));
	assert_string_equal(t.trouble, "a client was hung up on: no command of spamc");
	t.answer = ANSWERED_TOO_LARGE;
	assert_true(span_starts(ask(&t, false, SPAN("CHECK SPAMC/1.5\r\nContent-length: 1\r\n\r\nx"), 10, false), SPAN("SPAMD/1.0 98 ")));
	spool_limit(0);
	assert_true(span_starts(ask(&t, false, SPAN("CHECK SPAMC/1.5\r\nContent-length: 1\r\n\r\nx"), 10, false), SPAN("SPAMD/1.0 75 ")));
	spool_limit(UINT64_MAX);
	session_test_release(&t);
}

static void who_vanishes_or_stalls(void **state)
{
	struct session_test t;
	struct span request = SPAN("PROCESS SPAMC/1.5\r\nContent-length: 5\r\n\r\nhello");
	(void)state;
	session_test_init(&t);
	t.settings.read_seconds = 1;
	t.hold = true;
	for (size_t n = 0; n < request.n; n++) {
		int fd = session_test_client(&t, DOOR_SPAMD, false);
		session_test_send(&t, fd, span_first(request, n), 100);
		assert_true(session_test_deadline(&t) <= t.settings.read_seconds);
		close(fd);
		session_test_turn(&t);
		assert_int_equal(doors_connections(t.doors), 0);
	}
	int slow = session_test_client(&t, DOOR_SPAMD, false), asked = session_test_client(&t, DOOR_SPAMD, false);
	session_test_send(&t, slow, span_first(request, 30), 100);
	session_test_send(&t, asked, request, 100);
	const struct timeval time = { 1, 300000 };
	event_base_loopexit(t.base, &time);
	event_base_dispatch(t.base);
	assert_int_equal(doors_connections(t.doors), 1);
	assert_string_equal(t.trouble, "a client took too long to send its request");
	session_test_release(&t); /* with one still asked */
	assert_int_equal(t.cancelled, 1);
	close(slow);
	close(asked);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests),
		cmocka_unit_test(lessons),
		cmocka_unit_test(too_large_and_wrong),
		cmocka_unit_test(who_vanishes_or_stalls),
	};
	return cmocka_run_group_tests_name("session/spamd_session", tests, NULL, NULL);
}
