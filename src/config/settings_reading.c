/* config/settings_reading.c - see settings_reading.h */
#include "config/settings_reading.h"
#include "base/ascii.h"
#include "base/err.h"
#include "base/utf8.h"

#define fail(r, at, ...) settings_reading_fail((r), (at), arena_printf((r)->arena, __VA_ARGS__))

int settings_reading_fail(struct settings_reading *r, struct settings_place at, struct span what)
{
	r->error = arena_printf(r->arena, "%.*s:%u:%u: %.*s", SPAN_ARG(r->path), at.line, at.column, SPAN_ARG(what));
	return ERR_SYNTAX;
}

int settings_reading_open(struct settings_reading *r, struct span path, struct span bytes, struct arena *arena)
{
	memset(r, 0, sizeof *r);
	r->path = path;
	r->bytes = bytes;
	r->arena = arena;
	if (!yaml_parser_initialize(&r->parser))
		return ERR_IO;
	yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r->parser, bytes.p, bytes.n);
	return ERR_OK;
}

void settings_reading_close(struct settings_reading *r)
{
	if (r->has_event)
		yaml_event_delete(&r->event);
	yaml_parser_delete(&r->parser);
}

static struct span line_text(struct span bytes, size_t line)
{
	struct span text = span_none;
	for (size_t i = 0; i <= line; i++)
		if (!span_split(&bytes, '\n', &text))
			return span_none;
	return text;
}

static void count_event(struct settings_reading *r)
{
	switch (r->event.type) {
	case YAML_ALIAS_EVENT:
	case YAML_SCALAR_EVENT: r->members += r->depth == 1; break;
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT: r->members += r->depth++ == 1; break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT: r->depth--; break;
	default: break;
	}
}

int settings_reading_skip(struct settings_reading *r)
{
	struct span error = r->error;
	while (r->has_event && r->depth && (r->depth > 1 || r->members % 2))
		if (settings_reading_next(r) && r->has_event)
			r->error = error; /* the first mistake of an option is told, not what follows from it */
	return r->has_event ? ERR_OK : ERR_SYNTAX;
}

int settings_reading_next(struct settings_reading *r)
{
	if (r->has_event)
		yaml_event_delete(&r->event);
	r->has_event = yaml_parser_parse(&r->parser, &r->event);
	if (!r->has_event) {
		const yaml_parser_t *p = &r->parser;
		const yaml_mark_t *mark = p->problem_mark.line ? &p->problem_mark : &p->context_mark;
		size_t line = mark->line;
		return fail(r, ((struct settings_place){ (uint32_t)line + 1, (uint32_t)mark->column + 1 }),
			    "this is not YAML (%s); write %s", p->problem ? p->problem : "unreadable",
			    span_has(line_text(r->bytes, line), SPAN("!")) ? "what begins with ! in quotes: \"!10.1.2.3\""
									   : "one \"option: value\" a line, lists as [a, b]");
	}
	count_event(r);
	switch (r->event.type) {
	case YAML_ALIAS_EVENT:
		return fail(r, settings_reading_place(r),
			    "aliases (*name) are not read; write the value out (a name that begins with * in quotes)");
	case YAML_SCALAR_EVENT:
		if (r->event.data.scalar.tag)
			return fail(r, settings_reading_place(r), "unquoted ! has a meaning of its own in YAML; write it in quotes: \"%s\"",
				    (const char *)r->event.data.scalar.tag);
		if (r->event.data.scalar.anchor)
			return fail(r, settings_reading_place(r), "anchors (&name) are not read; write the value out");
		break;
	case YAML_SEQUENCE_START_EVENT:
		if (r->event.data.sequence_start.tag || r->event.data.sequence_start.anchor)
			return fail(r, settings_reading_place(r), "tags and anchors are not read; write the list alone, as [a, b]");
		break;
	case YAML_MAPPING_START_EVENT:
		if (r->event.data.mapping_start.tag || r->event.data.mapping_start.anchor)
			return fail(r, settings_reading_place(r), "tags and anchors are not read; write the map alone, as {a: b}");
		break;
	default: break;
	}
	return ERR_OK;
}

bool settings_reading_milli(struct span text, int64_t *ret)
{
	bool minus = span_starts(text, SPAN("-"));
	struct span rest = span_skip(text, minus), whole;
	uint64_t units, part = 0;
	span_split(&rest, '.', &whole);
	if (whole.n == 0 || !span_to_uint(whole, 1000000, &units))
		return false;
	if (rest.p) {
		if (rest.n == 0 || rest.n > 3 || !span_to_uint(rest, 999, &part))
			return false;
		for (size_t i = rest.n; i < 3; i++)
			part *= 10;
	}
	*ret = (int64_t)(units * 1000 + part) * (minus ? -1 : 1);
	return true;
}

bool settings_reading_size(struct span text, uint64_t *ret)
{
	static const struct {
		char letter;
		unsigned shift;
	} units[] = { { 'K', 10 }, { 'M', 20 }, { 'G', 30 } };
	unsigned shift = 0;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (text.n && ascii_lower(text.p[text.n - 1]) == ascii_lower((uint8_t)units[i].letter))
			shift = units[i].shift;
	uint64_t n;
	if (!span_to_uint(shift ? span_first(text, text.n - 1) : text, UINT64_MAX >> shift, &n))
		return false;
	*ret = n << shift;
	return true;
}

bool settings_reading_plain(struct span text)
{
	for (size_t i = 0; i < text.n;) {
		uint32_t c;
		i += utf8_decode(text, i, &c);
		if (c < ' ' || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 || c == 0xfeff || (c & 0xfffe) == 0xfffe)
			return false;
	}
	return true;
}

bool settings_reading_yes_no(struct span text, bool *ret)
{
	static const struct {
		const char *word;
		bool yes;
	} words[] = { { "yes", true }, { "true", true }, { "on", true }, { "no", false }, { "false", false }, { "off", false } };
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (span_ieq(text, span_cstr(words[i].word))) {
			*ret = words[i].yes;
			return true;
		}
	return false;
}

bool settings_reading_domain(struct span name)
{
	if (name.n == 0 || name.n > 253 || !span_has(name, SPAN(".")))
		return false;
	struct span label, rest = name;
	while (span_split(&rest, '.', &label)) {
		if (label.n == 0 || label.n > 63)
			return false;
		for (size_t i = 0; i < label.n; i++)
			if (!ascii_is_alnum(label.p[i]) && label.p[i] != '-' && label.p[i] != '_')
				return false;
	}
	return true;
}
