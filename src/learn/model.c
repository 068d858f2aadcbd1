/* learn/model.c - see model.h
 *
 * Rates and bounds were chosen on streams of several years and kinds together, never for one of them (docs/learning.md has the figures). */
#include "learn/model.h"
#include "learn/bound.h"
#include "learn/exact.h"

#define MILLIONTH 1e-6

/* How a view is weighed: `norm` divides by the root of its features, so that long messages weigh like short ones (bytes of RAW are cut to a
 * length anyway); `rate` is the step for an error of one; up to `rounds` steps until the error is small. A `counted` one has two cells a
 * feature. */
static const struct {
	uint32_t base;
	double rate;
	unsigned rounds;
	bool norm, counted;
} views[FEATURES_VIEWS] = {
	[FEATURES_RAW] = { MODEL_RAW, 0.008, 1, false, false },
	[FEATURES_TEXT] = { MODEL_TEXT, 0.014, 4, true, false },
	[FEATURES_WORDS] = { MODEL_WORDS, 0.040, 2, true, true },
	[FEATURES_FIELDS] = { MODEL_FIELDS, 0.020, 2, true, true },
};

/* What one message and one sender can move (tools/measure-chaff has the figures): a step moves the message's own part by at most step_bound
 * nats, and so any other message's by less; and a sender that taught sender_lessons times of one class teaches at half the rate, and so on:
 * 500 lessons weigh like 40. Near copies of one message teach little anyway, being right and sure after the first. */
static const double step_bound = 4, sender_lessons = 10;
enum { SENDER_COUNTED = 40 }; /* lessons of a sender whose words are counted */

static const double right_and_sure = 0.02; /* an error below this teaches nothing */
static const double bias_rate = 0.2, mix_rate = 0.01;
static const double learned_start = 0.35, checks_start = 1; /* weights in the mix: without lessons the score is the checks' */
static const double part_bound = 4, checks_bound = 12;      /* nats: no part shouts the others down */
static const double prior_bound = 1;                        /* nats a view: strangers' mail is a hint */
static const double least_doubt = 0.01;                     /* below, the prior would add less than anybody sees: it costs no time */

static double within(double x, double bound) { return x > bound ? bound : x < -bound ? -bound : x; }

static double parameter(const struct model *model, uint32_t which)
{
	return __atomic_load_n(&model->cells[which], __ATOMIC_RELAXED) * MILLIONTH;
}

static double count(const struct model *model, uint32_t which)
{
	int32_t n = __atomic_load_n(&model->cells[which], __ATOMIC_RELAXED);
	return n > 0 ? n : 0;
}

double model_norm(enum feature_view view, uint32_t n) { return views[view].norm ? __builtin_sqrt(500.0 / (n + 100.0)) : 1; }

/* Cells lie all over tables that no first cache holds: asked for in time, they are there when they are read. */
enum { AHEAD = 32 };

static inline int32_t read_cell(const int32_t *cell) { return __atomic_load_n(cell, __ATOMIC_RELAXED); }

static int64_t sum_weights(const int32_t *cells, const struct feature_list *list)
{
	const uint32_t *cell = list->cell;
	uint32_t n = list->n, i = 0;
	int64_t sum = 0;
	for (; i + AHEAD < n; i++) {
		__builtin_prefetch(&cells[cell[i + AHEAD]]);
		sum += read_cell(&cells[cell[i]]);
	}
	for (; i < n; i++)
		sum += read_cell(&cells[cell[i]]);
	return sum;
}

/* ---- the prior ---- */

static const int8_t *prior_of(const struct model *model, enum feature_view view)
{
	return model->prior ? model->prior->view[view].weight : NULL;
}

/* What it adds to the view's share, as far as what was learned is not trusted: it fades fast. */
static void consult_prior(const struct model *model, enum feature_view view, const struct feature_list *list, struct model_score *score)
{
	const int8_t *weight = prior_of(model, view);
	int64_t units = 0;
	double doubt = 1 - score->trust;
	score->prior[view] = score->prior_slope[view] = 0;
	if (!weight || doubt < least_doubt)
		return;
	for (uint32_t i = 0; i < list->n; i++)
		units += weight[list->cell[i]];
	if (!units)
		return;
	double nats = (double)units * model->prior->view[view].unit * model_norm(view, list->n) * MILLIONTH;
	score->prior[view] = doubt * doubt * exact_squash(nats, prior_bound);
	score->prior_slope[view] = score->prior[view] / (double)units;
}

/* ---- counts: Robinson's f(w), averaged as a sum of log-odds over the root of their number ---- */

/* Both counts in one cell: spam in the lower half, ham in the upper. Neither goes beyond COUNT_MOST. */
enum { COUNT_MOST = 32000, COUNT_SPAM = 1, COUNT_HAM = 65536 };

