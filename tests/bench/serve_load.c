/* tests/bench/serve_load.c - a fast client of mail filters: the same messages over milter, HTTP /checkv2 or SpamAssassin's protocol.
 *
 *     serve_load milter|http|spamd PORT CONNECTIONS SECONDS RATE INDEX
 *
 * CONNECTIONS threads send the messages of INDEX (lines "ham|spam PATH") round and round for SECONDS: each its next as soon as one is
 * answered (RATE 0), or RATE a second altogether at times fixed beforehand, where a late answer counts from when it should have begun.
 * HTTP and spamd: a connection for each message, as rspamc, Exim and spamc have; milter: one for all, as a mail server's client has.
 * Prints one JSON object: messages, failed, marked (any action but accept), seconds, and microseconds a message at the quantiles.
 * Owner: a thread owns its socket and buffers; the messages are read once and shared. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MESSAGES = 20000, THREADS = 256, LARGEST = 256 * 1024, CHUNK = 65535, ANSWER = 1 << 20, WARM_UP_NS = 1000000000 };

struct message {
	unsigned char *bytes; /* with CRLF */
	size_t n;
};

struct client {
	pthread_t thread;
	unsigned index;
	int fd;
	unsigned char *out, *in;
	size_t out_n;
	uint32_t steps; /* milter: what was agreed, SMFIP_* */
	uint64_t sent, failed, marked;
	uint32_t *times; /* microseconds, of what came after the warming up */
	size_t times_n, times_cap;
};

static struct message messages[MESSAGES];
static unsigned messages_n, connections;
static uint16_t port;
static double rate;
static uint64_t begin_ns, end_ns;

static uint64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void die(const char *what)
{
	fprintf(stderr, "serve_load: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* ---- messages ---- */

static void read_message(const char *path)
{
	FILE *f = fopen(path, "rb");
	unsigned char *raw = malloc(LARGEST + 1);
	if (!f || !raw)
		die(path);
	size_t n = fread(raw, 1, LARGEST + 1, f), at = 0;
	fclose(f);
	if (n <= LARGEST && n > 0) {
		struct message *m = &messages[messages_n++];
		m->bytes = malloc(2 * n + 2);
		if (n > 5 && memcmp(raw, "From ", 5) == 0)
			while (at < n && raw[at++] != '\n')
				;
		for (; at < n; at++) {
			if (raw[at] == '\n' && (at == 0 || raw[at - 1] != '\r'))
				m->bytes[m->n++] = '\r';
			m->bytes[m->n++] = raw[at];
		}
	}
	free(raw);
}

static void read_index(const char *index)
{
	char line[4096], path[8192];
	FILE *f = fopen(index, "r");
	const char *slash = strrchr(index, '/');
	if (!f)
		die(index);
	while (messages_n < MESSAGES && fgets(line, sizeof(line), f)) {
		char *name = strchr(line, ' ');
		if (!name)
			continue;
		name[strcspn(name, "\n")] = 0;
		snprintf(path, sizeof(path), "%.*s%s", slash ? (int)(slash - index + 1) : 0, index, name + 1);
		read_message(path);
	}
	fclose(f);
	if (messages_n == 0)
		die("no message");
}

/* ---- a socket ---- */

static bool dial(struct client *c)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct timeval patience = { .tv_sec = 30 };
	int one = 1;
	if (c->fd >= 0)
		close(c->fd);
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		die("socket");
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return connect(c->fd, (struct sockaddr *)&to, sizeof(to)) == 0;
}

static void put(struct client *c, const void *bytes, size_t n)
{
	memcpy(c->out + c->out_n, bytes, n);
	c->out_n += n;
}

static bool flush(struct client *c)
{
	size_t at = 0;
	while (at < c->out_n) {
		ssize_t n = send(c->fd, c->out + at, c->out_n - at, MSG_NOSIGNAL);
		if (n <= 0)
			return false;
		at += (size_t)n;
	}
	c->out_n = 0;
	return true;
}

static bool get(struct client *c, size_t n) { return n <= ANSWER && recv(c->fd, c->in, n, MSG_WAITALL) == (ssize_t)n; }

/* All until the server closes, ended with a zero. */
static bool get_all(struct client *c)
{
	size_t n = 0;
	for (ssize_t got; n < ANSWER - 1 && (got = recv(c->fd, c->in + n, ANSWER - 1 - n, 0)) != 0; n += (size_t)got)
		if (got < 0)
			return false;
	c->in[n] = 0;
	return n > 0;
}

/* ---- milter ---- */

static void packet(struct client *c, char command, const void *bytes, size_t n)
{
	uint32_t length = htonl((uint32_t)n + 1);
	put(c, &length, 4);
	put(c, &command, 1);
	put(c, bytes, n);
}

#define PACKET(c, command, literal) packet(c, command, literal, sizeof(literal) - 1)

/* The next answer's command; 0: the connection is gone. */
static char answer(struct client *c)
{
	if (!get(c, 4))
		return 0;
	uint32_t length;
	memcpy(&length, c->in, 4);
	length = ntohl(length);
	return length > 0 && get(c, length) ? (char)c->in[0] : 0;
}

/* What a filter may do without: the step itself, or only the answer to it (SMFIP_*). */
enum { STEP_SPACE = 0x100000, STEPS_OFFERED = 0x1fffff };
static const struct {
	char command;
	uint32_t left_out, unanswered;
} steps[] = { { 'C', 0x1, 0x1000 },    { 'H', 0x2, 0x2000 }, { 'M', 0x4, 0x4000 },   { 'R', 0x8, 0x8000 },
	      { 'T', 0x200, 0x10000 }, { 'L', 0x20, 0x80 },  { 'N', 0x40, 0x40000 }, { 'B', 0x10, 0x80000 } };

/* One step: sent unless the filter does without, answered unless it never does. false: the filter wants no more of this, or is gone. */
static bool step(struct client *c, char command, const void *bytes, size_t n)
{
	uint32_t left_out = 0, unanswered = 0;
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++)
		if (steps[i].command == command)
			left_out = steps[i].left_out, unanswered = steps[i].unanswered;
	if (c->steps & left_out)
		return true;
	packet(c, command, bytes, n);
	if (c->steps & unanswered)
		return true;
	char a = flush(c) ? answer(c) : 0;
	return a == 'c' || a == 's';
}

