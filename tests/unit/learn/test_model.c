/* learn/model: silent while it knows nothing, moved the right way by each lesson, held back with mail of one kind only, and taken back to
 * the last bit. How fast it learns is no matter here: rates may change. */
#include "learn/model.h"
#include "tests/learn_test.h"

#include <math.h>
#include <stdlib.h>

struct school {
	int32_t *cells;
	struct model model;
	struct features_scratch *scratch;
	struct arena arena;
	struct pipeline pipeline;
	struct pipeline_options options;
};

static const struct check *const no_checks[] = { NULL };

static void open_school(struct school *s)
{
	memset(s, 0, sizeof *s);
	s->cells = calloc(MODEL_CELLS, sizeof *s->cells);
	s->model.cells = s->cells;
	s->scratch = features_scratch_new();
	arena_init(&s->arena);
	settings_defaults(&s->options.settings);
	s->options.now = CLOCK_NONE;
	s->options.checks = no_checks;
	s->options.model = &s->model;
	pipeline_init(&s->pipeline, &s->options);
}

static void close_school(struct school *s)
{
	pipeline_release(&s->pipeline);
	arena_release(&s->arena);
	features_scratch_free(s->scratch);
	free(s->cells);
}

static void look(struct school *s, const char *message)
{
	struct judgement judgement;
	pipeline_judge(&s->pipeline, span_cstr(message), &judgement);
}

static double score(struct school *s, const char *message, int32_t structural)
{
	struct model_score score;
	look(s, message);
	model_score(&s->model, &s->pipeline.features, structural, &score);
	assert_true(isfinite(score.log_odds));
	assert_true(score.trust >= 0 && score.trust <= 1);
	double sum = 0;
	for (unsigned k = 0; k < MODEL_PARTS; k++)
		sum += score.share[k];
	assert_true(fabs(sum - score.log_odds) < 1e-9);
	return score.log_odds;
}

static void apply(struct school *s, const struct model_lesson *lesson, int sign)
{
	for (uint32_t g = 0; g < lesson->n_groups; g++)
		for (uint32_t i = 0; i < lesson->group[g].n; i++) {
			uint32_t *cell = (uint32_t *)&s->cells[lesson->group[g].cells[i]];
			*cell += sign > 0 ? (uint32_t)lesson->group[g].by : -(uint32_t)lesson->group[g].by;
		}
}

/* What weights_teach asks for. */
static void sound(const struct model_lesson *lesson)
{
	assert_true(lesson->n_groups <= MODEL_GROUPS);
	for (uint32_t g = 0; g < lesson->n_groups; g++) {
		assert_true(lesson->group[g].n > 0 && lesson->group[g].by != 0);
		for (uint32_t i = 0; i < lesson->group[g].n; i++) {
			assert_true(lesson->group[g].cells[i] < MODEL_CELLS);
			assert_true(i == 0 || lesson->group[g].cells[i - 1] < lesson->group[g].cells[i]);
		}
	}
}

/* A lesson's cells are the features themselves: copied, so that they live as long as the school. */
static void lesson(struct school *s, const char *message, int32_t structural, bool spam, struct model_lesson *ret)
{
	look(s, message);
	struct features own = s->pipeline.features;
	for (unsigned v = 0; v < FEATURES_VIEWS; v++)
		own.of[v].cell = (uint32_t *)arena_dup(&s->arena, span_of(own.of[v].cell, own.of[v].n * sizeof *own.of[v].cell)).p;
	model_teach(&s->model, &own, structural, spam, s->scratch, &s->arena, ret);
	sound(ret);
}

static void teach(struct school *s, const char *message, bool spam)
{
	struct model_lesson change;
	lesson(s, message, 0, spam, &change);
	apply(s, &change, +1);
}

static const char *const offers[] = { "cheap pills", "easy money", "hot stock", "free prize", "new loan", "fast rolex" };
static const char *const talks[] = { "the meeting", "your patch", "our lunch", "that report", "a question", "the draft" };

