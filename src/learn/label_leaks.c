/* learn/label_leaks.c - see label_leaks.h */
#include "learn/label_leaks.h"

#define FIELD(pattern) SPAN_INIT(pattern),
#define TAG(text)
static const struct span fields[] = {
#include "learn/label_leaks.def"
};
#undef FIELD
#undef TAG
#define FIELD(pattern)
#define TAG(text) SPAN_INIT(text),
static const struct span tags[] = {
#include "learn/label_leaks.def"
};
#undef FIELD
#undef TAG

bool label_leaks_field(struct span name)
{
	name = span_trim(name);
	if (span_at(name, 0) != 'X' && span_at(name, 0) != 'x')
		return false;
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		bool open = span_ends(fields[i], SPAN("*"));
		if (open ? span_istarts(name, span_first(fields[i], fields[i].n - 1)) : span_ieq(name, fields[i]))
			return true;
	}
	return false;
}

/* The next line with its end. */
static struct span line_at(struct span raw, size_t at)
{
	size_t end = span_find_byte(raw, '\n', at);
	return span_slice(raw, at, end == SPAN_NPOS ? raw.n : end + 1);
}

static bool is_empty(struct span line)
{
	for (size_t i = 0; i < line.n; i++)
		if (line.p[i] != '\r' && line.p[i] != '\n')
			return false;
	return true;
}

/* The length of the tag that text begins with and of the blanks after it, or 0. */
static size_t tag_length(struct span text)
{
	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
		size_t n = tags[i].n;
		if (!span_istarts(text, tags[i]))
			continue;
		while (span_at(text, n) == ' ' || span_at(text, n) == '\t')
			n++;
		return n;
	}
	return 0;
}

/* What is kept of the message, copied once something was left out. */
struct kept {
	struct span raw;
	struct arena *arena;
	uint8_t *copy;
	size_t n;    /* bytes of copy */
	size_t from; /* of raw, not yet copied */
};

static void leave_out(struct kept *kept, size_t from, size_t to)
{
	if (!kept->copy)
		kept->copy = arena_alloc(kept->arena, kept->raw.n);
	memcpy(kept->copy + kept->n, kept->raw.p + kept->from, from - kept->from);
	kept->n += from - kept->from;
	kept->from = to;
}

static void cut_tags(struct kept *kept, size_t at, size_t end)
{
	while (at < end) {
		uint8_t byte = kept->raw.p[at];
		size_t n = byte == '[' || byte == '*' || byte == '{' ? tag_length(span_slice(kept->raw, at, end)) : 0;
		if (n)
			leave_out(kept, at, at + n);
		at += n ? n : 1;
	}
}

struct span label_leaks_cut(struct span raw, struct arena *arena)
{
	struct kept kept = { .raw = raw, .arena = arena };
	bool cutting = false, subject = false;
	for (size_t at = 0; at < raw.n;) {
		struct span line = line_at(raw, at);
		if (is_empty(line))
			break;
		if (at == 0 || (line.p[0] != ' ' && line.p[0] != '\t')) {
			size_t colon = span_find_byte(line, ':', 0);
			struct span name = span_first(line, colon == SPAN_NPOS ? line.n : colon);
			cutting = label_leaks_field(name);
			subject = span_ieq(span_trim(name), SPAN("Subject"));
		}
		if (cutting)
			leave_out(&kept, at, at + line.n);
		else if (subject)
			cut_tags(&kept, at, at + line.n);
		at += line.n;
	}
	if (!kept.copy)
		return raw;
	leave_out(&kept, raw.n, raw.n);
	return span_of(kept.copy, kept.n);
}
