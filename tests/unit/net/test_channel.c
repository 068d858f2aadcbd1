/* Records between processes: whole, in order, with messages and descriptors; nothing waits, and what is no record ends the channel. */
#include "base/limits.h"
#include "net/channel.h"
#include "tests/test.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct channel *a, *b;
static int raw; /* the end of b's peer when a is not there */

static void open_pair(uint64_t limit)
{
	int fds[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	a = channel_new(fds[0], limit);
	b = channel_new(fds[1], limit);
}

static void close_pair(void)
{
	channel_free(a);
	channel_free(b);
}

static struct spool *message(size_t n)
{
	uint8_t *bytes = malloc(n);
	memset(bytes, 'm', n);
	struct spool *spool = spool_new();
	assert_int_equal(spool_add(spool, span_of(bytes, n)), 0);
	assert_int_equal(spool_seal(spool), 0);
	free(bytes);
	return spool;
}

static void records_arrive_in_order(void **state)
{
	static const struct {
		const char *payload;
		size_t content;
	} cases[] = { { "one", 0 }, { "", 12 }, { "three", SPOOL_INLINE }, { "", 0 }, { "five", SPOOL_INLINE + 5 }, { "six", 1 } };
	struct channel_record record;
	(void)state;
	open_pair(UINT64_MAX);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct spool *content = cases[i].content ? message(cases[i].content) : NULL;
		assert_int_equal(channel_send(a, (uint8_t)i, (uint32_t)i + 100, span_cstr(cases[i].payload), content, -1), 0);
		spool_drop(content);
	}
	for (size_t i = 0; i < COUNT(cases); i++) {
		int err;
		while ((err = channel_receive(b, &record)) == 0)
			assert_true(channel_flush(a) >= 0);
		assert_int_equal(err, 1);
		assert_int_equal(record.type, i);
		assert_int_equal(record.job, i + 100);
		assert_span(record.payload, cases[i].payload);
		assert_int_equal(record.content ? spool_bytes(record.content) : 0, cases[i].content);
		if (record.content)
			assert_int_equal(span_at(spool_span(record.content), cases[i].content - 1), 'm');
		spool_drop(record.content);
	}
	assert_int_equal(channel_queued(a), 0);
	assert_int_equal(channel_receive(b, &record), 0);
	channel_free(a);
	assert_int_equal(channel_receive(b, &record), ERR_NOT_FOUND);
	channel_free(b);
}

static void descriptors_belong_to_their_record(void **state)
{
	int fds[2];
	char byte;
	struct channel_record record;
	(void)state;
	open_pair(UINT64_MAX);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(channel_send(a, 1, 0, SPAN("none"), NULL, -1), 0);
	assert_int_equal(channel_send(a, 2, 0, SPAN("end"), NULL, fds[1]), 0);
	close(fds[1]);
	assert_int_equal(channel_receive(b, &record), 1);
	assert_int_equal(record.fd, -1);
	assert_int_equal(channel_receive(b, &record), 1);
	assert_true(record.fd >= 0);
	assert_int_equal(write(record.fd, "!", 1), 1);
	assert_int_equal(read(fds[0], &byte, 1), 1);
	close(record.fd);
	assert_int_equal(read(fds[0], &byte, 1), 0); /* nobody kept it open */
	close(fds[0]);
	close_pair();
}

/* More than one call of the system takes; every tenth record has a descriptor, which must stay its own. */
static void many_go_together(void **state)
{
	enum { RECORDS = 500 };
	int fds[2];
	uint32_t got = 0;
	struct channel_record record;
	(void)state;
	open_pair(UINT64_MAX);
	assert_int_equal(pipe(fds), 0);
	struct spool *content = message(3000);
	for (uint32_t i = 0; i < RECORDS; i++)
		assert_int_equal(channel_queue(a, 1, i, SPAN("payload"), i % 3 ? NULL : content, i % 10 ? -1 : fds[1]), 0);
	assert_int_equal(channel_receive(b, &record), 0); /* nothing was sent */
	while (got < RECORDS) {
		assert_true(channel_flush(a) >= 0);
		while (channel_receive(b, &record) == 1) {
			assert_int_equal(record.job, got);
			assert_span(record.payload, "payload");
			assert_int_equal(record.content ? spool_bytes(record.content) : 0, got % 3 ? 0 : 3000);
			assert_int_equal(record.fd >= 0, got % 10 == 0);
			if (record.fd >= 0)
				close(record.fd);
			spool_drop(record.content);
			got++;
		}
	}
	assert_int_equal(channel_queued(a), 0);
	spool_drop(content);
	close(fds[0]);
	close(fds[1]);
	close_pair();
}

static void what_waits_is_bounded(void **state)
{
	int err = 0;
	unsigned sent = 0, got = 0;
	struct channel_record record;
	(void)state;
	open_pair(300000);
	struct spool *content = message(100000);
	while ((err = channel_send(a, 1, sent, span_none, content, -1)) == 0)
		sent++;
	assert_int_equal(err, ERR_LIMIT);
	assert_true(sent >= 3 && channel_queued(a) <= 300000);
	assert_int_equal(channel_flush(a), 1);
	while (got < sent) {
		assert_true(channel_flush(a) >= 0);
		if (channel_receive(b, &record) == 1) {
			assert_int_equal(record.job, got++);
			spool_drop(record.content);
		}
	}
	spool_drop(content);
	uint8_t *large = calloc(1, LIMIT_CHANNEL_PAYLOAD + 1);
	assert_int_equal(channel_send(a, 1, 0, span_of(large, LIMIT_CHANNEL_PAYLOAD + 1), NULL, -1), ERR_LIMIT);
	free(large);
	close_pair();
}

static void a_dead_end_is_noticed(void **state)
{
	struct channel_record record;
	(void)state;
	open_pair(UINT64_MAX);
	channel_free(b);
	assert_int_equal(channel_send(a, 1, 0, SPAN("x"), NULL, -1), ERR_IO);
	assert_true(channel_receive(a, &record) < 0);
	channel_free(a);
}

static void what_is_no_record_ends_it(void **state)
{
	struct {
		uint32_t payload, job;
		uint64_t content;
		uint8_t type, flags, zero[6];
	} cases[] = {
		{ LIMIT_CHANNEL_PAYLOAD + 1, 0, 0, 1, 0, { 0 } },
		{ 0, 0, 5, 1, 0, { 0 } }, /* a message that is neither inline nor a file */
		{ 0, 0, SPOOL_INLINE + 1ull, 1, 1, { 0 } },
		{ 0, 0, LIMIT_MESSAGE_BYTES + 1ull, 1, 2, { 0 } },
		{ 0, 0, 5, 1, 2, { 0 } }, /* no descriptor came */
		{ 0, 0, 0, 1, 4, { 0 } },
		{ 0, 0, 5, 1, 3, { 0 } },
		{ 0, 0, 0, 1, 8, { 0 } },
	};
	struct channel_record record;
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int fds[2];
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
		b = channel_new(fds[0], UINT64_MAX);
		raw = fds[1];
		assert_int_equal(write(raw, &cases[i], sizeof cases[i]), sizeof cases[i]);
		assert_int_equal(channel_receive(b, &record), ERR_SYNTAX);
		channel_free(b);
		close(raw);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_arrive_in_order),   cmocka_unit_test(descriptors_belong_to_their_record),
		cmocka_unit_test(what_waits_is_bounded),     cmocka_unit_test(a_dead_end_is_noticed),
		cmocka_unit_test(what_is_no_record_ends_it), cmocka_unit_test(many_go_together),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
