/* app/evaluate.c - `postern evaluate`: judges labelled mail in order, each message before it may learn from it, and measures how well.
 *
 * One thread: what a message scores depends on all that was learnt before it. */
#include "app/command.h"
#include "app/evaluate_text.h"
#include "app/input.h"
#include "app/learner.h"
#include "app/progress.h"
#include "app/run_file.h"
#include "base/err.h"
#include "base/limits.h"
#include "learn/label_leaks.h"
#include "report/style.h"

#include <errno.h>
#include <math.h>
#include <sys/resource.h>

/* The way through one list; run and out are NULL where nothing is measured. */
struct walk {
	struct learner *learner;
	struct pipeline_options options;
	struct pipeline pipeline;
	struct arena stripped; /* the message without what betrays its label */
	struct feedback_queue queue;
	struct run *run;
	FILE *out;
	struct progress progress;
	uint64_t messages, failures, bytes;
};

static bool complain(const char *what, const char *why)
{
	fprintf(stderr, "postern: %s: %s\n", what, why);
	return false;
}

static void say_failure(struct walk *walk, const struct input_item *item)
{
	arena_reset(&walk->stripped);
	struct span name = style_safe(item->name, &walk->stripped);
	progress_hide(&walk->progress, true);
	fprintf(stderr, "postern: %.*s: %s\n", SPAN_ARG(name), item->error);
	walk->failures++;
}

static void judge_and_learn(struct walk *walk, const struct input_item *item)
{
	struct judgement judgement;
	struct feedback_item due;
	bool spam = item->label[0] == 's';
	arena_reset(&walk->stripped);
	pipeline_judge(&walk->pipeline, label_leaks_cut(item->bytes, &walk->stripped), &judgement);
	if (walk->run) {
		double score = run_score(walk->pipeline.score.log_odds);
		run_add(walk->run, score, spam, (int)judgement.verdict.action);
		if (walk->out)
			run_write(walk->out, score, spam);
	}
	if (feedback_wants(&walk->queue))
		feedback_put(&walk->queue, learner_lesson(&walk->pipeline), spam);
	while (feedback_take(&walk->queue, &due)) {
		learner_learn(walk->learner, due.lesson, due.spam);
		lesson_free(due.lesson);
	}
	walk->messages++;
	walk->bytes += item->bytes.n;
}

static void walk_index(struct walk *walk, const struct options *o, const char *index, const struct feedback *feedback)
{
	struct input input;
	struct input_item item;
	walk->options = o->pipeline;
	walk->options.model = learner_model(walk->learner);
	pipeline_init(&walk->pipeline, &walk->options);
	arena_init(&walk->stripped);
	feedback_init(&walk->queue, feedback);
	input_init(&input, NULL, 0, index);
	input_item_init(&item);
	progress_begin(&walk->progress, NULL, 0, index);
	while (input_next(&input, &item)) {
		input_load(&item);
		if (item.failed)
			say_failure(walk, &item);
		else
			judge_and_learn(walk, &item);
		progress_show(&walk->progress, walk->messages + walk->failures, walk->bytes);
	}
	progress_end(&walk->progress);
	input_item_release(&item);
	input_release(&input);
	feedback_release(&walk->queue);
	arena_release(&walk->stripped);
	pipeline_release(&walk->pipeline);
}

static size_t peak_bytes(void)
{
	struct rusage usage;
	return getrusage(RUSAGE_SELF, &usage) == 0 ? (size_t)usage.ru_maxrss * 1024 : 0;
}

