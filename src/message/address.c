/* message/address.c - see address.h
 *
 * First the field is cut into mailboxes at its commas, minding quotes, comments, angle brackets and literals; then each is read.
 * Both passes touch a byte a bounded number of times: an opening quote or bracket whose end is missing is remembered, so that no later
 * one looks for an end again. */
#include "message/address.h"
#include "base/ascii.h"
#include "base/buf.h"
#include "base/limits.h"
#include "message/encoded_word.h"
#include "message/url.h"

/* One mailbox as it stands in the text; offsets. */
struct cut {
	size_t from, to;
	size_t open, close;               /* of the last angle bracket pair; SPAN_NPOS when there is none */
	size_t comment_from, comment_to;  /* inside of the last comment outside angle brackets */
	bool has_comment, has_quote, odd; /* odd: more than one reading */
};

struct parser {
	struct span text;
	struct arena *arena;
	struct anomalies *anomalies;
	struct place whole; /* of the field */
	struct span message;
	struct addresses *out;
	struct span group;
	struct span surname;                             /* what stood before a comma that no quotes protect: "Doe, John <j@example.org>" */
	size_t last_angle, last_semicolon, last_bracket; /* offsets of the last '>', ';' and ']'; SPAN_NPOS when there is none */
	bool no_quote_end, no_comment_end;
	bool ambiguous, bad;
	bool reread; /* the text is a decoded encoded word: not a second time */
};

/* Behind the closing quote, or 0 when there is none. at is that of the opening one. */
static size_t quote_end(struct parser *p, size_t at)
{
	if (p->no_quote_end)
		return 0;
	for (size_t i = at + 1; i < p->text.n; i++) {
		if (p->text.p[i] == '\\')
			i++;
		else if (p->text.p[i] == '"')
			return i + 1;
	}
	p->no_quote_end = p->ambiguous = true;
	return 0;
}

static size_t comment_end(struct parser *p, size_t at)
{
	size_t depth = 0;
	if (p->no_comment_end)
		return 0;
	for (size_t i = at; i < p->text.n; i++) {
		if (p->text.p[i] == '\\')
			i++;
		else if (p->text.p[i] == '(')
			depth++;
		else if (p->text.p[i] == ')' && --depth == 0)
			return i + 1;
	}
	p->no_comment_end = p->ambiguous = true;
	return 0;
}

/* From '<' to its '>', or to the end when none is left; quotes hide brackets. */
static size_t angle_end(struct parser *p, size_t at, bool *ret_nested)
{
	*ret_nested = false;
	for (size_t i = at + 1; i < p->text.n; i++) {
		uint8_t c = p->text.p[i];
		size_t end = c == '"' ? quote_end(p, i) : 0;
		if (end)
			i = end - 1;
		else if (c == '<')
			*ret_nested = true;
		else if (c == '>')
			return i;
	}
	return p->text.n;
}

/* text without comments, blanks outside quotes, and backslashes in front of plain characters: an addr-spec as programs compare it.
 * *ret_domain_comment: a comment stands inside the domain with more of the domain behind it. */
static struct span bare_spec(struct parser *p, struct span text, bool *ret_domain_comment)
{
	struct buf out;
	bool at_seen = false, comment_in_domain = false;
	*ret_domain_comment = false;
	size_t i = 0;
	while (i < text.n && !ascii_is_space(text.p[i]) && text.p[i] != '(')
		i++;
	if (i == text.n)
		return text;
	buf_init(&out, p->arena, text.n);
	for (i = 0; i < text.n; i++) {
		uint8_t c = text.p[i];
		size_t end = 0, base = (size_t)(text.p - p->text.p);
		if (c == '"' && (end = quote_end(p, base + i))) {
			buf_put(&out, span_slice(text, i, end - base));
			i = end - base - 1;
		} else if (c == '(' && (end = comment_end(p, base + i))) {
			comment_in_domain |= at_seen;
			i = end - base - 1;
		} else if (!ascii_is_space(c)) {
			*ret_domain_comment |= comment_in_domain;
			at_seen |= c == '@';
			buf_byte(&out, c);
		}
	}
	return buf_span(&out);
}

