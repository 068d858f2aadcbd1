/* auth/dmarc_author.c - see dmarc_author.h */
#include "auth/dmarc_author.h"
#include "base/ascii.h"
#include "base/limits.h"
#include "message/encoded_word.h"
#include "message/url.h"

struct field {
	struct arena *arena;
	struct span value; /* unfolded */
	uint8_t *mask;     /* value, but quoted strings are all '"' and comments all '(' */
	struct span domain;
	unsigned addresses;
	struct span problem;
};

#define refuse(f, ...) ((f)->problem = arena_printf((f)->arena, __VA_ARGS__), false)

bool dmarc_author_is_domain(struct span domain)
{
	struct span rest = domain, label;
	unsigned labels = 0;
	if (domain.n == 0 || domain.n > 253)
		return false;
	while (span_split(&rest, '.', &label)) {
		labels++;
		if (label.n == 0 || label.n > 63)
			return false;
		for (size_t i = 0; i < label.n; i++)
			if (!ascii_is_alnum(label.p[i]) && label.p[i] != '-' && label.p[i] != '_')
				return false;
	}
	return labels >= 2;
}

/* Offset of the next such byte at or after at, or the end; *kept is that of the last call, so that no byte is looked at twice. */
static size_t next_byte(struct span text, uint8_t byte, size_t at, size_t *kept)
{
	if (*kept < at || *kept == SPAN_NPOS) {
		size_t hit = span_find_byte(text, byte, at);
		*kept = hit == SPAN_NPOS ? text.n : hit;
	}
	return *kept;
}

/* Lines that any program might take for a From field: every CR or LF ends a line, what is not printed in a name is passed over. A blank at
 * the start continues the line before, except in the first one ("\n From: bank" on top is a field for some). */
static unsigned from_lines(struct span header)
{
	unsigned n = 0;
	size_t kept_lf = SPAN_NPOS, kept_cr = SPAN_NPOS;
	for (size_t at = 0, end; at < header.n; at = end + 1) {
		uint8_t name[4];
		size_t used = 0, lf = next_byte(header, '\n', at, &kept_lf), cr = next_byte(header, '\r', at, &kept_cr);
		end = lf < cr ? lf : cr;
		if (at > 0 && ascii_is_space(header.p[at]))
			continue;
		size_t i = at;
		for (; i < end && header.p[i] != ':'; i++) {
			uint8_t c = header.p[i];
			if (c <= ' ' || c >= 0x7f)
				continue;
			if (used == sizeof name)
				break;
			name[used++] = c;
		}
		/* At its colon, or at the end of the line: "From" and " : bank" folded behind it. */
		n += used == sizeof name && span_ieq(span_of(name, sizeof name), SPAN("from")) && (i == end || header.p[i] == ':');
	}
	return n;
}

/* With the line above it that looks like an mbox's: "From : admin@bank.example" is a field for some. */
static struct span whole_header(const struct message *message)
{
	struct span header = message_root(message)->raw_header;
	return span_within(message->raw, header) ? span_first(message->raw, (size_t)(header.p - message->raw.p) + header.n) : header;
}

/* Is there a header for all programs alike? Then what was parsed need not be looked at again. */
static bool header_is_plain(const struct message *message)
{
	static const enum anomaly_kind odd[] = { ANOMALY_HEADER_BAD_NAME,   ANOMALY_HEADER_NO_COLON, ANOMALY_HEADER_SPACE_BEFORE_COLON,
						 ANOMALY_LINE_BARE_CR,      ANOMALY_HEADER_NUL,      ANOMALY_NO_HEADER,
						 ANOMALY_NO_BODY_SEPARATOR, ANOMALY_HEADER_LIMIT };
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
		if (message->anomalies.count[odd[i]])
			return false;
	return true;
}

/* A LF without CR ends a line for some programs only; where the header has both, From must stand between whole line ends. */
static bool line_ends_are_whole(const struct message *message, const struct header *from)
{
	const uint8_t *begin = message->raw.p, *p = from->raw.p;
	if (!message->anomalies.count[ANOMALY_LINE_ENDS_MIXED] || !span_within(message->raw, from->raw))
		return true;
	if (p >= begin + 2 && p[-2] != '\r')
		return false;
	for (size_t i = 0; (i = span_find_byte(from->raw, '\n', i)) != SPAN_NPOS; i++)
		if (i == 0 || from->raw.p[i - 1] != '\r')
			return false;
	return true;
}

