/* tests/heap.h - how much of the heap is in use, for tests that bound what something costs. Works with the address sanitizer's heap, too.
 */
#ifndef TESTS_HEAP_H
#define TESTS_HEAP_H

#include <malloc.h>
#include <stddef.h>

#ifdef __SANITIZE_ADDRESS__
size_t __sanitizer_get_current_allocated_bytes(void); /* gcc brings no header for it */
static inline size_t heap_bytes(void) { return __sanitizer_get_current_allocated_bytes(); }
#else
static inline size_t heap_bytes(void) { return mallinfo2().uordblks; }
#endif

#endif
