/* message/multipart.c - which boundary a multipart has, in every reading, and its children.
 *
 * Programs disagree: about comments, quotes, escapes and RFC 2231 in the parameter, about what may follow the boundary in its line, about
 * what comes after the closing delimiter, and about what to do without a boundary. The reading that most programs have comes first; each
 * other one that finds delimiters elsewhere becomes a multipart of its own behind the children (PART_ALTERNATE). */
#include "base/ascii.h"
#include "base/limits.h"
#include "message/mime.h"

enum { BOUNDARIES = 6 }; /* readings of one boundary that are tried */

struct candidate {
	struct span boundary;
	enum boundary_match match;
	bool guessed; /* no parameter says so */
	struct boundary_split split;
};

struct candidates {
	struct candidate v[BOUNDARIES];
	unsigned n;
};

static void try_boundary(struct message *m, const struct mime_source *source, struct span body, struct span boundary,
			 enum boundary_match match, bool guessed, struct candidates *all)
{
	if (all->n == BOUNDARIES)
		return;
	for (unsigned i = 0; i < all->n; i++)
		if (span_eq(all->v[i].boundary, boundary) && all->v[i].match == match)
			return;
	struct candidate *c = &all->v[all->n];
	if (!boundary_split_body(m, source, body, boundary, match, &c->split))
		return;
	/* "b" and "b " end at the same lines: one reading. */
	for (unsigned i = 0; i < all->n; i++)
		if (all->v[i].split.first.p == c->split.first.p && all->v[i].split.pieces.n == c->split.pieces.n)
			return;
	c->boundary = boundary;
	c->match = match;
	c->guessed = guessed;
	all->n++;
}

/* The readings of the boundary that find delimiters, most usual first. */
static void find_candidates(struct message *m, uint16_t index, const struct mime_source *source, struct span body, struct candidates *ret)
{
	const struct field_value *type = &m->parts.v[index].type;
	bool plain = false;
	ret->n = 0;
	for (uint32_t i = 0; i < type->parameters.n; i++) {
		const struct parameter *p = &type->parameters.v[i];
		if (!span_eq(p->name, SPAN("boundary")))
			continue;
		plain |= p->reading == PARAMETER_PLAIN;
		if (p->value.n > LIMIT_BOUNDARY_BYTES)
			anomaly_add(&m->anomalies, m->arena, ANOMALY_PARAMETER_LIMIT, p->at);
		try_boundary(m, source, body, p->value, BOUNDARY_EXACT, false, ret);
		struct span trimmed = span_trim(p->value);
		if (trimmed.n != p->value.n)
			try_boundary(m, source, body, trimmed, BOUNDARY_EXACT, false, ret);
	}
	/* Nothing opens a part: then lines that only begin with the boundary do. */
	if (ret->n && ret->v[0].split.pieces.n == 0 && ret->v[0].split.like.p)
		ret->n = 0;
	for (uint32_t i = 0; i < type->parameters.n && ret->n == 0; i++)
		if (span_eq(type->parameters.v[i].name, SPAN("boundary")))
			try_boundary(m, source, body, type->parameters.v[i].value, BOUNDARY_PREFIX, false, ret);
	/* Programs that read no RFC 2231 here see no boundary, and take the first line that looks like one. */
	if (ret->n == 0 || !plain)
		try_boundary(m, source, body, boundary_guess(source, body), BOUNDARY_EXACT, true, ret);
}

static void add_children(struct message *m, uint16_t index, const struct candidate *c, struct mime_source *source)
{
	bool digest = part_is(&m->parts.v[index], "multipart/digest");
	m->parts.v[index].boundary = c->boundary;
	for (uint32_t i = 0; i < c->split.pieces.n; i++) {
		struct mime_position position = mime_child_of(m, index, i + 1, source);
		position.digest = digest;
		if (c->split.pieces.v[i].after_close && !(position.flags & PART_ALTERNATE)) {
			position.flags |= PART_ALTERNATE;
			position.reading_of = index;
		}
		mime_entity(m, c->split.pieces.v[i].bytes, &position);
	}
}

static void add_reading(struct message *m, uint16_t index, const struct candidate *c, struct mime_source *source)
{
	if (!mime_may_reread(m, index))
		return;
	uint64_t steps = m->steps;
	struct mime_position position = mime_reading_of(m, index, source);
	uint16_t other = mime_add_part(m, &position, c->split.first);
	if (other == PART_NONE)
		return;
	struct part *part = &m->parts.v[other];
	const struct part *first = &m->parts.v[index];
	part->headers = first->headers;
	part->type = first->type;
	part->kind = PART_MULTIPART;
	part->raw_header = first->raw_header;
	part->raw_body = part->bytes = first->raw_body;
	add_children(m, other, c, source);
	m->reread_steps += m->steps - steps + first->raw_body.n;
}

/* Is line (with its "--" and line end) a delimiter of a multipart that was found in it? Then it needs no other explanation. */
static bool claimed(const struct message *m, uint16_t from, struct span line)
{
	struct span text = span_trim(span_skip(line, 2));
	for (uint32_t i = from; i < m->parts.n; i++) {
		struct span boundary = span_trim(m->parts.v[i].boundary);
		if (boundary.n && span_starts(text, boundary) &&
		    (text.n == boundary.n || (text.n == boundary.n + 2 && span_ends(text, SPAN("--")))))
			return true;
	}
	return false;
}