static const struct header *the_from(const struct message *message, struct field *f)
{
	const struct headers *headers = message_headers(message);
	const struct header *from = header_first(headers, HEADER_FROM);
	bool plain = header_is_plain(message) && !message->envelope_line.p;
	unsigned n = plain ? 0 : from_lines(whole_header(message));
	for (const struct header *h = from; plain && h; h = header_next(headers, h))
		n++;
	if (n == 1 && from && span_istarts(from->raw, SPAN("From:")) && line_ends_are_whole(message, from))
		return from;
	if (n == 0)
		f->problem = SPAN("there is no From field");
	else if (n > 1)
		f->problem = arena_printf(f->arena, "there are %u From fields, and programs show different ones", n);
	else
		f->problem = SPAN("the From field is written so that some programs do not see it");
	return NULL;
}

/* From an opening quote or parenthesis to behind the closing one; 0: it does not close. */
static size_t closed_at(struct span s, size_t at)
{
	bool quote = s.p[at] == '"';
	size_t depth = 0;
	for (size_t i = at + quote; i < s.n; i++) {
		uint8_t c = s.p[i];
		if (c == '\\')
			i++;
		else if (quote ? c == '"' : c == ')' && --depth == 0)
			return i + 1;
		else if (!quote && c == '(')
			depth++;
	}
	return 0;
}

static bool make_mask(struct field *f)
{
	struct span s = f->value;
	f->mask = arena_alloc(f->arena, s.n + 1);
	memcpy(f->mask, s.p, s.n);
	f->mask[s.n] = 0;
	for (size_t i = 0; i < s.n; i++)
		if ((s.p[i] < ' ' && s.p[i] != '\t') || s.p[i] == 0x7f)
			return refuse(f, "the From field has a control character (byte %02X) in it", s.p[i]);
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = s.p[i];
		if (c == '\\')
			return refuse(f, "the From field has a backslash outside quotes");
		if (c != '"' && c != '(')
			continue;
		size_t end = closed_at(s, i);
		if (!end)
			return refuse(f, "the From field has %s that does not end", c == '"' ? "a quoted text" : "a comment");
		memset(f->mask + i, c, end - i);
		i = end - 1;
	}
	return true;
}

/* Plain letters, and those of other scripts; everything else ends a domain. */
static bool in_domain(uint8_t c) { return ascii_is_alnum(c) || c == '-' || c == '_' || c == '.' || c >= 0x80; }

static bool add_domain(struct field *f, struct span written)
{
	struct span domain;
	if (url_domain_to_ascii(written, f->arena, &domain) != 0 || !dmarc_author_is_domain(domain))
		return refuse(f, "\"%.*s\" in the From field is no domain", SPAN_ARG(span_first(written, LIMIT_EVIDENCE_DETAIL)));
	if (f->domain.p && !span_eq(f->domain, domain))
		return refuse(f, "the From field names two domains, %.*s and %.*s", SPAN_ARG(f->domain), SPAN_ARG(domain));
	f->domain = domain;
	return ++f->addresses <= LIMIT_AUTHORS || refuse(f, "the From field has more than %u addresses", LIMIT_AUTHORS);
}

/* The address around an '@': local part and domain without gaps, and in angle brackets nothing else. */
static bool read_address(struct field *f, size_t at, bool angle)
{
	const uint8_t *mask = f->mask;
	size_t from = at, to = at + 1;
	while (to < f->value.n && in_domain(mask[to]))
		to++;
	while (from > 0 && mask[from - 1] != '<' && mask[from - 1] != ',' && !ascii_is_space(mask[from - 1]))
		from--;
	bool encoded = span_has(span_slice(f->value, from, at), SPAN("=?"));
	for (size_t i = from; i < at; i++)
		if (encoded || strchr("@(:;>", mask[i]) || (mask[i] == '"' && strchr("@<>", f->value.p[i])))
			return refuse(f, "the local part of an address in the From field can be read in several ways");
	int before = from ? mask[from - 1] : ',', after = to < f->value.n ? mask[to] : ',';
	bool whole = angle ? before == '<' && after == '>' : before != '<' && (after == ',' || ascii_is_space(after));
	if (from == at || !whole)
		return refuse(f, "the address in the From field is not written in one piece");
	return add_domain(f, span_slice(f->value, at + 1, to));
}

