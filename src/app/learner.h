/* app/learner.h - a model in memory or in a file, and how messages are scored with it and taught to it.
 *
 * The pipeline judges a message; the learner says what the message scored, and keeps of it what learning needs as a lesson, because the
 * label may arrive long after the message is gone.
 * Owner: the caller owns the learner and every lesson. */
#ifndef APP_LEARNER_H
#define APP_LEARNER_H

#include "app/pipeline.h"

struct learner;
struct lesson; /* features of one message, and its score at the time */

/* Begins empty, or with the shipped prior. 0, ERR_IO. */
int learner_open_memory(bool prior, struct learner **ret_learner);
void learner_close(struct learner *learner); /* NULL is allowed */
/* For pipeline_options: so that judgements rest on it. */
const struct model *learner_model(const struct learner *learner);
/* Of the model. */
size_t learner_bytes(const struct learner *learner);
/* After pipeline_judge of the message: its log-odds in nats, positive for spam; a finer figure than the verdict's thousandths. */
double learner_log_odds(const struct learner *learner, const struct pipeline *pipeline, const struct judgement *judgement);
struct lesson *learner_lesson(struct learner *learner, struct pipeline *pipeline, const struct judgement *judgement);
void learner_learn(struct learner *learner, const struct lesson *lesson, bool spam);
void lesson_free(struct lesson *lesson); /* NULL is allowed */

#endif
