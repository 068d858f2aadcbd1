/* message/encoded_word.c - see encoded_word.h */
#include "message/encoded_word.h"
#include "base/ascii.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "message/charset.h"
#include "message/transfer.h"

/* One =?charset*language?encoding?text?= as it stands. */
struct word {
	struct span charset, text;
	bool base64, malformed;
	size_t begin, end; /* offsets of the whole */
};

struct decoder {
	struct span s;
	struct arena *arena;
	struct anomalies *anomalies; /* or NULL */
	struct place place;
	size_t next_end; /* offset of the first "?=" at or after the last place that was asked for, SPAN_NPOS when none */
	size_t asked;
	size_t last_blank; /* offset, SPAN_NPOS when there is none */
	struct buf out;
};

enum { CHARSET_MAX = 80, RUN_MAX = 64 };

/* The next "?=" at or after from. from never goes back, so the text is searched once. */
static size_t find_end(struct decoder *d, size_t from)
{
	if (from < d->asked || (d->next_end != SPAN_NPOS && d->next_end < from)) {
		d->next_end = span_find(d->s, SPAN("?="), from);
		d->asked = from;
	}
	return d->next_end;
}

static void note(struct decoder *d, enum anomaly_kind kind)
{
	if (d->anomalies)
		anomaly_add(d->anomalies, d->arena, kind, d->place);
}

/* Reads the word that begins at offset at with "=?". */
static bool word_at(struct decoder *d, size_t at, struct word *ret)
{
	struct span s = d->s;
	size_t charset_end = span_find_byte(span_first(s, at + CHARSET_MAX), '?', at + 2);
	if (charset_end == SPAN_NPOS || charset_end == at + 2 || span_at(s, charset_end + 2) != '?')
		return false;
	int encoding = span_at(s, charset_end + 1) | 0x20;
	if (encoding != 'b' && encoding != 'q')
		return false;
	size_t text = charset_end + 3, end = find_end(d, text);
	/* "=?utf-8?Q?=41?=": what looks like the end is the start of an escape. */
	if (end == text && encoding == 'q' && ascii_hex(span_at(s, end + 2)) >= 0 && ascii_hex(span_at(s, end + 3)) >= 0)
		end = find_end(d, text + 1);
	bool open = end == SPAN_NPOS;
	if (open)
		end = s.n; /* cut off: Outlook and others decode what there is */
	*ret = (struct word){
		.charset = span_slice(s, at + 2, charset_end),
		.text = span_slice(s, text, end),
		.base64 = encoding == 'b',
		.begin = at,
		.end = open ? s.n : end + 2,
	};
	size_t language = span_find_byte(ret->charset, '*', 0); /* RFC 2231 5 */
	if (language != SPAN_NPOS)
		ret->charset.n = language;
	if (open) {
		ret->malformed = true;
		return d->last_blank == SPAN_NPOS || d->last_blank < text;
	}
	ret->malformed = span_find_byte(ret->text, ' ', 0) != SPAN_NPOS || span_find_byte(ret->text, '\t', 0) != SPAN_NPOS;
	return true;
}

static bool blanks_only(struct span s) { return span_trim(s).n == 0; }

/* Collects words of one charset and encoding that only blanks separate; returns how many. */
static unsigned collect_run(struct decoder *d, struct word run[RUN_MAX])
{
	unsigned n = 1;
	while (n < RUN_MAX) {
		size_t at = run[n - 1].end;
		while (at < d->s.n && ascii_is_space(d->s.p[at]))
			at++;
		if (span_at(d->s, at) != '=' || span_at(d->s, at + 1) != '?' || !word_at(d, at, &run[n]))
			break;
		if (!span_ieq(run[n].charset, run[0].charset) || run[n].base64 != run[0].base64)
			break;
		n++;
	}
	return n;
}

/* Some programs cut one base64 text at any character into words: it makes sense only together. Others leave out the padding of each word:
 * then the sum is no multiple of four. */
