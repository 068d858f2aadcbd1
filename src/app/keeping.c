/* app/keeping.c - see keeping.h */
#include "app/keeping.h"
#include "base/clock.h"
#include "base/record.h"

#include <event2/event.h>
#include <stdlib.h>

enum { GATHER_MS = 10, GATHER_BYTES = 64 * 1024 };

struct wait {
	struct wait *next;
	uint32_t id;
	uint64_t since; /* clock_microseconds() */
	bool refused;   /* could not even be sent */
	keeping_done *done;
	void *context;
};

struct keeping {
	struct event_base *base;
	struct channel *channel; /* NULL: there is no keeper just now */
	struct event *readable, *writable, *second, *gathered;
	struct wait *waits; /* the newest first */
	uint32_t next_id;
	uint64_t dropped;
	bool no_room;
	bool (*heard)(void *context, const struct channel_record *record); /* NULL: nobody listens */
	void *context;
	bool blocked; /* nothing can be sent until writable says so */
};

/* Answers those for which test holds. */
static void end_waits(struct keeping *k, bool (*test)(const struct wait *wait, uint64_t of), uint64_t of, enum session_answer answer,
		      struct span reply)
{
	for (struct wait **at = &k->waits; *at;) {
		struct wait *wait = *at;
		if (!test(wait, of)) {
			at = &wait->next;
			continue;
		}
		*at = wait->next;
		wait->done(wait->context, answer, reply);
		free(wait);
		at = &k->waits; /* whoever was told may have asked again */
	}
}

static bool any(const struct wait *wait, uint64_t of) { return wait && of; }
static bool is_id(const struct wait *wait, uint64_t id) { return wait->id == id; }
static bool is_late(const struct wait *wait, uint64_t now) { return wait->refused || now - wait->since > KEEPING_SECONDS * 1000000ull; }

static void on_second(evutil_socket_t none, short what, void *context)
{
	struct keeping *k = context;
	(void)none;
	(void)what;
	end_waits(k, is_late, clock_microseconds(), ANSWERED_UNAVAILABLE, SPAN("the keeper of the history does not answer"));
}

/* Sends all that waits, or has it sent as soon as the keeper takes more. */
static void flush(struct keeping *k)
{
	event_del(k->gathered);
	k->blocked = k->channel && channel_flush(k->channel) == 1;
	if (k->blocked)
		event_add(k->writable, NULL);
}

static void on_gathered(evutil_socket_t none, short what, void *context)
{
	(void)none;
	(void)what;
	flush(context);
}

struct keeping *keeping_new(struct event_base *base)
{
	static const struct timeval second = { 1, 0 };
	struct keeping *k = calloc(1, sizeof *k);
	if (!k)
		abort();
	k->base = base;
	k->second = event_new(base, -1, EV_PERSIST, on_second, k);
	k->gathered = event_new(base, -1, 0, on_gathered, k);
	if (!k->gathered || !k->second || event_add(k->second, &second) != 0)
		abort();
	return k;
}

static void detach(struct keeping *k)
{
	if (!k->channel)
		return;
	event_del(k->gathered);
	event_free(k->readable);
	event_free(k->writable);
	channel_free(k->channel);
	k->channel = NULL;
	k->blocked = false;
	end_waits(k, any, UINT64_MAX, ANSWERED_UNAVAILABLE, SPAN("the keeper of the history is not there just now"));
}

void keeping_free(struct keeping *k)
{
	if (!k)
		return;
	while (k->waits) {
		struct wait *wait = k->waits;
		k->waits = wait->next;
		free(wait);
	}
	flush(k);
	detach(k);
	event_free(k->second);
	event_free(k->gathered);
	free(k);
}

void keeping_hear(struct keeping *k, bool (*heard)(void *context, const struct channel_record *record), void *context)
{
	k->heard = heard;
	k->context = context;
}

/* False: it is no record of a keeper's. */
static bool take_record(struct keeping *k, const struct channel_record *record)
{
	struct cursor c = cursor_of(record->payload);
	if (record->type != WIRE_ROOM && record->type != WIRE_DONE)
		return k->heard && k->heard(k->context, record);
	uint64_t answer = record_number(&c);
	if (record->type == WIRE_ROOM) {
		k->no_room = answer;
		return !c.overrun;
	}
	struct span reply = record_text(&c);
	if (c.overrun || answer > ANSWERED_TOO_LARGE)
		return false;
	end_waits(k, is_id, record->job, (enum session_answer)answer, reply);
	return true;
}

static void on_readable(evutil_socket_t fd, short what, void *context)
{
	struct keeping *k = context;
	struct channel_record record;
	int err;
	(void)fd;
	(void)what;
	while (k->channel && (err = channel_receive(k->channel, &record)) == 1) {
		if (!take_record(k, &record))
			err = ERR_SYNTAX;
		spool_drop(record.content);
		if (err < 0)
			break;
	}
	if (k->channel && err < 0)
		detach(k);
}

static void on_writable(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	flush(context);
}

void keeping_attach(struct keeping *k, int fd)
{
	detach(k);
	k->channel = channel_new(fd, KEEPING_QUEUE);
	k->readable = event_new(k->base, fd, EV_READ | EV_PERSIST, on_readable, k);
	k->writable = event_new(k->base, fd, EV_WRITE, on_writable, k);
	if (!k->readable || !k->writable || event_add(k->readable, NULL) != 0)
		abort();
}

/* urgent: somebody waits for the answer. Else it goes with what comes within a moment, so that the keeper is woken once for many. */
static bool post(struct keeping *k, enum wire_type type, uint32_t id, struct span payload, struct spool *content, bool urgent)
{
	static const struct timeval moment = { 0, GATHER_MS * 1000 };
	if (!k->channel || channel_queue(k->channel, (uint8_t)type, id, payload, content, -1) != 0)
		return false;
	if (k->blocked)
		return true;
	if (urgent || channel_queued(k->channel) >= GATHER_BYTES)
		flush(k);
	else if (!event_pending(k->gathered, EV_TIMEOUT, NULL))
		event_add(k->gathered, &moment);
	return true;
}

bool keeping_tell(struct keeping *k, enum wire_type type, struct span payload, struct spool *content)
{
	bool sent = post(k, type, 0, payload, content, false);
	k->dropped += !sent;
	return sent;
}

void keeping_ask(struct keeping *k, enum wire_type type, struct span payload, struct spool *content, keeping_done *done, void *context)
{
	struct wait *wait = calloc(1, sizeof *wait);
	if (!wait)
		abort();
	if (++k->next_id == 0)
		k->next_id = 1;
	*wait = (struct wait){ .next = k->waits, .id = k->next_id, .since = clock_microseconds(), .done = done, .context = context };
	k->waits = wait;
	wait->refused = !post(k, type, wait->id, payload, content, true);
}

void keeping_forget(struct keeping *k, const void *context)
{
	for (struct wait **at = &k->waits; *at;) {
		struct wait *wait = *at;
		if (wait->context != context) {
			at = &wait->next;
			continue;
		}
		*at = wait->next;
		free(wait);
	}
}

uint64_t keeping_dropped(const struct keeping *k) { return k->dropped; }
bool keeping_no_room(const struct keeping *k) { return k->no_room; }
uint64_t keeping_queued(const struct keeping *k) { return k->channel ? channel_queued(k->channel) : 0; }
