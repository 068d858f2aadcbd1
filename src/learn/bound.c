/* learn/bound.c - see bound.h */
#include "learn/bound.h"
#include "learn/exact.h"

#define RISK 0.01

/* Cell 0 counts the scores; then the generations of many, then those of the newest. */
static uint32_t cell_of(bool newest, uint32_t generation, uint32_t bin)
{
	return 1 + ((newest ? BOUND_GENERATIONS : 0) + generation) * BOUND_BINS + bin;
}

static int32_t read_cell(const int32_t *cells, uint32_t i) { return __atomic_load_n(&cells[i], __ATOMIC_RELAXED); }

static uint32_t bin_of(double log_odds)
{
	return log_odds < 0 ? 0 : log_odds >= BOUND_BINS / 4.0 ? BOUND_BINS - 1 : (uint32_t)(log_odds * 4);
}

/* Cells are added to modulo 2^32: any value may stand in a damaged one. */
static int32_t wrapping_less(int32_t a, int32_t b) { return (int32_t)((uint32_t)a - (uint32_t)b); }

static unsigned record_in(const int32_t *cells, bool newest, uint32_t count, uint32_t bin, struct bound_change *changes)
{
	uint32_t size = newest ? BOUND_NEWEST : BOUND_MANY, generation = count / size % BOUND_GENERATIONS;
	unsigned n = 0;
	int32_t add = 1;
	for (uint32_t b = 0; count % size == 0 && b < BOUND_BINS; b++) {
		int32_t old = read_cell(cells, cell_of(newest, generation, b));
		if (b == bin)
			add = wrapping_less(add, old);
		else if (old)
			changes[n++] = (struct bound_change){ cell_of(newest, generation, b), wrapping_less(0, old) };
	}
	changes[n++] = (struct bound_change){ cell_of(newest, generation, bin), add };
	return n;
}

unsigned bound_record(const int32_t *cells, double log_odds, struct bound_change changes[BOUND_CHANGES])
{
	int32_t count = read_cell(cells, 0);
	uint32_t bin = bin_of(log_odds), n = 0;
	changes[n++] = (struct bound_change){ 0, 1 };
	n += record_in(cells, false, count > 0 ? (uint32_t)count : 0, bin, changes + n);
	n += record_in(cells, true, count > 0 ? (uint32_t)count : 0, bin, changes + n);
	return n;
}

/* log of n! by Stirling's series; good to 1e-10 from 10 on, exact below by product. */
static double log_factorial(double n)
{
	double small = 1;
	if (n < 10) {
		for (; n > 1; n--)
			small *= n;
		return exact_log(small);
	}
	return (n + 0.5) * exact_log(n) - n + 0.91893853320467274 + 1 / (12 * n) - 1 / (360 * n * n * n);
}

/* P(Binomial(n, p) <= k) */
static double cumulative(uint64_t k, uint64_t n, double p)
{
	double sum = 0, log_p = exact_log(p), log_q = exact_log(1 - p), all = log_factorial((double)n);
	for (uint64_t i = 0; i <= k; i++)
		sum += exact_exp(all - log_factorial((double)i) - log_factorial((double)(n - i)) + (double)i * log_p +
				 (double)(n - i) * log_q);
	return sum;
}

/* The p at which P(<= k) comes down to level; the sum's terms are few where it matters: beyond FEW the normal approximation serves. */
static double share_at(uint64_t k, uint64_t n, double level, double normal)
{
	enum { FEW = 400, HALVINGS = 60 };
	double low = 1e-12, high = 1 - 1e-12;
	if (k > FEW) {
		double p = (double)k / (double)n;
		p += normal * __builtin_sqrt(p * (1 - p) / (double)n);
		return p < 0 ? 0 : p > 1 ? 1 : p;
	}
	for (unsigned i = 0; i < HALVINGS; i++) {
		double middle = (low + high) / 2;
		if (cumulative(k, n, middle) > level)
			low = middle;
		else
			high = middle;
	}
	return high;
}

double bound_upper(uint64_t k, uint64_t n) { return n == 0 || k >= n ? 1 : share_at(k, n, RISK, 2.326); }

double bound_lower(uint64_t k, uint64_t n) { return n == 0 || k == 0 ? 0 : k > n ? 1 : share_at(k - 1, n, 1 - RISK, -2.326); }

/* The two full or filling generations; the third is what the next one overwrites. */
static uint64_t gather(const int32_t *cells, bool newest, uint64_t ret_bins[BOUND_BINS])
{
	int32_t count = read_cell(cells, 0);
	uint32_t size = newest ? BOUND_NEWEST : BOUND_MANY, last = count > 0 ? ((uint32_t)count - 1) / size : 0;
	uint64_t sum = 0;
	for (uint32_t b = 0; b < BOUND_BINS; b++) {
		int64_t n = read_cell(cells, cell_of(newest, last % BOUND_GENERATIONS, b));
		if (last > 0)
			n += read_cell(cells, cell_of(newest, (last - 1) % BOUND_GENERATIONS, b));
		ret_bins[b] = n > 0 ? (uint64_t)n : 0;
		sum += ret_bins[b];
	}
	return sum;
}

static uint64_t above(const uint64_t bins[BOUND_BINS], uint32_t bin)
{
	uint64_t sum = 0;
	for (uint32_t b = bin; b < BOUND_BINS; b++)
		sum += bins[b];
	return sum;
}

struct bound bound_find(const int32_t *cells, int32_t least, double share)
{
	uint64_t many[BOUND_BINS], newest[BOUND_BINS];
	uint64_t n = gather(cells, false, many), n_newest = gather(cells, true, newest);
	uint32_t first = bin_of(least / 1000.0);
	struct bound bound = { .good = n, .lost = above(many, first), .threshold = least };
	bound.holds = bound_upper(bound.lost, n);
	bound.drift = bound_lower(above(newest, first), n_newest) > share;
	/* Bin edges above least. Errors are not enough to refuse a threshold that cannot be promised anyway. */
	for (uint32_t b = first; b < BOUND_BINS; b++) {
		uint64_t lost = above(many, b);
		double holds = bound_upper(lost, n);
		if (holds > share || bound_lower(above(newest, b), n_newest) > share)
			continue;
		bound.promised = true;
		bound.lost = lost;
		bound.holds = holds;
		bound.threshold = b == first ? least : (int32_t)b * 250;
		break;
	}
	return bound;
}