/* Made-up mail of two kinds; n tells them apart. */
static const char *made(bool spam, unsigned n)
{
	static char text[1024];
	const char *const *things = spam ? offers : talks;
	snprintf(text, sizeof text,
		 "From: %s%u@%s.example\nTo: me@home.example\nSubject: %s %s\nMessage-ID: <%u@%s.example>\n\n"
		 "%s %s and %s, %s http://%s%u.example/ number %u\n",
		 spam ? "win" : "colleague", n % 7, spam ? "offers" : "work", spam ? "Claim" : "About", things[n % 6], n,
		 spam ? "mailer" : "work", spam ? "Order now" : "Hello, as to", things[n % 6], things[(n / 6) % 6],
		 spam ? "click here before midnight" : "see you on Monday, regards", spam ? "shop" : "wiki.work", n % 5, n);
	return text;
}

static void empty_says_nothing(void **state)
{
	static const int32_t structurals[] = { 0, 1, -1, 700, -2500, 4000, 8000, 30000, -30000 };
	struct school s;
	(void)state;
	open_school(&s);
	for (size_t i = 0; i < COUNT(structurals); i++)
		assert_true(fabs(score(&s, made(true, 1), structurals[i]) - structurals[i] / 1000.0) < 1e-9);
	close_school(&s);
}

static void one_kind_only(void **state)
{
	(void)state;
	for (unsigned spam = 0; spam < 2; spam++) {
		struct school s;
		open_school(&s);
		for (unsigned i = 0; i < 100; i++)
			teach(&s, made(spam, i), spam);
		for (unsigned kind = 0; kind < 2; kind++) {
			assert_true(fabs(score(&s, made(kind, 200), 0)) < 1e-9);
			assert_true(fabs(score(&s, made(kind, 200), 3000) - 3) < 1e-9);
		}
		/* A single message of the other kind lets little in. */
		double before = fabs(score(&s, made(spam, 300), 0));
		teach(&s, made(!spam, 0), !spam);
		double after = fabs(score(&s, made(spam, 300), 0));
		assert_true(after >= before && after < 4);
		close_school(&s);
	}
}

/* Views that cannot move a score need not be taken: the score is the same without them. */
static void listens(void **state)
{
	static int8_t weight[FEATURES_CELLS];
	static const struct model_prior prior = { .view[FEATURES_TEXT] = { weight, 1000 } };
	struct school s;
	(void)state;
	memset(weight, 7, sizeof weight);
	open_school(&s);
	for (unsigned i = 0; i < 20; i++)
		teach(&s, made(true, i), true);
	assert_int_equal(model_listens(&s.model), 0);
	s.model.prior = &prior;
	assert_int_equal(model_listens(&s.model), 1u << FEATURES_TEXT);
	double all = score(&s, made(true, 99), 1000);
	s.options.judges_only = true;
	assert_true(score(&s, made(true, 99), 1000) == all && all > 1);
	assert_int_equal(s.pipeline.features.of[FEATURES_FIELDS].n, 0);
	s.options.judges_only = false;
	teach(&s, made(false, 0), false);
	assert_int_equal(model_listens(&s.model), FEATURES_ALL);
	close_school(&s);
}

static void learns(void **state)
{
	struct school s;
	(void)state;
	open_school(&s);
	for (unsigned i = 0; i < 60; i++)
		teach(&s, made(i % 2, i), i % 2);
	for (unsigned i = 1000; i < 1020; i++) {
		assert_true(score(&s, made(true, i), 0) > 1);
		assert_true(score(&s, made(false, i), 0) < -1);
	}
	/* What the checks say is heard still. */
	assert_true(score(&s, made(true, 7), 4000) > score(&s, made(true, 7), 0));
	assert_true(score(&s, made(true, 7), -4000) < score(&s, made(true, 7), 0));

	/* A mistake moves the message, and what is like it, the right way. */
	static const char odd[] = "From: x@new.example\nSubject: zebra crossing\n\nquagga okapi gnu\n";
	static const char like[] = "From: x@new.example\nSubject: zebra crossing\n\nquagga okapi antelope\n";
	for (unsigned time = 0; time < 4; time++) {
		bool spam = time < 2;
		double before = score(&s, odd, 0), near = score(&s, like, 0);
		teach(&s, odd, spam);
		double after = score(&s, odd, 0), near_after = score(&s, like, 0);
		assert_true(spam ? after > before : after < before);
		assert_true(spam ? near_after > near : near_after < near);
	}
	close_school(&s);
}

