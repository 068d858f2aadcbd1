/* learn/evaluation.c - see evaluation.h */
#include "learn/evaluation.h"
#include "base/err.h"
#include "base/limits.h"

#include <math.h>
#include <stdlib.h>

enum { RESAMPLES = 400, BINS_MOST = 20, BIN_LEAST = 50 };
#define PERCENT 100.0
#define SURE 0.99

const struct evaluation_loss evaluation_losses[EVALUATION_LOSSES] = { { 100, "1" }, { 1000, "0.1" }, { 10000, "0.01" } };

/* One message in order of score. */
struct item {
	double probability;
	bool spam, taken; /* taken: at or above the threshold */
	bool last;        /* of those with the same score */
};

/* The run in order of score, and how often each message occurs in the resample at hand. */
struct ordered {
	struct item *items;
	uint16_t *times;
	uint32_t *places[EVALUATION_CLASSES]; /* of each class's messages among the items */
	uint32_t n, n_class[EVALUATION_CLASSES];
};

/* What one pass over the run, or over a resample of it, yields. */
enum { ROCA, MISSED, LAM = MISSED + EVALUATION_LOSSES, CALIBRATION, MEASURES };
struct sample {
	double value[MEASURES];
};

struct bins {
	double sum; /* of probabilities in the open bin */
	uint32_t n, spam, most;
	double distance; /* of closed bins, times their messages */
};

static int by_score(const void *a, const void *b)
{
	double x = ((const struct evaluation_message *)a)->log_odds, y = ((const struct evaluation_message *)b)->log_odds;
	return (x > y) - (x < y);
}

static void bin_close(struct bins *bins)
{
	bins->distance += fabs(bins->sum - bins->spam);
	bins->sum = 0;
	bins->n = bins->spam = 0;
}

static uint32_t bin_size(uint32_t n)
{
	uint32_t count = n / BIN_LEAST > BINS_MOST ? BINS_MOST : n / BIN_LEAST;
	return count ? (n + count - 1) / count : n;
}

static double logit(uint64_t errors, uint32_t n)
{
	double rate = ((double)errors + 0.5) / ((double)n + 1);
	return log(rate / (1 - rate));
}

static double lam(const struct ordered *run, uint64_t good_lost, uint64_t spam_missed)
{
	double mean = (logit(good_lost, run->n_class[EVALUATION_GOOD]) + logit(spam_missed, run->n_class[EVALUATION_SPAM])) / 2;
	return PERCENT / (1 + exp(-mean));
}

/* One pass from the lowest score to the highest. */
static struct sample measure(const struct ordered *run)
{
	struct sample sample;
	struct bins bins = { .most = bin_size(run->n) };
	uint32_t good = run->n_class[EVALUATION_GOOD], spam = run->n_class[EVALUATION_SPAM];
	uint64_t below[EVALUATION_CLASSES] = { 0 }, same[EVALUATION_CLASSES] = { 0 }, errors[EVALUATION_CLASSES] = { 0 };
	uint64_t halves = 0; /* twice the pairs in the wrong order, a tie counting once */
	unsigned loss = 0;
	for (uint32_t i = 0; i < run->n; i++) {
		const struct item *item = &run->items[i];
		uint32_t times = run->times[i];
		same[item->spam] += times;
		errors[item->spam] += item->taken != item->spam ? times : 0;
		bins.sum += times * item->probability;
		bins.n += times;
		bins.spam += item->spam ? times : 0;
		if (!item->last)
			continue;
		halves += same[EVALUATION_GOOD] * (2 * below[EVALUATION_SPAM] + same[EVALUATION_SPAM]);
		below[EVALUATION_GOOD] += same[EVALUATION_GOOD];
		below[EVALUATION_SPAM] += same[EVALUATION_SPAM];
		same[EVALUATION_GOOD] = same[EVALUATION_SPAM] = 0;
		/* So much good mail must pass; the threshold is just above this score once it does. */
		while (loss < EVALUATION_LOSSES && below[EVALUATION_GOOD] >= good - good / evaluation_losses[loss].one_in)
			sample.value[MISSED + loss++] = PERCENT * (double)below[EVALUATION_SPAM] / spam;
		if (bins.n >= bins.most)
			bin_close(&bins);
	}
	bin_close(&bins);
	sample.value[ROCA] = PERCENT * (double)halves / (2.0 * good * spam);
	sample.value[LAM] = lam(run, errors[EVALUATION_GOOD], errors[EVALUATION_SPAM]);
	sample.value[CALIBRATION] = PERCENT * bins.distance / run->n;
	return sample;
}

/* SplitMix64 (Steele, Lea, Flood 2014): small, and good enough to draw messages. */
static uint64_t draw(uint64_t *state)
{
	uint64_t z = *state += 0x9E3779B97F4A7C15;
	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
	return z ^ (z >> 31);
}