/* Four features at a time, in single precision: plain operations, which IEEE 754 fixes as it does those of learn/exact.h. */
typedef float four __attribute__((vector_size(16)));
typedef int32_t four_ints __attribute__((vector_size(16)));

static const float strength = 0.1f, assumed = 0.52f; /* Robinson's s and x: so nothing says more than 14 nats */
static const float least_odds = 7;                   /* where a word begins to speak */
static const float log_odds_units = 16384;           /* of a nat */

struct counter {
	float spam, ham; /* messages counted */
	int64_t sum;     /* of log-odds so far, in units */
	uint32_t n;      /* that were not 0 */
};

/* Good to 2e-6 for normal positive numbers. */
static inline four log_of(four x)
{
	four_ints bits = (four_ints)x, above = (bits & 0x7FFFFF) > 0x3504F3; /* a mantissa beyond the root of 2 belongs to the next power */
	four_ints power = (bits >> 23) - 127 - above;
	four m = (four)((bits & 0x7FFFFF) | ((127 << 23) - (above & 1 << 23)));
	four t = (m - 1) / (m + 1), t2 = t * t; /* ln m = 2 (t + t^3/3 + t^5/5 + ...), |t| <= 0.172 */
	four sum = 1 + t2 * (1.0f / 3 + t2 * (1.0f / 5 + t2 * (1.0f / 7)));
	return 2 * t * sum + __builtin_convertvector(power, four) * 0.69314718f;
}

/* What four cells of counts say, in units; 0 when they say little or nothing. */
static inline four_ints counts_say(const struct counter *c, four_ints cells)
{
	four spam = __builtin_convertvector(cells & 0xFFFF, four), ham = __builtin_convertvector(cells >> 16 & 0xFFFF, four);
	/* f(w) and 1 - f(w), both times the same. */
	four s = spam * (c->ham + 1e-9f), h = ham * (c->spam + 1e-9f), n = spam + ham;
	four f = strength * assumed * (s + h) + n * s, against = strength * (1 - assumed) * (s + h) + n * h;
	four_ints speaks = (cells != 0) & ((f >= least_odds * against) | (against >= least_odds * f));
	four odds = f / against; /* not a number where both are 0 */
	return __builtin_convertvector((four)((four_ints)(log_of(odds) * log_odds_units) & speaks), four_ints);
}

static void counter_begin(const struct model *model, struct counter *c)
{
	c->spam = (float)count(model, MODEL_COUNTED_SPAM);
	c->ham = (float)count(model, MODEL_COUNTED_HAM);
	c->sum = c->n = 0;
}

enum { AT_ONCE = 64 };

static void counter_add(struct counter *c, const four_ints cells[AT_ONCE / 4])
{
	four_ints sum = { 0 }, spoke = { 0 };
	for (unsigned i = 0; i < AT_ONCE / 4; i++) {
		four_ints say = counts_say(c, cells[i]);
		sum += say;
		spoke -= say != 0;
	}
	for (unsigned i = 0; i < 4; i++) {
		c->sum += sum[i];
		c->n += (uint32_t)spoke[i];
	}
}

/* Weights and counts stand side by side: read together. */
static int64_t sum_weights_and_count(const int32_t *cells, const struct feature_list *list, struct counter *c)
{
	const uint32_t *cell = list->cell;
	uint32_t n = list->n, i = 0;
	int64_t sum = 0;
	while (i < n) {
		uint32_t many = n - i < AT_ONCE ? n - i : AT_ONCE;
		four_ints counts[AT_ONCE / 4] = { 0 };
		for (uint32_t k = 0; k < many; k++, i++) {
			const int32_t *pair = &cells[2 * cell[i]];
			__builtin_prefetch(&cells[2 * cell[i + AHEAD < n ? i + AHEAD : i]]);
			sum += read_cell(pair);
			counts[k / 4][k % 4] = read_cell(pair + 1);
		}
		counter_add(c, counts);
	}
	return sum;
}

/* ---- score ---- */

/* With none of one class nothing can be told apart; with few, or with much of one and little of the other, what was learned leans to what
 * is known best. Then the checks should speak. */
static double trust_of(const struct model *model)
{
	double ham = count(model, MODEL_SEEN_HAM), spam = count(model, MODEL_SEEN_SPAM);
	double less = ham < spam ? ham : spam, more = ham < spam ? spam : ham;
	double balance = more > 0 ? 2 * less / more : 0;
	return less / (less + 1) * __builtin_sqrt(__builtin_sqrt(balance < 1 ? balance : 1));
}

unsigned model_listens(const struct model *model)
{
	unsigned listens = 0;
	if (trust_of(model) > 0)
		return FEATURES_ALL;
	for (unsigned v = 0; v < FEATURES_VIEWS; v++)
		listens |= (unsigned)(prior_of(model, v) != NULL) << v;
	return listens;
}

