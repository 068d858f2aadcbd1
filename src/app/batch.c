/* app/batch.c - see batch.h */
#include "app/batch.h"
#include "app/progress.h"
#include "app/terminal.h"
#include "base/limits.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum { FLIGHT_KEEPS = 512 * 1024, FILES_WANTED = 16384 };

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
	pthread_mutex_t input_lock; /* input and next_in; nobody waits for room who holds it */
	struct input input;
	uint64_t next_in;
	pthread_mutex_t lock; /* everything below */
	pthread_cond_t room;
	unsigned waiting;
	bool writing;
	uint64_t promised; /* places of the window, to those who take or are about to */
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

/* A message that is judged; while it waits for answers others are. */
struct flight {
	struct pipeline pipeline; /* first: the way back from the asker */
	struct input_item item;
	uint64_t number;
	size_t bytes; /* counted in worker.bytes */
	struct flight *next;
};

/* One thread. */
struct worker {
	struct state *state;
	struct pipeline_thread thread;
	struct flight *idle;
	unsigned waiting;
	size_t bytes; /* of the messages that wait, with what is known of them */
};

static void take_judgement(struct state *state, struct flight *flight, struct result *result)
{
	const struct input_item *item = &flight->item;
	struct judgement judgement;
	struct buf out;
	pipeline_finish(&flight->pipeline, &judgement);
	judgement.file = item->name;
	judgement.n = item->n;
	judgement.label = item->label;
	if (state->batch->keep)
		keep_message(state->batch->keep, &flight->pipeline, &judgement);
	buf_init(&out, &flight->pipeline.arena, LIMIT_REPORT_BYTES);
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

/* A place for one more result; false: there is none, and who has messages waiting must look after them first. */
static bool promise_room(struct state *state, bool may_wait)
{
	pthread_mutex_lock(&state->lock);
	state->waiting++;
	while (may_wait && state->promised >= state->next_out + BATCH_WINDOW)
		pthread_cond_wait(&state->room, &state->lock);
	state->waiting--;
	bool room = state->promised < state->next_out + BATCH_WINDOW;
	state->promised += room;
	pthread_mutex_unlock(&state->lock);
	return room;
}

/* The next message and its number; false when there is none. Its place was promised. */
static bool take(struct state *state, struct input_item *item, uint64_t *ret_number)
{
	pthread_mutex_lock(&state->input_lock);
	bool got = input_next(&state->input, item);
	if (got)
		*ret_number = state->next_in++;
	pthread_mutex_unlock(&state->input_lock);
	return got;
}

static struct flight *idle_flight(struct worker *worker)
{
	struct flight *flight = worker->idle;
	if (flight) {
		worker->idle = flight->next;
		return flight;
	}
	flight = grown(NULL, sizeof *flight);
	pipeline_init_in(&flight->pipeline, &worker->thread);
	input_item_init(&flight->item);
	return flight;
}

static void free_flight(struct flight *flight)
{
	input_item_release(&flight->item);
	pipeline_release(&flight->pipeline);
	free(flight);
}

/* The last one keeps its memory, as one that is alone does; of a thousand, those that hold much are given back. */
static void rest(struct worker *worker, struct flight *flight)
{
	if (worker->idle && flight->pipeline.arena.taken + flight->item.cap > FLIGHT_KEEPS) {
		free_flight(flight);
		return;
	}
	flight->next = worker->idle;
	worker->idle = flight;
}

static struct result *result_of(struct state *state, const struct flight *flight) { return &state->results[flight->number % BATCH_WINDOW]; }

static void land(struct worker *worker, struct flight *flight)
{
	take_judgement(worker->state, flight, result_of(worker->state, flight));
	finish(worker->state, flight->number);
	rest(worker, flight);
}

static void start(struct worker *worker, struct flight *flight)
{
	input_load(&flight->item);
	if (flight->item.failed) {
		explain_failure(&flight->pipeline.arena, &flight->item, result_of(worker->state, flight));
		finish(worker->state, flight->number);
		rest(worker, flight);
	} else if (pipeline_begin(&flight->pipeline, flight->item.bytes) == PIPELINE_DONE) {
		land(worker, flight);
	} else {
		flight->bytes = flight->pipeline.arena.taken + flight->item.cap;
		worker->bytes += flight->bytes;
		worker->waiting++;
	}
}

static void go_on(struct worker *worker, struct asker_round *round)
{
	struct flight *flight = round->context;
	if (pipeline_continue(&flight->pipeline) == PIPELINE_WAITING)
		return;
	worker->waiting--;
	worker->bytes -= flight->bytes;
	land(worker, flight);
}

/* Begins one more message, unless enough are waiting; false when nothing was begun. */
static bool begin_another(struct worker *worker, bool *more)
{
	if (!*more || worker->waiting >= LIMIT_FLIGHTS || worker->bytes >= LIMIT_FLIGHT_BYTES ||
	    !promise_room(worker->state, worker->waiting == 0))
		return false;
	struct flight *flight = idle_flight(worker);
	*more = take(worker->state, &flight->item, &flight->number);
	if (*more)
		start(worker, flight);
	else
		rest(worker, flight);
	return *more;
}

/* As long as there is something to begin, answers are only looked for in passing. */
static void *work(void *context)
{
	struct worker worker = { .state = context };
	bool more = true;
	pipeline_thread_init(&worker.thread, &worker.state->batch->options->pipeline);
	for (;;) {
		bool begun = begin_another(&worker, &more);
		struct asker_round *round = NULL;
		if (worker.waiting)
			round = begun ? asker_poll(worker.thread.asker) : asker_wait(worker.thread.asker);
		if (round)
			go_on(&worker, round);
		else if (!begun && !more)
			break;
	}
	while (worker.idle) {
		struct flight *flight = worker.idle;
		worker.idle = flight->next;
		free_flight(flight);
	}
	pipeline_thread_release(&worker.thread);
	return NULL;
}

/* Each message that waits for an answer has a socket, and its file before that. */
static void allow_many_sockets(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= FILES_WANTED)
		return;
	limit.rlim_cur = limit.rlim_max < FILES_WANTED ? limit.rlim_max : FILES_WANTED;
	setrlimit(RLIMIT_NOFILE, &limit);
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
	allow_many_sockets();
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
