/* tests/test.h - what every unit test includes: cmocka and a few words of our own.
 *
 * A test is a table of cases and a loop over it; `TEST_CASE(i, name)` is printed when one fails. */
#ifndef TESTS_TEST_H
#define TESTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/arena.h"

/* Fails with both texts unless the span holds exactly the C string. */
#define assert_span(got, want) assert_span_at_((got), (want), __FILE__, __LINE__)
static inline void assert_span_at_(struct span got, const char *want, const char *file, int line)
{
	if (!span_eq(got, span_cstr(want)))
		print_error("%s:%d: got \"%.*s\", want \"%s\"\n", file, line, SPAN_ARG(got), want);
	_assert_true(span_eq(got, span_cstr(want)), "span", file, line);
}

#define COUNT(array) (sizeof(array) / sizeof *(array))

#endif
