/* message/boundary.c - where the parts between the lines of one boundary begin and end (RFC 2046 5.1.1).
 *
 * A source is searched once for lines that begin with "--"; every multipart then looks only at those inside its own body. The bodies of
 * one level do not overlap, so the cost is bytes + lines x depth, and depth is limited. */
#include "base/ascii.h"
#include "base/limits.h"
#include "message/mime.h"

/* Up to four bytes as a number, to compare without touching the message. */
static uint32_t head_of(struct span s)
{
	uint32_t head = 0;
	memcpy(&head, s.p, s.n < 4 ? s.n : 4);
	return head;
}

static void add_line(struct message *m, struct mime_source *source, size_t at)
{
	bool after_cr = at && source->bytes.p[at - 1] == '\r';
	if (at && !after_cr && source->bytes.p[at - 1] != '\n')
		return;
	struct span rest = span_skip(source->bytes, at + 2);
	/* "--" alone is no delimiter, except of the empty boundary, which nobody reads. */
	if (rest.n == 0 || rest.p[0] == '\n' || rest.p[0] == '\r')
		return;
	struct boundary_line line = { .at = (uint32_t)at, .head = head_of(rest) };
	if (after_cr)
		*(struct boundary_line *)vec_push(m->arena, &source->cr_lines) = line;
	else
		*(struct boundary_line *)vec_push(m->arena, &source->lines) = line;
}

/* Sixteen bytes at a time; the compiler makes of it what the machine has. */
typedef uint8_t block __attribute__((vector_size(16)));

enum { STRIDE = 4 * sizeof(block) };

/* Is "--" somewhere in the STRIDE bytes at p and the one behind them? */
static bool has_dashes(const uint8_t *p)
{
	block any = { 0 };
	uint64_t half[2];
	for (size_t i = 0; i < STRIDE; i += sizeof(block)) {
		block a, b;
		memcpy(&a, p + i, sizeof a);
		memcpy(&b, p + i + 1, sizeof b);
		any |= (block)((a == '-') & (b == '-'));
	}
	memcpy(half, &any, sizeof half);
	return half[0] | half[1];
}

void boundary_index(struct message *m, struct mime_source *source)
{
	struct span s = source->bytes;
	size_t at = 0;
	while (at + 1 < s.n) {
		if (at + STRIDE < s.n && !has_dashes(s.p + at)) {
			at += STRIDE;
			continue;
		}
		for (size_t end = at + STRIDE; at < end && at + 1 < s.n; at++)
			if (s.p[at] == '-' && s.p[at + 1] == '-')
				add_line(m, source, at);
	}
	m->steps += s.n;
}

