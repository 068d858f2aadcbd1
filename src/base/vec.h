/* base/vec.h - a growing array in an arena.
 *
 *	VEC(struct link) links = { 0 };
 *	struct link *link = vec_push(arena, &links);   // a zeroed new last element
 *	for (uint32_t i = 0; i < links.n; i++) use(&links.v[i]);
 *
 * Pointers to elements are good until the next push. The caller observes its own limit of base/limits.h. */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include "base/arena.h"

#define VEC(type)                                                                                                                          \
	struct {                                                                                                                           \
		type *v;                                                                                                                   \
		uint32_t n, cap;                                                                                                           \
	}

#define vec_push(arena, vec)                                                                                                               \
	((vec)->v = vec_room_((arena), (vec)->v, (vec)->n, &(vec)->cap, sizeof *(vec)->v),                                                 \
	 memset(&(vec)->v[(vec)->n], 0, sizeof *(vec)->v), &(vec)->v[(vec)->n++])

static inline void *vec_room_(struct arena *arena, void *v, uint32_t n, uint32_t *cap, size_t size)
{
	if (n < *cap)
		return v;
	uint32_t new_cap = *cap ? *cap * 2 : 8;
	v = arena_grow(arena, v, *cap * size, new_cap * size);
	*cap = new_cap;
	return v;
}

#endif
