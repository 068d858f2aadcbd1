/* verdict/evidence: sentences are filled in safely, and no kind of evidence crowds out another. */
#include "tests/test.h"
#include "verdict/evidence.h"

static const struct evidence_def def = { "test.one", GROUP_FORM, 500, 0, "It says \"{1}\", not {2}; {3}{4} {", "test" };
static const struct evidence_def plain = { "test.two", GROUP_FORM, -500, 0, "Nothing to fill in", "test" };

static void sentences(void **state)
{
	struct arena arena;
	struct evidence_set set = { .arena = &arena };
	char longer[300];
	(void)state;
	arena_init(&arena);
	memset(longer, 'x', sizeof longer);
	struct evidence *e = evidence_add(&set, &def, SPAN(" a\r\n\tb\x1B "), SPAN("{1}"), span_none);
	assert_span(e->says, "It says \"a\\r\\n\\tb\\e\", not {1}; {4} {");
	assert_int_equal(e->weight, 500);
	e = evidence_add(&set, &def, span_of(longer, sizeof longer), span_none, span_none);
	assert_int_equal(e->says.n, sizeof "It says \"...\", not ; {4} {" - 1 + LIMIT_EVIDENCE_DETAIL);
	assert_span(evidence_add(&set, &plain, span_none, span_none, span_none)->says, "Nothing to fill in");
	for (unsigned i = 0; i < 10; i++)
		evidence_at(e, (struct place){ i, i + 1, 0, PLACE_RAW });
	assert_int_equal(e->n_at, LIMIT_EVIDENCE_PLACES);
	arena_release(&arena);
}

static void limits(void **state)
{
	struct arena arena;
	struct evidence_set set = { .arena = &arena };
	struct evidence_def defs[100];
	(void)state;
	arena_init(&arena);
	for (unsigned i = 0; i < 1000; i++)
		evidence_at(evidence_add(&set, &def, span_none, span_none, span_none), (struct place){ 0 });
	assert_int_equal(set.list.n, LIMIT_EVIDENCE_SAME);
	assert_int_equal(set.dropped, 1000 - LIMIT_EVIDENCE_SAME);
	struct evidence_set told = set;
	evidence_finish(&told);
	assert_int_equal(told.list.n, set.list.n + 1);
	assert_int_equal(told.list.v[set.list.n].def->group, GROUP_LIMIT);
	assert_int_equal(told.list.v[set.list.n].weight, 0);
	assert_span(told.list.v[set.list.n].says, "More of the same was found than is listed and counted: 992 further findings");
	evidence_add(&set, &plain, span_none, span_none, span_none);
	assert_int_equal(set.list.n, LIMIT_EVIDENCE_SAME + 1);
	for (unsigned i = 0; i < 1000; i++) {
		defs[i % 100] = plain;
		assert_non_null(evidence_add(&set, &defs[i % 100], span_none, span_none, span_none));
	}
	assert_int_equal(set.list.n, LIMIT_EVIDENCE);
	arena_release(&arena);
}

static void unchecked(void **state)
{
	struct arena arena;
	struct evidence_set set = { .arena = &arena };
	(void)state;
	arena_init(&arena);
	for (unsigned i = 0; i < 3; i++)
		evidence_unchecked(&set, "dns", "nobody could be asked about {1}", SPAN("example.org"));
	evidence_unchecked(&set, "dns", "nobody could be asked about {1}", SPAN("example.com"));
	assert_int_equal(set.unchecked.n, 2);
	assert_span(set.unchecked.v[0].why, "nobody could be asked about example.org");
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(sentences), cmocka_unit_test(limits), cmocka_unit_test(unchecked) };
	return cmocka_run_group_tests_name("verdict/evidence", tests, NULL, NULL);
}
