/* session/http_session: every address of the door, passwords, limits, and clients that stall or leave. */
#include "base/limits.h"
#include "tests/session_test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <zstd.h>

static struct arena arena;

struct http_test {
	struct session_test t;
	struct sockaddr_storage address[2]; /* untrusted, trusted */
	socklen_t n[2];
};

static void begin(struct http_test *h)
{
	session_test_init(&h->t);
	h->t.settings.password = SPAN("swordfish");
	h->t.outcome = (struct outcome){ .thresholds = { .mark = 2000, .quarantine = 4000, .reject = 8000 }, .score = 8000, .spam = true };
	for (int trusted = 0; trusted < 2; trusted++) {
		struct sockaddr_in loopback = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
		struct sockaddr_storage abstract = { .ss_family = AF_UNIX };
		int fd = socket(trusted ? AF_UNIX : AF_INET, SOCK_STREAM, 0);
		int err = trusted ? bind(fd, (struct sockaddr *)&abstract, sizeof(sa_family_t))
				  : bind(fd, (struct sockaddr *)&loopback, sizeof loopback);
		assert_int_equal(err, 0);
		h->n[trusted] = sizeof h->address[trusted];
		assert_int_equal(getsockname(fd, (struct sockaddr *)&h->address[trusted], &h->n[trusted]), 0);
		assert_int_equal(doors_open(h->t.doors, DOOR_HTTP, fd), ERR_OK);
	}
}

/* Who asks. */
enum { LOOPBACK, TRUSTED, ELSEWHERE };

static int client(struct http_test *h, int who)
{
	if (who == ELSEWHERE)
		return session_test_client(&h->t, DOOR_HTTP, false);
	bool trusted = who == TRUSTED;
	int fd = socket(trusted ? AF_UNIX : AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&h->address[trusted], h->n[trusted]), 0);
	assert_int_equal(evutil_make_socket_nonblocking(fd), 0);
	session_test_turn(&h->t);
	return fd;
}

/* The answer to one request, as soon as there is one. */
static struct span ask_in(struct http_test *h, int who, struct span request, size_t piece)
{
	bool closed;
	int fd = client(h, who);
	struct span answer = span_none;
	session_test_send(&h->t, fd, request, piece);
	for (int i = 0; i < 100 && answer.n == 0; i++) {
		answer = session_test_read(&h->t, fd, &closed);
		usleep(answer.n ? 0 : 1000);
	}
	close(fd);
	session_test_turn(&h->t);
	assert_int_equal(doors_connections(h->t.doors), 0);
	return answer;
}

static struct span ask(struct http_test *h, int who, const char *request) { return ask_in(h, who, span_cstr(request), 65536); }

static int status(struct span answer)
{
	uint64_t n = 0;
	assert_true(span_starts(answer, SPAN("HTTP/1.1 ")));
	assert_true(span_to_uint(span_slice(answer, 9, 12), 999, &n));
	return (int)n;
}

#define MESSAGE "Content-Length: 15\r\n\r\nSubject: x\n\nhi\n"

static void judging(void **state)
{
	struct http_test h;
	(void)state;
	begin(&h);
	struct span request =
	    SPAN("POST /checkv2 HTTP/1.1\r\nHost: x\r\nIP: 192.0.2.7\r\nFrom: <a@example.net>\r\nRcpt: <b@example.org>\r\n"
		 "Rcpt: c@example.org\r\nHelo: h.example\r\nHostname: r.example\r\nUser: ann\r\nQueue-Id: 4F1\r\n" MESSAGE);
	for (size_t piece = 1; piece < 1000; piece = piece * 5 + 2) {
		struct span answer = ask_in(&h, LOOPBACK, request, piece);
		assert_int_equal(status(answer), 200);
		assert_true(span_has(answer, SPAN("\"score\":15,\"required_score\":15,\"action\":\"")));
		assert_span(h.t.message, "Subject: x\n\nhi\n");
		assert_span(h.t.asked,
			    "ip=192.0.2.7 rdns=r.example helo=h.example user=ann id=4F1 from=a@example.net to=b@example.org,c@example.org");
		assert_int_equal(h.t.wish, WISH_JUDGE);
	}
	assert_true(span_has(ask(&h, LOOPBACK, "POST /check HTTP/1.1\r\n" MESSAGE), SPAN("{\"default\":{")));
	assert_true(span_has(ask(&h, LOOPBACK, "POST /symbols HTTP/1.0\r\n" MESSAGE), SPAN("{\"default\":{")));
	assert_true(span_has(ask(&h, LOOPBACK, "POST /scan HTTP/1.1\r\n" MESSAGE), SPAN("\"symbols\":{")));
	assert_true(span_has(ask(&h, LOOPBACK, "POST /api/scan HTTP/1.1\r\n" MESSAGE), SPAN("\"evidence\":[")));
	h.t.answer = ANSWERED_UNAVAILABLE;
	h.t.reply = SPAN("too busy");
	struct span answer = ask(&h, LOOPBACK, "POST /checkv2 HTTP/1.1\r\n" MESSAGE);
	assert_int_equal(status(answer), 503);
	assert_true(span_ends(answer, SPAN("{\"error\":\"too busy\"}\n")));
	session_test_release(&h.t);
}

