/* tests/unit/state/test_weights_record.c - the journal's bytes: written and read back, and every changed byte noticed. */
#include "base/limits.h"
#include "state/weights_record.h"
#include "tests/unit/state/learner.h"

static void test_header(void **state)
{
	(void)state;
	const struct weights_record_header h = { .format = 7, .n_cells = 100, .keep = 50, .epoch = 3, .store = { { 1, 2, 3 } } };
	struct weights_record_header back;
	uint8_t bytes[WEIGHTS_RECORD_HEADER];
	weights_record_write_header(&h, bytes);
	assert_int_equal(weights_record_read_header(span_of(bytes, sizeof bytes), &back), 0);
	assert_int_equal(back.format, 7);
	assert_int_equal(back.n_cells, 100);
	assert_int_equal(back.keep, 50);
	assert_int_equal(back.epoch, 3);
	assert_memory_equal(&back.store, &h.store, sizeof h.store);
	for (size_t n = 0; n < sizeof bytes; n++) {
		assert_int_equal(weights_record_read_header(span_of(bytes, n), &back), ERR_SYNTAX);
		bytes[n] ^= 1;
		assert_int_equal(weights_record_read_header(span_of(bytes, sizeof bytes), &back), ERR_SYNTAX);
		bytes[n] ^= 1;
	}
}

/* Cells as a hash scatters them, next to each other, far apart, alone, at both ends. */
static void test_groups_come_back(void **state)
{
	(void)state;
	enum { MOST = 4000 };
	static const struct {
		uint32_t n_cells, n, start, gap;
	} cases[] = {
		{ 1, 1, 0, 1 },
		{ 10, 0, 0, 1 },
		{ 10, 10, 0, 1 },
		{ 1u << 22, 3000, 0, 1300 },
		{ 1u << 22, MOST, (1u << 22) - MOST, 1 },
		{ LIMIT_WEIGHTS_CELLS, 1, LIMIT_WEIGHTS_CELLS - 1, 1 },
		{ LIMIT_WEIGHTS_CELLS, 2, 0, LIMIT_WEIGHTS_CELLS - 1 },
		{ LIMIT_WEIGHTS_CELLS, MOST, 5, 60000 },
	};
	static const int32_t steps[] = { 0, 1, -1, 63, -64, 64, INT32_MAX, INT32_MIN };
	struct arena arena;
	arena_init(&arena);
	for (size_t c = 0; c < COUNT(cases); c++)
		for (uint64_t seed = 0; seed < 20; seed++) {
			uint32_t at[MOST];
			uint64_t random = seed + 1, next = cases[c].start;
			uint32_t n = 0;
			for (; n < cases[c].n && next < cases[c].n_cells; n++) {
				at[n] = (uint32_t)next;
				next += seed % 2 ? cases[c].gap : 1 + learner_random(&random) % (2 * cases[c].gap - 1);
			}
			struct weights_group groups[] = { { steps[seed % COUNT(steps)], n, at }, { 5, n > 3 ? 3 : n, at } }, *back;
			struct weights_record head = { .kind = WEIGHTS_RECORD_LESSON,
						       .label = WEIGHTS_SPAM,
						       .time = -5,
						       .id = learner_id(9),
						       .tag = 77 },
					      got;
			struct span bytes;
			arena_reset(&arena);
			assert_int_equal(weights_record_write(&arena, &head, groups, 2, cases[c].n_cells, &bytes), 0);
			assert_int_equal(weights_record_read(bytes, cases[c].n_cells, &got), 0);
			assert_int_equal(got.bytes, bytes.n);
			assert_int_equal(got.time, -5);
			assert_int_equal(got.tag, 77);
			assert_int_equal(got.label, WEIGHTS_SPAM);
			assert_int_equal(got.n_groups, 2);
			assert_int_equal(weights_record_groups(&got, cases[c].n_cells, &arena, &back), 0);
			for (int g = 0; g < 2; g++) {
				assert_int_equal(back[g].by, groups[g].by);
				assert_int_equal(back[g].n, groups[g].n);
				assert_memory_equal(back[g].at, at, groups[g].n * sizeof *at);
			}
			if (n && at[n - 1] > 0) /* read by who has fewer cells */
				assert_int_equal(weights_record_groups(&got, at[n - 1], &arena, &back), ERR_SYNTAX);
		}
	arena_release(&arena);
}

static void test_3000_cells_take_under_5_kilobytes(void **state)
{
	(void)state;
	struct arena arena;
	arena_init(&arena);
	uint32_t at[3000], next = 0;
	uint64_t seed = 1;
	for (uint32_t i = 0; i < COUNT(at); i++)
		next = at[i] = next + 1 + learner_random(&seed) % 2700;
	struct weights_group group = { -12345, COUNT(at), at };
	struct weights_record head = { .kind = WEIGHTS_RECORD_LESSON };
	struct span bytes;
	assert_int_equal(weights_record_write(&arena, &head, &group, 1, 1u << 22, &bytes), 0);
	assert_in_range(bytes.n, 4000, 4700);
	arena_release(&arena);
}

