/* message/header.c - see header.h */
#include "message/header.h"
#include "base/ascii.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "message/encoded_word.h"

static const struct {
	struct span name;
	uint8_t flags;
} known[HEADER_IDS] = {
#define HEADER(symbol, name, flags) { SPAN_INIT(name), flags },
#include "message/headers.def"
#undef HEADER
};

/* Names by hash, open addressing; a slot holds id + 1. Built before main, so that threads only ever read it. */
enum { SLOTS = 512, KNOWN_NAME_MAX = 64 };
static uint8_t slots[SLOTS];
_Static_assert(HEADER_IDS < 200, "ids fit a slot and the table stays sparse");

static unsigned slot_of(struct span name)
{
	unsigned first = name.p[0] | 0x20, middle = name.p[name.n / 2] | 0x20, last = name.p[name.n - 1] | 0x20;
	return (unsigned)(name.n * 37 + first * 5 + middle * 59 + last * 11) & (SLOTS - 1);
}

__attribute__((constructor)) static void fill_slots(void)
{
	for (unsigned id = 0; id < HEADER_IDS; id++) {
		unsigned at = slot_of(known[id].name);
		while (slots[at])
			at = (at + 1) & (SLOTS - 1);
		slots[at] = (uint8_t)(id + 1);
	}
}

static enum header_id id_of(struct span name)
{
	if (name.n == 0)
		return HEADER_OTHER;
	for (unsigned at = slot_of(name); slots[at]; at = (at + 1) & (SLOTS - 1))
		if (span_ieq(known[slots[at] - 1].name, name))
			return (enum header_id)(slots[at] - 1);
	return HEADER_OTHER;
}

const char *header_id_name(enum header_id id) { return id < HEADER_IDS ? (const char *)known[id].name.p : ""; }

/* What headers_parse carries along. */
struct section {
	struct span message, bytes;
	struct arena *arena;
	struct anomalies *anomalies;
	struct headers *headers;
	bool open;            /* the last line was part of a field, so that a blank at the start continues it */
	bool lf, crlf, mixed; /* line ends met so far, and whether it has been said that they differ */
};

static void note(struct section *s, enum anomaly_kind kind, struct span where)
{
	uint32_t from = span_within(s->message, where) ? (uint32_t)(where.p - s->message.p) : 0;
	anomaly_add(s->anomalies, s->arena, kind, (struct place){ .from = from, .to = from + (uint32_t)where.n, .in = PLACE_RAW });
}

/* The line at offset at: *ret_text without its end (LF, or CRs and LF), the return value is where the next one begins. */
static size_t line_at(struct span bytes, size_t at, struct span *ret_text)
{
	size_t end = span_find_byte(bytes, '\n', at), next = end == SPAN_NPOS ? bytes.n : end + 1;
	if (end == SPAN_NPOS)
		end = bytes.n;
	while (end > at && bytes.p[end - 1] == '\r') /* CR CR LF is one line end, made by a gateway that writes CR LF for LF */
		end--;
	*ret_text = span_slice(bytes, at, end);
	return next;
}

/* The name before the colon of a line, without blanks after it; false when the line is no field. RFC 5322 3.6.8 allows 33 to 126; real mail
 * also has 8-bit and blanks in names, which programs skip or show: the field is then kept, and said. */
static bool field_name(struct section *s, struct span line, struct span *ret_name, size_t *ret_colon)
{
	size_t colon = span_find_byte(line, ':', 0);
	if (colon == SPAN_NPOS || colon == 0 || span_starts(line, SPAN("--")))
		return false;
	struct span name = span_trim(span_first(line, colon));
	bool bad = name.n == 0, blank = false;
	for (size_t i = 0; i < name.n; i++) {
		blank |= name.p[i] == ' ' || name.p[i] == '\t';
		bad |= name.p[i] < 33 || name.p[i] > 126;
	}
	/* "This is a sentence: with a colon" is text, not a field. "From me@x Thu Jan 1 10:00:00" is the mbox line. */
	if (blank || name.n == 0)
		return false;
	if (bad)
		note(s, ANOMALY_HEADER_BAD_NAME, line);
	else if (name.n != colon)
		note(s, ANOMALY_HEADER_SPACE_BEFORE_COLON, line);
	*ret_name = name;
	*ret_colon = colon;
	return true;
}