/* Exim's variant=rspamd, at the port where rspamd is: whatever the pieces, and with the half closed behind it. */
static void spamc_at_this_door(void **state)
{
	struct http_test h;
	(void)state;
	begin(&h);
	for (size_t piece = 1; piece < 200; piece = piece * 3 + 1)
		for (int half = 0; half < 2; half++) {
			bool closed;
			int fd = session_test_client(&h.t, DOOR_HTTP, false);
			session_test_send(
			    &h.t, fd,
			    SPAN("CHECK RSPAMC/1.3\r\nContent-length: 1\r\nFrom: <a@example.net>\r\nRcpt: <b@example.org>\r\n\r\nx"),
			    piece);
			if (half)
				shutdown(fd, SHUT_WR);
			assert_true(span_starts(session_test_read(&h.t, fd, &closed), SPAN("RSPAMD/1.3 0 EX_OK\r\nMetric: default; ")));
			assert_true(closed);
			assert_span(h.t.asked, "from=a@example.net to=b@example.org");
			close(fd);
			session_test_turn(&h.t);
			assert_int_equal(doors_connections(h.t.doors), 0);
		}
	int fd = session_test_client(&h.t, DOOR_HTTP, false);
	session_test_send(&h.t, fd, SPAN("CHECK RSPA"), 100); /* not told yet; and then it is gone */
	assert_int_equal(doors_connections_of(h.t.doors, DOOR_HTTP), 1);
	session_test_send(&h.t, fd, SPAN("MC/1.3\r\n"), 100);
	assert_int_equal(doors_connections_of(h.t.doors, DOOR_SPAMD), 1);
	close(fd);
	session_test_release(&h.t);
}

static void packed(void **state)
{
	static uint8_t text[200000], small[10000];
	struct http_test h;
	struct buf in;
	(void)state;
	begin(&h);
	h.t.settings.message_bytes = sizeof text;
	doors_configure(h.t.doors, &h.t.settings);
	size_t n = ZSTD_compress(small, sizeof small, text, sizeof text, 3);
	buf_init(&in, &arena, 1 << 20);
	buf_printf(&in, "POST /checkv2 HTTP/1.1\r\nCompression: zstd\r\nContent-Length: %zu\r\n\r\n", n);
	buf_put(&in, span_of(small, n));
	assert_int_equal(status(ask_in(&h, LOOPBACK, buf_span(&in), 65536)), 200);
	assert_int_equal(h.t.message.n, sizeof text);
	h.t.settings.message_bytes--;
	assert_int_equal(status(ask_in(&h, LOOPBACK, buf_span(&in), 65536)), 413);
	assert_int_equal(status(ask(&h, LOOPBACK, "POST /checkv2 HTTP/1.1\r\nCompression: zstd\r\n" MESSAGE)), 400);
	assert_int_equal(status(ask(&h, LOOPBACK, "POST /checkv2 HTTP/1.1\r\nContent-Encoding: gzip\r\n" MESSAGE)), 415);
	session_test_release(&h.t);
}

