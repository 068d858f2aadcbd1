/* session/milter_answer.c - see milter_answer.h */
#include "session/milter_answer.h"
#include "base/ascii.h"
#include "base/limits.h"

#include <stdlib.h>

enum { LENGTH_BYTES = 4 };

static void put_be32(uint8_t *p, uint32_t n)
{
	for (int i = 0; i < LENGTH_BYTES; i++)
		p[i] = (uint8_t)(n >> (24 - 8 * i));
}

/* Begins a packet; end_packet fills in its length. */
static size_t begin_packet(struct buf *out, uint8_t letter)
{
	size_t at = out->n;
	buf_put(out, span_of("\0\0\0", LENGTH_BYTES));
	buf_byte(out, letter);
	return at;
}

static void end_packet(struct buf *out, size_t at)
{
	if (!out->full)
		put_be32(out->p + at, (uint32_t)(out->n - at - LENGTH_BYTES));
}

void milter_answer_packet(struct buf *out, uint8_t letter, struct span data)
{
	size_t at = begin_packet(out, letter);
	buf_put(out, data);
	end_packet(out, at);
}

/* Without NUL, which would end it. */
static void put_string(struct buf *out, struct span s)
{
	for (size_t end; (end = span_find_byte(s, 0, 0)) != SPAN_NPOS; s = span_skip(s, end + 1))
		buf_put(out, span_first(s, end));
	buf_put(out, s);
	buf_byte(out, 0);
}

/* Folds are LF here (libmilter, smfi_addheader); the mail server ends the lines as its queue has them. */
static void put_value(struct buf *out, const struct milter_engine *e, struct span value)
{
	if (!(e->steps & MILTER_LEADING_SPACE) && span_at(value, 0) == ' ')
		value = span_skip(value, 1);
	for (size_t i = 0; i < value.n; i++) {
		uint8_t byte = value.p[i];
		if (byte != 0 && (byte != '\r' || span_at(value, i + 1) != '\n'))
			buf_byte(out, byte);
	}
	buf_byte(out, 0);
}

static void put_edit(struct buf *out, const struct milter_engine *e, const struct header_edit *edit)
{
	uint8_t n[LENGTH_BYTES];
	bool insert = edit->kind == HEADER_INSERT;
	/* Version 2 knows no place, only "one more". */
	bool add = insert && e->version == MILTER_VERSION_MIN;
	size_t at = begin_packet(out, add ? 'h' : insert ? 'i' : 'm');
	put_be32(n, insert ? 0 : edit->n);
	if (!add)
		buf_put(out, span_of(n, LENGTH_BYTES));
	put_string(out, edit->name);
	put_value(out, e, edit->kind == HEADER_DELETE ? span_none : edit->value); /* no value: remove it */
	end_packet(out, at);
}

static int last_first(const void *a, const void *b)
{
	const struct header_edit *x = *(const struct header_edit *const *)a, *y = *(const struct header_edit *const *)b;
	return (x->from < y->from) - (x->from > y->from);
}

static void put_edits(struct buf *out, const struct milter_engine *e, const struct outcome *outcome, struct arena *arena)
{
	const struct header_edit **there = arena_alloc(arena, outcome->edits.n * sizeof *there);
	size_t n = 0;
	for (uint32_t i = 0; i < outcome->edits.n; i++)
		if (outcome->edits.v[i].kind != HEADER_INSERT)
			there[n++] = &outcome->edits.v[i];
	qsort(there, n, sizeof *there, last_first);
	for (size_t i = 0; i < n; i++)
		put_edit(out, e, there[i]);
	for (uint32_t i = 0; i < outcome->edits.n; i++)
		if (outcome->edits.v[i].kind == HEADER_INSERT)
			put_edit(out, e, &outcome->edits.v[i]);
}

/* One line of printable ASCII that fits into a reply. */
static void put_line(struct buf *out, struct span text, bool double_percent)
{
	text = span_first(text, LIMIT_REPLY_TEXT);
	for (size_t i = 0; i < text.n; i++) {
		uint8_t byte = text.p[i];
		if (byte == '%' && double_percent)
			buf_byte(out, '%');
		buf_byte(out, ascii_is_print(byte) ? byte : byte >= 0x80 ? '?' : ' ');
	}
}

/* "550 5.7.1 text"; a status of another class than the code is one the mail server would refuse to pass on. */
static void put_reply(struct buf *out, const struct outcome *outcome)
{
	bool reject = outcome->disposition == DISPOSITION_REJECT;
	uint32_t least = reject ? 500 : 400;
	bool whole =
	    outcome->reply_code >= least && outcome->reply_code < least + 100 && span_at(outcome->reply_status, 0) == (reject ? '5' : '4');
	size_t at = begin_packet(out, 'y');
	buf_printf(out, "%u ", whole ? outcome->reply_code : reject ? 550 : 451);
	put_line(out, whole ? outcome->reply_status : reject ? SPAN("5.7.1") : SPAN("4.7.1"), true);
	buf_byte(out, ' ');
	put_line(out, outcome->reply_text.n ? outcome->reply_text : SPAN("This message was not accepted"), true);
	buf_byte(out, 0);
	end_packet(out, at);
}

static void put_quarantine(struct buf *out, const struct outcome *outcome)
{
	size_t at = begin_packet(out, 'q');
	put_line(out, outcome->why.n ? outcome->why : SPAN("held"), false);
	buf_byte(out, 0);
	end_packet(out, at);
}

static void put_withheld(struct buf *out, const struct outcome *outcome)
{
	for (uint32_t i = 0; i < outcome->withhold.n; i++) {
		size_t at = begin_packet(out, '-');
		buf_byte(out, '<');
		buf_put(out, outcome->withhold.v[i]);
		buf_put(out, span_of(">", 2)); /* with its NUL */
		end_packet(out, at);
	}
}

void milter_answer_outcome(struct buf *out, const struct milter_engine *e, const struct outcome *outcome, struct arena *arena)
{
	switch (outcome->disposition) {
	case DISPOSITION_REJECT:
	case DISPOSITION_DEFER: put_reply(out, outcome); return;
	case DISPOSITION_STORE: milter_answer_packet(out, 'd', span_none); return; /* discarded there, kept here */
	default: break;
	}
	put_edits(out, e, outcome, arena);
	put_withheld(out, outcome);
	/* A mail server that cannot hold it delivers it, with what the header says. */
	if (outcome->disposition == DISPOSITION_HOLD && e->actions & MILTER_QUARANTINE)
		put_quarantine(out, outcome);
	milter_answer_packet(out, 'a', span_none);
}
