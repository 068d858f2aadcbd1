/* app/learner.h - a model in memory or in a file, and how messages are scored with it and taught to it.
 *
 * The pipeline judges and scores a message; the learner teaches what it was. Where the label may arrive long after the message is gone,
 * what learning needs is kept of it as a lesson.
 * A learner that was opened to read may serve the pipelines of any number of threads; one that learns belongs to one thread.
 * Owner: the caller owns the learner and every lesson. */
#ifndef APP_LEARNER_H
#define APP_LEARNER_H

#include "app/pipeline.h"
#include "state/weights.h"

struct learner;
struct lesson; /* features of one message, what the checks said of it, and by what it is known again */

/* Begins empty, or with the shipped prior. 0, ERR_IO. */
int learner_open_memory(bool prior, struct learner **ret_learner);
/* With the file at path: WEIGHTS_READ to judge (there may be no file yet), WEIGHTS_LEARN to learn, which makes it. aside: enum
 * weights_aside. Errors as weights_open; never ERR_NOT_FOUND. */
int learner_open_file(const char *path, enum weights_mode mode, unsigned aside, bool prior, char ret_why[WEIGHTS_WHY_MAX],
		      struct learner **ret_learner);
void learner_close(struct learner *learner); /* NULL is allowed */
/* For pipeline_options: so that judgements rest on it. NULL when there is neither a file nor a prior. */
const struct model *learner_model(const struct learner *learner);
/* For status, merging and syncing; NULL when there is no file. */
struct weights *learner_weights(const struct learner *learner);
/* Of the model. */
size_t learner_bytes(const struct learner *learner);

enum learner_outcome {
	LEARNER_DONE,
	LEARNER_KNOWN,   /* as the same kind: nothing was changed */
	LEARNER_CHANGED, /* as the other kind: that was taken back first */
};

/* After pipeline_judge of the message, whose features are used up. The model must be a file's, open to learn. Errors as weights_begin and
 * weights_teach; learner_weights tells why. */
int learner_teach(struct learner *learner, struct pipeline *pipeline, enum weights_label label, int64_t now,
		  enum learner_outcome *ret_outcome);
/* Takes back what the message taught. Errors as weights_begin and weights_forget. */
int learner_forget(struct learner *learner, const struct message *message, struct weights_taught *ret_taught);

/* What is to be kept of the message that was judged last. */
struct lesson *learner_lesson(const struct pipeline *pipeline);
/* The same as learner_teach of that message, by another process perhaps: the one that reads hostile mail does not write the model. */
int learner_teach_lesson(struct learner *learner, const struct lesson *lesson, enum weights_label label, int64_t now,
			 enum learner_outcome *ret_outcome);
/* Was that message taught, as either kind? Errors as weights_begin. */
int learner_knows_lesson(struct learner *learner, const struct lesson *lesson, bool *ret_known);
/* The same as learner_forget of the message with that fingerprint. */
int learner_forget_id(struct learner *learner, const struct weights_id *id, struct weights_taught *ret_taught);
int learner_forget_lesson(struct learner *learner, const struct lesson *lesson, struct weights_taught *ret_taught);
/* As bytes (base/record.h), some 2 kB for each 10 kB of message. */
void lesson_write(const struct lesson *lesson, struct buf *out);
/* ERR_SYNTAX: damaged; ERR_UNSUPPORTED: of another version of the model. Any bytes are refused or read within linear time and memory. */
int lesson_read(struct span record, struct lesson **ret_lesson);
/* For a learner in memory. */
void learner_learn(struct learner *learner, const struct lesson *lesson, bool spam);
void lesson_free(struct lesson *lesson); /* NULL is allowed */

#endif