/* Lessons are taken back in any order; what remains is as if they had never been. */
static void taken_back(void **state)
{
	enum { KEPT = 20, LESSONS = 120 };
	static struct model_lesson lessons[LESSONS];
	struct school s;
	(void)state;
	open_school(&s);
	for (unsigned i = 0; i < KEPT; i++)
		teach(&s, made(i % 3 == 0, i), i % 3 == 0);
	int32_t *before = malloc(MODEL_CELLS * sizeof *before);
	memcpy(before, s.cells, MODEL_CELLS * sizeof *before);
	for (unsigned i = 0; i < LESSONS; i++) {
		lesson(&s, made(i % 5 < 2, i), (int32_t)(i % 7) * 500 - 1500, i % 2, &lessons[i]); /* wrong labels too: they teach most */
		apply(&s, &lessons[i], +1);
	}
	assert_true(memcmp(before, s.cells, MODEL_CELLS * sizeof *before) != 0);
	for (unsigned i = 0; i < LESSONS; i++)
		apply(&s, &lessons[i * 7 % LESSONS], -1); /* 7 and 120 have no divisor in common: each once */
	assert_memory_equal(before, s.cells, MODEL_CELLS * sizeof *before);
	free(before);
	close_school(&s);
}

/* Cells of features that a lesson touches. */
static uint32_t features_in(const struct model_lesson *lesson)
{
	uint32_t n = 0;
	for (uint32_t g = 0; g < lesson->n_groups; g++)
		for (uint32_t i = 0; i < lesson->group[g].n; i++)
			n += lesson->group[g].cells[i] >= MODEL_PARAMETERS;
	return n;
}

static void right_and_sure(void **state)
{
	struct school s;
	struct model_lesson change;
	(void)state;
	open_school(&s);
	for (unsigned i = 0; i < 400; i++)
		teach(&s, made(i % 2, i), i % 2);
	lesson(&s, made(true, 401), 12000, true, &change);
	uint32_t right = features_in(&change);
	lesson(&s, made(true, 401), 12000, false, &change);
	assert_true(features_in(&change) > 50);
	assert_true(right < features_in(&change) / 2);
	/* The same once more and once more, until there is nothing left to say of it. */
	for (unsigned i = 0; i < 2000; i++)
		teach(&s, made(i % 2, 1), i % 2);
	lesson(&s, made(true, 1), 0, true, &change);
	assert_int_equal(features_in(&change), 0);
	close_school(&s);
}

/* Seen is seen, whether it taught anything or not. */
static void messages_are_counted(void **state)
{
	struct school s;
	(void)state;
	open_school(&s);
	for (unsigned i = 0; i < 50; i++)
		teach(&s, made(i % 5 == 0, i), i % 5 == 0);
	assert_int_equal(s.cells[MODEL_SEEN_SPAM], 10);
	assert_int_equal(s.cells[MODEL_SEEN_HAM], 40);
	assert_true(s.cells[MODEL_COUNTED_SPAM] <= 10 && s.cells[MODEL_COUNTED_HAM] <= 40);
	close_school(&s);
}

static bool is_count(uint32_t cell) { return cell >= MODEL_WORDS && (cell - MODEL_WORDS) % 2; }

