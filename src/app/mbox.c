/* app/mbox.c - see mbox.h */
#include "app/mbox.h"
#include "base/ascii.h"
#include "base/err.h"
#include "base/limits.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	LINE_MAX_BYTES = 1024,             /* a separator line is never longer */
	LOOK_AHEAD = LINE_MAX_BYTES + 256, /* what must be there to tell: the line and the name of the field below it */
	CHUNK_BYTES = 64 * 1024,
};

void mbox_init(struct mbox *mbox, struct span head, ssize_t (*read)(void *, void *, size_t), void *context)
{
	*mbox = (struct mbox){ .read = read, .context = context, .cap = CHUNK_BYTES + head.n, .limit = LIMIT_MESSAGE_BYTES };
	mbox->buf = malloc(mbox->cap);
	if (!mbox->buf)
		abort();
	if (head.n)
		memcpy(mbox->buf, head.p, head.n);
	mbox->n = head.n;
}

void mbox_release(struct mbox *mbox)
{
	free(mbox->buf);
	*mbox = (struct mbox){ 0 };
}

static bool is_word_of(struct span word, const char *words)
{
	struct span rest = span_cstr(words), one;
	while (span_split(&rest, ' ', &one))
		if (span_eq(word, one))
			return true;
	return false;
}

/* "Thu Jan  1 00:00:00 1970" or "Thu Jan  1 00:00 1970", zone names before or after the year allowed. */
static bool is_date(struct span text)
{
	struct span word, rest = text;
	unsigned step = 0; /* weekday, month, day, time, year */
	bool done = false;
	while (!done && span_split(&rest, ' ', &word)) {
		uint64_t number;
		if (word.n == 0)
			continue;
		if (step == 0)
			step += is_word_of(word, "Mon Tue Wed Thu Fri Sat Sun");
		else if (step == 1)
			step = is_word_of(word, "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec") ? 2 : 0;
		else if (step == 2)
			step = word.n <= 2 && span_to_uint(word, 31, &number) ? 3 : 0;
		else if (step == 3)
			step = word.n >= 4 && word.n <= 8 && span_has(word, SPAN(":")) && ascii_is_digit(word.p[0]) ? 4 : 0;
		else
			done = word.n == 4 && span_to_uint(word, 9999, &number);
	}
	return done;
}

static bool is_field(struct span text)
{
	size_t i = span_starts(text, SPAN(">"));
	while (i < text.n && i < 80 && (ascii_is_alnum(text.p[i]) || text.p[i] == '-' || text.p[i] == '_'))
		i++;
	return i > 0 && span_at(text, i) == ':';
}

bool mbox_is_separator(struct span text)
{
	if (!span_starts(text, SPAN("From ")))
		return false;
	struct span line = span_first(text, LINE_MAX_BYTES);
	size_t end = span_find_byte(line, '\n', 0);
	line = span_first(line, end);
	if (end == SPAN_NPOS && text.n > LINE_MAX_BYTES)
		return false;
	if (span_ends(line, SPAN("\r")))
		line.n--;
	return is_date(span_skip(line, 5));
}

/* at is the start of a line other than the message's first. */
static bool begins_message(struct span all, size_t at)
{
	if (!mbox_is_separator(span_skip(all, at)))
		return false;
	struct span before = span_first(all, at);
	if (span_ends(before, SPAN("\n\n")) || span_ends(before, SPAN("\n\r\n")))
		return true;
	size_t end = span_find_byte(all, '\n', at);
	return end != SPAN_NPOS && is_field(span_skip(all, end + 1));
}

/* Looks for the next separator among the bytes that are there; SPAN_NPOS when there is none, and mbox->seen says how far that is certain.
 */
static size_t find(struct mbox *mbox)
{
	struct span all = span_of(mbox->buf, mbox->n);
	for (size_t from = mbox->seen;;) {
		size_t line = span_find(all, SPAN("\nFrom "), from);
		if (line == SPAN_NPOS) {
			mbox->seen = mbox->n > mbox->seen + 5 ? mbox->n - 5 : mbox->seen;
			return SPAN_NPOS;
		}
		if (!mbox->end && mbox->n - line < LOOK_AHEAD) {
			mbox->seen = line;
			return SPAN_NPOS;
		}
		if (begins_message(all, line + 1))
			return line + 1;
		from = line + 1;
	}
}

/* Drops the bytes of a message beyond the limit, except those that are still to be looked at. */
static void drop_excess(struct mbox *mbox)
{
	size_t keep = mbox->at + mbox->limit + 1, from = mbox->seen > 4 ? mbox->seen - 4 : 0;
	if (from <= keep)
		return;
	memmove(mbox->buf + keep, mbox->buf + from, mbox->n - from);
	mbox->n -= from - keep;
	mbox->seen -= from - keep;
}

static int read_more(struct mbox *mbox)
{
	drop_excess(mbox);
	if (mbox->at > 0 && mbox->at >= mbox->n - mbox->at) {
		memmove(mbox->buf, mbox->buf + mbox->at, mbox->n - mbox->at);
		mbox->n -= mbox->at;
		mbox->seen -= mbox->at;
		mbox->at = 0;
	}
	if (mbox->cap - mbox->n < CHUNK_BYTES) {
		mbox->cap = mbox->cap * 2 > mbox->n + CHUNK_BYTES ? mbox->cap * 2 : mbox->n + CHUNK_BYTES;
		uint8_t *grown = realloc(mbox->buf, mbox->cap);
		if (!grown)
			abort();
		mbox->buf = grown;
	}
	ssize_t got;
	do
		got = mbox->read(mbox->context, mbox->buf + mbox->n, CHUNK_BYTES);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return ERR_IO;
	mbox->end = got == 0;
	mbox->n += (size_t)got;
	return ERR_OK;
}

/* The message without the empty line that belongs to the mailbox, cut at the limit. */
static struct span message_between(const struct mbox *mbox, size_t end)
{
	struct span message = span_of(mbox->buf + mbox->at, end - mbox->at);
	if (span_ends(message, SPAN("\n\r\n")))
		message.n -= 2;
	else if (span_ends(message, SPAN("\n\n")))
		message.n--;
	return span_first(message, mbox->limit + 1);
}

int mbox_next(struct mbox *mbox, struct span *ret)
{
	for (;;) {
		size_t end = find(mbox);
		if (end == SPAN_NPOS && !mbox->end) {
			if (read_more(mbox))
				return ERR_IO;
			continue;
		}
		if (end == SPAN_NPOS)
			end = mbox->n;
		if (end == mbox->at)
			return 0;
		*ret = message_between(mbox, end);
		mbox->at = end;
		mbox->seen = end;
		return 1;
	}
}