#define STEP(c, command, literal) step(c, command, literal, sizeof(literal) - 1)

static bool milter_open(struct client *c)
{
	if (!dial(c))
		return false;
	const uint32_t offer[] = { htonl(6), htonl(0x1ff), htonl(STEPS_OFFERED) };
	packet(c, 'O', offer, sizeof(offer));
	if (!flush(c) || answer(c) != 'O')
		return false;
	memcpy(&c->steps, c->in + 9, 4);
	c->steps = ntohl(c->steps) & STEPS_OFFERED;
	PACKET(c, 'D', "C{daemon_name}\0smtpd\0j\0mx.example.org\0");
	return step(c, 'C',
		    "client.example\0"
		    "4\4\322"
		    "198.51.100.7",
		    sizeof("client.example\0"
			   "4\4\322"
			   "198.51.100.7")) &&
	       STEP(c, 'H', "client.example\0");
}

/* The header fields one packet each, as a mail server sends them; returns where the body begins, 0 on failure. */
static size_t milter_header(struct client *c, const struct message *m)
{
	unsigned char *field = c->in + ANSWER; /* the second half of that buffer */
	size_t at = 0;
	while (at < m->n && m->bytes[at] != '\r') {
		size_t end = at;
		do {
			const unsigned char *line_end = memchr(m->bytes + end, '\n', m->n - end);
			end = line_end ? (size_t)(line_end - m->bytes) + 1 : m->n;
		} while (end < m->n && (m->bytes[end] == ' ' || m->bytes[end] == '\t'));
		const unsigned char *colon = memchr(m->bytes + at, ':', end - at);
		if (!colon)
			break;
		size_t name_n = (size_t)(colon - m->bytes) - at, value = at + name_n + 1, n = 0;
		if (!(c->steps & STEP_SPACE) && value < end && m->bytes[value] == ' ')
			value++;
		memcpy(field, m->bytes + at, name_n);
		field[name_n] = 0;
		n = name_n + 1;
		for (size_t last = end - (end >= 2 ? 2 : 0), i = value; i < last; i++)
			if (m->bytes[i] != '\r')
				field[n++] = m->bytes[i];
		field[n++] = 0;
		if (!step(c, 'L', field, n))
			return 0;
		at = end;
	}
	if (at + 1 < m->n && m->bytes[at] == '\r')
		at += 2;
	return at == 0 ? m->n : at;
}

static bool milter_send(struct client *c, const struct message *m, bool *ret_marked)
{
	if (c->fd < 0 && !milter_open(c))
		return false;
	PACKET(c, 'D',
	       "Mi\0"
	       "4ZZZZZZZZZ\0");
	if (!STEP(c, 'M', "<sender@client.example>\0") || !STEP(c, 'R', "<user@example.net>\0") || !STEP(c, 'T', ""))
		return false;
	size_t at = milter_header(c, m);
	if (at == 0 || !STEP(c, 'N', ""))
		return false;
	for (; at < m->n; at += CHUNK)
		if (!step(c, 'B', m->bytes + at, m->n - at < CHUNK ? m->n - at : CHUNK))
			return false;
	PACKET(c, 'E', "");
	if (!flush(c))
		return false;
	for (;;) {
		char a = answer(c);
		*ret_marked |= a == 'r' || a == 'y' || a == 'q' || a == 't';
		if (a == 'c' || a == 'a' || a == 'r' || a == 'y' || a == 'd' || a == 't')
			return true;
		if (!a)
			return false;
	}
}

/* ---- HTTP and spamd ---- */