void model_expect(const struct model *model, struct features_scratch *scratch)
{
	for (unsigned v = 0; v < FEATURES_VIEWS; v++)
		features_expect(scratch, v, model->cells + views[v].base, sizeof *model->cells << views[v].counted);
}

static double start_of(unsigned part) { return part == MODEL_CHECKS ? checks_start : learned_start; }

static double mix_of(const struct model *model, unsigned part)
{
	double weight = start_of(part) + parameter(model, MODEL_MIX + part);
	return weight > 0 ? weight : 0;
}

/* What part k adds. As far as the learned parts are not trusted, the checks speak for themselves, unweighed. */
static double share_of(const struct model *model, unsigned part, double score, double trust, double input)
{
	double share = mix_of(model, part) * input;
	return part == MODEL_CHECKS ? trust * share + (1 - trust) * score : share;
}

/* What goes into the sum of part k, before its weight. */
static double input_of(unsigned part, double score, double trust)
{
	if (part == MODEL_CHECKS)
		return within(score, checks_bound);
	return trust * exact_squash(score, part_bound);
}

void model_score(const struct model *model, const struct features *features, int32_t structural, struct model_score *ret)
{
	struct counter counter;
	double norm[FEATURES_VIEWS];
	ret->trust = trust_of(model);
	ret->seen_ham = (uint32_t)count(model, MODEL_SEEN_HAM);
	ret->seen_spam = (uint32_t)count(model, MODEL_SEEN_SPAM);
	counter_begin(model, &counter);
	for (unsigned v = 0; v < FEATURES_VIEWS; v++) {
		const struct feature_list *list = &features->of[v];
		const int32_t *cells = model->cells + views[v].base;
		int64_t sum = views[v].counted ? sum_weights_and_count(cells, list, &counter) : sum_weights(cells, list);
		norm[v] = model_norm(v, list->n) * MILLIONTH;
		ret->part[v] = (double)sum * norm[v];
		consult_prior(model, v, list, ret);
	}
	double counted = (double)counter.sum / (double)log_odds_units;
	ret->part[MODEL_COUNTS] = counted / __builtin_sqrt(counter.n + 10.0);
	ret->part[MODEL_CHECKS] = structural / 1000.0;
	ret->log_odds = 0;
	for (unsigned k = 0; k < MODEL_PARTS; k++) {
		ret->share[k] = share_of(model, k, ret->part[k], ret->trust, input_of(k, ret->part[k], ret->trust));
		if (k < FEATURES_VIEWS) {
			ret->slope[k] = ret->part[k] != 0 ? ret->share[k] / ret->part[k] * norm[k] : 0;
			ret->share[k] += ret->prior[k];
		}
		ret->log_odds += ret->share[k];
	}
	ret->slope[MODEL_COUNTS] = counter.sum ? ret->share[MODEL_COUNTS] / (double)counter.sum : 0;
}

void model_shares(const struct model *model, const struct features *features, const struct model_score *score, enum feature_view view,
		  float *ret)
{
	const struct feature_list *list = &features->of[view];
	const int32_t *cells = model->cells + views[view].base;
	const int8_t *prior = prior_of(model, view);
	struct counter c;
	counter_begin(model, &c);
	for (uint32_t i = 0; i < list->n; i++) {
		const int32_t *cell = &cells[list->cell[i] << views[view].counted];
		double nats = score->slope[view] * read_cell(cell);
		if (views[view].counted)
			nats += score->slope[MODEL_COUNTS] * counts_say(&c, (four_ints){ read_cell(cell + 1) })[0];
		if (prior)
			nats += score->prior_slope[view] * prior[list->cell[i]];
		ret[i] = (float)nats;
	}
}

/* ---- teach ---- */

static void group(struct model_lesson *lesson, int32_t by, uint32_t *cells, uint32_t n)
{
	if (by && n)
		lesson->group[lesson->n_groups++] = (struct model_group){ by, n, cells };
}

static void step(struct model_lesson *lesson, struct arena *arena, uint32_t parameter, int32_t by)
{
	uint32_t *cell = arena_alloc(arena, sizeof *cell);
	*cell = parameter;
	group(lesson, by, cell, 1);
}

