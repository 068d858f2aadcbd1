/* auth/tag_list.c - see tag_list.h */
#include "auth/tag_list.h"
#include "base/ascii.h"
#include "base/err.h"
#include "base/limits.h"

/* tag-name = ALPHA *ALNUMPUNC */
static bool is_name(struct span s)
{
	if (s.n == 0 || !ascii_is_alpha(s.p[0]))
		return false;
	for (size_t i = 1; i < s.n; i++)
		if (!ascii_is_alnum(s.p[i]) && s.p[i] != '_')
			return false;
	return true;
}

/* tval and white space. RFC 8616 adds UTF-8; a control character stands in no value. */
static bool is_value(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((s.p[i] < 0x20 && !ascii_is_space(s.p[i])) || s.p[i] == 0x7f)
			return false;
	return true;
}

static bool has_name(const struct tag_list *tags, struct span name)
{
	for (uint32_t i = 0; i < tags->list.n; i++)
		if (span_eq(tags->list.v[i].name, name))
			return true;
	return false;
}

int tag_list_parse(struct span text, struct arena *arena, struct tag_list *ret)
{
	struct tag_list tags = { 0 };
	struct span rest = text, one;
	while (span_split(&rest, ';', &one)) {
		one = span_trim(one);
		if (one.n == 0 && !rest.p && tags.list.n)
			break; /* a semicolon may end the list */
		size_t equals = span_find_byte(one, '=', 0);
		if (equals == SPAN_NPOS)
			return ERR_SYNTAX;
		struct tag tag = { span_trim(span_first(one, equals)), span_trim(span_skip(one, equals + 1)) };
		if (!is_name(tag.name) || !is_value(tag.value) || has_name(&tags, tag.name))
			return ERR_SYNTAX;
		if (tags.list.n == LIMIT_TAGS)
			return ERR_LIMIT;
		*(struct tag *)vec_push(arena, &tags.list) = tag;
	}
	if (tags.list.n == 0)
		return ERR_SYNTAX;
	*ret = tags;
	return ERR_OK;
}

struct span tag_list_find(const struct tag_list *tags, const char *name)
{
	struct span wanted = span_cstr(name);
	for (uint32_t i = 0; i < tags->list.n; i++)
		if (span_eq(tags->list.v[i].name, wanted))
			return tags->list.v[i].value;
	return span_none;
}

struct span tag_list_compact(const struct tag_list *tags, const char *name, struct arena *arena)
{
	struct span value = tag_list_find(tags, name);
	size_t i = 0, n = 0;
	while (i < value.n && !ascii_is_space(value.p[i]))
		i++;
	if (i == value.n)
		return value;
	uint8_t *compact = arena_alloc(arena, value.n);
	for (i = 0; i < value.n; i++)
		if (!ascii_is_space(value.p[i]))
			compact[n++] = value.p[i];
	return span_of(compact, n);
}
