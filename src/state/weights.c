/* state/weights.c - see weights.h; how a kill is survived stands in weights_parts.h. */
#include "state/weights_parts.h"

#include "base/clock.h"
#include "base/limits.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int weights_fail(struct weights *w, int err, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(w->why, sizeof w->why, format, arguments);
	va_end(arguments);
	return err;
}

/* What a killed process did of a record: `done` updates, the last of which may not have reached its cell. */
static uint64_t resume(int32_t *cell, uint64_t intent, uint64_t update)
{
	if (intent >> 32 == update + 1)
		__atomic_store_n(cell, (int32_t)(uint32_t)intent, __ATOMIC_RELEASE);
	return update + 1;
}

static inline void change(int32_t *cell, uint32_t by, uint64_t *intent, uint64_t update)
{
	uint32_t value = (uint32_t)*cell + by;
	__atomic_store_n(intent, (update + 1) << 32 | value, __ATOMIC_RELEASE);
	__atomic_store_n(cell, (int32_t)value, __ATOMIC_RELEASE);
}

/* Cells are scattered over megabytes: each is asked for this many updates before its turn. */
enum { AHEAD = 24 };

static inline void ask_for(const int32_t *cells, const struct weights_group *group, uint32_t i)
{
	if (i < group->n)
		__builtin_prefetch(&cells[group->at[i]], 1);
}

void weights_add(int32_t *cells, const struct weights_group *groups, uint32_t n_groups, int sign, uint64_t *intent)
{
	uint64_t before = *intent, done = before >> 32, update = 0;
	for (uint32_t g = 0; g < n_groups; g++) {
		uint32_t by = sign < 0 ? 0 - (uint32_t)groups[g].by : (uint32_t)groups[g].by, i = 0;
		for (; i < groups[g].n && update < done; i++)
			update = resume(&cells[groups[g].at[i]], before, update);
		for (; i < groups[g].n; i++) {
			ask_for(cells, &groups[g], i + AHEAD);
			change(&cells[groups[g].at[i]], by, intent, update++);
		}
	}
}

static void add_sum(int32_t *cells, const struct weights_sum *sum, uint32_t n_cells, uint64_t *intent)
{
	uint64_t before = *intent, done = before >> 32, i = 0;
	while (i < n_cells && i < done)
		i = resume(&cells[i], before, i);
	for (; i < n_cells; i++)
		if (sum->cells[i])
			change(&cells[i], (uint32_t)sum->cells[i], intent, i);
}

int weights_add_record(const struct weights_record *record, int32_t *cells, uint32_t n_cells, uint64_t *intent, struct arena *arena)
{
	if (record->kind == WEIGHTS_RECORD_SUM) {
		struct weights_sum sum;
		int err = weights_record_sum(record, n_cells, arena, &sum);
		if (err == 0)
			add_sum(cells, &sum, n_cells, intent);
		return err;
	}
	struct weights_group *groups;
	int err = weights_record_groups(record, n_cells, arena, &groups);
	if (err == 0)
		weights_add(cells, groups, record->n_groups, record->kind == WEIGHTS_RECORD_FORGET ? -1 : 1, intent);
	return err;
}

void weights_count(struct weights_state *state, const struct weights_record *record)
{
	state->records++;
	uint64_t *lessons = record->label == WEIGHTS_SPAM ? &state->spam : &state->ham;
	switch (record->kind) {
	case WEIGHTS_RECORD_LESSON:
		++*lessons;
		if (state->oldest == CLOCK_NONE || record->time < state->oldest)
			state->oldest = record->time;
		if (state->newest == CLOCK_NONE || record->time > state->newest)
			state->newest = record->time;
		break;
	case WEIGHTS_RECORD_FORGET:
		--*lessons;
		state->forgotten++;
		break;
	case WEIGHTS_RECORD_SUM: {
		struct weights_sum sum = weights_record_counts(record);
		state->spam += sum.spam;
		state->ham += sum.ham;
		state->forgotten += sum.forgotten;
		break;
	}
	}
}

static void release(struct weights *w)
{
	if (w->map)
		munmap(w->map, w->header->bytes);
	if (w->fd >= 0)
		close(w->fd);
	if (w->journal_fd >= 0)
		close(w->journal_fd);
	w->map = NULL;
	w->fd = w->journal_fd = -1;
	w->sound = false;
}

