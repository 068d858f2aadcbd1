/* base/arena.c - see arena.h */
#include "base/arena.h"
#include "base/ascii.h"
#include "base/limits.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#define POISON(p, n) ASAN_POISON_MEMORY_REGION((p), (n))
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION((p), (n))
#define RED_ZONE 16 /* an overrun of one object is then seen, not written into the next */
#else
#define POISON(p, n) ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#define RED_ZONE 0
#endif

enum { ALIGN = 16, CHUNK_BYTES = 256 * 1024, SMALL_BYTES = 2048 - 3 * sizeof(size_t) }; /* with its heads, 2 kB of the heap */

struct arena_chunk {
	struct arena_chunk *next;
	size_t n;
	_Alignas(ALIGN) uint8_t bytes[];
};

static struct arena_chunk *chunk_new(struct arena *arena, size_t n)
{
	struct arena_chunk *chunk = malloc(sizeof *chunk + n);
	if (!chunk) {
		fprintf(stderr, "postern: out of memory (%zu bytes)\n", n);
		abort();
	}
	chunk->next = NULL;
	chunk->n = n;
	arena->system_calls++;
	POISON(chunk->bytes, n);
	return chunk;
}

static void use(struct arena *arena, struct arena_chunk *chunk)
{
	arena->current = chunk;
	arena->next = chunk->bytes;
	arena->end = chunk->bytes + chunk->n;
}

void arena_init(struct arena *arena) { memset(arena, 0, sizeof *arena); }

void arena_init_small(struct arena *arena)
{
	arena_init(arena);
	arena->small = true;
}

void arena_release(struct arena *arena)
{
	for (struct arena_chunk *chunk = arena->first, *next; chunk; chunk = next) {
		next = chunk->next;
		UNPOISON(chunk->bytes, chunk->n);
		free(chunk);
	}
	*arena = (struct arena){ .small = arena->small };
}

void arena_reset(struct arena *arena)
{
	size_t kept = 0;
	for (struct arena_chunk **link = &arena->first; *link;) {
		struct arena_chunk *chunk = *link;
		kept += chunk->n;
		if (kept > LIMIT_ARENA_KEEP) {
			*link = chunk->next;
			UNPOISON(chunk->bytes, chunk->n);
			free(chunk);
			continue;
		}
		POISON(chunk->bytes, chunk->n);
		link = &chunk->next;
	}
	arena->taken = 0;
	arena->next = arena->end = NULL;
	arena->current = NULL;
	if (arena->first)
		use(arena, arena->first);
}

static void next_chunk(struct arena *arena, size_t n)
{
	/* An old chunk that is too small for this object is skipped until the next reset. */
	struct arena_chunk *last = arena->current;
	for (struct arena_chunk *chunk = last ? last->next : arena->first; chunk; chunk = chunk->next) {
		if (chunk->n >= n) {
			use(arena, chunk);
			return;
		}
		last = chunk;
	}
	size_t usual = !arena->small ? CHUNK_BYTES : !last ? SMALL_BYTES : last->n < CHUNK_BYTES / 2 ? 2 * last->n : CHUNK_BYTES;
	struct arena_chunk *chunk = chunk_new(arena, n > usual ? n : usual);
	if (last)
		last->next = chunk;
	else
		arena->first = chunk;
	use(arena, chunk);
}

static size_t padded(size_t n) { return (n + RED_ZONE + ALIGN - 1) & ~(size_t)(ALIGN - 1); }

void *arena_alloc(struct arena *arena, size_t n)
{
	size_t need = padded(n ? n : 1);
	if (need < n || need > (size_t)(arena->end - arena->next)) {
		if (need < n)
			abort();
		next_chunk(arena, need);
	}
	uint8_t *p = arena->next;
	arena->next += need;
	arena->taken += need;
	if (arena->taken > arena->peak)
		arena->peak = arena->taken;
	UNPOISON(p, n);
	return p;
}

void *arena_zalloc(struct arena *arena, size_t n) { return memset(arena_alloc(arena, n), 0, n); }

void *arena_grow(struct arena *arena, void *old, size_t old_n, size_t new_n)
{
	if (old && new_n > old_n && (uint8_t *)old + padded(old_n ? old_n : 1) == arena->next) {
		size_t more = padded(new_n) - padded(old_n ? old_n : 1);
		if (more <= (size_t)(arena->end - arena->next)) {
			arena->next += more;
			arena->taken += more;
			if (arena->taken > arena->peak)
				arena->peak = arena->taken;
			UNPOISON(old, new_n);
			return old;
		}
	}
	void *p = arena_alloc(arena, new_n);
	if (old_n)
		memcpy(p, old, old_n < new_n ? old_n : new_n);
	return p;
}

struct span arena_dup(struct arena *arena, struct span s)
{
	uint8_t *p = arena_alloc(arena, s.n);
	if (s.n)
		memcpy(p, s.p, s.n);
	return span_of(p, s.n);
}

struct span arena_lower(struct arena *arena, struct span s)
{
	if (!s.p)
		return s;
	uint8_t *lower = arena_alloc(arena, s.n);
	for (size_t i = 0; i < s.n; i++)
		lower[i] = ascii_lower(s.p[i]);
	return span_of(lower, s.n);
}

struct span arena_join_(struct arena *arena, const struct span *parts, size_t n)
{
	size_t total = 0, at = 0;
	for (size_t i = 0; i < n; i++)
		total += parts[i].n;
	uint8_t *joined = arena_alloc(arena, total);
	for (size_t i = 0; i < n; i++) {
		if (parts[i].n)
			memcpy(joined + at, parts[i].p, parts[i].n);
		at += parts[i].n;
	}
	return span_of(joined, total);
}

struct span arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	char *p = arena_alloc(arena, (size_t)(n < 0 ? 0 : n) + 1);
	p[0] = '\0';
	if (n > 0)
		vsnprintf(p, (size_t)n + 1, format, again);
	va_end(again);
	return span_of(p, n < 0 ? 0 : (size_t)n);
}
