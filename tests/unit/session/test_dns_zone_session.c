/* session/dns_zone_session: datagrams in batches, conversations in pieces, a client's rate, and who is hung up on. */
#include "session/dns_zone_engine.h"
#include "session/dns_zone_session.h"
#include "tests/session_test.h"

#include <arpa/inet.h>
#include <netinet/in.h>

/* 127.0.0.2 and 127.0.0.1 of the zone bl.example.org, A: listed, and not. */
#define ZONE "\2bl\7example\3org\0"
#define QUESTION(first)                                                                                                                    \
	"\x12\x34\1\0\0\1\0\0\0\0\0\0\1" first "\1"                                                                                        \
	"0\1"                                                                                                                              \
	"0\3"                                                                                                                              \
	"127" ZONE "\0\1\0\1"
static const char listed[] = QUESTION("2"), not_listed[] = QUESTION("1");
enum { QUESTION_N = sizeof listed - 1 };

struct dns_test {
	struct session_test t;
	struct dns_zone zone;
	struct address_lists lists;
	struct sockaddr_storage server;
	socklen_t server_n;
	uint32_t outcomes[2][DNS_ZONE_OUTCOMES];
};

static void count(void *context, bool tcp, const uint32_t outcomes[])
{
	struct dns_test *d = context;
	for (unsigned i = 0; i < DNS_ZONE_OUTCOMES; i++)
		d->outcomes[tcp][i] += outcomes[i];
}

static void begin(struct dns_test *d)
{
	memset(d, 0, sizeof *d);
	session_test_init(&d->t);
	assert_true(dns_zone_init(&d->zone, SPAN("bl.example.org"), SPAN("ns.example.org"), &d->lists));
	d->t.settings.dns_zone = &d->zone;
	d->t.handlers.questions = count;
	d->t.handlers.context = d;
}

static void listen_at(struct dns_test *d, int family, bool any)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(any ? INADDR_ANY : INADDR_LOOPBACK) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	int fd = socket(family, SOCK_DGRAM, 0);
	v6.sin6_addr = any ? in6addr_any : in6addr_loopback;
	if (fd < 0 || bind(fd, family == AF_INET ? (void *)&v4 : (void *)&v6, family == AF_INET ? sizeof v4 : sizeof v6) != 0)
		skip();
	d->server_n = sizeof d->server;
	assert_int_equal(getsockname(fd, (struct sockaddr *)&d->server, &d->server_n), 0);
	assert_true(dns_zone_is_datagrams(fd));
	assert_int_equal(doors_open(d->t.doors, DOOR_DNS, fd), ERR_OK);
}

