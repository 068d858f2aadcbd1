/* check/learned.c - see learned.h */
#include "check/learned.h"
#include "learn/exact.h"

enum { SPAM, HAM };
static const struct evidence_def defs[] = {
	[SPAM] = { "learned.spam", GROUP_LEARNED, 0, 0, "It is like mail that was spam before",
		   "The weight is the model's own, less what the checks say: see postern-learn(1). It is wrong where mail of a new kind shares "
		   "words and habits with spam." },
	[HAM] = { "learned.ham", GROUP_LEARNED, 0, 0, "It is like mail that was good before",
		  "The weight is the model's own, less what the checks say: see postern-learn(1). It is wrong where spam imitates mail that is "
		  "welcome here." },
};

void learned_add(const struct check_view *view, const struct model_score *score, int32_t structural, struct evidence_set *set)
{
	(void)view;
	int32_t weight = exact_round(score->log_odds * 1000) - structural;
	if (!weight)
		return;
	evidence_add(set, &defs[weight < 0], span_none, span_none, span_none)->weight = weight;
}

static enum check_step step(const struct check_view *view, const struct answers *answers, struct questions *questions,
			    struct evidence_set *set)
{
	(void)view, (void)answers, (void)questions, (void)set;
	return CHECK_DONE;
}

const struct check check_learned = {
	.name = "learned",
	.purpose = "Is it like mail that was spam before, or like mail that was good?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.step = step,
};