/* Index of the first line at or after offset. */
static uint32_t first_line(const struct mime_source *source, size_t offset)
{
	uint32_t low = 0, high = source->lines.n;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (source->lines.v[middle].at < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

enum delimiter { DELIMITER_NO, DELIMITER_LIKE, DELIMITER_PART, DELIMITER_CLOSE };

/* What the line at offset at is to boundary. *ret_next is the offset after it. */
static enum delimiter delimiter_at(struct span bytes, size_t at, struct span boundary, enum boundary_match match, size_t *ret_next)
{
	struct span line = span_skip(bytes, at + 2);
	if (!span_starts(line, boundary))
		return DELIMITER_NO;
	size_t line_end = span_find_byte(line, '\n', boundary.n);
	*ret_next = line_end == SPAN_NPOS ? bytes.n : at + 2 + line_end + 1;
	struct span rest = span_slice(line, boundary.n, line_end == SPAN_NPOS ? line.n : line_end);
	bool close = span_starts(rest, SPAN("--"));
	if (match == BOUNDARY_EXACT && span_trim(close ? span_skip(rest, 2) : rest).n)
		return DELIMITER_LIKE;
	return close ? DELIMITER_CLOSE : DELIMITER_PART;
}

/* The line end before a delimiter belongs to the delimiter. */
static size_t before_delimiter(struct span bytes, size_t from, size_t at)
{
	if (at > from && bytes.p[at - 1] == '\n')
		at--;
	if (at > from && bytes.p[at - 1] == '\r')
		at--;
	return at;
}

/* What has been read of a split so far. */
struct splitting {
	struct message *message;
	struct boundary_split *split;
	struct span bytes;    /* of the source, up to the end of the body */
	size_t open;          /* where the current piece begins, SPAN_NPOS before the first delimiter */
	bool after_close;     /* it stands behind a closing delimiter */
	bool opened_by_close; /* directly: an epilogue, unless another delimiter follows */
};

static void end_piece(struct splitting *s, size_t at)
{
	struct span bytes = span_slice(s->bytes, s->open, at);
	if ((s->after_close && span_trim(bytes).n == 0) || s->split->pieces.n > LIMIT_PARTS)
		return;
	struct boundary_piece *piece = vec_push(s->message->arena, &s->split->pieces);
	piece->bytes = bytes;
	piece->after_close = s->after_close;
}

static void take_delimiter(struct splitting *s, enum delimiter kind, size_t at, size_t next)
{
	if (s->open == SPAN_NPOS)
		s->split->first = span_slice(s->bytes, at, next);
	else
		end_piece(s, before_delimiter(s->bytes, s->open, at));
	s->split->again |= s->split->terminated;
	s->split->terminated |= kind == DELIMITER_CLOSE;
	s->after_close = s->split->terminated;
	s->opened_by_close = kind == DELIMITER_CLOSE;
	s->open = next;
}

bool boundary_split_body(struct message *m, const struct mime_source *source, struct span body, struct span boundary,
			 enum boundary_match match, struct boundary_split *ret)
{
	memset(ret, 0, sizeof *ret);
	if (boundary.n == 0 || boundary.n > LIMIT_BOUNDARY_BYTES || !span_within(source->bytes, body))
		return false;
	size_t from = (size_t)(body.p - source->bytes.p), end = from + body.n;
	struct splitting s = { .message = m, .split = ret, .bytes = span_first(source->bytes, end), .open = SPAN_NPOS };
	uint32_t head = head_of(boundary), mask = boundary.n < 4 ? (1u << 8 * boundary.n) - 1 : UINT32_MAX;
	for (uint32_t i = first_line(source, from); i < source->lines.n && source->lines.v[i].at < end; i++) {
		const struct boundary_line *line = &source->lines.v[i];
		size_t next = end;
		m->steps++;
		if ((line->head & mask) != head)
			continue;
		enum delimiter kind = delimiter_at(s.bytes, line->at, boundary, match, &next);
		if (kind == DELIMITER_LIKE && !ret->like.p)
			ret->like = span_slice(s.bytes, line->at, next);
		if (kind == DELIMITER_PART || kind == DELIMITER_CLOSE)
			take_delimiter(&s, kind, line->at, next);
	}
	if (s.open == SPAN_NPOS)
		return false;
	if (!s.opened_by_close) /* else it is the epilogue, which nobody shows */
		end_piece(&s, end);
	return true;
}

struct span boundary_guess(const struct mime_source *source, struct span body)
{
	if (!span_within(source->bytes, body))
		return span_none;
	size_t from = (size_t)(body.p - source->bytes.p);
	uint32_t i = first_line(source, from);
	if (i >= source->lines.n || source->lines.v[i].at >= from + body.n)
		return span_none;
	struct span line = span_slice(source->bytes, source->lines.v[i].at + 2, from + body.n);
	size_t end = span_find_byte(line, '\n', 0);
	struct span text = span_trim(end == SPAN_NPOS ? line : span_first(line, end));
	return text.n == 0 || text.n > LIMIT_BOUNDARY_BYTES || span_ends(text, SPAN("--")) || text.p[0] == '-' ? span_none : text;
}