/* A phrase as people read it: quotes and comments gone, blanks collapsed, encoded words decoded. */
static struct span phrase_text(struct parser *p, struct span phrase, bool plain)
{
	struct buf out;
	phrase = span_trim(phrase);
	if (phrase.n == 0)
		return span_none;
	if (plain)
		return encoded_words_decode(phrase, p->arena, p->anomalies, p->whole);
	size_t base = (size_t)(phrase.p - p->text.p);
	buf_init(&out, p->arena, phrase.n);
	for (size_t i = 0; i < phrase.n; i++) {
		uint8_t c = phrase.p[i];
		size_t end = 0;
		if (c == '"' && (end = quote_end(p, base + i))) {
			end = end - base < phrase.n ? end : base + phrase.n;
			for (i++; base + i < end - 1; i++) {
				i += phrase.p[i] == '\\' && base + i + 1 < end - 1;
				buf_byte(&out, phrase.p[i]);
			}
		} else if (c == '(' && (end = comment_end(p, base + i))) {
			i = end - base - 1;
		} else if (!ascii_is_space(c)) {
			buf_byte(&out, c);
		} else if (out.n && out.p[out.n - 1] != ' ') {
			buf_byte(&out, ' ');
		}
	}
	struct span text = span_trim(buf_span(&out));
	return text.n ? encoded_words_decode(text, p->arena, p->anomalies, p->whole) : span_none;
}

/* Offset of the last '@' outside quotes; *ret_n counts them all. */
static size_t last_at(struct span spec, unsigned *ret_n)
{
	size_t at = SPAN_NPOS;
	bool quoted = false;
	*ret_n = 0;
	for (size_t i = 0; i < spec.n; i++) {
		if (spec.p[i] == '\\' && quoted)
			i++;
		else if (spec.p[i] == '"')
			quoted = !quoted;
		else if (spec.p[i] == '@' && !quoted) {
			at = i;
			++*ret_n;
		}
	}
	return at;
}

static struct span unquoted(struct arena *arena, struct span local)
{
	if (local.n < 2 || local.p[0] != '"' || local.p[local.n - 1] != '"')
		return local;
	local = span_slice(local, 1, local.n - 1);
	if (span_find_byte(local, '\\', 0) == SPAN_NPOS)
		return local;
	uint8_t *out = arena_alloc(arena, local.n);
	size_t n = 0;
	for (size_t i = 0; i < local.n; i++) {
		i += local.p[i] == '\\' && i + 1 < local.n;
		out[n++] = local.p[i];
	}
	return span_of(out, n);
}

static struct span domain_of(struct arena *arena, struct span written)
{
	struct span ascii;
	if (span_ends(written, SPAN(".")))
		written.n--;
	if (url_domain_to_ascii(written, arena, &ascii) == 0)
		return ascii;
	return arena_lower(arena, written);
}

/* Local part and domain of address->spec; true when it has more than one reading. */
static bool read_spec(struct arena *arena, struct address *address)
{
	unsigned ats;
	struct span spec = address->spec;
	size_t at = last_at(spec, &ats);
	address->local = unquoted(arena, at == SPAN_NPOS ? spec : span_first(spec, at));
	if (span_at(spec, 0) == '"')
		address->flags |= ADDRESS_QUOTED_LOCAL;
	if (at == SPAN_NPOS) {
		address->domain = span_none;
		address->flags |= ADDRESS_NO_DOMAIN;
	} else {
		address->domain = domain_of(arena, span_skip(spec, at + 1));
		if (span_at(address->domain, 0) == '[')
			address->flags |= ADDRESS_LITERAL_DOMAIN;
		if (address->domain.n == 0)
			address->flags |= ADDRESS_NO_DOMAIN;
	}
	bool nul = span_find_byte(spec, 0, 0) != SPAN_NPOS;
	if (ats > 1 || nul)
		address->flags |= ADDRESS_INVALID;
	return ats > 1 || nul;
}

/* Obsolete route (RFC 5322 4.4): "@a,@b:user@c" is mail for user@c. */
static struct span without_route(struct span spec)
{
	size_t colon = span_at(spec, 0) == '@' ? span_find_byte(spec, ':', 0) : SPAN_NPOS;
	return colon == SPAN_NPOS ? spec : span_skip(spec, colon + 1);
}

static struct place place_of(const struct parser *p, struct span inner)
{
	if (!span_within(p->message, inner))
		return p->whole;
	uint32_t from = (uint32_t)(inner.p - p->message.p);
	return (struct place){ .from = from, .to = from + (uint32_t)inner.n, .in = PLACE_RAW };
}

