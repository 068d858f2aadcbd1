/* app/learn.c - `postern learn`: teaches what messages are, takes that back, tells what was learned, adds what another machine learned.
 *
 * One thread: messages teach in the order in which they come, so that the same mail gives the same model. Killed at any instant, each
 * message is learned or not (state/weights.h); learning again goes on where it stopped. */
#include "app/learn.h"
#include "app/command.h"
#include "app/input.h"
#include "app/learn_text.h"
#include "app/model_file.h"
#include "app/progress.h"
#include "app/store_file.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/nearest.h"
#include "report/style.h"

#include <sys/stat.h>

static const char *const label_names[] = { [WEIGHTS_HAM] = "ham", [WEIGHTS_SPAM] = "spam" };

struct run {
	struct options *options;
	struct learner *learner;
	struct store *store; /* where ids are named, or NULL */
	struct pipeline pipeline;
	const enum weights_label *label; /* of all messages; NULL: as the list says */
	struct learn_totals totals;
	struct progress progress;
	uint64_t messages, bytes;
	bool stopped; /* what was learned cannot be written on */
};

static enum exit_status complain(const char *what)
{
	fprintf(stderr, "postern: %s\n", what);
	return EXIT_TROUBLE;
}

static struct span name_of(const struct input_item *item, struct arena *arena)
{
	struct span name = style_safe(item->name, arena);
	return item->n ? arena_printf(arena, "%.*s:%u", SPAN_ARG(name), item->n) : name;
}

static void say(struct run *run, const struct input_item *item, bool mistake, const char *what)
{
	struct span name = name_of(item, &run->pipeline.arena);
	progress_hide(&run->progress, mistake);
	fprintf(mistake ? stderr : stdout, "%s%.*s: %s\n", mistake ? "postern: " : "", SPAN_ARG(name), what);
}

/* The rest would fail alike: said once, and the end of the run. */
static void stop(struct run *run)
{
	progress_hide(&run->progress, true);
	fprintf(stderr, "postern: %s\n", weights_why(learner_weights(run->learner)));
	run->stopped = true;
}

static void teach(struct run *run, const struct input_item *item, enum weights_label label)
{
	struct judgement judgement;
	enum learner_outcome outcome;
	struct learn_totals *t = &run->totals;
	pipeline_judge(&run->pipeline, item->bytes, &judgement);
	if (learner_teach(run->learner, &run->pipeline, label, clock_now(), &outcome) < 0) {
		stop(run);
		return;
	}
	uint64_t *const count[] = { [LEARNER_DONE] = t->done, [LEARNER_KNOWN] = t->known, [LEARNER_CHANGED] = t->changed };
	count[outcome][label]++;
	if (outcome == LEARNER_CHANGED && !run->options->json)
		say(run, item, false,
		    label == WEIGHTS_SPAM ? "was learned as ham before, now as spam" : "was learned as spam before, now as ham");
}

/* What learner_forget and learner_forget_id answered. */
static void forgotten(struct run *run, const struct input_item *item, int err, const struct weights_taught *taught)
{
	if (err == 0) {
		run->totals.done[taught->label]++;
	} else if (err == ERR_NOT_FOUND) {
		run->totals.never++;
		say(run, item, true, weights_why(learner_weights(run->learner)));
	} else {
		stop(run);
	}
}

static void forget(struct run *run, const struct input_item *item)
{
	struct weights_taught taught;
	struct pipeline *p = &run->pipeline;
	arena_reset(&p->arena);
	message_parse(item->bytes, &p->arena, &p->message);
	forgotten(run, item, learner_forget(run->learner, &p->message, &taught), &taught);
}

static void take(struct run *run, const struct input_item *item)
{
	if (item->failed) {
		arena_reset(&run->pipeline.arena);
		say(run, item, true, item->error);
		run->totals.failures += !item->harmless;
		return;
	}
	if (run->totals.forget)
		forget(run, item);
	else
		teach(run, item, run->label ? *run->label : item->label[0] == 's' ? WEIGHTS_SPAM : WEIGHTS_HAM);
	run->messages++;
	run->bytes += item->bytes.n;
}