/* Its socket takes answers of no other address than it asked. */
static int client(struct dns_test *d, const char *to)
{
	int fd = socket(d->server.ss_family, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	struct sockaddr_storage address = d->server;
	if (d->server.ss_family == AF_INET)
		inet_pton(AF_INET, to, &((struct sockaddr_in *)&address)->sin_addr);
	else
		inet_pton(AF_INET6, to, &((struct sockaddr_in6 *)&address)->sin6_addr);
	if (connect(fd, (struct sockaddr *)&address, d->server_n) != 0)
		skip();
	return fd;
}

static unsigned answers(struct dns_test *d, int fd, uint8_t last[DNS_ZONE_ANSWER_MAX])
{
	unsigned n = 0;
	session_test_turn(&d->t);
	while (recv(fd, last, DNS_ZONE_ANSWER_MAX, 0) > 0)
		n++;
	return n;
}

static void datagrams(void **state)
{
	static const struct {
		int family;
		bool any;
		const char *to;
	} sockets[] = { { AF_INET, false, "127.0.0.1" },
			{ AF_INET, true, "127.0.0.1" },
			{ AF_INET, true, "127.0.0.77" },
			{ AF_INET6, false, "::1" },
			{ AF_INET6, true, "::1" } };
	(void)state;
	for (size_t i = 0; i < COUNT(sockets); i++) {
		struct dns_test d;
		uint8_t answer[DNS_ZONE_ANSWER_MAX];
		begin(&d);
		listen_at(&d, sockets[i].family, sockets[i].any);
		int fd = client(&d, sockets[i].to);
		send(fd, listed, QUESTION_N, 0);
		assert_int_equal(answers(&d, fd, answer), 1);
		assert_int_equal(answer[3] & 15, 0);
		send(fd, not_listed, QUESTION_N, 0);
		assert_int_equal(answers(&d, fd, answer), 1);
		assert_int_equal(answer[3] & 15, 3);
		for (unsigned k = 0; k < 150; k++) /* more than a batch */
			send(fd, listed, QUESTION_N, 0);
		assert_int_equal(answers(&d, fd, answer), 150);
		send(fd, listed, 0, 0);
		send(fd, listed, 11, 0);
		static const uint8_t large[DNS_ZONE_QUESTION_MAX + 1];
		send(fd, large, sizeof large, 0);
		assert_int_equal(answers(&d, fd, answer), 0);
		assert_int_equal(d.outcomes[0][DNS_ZONE_LISTED], 151);
		assert_int_equal(d.outcomes[0][DNS_ZONE_NOT_LISTED], 1);
		assert_int_equal(d.outcomes[0][DNS_ZONE_SILENT], 3);
		doors_unlisten(d.t.doors);
		session_test_turn(&d.t);
		send(fd, listed, QUESTION_N, 0);
		assert_int_equal(answers(&d, fd, answer), 0);
		close(fd);
		session_test_release(&d.t);
	}
}

/* In one batch, questions of two clients whose answers have two lengths: each gets the answers to its own, whatever leaves together. */
static void bursts(void **state)
{
	enum { ASKED = 60 };
	(void)state;
	for (unsigned any = 0; any < 2; any++) {
		struct dns_test d;
		uint8_t question[QUESTION_N], answer[DNS_ZONE_ANSWER_MAX];
		begin(&d);
		listen_at(&d, AF_INET, any);
		int fd[2] = { client(&d, "127.0.0.1"), client(&d, any ? "127.0.0.2" : "127.0.0.1") };
		for (uint8_t i = 0; i < ASKED; i++) {
			memcpy(question, i % 3 ? listed : not_listed, QUESTION_N);
			question[0] = i;
			send(fd[i % 2], question, QUESTION_N, 0);
		}
		session_test_turn(&d.t);
		for (unsigned k = 0; k < 2; k++) {
			bool seen[ASKED] = { false };
			unsigned n = 0;
			for (; recv(fd[k], answer, sizeof answer, 0) > 0; n++) {
				assert_true(answer[0] < ASKED && answer[0] % 2 == k && !seen[answer[0]]);
				assert_int_equal(answer[3] & 15, answer[0] % 3 ? 0 : 3);
				seen[answer[0]] = true;
			}
			assert_int_equal(n, ASKED / 2);
			close(fd[k]);
		}
		session_test_release(&d.t);
	}
}

/* As in a reload: what master sends anew are other numbers for the same sockets, and the front's event loop collects changes. */
static void listens_anew(void **state)
{
	struct dns_test d;
	uint8_t answer[DNS_ZONE_ANSWER_MAX];
	int kept[2], fd[2];
	(void)state;
	begin(&d);
	struct event_config *config = event_config_new();
	event_config_set_flag(config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
	doors_free(d.t.doors);
	event_base_free(d.t.base);
	d.t.base = event_base_new_with_config(config);
	event_config_free(config);
	d.t.doors = doors_new(d.t.base, &d.t.handlers, &d.t.settings);
	for (unsigned i = 0; i < 2; i++) {
		struct sockaddr_in loopback = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
		socklen_t n = sizeof loopback;
		kept[i] = socket(AF_INET, SOCK_DGRAM, 0);
		fd[i] = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
		assert_int_equal(bind(kept[i], (struct sockaddr *)&loopback, sizeof loopback), 0);
		assert_int_equal(getsockname(kept[i], (struct sockaddr *)&loopback, &n), 0);
		assert_int_equal(connect(fd[i], (struct sockaddr *)&loopback, n), 0);
	}
	for (unsigned turn = 0; turn < 4; turn++) {
		doors_unlisten(d.t.doors);
		for (unsigned i = 0; i < 2; i++)
			assert_int_equal(doors_open(d.t.doors, DOOR_DNS, dup(kept[(i + turn) % 2])), ERR_OK);
		for (unsigned i = 0; i < 2; i++) {
			send(fd[i], listed, QUESTION_N, 0);
			assert_int_equal(answers(&d, fd[i], answer), 1);
		}
	}
	for (unsigned i = 0; i < 2; i++) {
		close(kept[i]);
		close(fd[i]);
	}
	session_test_release(&d.t);
}

static void rates(void **state)
{
	struct dns_test d;
	uint8_t answer[DNS_ZONE_ANSWER_MAX];
	(void)state;
	begin(&d);
	d.t.settings.dns_zone_rate = 3;
	listen_at(&d, AF_INET, false);
	int fd = client(&d, "127.0.0.1");
	for (unsigned i = 0; i < 10; i++) /* one batch, which is of one moment */
		send(fd, listed, QUESTION_N, 0);
	assert_int_equal(answers(&d, fd, answer), 3);
	assert_int_equal(d.outcomes[0][DNS_ZONE_DROPPED], 7);
	d.t.settings.dns_zone_rate = 0;
	send(fd, listed, QUESTION_N, 0);
	assert_int_equal(answers(&d, fd, answer), 1);
	d.t.settings.dns_zone = NULL;
	send(fd, listed, QUESTION_N, 0);
	assert_int_equal(answers(&d, fd, answer), 0);
	assert_int_equal(d.outcomes[0][DNS_ZONE_DROPPED], 8);
	close(fd);
	session_test_release(&d.t);
}

static void conversations(void **state)
{
	struct dns_test d;
	uint8_t bytes[2 * (QUESTION_N + 2)], answer[4096];
	(void)state;
	begin(&d);
	for (unsigned i = 0; i < 2; i++) {
		uint8_t *at = bytes + i * (QUESTION_N + 2);
		at[0] = 0;
		at[1] = QUESTION_N;
		memcpy(at + 2, i ? not_listed : listed, QUESTION_N);
	}
	for (size_t piece = 1; piece <= sizeof bytes; piece++) {
		int fd = session_test_client(&d.t, DOOR_DNS, false);
		session_test_send(&d.t, fd, span_of(bytes, sizeof bytes), piece);
		shutdown(fd, SHUT_WR); /* and listens on */
		session_test_turn(&d.t);
		ssize_t n = recv(fd, answer, sizeof answer, 0);
		assert_true(n > 4 && (answer[5] & 15) == 0);
		size_t first = 2 + ((size_t)answer[0] << 8 | answer[1]);
		assert_true((size_t)n > first + 6 && (answer[first + 5] & 15) == 3);
		assert_int_equal((size_t)n, first + 2 + ((size_t)answer[first] << 8 | answer[first + 1]));
		assert_int_equal(recv(fd, answer, sizeof answer, 0), 0); /* hung up */
		assert_int_equal(doors_connections(d.t.doors), 0);
		close(fd);
	}
	assert_int_equal(d.outcomes[1][DNS_ZONE_LISTED], sizeof bytes);
	assert_int_equal(d.outcomes[1][DNS_ZONE_NOT_LISTED], sizeof bytes);
	session_test_release(&d.t);
}

static void hung_up_on(void **state)
{
	static const struct span nonsense[] = { SPAN_INIT("\xff\xffGET / HTTP/1.0"), SPAN_INIT("\0\0"), SPAN_INIT("\0\3abc"),
						SPAN_INIT("\0\14\1\2\x80\0\0\1\0\0\0\0\0\0") };
	struct dns_test d;
	int fds[DNS_ZONE_CONVERSATIONS + 1];
	char byte;
	(void)state;
	begin(&d);
	for (size_t i = 0; i < COUNT(nonsense); i++) {
		int fd = session_test_client(&d.t, DOOR_DNS, false);
		session_test_send(&d.t, fd, nonsense[i], nonsense[i].n);
		assert_int_equal(recv(fd, &byte, 1, 0), 0);
		close(fd);
	}
	int silent = session_test_client(&d.t, DOOR_DNS, false);
	assert_in_range(session_test_deadline(&d.t), DNS_ZONE_PATIENCE - 1, DNS_ZONE_PATIENCE);
	close(silent);
	session_test_turn(&d.t);
	d.t.settings.connections = 1000;
	for (unsigned i = 0; i <= DNS_ZONE_CONVERSATIONS; i++)
		fds[i] = session_test_client(&d.t, DOOR_DNS, false);
	session_test_turn(&d.t);
	assert_int_equal(doors_connections(d.t.doors), DNS_ZONE_CONVERSATIONS);
	assert_int_equal(recv(fds[DNS_ZONE_CONVERSATIONS], &byte, 1, 0), 0);
	for (unsigned i = 0; i <= DNS_ZONE_CONVERSATIONS; i++)
		close(fds[i]);
	session_test_release(&d.t);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(datagrams), cmocka_unit_test(bursts),        cmocka_unit_test(listens_anew),
					    cmocka_unit_test(rates),     cmocka_unit_test(conversations), cmocka_unit_test(hung_up_on) };
	return cmocka_run_group_tests_name("session/dns_zone_session", tests, NULL, NULL);
}