static void add_field(struct section *s, struct span name, struct span value, struct span raw)
{
	struct headers *headers = s->headers;
	uint32_t index = headers->list.n;
	struct header *field = vec_push(s->arena, &headers->list);
	enum header_id id = id_of(name);
	*field = (struct header){ .name = name, .value = value, .raw = raw, .id = (uint16_t)id, .next_same = HEADER_NONE };
	if (headers->first[id] == HEADER_NONE) {
		headers->first[id] = index;
	} else {
		headers->list.v[headers->last[id]].next_same = index;
		if (id < HEADER_IDS && known[id].flags & HEADER_ONCE)
			note(s, ANOMALY_HEADER_DUPLICATE, raw);
	}
	headers->last[id] = index;
	if (value.n > LIMIT_HEADER_VALUE)
		note(s, ANOMALY_HEADER_VALUE_LIMIT, raw);
}

static void extend_field(struct section *s, struct span line, size_t next)
{
	struct header *field = &s->headers->list.v[s->headers->list.n - 1];
	field->has_fold = true;
	bool was_within = field->value.n <= LIMIT_HEADER_VALUE;
	field->value.n = (size_t)(line.p + line.n - field->value.p);
	field->raw.n = (size_t)(s->bytes.p + next - field->raw.p);
	if (was_within && field->value.n > LIMIT_HEADER_VALUE)
		note(s, ANOMALY_HEADER_VALUE_LIMIT, line);
}

/* Would a line that begins here end the header, or be a field that programs know? */
static bool begins_line(struct span rest)
{
	if (span_at(rest, 0) == '\r')
		return true;
	struct span name = span_first(rest, KNOWN_NAME_MAX + 1);
	size_t colon = span_find_byte(name, ':', 0);
	return colon != SPAN_NPOS && id_of(span_first(name, colon)) != HEADER_OTHER;
}

/* A CR without LF is a blank for some programs and a line end for others ("Subject: x\rContent-Type: text/html"). A run of them that LF
 * ends is one line end for all. */
static void look_at_bare_cr(struct section *s, struct span all)
{
	bool said = false;
	for (size_t cr = 0; (cr = span_find_byte(all, '\r', cr)) != SPAN_NPOS; cr++) {
		size_t end = cr + 1;
		while (span_at(all, end) == '\r')
			end++;
		struct span run = span_slice(all, cr, end);
		bool line_end = end == all.n || all.p[end] == '\n';
		if (!said && end < all.n && (run.n > 1 || !line_end))
			note(s, ANOMALY_LINE_BARE_CR, run);
		said |= end < all.n && (run.n > 1 || !line_end);
		if (!line_end && begins_line(run.n > 1 ? span_skip(run, 1) : span_skip(all, end))) {
			note(s, ANOMALY_MIME_AMBIGUOUS, run);
			return;
		}
		cr = end - 1;
	}
}

/* Bytes that no header should have are looked for once in the whole section; only when there are any, field by field. */
static void look_at_bytes(struct section *s, size_t end)
{
	struct span all = span_first(s->bytes, end);
	look_at_bare_cr(s, all);
	bool ascii = utf8_is_ascii(all), nul = span_find_byte(all, 0, 0) != SPAN_NPOS;
	if (ascii && !nul)
		return;
	for (uint32_t i = 0; i < s->headers->list.n; i++) {
		struct span raw = s->headers->list.v[i].raw;
		if (nul && span_find_byte(raw, 0, 0) != SPAN_NPOS)
			note(s, ANOMALY_HEADER_NUL, raw);
		if (!ascii && !utf8_valid(raw)) /* valid UTF-8 is what RFC 6532 allows */
			note(s, ANOMALY_HEADER_RAW_8BIT, raw);
	}
}

/* Some programs see no line end in a bare LF, so a header that has both kinds is not the same to all. */
static void look_at_line_end(struct section *s, size_t next)
{
	if (s->bytes.p[next - 1] != '\n')
		return;
	bool crlf = next > 1 && s->bytes.p[next - 2] == '\r';
	s->crlf |= crlf;
	s->lf |= !crlf;
	if (s->crlf && s->lf && !s->mixed) {
		s->mixed = true;
		note(s, ANOMALY_LINE_ENDS_MIXED, span_slice(s->bytes, next - 1, next));
	}
}

/* Where the section ends when no more fields are read: after the first empty line. */
static size_t skip_section(struct span bytes, size_t at)
{
	for (struct span line; at < bytes.n;) {
		at = line_at(bytes, at, &line);
		if (line.n == 0)
			return at;
	}
	return at;
}

/* Do fields that a mail program knows follow within a few lines? Then a first line that is none is passed over: spam puts a false delimiter
 * before the fields of a part ("--_-----16220=_:"), and programs show the part all the same. */