/* A kept case: its message from the ring teaches what the message itself would; to forget it, its fingerprint is enough. */
static void take_case(struct run *run, struct input_item *item, struct span id, struct arena *arena)
{
	struct store_case found;
	struct weights_taught taught;
	struct weights_id fingerprint;
	item->failed = item->harmless = false;
	if (store_find(run->store, id, span_none, arena, &found) < 0) {
		item->failed = true;
		snprintf(item->error, sizeof item->error, "no such case is kept");
	} else if (run->totals.forget) {
		memcpy(fingerprint.b, found.casefile.fingerprint, sizeof fingerprint.b);
		forgotten(run, item, learner_forget_id(run->learner, &fingerprint, &taught), &taught);
	} else if (store_content(run->store, id, arena, &item->bytes) < 0) {
		item->failed = true;
		snprintf(item->error, sizeof item->error, "its message is unavailable: it is no longer kept (content_days, content_bytes)");
	}
	if (item->failed || !run->totals.forget)
		take(run, item);
	enum store_learned as = run->totals.forget            ? STORE_NOT_LEARNED
				: *run->label == WEIGHTS_SPAM ? STORE_LEARNED_SPAM
							      : STORE_LEARNED_HAM;
	if (!item->failed && !run->stopped && store_mark_learned(run->store, id, as, clock_now()) < 0)
		say(run, item, true, store_why(run->store));
}

static void take_cases(struct run *run, char **ids, size_t n)
{
	struct arena arena;
	arena_init(&arena);
	pipeline_warm_up();
	pipeline_init(&run->pipeline, &run->options->pipeline);
	for (size_t i = 0; i < n && !run->stopped; i++) {
		char id[CASEFILE_ID];
		struct input_item item = { .name = span_cstr(ids[i]), .fd = -1 };
		arena_reset(&arena);
		take_case(run, &item, span_of(id, store_file_is_id(ids[i], id) ? sizeof id : 0), &arena);
	}
	pipeline_release(&run->pipeline);
	arena_release(&arena);
}

static void take_all(struct run *run, char **paths, size_t n_paths)
{
	struct input input;
	struct input_item item;
	const char *index = run->options->index;
	pipeline_warm_up();
	pipeline_init(&run->pipeline, &run->options->pipeline);
	input_init(&input, paths, n_paths, index);
	input_item_init(&item);
	progress_begin(&run->progress, paths, n_paths, index);
	while (!run->stopped && input_next(&input, &item)) {
		input_load(&item);
		take(run, &item);
		progress_show(&run->progress, run->messages + run->totals.failures, run->bytes);
	}
	progress_end(&run->progress);
	input_item_release(&item);
	input_release(&input);
	pipeline_release(&run->pipeline);
}

static void print(const struct buf *out) { fwrite(out->p, 1, out->n, stdout); }

static void tell(struct run *run)
{
	struct options *o = run->options;
	struct weights_status now;
	struct buf out;
	buf_init(&out, &o->arena, LIMIT_REPORT_BYTES);
	(o->json ? learn_json_totals : learn_text_totals)(&run->totals, &out);
	weights_status(learner_weights(run->learner), &now);
	if (!o->json && !run->totals.forget && !now.spam != !now.ham)
		buf_printf(&out, "No %s was learned so far: until then what was learned does not count.\n",
			   label_names[now.spam ? WEIGHTS_HAM : WEIGHTS_SPAM]);
	print(&out);
}

/* What the messages teach, or taught; 1 when something to forget had not been learned. */
static enum exit_status run_messages(struct options *o, const enum weights_label *label, bool takes_back, char **paths, size_t n_paths)
{
	struct run run = { .options = o, .label = label, .totals.forget = takes_back };
	char id[CASEFILE_ID];
	bool cases = n_paths && (label || takes_back) && store_file_is_id(paths[0], id);
	if (cases && !(run.store = store_file_open(o, STORE_WRITE)))
		return EXIT_TROUBLE;
	run.learner = model_file_learn(o);
	if (!run.learner) {
		store_close(run.store);
		return EXIT_TROUBLE;
	}
	if (cases)
		take_cases(&run, paths, n_paths);
	else
		take_all(&run, paths, n_paths);
	if (!run.stopped && weights_sync(learner_weights(run.learner)) < 0)
		stop(&run);
	tell(&run);
	learner_close(run.learner);
	store_close(run.store);
	return run.stopped || run.totals.failures ? EXIT_TROUBLE : run.totals.never ? EXIT_FOUND : EXIT_CLEAN;
}

enum exit_status learn_cases(struct options *o, enum weights_label label, char **ids, size_t n)
{
	return run_messages(o, &label, false, ids, n);
}

