/* message/boundary.c - where the parts of a multipart begin and end (RFC 2046 5.1.1).
 *
 * The message is searched once for lines that begin with "--"; every multipart then looks only at those inside its own body. The bodies of
 * one level do not overlap, so the cost is bytes + lines x depth, and depth is limited. */
#include "base/ascii.h"
#include "base/limits.h"
#include "message/mime.h"

static uint32_t head_of(struct span s, size_t at)
{
	uint32_t head = 0;
	if (at + 4 <= s.n)
		memcpy(&head, s.p + at, 4);
	else if (at < s.n)
		memcpy(&head, s.p + at, s.n - at);
	return head;
}

static void add_line(struct message *m, struct boundary_lines *lines, size_t at)
{
	/* "--" alone is no delimiter, except of the empty boundary, which nobody reads. */
	if (at + 2 >= m->raw.n || m->raw.p[at + 2] == '\n' || m->raw.p[at + 2] == '\r')
		return;
	struct boundary_line *line = vec_push(m->arena, &lines->list);
	line->at = (uint32_t)at;
	line->head = head_of(m->raw, at + 2);
}

void boundary_index(struct message *m, struct boundary_lines *lines)
{
	struct span raw = m->raw;
	if (span_starts(raw, SPAN("--")))
		add_line(m, lines, 0);
	for (size_t at = 0; (at = span_find(raw, SPAN("\n--"), at)) != SPAN_NPOS; at += 3)
		add_line(m, lines, at + 1);
	m->steps += raw.n;
}

/* Index of the first line at or after offset. */
static uint32_t first_line(const struct boundary_lines *lines, size_t offset)
{
	uint32_t low = 0, high = lines->list.n;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (lines->list.v[middle].at < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

enum delimiter { DELIMITER_NO, DELIMITER_PART, DELIMITER_CLOSE };

/* Is the line at offset at a delimiter of boundary? *ret_next is the offset after the line. */
static enum delimiter delimiter_at(struct span raw, size_t at, struct span boundary, size_t end, size_t *ret_next)
{
	struct span line = span_slice(raw, at + 2, end);
	if (!span_starts(line, boundary))
		return DELIMITER_NO;
	size_t line_end = span_find_byte(line, '\n', 0);
	*ret_next = line_end == SPAN_NPOS ? end : at + 2 + line_end + 1;
	struct span rest = span_slice(line, boundary.n, line_end == SPAN_NPOS ? line.n : line_end);
	bool close = span_starts(rest, SPAN("--"));
	if (close)
		rest = span_skip(rest, 2);
	for (size_t i = 0; i < rest.n; i++)
		if (!ascii_is_space(rest.p[i]))
			return DELIMITER_NO;
	return close ? DELIMITER_CLOSE : DELIMITER_PART;
}

/* The line end before a delimiter belongs to the delimiter. */
static size_t before_delimiter(struct span raw, size_t from, size_t at)
{
	if (at > from && raw.p[at - 1] == '\n')
		at--;
	if (at > from && raw.p[at - 1] == '\r')
		at--;
	return at;
}

bool boundary_split_body(struct message *m, const struct boundary_lines *lines, struct span body, struct span boundary, struct boundary_split *ret)
{
	memset(ret, 0, sizeof *ret);
	if (boundary.n == 0 || boundary.n > LIMIT_BOUNDARY_BYTES || !span_within(m->raw, body))
		return false;
	size_t from = (size_t)(body.p - m->raw.p), end = from + body.n, open = SPAN_NPOS;
	uint32_t head = head_of(boundary, 0), mask;
	memset(&mask, 0, sizeof mask);
	memset(&mask, 0xff, boundary.n < 4 ? boundary.n : 4);
	ret->preamble = ret->epilogue = span_first(body, 0);
	for (uint32_t i = first_line(lines, from); i < lines->list.n && lines->list.v[i].at < end; i++) {
		const struct boundary_line *line = &lines->list.v[i];
		size_t next;
		m->steps++;
		if ((line->head & mask) != head)
			continue;
		enum delimiter kind = delimiter_at(m->raw, line->at, boundary, end, &next);
		if (kind == DELIMITER_NO)
			continue;
		size_t stop = before_delimiter(m->raw, open == SPAN_NPOS ? from : open, line->at);
		if (open == SPAN_NPOS)
			ret->preamble = span_slice(m->raw, from, stop);
		else
			((struct boundary_piece *)vec_push(m->arena, &ret->pieces))->bytes = span_slice(m->raw, open, stop);
		open = next;
		if (kind == DELIMITER_CLOSE) {
			ret->terminated = true;
			ret->epilogue = span_slice(m->raw, next, end);
			return true;
		}
	}
	if (open == SPAN_NPOS)
		return false;
	((struct boundary_piece *)vec_push(m->arena, &ret->pieces))->bytes = span_slice(m->raw, open, end);
	return true;
}