static bool read_addresses(struct field *f)
{
	bool angle = false;
	unsigned in_angle = 0;
	for (size_t i = 0; i < f->value.n; i++) {
		switch (f->mask[i]) {
		case '@':
			if (!read_address(f, i, angle))
				return false;
			in_angle++;
			break;
		case '<':
			if (angle)
				return refuse(f, "the From field has an angle bracket inside another");
			angle = true;
			in_angle = 0;
			break;
		case '>':
			if (!angle || in_angle != 1)
				return refuse(f, "the From field has angle brackets without one address in them");
			angle = false;
			break;
		}
	}
	if (angle)
		return refuse(f, "the From field has an angle bracket that does not close");
	return f->domain.p || refuse(f, "the From field has no address");
}

/* What follows each '@' of a text that programs may take for an address is the domain found. */
static bool names_no_other(struct field *f, struct span text)
{
	for (size_t at = 0; (at = span_find_byte(text, '@', at)) != SPAN_NPOS; at++) {
		size_t to = at + 1;
		while (to < text.n && in_domain(text.p[to]))
			to++;
		struct span named = span_slice(text, at + 1, to);
		if (!span_ieq(named, f->domain))
			return refuse(f, "a name in the From field holds another address, at %.*s",
				      SPAN_ARG(span_first(named, LIMIT_EVIDENCE_DETAIL)));
	}
	return true;
}

/* "<admin@bank.example>" in quotes, a comment or an encoded word, before the true address: some programs take the first they see. */
static bool read_names(struct field *f)
{
	for (size_t i = 0, end; i < f->value.n; i = end) {
		end = i + 1;
		if (f->mask[i] != '"' && f->mask[i] != '(')
			continue;
		while (end < f->value.n && f->mask[end] == f->mask[i])
			end++;
		struct span name = span_slice(f->value, i, end);
		if (span_find_byte(name, '<', 0) != SPAN_NPOS && !names_no_other(f, name))
			return false;
	}
	if (!span_has(f->value, SPAN("=?")))
		return true;
	struct span decoded = encoded_words_decode(f->value, f->arena, NULL, (struct place){ 0 });
	size_t cuts[2] = { 0, 0 };
	for (size_t i = 0; i < f->value.n; i++)
		cuts[0] += f->value.p[i] == '<' || f->value.p[i] == ',';
	for (size_t i = 0; i < decoded.n; i++) {
		if (decoded.p[i] < ' ' && decoded.p[i] != '\t')
			return refuse(f, "an encoded word in the From field hides a control character");
		cuts[1] += decoded.p[i] == '<' || decoded.p[i] == ',';
	}
	return cuts[0] == cuts[1] || names_no_other(f, decoded);
}

/* What the rest of postern, and so the reader of its reports, takes for the author. */
static bool agrees(struct field *f, const struct content *content)
{
	for (uint32_t i = 0; i < content->from.list.n; i++) {
		const struct address *a = &content->from.list.v[i];
		if (a->flags & ADDRESS_IN_GROUP)
			return refuse(f, "the From field holds a group of addresses");
		if (!span_ieq(a->domain, f->domain))
			return refuse(f, "the From field can be read in several ways");
	}
	return content->from.list.n > 0 || refuse(f, "the From field has no address");
}

struct span dmarc_author(const struct message *message, const struct content *content, struct arena *arena, struct span *ret_problem)
{
	struct field f = { .arena = arena, .domain = span_none, .problem = span_none };
	const struct header *from = the_from(message, &f);
	bool good = from != NULL;
	if (good && from->value.n > LIMIT_HEADER_VALUE)
		good = refuse(&f, "the From field is longer than %u bytes", LIMIT_HEADER_VALUE);
	if (good) {
		f.value = header_unfolded(from, arena);
		good = make_mask(&f) && read_addresses(&f) && read_names(&f) && agrees(&f, content);
	}
	*ret_problem = f.problem;
	return good ? f.domain : span_none;
}