/* Learns --train, then judges --index into run; what cannot be read is said and counted. */
static void walk_all(const struct options *o, struct learner *learner, FILE *out, struct run *run, struct evaluate_report *report)
{
	static const struct feedback immediate = { FEEDBACK_IMMEDIATE, 0 };
	struct walk training = { .learner = learner }, walk = { .learner = learner, .run = run, .out = out };
	pipeline_warm_up();
	if (o->evaluate.train)
		walk_index(&training, o, o->evaluate.train, &immediate);
	uint64_t begin = clock_microseconds();
	walk_index(&walk, o, o->index, &o->evaluate.feedback);
	report->microseconds = clock_microseconds() - begin;
	report->messages = walk.messages;
	report->failures = walk.failures + training.failures;
	report->peak_bytes = peak_bytes();
	report->model_bytes = learner_bytes(learner);
}

static bool judge_index(const struct options *o, struct run *run, struct evaluate_report *report)
{
	struct learner *learner;
	FILE *out = o->evaluate.out ? fopen(o->evaluate.out, "we") : NULL;
	if (o->evaluate.out && !out)
		return complain(o->evaluate.out, strerror(errno));
	int err = learner_open_memory(o->evaluate.prior, &learner);
	if (err == 0) {
		walk_all(o, learner, out, run, report);
		learner_close(learner);
	}
	bool written = !out || !ferror(out);
	if (out && (fclose(out) != 0 || !written))
		return complain(o->evaluate.out, "the scores could not be written");
	return err == 0 || complain("evaluate", "there is no memory for a model");
}

static bool read_scores(const struct options *o, struct run *run, struct arena *arena)
{
	struct span error;
	if (run_read(o->evaluate.scores, run, arena, &error) != 0) {
		fprintf(stderr, "postern: %.*s\n", SPAN_ARG(error));
		return false;
	}
	/* What these scores would mean here. */
	const struct settings *s = &o->pipeline.settings;
	struct verdict_thresholds thresholds = { s->prior, s->mark, s->quarantine, s->reject, false };
	for (size_t i = 0; i < run->n; i++) {
		double thousandths = fmin(fmax(floor(rint(run->v[i].log_odds * 1e6) / 1000), INT32_MIN), INT32_MAX);
		run->v[i].action = (int8_t)verdict_action_at((int64_t)thousandths, &thresholds);
	}
	return true;
}

static bool well_used(const struct options *o)
{
	bool walks =
	    o->index || o->evaluate.train || o->evaluate.out || o->evaluate.prior || o->evaluate.feedback.kind != FEEDBACK_IMMEDIATE;
	if (o->n_paths)
		return complain(o->paths[0], "evaluate takes no messages, but a list of them with their labels: --index FILE");
	if (o->evaluate.scores && walks)
		return complain("evaluate", "--scores measures a run that was made already; nothing is judged or learnt with it");
	if (!o->evaluate.scores && !o->index)
		return complain("evaluate", "needs --index FILE, a list of messages with their labels, or --scores FILE, a run to measure");
	return true;
}

static bool print(const struct evaluate_report *report, const struct run *run, struct arena *arena)
{
	const struct options *o = report->options;
	struct evaluate_report full = *report;
	struct evaluation evaluation;
	struct buf out;
	if (run->n == 0)
		return complain(o->index ? o->index : o->evaluate.scores, "no message, so there is nothing to measure");
	if (evaluation_measure(run->v, run->n, o->pipeline.settings.mark / 1000.0, &evaluation) != 0)
		return complain("evaluate", "there are more messages than can be measured, or too little memory");
	full.evaluation = &evaluation;
	buf_init(&out, arena, LIMIT_REPORT_BYTES);
	if (o->json)
		evaluate_json(&full, &out);
	else
		evaluate_text(&full, &out);
	fwrite(out.p, 1, out.n, stdout);
	return true;
}

enum exit_status evaluate_run(struct options *o)
{
	struct run run = { 0 };
	struct evaluate_report report = { .options = o };
	bool ok = well_used(o) && (o->evaluate.scores ? read_scores(o, &run, &o->arena) : judge_index(o, &run, &report)) &&
		  print(&report, &run, &o->arena);
	run_release(&run);
	return ok && report.failures == 0 ? EXIT_CLEAN : EXIT_TROUBLE;
}
