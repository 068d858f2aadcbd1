/* session/outside_mark.c - see outside_mark.h */
#include "session/outside_mark.h"
#include "base/ascii.h"
#include "base/limits.h"

/* The first word of an Authentication-Results: the server that vouches. Comments may precede it. */
static bool claims(struct span value, struct span hostname)
{
	size_t depth = 0, at = 0;
	for (; at < value.n; at++) {
		uint8_t byte = value.p[at];
		if (byte == '(')
			depth++;
		else if (byte == ')' && depth > 0)
			depth--;
		else if (depth == 0 && !ascii_is_space(byte) && byte != '"')
			break;
	}
	size_t end = at;
	while (end < value.n && !ascii_is_space(value.p[end]) && value.p[end] != ';' && value.p[end] != '"' && value.p[end] != '(')
		end++;
	return hostname.n && span_ieq(span_slice(value, at, end), hostname);
}

/* Which of its name it is. Only names that are ours are counted, so there are few. */
static uint32_t number_of(const struct outside_marks *marks, struct span name)
{
	for (uint32_t i = marks->list.n; i > 0; i--)
		if (span_ieq(marks->list.v[i - 1].name, name))
			return marks->list.v[i - 1].n + 1;
	return 1;
}

void outside_marks_note(struct outside_marks *marks, struct arena *arena, struct span name, struct span value, struct span hostname)
{
	bool results = span_ieq(name, SPAN("Authentication-Results"));
	marks->results += results;
	if (results ? !claims(value, hostname) : !span_istarts(name, SPAN("X-Spam")) && !span_istarts(name, SPAN("X-Postern")))
		return;
	if (marks->list.n == LIMIT_OUTSIDE_MARKS) {
		marks->too_many = true;
		return;
	}
	uint32_t n = results ? marks->results : number_of(marks, name);
	struct header_edit *edit = vec_push(arena, &marks->list);
	*edit = (struct header_edit){ .kind = HEADER_DELETE, .n = n, .name = arena_dup(arena, name), .from = marks->list.n };
}

bool outside_marks_remove(const struct outside_marks *marks, struct arena *arena, struct outcome *outcome)
{
	if (marks->too_many)
		return false;
	for (uint32_t i = 0; i < marks->list.n; i++)
		*(struct header_edit *)vec_push(arena, &outcome->edits) = marks->list.v[i];
	return true;
}
