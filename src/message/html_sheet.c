/* message/html_sheet.c - style sheets of simple selectors; see html_style.h
 *
 * A rule is found by its class, else its id, else its element. Rules with the same selector are laid together when they are read,
 * so a bucket holds each selector once and an element costs a few look-ups, however long the sheet is. */
#include "base/ascii.h"
#include "base/limits.h"
#include "message/html_style.h"

enum { BUCKETS = 1024, CHAIN_MAX = 16, CLASSES_MAX = 16 };

static uint32_t bucket_of(struct span name)
{
	uint32_t h = (uint32_t)name.n;
	for (size_t i = 0; i < name.n && i < 64; i++)
		h = (h ^ name.p[i]) * 16777619u;
	return (h ^ h >> 15) % BUCKETS;
}

static bool is_name_byte(int c) { return ascii_is_alnum(c) || c == '-' || c == '_' || c >= 0x80; }

static struct span take_name(struct span *rest)
{
	size_t n = 0;
	while (n < rest->n && is_name_byte(rest->p[n]))
		n++;
	struct span name = span_first(*rest, n);
	*rest = span_skip(*rest, n);
	return name;
}

/* "element", ".class", "#id" or these together, one of each; anything else is not simple. */
static bool read_selector(struct span text, struct css_rule *rule)
{
	memset(rule, 0, sizeof *rule);
	text = span_trim(text);
	if (text.n && text.p[0] == '*') {
		text = span_skip(text, 1);
	} else if (is_name_byte(span_at(text, 0))) {
		rule->element = html_element_of(take_name(&text));
		if (rule->element == HTML_ELEMENT_UNKNOWN)
			return false;
	}
	while (text.n) {
		uint8_t mark = text.p[0];
		struct span *slot = mark == '.' ? &rule->class : mark == '#' ? &rule->id : NULL;
		text = span_skip(text, 1);
		if (!slot || slot->n)
			return false;
		*slot = take_name(&text);
		if (!slot->n)
			return false;
	}
	return rule->element || rule->class.n || rule->id.n;
}

static uint32_t *chain_of(struct css_sheet *sheet, const struct css_rule *rule)
{
	if (rule->class.n)
		return &sheet->buckets[bucket_of(rule->class)];
	return rule->id.n ? &sheet->buckets[bucket_of(rule->id)] : &sheet->by_element[rule->element];
}

static void add_rule(struct css_sheet *sheet, const struct css_rule *rule, struct arena *arena)
{
	uint32_t *chain = chain_of(sheet, rule), length = 0;
	for (uint32_t i = *chain; i && length < CHAIN_MAX; i = sheet->rules.v[i - 1].next) {
		struct css_rule *old = &sheet->rules.v[i - 1];
		sheet->steps++;
		if (old->element == rule->element && span_eq(old->class, rule->class) && span_eq(old->id, rule->id)) {
			css_lay(&old->css, &rule->css);
			return;
		}
		length++;
	}
	if (length >= CHAIN_MAX || sheet->rules.n >= LIMIT_HTML_STYLE_RULES) {
		sheet->cut = true;
		return;
	}
	struct css_rule *new = vec_push(arena, &sheet->rules);
	*new = *rule;
	new->next = *chain;
	*chain = sheet->rules.n;
}

/* Offset after the '}' that closes the '{' at open. */
static size_t block_end(struct span text, size_t open)
{
	unsigned depth = 0;
	for (size_t i = open; i < text.n; i++)
		if (text.p[i] == '{')
			depth++;
		else if (text.p[i] == '}' && --depth == 0)
			return i + 1;
	return text.n;
}

static size_t skip_blank(struct span text, size_t at)
{
	for (;;) {
		while (at < text.n && (ascii_is_space(text.p[at]) || text.p[at] == '}'))
			at++;
		if (span_starts(span_skip(text, at), SPAN("/*")))
			at = span_find(text, SPAN("*/"), at + 2);
		else if (span_starts(span_skip(text, at), SPAN("<!--")))
			at += 2;
		else if (span_starts(span_skip(text, at), SPAN("-->")))
			at += 1;
		else
			return at;
		if (at == SPAN_NPOS)
			return text.n;
		at += 2;
	}
}

void css_sheet_read(struct css_sheet *sheet, struct span text, struct arena *arena)
{
	if (!sheet->buckets)
		sheet->buckets = arena_zalloc(arena, BUCKETS * sizeof *sheet->buckets);
	sheet->steps += text.n;
	for (size_t at = skip_blank(text, 0); at < text.n; at = skip_blank(text, at)) {
		size_t stop = at;
		while (stop < text.n && text.p[stop] != '{' && !(text.p[at] == '@' && text.p[stop] == ';'))
			stop++;
		if (stop >= text.n)
			return;
		if (text.p[at] == '@') { /* @import, @charset end at ';', @media and @font-face at their block */
			at = text.p[stop] == ';' ? stop + 1 : block_end(text, stop);
			continue;
		}
		size_t close = span_find_byte(text, '}', stop);
		if (close == SPAN_NPOS)
			close = text.n;
		struct css css;
		css_read(span_slice(text, stop + 1, close), &css);
		struct span selectors = span_slice(text, at, stop), one;
		while (css.set & ~(uint32_t)CSS_HAS_URL && span_split(&selectors, ',', &one)) {
			struct css_rule rule;
			if (!read_selector(one, &rule))
				continue;
			rule.css = css;
			add_rule(sheet, &rule, arena);
		}
		at = close < text.n ? close + 1 : text.n;
	}
}

/* Lays the rules of a chain whose selectors fit. */
static void apply_chain(struct css_sheet *sheet, uint32_t chain, enum html_element element, struct span class, struct span id,
			struct css *css)
{
	for (uint32_t i = chain; i; i = sheet->rules.v[i - 1].next) {
		const struct css_rule *rule = &sheet->rules.v[i - 1];
		sheet->steps++;
		if (rule->element && rule->element != element)
			continue;
		if ((rule->class.n && !span_eq(class, rule->class)) || (rule->id.n && !span_eq(rule->id, id)))
			continue;
		css_lay(css, &rule->css);
	}
}

void css_sheet_apply(struct css_sheet *sheet, enum html_element element, struct span class, struct span id, struct css *css)
{
	if (!sheet->rules.n)
		return;
	apply_chain(sheet, sheet->by_element[element], element, span_none, span_none, css);
	class = span_first(class, 1024);
	size_t at = 0;
	for (unsigned n = 0; at < class.n && n < CLASSES_MAX; n++) {
		while (at < class.n && ascii_is_space(class.p[at]))
			at++;
		size_t end = at;
		while (end < class.n && !ascii_is_space(class.p[end]))
			end++;
		if (end > at)
			apply_chain(sheet, sheet->buckets[bucket_of(span_slice(class, at, end))], element, span_slice(class, at, end), id,
				    css);
		at = end;
	}
	if (id.n)
		apply_chain(sheet, sheet->buckets[bucket_of(id)], element, span_none, id, css);
}
