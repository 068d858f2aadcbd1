/* check/@NAME@.c - TODO: the question this check answers, in one sentence.
 *
 * TODO: what it rests on, when it is silent, and a real-world example. */
#include "check/check.h"

enum { TODO_KIND };
static const struct evidence_def defs[] = {
	[TODO_KIND] = { "@NAME@.todo", GROUP_FORM, 0, 0, "TODO: a sentence for people with a detail: {1}",
			"TODO: why this weight, and when it is wrong." },
};

static void examine(const struct check_view *view, struct evidence_set *set)
{
	(void)view;
	(void)set;
}

const struct check check_@NAME@ = {
	.name = "@NAME@",
	.purpose = "TODO: one sentence for the manual.",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.examine = examine,
};
