/* verdict/evidence.c - see evidence.h */
#include "verdict/evidence.h"
#include "base/visible.h"

/* A sentence with its details, at most: the template, and three details in which every byte may need an escape. */
enum { SAYS_MAX = 4096 };

static const struct {
	const char *name;
	int32_t cap;
	const char *says;
} groups[] = {
#define GROUP(symbol, name, cap, says) { name, cap, says },
#include "verdict/groups.def"
#undef GROUP
};

/* The template with {1}..{3} replaced. */
static struct span fill(struct arena *arena, struct span template, const struct span details[3])
{
	if (span_find_byte(template, '{', 0) == SPAN_NPOS)
		return template;
	struct buf out;
	buf_init(&out, arena, SAYS_MAX);
	for (size_t at = 0; at < template.n;) {
		size_t brace = span_find_byte(template, '{', at);
		if (brace == SPAN_NPOS)
			brace = template.n;
		buf_put(&out, span_slice(template, at, brace));
		int which = span_at(template, brace + 1) - '1';
		if (which >= 0 && which < 3 && span_at(template, brace + 2) == '}') {
			visible_put(&out, span_trim(details[which]), LIMIT_EVIDENCE_DETAIL);
			at = brace + 3;
		} else {
			buf_put(&out, span_slice(template, brace, brace + 1));
			at = brace + 1;
		}
	}
	return buf_span(&out);
}

static bool has_room(const struct evidence_set *set, const struct evidence_def *def)
{
	unsigned same = 0;
	for (uint32_t i = 0; i < set->list.n; i++)
		same += set->list.v[i].def == def;
	return same < LIMIT_EVIDENCE_SAME && set->list.n < LIMIT_EVIDENCE;
}

struct evidence *evidence_add(struct evidence_set *set, const struct evidence_def *def, struct span detail1, struct span detail2,
			      struct span detail3)
{
	struct evidence *evidence;
	if (has_room(set, def)) {
		evidence = vec_push(set->arena, &set->list);
		evidence->says = fill(set->arena, span_cstr(def->says), (struct span[3]){ detail1, detail2, detail3 });
	} else {
		set->dropped++;
		evidence = &set->scratch;
		memset(evidence, 0, sizeof *evidence);
	}
	evidence->def = def;
	evidence->weight = def->weight;
	return evidence;
}

void evidence_at(struct evidence *evidence, struct place at)
{
	if (evidence->n_at < LIMIT_EVIDENCE_PLACES)
		evidence->at[evidence->n_at++] = at;
}

static const struct evidence_def left_out = {
	"evidence.limit",
	GROUP_LIMIT,
	0,
	EVIDENCE_LIMIT,
	"More of the same was found than is listed and counted: {1} further findings",
	"Said so that it is not silent. It weighs nothing: the findings that are listed already say what the others would.",
};

void evidence_finish(struct evidence_set *set)
{
	if (!set->dropped)
		return;
	struct evidence *evidence = vec_push(set->arena, &set->list);
	memset(evidence, 0, sizeof *evidence);
	evidence->def = &left_out;
	evidence->says = fill(set->arena, span_cstr(left_out.says), (struct span[3]){ arena_printf(set->arena, "%u", set->dropped) });
}

struct unchecked *evidence_unchecked(struct evidence_set *set, const char *check, const char *why, struct span detail)
{
	struct span says = fill(set->arena, span_cstr(why), (struct span[3]){ detail, span_none, span_none });
	for (uint32_t i = 0; i < set->unchecked.n; i++)
		if (span_eq(span_cstr(set->unchecked.v[i].check), span_cstr(check)) && span_eq(set->unchecked.v[i].why, says))
			return &set->unchecked.v[i];
	if (set->unchecked.n >= LIMIT_EVIDENCE)
		return &set->unchecked.v[set->unchecked.n - 1];
	struct unchecked *unchecked = vec_push(set->arena, &set->unchecked);
	unchecked->check = check;
	unchecked->why = says;
	return unchecked;
}

const char *evidence_group_name(enum evidence_group group) { return groups[group].name; }

const char *evidence_group_says(enum evidence_group group) { return groups[group].says; }

int32_t evidence_group_cap(enum evidence_group group) { return groups[group].cap; }