static bool is_cut_base64(const struct word *run, unsigned n)
{
	size_t sum = 0;
	bool odd = false;
	for (unsigned i = 0; i < n; i++) {
		sum += run[i].text.n;
		odd |= run[i].text.n % 4 != 0;
	}
	return run[0].base64 && n > 1 && odd && sum % 4 == 0;
}

static struct span decode_word(struct decoder *d, struct span text, bool base64)
{
	struct transfer_facts facts;
	struct span bytes = base64 ? base64_decode(text, d->arena, &facts) : quoted_printable_decode(text, true, d->arena, &facts);
	if (facts.bad_escapes || facts.junk)
		note(d, ANOMALY_ENCODED_WORD_BAD);
	return bytes;
}

/* The bytes of a run, together, so that a character may be split between two words. */
static struct span run_bytes(struct decoder *d, const struct word *run, unsigned n)
{
	struct buf bytes;
	if (n == 1)
		return decode_word(d, run[0].text, run[0].base64);
	buf_init(&bytes, d->arena, SIZE_MAX / 2);
	if (is_cut_base64(run, n)) {
		for (unsigned i = 0; i < n; i++)
			buf_put(&bytes, run[i].text);
		return decode_word(d, buf_span(&bytes), true);
	}
	bool split = false;
	for (unsigned i = 0; i < n; i++) {
		struct span piece = decode_word(d, run[i].text, run[i].base64);
		split |= !utf8_valid(piece);
		buf_put(&bytes, piece);
	}
	if (split && utf8_valid(buf_span(&bytes)))
		note(d, ANOMALY_ENCODED_WORD_SPLIT_CHARACTER);
	return buf_span(&bytes);
}

/* Text outside of words: UTF-8, or what old programs meant by it. */
static struct span plain(struct span s, struct arena *arena)
{
	enum charset_fact fact;
	struct span name;
	return utf8_valid(s) ? s : charset_to_utf8(s, SPAN("windows-1252"), arena, &fact, &name);
}

static void note_charset(struct decoder *d, enum charset_fact fact)
{
	if (fact == CHARSET_WAS_UNKNOWN)
		note(d, ANOMALY_CHARSET_UNKNOWN);
	else if (fact == CHARSET_WAS_LYING)
		note(d, ANOMALY_CHARSET_LIES);
	else if (fact == CHARSET_HAD_INVALID_BYTES)
		note(d, ANOMALY_CHARSET_INVALID_BYTES);
}

static size_t decode_run(struct decoder *d, const struct word *first)
{
	struct word run[RUN_MAX];
	enum charset_fact fact;
	struct span name;
	run[0] = *first;
	unsigned n = collect_run(d, run);
	for (unsigned i = 0; i < n; i++)
		if (run[i].malformed)
			note(d, ANOMALY_ENCODED_WORD_BAD);
	buf_put(&d->out, charset_to_utf8(run_bytes(d, run, n), first->charset, d->arena, &fact, &name));
	note_charset(d, fact);
	return run[n - 1].end;
}

struct span encoded_words_decode(struct span text, struct arena *arena, struct anomalies *anomalies, struct place at)
{
	struct decoder d = { .s = text, .arena = arena, .anomalies = anomalies, .place = at, .asked = SPAN_NPOS };
	d.last_blank = span_rfind_byte(text, ' ');
	size_t done = 0, begin = span_find(text, SPAN("=?"), 0);
	if (begin == SPAN_NPOS)
		return plain(text, arena);
	buf_init(&d.out, arena, SIZE_MAX / 2);
	bool after_word = false;
	while (begin != SPAN_NPOS) {
		struct word word;
		if (!word_at(&d, begin, &word)) {
			begin = span_find(text, SPAN("=?"), begin + 2);
			continue;
		}
		struct span gap = span_slice(text, done, begin);
		if (!after_word || !blanks_only(gap))
			buf_put(&d.out, plain(gap, arena));
		done = decode_run(&d, &word);
		after_word = true;
		begin = span_find(text, SPAN("=?"), done);
	}
	buf_put(&d.out, plain(span_skip(text, done), arena));
	return buf_span(&d.out);
}
