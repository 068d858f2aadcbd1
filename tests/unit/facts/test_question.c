/* Questions and answers: as many as a message may ask are found again, whatever case and final dot; what an answer says in words. */
#include "base/limits.h"
#include "facts/question.h"
#include "tests/test.h"

static struct arena arena;

static void found_again(void **state)
{
	struct answers answers = { 0 };
	(void)state;
	assert_null(answers_find(&answers, QUESTION_A, SPAN("a.example")));
	for (unsigned i = 0; i < LIMIT_QUESTIONS; i++) {
		struct question question = { i % 2 ? QUESTION_TXT : QUESTION_A,
					     arena_printf(&arena, "N%u.Example%s", i / 2, i % 3 ? "" : ".") };
		assert_null(answers_find(&answers, question.type, question.name));
		assert_int_equal(answers_add(&answers, &arena, &question)->status, ANSWER_UNAVAILABLE);
		for (unsigned k = 0; k <= i; k += i < 20 ? 1 : 37) {
			struct span name = arena_printf(&arena, "n%u.eXample%s", k / 2, k % 2 ? "" : ".");
			assert_ptr_equal(answers_find(&answers, k % 2 ? QUESTION_TXT : QUESTION_A, name), &answers.list.v[k]);
		}
	}
	assert_null(answers_find(&answers, QUESTION_MX, SPAN("n1.example")));
	assert_null(answers_find(&answers, QUESTION_A, SPAN("n1.example..")));
	assert_null(answers_find(&answers, QUESTION_A, span_none));
}

/* Names beyond any that the DNS holds differ in bytes that are not hashed. */
static void long_names(void **state)
{
	struct answers answers = { 0 };
	uint8_t name[2000];
	(void)state;
	memset(name, 'x', sizeof name);
	for (unsigned i = 0; i < 50; i++) {
		name[1000] = (uint8_t)i;
		struct question question = { QUESTION_A, arena_dup(&arena, span_of(name, sizeof name)) };
		answers_add(&answers, &arena, &question);
		assert_ptr_equal(answers_find(&answers, QUESTION_A, span_of(name, sizeof name)), &answers.list.v[i]);
	}
}

static void asked_once_a_round(void **state)
{
	struct answers answers = { 0 };
	struct questions questions = { .arena = &arena };
	(void)state;
	assert_null(question_ask(&answers, &questions, QUESTION_A, SPAN("a.example")));
	assert_int_equal(questions.list.n, 1);
	answers_add(&answers, &arena, &questions.list.v[0])->status = ANSWER_NODATA;
	assert_int_equal(question_ask(&answers, &questions, QUESTION_A, SPAN("A.EXAMPLE."))->status, ANSWER_NODATA);
	assert_int_equal(questions.list.n, 1);
}

static void in_words(void **state)
{
	struct answer answer = { .status = ANSWER_UNAVAILABLE };
	(void)state;
	assert_span(answer_says(&answer), "was not asked: there is no resolver");
	answer.why = SPAN("was not asked: too late");
	assert_span(answer_says(&answer), "was not asked: too late");
	answer.status = ANSWER_TIMEOUT;
	assert_span(answer_says(&answer), "timed out");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(found_again), cmocka_unit_test(long_names),
					    cmocka_unit_test(asked_once_a_round), cmocka_unit_test(in_words) };
	arena_init(&arena);
	int failed = cmocka_run_group_tests_name("facts/question", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
