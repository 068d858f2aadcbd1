/* learn/prior: what is written is read, nothing else is; it speaks before anything was learned and is silent soon after; the shipped one
 * belongs to this program. */
#include "base/err.h"
#include "learn/prior.h"
#include "tests/learn_test.h"

#include <math.h>
#include <stdlib.h>

enum { CELLS = FEATURES_CELLS };

static int8_t weights[CELLS];

/* A prior of one view, with cells at both ends and gaps of every length. */
static struct span written(struct arena *arena)
{
	struct model_prior prior = { 0 };
	struct buf out;
	memset(weights, 0, sizeof weights);
	for (uint32_t cell = 0; cell < CELLS; cell += 1 + cell / 3)
		weights[cell] = (int8_t)(cell % 2 ? 127 : -127);
	weights[CELLS - 1] = 1;
	prior.view[FEATURES_TEXT].weight = weights;
	prior.view[FEATURES_TEXT].unit = 1000;
	buf_init(&out, arena, 1 << 20);
	prior_write(&prior, &out);
	return buf_span(&out);
}

static void read_as_written(void **state)
{
	struct arena arena;
	struct model_prior prior;
	(void)state;
	arena_init(&arena);
	assert_int_equal(prior_read(written(&arena), &prior), 0);
	assert_int_equal(prior.view[FEATURES_TEXT].unit, 1000);
	assert_memory_equal(prior.view[FEATURES_TEXT].weight, weights, CELLS);
	for (unsigned v = 0; v < FEATURES_VIEWS; v++)
		assert_true(v == FEATURES_TEXT || !prior.view[v].weight);
	assert_int_equal(prior_bytes(&prior), CELLS);
	prior_release(&prior);
	arena_release(&arena);
}

static void refuses_damage(void **state)
{
	struct arena arena;
	struct model_prior prior;
	(void)state;
	arena_init(&arena);
	struct span file = written(&arena);
	uint8_t *bytes = arena_alloc(&arena, file.n + 1);
	for (size_t n = 0; n < file.n; n++)
		assert_int_equal(prior_read(span_first(file, n), &prior), ERR_SYNTAX);
	for (size_t i = 0; i < file.n; i++) {
		memcpy(bytes, file.p, file.n);
		bytes[i] ^= 1;
		assert_int_equal(prior_read(span_of(bytes, file.n), &prior), ERR_SYNTAX);
	}
	memcpy(bytes, file.p, file.n);
	assert_int_equal(prior_read(span_of(bytes, file.n + 1), &prior), ERR_SYNTAX);
	arena_release(&arena);
}

/* When this fails, MODEL_FORMAT was raised: run tools/make-prior. */
static void shipped_belongs_to_this_program(void **state)
{
	const struct model_prior *prior = prior_shipped();
	(void)state;
	assert_non_null(prior);
	assert_ptr_equal(prior, prior_shipped());
	assert_true(prior_bytes(prior) <= 1 << 20);
}

static void fades(void **state)
{
	struct learn_seen seen;
	int32_t *cells = calloc(MODEL_CELLS, sizeof *cells);
	struct model bare = { .cells = cells }, model = { .cells = cells, .prior = prior_shipped() };
	struct model_score score;
	double before = 1e9;
	(void)state;
	learn_begin(&seen);
	learn_see(&seen,
		  SPAN("From: a@example.org\nSubject: lowest prices\n\nClick here to order now. You have been selected: free money.\n"));
	model_score(&bare, &seen.features, 500, &score);
	assert_true(fabs(score.log_odds - 0.5) < 1e-9);
	model_score(&model, &seen.features, 500, &score);
	assert_true(score.log_odds > 0.5);

	float *nats = arena_alloc(&seen.pipeline.arena, (seen.features.of[FEATURES_TEXT].n + 1) * sizeof *nats);
	double sum = 0;
	model_shares(&model, &seen.features, &score, FEATURES_TEXT, nats);
	for (uint32_t i = 0; i < seen.features.of[FEATURES_TEXT].n; i++)
		sum += nats[i];
	assert_true(fabs(sum - score.share[FEATURES_TEXT]) < 1e-4);

	/* One kind of mail alone tells nothing apart, so the prior stays; then each message of the other kind silences it further. */
	cells[MODEL_SEEN_SPAM] = 50;
	for (int32_t ham = 0; ham <= 50; ham += 5) {
		cells[MODEL_SEEN_HAM] = ham;
		model_score(&model, &seen.features, 500, &score);
		assert_true(score.log_odds > 0.5 && score.log_odds < before);
		before = score.log_odds;
	}
	assert_true(before < 0.5 + 0.002);
	learn_release(&seen);
	free(cells);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(read_as_written),
		cmocka_unit_test(refuses_damage),
		cmocka_unit_test(shipped_belongs_to_this_program),
		cmocka_unit_test(fades),
	};
	return cmocka_run_group_tests_name("learn/prior", tests, NULL, NULL);
}
