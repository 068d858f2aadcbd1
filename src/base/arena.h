/* base/arena.h - memory that lives as long as one message and is given back in one stroke.
 *
 * Promises: arena_alloc never returns NULL (out of memory ends the process: a worker is replaced);
 * memory is aligned to 16 bytes and not cleared; after arena_reset the same chunks are used again, so a
 * worker in steady state allocates nothing from the system. How much a hostile message can make us take
 * is bounded by the limits of base/limits.h, which every caller observes, not by the arena.
 * Does not: free single objects, or run destructors. Not thread-safe: one arena, one thread.
 * Owner: whoever called arena_init; everything allocated dies at arena_reset or arena_release. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/span.h"

struct arena_chunk;

struct arena {
	struct arena_chunk *first, *current;
	uint8_t *next, *end; /* free bytes of the current chunk */
	size_t taken;        /* bytes handed out since the last reset */
	size_t peak;         /* most ever handed out between two resets */
	size_t system_calls; /* chunks ever asked of the system: the benchmark's allocation count */
	bool small;
};

void arena_init(struct arena *arena);
/* For something of which there are many at a time, each with little to remember: begins with 2 kB, and each chunk is twice the one before.
 */
void arena_init_small(struct arena *arena);
void arena_release(struct arena *arena);
/* Everything allocated so far is gone; chunks are kept for reuse, up to LIMIT_ARENA_KEEP bytes. */
void arena_reset(struct arena *arena);

void *arena_alloc(struct arena *arena, size_t n);
void *arena_zalloc(struct arena *arena, size_t n);
/* Grows the newest allocation in place where it can, else copies. old may be NULL with old_n 0. */
void *arena_grow(struct arena *arena, void *old, size_t old_n, size_t new_n);
/* A copy of the bytes. */
struct span arena_dup(struct arena *arena, struct span s);
/* A copy with ASCII letters in lower case; span_none stays what it is. */
struct span arena_lower(struct arena *arena, struct span s);
/* printf into the arena; the result is followed by a NUL that its length does not count. */
struct span arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The spans one behind the other; what a printf of nothing but %.*s would make, at a tenth of its cost. */
#define arena_join(arena, ...)                                                                                                             \
	arena_join_((arena), (const struct span[]){ __VA_ARGS__ }, sizeof((const struct span[]){ __VA_ARGS__ }) / sizeof(struct span))
struct span arena_join_(struct arena *arena, const struct span *parts, size_t n);

#define arena_new(arena, type) ((type *)arena_zalloc((arena), sizeof(type)))

#endif