static const struct {
	const char *request;
	int who;
	int status;
	const char *has;
	enum session_answer answer;
	const char *reply;
} cases[] = {
	{ "GET /ping HTTP/1.1\r\n\r\n", ELSEWHERE, 200, "\r\n\r\npong\r\n", 0, NULL },
	{ "GET /healthz HTTP/1.1\r\n\r\n", ELSEWHERE, 200, "\"status\":\"ok\"", 0, NULL },
	{ "GET / HTTP/1.1\r\n\r\n", ELSEWHERE, 404, "\"error\":", 0, NULL },
	{ "GET /checkv2 HTTP/1.1\r\n\r\n", ELSEWHERE, 405, "POST", 0, NULL },
	{ "POST /metrics HTTP/1.1\r\n" MESSAGE, ELSEWHERE, 405, "GET", 0, NULL },
	{ "DELETE /ping HTTP/1.1\r\n\r\n", ELSEWHERE, 501, "", 0, NULL },
	{ "POST /fuzzyadd HTTP/1.1\r\n" MESSAGE, ELSEWHERE, 404, "fuzzy", 0, NULL },
	{ "POST /checkv2 HTTP/1.1\r\nContent-Length: 0\r\n\r\n", ELSEWHERE, 400, "no message", 0, NULL },
	/* what needs a password */
	{ "GET /metrics HTTP/1.1\r\n\r\n", ELSEWHERE, 403, "password", 0, NULL },
	{ "GET /metrics HTTP/1.1\r\nPassword: wrong\r\n\r\n", ELSEWHERE, 403, "password", 0, NULL },
	{ "GET /metrics HTTP/1.1\r\nPassword: swordfis\r\n\r\n", ELSEWHERE, 403, "password", 0, NULL },
	{ "GET /metrics HTTP/1.1\r\nPassword: swordfishy\r\n\r\n", ELSEWHERE, 403, "password", 0, NULL },
	{ "GET /metrics HTTP/1.1\r\nPassword: swordfish\r\n\r\n", ELSEWHERE, 200, "\r\n\r\nx 1\n", 0, "x 1\n" },
	{ "GET /metrics HTTP/1.1\r\nAuthorization: Bearer swordfish\r\n\r\n", ELSEWHERE, 200, "text/plain; version=0.0.4", 0, "x 1\n" },
	{ "GET /metrics HTTP/1.1\r\nAuthorization: Basic swordfish\r\n\r\n", ELSEWHERE, 403, "password", 0, NULL },
	{ "GET /metrics HTTP/1.1\r\n\r\n", TRUSTED, 200, "x 1", 0, "x 1\n" },
	{ "GET /metrics HTTP/1.1\r\n\r\n", LOOPBACK, 200, "x 1", 0, "x 1\n" },
	{ "GET /stat HTTP/1.1\r\n\r\n", LOOPBACK, 200, "application/json", 0, "{\"scanned\":1}" },
	{ "GET /symbols HTTP/1.1\r\n\r\n", LOOPBACK, 200, "application/json", 0, "[{\"group\":1}]" },
	{ "GET /symbols HTTP/1.1\r\n\r\n", ELSEWHERE, 403, "password", 0, NULL },
	{ "GET /api/history HTTP/1.1\r\n\r\n", LOOPBACK, 403, "password", 0, NULL },
	{ "GET /api/why/7f3a HTTP/1.1\r\n\r\n", LOOPBACK, 403, "password", 0, NULL },
	{ "POST /learnspam HTTP/1.1\r\n" MESSAGE, LOOPBACK, 403, "password", 0, NULL },
	{ "POST /api/why HTTP/1.1\r\n" MESSAGE, LOOPBACK, 403, "password", 0, NULL },
	{ "POST /api/why HTTP/1.1\r\nPassword: swordfish\r\n" MESSAGE, ELSEWHERE, 200, "text/plain; charset=utf-8", 0, "Because." },
	{ "GET /api/why HTTP/1.1\r\n\r\n", TRUSTED, 405, "POST", 0, NULL },
	{ "GET /stat HTTP/1.1\r\n\r\n", ELSEWHERE, 403, "password", 0, NULL },
	{ "GET /stat HTTP/1.1\r\n\r\n", TRUSTED, 200, "application/json", 0, "{\"scanned\":1}" },
	{ "GET /api/history?subject=x&n=3 HTTP/1.1\r\n\r\n", ELSEWHERE, 403, "password", 0, NULL },
	{ "GET /api/history?subject=x&n=3 HTTP/1.1\r\n\r\n", TRUSTED, 200, "[]", 0, "[]" },
	{ "GET /api/history HTTP/1.1\r\n\r\n", TRUSTED, 200, "[]", 0, "[]" },
	{ "GET /api/why/7f3a HTTP/1.1\r\n\r\n", ELSEWHERE, 403, "password", 0, NULL },
	{ "GET /api/why/7f3a HTTP/1.1\r\n\r\n", TRUSTED, 200, "text/plain; charset=utf-8", 0, "Because." },
	{ "GET /api/why/ HTTP/1.1\r\n\r\n", TRUSTED, 404, "", 0, NULL },
	{ "GET /api/why/7f3a HTTP/1.1\r\n\r\n", TRUSTED, 404, "no such message", ANSWERED_NOT_FOUND, NULL },
	{ "POST /learnspam HTTP/1.1\r\n" MESSAGE, ELSEWHERE, 403, "password", 0, NULL },
	{ "POST /learnspam HTTP/1.1\r\nPassword: swordfish\r\n" MESSAGE, ELSEWHERE, 200, "{\"success\":true}", 0, NULL },
	{ "POST /learnham HTTP/1.1\r\n" MESSAGE, TRUSTED, 200, "{\"success\":true}", 0, NULL },
	{ "POST /learnham HTTP/1.1\r\n" MESSAGE, TRUSTED, 208, "already", ANSWERED_ALREADY, NULL },
	{ "POST /learnham HTTP/1.1\r\n" MESSAGE, TRUSTED, 503, "error", ANSWERED_UNAVAILABLE, NULL },
};