/* With a checksum that fits, so that only the reader of groups stands between the bytes and the cells. */
static void test_hostile_groups(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		uint8_t payload[24];
		size_t n;
		int want;
	} cases[] = {
		{ "one cell", { 2, 1, 0, 1, 1 }, 5, 0 },
		{ "bits missing", { 2, 1, 0, 0 }, 4, ERR_SYNTAX },
		{ "more cells than bits", { 2, 9, 0, 1, 0xFF }, 5, ERR_SYNTAX },
		{ "a million cells claimed", { 2, 0x80, 0x80, 0x40, 0, 1, 0xFF }, 7, ERR_SYNTAX },
		{ "beyond the last cell", { 2, 1, 28, 4, 0xFF, 0xFF, 0xFF, 0xFF }, 8, ERR_SYNTAX },
		{ "a gap without end", { 2, 1, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0 }, 12, ERR_SYNTAX },
		{ "parameter too large", { 2, 1, 29, 8, 1, 1, 1, 1, 1, 1, 1, 1 }, 12, ERR_SYNTAX },
		{ "number too long", { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 1, 0, 1, 1 }, 10, ERR_SYNTAX },
		{ "something left over", { 2, 1, 0, 1, 1, 0 }, 6, ERR_SYNTAX },
		{ "nothing", { 0 }, 0, ERR_SYNTAX },
	};
	struct arena arena;
	arena_init(&arena);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct weights_record record = { .kind = WEIGHTS_RECORD_LESSON,
						 .n_groups = 1,
						 .payload = span_of(cases[i].payload, cases[i].n) };
		struct weights_group *groups;
		if (weights_record_groups(&record, 1000, &arena, &groups) != cases[i].want)
			fail_msg("%s", cases[i].name);
	}
	arena_release(&arena);
}

static void test_sum(void **state)
{
	(void)state;
	enum { N = 7 };
	struct arena arena;
	arena_init(&arena);
	int32_t cells[N] = { 0, 1, -1, INT32_MIN, INT32_MAX, 0, 9 };
	struct weights_source sources[2] = { { learner_id(1), 11 }, { learner_id(2), 22 } }, all[LIMIT_WEIGHTS_SOURCES];
	struct weights_sum sum = { 5, 6, 7, 2, sources, cells }, back;
	struct weights_record head = { .kind = WEIGHTS_RECORD_SUM }, got;
	struct span bytes = weights_record_write_sum(&arena, &head, &sum, N);
	assert_int_equal(weights_record_read(bytes, N, &got), 0);
	assert_int_equal(weights_record_sum(&got, N, &arena, &back), 0);
	assert_memory_equal(back.cells, cells, sizeof cells);
	assert_int_equal(weights_record_counts(&got).spam, 5);
	assert_int_equal(weights_record_counts(&got).ham, 6);
	assert_int_equal(weights_record_counts(&got).forgotten, 7);
	assert_int_equal(weights_record_sum(&got, N - 1, &arena, &back), ERR_SYNTAX);
	uint32_t n = 0;
	assert_int_equal(weights_record_sources(&got, all, &n), 0);
	assert_int_equal(weights_record_sources(&got, all, &n), 0);
	assert_int_equal(n, 2); /* each once */
	assert_int_equal(all[1].mark, 22);
	for (n = 0; n < LIMIT_WEIGHTS_SOURCES; n++)
		all[n] = (struct weights_source){ learner_id(1000 + n), 1 };
	assert_int_equal(weights_record_sources(&got, all, &n), ERR_LIMIT);
	arena_release(&arena);
}

static void test_every_changed_byte_is_noticed(void **state)
{
	(void)state;
	struct arena arena;
	arena_init(&arena);
	struct lesson_box box;
	const struct weights_lesson *lesson;
	for (uint32_t i = 0; (lesson = learner_lesson(i, &box))->n_groups < LEARNER_GROUPS;)
		i++;
	struct weights_record head = { .kind = WEIGHTS_RECORD_LESSON, .id = lesson->id }, got;
	struct span bytes;
	assert_int_equal(weights_record_write(&arena, &head, lesson->groups, lesson->n_groups, LEARNER_CELLS, &bytes), 0);
	assert_true(bytes.n > 100);
	uint8_t *copy = malloc(bytes.n);
	for (size_t i = 0; i < bytes.n; i++) {
		memcpy(copy, bytes.p, bytes.n);
		copy[i] ^= 0x10;
		assert_int_equal(weights_record_read(span_of(copy, bytes.n), LEARNER_CELLS, &got), ERR_SYNTAX);
		assert_int_equal(weights_record_read(span_of(bytes.p, i), LEARNER_CELLS, &got), ERR_SYNTAX);
	}
	free(copy);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_groups_come_back),
		cmocka_unit_test(test_3000_cells_take_under_5_kilobytes),
		cmocka_unit_test(test_hostile_groups),
		cmocka_unit_test(test_sum),
		cmocka_unit_test(test_every_changed_byte_is_noticed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
