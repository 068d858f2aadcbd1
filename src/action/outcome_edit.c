/* action/outcome_edit.c - the header edits of an outcome applied to the bytes of a message; see outcome.h */
#include "action/outcome.h"

#include <stdlib.h>

static void put_field(const struct header_edit *edit, struct span eol, struct buf *out)
{
	struct span rest = edit->value, line;
	buf_put(out, edit->name);
	buf_byte(out, ':');
	while (span_split(&rest, '\n', &line)) {
		if (rest.p && span_ends(line, SPAN("\r")))
			line.n--;
		buf_put(out, line);
		buf_put(out, eol);
	}
	if (!edit->value.p)
		buf_put(out, eol);
}

static int by_place(const void *a, const void *b)
{
	const struct header_edit *left = *(const struct header_edit *const *)a, *right = *(const struct header_edit *const *)b;
	return left->from != right->from ? (left->from > right->from) - (left->from < right->from) : (left > right) - (left < right);
}

/* Behind the "From " line of an mbox, which procmail and some spool files leave on top. */
static size_t top_of(struct span raw)
{
	size_t end = span_starts(raw, SPAN("From ")) || span_starts(raw, SPAN(">From ")) ? span_find_byte(raw, '\n', 0) : SPAN_NPOS;
	return end == SPAN_NPOS ? 0 : end + 1;
}

/* Does the message begin with a body? A line that is no field, right below ours, would be read on as a part of them, and fields that stand
 * in that body as fields of the message. So mail servers, too, end the header there. */
static bool lacks_header(struct span rest)
{
	struct span line = span_first(rest, span_find_byte(rest, '\n', 0));
	size_t colon = span_find_byte(line, ':', 0);
	if (span_trim(line).n == 0 && (line.n == 0 || line.p[0] == '\r'))
		return false; /* the empty line is there */
	struct span name = span_trim(span_first(line, colon));
	return colon == SPAN_NPOS || name.n == 0 || line.p[0] == ' ' || line.p[0] == '\t' || span_starts(line, SPAN("--")) ||
	       span_find_byte(name, ' ', 0) != SPAN_NPOS || span_find_byte(name, '\t', 0) != SPAN_NPOS;
}

void outcome_edit(const struct outcome *o, struct span raw, struct span eol, struct buf *out)
{
	const struct header_edit **changes = arena_alloc(out->arena, (o->edits.n + 1) * sizeof *changes);
	size_t n = 0, at = top_of(raw);
	buf_put(out, span_first(raw, at));
	for (uint32_t i = o->edits.n; i-- > 0;) /* each goes above those before it */
		if (o->edits.v[i].kind == HEADER_INSERT)
			put_field(&o->edits.v[i], eol, out);
		else
			changes[n++] = &o->edits.v[i];
	if (n < o->edits.n && lacks_header(span_skip(raw, at)))
		buf_put(out, eol);
	qsort(changes, n, sizeof(*changes), by_place);
	for (size_t i = 0; i < n; i++) {
		const struct header_edit *edit = changes[i];
		if (edit->from < at || edit->to > raw.n)
			continue;
		buf_put(out, span_slice(raw, at, edit->from));
		if (edit->kind == HEADER_CHANGE)
			put_field(edit, eol, out);
		at = edit->to;
	}
	buf_put(out, span_skip(raw, at));
}