/* One attempt; holds the lock, if it got so far, until release. */
static int try_open(struct weights *w, const struct weights_options *options)
{
	int err = weights_file_open(w, options);
	if (err < 0 || w->mode == WEIGHTS_READ)
		return err;
	w->sound = true;
	struct weights_id unknown = { { 0 } };
	if (memcmp(w->boot.b, unknown.b, sizeof unknown.b) == 0)
		w->live->index_epoch = 0; /* whether the machine was restarted cannot be known: rebuild now, to be safe */
	return weights_journal_catch_up(w, options->aside, options->now);
}

/* Renames what cannot be used, if the caller wants that: the mapped file alone where the journal can make it again. */
static int set_aside(struct weights *w, const struct weights_options *options, int err)
{
	bool damaged = err == ERR_SYNTAX;
	if (!(options->aside & (damaged ? WEIGHTS_ASIDE_DAMAGED : WEIGHTS_ASIDE_FORMAT)) || w->fd < 0 || w->mode == WEIGHTS_READ)
		return err;
	const char *kind = damaged ? "damaged" : "format";
	bool journal_too = !damaged || w->sound; /* a journal that does not even begin well: nothing can be rebuilt from it */
	err = weights_file_set_aside(w, w->path, kind, options->now);
	if (err == 0 && journal_too)
		err = weights_file_set_aside(w, w->journal_path, kind, options->now);
	return err;
}

int weights_open(const char *path, const struct weights_options *options, char ret_why[WEIGHTS_WHY_MAX], struct weights **ret)
{
	struct weights *w = calloc(1, sizeof *w);
	if (!w || asprintf(&w->path, "%s", path) < 0 || asprintf(&w->journal_path, "%s.journal", path) < 0)
		abort();
	w->mode = options->mode;
	w->fd = w->journal_fd = -1;
	w->boot = weights_file_boot();
	arena_init(&w->arena);
	int err = ERR_USAGE;
	if (options->n_cells == 0 || options->n_cells > LIMIT_WEIGHTS_CELLS || options->keep > LIMIT_LESSONS_KEPT_MAX)
		weights_fail(w, err, "%u weights, %u lessons to keep: out of range.", options->n_cells, options->keep);
	else
		err = try_open(w, options);
	/* First the mapped file may have to go, then its journal. */
	for (int i = 0; i < 2 && (err == ERR_SYNTAX || err == ERR_UNSUPPORTED) && set_aside(w, options, err) == 0; i++) {
		release(w);
		err = try_open(w, options);
	}
	if (err < 0) {
		memcpy(ret_why, w->why, WEIGHTS_WHY_MAX);
		weights_close(w);
		return err;
	}
	if (w->mode == WEIGHTS_LEARN)
		weights_file_unlock(w);
	*ret = w;
	return 0;
}

void weights_close(struct weights *w)
{
	if (!w)
		return;
	if (w->ids)
		weights_memory_release(w);
	else
		release(w);
	arena_release(&w->arena);
	free(w->path);
	free(w->journal_path);
	free(w);
}

const int32_t *weights_cells(const struct weights *w) { return w->cells; }
const char *weights_why(const struct weights *w) { return w->why; }

int weights_begin(struct weights *w)
{
	if (w->mode != WEIGHTS_LEARN || w->held)
		return weights_fail(w, ERR_USAGE, "Not open for learning, or begun already.");
	int err = w->ids ? 0 : weights_file_lock(w);
	if (err == WEIGHTS_FILE_REPLACED)
		return weights_fail(w, ERR_SYNTAX, "%s was replaced while it was open. Start again.", w->path);
	if (err < 0)
		return err;
	err = w->ids ? 0 : weights_journal_catch_up(w, WEIGHTS_ASIDE_NEVER, 0);
	if (err < 0)
		weights_file_unlock(w);
	w->held = err == 0;
	return err;
}

void weights_end(struct weights *w)
{
	if (w->held && !w->ids)
		weights_file_unlock(w);
	w->held = false;
}

/* The offset of the lesson in force of this id; 0 when there is none. */
static uint64_t find(struct weights *w, const struct weights_id *id, struct weights_taught *ret)
{
	struct weights_record record;
	uint64_t offset = weights_index_find(w, id, &record);
	if (offset == 0 || record.kind != WEIGHTS_RECORD_LESSON)
		return 0;
	*ret = (struct weights_taught){ record.label, record.time, record.tag };
	return offset;
}

