/* state/weights.h - the store under the learned model: a table of int32 cells in a mapped file, changed only by lessons.
 *
 * A lesson adds one number to each of some cells, and is written to a journal (PATH.journal) before it touches them. Addition is modulo
 * 2^32, so a lesson is taken back exactly, in any order. The journal is the truth and the cells are its sum: they can always be rebuilt.
 *
 * Promises:
 * - Readers map the cells read-only, never lock and never wait. They may see a lesson half applied: a score that is half a step on.
 * - Any number of processes may learn: weights_begin takes the lock, and from then to weights_end the cells stand still, so that
 *   reading, scoring and teaching are one step. A process killed at any instant leaves each lesson either in or out; the next
 *   weights_begin ends what it began.
 * - Loss of power: what was taught before the last weights_sync is kept. Of later lessons the newest may be lost, whole lessons and
 *   from the end only. If anything was taught since the last sync, the next weights_open or weights_begin rebuilds the cells from the
 *   journal (some seconds when it is full of large lessons); until then readers may see cells of different age.
 * - The journal keeps the newest lessons (LIMIT_LESSONS_KEPT and up to a quarter more, then it is compacted); older ones stay in the
 *   cells but can no longer be told apart: neither recognised as known nor taken back.
 * - Bytes read back are not trusted: a damaged file or journal is refused with a sentence that says what to do.
 * Does not: know what a cell means, look at the clock, or start threads. The mapped file is in the byte order of its machine.
 *
 * Owner: the caller owns the handle until weights_close. One handle, one thread, one process: open after fork, for the lock belongs
 * to the open file; and who has begun must not begin through a second handle. A reader of a file that was since set aside goes on with
 * that one until it opens again.
 * Failures: 0 or a negative enum err as each function says; weights_why then gives a sentence for the user. */
#ifndef STATE_WEIGHTS_H
#define STATE_WEIGHTS_H

#include "base/err.h"
#include "base/span.h"

struct weights;

enum weights_mode {
	WEIGHTS_READ,
	WEIGHTS_LEARN, /* makes the file when there is none */
};

enum weights_label { WEIGHTS_HAM, WEIGHTS_SPAM };

enum weights_aside {
	WEIGHTS_ASIDE_NEVER = 0,
	WEIGHTS_ASIDE_DAMAGED = 1, /* a damaged file is renamed to PATH.damaged-TIME; what the journal still tells is rebuilt */
	WEIGHTS_ASIDE_FORMAT = 2,  /* a file of another format or size is renamed to PATH.format-TIME, and learning starts anew */
};

struct weights_options {
	enum weights_mode mode;
	uint32_t n_cells; /* 1 to LIMIT_WEIGHTS_CELLS */
	uint32_t format;  /* version of what the cells mean: of the caller's feature extraction */
	uint32_t keep;    /* lessons the journal keeps, fixed when the file is made; 0 means LIMIT_LESSONS_KEPT */
	unsigned aside;   /* enum weights_aside, or-ed; LEARN only */
	int64_t now;      /* Unix seconds, for the names of what is set aside */
};

struct weights_id {
	uint8_t b[16]; /* hash of the message, made by the caller */
};

struct weights_group {
	int32_t by;         /* is added to each of the cells */
	uint32_t n;         /* cells; 0 allowed */
	const uint32_t *at; /* ascending, each once */
};

struct weights_lesson {
	struct weights_id id;
	enum weights_label label;
	int64_t time; /* Unix seconds, kept for the record only */
	uint64_t tag; /* the caller's own */
	const struct weights_group *groups;
	uint32_t n_groups; /* at most LIMIT_LESSON_GROUPS, with LIMIT_LESSON_CELLS cells together; 0 remembers the id alone */
};

/* What is remembered of a message that was taught. */
struct weights_taught {
	enum weights_label label;
	int64_t time;
	uint64_t tag;
};

struct weights_status {
	uint32_t format, n_cells, keep;
	uint64_t spam, ham;     /* lessons in force, older ones than the journal keeps included */
	uint64_t forgotten;     /* lessons ever taken back */
	uint64_t generation;    /* grows with every change: a reader may keep what it computed while this stands still */
	uint64_t records;       /* in the journal: lessons, forgettings, sums of older lessons */
	uint64_t journal_bytes; /* 0 in memory */
	int64_t oldest, newest; /* times of the lessons in the journal; CLOCK_NONE when there is none */
};

enum { WEIGHTS_WHY_MAX = 1024 };

/* ERR_NOT_FOUND: nothing was learned yet (READ). ERR_SYNTAX: damaged. ERR_UNSUPPORTED: sound, but of another format or number of cells.
 * ERR_IO: errno. ERR_USAGE: options out of range. ret_why is written on failure only. */
int weights_open(const char *path, const struct weights_options *options, char ret_why[WEIGHTS_WHY_MAX], struct weights **ret_weights);
/* The same without file or journal, for evaluation: every call works but weights_forget (ERR_UNSUPPORTED) and weights_merge. */
struct weights *weights_open_memory(uint32_t n_cells);
void weights_close(struct weights *w); /* NULL allowed; ends what was begun, syncs nothing */

/* n_cells of them, good until weights_close. Others may be learning: read through weights_cell. */
const int32_t *weights_cells(const struct weights *w);
static inline int32_t weights_cell(const int32_t *cells, uint32_t i) { return __atomic_load_n(&cells[i], __ATOMIC_RELAXED); }

/* Takes the writer's lock (waits for other learners) and ends what a killed process began. ERR_IO; ERR_SYNTAX when the files were damaged
 * or replaced since weights_open: close and open again. */
int weights_begin(struct weights *w);
/* Gives the lock back. */
void weights_end(struct weights *w);

/* Between begin and end: */

/* Was this message taught, and not taken back, as far as the journal goes? */
bool weights_known(struct weights *w, const struct weights_id *id, struct weights_taught *ret_taught);
/* WEIGHTS_KNOWN when the id is known already, whatever its label: nothing is changed then (a changed mind is forget, then teach).
 * ERR_USAGE: cells unsorted or out of range. ERR_LIMIT: too many. ERR_IO: nothing was changed. */
enum { WEIGHTS_KNOWN = 1 };
int weights_teach(struct weights *w, const struct weights_lesson *lesson);
/* Subtracts what the lesson added. ERR_NOT_FOUND: never taught here, or older than the journal keeps. ret_taught may be NULL. */
int weights_forget(struct weights *w, const struct weights_id *id, struct weights_taught *ret_taught);

/* Outside of begin and end: */

struct weights_merged {
	uint64_t lessons, known; /* taken over; known here already */
	uint64_t older;          /* lessons of the other that only its sum still tells of */
	uint64_t ignored_bytes;  /* at the end of its journal: 0 but for a lesson half written, or damage */
};
/* Adds what another file learned: the lessons of its journal (from.journal is all that is read) that are not known here, and the sum of its
 * older ones. Again, or in both directions, it adds what is new only. ERR_UNSUPPORTED: other format, or older lessons that were merged
 * before and have since been compacted, so that they would count twice. ERR_NOT_FOUND, ERR_SYNTAX: no such journal, damaged. Nothing was
 * changed then. ERR_IO: do it again to finish it. */
int weights_merge(struct weights *into, const char *from, struct weights_merged *ret_merged);

/* At any time, in LEARN mode: what was taught so far survives loss of power. Milliseconds on a disk: once a batch, not once a lesson. */
int weights_sync(struct weights *w);
/* At any time. */
void weights_status(const struct weights *w, struct weights_status *ret_status);
/* The sentence of the last failure of this handle. */
const char *weights_why(const struct weights *w);

#endif