static bool fields_follow(struct span bytes, size_t at)
{
	for (unsigned lines = 0; lines < 3 && at < bytes.n; lines++) {
		struct span line;
		at = line_at(bytes, at, &line);
		size_t colon = span_find_byte(line, ':', 0);
		if (colon != SPAN_NPOS && id_of(span_first(line, colon)) != HEADER_OTHER)
			return true;
	}
	return false;
}

/* One line of the section that is neither empty nor read yet; false when the section has ended before it. */
static bool read_line(struct section *s, struct span line, size_t at, size_t next, uint32_t *total, size_t *first_bad)
{
	struct span name;
	size_t colon;
	if (line.p[0] == ' ' || line.p[0] == '\t') {
		if (s->open) {
			extend_field(s, line, next);
			return true;
		}
	} else if (field_name(s, line, &name, &colon)) {
		++*total;
		add_field(s, name, span_skip(line, colon + 1), span_slice(s->bytes, at, next));
		s->open = true;
		return true;
	}
	/* "From " and ">From " come from mailbox files; programs skip them. */
	bool mbox = span_starts(line, SPAN("From ")) || span_starts(line, SPAN(">From "));
	if (s->headers->list.n == 0 && !mbox && !fields_follow(s->bytes, next))
		return false;
	if (s->headers->list.n && span_starts(line, SPAN("--"))) {
		/* A delimiter, though no empty line came before it. */
		note(s, ANOMALY_NO_BODY_SEPARATOR, line);
		return false;
	}
	s->open = false;
	note(s, ANOMALY_HEADER_NO_COLON, line);
	if (*first_bad == SPAN_NPOS && !mbox)
		*first_bad = at;
	return true;
}

void headers_parse(struct span message, struct span bytes, struct arena *arena, struct anomalies *anomalies, uint32_t *total,
		   struct headers *ret_headers, size_t *ret_consumed)
{
	struct section s = { .message = message, .bytes = bytes, .arena = arena, .anomalies = anomalies, .headers = ret_headers };
	memset(&ret_headers->list, 0, sizeof ret_headers->list);
	memset(ret_headers->first, 0xff, sizeof ret_headers->first);
	memset(ret_headers->last, 0xff, sizeof ret_headers->last);

	size_t at = 0, first_bad = SPAN_NPOS;
	bool ended = false;
	while (at < bytes.n && !ended) {
		struct span line;
		size_t next = line_at(bytes, at, &line);
		look_at_line_end(&s, next);
		if (line.n == 0) {
			ended = true;
		} else if (*total >= LIMIT_HEADERS) {
			note(&s, ANOMALY_HEADER_LIMIT, line);
			next = skip_section(bytes, at);
			ended = true;
		} else if (at >= LIMIT_HEADER_BYTES) {
			note(&s, ANOMALY_HEADER_LIMIT, line);
			break;
		} else if (!read_line(&s, line, at, next, total, &first_bad)) {
			if (ret_headers->list.n == 0)
				note(&s, ANOMALY_NO_HEADER, line);
			break;
		}
		at = next;
	}
	if (!ended && at == bytes.n && first_bad != SPAN_NPOS) {
		/* No empty line anywhere: what follows the first line that is no field is shown as the body. */
		at = first_bad;
		note(&s, ANOMALY_NO_BODY_SEPARATOR, span_slice(bytes, at, at + 1));
	}
	look_at_bytes(&s, at);
	*ret_consumed = at;
}

const struct header *header_named(const struct headers *headers, struct span name)
{
	enum header_id id = id_of(name);
	if (id != HEADER_OTHER)
		return header_first(headers, id);
	for (const struct header *h = header_first(headers, HEADER_OTHER); h; h = header_next(headers, h))
		if (span_ieq(h->name, name))
			return h;
	return NULL;
}

struct span header_unfolded(const struct header *header, struct arena *arena)
{
	struct span value = span_trim(span_first(header->value, LIMIT_HEADER_VALUE));
	if (!header->has_fold || span_find_byte(value, '\n', 0) == SPAN_NPOS)
		return value;
	uint8_t *out = arena_alloc(arena, value.n);
	size_t n = 0;
	for (size_t at = 0; at < value.n;) {
		struct span line;
		at = line_at(value, at, &line);
		memcpy(out + n, line.p, line.n);
		n += line.n;
	}
	return span_of(out, n);
}

struct span header_text(const struct header *header, struct arena *arena)
{
	return encoded_words_decode(header_unfolded(header, arena), arena, NULL, (struct place){ 0 });
}

struct place header_place(struct span message, const struct header *header)
{
	uint32_t from = span_within(message, header->raw) ? (uint32_t)(header->raw.p - message.p) : 0;
	return (struct place){ .from = from, .to = from + (uint32_t)header->raw.n, .in = PLACE_RAW };
}
