/* tests/bench/dns_zone_load.c - clients of a DNS list: one process, one thread, questions and answers in batches.
 *
 *     dns_zone_load list N                                  N addresses, one a line: those that are listed
 *     dns_zone_load ask PORT ZONE SECONDS LISTED WINDOW     every second question is about one of them; WINDOW questions are under way
 *     dns_zone_load echo PORT                               answers each question with itself: what the kernel alone allows
 *
 * ask prints one JSON object: questions answered, how many of them listed, lost (not answered within 200 ms), seconds, its own CPU seconds.
 * The questions are made beforehand. Owner: everything is allocated once. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, QUESTIONS = 65536, QUESTION_MAX = 128, ANSWER_MAX = 1500, HEADER = 12, LOST_MS = 200 };

struct question {
	uint8_t b[QUESTION_MAX];
	size_t n;
};

struct found {
	unsigned long answered, listed, lost, wrong;
};

static struct question questions[QUESTIONS];
static uint8_t answers[BATCH][ANSWER_MAX];

static void die(const char *what)
{
	fprintf(stderr, "dns_zone_load: %s: %s\n", what, strerror(errno));
	exit(2);
}

static double seconds_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu_seconds(void)
{
	struct rusage used;
	getrusage(RUSAGE_SELF, &used);
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

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

static void put_label(struct question *q, const char *label, size_t n)
{
	q->b[q->n++] = (uint8_t)n;
	memcpy(q->b + q->n, label, n);
	q->n += n;
}

static void make_question(struct question *q, uint32_t address, const char *zone, uint16_t id)
{
	char octet[4];
	const uint8_t header[HEADER] = { (uint8_t)(id >> 8), (uint8_t)id, 1, 0, 0, 1 }, end[5] = { 0, 0, 1, 0, 1 };
	memcpy(q->b, header, HEADER);
	q->n = HEADER;
	for (unsigned i = 0; i < 4; i++)
		put_label(q, octet, (size_t)snprintf(octet, sizeof octet, "%u", address >> (8 * i) & 255));
	for (const char *at = zone; *at;) {
		size_t n = strcspn(at, ".");
		put_label(q, at, n);
		at += n + (at[n] == '.');
	}
	memcpy(q->b + q->n, end, sizeof end);
	q->n += sizeof end;
}

/* Addresses from all over the list, as mail servers ask. */
static void make_questions(const char *zone, uint64_t of)
{
	for (unsigned i = 0; i < QUESTIONS; i++) {
		uint64_t k = of / QUESTIONS * i;
		make_question(&questions[i], i % 2 ? listed(&k) : unlisted(i), zone, (uint16_t)i);
	}
}

static void send_some(int fd, unsigned *next, unsigned n)
{
	static struct mmsghdr messages[BATCH];
	static struct iovec bytes[BATCH];
	for (unsigned done = 0; done < n;) {
		unsigned some = n - done < BATCH ? n - done : BATCH;
		for (unsigned i = 0; i < some; i++) {
			struct question *q = &questions[(*next + i) % QUESTIONS];
			bytes[i] = (struct iovec){ q->b, q->n };
			messages[i].msg_hdr = (struct msghdr){ .msg_iov = &bytes[i], .msg_iovlen = 1 };
		}
		int sent = sendmmsg(fd, messages, some, 0);
		if (sent <= 0)
			die("sendmmsg");
		*next += (unsigned)sent;
		done += (unsigned)sent;
	}
}

static void count(const uint8_t *p, size_t n, struct found *found)
{
	unsigned id = n >= HEADER ? (unsigned)(p[0] << 8 | p[1]) : 0, rcode = n >= HEADER ? p[3] & 15 : 15;
	found->answered++;
	if (rcode == 0 && p[7] > 0)
		found->listed++;
	if (rcode != (id % 2 ? 0 : 3))
		found->wrong++;
}

static unsigned receive_some(int fd, struct found *found)
{
	static struct mmsghdr messages[BATCH];
	static struct iovec bytes[BATCH];
	struct pollfd ready = { fd, POLLIN, 0 };
	for (unsigned i = 0; i < BATCH; i++) {
		bytes[i] = (struct iovec){ answers[i], ANSWER_MAX };
		messages[i].msg_hdr = (struct msghdr){ .msg_iov = &bytes[i], .msg_iovlen = 1 };
	}
	if (poll(&ready, 1, LOST_MS) <= 0)
		return 0;
	int n = recvmmsg(fd, messages, BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++)
		count(answers[i], messages[i].msg_len, found);
	return n > 0 ? (unsigned)n : 0;
}

static int ask(uint16_t port, const char *zone, double seconds, uint64_t of, unsigned window)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0), room = 1 << 20;
	struct found found = { 0 };
	unsigned next = 0, under_way = 0;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
		die("connect");
	make_questions(zone, of);
	double begin = seconds_now(), end = begin + seconds;
	while (seconds_now() < end) {
		if (under_way < window)
			send_some(fd, &next, window - under_way);
		under_way = window;
		unsigned got = receive_some(fd, &found);
		if (got == 0)
			found.lost += under_way;
		under_way = got == 0 || got > under_way ? 0 : under_way - got;
	}
	printf("{\"answered\": %lu, \"listed\": %lu, \"wrong\": %lu, \"lost\": %lu, \"seconds\": %.3f, \"cpu\": %.3f}\n", found.answered,
	       found.listed, found.wrong, found.lost, seconds_now() - begin, cpu_seconds());
	close(fd);
	return 0;
}

/* The bare loop of a server that handles datagrams in batches, without anything to decide: a listed address' answer is as long. */
__attribute__((noreturn)) static void echo(uint16_t port)
{
	enum { RECORD = 16 };
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	static struct sockaddr_in from[BATCH];
	static struct mmsghdr messages[BATCH];
	static struct iovec bytes[BATCH];
	int fd = socket(AF_INET, SOCK_DGRAM, 0), room = 1 << 20;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) != 0)
		die("bind");
	for (;;) {
		for (unsigned i = 0; i < BATCH; i++) {
			bytes[i] = (struct iovec){ answers[i], ANSWER_MAX };
			messages[i].msg_hdr =
			    (struct msghdr){ .msg_name = &from[i], .msg_namelen = sizeof from[i], .msg_iov = &bytes[i], .msg_iovlen = 1 };
		}
		int n = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);
		for (int i = 0; i < n; i++) {
			answers[i][2] |= 0x80;
			bytes[i].iov_len = messages[i].msg_len + RECORD;
		}
		for (int done = 0, sent; done<n; done += sent> 0 ? sent : 1)
			sent = sendmmsg(fd, messages + done, (unsigned)(n - done), 0);
	}
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "echo") == 0)
		echo((uint16_t)strtoul(argv[2], NULL, 10));
	if (argc == 3 && strcmp(argv[1], "list") == 0)
		return print_list(strtoul(argv[2], NULL, 10));
	if (argc == 7 && strcmp(argv[1], "ask") == 0)
		return ask((uint16_t)strtoul(argv[2], NULL, 10), argv[3], strtod(argv[4], NULL), strtoull(argv[5], NULL, 10),
			   (unsigned)strtoul(argv[6], NULL, 10));
	fprintf(stderr, "usage: dns_zone_load list N | echo PORT | ask PORT ZONE SECONDS LISTED WINDOW\n");
	return 2;
}
