/* tests/bench/gate_load.c - clients at a door, and what a door is compared with: one process, one thread, epoll.
 *
 *     gate_load list N                                    N addresses, one a line: those that are refused
 *     gate_load bare                                      a server that accepts, reads a PROXY header, says 554 and closes; prints its port
 *     gate_load sink                                      a mail server that takes everything; prints its port
 *     gate_load knock PORT CONNECTIONS SECONDS LISTED [PASS-PERCENT INDEX]
 *                                                         so many connections at a time, each with a PROXY header of its own
 *     gate_load idle PORT N                               holds N greeted connections until its input ends
 *
 * knock: a client of every address of `list` in turn reads until it is hung up on; PASS-PERCENT of them come from other addresses and
 * deliver a message of INDEX ("ham|spam PATH" lines). Prints one JSON object. Connections leave from 127.0.0.2 to .17, for a port is not
 * used again at once. Owner: everything is allocated once. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { FILES = 20000, BATCH = 256, MESSAGES = 2000, LARGEST = 64 * 1024, HEADER = 28, SOURCES = 16, LINE = 2048 };

static const char refusal[] = "554 5.7.1 Refused: Its address 198.51.100.100 is on the block list of this server\r\n";

static void die(const char *what)
{
	fprintf(stderr, "gate_load: %s: %s\n", what, strerror(errno));
	exit(2);
}

static uint64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static double cpu_seconds(void)
{
	struct rusage used;
	getrusage(RUSAGE_SELF, &used);
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void watch(int ep, int fd, uint32_t what, void *data, int how)
{
	struct epoll_event e = { .events = what, .data.ptr = data };
	if (epoll_ctl(ep, how, fd, &e) != 0)
		die("epoll_ctl");
}

/* ---- addresses ---- */

/* The k-th address that is listed: spread over everything but what is reserved here. *k goes on to the next. */
static uint32_t listed(uint64_t *k)
{
	for (;;) {
		uint32_t a = (uint32_t)(*k)++ * 2654435761u, high = a >> 24;
		if (high != 0 && high != 10 && high != 127 && high != 198 && high < 224)
			return a;
	}
}

static uint32_t unlisted(uint64_t k) { return 0xc6120000u | ((uint32_t)k * 40503u & 0x1ffff); } /* 198.18.0.0/15 */

static int print_list(unsigned long n)
{
	uint64_t k = 0;
	for (unsigned long i = 0; i < n; i++) {
		uint32_t a = listed(&k);
		printf("%u.%u.%u.%u\n", a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255);
	}
	return 0;
}

/* ---- servers ---- */

static int listen_anywhere(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, 1024) || getsockname(fd, (struct sockaddr *)&at, &n))
		die("listen");
	printf("%u\n", ntohs(at.sin_port));
	fflush(stdout);
	return fd;
}

/* True: the connection is over. */
static bool refuse(int fd)
{
	unsigned char header[HEADER];
	ssize_t n = recv(fd, header, sizeof header, 0);
	if (n < 0 && errno == EAGAIN)
		return false;
	if (n == HEADER)
		send(fd, refusal, sizeof refusal - 1, MSG_NOSIGNAL);
	close(fd);
	return true;
}