static void every_address(void **state)
{
	struct http_test h;
	(void)state;
	begin(&h);
	for (size_t i = 0; i < COUNT(cases); i++) {
		h.t.answer = cases[i].answer;
		h.t.reply = span_cstr(cases[i].reply);
		struct span answer = ask(&h, cases[i].who, cases[i].request);
		if (status(answer) != cases[i].status || !span_has(answer, span_cstr(cases[i].has)))
			print_error("%s: %.*s\n", cases[i].request, SPAN_ARG(answer));
		assert_int_equal(status(answer), cases[i].status);
		assert_true(span_has(answer, span_cstr(cases[i].has)));
	}
	/* what the handler is told */
	h.t.reply = SPAN("[]");
	h.t.answer = ANSWERED;
	ask(&h, TRUSTED, "GET /api/history?subject=x&n=3 HTTP/1.1\r\n\r\n");
	assert_int_equal(h.t.wish, WISH_HISTORY);
	assert_span(h.t.text, "subject=x&n=3");
	ask(&h, TRUSTED, "GET /api/why/7f3a HTTP/1.1\r\n\r\n");
	assert_int_equal(h.t.wish, WISH_WHY);
	assert_span(h.t.text, "7f3a");
	ask(&h, TRUSTED, "POST /api/why HTTP/1.1\r\n" MESSAGE);
	assert_int_equal(h.t.wish, WISH_WHY);
	assert_span(h.t.message, "Subject: x\n\nhi\n");
	ask(&h, LOOPBACK, "GET /symbols HTTP/1.1\r\n\r\n");
	assert_int_equal(h.t.wish, WISH_SYMBOLS);
	/* Without a password in the settings nobody has the right one. */
	h.t.settings.password = span_none;
	assert_int_equal(status(ask(&h, ELSEWHERE, "GET /metrics HTTP/1.1\r\nPassword: \r\n\r\n")), 403);
	assert_int_equal(status(ask(&h, ELSEWHERE, "GET /metrics HTTP/1.1\r\n\r\n")), 403);
	session_test_release(&h.t);
}

static void several_on_one_connection(void **state)
{
	struct http_test h;
	bool closed;
	(void)state;
	begin(&h);
	h.t.settings.read_seconds = 1;
	int fd = client(&h, LOOPBACK);
	for (int i = 0; i < 5; i++) {
		session_test_send(&h.t, fd, SPAN("POST /checkv2 HTTP/1.1\r\n" MESSAGE), 10);
		struct span answer = span_none;
		for (int k = 0; k < 100 && answer.n == 0; k++) {
			answer = session_test_read(&h.t, fd, &closed);
			usleep(answer.n ? 0 : 1000);
		}
		assert_int_equal(status(answer), 200);
		assert_false(closed);
		/* The time of one request does not run on in the pause before the next. */
		const struct timeval time = { 0, 300000 };
		event_base_loopexit(h.t.base, &time);
		event_base_dispatch(h.t.base);
	}
	assert_int_equal(doors_connections(h.t.doors), 1);
	close(fd);
	session_test_turn(&h.t);
	assert_int_equal(doors_connections(h.t.doors), 0);
	session_test_release(&h.t);
}