static void note_form(struct message *m, uint16_t index, const struct candidates *all)
{
	const struct candidate *c = &all->v[0];
	struct span body = m->parts.v[index].raw_body;
	if (!c->split.terminated)
		mime_note(m, ANOMALY_BOUNDARY_UNTERMINATED, span_skip(body, body.n));
	if (c->guessed)
		mime_note(m, ANOMALY_BOUNDARY_MISSING, c->split.first);
	if (all->n > 1 || c->split.again || c->match == BOUNDARY_PREFIX)
		mime_note(m, ANOMALY_BOUNDARY_AMBIGUOUS, all->n > 1 ? all->v[1].split.first : c->split.first);
}

/* Does a multipart around this one use one of the boundaries it names? */
static void note_nested_same(struct message *m, uint16_t index)
{
	const struct part *part = &m->parts.v[index];
	struct span boundary = field_value_get(&part->type, SPAN("boundary"));
	for (uint16_t up = part->parent; boundary.n && up != PART_NONE; up = m->parts.v[up].parent)
		if (span_eq(m->parts.v[up].boundary, boundary) && m->parts.v[up].kind == PART_MULTIPART && part->reading_of != up) {
			mime_note(m, ANOMALY_BOUNDARY_NESTED_SAME, part->raw_header);
			return;
		}
}

/* Inside a multipart "a", the delimiter of a multipart "a--" looks like the end of the outer one. Thunderbird and Python ask the outer
 * multipart first, to which all behind that line is epilogue; GMime asks the inner one, which goes on. What it then holds is another
 * reading. */
static void read_beyond(struct message *m, uint16_t index, struct mime_source *source)
{
	struct span own = m->parts.v[index].raw_body;
	struct span boundary = field_value_get(&m->parts.v[index].type, SPAN("boundary"));
	for (uint16_t up = m->parts.v[index].parent; up != PART_NONE; up = m->parts.v[up].parent) {
		const struct part *outer = &m->parts.v[up];
		struct candidate inner = { .boundary = boundary, .match = BOUNDARY_EXACT };
		if (outer->kind != PART_MULTIPART || outer->boundary.n == 0 || boundary.n != outer->boundary.n + 2 ||
		    !span_starts(boundary, outer->boundary) || !span_ends(boundary, SPAN("--")))
			continue;
		if (!span_within(outer->raw_body, own) || !mime_may_reread(m, index))
			return;
		struct span body = span_skip(outer->raw_body, (size_t)(own.p - outer->raw_body.p));
		if (boundary_split_body(m, source, body, boundary, BOUNDARY_EXACT, &inner.split)) {
			mime_note(m, ANOMALY_BOUNDARY_AMBIGUOUS, inner.split.first);
			add_reading(m, index, &inner, source);
		}
		m->reread_steps += body.n;
		return;
	}
}

/* Multiparts must not be encoded (RFC 2045 6.4); some programs decode them all the same. */
static bool parse_decoded(struct message *m, uint16_t index, struct candidates *all)
{
	struct mime_source decoded = { .part = index };
	enum transfer_encoding encoding = m->parts.v[index].encoding;
	if ((encoding != TRANSFER_BASE64 && encoding != TRANSFER_QUOTED_PRINTABLE) || !part_undo_transfer(m, index))
		return false;
	decoded.bytes = m->parts.v[index].bytes;
	boundary_index(m, &decoded);
	find_candidates(m, index, &decoded, decoded.bytes, all);
	if (all->n == 0)
		return false;
	mime_note(m, ANOMALY_TRANSFER_ENCODING_AMBIGUOUS, m->parts.v[index].raw_header);
	add_children(m, index, &all->v[0], &decoded);
	return true;
}

static void parse_own_body(struct message *m, uint16_t index, struct mime_source *source)
{
	struct candidates all;
	find_candidates(m, index, source, m->parts.v[index].raw_body, &all);
	if (all.n == 0) {
		struct span body = m->parts.v[index].raw_body;
		if (parse_decoded(m, index, &all))
			return;
		mime_note(m, ANOMALY_BOUNDARY_MISSING, body);
		if (span_trim(body).n) {
			m->parts.v[index].kind = PART_TEXT;
			part_decode(m, index, source);
		}
		return;
	}
	note_form(m, index, &all);
	uint16_t first_inside = (uint16_t)m->parts.n;
	add_children(m, index, &all.v[0], source);
	for (unsigned i = 1; i < all.n; i++)
		add_reading(m, index, &all.v[i], source);
	struct span like = all.v[0].split.like;
	if (all.v[0].match == BOUNDARY_EXACT && like.p && !claimed(m, first_inside, like) && mime_may_reread(m, index)) {
		struct candidate prefix = { .boundary = all.v[0].boundary, .match = BOUNDARY_PREFIX };
		mime_note(m, ANOMALY_BOUNDARY_AMBIGUOUS, like);
		if (boundary_split_body(m, source, m->parts.v[index].raw_body, prefix.boundary, BOUNDARY_PREFIX, &prefix.split))
			add_reading(m, index, &prefix, source);
	}
}

void multipart_parse(struct message *m, uint16_t index, struct mime_source *source)
{
	note_nested_same(m, index);
	parse_own_body(m, index, source);
	read_beyond(m, index, source);
}