/* Without angle brackets: "user@host", "user@host (Name)", or words with an address among them. */
static void read_bare(struct parser *p, struct span text, const struct cut *cut, struct address *address, bool *ret_odd)
{
	struct span spec = bare_spec(p, text, ret_odd);
	address->flags |= ADDRESS_NO_ANGLE;
	if (span_find_byte(spec, '@', 0) == SPAN_NPOS) {
		/* A name alone. One word may be a local mailbox. */
		struct span words = phrase_text(p, text, !cut->has_comment && !cut->has_quote);
		bool one_word = words.n && !memchr(words.p, ' ', words.n);
		address->spec = one_word ? words : span_of(text.p, 0);
		address->display = one_word ? span_none : words;
		address->flags |= one_word ? 0 : ADDRESS_INVALID;
		return;
	}
	/* "John Doe john@example.org": the word that holds the '@'. Blanks beside it belong to obsolete syntax. */
	struct span shown = span_trim(text);
	size_t at = span_find_byte(shown, '@', 0);
	size_t from = at;
	while (from && ascii_is_space(shown.p[from - 1]))
		from--;
	while (from && !ascii_is_space(shown.p[from - 1]))
		from--;
	struct span before = span_trim(span_first(shown, from));
	if (before.n && !cut->has_quote && !cut->has_comment && span_at(before, before.n - 1) != '.') {
		address->display = phrase_text(p, before, true);
		address->flags |= ADDRESS_INVALID;
		spec = bare_spec(p, span_skip(shown, from), ret_odd);
	}
	address->spec = spec;
}

static void parse_all(struct parser *p);

/* No address to be seen, but perhaps one inside an encoded word, which programs that decode first do show. */
static bool read_decoded(struct parser *p, struct span text)
{
	if (p->reread || !span_has(text, SPAN("=?")))
		return false;
	struct span decoded = encoded_words_decode(text, p->arena, NULL, p->whole);
	if (span_eq(decoded, text) || span_find_byte(decoded, '@', 0) == SPAN_NPOS)
		return false;
	struct parser inner = { .text = decoded, .arena = p->arena, .whole = p->whole, .out = p->out, .group = p->group, .reread = true };
	uint32_t first = p->out->list.n;
	parse_all(&inner);
	for (uint32_t i = first; i < p->out->list.n; i++)
		p->out->list.v[i].flags |= ADDRESS_INVALID;
	p->ambiguous = true;
	p->surname = span_none;
	return true;
}

static void read_mailbox(struct parser *p, const struct cut *cut)
{
	struct span text = span_trim(span_slice(p->text, cut->from, cut->to));
	bool odd = cut->odd, domain_comment = false, plain = !cut->has_comment && !cut->has_quote;
	if (text.n == 0 || p->out->list.n >= LIMIT_ADDRESSES)
		return;
	if (span_find_byte(text, '@', 0) == SPAN_NPOS && read_decoded(p, text))
		return;
	struct address address = { .group = p->group, .flags = p->group.p ? ADDRESS_IN_GROUP : 0, .at = place_of(p, text) };
	if (cut->open != SPAN_NPOS) {
		struct span inside = span_slice(p->text, cut->open + 1, cut->close);
		while (inside.n && inside.p[0] == '<')
			inside = span_skip(inside, 1);
		address.spec = without_route(bare_spec(p, span_trim(inside), &domain_comment));
		address.display = phrase_text(p, span_slice(p->text, cut->from, cut->open), plain);
		if (span_trim(span_slice(p->text, cut->close + 1, cut->to)).n && !cut->has_comment)
			address.flags |= ADDRESS_INVALID;
		if (p->surname.p && address.display.p) {
			address.display = arena_printf(p->arena, "%.*s, %.*s", SPAN_ARG(p->surname), SPAN_ARG(address.display));
			address.flags |= ADDRESS_INVALID;
			p->out->list.n--;
		}
	} else {
		read_bare(p, text, cut, &address, &domain_comment);
	}
	p->surname = span_none;
	if (!address.display.p && cut->has_comment)
		address.display = phrase_text(p, span_slice(p->text, cut->comment_from, cut->comment_to), true);
	odd |= domain_comment | read_spec(p->arena, &address);
	if (cut->open == SPAN_NPOS && !p->group.p && address.flags & ADDRESS_NO_DOMAIN)
		p->surname = address.display.p ? address.display : address.spec;
	if (odd)
		address.flags |= ADDRESS_INVALID;
	p->ambiguous |= odd;
	p->bad |= (address.flags & ADDRESS_INVALID) != 0;
	*(struct address *)vec_push(p->arena, &p->out->list) = address;
}

static void begin(struct cut *cut, size_t at) { *cut = (struct cut){ .from = at, .open = SPAN_NPOS, .close = SPAN_NPOS }; }

static void finish(struct parser *p, struct cut *cut, size_t at, size_t next)
{
	cut->to = at;
	read_mailbox(p, cut);
	begin(cut, next);
}

