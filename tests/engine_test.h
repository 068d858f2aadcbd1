/* tests/engine_test.h - what an engine made of some bytes, told as text; the same in pieces of any size. */
#ifndef TESTS_ENGINE_TEST_H
#define TESTS_ENGINE_TEST_H

#include "base/span.h"
#include "tests/test.h"

/* Events as text, as the test writes them: "name=text;" for a header, "#" behind the head, "." at the end, "!" for BAD. */
struct engine_test {
	char events[4096];
	size_t n;
};

static inline void engine_test_add(struct engine_test *t, struct span s)
{
	assert_true(t->n + s.n < sizeof t->events);
	if (s.n)
		memcpy(t->events + t->n, s.p, s.n);
	t->n += s.n;
	t->events[t->n] = 0;
}

static inline void engine_test_add_header(struct engine_test *t, struct span name, struct span text)
{
	engine_test_add(t, name);
	engine_test_add(t, SPAN("="));
	engine_test_add(t, text);
	engine_test_add(t, SPAN(";"));
}

struct engine_test_case {
	const char *bytes, *events;
};

/* feed: all the bytes to a new engine, `piece` of them at a time. */
static inline void engine_test_cases(const struct engine_test_case *cases, size_t n,
				     void (*feed)(struct engine_test *t, struct span bytes, size_t piece))
{
	for (size_t i = 0; i < n; i++)
		for (size_t piece = 1; piece < 200; piece = piece * 3 + 1) {
			struct engine_test t = { 0 };
			feed(&t, span_cstr(cases[i].bytes), piece);
			if (strcmp(t.events, cases[i].events) != 0)
				print_error("%s\nin pieces of %zu: %s instead of %s\n", cases[i].bytes, piece, t.events, cases[i].events);
			assert_string_equal(t.events, cases[i].events);
		}
}

#endif