static void resample(struct ordered *run, uint64_t *state)
{
	memset(run->times, 0, run->n * sizeof *run->times);
	for (unsigned class = 0; class < EVALUATION_CLASSES; class ++)
		for (uint32_t i = 0; i < run->n_class[class]; i++)
			run->times[run->places[class][(draw(state) >> 32) * run->n_class[class] >> 32]]++;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* The estimate, between the percentiles 2.5 and 97.5 of what the resamples gave (sorted here). */
static struct estimate percentiles(double value, double *resampled)
{
	enum { TAIL = RESAMPLES / 40 };
	qsort(resampled, RESAMPLES, sizeof *resampled, by_value);
	return (struct estimate){ value, fmin(value, resampled[TAIL]), fmax(value, resampled[RESAMPLES - 1 - TAIL]) };
}

static const struct estimate not_available = { NAN, NAN, NAN };

static void estimate(struct ordered *run, struct evaluation *ret)
{
	struct estimate *const into[MEASURES] = {
		[ROCA] = &ret->roca, [MISSED] = &ret->missed[0],        [MISSED + 1] = &ret->missed[1], [MISSED + 2] = &ret->missed[2],
		[LAM] = &ret->lam,   [CALIBRATION] = &ret->calibration,
	};
	double resampled[MEASURES][RESAMPLES];
	uint64_t state = 1;
	struct sample whole = measure(run);
	for (unsigned i = 0; i < RESAMPLES; i++) {
		resample(run, &state);
		struct sample sample = measure(run);
		for (unsigned m = 0; m < MEASURES; m++)
			resampled[m][i] = sample.value[m];
	}
	bool both = run->n_class[EVALUATION_GOOD] && run->n_class[EVALUATION_SPAM];
	for (unsigned m = 0; m < MEASURES; m++)
		*into[m] = both || m == CALIBRATION ? percentiles(whole.value[m], resampled[m]) : not_available;
	for (unsigned loss = 0; loss < EVALUATION_LOSSES; loss++)
		if (run->n_class[EVALUATION_GOOD] < evaluation_losses[loss].one_in)
			ret->missed[loss] = not_available;
}

/* E. B. Wilson 1927: the shares that would not be surprised by what was seen. */
static struct estimate share(uint64_t hits, uint64_t n)
{
	const double z = 1.959964;
	if (!n)
		return not_available;
	double p = (double)hits / (double)n, z2 = z * z / (double)n;
	double middle = (p + z2 / 2) / (1 + z2), half = z * sqrt(p * (1 - p) / (double)n + z2 / (4 * (double)n)) / (1 + z2);
	return (struct estimate){ PERCENT * p, hits ? PERCENT * (middle - half) : 0, hits < n ? PERCENT * (middle + half) : PERCENT };
}

static void outcome(const struct evaluation_message *run, size_t n, struct evaluation *ret)
{
	uint64_t with_action[EVALUATION_CLASSES] = { 0 };
	for (size_t i = 0; i < n; i++) {
		if (run[i].action == EVALUATION_NO_ACTION)
			continue;
		with_action[run[i].spam]++;
		ret->outcome[run[i].spam][run[i].action]++;
	}
	for (unsigned class = 0; class < EVALUATION_CLASSES; class ++)
		for (unsigned action = 0; action < EVALUATION_ACTIONS; action++)
			ret->outcome_share[class][action] = share(ret->outcome[class][action], with_action[class]);
}

static void sure(const struct ordered *run, struct evaluation *ret)
{
	uint64_t spam = 0;
	for (uint32_t i = run->n; i-- > 0 && run->items[i].probability >= SURE; ret->sure_messages++)
		spam += run->items[i].spam;
	ret->sure = share(spam, ret->sure_messages);
}

static void order(struct evaluation_message *sorted, double threshold, struct ordered *run)
{
	qsort(sorted, run->n, sizeof *sorted, by_score);
	for (uint32_t i = 0; i < run->n; i++) {
		double score = sorted[i].log_odds;
		run->items[i] = (struct item){ .probability = 1 / (1 + exp(-score)),
					       .spam = sorted[i].spam,
					       .taken = score >= threshold,
					       .last = i + 1 == run->n || sorted[i + 1].log_odds > score };
		run->times[i] = 1;
		run->places[sorted[i].spam][run->n_class[sorted[i].spam]++] = i;
	}
}

int evaluation_measure(const struct evaluation_message *messages, size_t n, double threshold, struct evaluation *ret)
{
	if (n > LIMIT_EVALUATION)
		return ERR_LIMIT;
	struct ordered run = { .n = (uint32_t)n };
	struct evaluation_message *sorted = malloc((n + 1) * sizeof *sorted);
	run.items = malloc((n + 1) * sizeof *run.items);
	run.times = malloc((n + 1) * sizeof *run.times);
	for (unsigned class = 0; class < EVALUATION_CLASSES; class ++)
		run.places[class] = malloc((n + 1) * sizeof *run.places[class]);
	bool room = sorted && run.items && run.times && run.places[0] && run.places[1];
	if (room) {
		struct evaluation evaluation = { 0 };
		if (n)
			memcpy(sorted, messages, n * sizeof *sorted);
		order(sorted, threshold, &run);
		for (unsigned class = 0; class < EVALUATION_CLASSES; class ++)
			evaluation.messages[class] = run.n_class[class];
		estimate(&run, &evaluation);
		sure(&run, &evaluation);
		outcome(messages, n, &evaluation);
		if (n == 0)
			evaluation.calibration = not_available;
		*ret = evaluation;
	}
	free(sorted);
	free(run.items);
	free(run.times);
	free(run.places[EVALUATION_GOOD]);
	free(run.places[EVALUATION_SPAM]);
	return room ? 0 : ERR_LIMIT;
}