bool weights_known(struct weights *w, const struct weights_id *id, struct weights_taught *ret)
{
	return w->held && (w->ids ? weights_memory_known(w, id, ret) : find(w, id, ret) != 0);
}

int weights_append(struct weights *w, struct span bytes, const struct weights_group *groups)
{
	int err = weights_compact_due(w) ? weights_compact(w) : 0;
	return err < 0 ? err : weights_journal_append(w, bytes, groups);
}

static int append(struct weights *w, const struct weights_record *head, const struct weights_group *groups, uint32_t n_groups)
{
	struct span bytes;
	int err = weights_record_write(&w->arena, head, groups, n_groups, w->n_cells, &bytes);
	return err < 0 ? weights_fail(w, err, "A lesson with unsorted, too large or too many weights.") : weights_append(w, bytes, groups);
}

int weights_teach(struct weights *w, const struct weights_lesson *lesson)
{
	struct weights_taught taught;
	if (!w->held)
		return weights_fail(w, ERR_USAGE, "Teaching outside of begin and end.");
	if (weights_known(w, &lesson->id, &taught))
		return WEIGHTS_KNOWN;
	struct weights_record head = {
		.kind = WEIGHTS_RECORD_LESSON, .label = lesson->label, .time = lesson->time, .id = lesson->id, .tag = lesson->tag
	};
	if (!w->ids) {
		arena_reset(&w->arena);
		return append(w, &head, lesson->groups, lesson->n_groups);
	}
	int err = weights_record_check(lesson->groups, lesson->n_groups, w->n_cells);
	if (err < 0)
		return weights_fail(w, err, "A lesson with unsorted, too large or too many weights.");
	uint64_t intent = 0;
	weights_add(w->cells, lesson->groups, lesson->n_groups, 1, &intent);
	weights_memory_remember(w, lesson);
	weights_count(&w->now, &head);
	return 0;
}

int weights_forget(struct weights *w, const struct weights_id *id, struct weights_taught *ret)
{
	struct weights_taught taught;
	struct weights_record record;
	struct weights_group *groups;
	if (!w->held)
		return weights_fail(w, ERR_USAGE, "Forgetting outside of begin and end.");
	if (w->ids)
		return weights_fail(w, ERR_UNSUPPORTED, "Lessons in memory cannot be taken back.");
	uint64_t offset = find(w, id, &taught);
	if (!offset)
		return weights_fail(w, ERR_NOT_FOUND,
				    "This message was never taught here, or before the newest %u lessons that can still be taken back.",
				    w->keep);
	arena_reset(&w->arena);
	if (weights_journal_fetch(w, offset, &record) < 0 || weights_record_groups(&record, w->n_cells, &w->arena, &groups) < 0)
		return weights_fail(w, ERR_SYNTAX, "%s is damaged where it tells what this message taught.", w->journal_path);
	record.kind = WEIGHTS_RECORD_FORGET;
	int err = append(w, &record, groups, record.n_groups);
	if (err == 0 && ret)
		*ret = taught;
	return err;
}

int weights_sync(struct weights *w)
{
	bool held = w->held;
	int err = held ? 0 : weights_begin(w);
	if (err < 0 || w->ids)
		return err;
	if (fdatasync(w->journal_fd) < 0) {
		err = weights_fail(w, ERR_IO, "%s cannot be written to disk: %s.", w->journal_path, strerror(errno));
	} else {
		w->now.synced_bytes = w->now.journal_bytes;
		w->now.synced_hash = weights_file_hash(w);
		weights_file_commit(w, &w->now);
	}
	if (!held)
		weights_end(w);
	return err;
}

void weights_status(const struct weights *w, struct weights_status *ret)
{
	struct weights_state state = w->now;
	uint64_t generation = w->now.records;
	if (!w->ids && weights_file_state(w, &state, &generation) < 0)
		state = (struct weights_state){ .oldest = CLOCK_NONE, .newest = CLOCK_NONE };
	*ret = (struct weights_status){
		.format = w->header ? w->header->format : 0,
		.n_cells = w->n_cells,
		.keep = w->keep,
		.spam = state.spam,
		.ham = state.ham,
		.forgotten = state.forgotten,
		.generation = generation,
		.records = state.records,
		.journal_bytes = state.journal_bytes,
		.oldest = state.oldest,
		.newest = state.newest,
	};
}