/* A counter that is full is left out of the lesson, so that neither half runs into the other, and taking back finds what was added. */
static void counters_saturate(void **state)
{
	enum { TOP = 32000 };
	struct school s;
	struct model_lesson change;
	(void)state;
	for (unsigned spam = 0; spam < 2; spam++) {
		open_school(&s);
		for (uint32_t i = 0; i < MODEL_CELLS; i++)
			if (is_count(i))
				s.cells[i] = spam ? TOP : TOP << 16;
		lesson(&s, made(true, 1), 0, spam, &change);
		for (uint32_t g = 0; g < change.n_groups; g++)
			assert_false(is_count(change.group[g].cells[0]));
		lesson(&s, made(true, 1), 0, !spam, &change);
		uint32_t counted = 0;
		for (uint32_t g = 0; g < change.n_groups; g++)
			counted += is_count(change.group[g].cells[0]) ? change.group[g].n : 0;
		assert_true(counted > 20);
		close_school(&s);
	}
}

/* The largest step of a feature's weight in a lesson. */
static int32_t largest_step(const struct model_lesson *lesson)
{
	int32_t most = 0;
	for (uint32_t g = 0; g < lesson->n_groups; g++)
		if (lesson->group[g].cells[0] >= MODEL_PARAMETERS && !is_count(lesson->group[g].cells[0]))
			most = abs(lesson->group[g].by) > most ? abs(lesson->group[g].by) : most;
	return most;
}

static void one_sender(void **state)
{
	static const char same[] = "From: same@spam.example\nSubject: x\n\nquagga okapi gnu\n";
	static const char other[] = "From: other@spam.example\nSubject: x\n\nquagga okapi gnu\n";
	struct school s;
	struct model_lesson change, of_other;
	(void)state;
	open_school(&s);
	for (unsigned i = 0; i < 60; i++)
		teach(&s, made(i % 2, i), i % 2);
	for (unsigned i = 0; i < 300; i++) {
		char text[256];
		snprintf(text, sizeof text, "From: same@spam.example\nSubject: %u\n\nnumber%u word%u thing%u\n", i * 7919, i * 31, i * 17,
			 i);
		teach(&s, text, i % 2); /* right and wrong in turn: each is misjudged */
	}
	lesson(&s, same, 0, true, &change);
	lesson(&s, other, 0, true, &of_other);
	assert_true(largest_step(&change) > 0);
	assert_true(largest_step(&change) < largest_step(&of_other) / 2);
	close_school(&s);
}

/* However long it is, a message that was misjudged as badly as can be moves by nats, not by dozens of them. */
static void one_message(void **state)
{
	static char text[8192];
	struct model_score before, after;
	struct model_lesson change;
	struct school s;
	(void)state;
	open_school(&s);
	for (unsigned i = 0; i < 60; i++)
		teach(&s, made(i % 2, i), i % 2);
	size_t n = (size_t)snprintf(text, sizeof text, "From: a@long.example\nSubject: x\n\n");
	for (unsigned i = 0; n < 7000; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "w%u ", i * 2654435761u);
	look(&s, text);
	model_score(&s.model, &s.pipeline.features, -12000, &before);
	lesson(&s, text, -12000, true, &change);
	apply(&s, &change, +1);
	look(&s, text);
	model_score(&s.model, &s.pipeline.features, -12000, &after);
	assert_true(after.log_odds > before.log_odds);
	for (unsigned v = 0; v < FEATURES_VIEWS; v++)
		assert_true(fabs(after.part[v] - before.part[v]) < 17);
	close_school(&s);
}

/* Nearly the same, five hundred times, moves little more than ten times: the rest is right and sure. */
static void campaign(void **state)
{
	double after[2];
	(void)state;
	for (unsigned k = 0; k < 2; k++) {
		struct school s;
		open_school(&s);
		for (unsigned i = 0; i < 60; i++)
			teach(&s, made(i % 2, i), i % 2);
		for (unsigned i = 0; i < (k ? 500u : 10u); i++) {
			char text[512];
			snprintf(text, sizeof text,
				 "From: x%u@spam.example\nSubject: offer\n\nHello, the meeting, your patch, our lunch %u\n", i, i);
			teach(&s, text, true);
		}
		after[k] = score(&s, made(false, 77), 0);
		close_school(&s);
	}
	assert_true(after[1] < after[0] + 1);
}