static bool http_send(struct client *c, const struct message *m, bool *ret_marked)
{
	if (!dial(c))
		return false;
	c->out_n = (size_t)sprintf((char *)c->out,
				   "POST /checkv2 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %zu\r\nIP: "
				   "198.51.100.7\r\nHelo: client.example\r\n"
				   "From: sender@client.example\r\nRcpt: user@example.net\r\nQueue-Id: 4ZZZZZZZZZ\r\n\r\n",
				   m->n);
	put(c, m->bytes, m->n);
	if (!flush(c) || !get_all(c))
		return false;
	*ret_marked = !strstr((char *)c->in, "\"no action\"");
	return strncmp((char *)c->in, "HTTP/1.1 200", 12) == 0 && strstr((char *)c->in, "\"action\"");
}

static bool spamd_send(struct client *c, const struct message *m, bool *ret_marked)
{
	if (!dial(c))
		return false;
	c->out_n = (size_t)sprintf((char *)c->out, "SYMBOLS SPAMC/1.5\r\nContent-length: %zu\r\n\r\n", m->n);
	put(c, m->bytes, m->n);
	if (!flush(c) || shutdown(c->fd, SHUT_WR) || !get_all(c))
		return false;
	*ret_marked = strstr((char *)c->in, "Spam: True");
	return strstr((char *)c->in, "EX_OK");
}

/* ---- the run ---- */

typedef bool send_one(struct client *, const struct message *, bool *);
static send_one *send_message;

static void remember(struct client *c, uint64_t ns)
{
	if (c->times_n == c->times_cap) {
		c->times_cap = c->times_cap ? 2 * c->times_cap : 4096;
		c->times = realloc(c->times, c->times_cap * sizeof(*c->times));
		if (!c->times)
			die("memory");
	}
	c->times[c->times_n++] = (uint32_t)(ns / 1000);
}

static void *run(void *client)
{
	struct client *c = client;
	for (uint64_t k = c->index;; k += connections) {
		uint64_t due = rate > 0 ? begin_ns + (uint64_t)((double)k / rate * 1e9) : now_ns();
		if (due >= end_ns)
			return NULL;
		for (uint64_t now; (now = now_ns()) < due;)
			nanosleep(&(struct timespec){ .tv_nsec = (long)(due - now < 999999999 ? due - now : 999999999) }, NULL);
		bool marked = false, done = send_message(c, &messages[k % messages_n], &marked);
		c->out_n = 0;
		if (!done && c->fd >= 0) {
			close(c->fd);
			c->fd = -1;
		}
		if (due >= begin_ns + WARM_UP_NS) {
			c->sent += done;
			c->failed += !done;
			c->marked += marked;
			if (done)
				remember(c, now_ns() - due);
		}
	}
}

static int by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

static void report(struct client *clients, double seconds)
{
	uint64_t sent = 0, failed = 0, marked = 0;
	size_t n = 0;
	for (unsigned i = 0; i < connections; i++)
		n += clients[i].times_n;
	uint32_t *all = calloc(n + 1, sizeof(*all));
	n = 0;
	for (unsigned i = 0; i < connections; i++) {
		struct client *c = &clients[i];
		sent += c->sent, failed += c->failed, marked += c->marked;
		if (c->times_n)
			memcpy(all + n, c->times, c->times_n * sizeof(*all));
		n += c->times_n;
	}
	qsort(all, n, sizeof(*all), by_size);
#define AT(q) (n ? all[(size_t)((double)(n - 1) * (q))] : 0)
	printf("{\"messages\":%llu,\"failed\":%llu,\"marked\":%llu,\"seconds\":%.3f,\"p50\":%u,\"p90\":%u,\"p99\":%u,\"max\":%u}\n",
	       (unsigned long long)sent, (unsigned long long)failed, (unsigned long long)marked, seconds, AT(0.5), AT(0.9), AT(0.99),
	       AT(1.0));
}

int main(int argc, char **argv)
{
	static struct client clients[THREADS];
	static const struct {
		const char *name;
		send_one *send;
	} protocols[] = { { "milter", milter_send }, { "http", http_send }, { "spamd", spamd_send } };
	if (argc == 7)
		for (size_t i = 0; i < sizeof(protocols) / sizeof(*protocols); i++)
			if (strcmp(argv[1], protocols[i].name) == 0)
				send_message = protocols[i].send;
	if (!send_message || (connections = (unsigned)atoi(argv[3])) < 1 || connections > THREADS) {
		fprintf(stderr, "usage: serve_load milter|http|spamd PORT CONNECTIONS SECONDS RATE INDEX\n");
		return 2;
	}
	port = (uint16_t)atoi(argv[2]);
	rate = atof(argv[5]);
	read_index(argv[6]);
	begin_ns = now_ns();
	end_ns = begin_ns + WARM_UP_NS + (uint64_t)(atof(argv[4]) * 1e9);
	for (unsigned i = 0; i < connections; i++) {
		clients[i] = (struct client){ .index = i, .fd = -1, .out = malloc(4 * LARGEST), .in = malloc(ANSWER + LARGEST) };
		if (pthread_create(&clients[i].thread, NULL, run, &clients[i]))
			die("thread");
	}
	for (unsigned i = 0; i < connections; i++)
		pthread_join(clients[i].thread, NULL);
	report(clients, (double)(now_ns() - begin_ns - WARM_UP_NS) / 1e9);
	return 0;
}
