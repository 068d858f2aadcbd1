/* tests/smtp_test.h - a server that accepts everything, made of the engine and the words: bytes in, what happened out. */
#ifndef TESTS_SMTP_TEST_H
#define TESTS_SMTP_TEST_H

#include "session/smtp_server_engine.h"
#include "session/smtp_words.h"

#include <stdlib.h>

struct smtp_test {
	struct smtp_server_engine engine;
	const struct smtp_personality *personality;
	struct smtp_fill fill;
	struct buf codes;   /* "250 250 354": of the replies; "-": none was due; "!": the end */
	struct buf content; /* of all messages, "|" behind each */
	enum smtp_answer answer;
	uint32_t refuse; /* bits of kinds of events that are refused with 550 */
	bool ended;
};

static const struct smtp_server_options smtp_test_options = {
	.behaviour = { .helo_required = true, .ends_on_foreign = true, .errors_ended = 20 },
	.offers = SMTP_PIPELINING | SMTP_SIZE | SMTP_8BITMIME | SMTP_UTF8 | SMTP_CHUNKING | SMTP_DSN | SMTP_STATUS_CODES,
	.message_bytes = 1024 * 1024,
	.recipients = 100,
};

static inline void smtp_test_init(struct smtp_test *t, const struct smtp_server_options *options, struct arena *arena)
{
	*t = (struct smtp_test){ .personality = smtp_personality_postern(), .fill = { .host = SPAN("mx.example.org") } };
	smtp_server_init(&t->engine, options);
	smtp_server_greeted(&t->engine);
	buf_init(&t->codes, arena, 1 << 24);
	buf_init(&t->content, arena, 1 << 28);
}

static inline void smtp_test_code_(struct smtp_test *t, unsigned code) { buf_printf(&t->codes, t->codes.n ? " %u" : "%u", code); }

static inline void smtp_test_event(struct smtp_test *t, const struct smtp_event *event)
{
	struct smtp_server_engine *e = &t->engine;
	enum smtp_reply reply = event->reply;
	bool refuses = event->waits && t->refuse >> event->kind & 1;
	unsigned code = refuses ? 550 : smtp_words_code(t->personality, reply);
	unsigned times = event->kind == SMTP_END && e->options.lmtp ? e->recipients : 1;
	if (event->kind == SMTP_CONTENT)
		buf_put(&t->content, event->text);
	if (event->kind == SMTP_END)
		buf_byte(&t->content, '|');
	if ((event->kind == SMTP_LOGIN || event->kind == SMTP_LOGIN_LINE) && t->answer == SMTP_CONTINUES)
		code = 334;
	for (unsigned i = 0; code && i < times; i++)
		smtp_test_code_(t, code);
	if (event->kind == SMTP_QUIT)
		t->ended = true;
	if (event->waits)
		smtp_server_answered(e, refuses ? SMTP_REFUSED : code == 334 ? SMTP_CONTINUES : code < 400 ? SMTP_ACCEPTED : SMTP_REFUSED);
}

/* How many of the bytes were used. */
static inline size_t smtp_test_feed(struct smtp_test *t, struct span in)
{
	size_t from = 0;
	while (!t->ended) {
		struct smtp_event event;
		size_t used;
		enum smtp_step step = smtp_server_step(&t->engine, span_skip(in, from), &used, &event);
		if (used > in.n - from)
			abort();
		if (step == SMTP_BAD) {
			if (t->engine.reply)
				smtp_test_code_(t, smtp_words_code(t->personality, t->engine.reply));
			buf_cstr(&t->codes, t->codes.n ? " !" : "!");
			t->ended = true;
		}
		if (step == SMTP_EVENT)
			smtp_test_event(t, &event);
		from += used;
		if (step == SMTP_MORE && used == 0)
			break;
	}
	return from;
}

/* As pieces of that size arrive. */
static inline void smtp_test_feed_pieces(struct smtp_test *t, struct span in, size_t piece)
{
	size_t from = 0, have = 0;
	smtp_test_feed(t, span_none);
	while (have < in.n && !t->ended) {
		have = in.n - have < piece ? in.n : have + piece;
		from += smtp_test_feed(t, span_slice(in, from, have));
	}
}

#endif
