/* app/batch.c - see batch.h */
#include "app/batch.h"
#include "app/progress.h"
#include "app/terminal.h"
#include "base/limits.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

/* What one message left behind, waiting for its turn to be written. */
struct result {
	bool ready;
	char *out, *err;
	size_t n_out, cap_out, n_err;
	bool judged, failed;
	enum batch_label label;
	enum verdict_action action;
	uint64_t bytes;
};

struct state {
	const struct batch *batch;
	pthread_mutex_t input_lock; /* input and next_in; taken before lock, never after it */
	struct input input;
	uint64_t next_in;
	pthread_mutex_t lock; /* everything below */
	pthread_cond_t room;
	unsigned waiting;
	bool writing;
	uint64_t next_out;
	struct result results[BATCH_WINDOW];
	struct batch_totals totals;
	struct progress progress;
};

static void *grown(void *old, size_t n)
{
	void *p = realloc(old, n);
	if (!p)
		abort();
	return p;
}

static void judge(struct state *state, struct pipeline *pipeline, struct input_item *item, struct result *result)
{
	struct judgement judgement;
	struct buf out;
	pipeline_judge(pipeline, item->bytes, &judgement);
	judgement.file = item->name;
	judgement.n = item->n;
	judgement.label = item->label;
	buf_init(&out, &pipeline->arena, LIMIT_REPORT_BYTES);
	state->batch->render(state->batch, &judgement, &out);
	if (out.n > result->cap_out)
		result->out = grown(result->out, result->cap_out = out.n * 2);
	if (out.n)
		memcpy(result->out, out.p, out.n);
	result->n_out = out.n;
	result->judged = true;
	result->action = judgement.verdict.action;
	result->bytes = item->bytes.n;
	result->label = !item->label ? BATCH_UNLABELLED : item->label[0] == 'h' ? BATCH_HAM : BATCH_SPAM;
}

static void explain_failure(struct arena *arena, const struct input_item *item, struct result *result)
{
	struct span name = style_safe(item->name, arena);
	char *text = NULL;
	int n = asprintf(&text, "postern: %.*s: %s\n", SPAN_ARG(name), item->error);
	if (n < 0)
		abort();
	result->err = text;
	result->n_err = (size_t)n;
	result->failed = !item->harmless;
}

/* Called by one thread at a time, without the lock. */
static void write_result(struct state *state, struct result *result)
{
	progress_hide(&state->progress, result->err != NULL);
	if (result->err) {
		fflush(stdout); /* so that both come in order when they go to the same place */
		fwrite(result->err, 1, result->n_err, stderr);
		free(result->err);
		result->err = NULL;
		state->totals.failures += result->failed;
	}
	if (result->judged) {
		if (state->batch->between && state->totals.messages)
			fputs(state->batch->between, stdout);
		if (result->n_out)
			fwrite(result->out, 1, result->n_out, stdout);
		state->totals.messages++;
		state->totals.bytes += result->bytes;
		state->totals.by_verdict[result->label][result->action]++;
	}
	result->judged = false;
	result->n_out = 0;
	progress_show(&state->progress, state->totals.messages + state->totals.failures, state->totals.bytes);
}

static void finish(struct state *state, uint64_t number)
{
	pthread_mutex_lock(&state->lock);
	state->results[number % BATCH_WINDOW].ready = true;
	if (!state->writing) {
		state->writing = true;
		struct result *result;
		while ((result = &state->results[state->next_out % BATCH_WINDOW])->ready) {
			pthread_mutex_unlock(&state->lock);
			write_result(state, result);
			pthread_mutex_lock(&state->lock);
			result->ready = false;
			state->next_out++;
			if (state->waiting)
				pthread_cond_broadcast(&state->room);
		}
		state->writing = false;
	}
	pthread_mutex_unlock(&state->lock);
}

/* The next message and its number; false when there is none. */
static bool take(struct state *state, struct input_item *item, uint64_t *ret_number)
{
	pthread_mutex_lock(&state->input_lock);
	pthread_mutex_lock(&state->lock);
	state->waiting++;
	while (state->next_in >= state->next_out + BATCH_WINDOW)
		pthread_cond_wait(&state->room, &state->lock);
	state->waiting--;
	pthread_mutex_unlock(&state->lock);
	bool got = input_next(&state->input, item);
	if (got)
		*ret_number = state->next_in++;
	pthread_mutex_unlock(&state->input_lock);
	return got;
}

static void *work(void *context)
{
	struct state *state = context;
	struct pipeline pipeline;
	struct input_item item;
	uint64_t number;
	pipeline_init(&pipeline, &state->batch->options->pipeline);
	input_item_init(&item);
	while (take(state, &item, &number)) {
		struct result *result = &state->results[number % BATCH_WINDOW];
		input_load(&item);
		if (item.failed)
			explain_failure(&pipeline.arena, &item, result);
		else
			judge(state, &pipeline, &item, result);
		finish(state, number);
	}
	input_item_release(&item);
	pipeline_release(&pipeline);
	return NULL;
}

/* The calling thread is one of the workers. */
static void run_workers(struct state *state, unsigned n)
{
	pthread_t *threads = grown(NULL, n * sizeof *threads);
	unsigned started = 0;
	while (started + 1 < n && pthread_create(&threads[started], NULL, work, state) == 0)
		started++;
	work(state);
	for (unsigned i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	free(threads);
}

static enum exit_status status_of(const struct batch_totals *totals, bool trouble)
{
	uint64_t found = 0;
	for (unsigned label = 0; label < BATCH_LABELS; label++)
		for (unsigned action = VERDICT_MARK; action <= VERDICT_DEFER; action++)
			found += totals->by_verdict[label][action];
	return totals->failures || trouble ? EXIT_TROUBLE : found ? EXIT_FOUND : EXIT_CLEAN;
}

static unsigned cores(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);
	return n < 1 ? 1 : n > 1024 ? 1024 : (unsigned)n;
}

enum exit_status batch_run(const struct batch *batch, struct batch_totals *ret_totals)
{
	struct state *state = calloc(1, sizeof *state);
	const struct options *o = batch->options;
	if (!state)
		abort();
	state->batch = batch;
	pthread_mutex_init(&state->input_lock, NULL);
	pthread_mutex_init(&state->lock, NULL);
	pthread_cond_init(&state->room, NULL);
	pipeline_warm_up();
	input_init(&state->input, o->paths, o->n_paths, o->index);
	progress_begin(&state->progress, o->paths, o->n_paths, o->index);
	run_workers(state, o->threads ? o->threads : cores());
	progress_end(&state->progress);
	input_release(&state->input);
	for (size_t i = 0; i < BATCH_WINDOW; i++)
		free(state->results[i].out);
	*ret_totals = state->totals;
	free(state);
	return status_of(ret_totals, o->pipeline.model_trouble.n > 0);
}

bool batch_has_input(const struct options *options, const char *command)
{
	if (options->n_paths || options->index)
		return true;
	fprintf(stderr, "postern: %s needs something to read: a message, an mbox, a folder, or - for standard input\n", command);
	return false;
}

enum exit_status batch_tell(const struct options *options, const char *command,
			    void (*text)(const struct batch *, const struct judgement *, struct buf *),
			    void (*json)(const struct batch *, const struct judgement *, struct buf *))
{
	struct batch batch = {
		.options = options,
		.style = terminal_style(STDOUT_FILENO),
		.render = options->json ? json : text,
		.between = options->json ? NULL : "\n\n",
	};
	struct batch_totals totals;
	return batch_has_input(options, command) ? batch_run(&batch, &totals) : EXIT_TROUBLE;
}