static enum exit_status status(struct options *o)
{
	struct learn_status status = { .path = model_file_path(o),
				       .prior = o->pipeline.settings.shipped_prior,
				       .reject_loss = o->pipeline.settings.reject_loss / 1e5,
				       .weights = { .oldest = CLOCK_NONE, .newest = CLOCK_NONE } };
	struct learner *learner;
	struct stat file;
	struct buf out;
	char why[WEIGHTS_WHY_MAX];
	if (learner_open_file(status.path, WEIGHTS_READ, WEIGHTS_ASIDE_NEVER, status.prior, why, &learner) < 0)
		return complain(why);
	if (learner_weights(learner) && stat(status.path, &file) == 0) {
		weights_status(learner_weights(learner), &status.weights);
		status.bytes = (uint64_t)file.st_size;
		status.bound = bound_find(learner_model(learner)->cells + MODEL_BOUND, o->pipeline.settings.reject, status.reject_loss);
	}
	learner_close(learner);
	buf_init(&out, &o->arena, LIMIT_REPORT_BYTES);
	(o->json ? learn_json_status : learn_text_status)(&status, &out);
	print(&out);
	return EXIT_CLEAN;
}

static enum exit_status merge(struct options *o, const char *from)
{
	struct learner *learner = model_file_learn(o);
	struct weights_merged merged;
	struct buf out;
	if (!learner)
		return EXIT_TROUBLE;
	struct weights *weights = learner_weights(learner);
	int err = weights_merge(weights, from, &merged);
	if (err == 0)
		err = weights_sync(weights);
	if (err < 0) {
		complain(weights_why(weights));
	} else {
		buf_init(&out, &o->arena, LIMIT_REPORT_BYTES);
		(o->json ? learn_json_merged : learn_text_merged)(&merged, &out);
		print(&out);
		if (merged.ignored_bytes)
			fprintf(stderr, "postern: %s.journal: its last %llu bytes cannot be read and were left out\n", from,
				(unsigned long long)merged.ignored_bytes);
	}
	learner_close(learner);
	return err < 0 ? EXIT_TROUBLE : EXIT_CLEAN;
}

enum verb { VERB_SPAM, VERB_HAM, VERB_FORGET, VERB_STATUS, VERB_MERGE, VERBS };
static const char *const verbs[] = {
	[VERB_SPAM] = "spam", [VERB_HAM] = "ham", [VERB_FORGET] = "forget", [VERB_STATUS] = "status", [VERB_MERGE] = "merge",
};

static enum exit_status no_verb(const char *word)
{
	const char *near = word ? nearest_word(span_cstr(word), &verbs[0], sizeof *verbs, VERBS) : NULL;
	if (!near)
		return complain("learn needs to know what to do first: spam, ham, forget, status or merge, or a list: --index FILE");
	fprintf(stderr, "postern: learn cannot %s; did you mean `postern learn %s`?\n", word, near);
	return EXIT_TROUBLE;
}

static enum exit_status run_verb(struct options *o, enum verb verb, char **paths, size_t n_paths)
{
	static const enum weights_label labels[] = { [VERB_SPAM] = WEIGHTS_SPAM, [VERB_HAM] = WEIGHTS_HAM };
	bool messages = verb == VERB_SPAM || verb == VERB_HAM || verb == VERB_FORGET;
	if (o->index && verb != VERB_FORGET)
		return complain("a list tells itself what is spam and what is ham: postern learn --index FILE");
	if (messages && !n_paths && !o->index)
		return complain("learn needs something to read: a message, an mbox, a folder, or - for standard input");
	if (verb == VERB_MERGE && n_paths != 1)
		return complain("learn merge needs one file that another postern learned");
	if (verb == VERB_STATUS && n_paths)
		return complain("learn status takes no messages");
	switch (verb) {
	case VERB_STATUS: return status(o);
	case VERB_MERGE: return merge(o, paths[0]);
	case VERB_FORGET: return run_messages(o, NULL, true, paths, n_paths);
	default: return run_messages(o, &labels[verb], false, paths, n_paths);
	}
}

enum exit_status learn_run(struct options *o)
{
	if (!o->n_paths)
		return o->index ? run_messages(o, NULL, false, NULL, 0) : no_verb(NULL);
	for (unsigned verb = 0; verb < VERBS; verb++)
		if (strcmp(o->paths[0], verbs[verb]) == 0)
			return run_verb(o, verb, o->paths + 1, o->n_paths - 1);
	return no_verb(o->paths[0]);
}
