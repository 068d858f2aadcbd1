/* config/settings_reading.c - see settings_reading.h */
#include "config/settings_reading.h"
#include "base/ascii.h"
#include "base/err.h"

#define fail(r, line, ...) settings_reading_fail((r), (line), arena_printf((r)->arena, __VA_ARGS__))

int settings_reading_fail(struct settings_reading *r, uint32_t line, struct span what)
{
	r->error = arena_printf(r->arena, "%s:%u: %.*s", r->path, line, SPAN_ARG(what));
	return ERR_SYNTAX;
}

int settings_reading_open(struct settings_reading *r, const char *path, struct span bytes, struct arena *arena)
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

int settings_reading_next(struct settings_reading *r)
{
	if (r->has_event)
		yaml_event_delete(&r->event);
	r->has_event = yaml_parser_parse(&r->parser, &r->event);
	if (!r->has_event) {
		const yaml_parser_t *p = &r->parser;
		size_t line = p->problem_mark.line ? p->problem_mark.line : p->context_mark.line;
		return fail(r, (uint32_t)line + 1, "this is not YAML (%s); write %s", p->problem ? p->problem : "unreadable",
			    span_has(line_text(r->bytes, line), SPAN("!")) ? "what begins with ! in quotes: \"!10.1.2.3\""
									   : "one \"option: value\" a line, lists as [a, b]");
	}
	switch (r->event.type) {
	case YAML_ALIAS_EVENT:
		return fail(r, settings_reading_line(r),
			    "aliases (*name) are not read; write the value out (a name that begins with * in quotes)");
	case YAML_SCALAR_EVENT:
		if (r->event.data.scalar.tag)
			return fail(r, settings_reading_line(r), "unquoted ! has a meaning of its own in YAML; write it in quotes: \"%s\"",
				    (const char *)r->event.data.scalar.tag);
		if (r->event.data.scalar.anchor)
			return fail(r, settings_reading_line(r), "anchors (&name) are not read; write the value out");
		break;
	case YAML_SEQUENCE_START_EVENT:
		if (r->event.data.sequence_start.tag || r->event.data.sequence_start.anchor)
			return fail(r, settings_reading_line(r), "tags and anchors are not read; write the list alone, as [a, b]");
		break;
	case YAML_MAPPING_START_EVENT:
		if (r->event.data.mapping_start.tag || r->event.data.mapping_start.anchor)
			return fail(r, settings_reading_line(r), "tags and anchors are not read; write the map alone, as {a: b}");
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
