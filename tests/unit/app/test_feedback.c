/* app/feedback: the words of --feedback, and when each label is told. */
#include "app/feedback.h"
#include "base/limits.h"
#include "tests/test.h"

#include <stdlib.h>

static void words(void **state)
{
	static const struct {
		const char *text;
		bool valid;
		enum feedback_kind kind;
		uint64_t n;
	} cases[] = {
		{ "immediate", true, FEEDBACK_IMMEDIATE, 0 },
		{ "none", true, FEEDBACK_NONE, 0 },
		{ "delay:0", true, FEEDBACK_DELAY, 0 },
		{ "delay:1000", true, FEEDBACK_DELAY, 1000 },
		{ "first:10000", true, FEEDBACK_FIRST, 10000 },
		{ "delay:100000", true, FEEDBACK_DELAY, LIMIT_FEEDBACK_DELAY },
		{ "delay:100001", false, 0, 0 },
		{ "delay", false, 0, 0 },
		{ "delay:", false, 0, 0 },
		{ "delay:-1", false, 0, 0 },
		{ "delay:1x", false, 0, 0 },
		{ "none:", false, 0, 0 },
		{ "immediate:1", false, 0, 0 },
		{ "Immediate", false, 0, 0 },
		{ "", false, 0, 0 },
		{ ":", false, 0, 0 },
	};
	struct arena arena;
	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct feedback feedback;
		assert_int_equal(feedback_parse(span_cstr(cases[i].text), &feedback), cases[i].valid);
		if (!cases[i].valid)
			continue;
		assert_int_equal(feedback.kind, cases[i].kind);
		assert_int_equal(feedback.n, cases[i].n);
		assert_span(feedback_name(&feedback, &arena), cases[i].text);
	}
	arena_release(&arena);
}

/* Judges six messages; a digit says which lesson was learnt, a bar that the next message is judged. */
static void order(void **state)
{
	static const struct {
		const char *feedback, *learnt;
	} cases[] = {
		{ "immediate", "0|1|2|3|4|5|" }, { "delay:0", "0|1|2|3|4|5|" }, { "delay:1", "|0|1|2|3|4|" }, { "delay:4", "||||0|1|" },
		{ "delay:6", "||||||" },         { "delay:100000", "||||||" },  { "first:2", "0|1|||||" },    { "first:0", "||||||" },
		{ "first:9", "0|1|2|3|4|5|" },   { "none", "||||||" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct feedback feedback;
		struct feedback_queue queue;
		struct feedback_item item;
		static struct pipeline empty;
		struct arena arena;
		struct lesson *lessons[6];
		char learnt[32];
		size_t n = 0;
		arena_init(&arena);
		message_parse(SPAN(""), &arena, &empty.message); /* a lesson knows its message */
		assert_true(feedback_parse(span_cstr(cases[i].feedback), &feedback));
		feedback_init(&queue, &feedback);
		for (unsigned k = 0; k < COUNT(lessons); k++) {
			lessons[k] = NULL;
			if (feedback_wants(&queue))
				feedback_put(&queue, lessons[k] = learner_lesson(&empty), k % 2);
			while (feedback_take(&queue, &item)) {
				unsigned which = 0;
				while (lessons[which] != item.lesson)
					which++;
				assert_int_equal(item.spam, which % 2);
				learnt[n++] = (char)('0' + which);
				lessons[which] = NULL;
				lesson_free(item.lesson);
			}
			learnt[n++] = '|';
		}
		assert_span(span_of(learnt, n), cases[i].learnt);
		feedback_release(&queue); /* frees those that still wait */
		arena_release(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(words), cmocka_unit_test(order) };
	return cmocka_run_group_tests_name("app/feedback", tests, NULL, NULL);
}