/* ease: 1, or less for a sender who taught much. */
static void teach_view(const struct model *model, enum feature_view view, struct feature_list *list, double score, double truth,
		       double ease, struct features_scratch *scratch, struct arena *arena, struct model_lesson *lesson)
{
	double norm = model_norm(view, list->n), bias = parameter(model, MODEL_BIAS + view), bias_then = bias, moved = 0;
	double most = step_bound / (list->n * norm + 1);
	int32_t by = 0;
	for (unsigned round = 0; round < views[view].rounds; round++) {
		double error = truth - exact_logistic(score + moved + bias);
		if (error < right_and_sure && error > -right_and_sure)
			break;
		by += exact_round(within(ease * views[view].rate * norm * error, most) / MILLIONTH);
		moved = by * (double)list->n * norm * MILLIONTH;
		bias += bias_rate * error;
	}
	if (!by)
		return;
	features_sort(scratch, list);
	for (uint32_t i = 0; i < list->n; i++)
		list->cell[i] = views[view].base + (list->cell[i] << views[view].counted);
	group(lesson, by, list->cell, list->n);
	step(lesson, arena, MODEL_BIAS + view, exact_round((bias - bias_then) / MILLIONTH));
}

static bool can_count(const struct model *model, uint32_t at, bool spam)
{
	uint32_t cell = (uint32_t)read_cell(&model->cells[at]);
	return (spam ? cell & 0xFFFF : cell >> 16) < COUNT_MOST;
}

/* Only cells that can still count, so that taking the lesson back finds them all. */
static void teach_counts(const struct model *model, struct features *features, bool spam, struct features_scratch *scratch,
			 struct arena *arena, struct model_lesson *lesson)
{
	for (unsigned v = 0; v < FEATURES_VIEWS; v++) {
		struct feature_list *list = &features->of[v];
		uint32_t *cells, n = 0;
		if (!views[v].counted)
			continue;
		features_sort(scratch, list);
		cells = arena_alloc(arena, (list->n + 1) * sizeof *cells);
		for (uint32_t i = 0; i < list->n; i++) {
			cells[n] = views[v].base + 2 * list->cell[i] + 1;
			n += can_count(model, cells[n], spam);
		}
		group(lesson, spam ? COUNT_SPAM : COUNT_HAM, cells, n);
	}
	step(lesson, arena, spam ? MODEL_COUNTED_SPAM : MODEL_COUNTED_HAM, 1);
}

/* The score that good mail got before it was learned stands for good mail to come. */
static void teach_bound(const struct model *model, double log_odds, struct arena *arena, struct model_lesson *lesson)
{
	struct bound_change changes[BOUND_CHANGES];
	unsigned n = bound_record(model->cells + MODEL_BOUND, log_odds, changes);
	for (unsigned i = 0; i < n; i++)
		step(lesson, arena, MODEL_BOUND + changes[i].cell, changes[i].by);
}

/* How often the sender taught that class, as far as it is counted. */
static double lessons_of(const struct model *model, uint32_t sender, bool spam)
{
	if (sender == FEATURES_NOBODY)
		return 0;
	uint32_t cell = (uint32_t)read_cell(&model->cells[MODEL_FIELDS + 2 * sender + 1]);
	return spam ? cell & 0xFFFF : cell >> 16;
}

void model_teach(const struct model *model, struct features *features, int32_t structural, bool spam, struct features_scratch *scratch,
		 struct arena *arena, struct model_lesson *ret)
{
	struct model_score score;
	double truth = spam;
	ret->n_groups = 0;
	model_score(model, features, structural, &score);
	double error = truth - exact_logistic(score.log_odds);
	for (unsigned k = 0; k < MODEL_PARTS; k++) {
		int32_t by = exact_round(mix_rate * error * input_of(k, score.part[k], score.trust) / MILLIONTH);
		/* A weight that has come down to nothing goes no further. */
		int64_t now = __atomic_load_n(&model->cells[MODEL_MIX + k], __ATOMIC_RELAXED),
			floor = -exact_round(start_of(k) / MILLIONTH);
		step(ret, arena, MODEL_MIX + k, now + by < floor ? exact_round((double)(floor - now)) : by);
	}
	double before = lessons_of(model, features->sender, spam), ease = sender_lessons / (sender_lessons + before);
	if ((error >= right_and_sure || error <= -right_and_sure) && before < SENDER_COUNTED)
		teach_counts(model, features, spam, scratch, arena, ret); /* first, while cells are the views' */
	for (unsigned v = 0; v < FEATURES_VIEWS; v++)
		teach_view(model, v, &features->of[v], score.part[v], truth, ease, scratch, arena, ret);
	step(ret, arena, spam ? MODEL_SEEN_SPAM : MODEL_SEEN_HAM, 1);
	if (!spam)
		teach_bound(model, score.log_odds, arena, ret);
}

void model_rehearse(const struct model *model, struct features *features, bool spam, struct features_scratch *scratch, struct arena *arena,
		    struct model_lesson *lesson)
{
	struct model_score score;
	model_score(model, features, 0, &score);
	for (unsigned v = 0; v < FEATURES_VIEWS; v++)
		teach_view(model, v, &features->of[v], score.part[v], spam, 1, scratch, arena, lesson);
}