static _Noreturn void serve_bare(void)
{
	struct epoll_event events[BATCH];
	int ep = epoll_create1(EPOLL_CLOEXEC), fd, door = listen_anywhere();
	watch(ep, door, EPOLLIN, NULL, EPOLL_CTL_ADD);
	for (;;) {
		int n = epoll_wait(ep, events, BATCH, -1);
		for (int i = 0; i < n; i++)
			if (events[i].data.ptr) {
				refuse((int)(intptr_t)events[i].data.ptr);
			} else {
				while ((fd = accept4(door, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
					if (!refuse(fd))
						watch(ep, fd, EPOLLIN, (void *)(intptr_t)fd, EPOLL_CTL_ADD);
			}
	}
}

struct sunk {
	bool in_message;
	unsigned n;
	char line[LINE]; /* the beginning of it */
};

static void say(int fd, const char *what) { send(fd, what, strlen(what), MSG_NOSIGNAL); }

/* One line of a client of the sink; false: it leaves. */
static bool sink_line(int fd, struct sunk *s)
{
	if (s->in_message) {
		s->in_message = !(s->n == 3 && memcmp(s->line, ".\r\n", 3) == 0);
		if (!s->in_message)
			say(fd, "250 kept\r\n");
	} else if (strncasecmp(s->line, "EHLO", 4) == 0) {
		say(fd, "250-sink.example\r\n250-PIPELINING\r\n250 8BITMIME\r\n");
	} else if (strncasecmp(s->line, "QUIT", 4) == 0) {
		say(fd, "221 bye\r\n");
		return false;
	} else {
		s->in_message = strncasecmp(s->line, "DATA", 4) == 0;
		say(fd, s->in_message ? "354 go on\r\n" : "250 ok\r\n");
	}
	return true;
}

static bool sink_read(int fd, struct sunk *s)
{
	static char in[256 * 1024];
	ssize_t n = recv(fd, in, sizeof in, 0);
	for (char *at = in, *end = in + (n > 0 ? n : 0); at < end;) {
		char *next = memchr(at, '\n', (size_t)(end - at));
		size_t piece = (size_t)((next ? next + 1 : end) - at);
		memcpy(s->line + s->n, at, piece < LINE - 1 - s->n ? piece : LINE - 1 - s->n);
		s->n += (unsigned)(piece < LINE - 1 - s->n ? piece : LINE - 1 - s->n);
		s->line[s->n] = 0;
		at += piece;
		if (next && !sink_line(fd, s))
			return false;
		if (next)
			s->n = 0;
	}
	return n > 0 || (n < 0 && errno == EAGAIN);
}

static _Noreturn void serve_sink(void)
{
	static struct sunk sunk[FILES];
	struct epoll_event events[BATCH];
	int ep = epoll_create1(EPOLL_CLOEXEC), fd, door = listen_anywhere();
	watch(ep, door, EPOLLIN, NULL, EPOLL_CTL_ADD);
	for (;;) {
		int n = epoll_wait(ep, events, BATCH, -1);
		for (int i = 0; i < n; i++) {
			fd = (int)(intptr_t)events[i].data.ptr;
			if (fd > 0) {
				if (!sink_read(fd, &sunk[fd]))
					close(fd);
				continue;
			}
			while ((fd = accept4(door, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0 && fd < FILES) {
				sunk[fd] = (struct sunk){ .n = 0 };
				watch(ep, fd, EPOLLIN, (void *)(intptr_t)fd, EPOLL_CTL_ADD);
				say(fd, "220 sink.example ESMTP\r\n");
			}
		}
	}
}

/* ---- clients ---- */

enum step { CONNECTING, GREETED, HELLO, PIPELINE, BODY, GOODBYE };

struct client {
	int fd;
	bool brings; /* a message */
	enum step step;
	uint32_t ip;
	unsigned answers; /* of the pipeline */
	const struct message *message;
	size_t sent;
	uint64_t begun;
	bool answered;
};

struct message {
	char *bytes; /* with CRLF, dots doubled, and the dot at the end */
	size_t n;
};

static struct {
	int ep;
	uint16_t port;
	uint64_t next, passing, n_listed;
	unsigned percent;
	uint64_t refused, delivered, turned_away, put_off, broken;
	struct message messages[MESSAGES];
	unsigned n_messages;
} load;

static void read_message(const char *path)
{
	struct message *m = &load.messages[load.n_messages];
	char *raw = malloc(LARGEST + 1);
	FILE *f = fopen(path, "rb");
	if (!f || !raw)
		die(path);
	size_t n = fread(raw, 1, LARGEST + 1, f);
	fclose(f);
	m->bytes = n <= LARGEST ? malloc(2 * n + 8) : NULL;
	for (size_t i = 0; m->bytes && i < n; i++) {
		bool begins = i == 0 || raw[i - 1] == '\n';
		if (raw[i] == '\r')
			continue; /* all line ends are made anew: a door refuses bare ones */
		if (begins && raw[i] == '.')
			m->bytes[m->n++] = '.';
		if (raw[i] == '\n')
			m->bytes[m->n++] = '\r';
		m->bytes[m->n++] = raw[i] ? raw[i] : ' ';
	}
	free(raw);
	if (!m->bytes)
		return;
	m->n += (size_t)sprintf(m->bytes + m->n, "\r\n.\r\n");
	load.n_messages++;
}

static void read_index(const char *index)
{
	char line[4096], path[8192];
	const char *slash = strrchr(index, '/');
	FILE *f = fopen(index, "r");
	if (!f)
		die(index);
	while (load.n_messages < MESSAGES && fgets(line, sizeof line, f)) {
		char *name = strchr(line, ' ');
		if (!name)
			continue;
		name[strcspn(name, "\n")] = 0;
		snprintf(path, sizeof path, "%.*s%s", slash ? (int)(slash - index + 1) : 0, index, name + 1);
		read_message(path);
	}
	fclose(f);
}

/* A socket that is being connected, from one of several addresses. */
static int dial(void)
{
	static uint32_t turn;
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(load.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in from = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + turn++ % SOURCES) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
	if (fd < 0 || bind(fd, (struct sockaddr *)&from, sizeof from))
		die("socket");
	if (connect(fd, (struct sockaddr *)&to, sizeof to) && errno != EINPROGRESS)
		die("connect");
	return fd;
}

static bool send_header(int fd, uint32_t ip)
{
	unsigned char h[HEADER] = "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c";
	uint32_t from = htonl(ip), to = htonl(INADDR_LOOPBACK);
	uint16_t ports[2] = { htons(40000), htons(25) };
	memcpy(h + 16, &from, 4);
	memcpy(h + 20, &to, 4);
	memcpy(h + 24, ports, 4);
	return send(fd, h, sizeof h, MSG_NOSIGNAL) == sizeof h;
}

/* On this machine a connection mostly stands when connect returns, and needs not be waited for: that would be the client's cost, not the
 * door's. */
static void begin(struct client *c)
{
	static unsigned due;
	due += load.percent;
	*c = (struct client){ .fd = dial(), .begun = now_ns(), .brings = due >= 100 };
	if (c->brings) {
		due -= 100;
		c->ip = unlisted(load.passing);
		c->message = &load.messages[load.passing++ % load.n_messages];
	} else {
		if (load.refused >= load.n_listed)
			load.next = 0;
		c->ip = listed(&load.next);
	}
	bool stands = send_header(c->fd, c->ip);
	c->step = stands ? GREETED : CONNECTING;
	watch(load.ep, c->fd, stands ? EPOLLIN | EPOLLRDHUP : EPOLLOUT, c, EPOLL_CTL_ADD);
}

static void send_body(struct client *c)
{
	while (c->sent < c->message->n) {
		ssize_t n = send(c->fd, c->message->bytes + c->sent, c->message->n - c->sent, MSG_NOSIGNAL);
		if (n <= 0) {
			watch(load.ep, c->fd, EPOLLIN | EPOLLOUT, c, EPOLL_CTL_MOD);
			return;
		}
		c->sent += (size_t)n;
	}
	watch(load.ep, c->fd, EPOLLIN, c, EPOLL_CTL_MOD);
	c->step = BODY;
}

/* One reply, its last line. */
static void heard(struct client *c, int code)
{
	static const char commands[] = "MAIL FROM:<anna@client.example>\r\nRCPT TO:<ben@example.org>\r\nDATA\r\n";
	c->answered = true;
	load.put_off += code >= 400 && code < 500;
	if (c->step == GREETED && code == 220) {
		say(c->fd, "EHLO mail.client.example\r\n");
		c->step = HELLO;
	} else if (c->step == HELLO && code == 250) {
		say(c->fd, commands);
		c->step = PIPELINE;
	} else if (c->step == PIPELINE && code == 354) {
		send_body(c);
	} else if (c->step == PIPELINE && code == 250) {
		c->answers++;
	} else if (c->step == BODY) {
		load.delivered += code == 250;
		load.turned_away += code >= 500;
		say(c->fd, "QUIT\r\n");
		c->step = GOODBYE;
	} else if (c->step != GOODBYE) {
		load.refused += code >= 500;
		say(c->fd, "QUIT\r\n");
		c->step = GOODBYE;
	}
}

static void leave(struct client *c)
{
	load.broken += !c->answered || (c->brings && c->step != GOODBYE);
	close(c->fd);
	begin(c);
}

/* ended: nothing comes behind what there is. */
static void hear(struct client *c, bool ended)
{
	char in[8192];
	ssize_t n = recv(c->fd, in, sizeof in - 1, 0);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		leave(c);
		return;
	}
	if (!c->brings) { /* until it is hung up on */
		load.refused += !c->answered && in[0] == '5';
		load.broken += !c->answered && in[0] != '5';
		c->answered = true;
		if (ended && n < (ssize_t)sizeof in - 1)
			leave(c);
		return;
	}
	in[n] = 0;
	for (char *line = in, *end; (end = strchr(line, '\n')); line = end + 1)
		if (end - line > 3 && line[3] == ' ')
			heard(c, atoi(line));
}

static void go_on(struct client *c, uint32_t what)
{
	if (c->step == CONNECTING) {
		if (!send_header(c->fd, c->ip)) {
			leave(c);
			return;
		}
		c->step = GREETED;
		watch(load.ep, c->fd, EPOLLIN | EPOLLRDHUP, c, EPOLL_CTL_MOD);
		return;
	}
	if (c->step == PIPELINE && c->sent && c->sent < c->message->n)
		send_body(c);
	hear(c, what & EPOLLRDHUP);
}

static int knock(int argc, char **argv)
{
	static struct client clients[FILES];
	struct epoll_event events[BATCH];
	unsigned n = (unsigned)atoi(argv[3]);
	uint64_t begun = now_ns(), until = begun + (uint64_t)(atof(argv[4]) * 1e9);
	double cpu = cpu_seconds();
	load.port = (uint16_t)atoi(argv[2]);
	load.n_listed = strtoull(argv[5], NULL, 10);
	load.percent = argc == 8 ? (unsigned)atoi(argv[6]) : 0;
	if (load.percent)
		read_index(argv[7]);
	load.ep = epoll_create1(EPOLL_CLOEXEC);
	for (unsigned i = 0; i < n && i < FILES; i++)
		begin(&clients[i]);
	while (now_ns() < until) {
		int k = epoll_wait(load.ep, events, BATCH, 100);
		for (int i = 0; i < k; i++)
			go_on(events[i].data.ptr, events[i].events);
	}
	double seconds = (double)(now_ns() - begun) / 1e9;
	unsigned waiting = 0;
	for (unsigned i = 0; i < n && i < FILES; i++)
		waiting += !clients[i].answered && now_ns() - clients[i].begun > 1000000000;
	printf("{\"seconds\":%.3f,\"cpu\":%.3f,\"refused\":%llu,\"delivered\":%llu,\"turned_away\":%llu,\"put_off\":%llu,\"broken\":%llu,"
	       "\"waiting\":%u}\n",
	       seconds, cpu_seconds() - cpu, (unsigned long long)load.refused, (unsigned long long)load.delivered,
	       (unsigned long long)load.turned_away, (unsigned long long)load.put_off, (unsigned long long)load.broken, waiting);
	return 0;
}

/* One after the other, each until it is greeted; from several addresses, for one has not enough ports. */
static int idle(char **argv)
{
	enum { A_SOURCE = 20000 };
	unsigned n = (unsigned)atoi(argv[3]), greeted = 0;
	struct rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	const struct timeval patience = { 5, 0 };
	char in[512];
	load.port = (uint16_t)atoi(argv[2]);
	for (unsigned i = 0; i < n && greeted == i; i++) {
		struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(load.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
		struct sockaddr_in from = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + i / A_SOURCE) };
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
		if (fd < 0 || setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on) ||
		    bind(fd, (struct sockaddr *)&from, sizeof from) || connect(fd, (struct sockaddr *)&to, sizeof to))
			break;
		send_header(fd, unlisted(i));
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
		greeted += recv(fd, in, sizeof in, 0) > 0 && in[0] == '2';
	}
	printf("%u\n", greeted);
	fflush(stdout);
	while (read(0, in, sizeof in) > 0)
		;
	return 0;
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	const char *what = argc > 1 ? argv[1] : "";
	if (strcmp(what, "list") == 0 && argc == 3)
		return print_list(strtoul(argv[2], NULL, 10));
	if (strcmp(what, "bare") == 0)
		serve_bare();
	if (strcmp(what, "sink") == 0)
		serve_sink();
	if (strcmp(what, "knock") == 0 && (argc == 6 || argc == 8))
		return knock(argc, argv);
	if (strcmp(what, "idle") == 0 && argc == 4)
		return idle(argv);
	fprintf(stderr,
		"usage: gate_load list N | bare | sink | knock PORT CONNECTIONS SECONDS LISTED [PASS-PERCENT INDEX] | idle PORT N\n");
	return 2;
}
