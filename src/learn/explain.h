/* learn/explain.h - what of a message moved its score: words, links, facts of the header, each as it stands in the message.
 *
 * The score is a sum over features (model_shares), and each feature was first met somewhere. So what the features of a word, a field or a
 * link add is what that word, field or link moved; neighbouring words that moved it the same way are told together. Nothing is estimated
 * but the bounds between neighbours.
 * Preferred is what a person can check with his own eyes: words, subject, sender, links. The recipient's own name is a last resort: it
 * does speak, but says nothing to him.
 * Does not: know English sentences beyond a name for each fact. Promises: linear, one arena. */
#ifndef LEARN_EXPLAIN_H
#define LEARN_EXPLAIN_H

#include "learn/model.h"

enum { EXPLAIN_FACTS = 4 }; /* of each direction */

struct explain_fact {
	double nats;       /* what it added to the log-odds */
	const char *name;  /* "its subject", to stand before the quote; empty for words of the text, which speak for themselves */
	struct span quote; /* as it stands in the message: not safe to show yet */
	struct place at;
	double telling; /* nats, less where it means little to a person */
};

/* The most telling first. */
struct explain_list {
	struct explain_fact fact[EXPLAIN_FACTS];
	uint32_t n;
};

struct explanation {
	struct explain_list spam, ham; /* what moved the score toward spam, and toward good mail */
};

struct explain_source {
	const struct view_source *message;
	const struct views *views;
	const struct features *features;
	const struct model *model;
	const struct model_score *score;
};

void explain_score(const struct explain_source *source, struct arena *arena, struct explanation *ret_explanation);

#endif
