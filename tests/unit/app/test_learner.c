/* app/learner: a lesson that travelled as bytes teaches and forgets exactly what the message would have; damaged bytes are refused. */
#include "app/learner.h"
#include "tests/store_test.h"

enum { NOW = 1800000000, MESSAGES = 12 };
static struct arena arena;
static struct pipeline_options options;

static struct learner *opened(const char *name)
{
	char path[96], why[WEIGHTS_WHY_MAX];
	struct learner *learner;
	snprintf(path, sizeof path, "%s/%s", test_folder, name);
	if (learner_open_file(path, WEIGHTS_LEARN, WEIGHTS_ASIDE_NEVER, false, why, &learner) != 0)
		fail_msg("%s", why);
	return learner;
}

static struct span message(unsigned i)
{
	return arena_printf(&arena,
			    "From: a%u@example.org\r\nTo: b@example.net\r\nSubject: offer %u\r\nDate: Mon, 2 Mar 2026 10:00:%02u +0000\r\n"
			    "Message-ID: <%u@example.org>\r\n\r\nword%u and %s words of number %u\r\n",
			    i % 3, i, i, i, i * 7, i % 2 ? "cheap pills" : "meeting notes", i);
}

static void same_as_the_message(void **state)
{
	struct learner *by_message = opened("one"), *by_lesson = opened("two");
	struct pipeline first, second;
	struct pipeline_options other = options;
	(void)state;
	options.model = learner_model(by_message);
	other.model = learner_model(by_lesson);
	pipeline_init(&first, &options);
	pipeline_init(&second, &other);
	for (unsigned i = 0; i < MESSAGES + 2; i++) { /* the last two are known: as the same kind, as the other */
		struct judgement judgement;
		struct buf record;
		struct lesson *before, *lesson;
		enum learner_outcome a, b;
		struct span raw = message(i % MESSAGES);
		enum weights_label label = i == MESSAGES + 1 ? WEIGHTS_HAM : i % 2 ? WEIGHTS_SPAM : WEIGHTS_HAM;
		pipeline_judge(&second, raw, &judgement);
		before = learner_lesson(&second);
		buf_init(&record, &arena, SIZE_MAX);
		lesson_write(before, &record);
		lesson_free(before);
		assert_int_equal(lesson_read(buf_span(&record), &lesson), 0);
		pipeline_judge(&first, raw, &judgement);
		assert_int_equal(learner_teach(by_message, &first, label, NOW + i, &a), 0);
		assert_int_equal(learner_teach_lesson(by_lesson, lesson, label, NOW + i, &b), 0);
		assert_int_equal(a, b);
		assert_int_equal(a, i < MESSAGES ? LEARNER_DONE : i == MESSAGES ? LEARNER_KNOWN : LEARNER_CHANGED);
		if (i == 3) {
			struct weights_taught taught;
			assert_int_equal(learner_forget(by_message, &first.message, &taught), 0);
			assert_int_equal(learner_forget_lesson(by_lesson, lesson, &taught), 0);
			assert_int_equal(taught.label, WEIGHTS_SPAM);
		}
		lesson_free(lesson);
		assert_memory_equal(weights_cells(learner_weights(by_message)), weights_cells(learner_weights(by_lesson)),
				    MODEL_CELLS * sizeof(int32_t));
	}
	pipeline_release(&second);
	pipeline_release(&first);
	learner_close(by_message);
	learner_close(by_lesson);
}

static void damage_is_refused(void **state)
{
	struct learner *learner = opened("three");
	struct pipeline pipeline;
	struct judgement judgement;
	struct lesson *lesson, *again;
	struct buf record;
	(void)state;
	options.model = learner_model(learner);
	pipeline_init(&pipeline, &options);
	pipeline_judge(&pipeline, message(1), &judgement);
	lesson = learner_lesson(&pipeline);
	buf_init(&record, &arena, SIZE_MAX);
	lesson_write(lesson, &record);
	for (size_t n = 0; n < record.n; n++)
		assert_int_equal(lesson_read(span_first(buf_span(&record), n), &again), ERR_SYNTAX);
	for (size_t i = 0; i < record.n; i++) {
		record.p[i] ^= 0xff;
		if (lesson_read(buf_span(&record), &again) == 0)
			lesson_free(again);
		record.p[i] ^= 0xff;
	}
	record.p[0]++;
	assert_int_equal(lesson_read(buf_span(&record), &again), ERR_UNSUPPORTED);
	lesson_free(lesson);
	pipeline_release(&pipeline);
	learner_close(learner);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(same_as_the_message, make_test_folder, drop_test_folder),
		cmocka_unit_test_setup_teardown(damage_is_refused, make_test_folder, drop_test_folder),
	};
	settings_defaults(&options.settings);
	options.now = CLOCK_NONE;
	arena_init(&arena);
	pipeline_warm_up();
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
