/* tests/unit/state/learner.h - lessons made from a number, a folder to learn in, and the cells as they should be. */
#ifndef TESTS_LEARNER_H
#define TESTS_LEARNER_H

#include "state/weights.h"
#include "tests/test.h"

#include <stdlib.h>
#include <unistd.h>

enum { LEARNER_CELLS = 5000, LEARNER_GROUPS = 3, LEARNER_GROUP_CELLS = 200 };

struct lesson_box {
	struct weights_lesson lesson;
	struct weights_group groups[LEARNER_GROUPS];
	uint32_t at[LEARNER_GROUPS][LEARNER_GROUP_CELLS];
};

static inline uint32_t learner_random(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*seed >> 33);
}

static inline struct weights_id learner_id(uint32_t number)
{
	struct weights_id id = { { 0 } };
	memcpy(id.b, &number, sizeof number);
	id.b[15] = 7;
	return id;
}

/* The same number, the same lesson: up to three groups of ascending cells, steps of either sign. */
static inline const struct weights_lesson *learner_lesson(uint32_t number, struct lesson_box *box)
{
	uint64_t seed = number * 977u + 1;
	for (int i = 0; i < 3; i++)
		learner_random(&seed);
	box->lesson = (struct weights_lesson){
		.id = learner_id(number),
		.label = number % 3 ? WEIGHTS_SPAM : WEIGHTS_HAM,
		.time = 1000000 + number,
		.tag = number * 3u,
		.groups = box->groups,
		.n_groups = learner_random(&seed) % (LEARNER_GROUPS + 1),
	};
	for (uint32_t g = 0; g < box->lesson.n_groups; g++) {
		uint32_t at = learner_random(&seed) % 20, n = 0, most = learner_random(&seed) % (LEARNER_GROUP_CELLS + 1);
		for (; n < most && at < LEARNER_CELLS; at += 1 + learner_random(&seed) % 40)
			box->at[g][n++] = at;
		int32_t by = (int32_t)(learner_random(&seed) << 1);
		box->groups[g] = (struct weights_group){ g == 2 ? by : by % 1000, n, box->at[g] };
	}
	return &box->lesson;
}

static inline void learner_add(int32_t *cells, uint32_t number, int sign)
{
	struct lesson_box box;
	const struct weights_lesson *lesson = learner_lesson(number, &box);
	for (uint32_t g = 0; g < lesson->n_groups; g++)
		for (uint32_t i = 0; i < lesson->groups[g].n; i++)
			cells[lesson->groups[g].at[i]] =
			    (int32_t)((uint32_t)cells[lesson->groups[g].at[i]] + (uint32_t)sign * (uint32_t)lesson->groups[g].by);
}

/* A fresh folder below $TMPDIR; path is where the weights go. */
struct learner_place {
	char folder[256], path[300], journal[320];
};

static inline void learner_place_make(struct learner_place *place)
{
	const char *tmp = getenv("TMPDIR");
	snprintf(place->folder, sizeof place->folder, "%s/postern-weights-XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(place->folder));
	snprintf(place->path, sizeof place->path, "%s/weights", place->folder);
	snprintf(place->journal, sizeof place->journal, "%s.journal", place->path);
}

static inline void learner_place_remove(const struct learner_place *place)
{
	char command[300];
	snprintf(command, sizeof command, "rm -rf '%s'", place->folder);
	assert_int_equal(system(command), 0);
}

static inline struct weights_options learner_options(enum weights_mode mode)
{
	return (struct weights_options){ .mode = mode, .n_cells = LEARNER_CELLS, .format = 4, .now = 1700000000 };
}

static inline struct weights *learner_open(const struct learner_place *place, const struct weights_options *options)
{
	struct weights *w = NULL;
	char why[WEIGHTS_WHY_MAX] = "";
	int err = weights_open(place->path, options, why, &w);
	if (err < 0)
		print_error("%s (%d)\n", why, err);
	assert_int_equal(err, 0);
	return w;
}

static inline int learner_teach(struct weights *w, uint32_t number)
{
	struct lesson_box box;
	assert_int_equal(weights_begin(w), 0);
	int err = weights_teach(w, learner_lesson(number, &box));
	weights_end(w);
	return err;
}

static inline int learner_forget(struct weights *w, uint32_t number)
{
	struct weights_id id = learner_id(number);
	assert_int_equal(weights_begin(w), 0);
	int err = weights_forget(w, &id, NULL);
	weights_end(w);
	return err;
}

static inline bool learner_knows(struct weights *w, uint32_t number)
{
	struct weights_id id = learner_id(number);
	struct weights_taught taught;
	assert_int_equal(weights_begin(w), 0);
	bool known = weights_known(w, &id, &taught);
	weights_end(w);
	return known;
}

/* A whole file, and back. */
struct learner_file {
	uint8_t *p;
	size_t n;
};

static inline struct learner_file learner_load(const char *path)
{
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	struct learner_file file = { NULL, (size_t)ftell(f) };
	rewind(f);
	file.p = malloc(file.n + 1);
	assert_int_equal(fread(file.p, 1, file.n, f), file.n);
	fclose(f);
	return file;
}

static inline void learner_store(const char *path, const struct learner_file *file, size_t n)
{
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(file->p, 1, n, f), n);
	fclose(f);
}

#define assert_cells(w, want) assert_memory_equal(weights_cells(w), (want), LEARNER_CELLS * sizeof(int32_t))

#endif
