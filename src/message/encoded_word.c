/* message/encoded_word.c - see encoded_word.h */
#include "message/encoded_word.h"
#include "base/ascii.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "message/charset.h"
#include "message/transfer.h"

/* One =?charset*language?encoding?text?= as it stands. */
struct word {
	struct span charset, text;
	bool base64;
	size_t end; /* offset after it */
};

static bool word_at(struct span s, size_t at, struct word *ret)
{
	size_t charset_end = span_find_byte(s, '?', at + 2);
	if (charset_end == SPAN_NPOS || charset_end == at + 2 || charset_end - at > 80 || span_at(s, charset_end + 2) != '?')
		return false;
	int encoding = span_at(s, charset_end + 1) | 0x20;
	if (encoding != 'b' && encoding != 'q')
		return false;
	size_t text = charset_end + 3, end = span_find(s, SPAN("?="), text);
	if (end == SPAN_NPOS)
		return false;
	/* "=?utf-8?Q?=41?=": the first "?=" may be the start of an escape. */
	if (end == text && encoding == 'q' && end + 3 < s.n && ascii_hex(s.p[end + 2]) >= 0 && span_find(s, SPAN("?="), text + 1) != SPAN_NPOS)
		end = span_find(s, SPAN("?="), text + 1);
	ret->charset = span_slice(s, at + 2, charset_end);
	size_t language = span_find_byte(ret->charset, '*', 0); /* RFC 2231 5 */
	if (language != SPAN_NPOS)
		ret->charset.n = language;
	ret->text = span_slice(s, text, end);
	ret->base64 = encoding == 'b';
	ret->end = end + 2;
	return true;
}

static bool blanks_only(struct span s) { return span_trim(s).n == 0; }

/* Adjacent words of one charset, decoded together so that a character may be split between them. Returns the offset after the last. */
static size_t decode_run(struct span s, size_t at, struct word word, struct arena *arena, struct buf *out)
{
	struct buf bytes;
	buf_init(&bytes, arena, s.n + 8);
	struct word next = word;
	(void)at;
	for (;;) {
		struct transfer_facts facts;
		struct span piece = next.base64 ? base64_decode(next.text, arena, &facts) : quoted_printable_decode(next.text, true, arena, &facts);
		buf_put(&bytes, piece);
		size_t begin = span_find(s, SPAN("=?"), next.end);
		struct word after;
		if (begin == SPAN_NPOS || !blanks_only(span_slice(s, next.end, begin)) || !word_at(s, begin, &after) || !span_ieq(after.charset, word.charset))
			break;
		next = after;
	}
	enum charset_fact fact;
	struct span name;
	buf_put(out, charset_to_utf8(buf_span(&bytes), word.charset, arena, &fact, &name));
	return next.end;
}

static struct span plain(struct span s, struct arena *arena)
{
	enum charset_fact fact;
	struct span name;
	return utf8_valid(s) ? s : charset_to_utf8(s, SPAN("windows-1252"), arena, &fact, &name);
}

struct span encoded_words_decode(struct span text, struct arena *arena, struct anomalies *anomalies, struct place at)
{
	(void)anomalies;
	(void)at;
	size_t begin = span_find(text, SPAN("=?"), 0);
	if (begin == SPAN_NPOS)
		return plain(text, arena);
	struct buf out;
	buf_init(&out, arena, text.n * 3 + 16);
	size_t done = 0;
	bool after_word = false;
	while (begin != SPAN_NPOS) {
		struct word word;
		if (!word_at(text, begin, &word)) {
			begin = span_find(text, SPAN("=?"), begin + 2);
			continue;
		}
		struct span gap = span_slice(text, done, begin);
		if (!after_word || !blanks_only(gap))
			buf_put(&out, plain(gap, arena));
		done = decode_run(text, begin, word, arena, &out);
		after_word = true;
		begin = span_find(text, SPAN("=?"), done);
	}
	buf_put(&out, plain(span_skip(text, done), arena));
	return buf_span(&out);
}
