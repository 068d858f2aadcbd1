/* tests/taught.h - a pipeline with a model that was taught a few messages, for tests of what it then says. */
#ifndef TESTS_TAUGHT_H
#define TESTS_TAUGHT_H

#include "app/learner.h"
#include "tests/test.h"

struct taught {
	struct learner *learner;
	struct pipeline_options options;
	struct pipeline pipeline;
	struct judgement judgement;
};

static inline void taught_begin(struct taught *t)
{
	*t = (struct taught){ .options.now = CLOCK_NONE };
	assert_int_equal(learner_open_memory(false, &t->learner), 0);
	settings_defaults(&t->options.settings);
	t->options.model = learner_model(t->learner);
	t->options.explain = EXPLAIN_ALWAYS;
	pipeline_init(&t->pipeline, &t->options);
}

static inline void taught_end(struct taught *t)
{
	pipeline_release(&t->pipeline);
	learner_close(t->learner);
}

static inline void taught_learn(struct taught *t, struct span message, bool spam)
{
	pipeline_judge(&t->pipeline, message, &t->judgement);
	struct lesson *lesson = learner_lesson(&t->pipeline);
	learner_learn(t->learner, lesson, spam);
	lesson_free(lesson);
}

/* Good and bad in turn, times times. */
static inline void taught_learn_both(struct taught *t, const char *good, const char *bad, unsigned times)
{
	for (unsigned i = 0; i < times; i++) {
		taught_learn(t, span_cstr(good), false);
		taught_learn(t, span_cstr(bad), true);
	}
}

#endif
