/* report/cite.c - see cite.h */
#include "report/cite.h"
#include "base/limits.h"
#include "base/visible.h"

/* Line ends before each block of a text, so that one place costs at most a block. */
enum { BLOCK = 4096, NAME_MAX_SHOWN = 60 };

struct cite_lines {
	struct cite_lines *next;
	struct span text;
	uint32_t *before;
};

static uint32_t count(struct span text)
{
	uint32_t n = 0;
	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == '\n';
	return n;
}

static struct cite_lines *lines_of(struct cite *cite, struct span text)
{
	for (struct cite_lines *l = cite->known; l; l = l->next)
		if (l->text.p == text.p && l->text.n == text.n)
			return l;
	struct cite_lines *l = arena_new(cite->arena, struct cite_lines);
	size_t blocks = text.n / BLOCK + 1;
	*l = (struct cite_lines){ .next = cite->known, .text = text, .before = arena_alloc(cite->arena, blocks * sizeof *l->before) };
	l->before[0] = 0;
	for (size_t i = 1; i < blocks; i++)
		l->before[i] = l->before[i - 1] + count(span_slice(text, (i - 1) * BLOCK, i * BLOCK));
	cite->known = l;
	return l;
}

static uint32_t line_in(struct cite *cite, struct span text, uint32_t offset)
{
	if (offset > text.n)
		offset = (uint32_t)text.n;
	const struct cite_lines *l = lines_of(cite, text);
	return 1 + l->before[offset / BLOCK] + count(span_slice(text, offset / BLOCK * BLOCK, offset));
}

uint32_t cite_line(struct cite *cite, uint32_t offset) { return line_in(cite, cite->message->raw, offset); }

/* The text a place's offsets count in. */
static struct span text_of(const struct cite *cite, const struct place *place)
{
	const struct part *part = &cite->message->parts.v[place->part];
	if (place->in == PLACE_DECODED)
		return part->text.p ? part->text : part->bytes;
	for (uint32_t i = 0; i < cite->content->bodies.n; i++)
		if (cite->content->bodies.v[i].part == place->part)
			return cite->content->bodies.v[i].text;
	return part->text;
}

/* The place as an offset in the raw message, when its bytes stand there unchanged. */
static bool raw_offset(const struct cite *cite, const struct place *place, uint32_t *ret_offset)
{
	if (place->in == PLACE_RAW) {
		*ret_offset = place->from;
		return true;
	}
	struct span text = text_of(cite, place), raw = cite->message->raw;
	if (!text.n || !span_within(raw, text))
		return false;
	*ret_offset = (uint32_t)(text.p - raw.p) + place->from;
	return true;
}

static bool shown_by_name(const struct part *part)
{
	return part->names.n && (part->flags & PART_ATTACHMENT || (part->kind != PART_TEXT && part->kind != PART_HTML));
}

static void put_one(struct cite *cite, struct buf *out, const struct place *place)
{
	const struct part *part = place->part < cite->message->parts.n ? &cite->message->parts.v[place->part] : NULL;
	uint32_t offset;
	if (part && place->part && shown_by_name(part)) {
		buf_cstr(out, "attachment ");
		visible_put(out, part_name_shown(part), NAME_MAX_SHOWN);
	} else if (!part || (raw_offset(cite, place, &offset) && (place->in != PLACE_RAW || place->to > place->from))) {
		buf_cstr(out, "line ");
		buf_number(out, cite_line(cite, part ? offset : place->from), 1);
	} else if (place->in == PLACE_RAW) {
		if (place->part)
			buf_printf(out, "part %.*s", SPAN_ARG(part->number));
	} else {
		if (cite->message->parts.n > 1)
			buf_printf(out, "part %.*s, ", SPAN_ARG(part->number));
		buf_printf(out, place->in == PLACE_TEXT && part->kind == PART_HTML ? "line %u as shown" : "line %u once decoded",
			   line_in(cite, text_of(cite, place), place->from));
	}
}

/* In the order of the message: of a part, what stands in the raw bytes comes before what is counted in its text. */
static bool before(const struct place *a, const struct place *b)
{
	if (a->part != b->part)
		return a->part < b->part;
	return a->in != b->in ? a->in < b->in : a->from < b->from;
}

static uint32_t sorted(const struct place *places, uint32_t n, struct place ret_sorted[LIMIT_EVIDENCE_PLACES])
{
	uint32_t kept = 0;
	for (uint32_t i = 0; i < n && kept < LIMIT_EVIDENCE_PLACES; i++) {
		uint32_t at = kept++;
		for (; at > 0 && before(&places[i], &ret_sorted[at - 1]); at--)
			ret_sorted[at] = ret_sorted[at - 1];
		ret_sorted[at] = places[i];
	}
	return kept;
}

void cite_put(struct cite *cite, struct buf *out, const struct place *unsorted, uint32_t n)
{
	struct place places[LIMIT_EVIDENCE_PLACES];
	struct span said[LIMIT_EVIDENCE_PLACES];
	uint32_t n_said = 0;
	bool plain = true; /* all are "line N" */
	n = sorted(unsorted, n, places);
	for (uint32_t i = 0; i < n && n_said < LIMIT_EVIDENCE_PLACES; i++) {
		struct buf one;
		bool again = false;
		buf_init(&one, cite->arena, 1024);
		put_one(cite, &one, &places[i]);
		for (uint32_t k = 0; k < n_said; k++)
			again |= span_eq(said[k], buf_span(&one));
		if (!one.n || again)
			continue;
		said[n_said++] = buf_span(&one);
		plain &= span_starts(buf_span(&one), SPAN("line ")) && span_find_byte(buf_span(&one), ' ', sizeof "line " - 1) == SPAN_NPOS;
	}
	if (n_said == 0)
		return;
	buf_cstr(out, n_said > 1 && plain ? " (lines " : " (");
	for (uint32_t i = 0; i < n_said; i++) {
		buf_cstr(out, i == 0 ? "" : i + 1 == n_said ? " and " : ", ");
		buf_put(out, n_said > 1 && plain ? span_skip(said[i], sizeof "line " - 1) : said[i]);
	}
	buf_byte(out, ')');
}
