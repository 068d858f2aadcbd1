/* app/learner.c - see learner.h. There is no model yet: the score is the structural verdict's, and nothing is learnt. */
#include "app/learner.h"
#include "base/err.h"

#include <stdlib.h>

struct learner {
	uint64_t lessons; /* learnt */
};

struct lesson {
	double log_odds;
};

int learner_open_memory(bool prior, struct learner **ret)
{
	(void)prior;
	struct learner *learner = calloc(1, sizeof *learner);
	if (!learner)
		return ERR_IO;
	*ret = learner;
	return 0;
}

void learner_close(struct learner *learner) { free(learner); }

size_t learner_bytes(const struct learner *learner) { return sizeof *learner; }

double learner_log_odds(const struct learner *learner, const struct pipeline *pipeline, const struct judgement *judgement)
{
	(void)learner, (void)pipeline;
	return judgement->verdict.score / 1000.0;
}

struct lesson *learner_lesson(struct learner *learner, struct pipeline *pipeline, const struct judgement *judgement)
{
	struct lesson *lesson = malloc(sizeof *lesson);
	if (!lesson)
		abort();
	lesson->log_odds = learner_log_odds(learner, pipeline, judgement);
	return lesson;
}

void learner_learn(struct learner *learner, const struct lesson *lesson, bool spam)
{
	(void)lesson, (void)spam;
	learner->lessons++;
}

void lesson_free(struct lesson *lesson) { free(lesson); }