/* '<' at i: returns where to go on. */
static size_t cut_angle(struct parser *p, struct cut *cut, size_t i)
{
	bool nested;
	if (p->last_angle == SPAN_NPOS || p->last_angle < i) {
		/* No '>' follows: the rest up to a comma is taken as the address. */
		cut->open = i;
		cut->odd = true;
		size_t comma = span_find_byte(p->text, ',', i);
		cut->close = comma == SPAN_NPOS ? p->text.n : comma;
		return cut->close;
	}
	if (cut->close != SPAN_NPOS) {
		/* "<a@b> <c@d>": some programs show the first, some the last. */
		cut->odd = true;
		finish(p, cut, i, i);
		cut->odd = true;
	}
	cut->open = i;
	cut->close = angle_end(p, i, &nested);
	cut->odd |= nested || cut->close == p->text.n;
	return cut->close < p->text.n ? cut->close + 1 : cut->close;
}

static size_t cut_comment(struct parser *p, struct cut *cut, size_t i)
{
	size_t end = comment_end(p, i);
	if (!end)
		return i + 1;
	cut->has_comment = true;
	cut->comment_from = i + 1;
	cut->comment_to = end - 1;
	return end;
}

static void parse_all(struct parser *p)
{
	struct cut cut;
	p->last_angle = span_rfind_byte(p->text, '>');
	p->last_semicolon = span_rfind_byte(p->text, ';');
	p->last_bracket = span_rfind_byte(p->text, ']');
	begin(&cut, 0);
	for (size_t i = 0, next; i < p->text.n; i = next) {
		next = i + 1;
		switch (p->text.p[i]) {
		case '\\': next = i + 2; break;
		case '"':
			if ((next = quote_end(p, i)) == 0)
				next = i + 1;
			cut.has_quote = true;
			break;
		case '(': next = cut_comment(p, &cut, i); break;
		case '<': next = cut_angle(p, &cut, i); break;
		case '[':
			if (i && p->text.p[i - 1] == '@' && p->last_bracket != SPAN_NPOS && p->last_bracket > i)
				next = span_find_byte(p->text, ']', i) + 1;
			break;
		case ':':
			if (p->last_semicolon != SPAN_NPOS && p->last_semicolon > i && cut.open == SPAN_NPOS && !p->group.p) {
				p->group = phrase_text(p, span_slice(p->text, cut.from, i), !cut.has_comment && !cut.has_quote);
				if (!p->group.p)
					p->group = SPAN("");
				begin(&cut, next);
			}
			break;
		case ',': finish(p, &cut, i, next); break;
		case ';':
			finish(p, &cut, i, next);
			p->group = span_none;
			p->surname = span_none;
			break;
		}
	}
	finish(p, &cut, p->text.n, p->text.n);
}

static void report(struct parser *p)
{
	if (p->anomalies && p->ambiguous)
		anomaly_add(p->anomalies, p->arena, ANOMALY_ADDRESS_AMBIGUOUS, p->whole);
	else if (p->anomalies && p->bad)
		anomaly_add(p->anomalies, p->arena, ANOMALY_ADDRESS_BAD, p->whole);
	if (p->anomalies && p->out->list.n >= LIMIT_ADDRESSES)
		anomaly_add(p->anomalies, p->arena, ANOMALY_ADDRESS_LIMIT, p->whole);
}

void addresses_parse(struct span message, const struct header *header, struct arena *arena, struct anomalies *anomalies,
		     struct addresses *ret_addresses)
{
	memset(ret_addresses, 0, sizeof *ret_addresses);
	struct parser p = {
		.text = header_unfolded(header, arena),
		.arena = arena,
		.anomalies = anomalies,
		.message = message,
		.whole = span_within(message, header->raw) ? header_place(message, header) : (struct place){ 0 },
		.out = ret_addresses,
	};
	parse_all(&p);
	report(&p);
}

void addresses_parse_text(struct span text, struct arena *arena, struct addresses *ret_addresses)
{
	memset(ret_addresses, 0, sizeof *ret_addresses);
	struct parser p = { .text = text, .arena = arena, .out = ret_addresses };
	parse_all(&p);
}

bool address_parse_path(struct span text, struct arena *arena, struct address *ret_address)
{
	struct addresses one = { 0 };
	text = span_trim(text);
	if (span_eq(text, SPAN("<>"))) {
		*ret_address =
		    (struct address){ .spec = span_of(text.p + 1, 0), .local = span_of(text.p + 1, 0), .flags = ADDRESS_NO_DOMAIN };
		return true;
	}
	struct parser p = { .text = text, .arena = arena, .out = &one, .reread = true };
	parse_all(&p);
	if (one.list.n != 1 || one.list.v[0].spec.n == 0)
		return false;
	*ret_address = one.list.v[0];
	return true;
}
