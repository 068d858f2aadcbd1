/* verdict/counterfactual: held against trying every set of up to four pieces, on thousands of generated messages. */
#include "tests/test.h"
#include "verdict/verdict.h"

enum { KINDS = 200 };

static uint32_t seed = 20261121;

static uint32_t pick(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)seed * n >> 32);
}

static struct verdict without(const struct evidence_set *set, const struct verdict_thresholds *thresholds, const uint32_t *out, unsigned n)
{
	struct evidence kept[KINDS];
	struct evidence_set rest = { .list = { kept, 0, KINDS } };
	for (uint32_t i = 0; i < set->list.n; i++) {
		bool gone = false;
		for (unsigned k = 0; k < n; k++)
			gone |= out[k] == i;
		if (!gone)
			kept[rest.list.n++] = set->list.v[i];
	}
	return verdict_judge(&rest, thresholds);
}

struct brute {
	unsigned size;
	uint32_t total;
	const struct evidence_set *set;
	const struct verdict *verdict;
	const struct counterfactual *found;
	uint32_t listed; /* of the sets found by trying all, those that are in the list */
};

static void try_all(struct brute *b, uint32_t *chosen, unsigned n, unsigned size, uint32_t from)
{
	if (n == size) {
		struct verdict other = without(b->set, &b->verdict->thresholds, chosen, n);
		if (other.action == b->verdict->action)
			return;
		b->size = size;
		b->total++;
		for (uint32_t i = 0; i < b->found->n_sets; i++)
			if (b->found->size == size && memcmp(b->found->set[i], chosen, size * sizeof *chosen) == 0) {
				b->listed++;
				assert_int_equal(b->found->becomes[i], other.action);
			}
		return;
	}
	for (uint32_t i = from; i < b->set->list.n; i++) {
		chosen[n] = i;
		try_all(b, chosen, n + 1, size, i + 1);
	}
}

static void generate(struct evidence_set *set, struct evidence_def *defs, uint32_t n, struct verdict_thresholds *thresholds)
{
	uint32_t groups = 1 + pick(4), span = pick(2) ? 4000 : 900, negative = pick(4);
	for (uint32_t i = 0; i < n; i++) {
		int32_t weight = (int32_t)pick(span);
		if (pick(3) == 0)
			weight -= weight % 500; /* equal ones too */
		defs[i] = (struct evidence_def){ "generated", pick(groups) * 3, pick(4) < negative ? -weight : weight, 0, "", "" };
		evidence_add(set, &defs[i], span_none, span_none, span_none);
	}
	*thresholds = (struct verdict_thresholds){ (int32_t)pick(2000) - 1000, 2000, 4000, 8000 };
	if (pick(10) == 0) /* settings may be out of order */
		*thresholds = (struct verdict_thresholds){ 0, (int32_t)pick(5000), (int32_t)pick(5000), (int32_t)pick(5000) };
}

static void same_as_trying_all(void **state)
{
	static struct evidence_def defs[KINDS];
	unsigned sizes[COUNTERFACTUAL_SIZE + 1] = { 0 };
	struct arena arena;
	(void)state;
	arena_init(&arena);
	for (unsigned round = 0; round < 4000; round++) {
		struct evidence_set set = { .arena = &arena };
		struct verdict_thresholds thresholds;
		struct counterfactual found;
		uint32_t chosen[COUNTERFACTUAL_SIZE];
		generate(&set, defs, pick(13), &thresholds);
		struct verdict verdict = verdict_judge(&set, &thresholds);
		verdict_counterfactual(&set, &verdict, &found);
		struct brute b = { .set = &set, .verdict = &verdict, .found = &found };
		for (unsigned size = 1; size <= COUNTERFACTUAL_SIZE && !b.total; size++)
			try_all(&b, chosen, 0, size, 0);
		assert_int_equal(found.size, b.size);
		assert_int_equal(found.total, b.total);
		assert_int_equal(found.n_sets, b.total < COUNTERFACTUAL_SETS ? b.total : COUNTERFACTUAL_SETS);
		assert_int_equal(b.listed, found.n_sets);
		sizes[found.size]++;
		arena_reset(&arena);
	}
	for (unsigned size = 0; size <= COUNTERFACTUAL_SIZE; size++)
		assert_true(sizes[size] > 20); /* the generator reaches every case */
	arena_release(&arena);
}

/* 200 pieces of nearly equal weight, of which any four are enough and no three: 64,684,950 sets, counted without being walked. */
static void many(void **state)
{
	static struct evidence_def defs[KINDS];
	struct arena arena;
	struct counterfactual found;
	(void)state;
	arena_init(&arena);
	struct evidence_set set = { .arena = &arena };
	for (uint32_t i = 0; i < KINDS; i++) {
		defs[i] = (struct evidence_def){ "generated", i % 10, 10, 0, "", "" };
		evidence_add(&set, &defs[i], span_none, span_none, span_none);
	}
	struct verdict_thresholds thresholds = { 0, 1961, 4000, 8000 };
	struct verdict verdict = verdict_judge(&set, &thresholds);
	assert_int_equal(verdict.score, 2000);
	verdict_counterfactual(&set, &verdict, &found);
	assert_int_equal(found.size, 4);
	assert_int_equal(found.total, 64684950);
	assert_int_equal(found.n_sets, COUNTERFACTUAL_SETS);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(same_as_trying_all), cmocka_unit_test(many) };
	return cmocka_run_group_tests_name("verdict/counterfactual", tests, NULL, NULL);
}
