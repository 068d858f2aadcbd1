/* tests/bench/learned.c - how fast the model scores and learns, on the stream of all messages with immediate feedback; see bench.h.
 *
 * A score is views, features and model_score, right after the message was judged; a training is what learner_learn does: model_teach and
 * the store, in memory. */
#include "bench.h"

#include "app/learner.h"

#include <stdio.h>
#include <stdlib.h>

static struct learner *learner;
static struct pipeline pipeline;
static struct pipeline_options options;

/* The features of the message judged last, once more; microseconds. */
static uint64_t time_score(const struct judgement *judgement)
{
	struct view_source source = {
		.message = judgement->message, .content = judgement->content, .path = judgement->path, .evidence = &judgement->evidence
	};
	struct views views;
	struct features features;
	struct model_score score;
	uint64_t begin = microseconds();
	views_build(&source, true, &pipeline.arena, &views);
	features_take(&views, FEATURES_ALL, pipeline.thread->scratch, &pipeline.arena, &features);
	model_score(learner_model(learner), &features, pipeline.structural, &score);
	return microseconds() - begin;
}

static uint64_t time_training(bool spam)
{
	struct lesson *lesson = learner_lesson(&pipeline);
	uint64_t begin = microseconds();
	learner_learn(learner, lesson, spam);
	uint64_t took = microseconds() - begin;
	lesson_free(lesson);
	return took;
}

void learned_bench(const struct mail *mails, size_t n)
{
	uint64_t scoring = 0, training = 0;
	if (learner_open_memory(false, &learner) != 0)
		abort();
	settings_defaults(&options.settings);
	options.now = CLOCK_NONE;
	options.model = learner_model(learner);
	pipeline_init(&pipeline, &options);
	for (size_t i = 0; i < n; i++) {
		struct judgement judgement;
		pipeline_judge(&pipeline, span_of(mails[i].bytes, mails[i].n), &judgement);
		scoring += time_score(&judgement);
		training += time_training(mails[i].spam);
	}
	printf("model: %9.0f scores/s %9.0f trainings/s, tables of %.1f MB\n", (double)n * 1e6 / (double)scoring,
	       (double)n * 1e6 / (double)training, (double)learner_bytes(learner) / 1e6);
}

void learned_scan(const struct mail *mail)
{
	struct judgement judgement;
	pipeline_judge(&pipeline, span_of(mail->bytes, mail->n), &judgement);
}

void learned_release(void)
{
	pipeline_release(&pipeline);
	learner_close(learner);
}
