/* verdict/evidence.c - see evidence.h */
#include "verdict/evidence.h"

static const struct {
	const char *name;
	int32_t cap;
	const char *says;
} groups[] = {
#define GROUP(symbol, name, cap, says) { name, cap, says },
#include "verdict/groups.def"
#undef GROUP
};
struct evidence *evidence_add(struct evidence_set *set, const struct evidence_def *def, struct span detail1, struct span detail2, struct span detail3)
{
	(void)detail1; (void)detail2; (void)detail3;
	struct evidence *evidence = vec_push(set->arena, &set->list);
	evidence->def = def;
	evidence->weight = def->weight;
	evidence->says = span_cstr(def->says);
	return evidence;
}
void evidence_at(struct evidence *evidence, struct place at)
{
	if (evidence->n_at < LIMIT_EVIDENCE_PLACES)
		evidence->at[evidence->n_at++] = at;
}
void evidence_unchecked(struct evidence_set *set, const char *check, const char *why, struct span detail)
{
	(void)detail;
	struct unchecked *u = vec_push(set->arena, &set->unchecked);
	u->check = check;
	u->why = span_cstr(why);
}
const char *evidence_group_name(enum evidence_group group) { return groups[group].name; }
const char *evidence_group_says(enum evidence_group group) { return groups[group].says; }
int32_t evidence_group_cap(enum evidence_group group) { return groups[group].cap; }
