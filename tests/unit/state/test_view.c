/* state/view: one recipient's view names nobody else. */
#include "base/limits.h"
#include "state/view.h"
#include "tests/test.h"

static struct arena arena;
static const struct evidence_def def = { "view.one", GROUP_FORM, 100 };

static struct casefile made(void)
{
	static const struct evidence_detail detail = { SPAN_INIT("to BOSS@example.org,boss@example.org"), { 0, 0, 0, 0 }, { NULL, 0 } };
	struct casefile c = { .subject = SPAN("for boss@example.org"), .answers = SPAN("\1\0\0") };
	c.evidence.arena = &arena;
	struct evidence *e = evidence_add(&c.evidence, &def, span_none, span_none, span_none);
	e->says = SPAN("it names Boss@Example.ORG and a@example.org");
	e->details = &detail;
	e->n_details = 1;
	evidence_unchecked(&c.evidence, "x", "of boss@example.org", span_none);
	struct casefile_sentence *s = vec_push(&arena, &c.sender);
	s->says = SPAN("to boss@example.org");
	*(struct casefile_recipient *)vec_push(&arena, &c.recipients) = (struct casefile_recipient){ SPAN("A@example.org"), false };
	*(struct casefile_recipient *)vec_push(&arena, &c.recipients) = (struct casefile_recipient){ SPAN("boss@example.org"), true };
	return c;
}

static void restricted(void **state)
{
	struct casefile c = made();
	(void)state;
	assert_true(view_restrict(&c, SPAN("a@EXAMPLE.org"), &arena));
	assert_int_equal(c.recipients.n, 1);
	assert_span(c.recipients.v[0].address, "A@example.org");
	assert_false(c.recipients.v[0].withheld);
	assert_span(c.evidence.list.v[0].says, "it names (another recipient) and a@example.org");
	assert_span(c.evidence.list.v[0].details[0].says, "to (another recipient),(another recipient)");
	assert_span(c.evidence.unchecked.v[0].why, "of (another recipient)");
	assert_span(c.sender.v[0].says, "to (another recipient)");
	assert_span(c.subject, "for (another recipient)");
	assert_int_equal(c.answers.n, 0);
}

static void not_theirs(void **state)
{
	struct casefile c = made();
	(void)state;
	assert_false(view_restrict(&c, SPAN("c@example.org"), &arena));
	assert_int_equal(c.recipients.n, 2);
	assert_span(c.subject, "for boss@example.org");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(restricted), cmocka_unit_test(not_theirs) };
	arena_init(&arena);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