/* Whatever stands in the cells - a damaged file that passed for sound, two machines' learning added - a score is a number. */
static void any_cells(void **state)
{
	static const uint32_t values[] = { 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x80008000, 1000000, 0x7D007D00 };
	struct school s;
	struct model_lesson change;
	(void)state;
	open_school(&s);
	for (size_t i = 0; i < COUNT(values); i++) {
		for (uint32_t k = 0; k < MODEL_CELLS; k++)
			s.cells[k] = (int32_t)values[i];
		(void)score(&s, made(true, 3), 5000);
		for (unsigned spam = 0; spam < 2; spam++)
			lesson(&s, made(true, 3), -5000, spam, &change);
	}
	close_school(&s);
}

static void repeats_itself(void **state)
{
	struct school a, b;
	(void)state;
	open_school(&a);
	open_school(&b);
	for (unsigned i = 0; i < 40; i++) {
		teach(&a, made(i % 2, i), i % 2);
		teach(&b, made(i % 2, i), i % 2);
	}
	assert_memory_equal(a.cells, b.cells, MODEL_CELLS * sizeof *a.cells);
	double first = score(&a, made(true, 99), 1234), again = score(&a, made(true, 99), 1234), other = score(&b, made(true, 99), 1234);
	assert_true(first == again && first == other);
	close_school(&a);
	close_school(&b);
}

/* A message told again after a run of the other kind is known again, is not counted twice, and is taken back to the last bit. */
static void rehearsed(void **state)
{
	static const char *const ham = "From: a@work.example\nSubject: agenda\n\nminutes of the meeting\n",
				 *const spam = "From: b@shop.example\nSubject: offer\n\nwatches at a discount\n";
	struct school s;
	struct model_lesson change = { .n_groups = 0 };
	(void)state;
	open_school(&s);
	for (unsigned i = 0; i < 12; i++)
		teach(&s, i < 4 ? ham : spam, i >= 4);
	double before = score(&s, ham, 0);
	int32_t seen = s.cells[MODEL_SEEN_HAM], counted = s.cells[MODEL_COUNTED_HAM];
	struct features again = s.pipeline.features;
	model_rehearse(&s.model, &again, false, s.scratch, &s.arena, &change);
	assert_in_range(change.n_groups, 1, 2 * FEATURES_VIEWS);
	sound(&change);
	apply(&s, &change, +1);
	struct arena other = s.pipeline.arena; /* the lesson's cells live there: the next look must not overwrite them */
	arena_init(&s.pipeline.arena);
	assert_true(score(&s, ham, 0) < before);
	assert_int_equal(s.cells[MODEL_SEEN_HAM], seen);
	assert_int_equal(s.cells[MODEL_COUNTED_HAM], counted);
	apply(&s, &change, -1);
	assert_true(score(&s, ham, 0) == before);
	arena_release(&other);
	close_school(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_says_nothing), cmocka_unit_test(one_kind_only),  cmocka_unit_test(learns),
		cmocka_unit_test(taken_back),         cmocka_unit_test(right_and_sure), cmocka_unit_test(messages_are_counted),
		cmocka_unit_test(counters_saturate),  cmocka_unit_test(one_message),    cmocka_unit_test(one_sender),
		cmocka_unit_test(campaign),           cmocka_unit_test(any_cells),      cmocka_unit_test(repeats_itself),
		cmocka_unit_test(rehearsed),          cmocka_unit_test(listens),
	};
	pipeline_warm_up();
	return cmocka_run_group_tests_name("learn/model", tests, NULL, NULL);
}