static void too_much(void **state)
{
	struct http_test h;
	struct buf in;
	(void)state;
	begin(&h);
	assert_int_equal(status(ask(&h, LOOPBACK, "POST /checkv2 HTTP/1.1\r\nContent-Length: 100001\r\n\r\nx")), 413);
	buf_init(&in, &arena, 1 << 20);
	buf_cstr(&in, "POST /checkv2 HTTP/1.1\r\n");
	while (in.n < h.t.settings.header_bytes + 1000)
		buf_cstr(&in, "Rcpt: <b@example.org>\r\n");
	buf_cstr(&in, MESSAGE);
	assert_int_equal(status(ask_in(&h, LOOPBACK, buf_span(&in), 65536)), 431);
	assert_int_equal(h.t.submitted, 0);
	spool_limit(0);
	assert_int_equal(status(ask(&h, LOOPBACK, "POST /checkv2 HTTP/1.1\r\n" MESSAGE)), 503);
	spool_limit(UINT64_MAX);
	session_test_release(&h.t);
}

static void who_leaves_or_stalls(void **state)
{
	struct http_test h;
	struct span request = SPAN("POST /checkv2 HTTP/1.1\r\n" MESSAGE);
	(void)state;
	begin(&h);
	h.t.hold = true;
	/* after any number of bytes, while it is judged too */
	for (size_t n = 0; n <= request.n; n += 3) {
		int fd = client(&h, LOOPBACK);
		session_test_send(&h.t, fd, span_first(request, n), 1000);
		assert_true(n == request.n || session_test_deadline(&h.t) <= (n ? h.t.settings.read_seconds : h.t.settings.idle_seconds));
		close(fd);
		session_test_turn(&h.t);
	}
	int gone = client(&h, LOOPBACK);
	session_test_send(&h.t, gone, request, 1000);
	close(gone);
	session_test_turn(&h.t);
	session_test_answer(&h.t);
	session_test_turn(&h.t);
	assert_int_equal(doors_connections(h.t.doors), 0);
	/* a byte now and then */
	h.t.settings.read_seconds = 1;
	int slow = client(&h, LOOPBACK), asked = client(&h, true);
	session_test_send(&h.t, asked, request, 1000);
	for (size_t i = 0; i < 20 && doors_connections(h.t.doors) == 2; i++) {
		const struct timeval time = { 0, 200000 };
		session_test_send(&h.t, slow, span_slice(request, i, i + 1), 1);
		event_base_loopexit(h.t.base, &time);
		event_base_dispatch(h.t.base);
	}
	assert_int_equal(doors_connections(h.t.doors), 1);
	assert_string_equal(h.t.trouble, "a client took too long to send its request");
	session_test_release(&h.t); /* with one that is asked */
	assert_int_equal(h.t.cancelled, 1);
	close(slow);
	close(asked);
}

static void not_more_than_allowed(void **state)
{
	struct http_test h;
	(void)state;
	begin(&h);
	h.t.settings.connections = 2;
	int a = client(&h, LOOPBACK), b = client(&h, LOOPBACK), c = client(&h, LOOPBACK);
	assert_int_equal(doors_connections(h.t.doors), 2);
	close(a);
	session_test_turn(&h.t);
	session_test_turn(&h.t);
	assert_int_equal(doors_connections(h.t.doors), 2);
	close(b);
	close(c);
	session_test_turn(&h.t);
	session_test_release(&h.t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judging),
		cmocka_unit_test(spamc_at_this_door),
		cmocka_unit_test(packed),
		cmocka_unit_test(every_address),
		cmocka_unit_test(several_on_one_connection),
		cmocka_unit_test(too_much),
		cmocka_unit_test(who_leaves_or_stalls),
		cmocka_unit_test(not_more_than_allowed),
	};
	return cmocka_run_group_tests_name("session/http_session", tests, NULL, NULL);
}
