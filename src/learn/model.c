/* learn/model.c - see model.h
 *
 * Rates and bounds were chosen on streams of several years and kinds together, never for one of them (docs/learning.md has the figures). */
#include "learn/model.h"
#include "learn/bound.h"
#include "learn/exact.h"

#define MILLIONTH 1e-6

/* How a view is weighed: `norm` divides by the root of its features, so that long messages weigh like short ones (bytes of RAW are cut to a
 * length anyway); `rate` is the step for an error of one; up to `rounds` steps until the error is small. */
static const struct {
	uint32_t base;
	double rate;
	unsigned rounds;
	bool norm;
} views[FEATURES_WEIGHED] = {
	[FEATURES_RAW] = { MODEL_RAW, 0.004, 1, false },
	[FEATURES_TEXT] = { MODEL_TEXT, 0.010, 4, true },
	[FEATURES_WORDS] = { MODEL_WORDS, 0.040, 2, true },
	[FEATURES_FIELDS] = { MODEL_FIELDS, 0.020, 2, true },
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
enum { AHEAD = 16 };

static int64_t sum_cells(const int32_t *cells, const uint32_t *at, uint32_t n)
{
	int64_t sum = 0;
	for (uint32_t i = 0; i < n; i++) {
		__builtin_prefetch(&cells[at[i + AHEAD < n ? i + AHEAD : i]]);
		sum += __atomic_load_n(&cells[at[i]], __ATOMIC_RELAXED);
	}
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

/* ---- COUNTED: Robinson's f(w), averaged as a sum of log-odds over the root of their number ---- */

/* Both counts in one cell: spam in the lower half, ham in the upper. Neither goes beyond COUNT_MOST. */
enum { COUNT_MOST = 32000, COUNT_SPAM = 1, COUNT_HAM = 65536 };

static const double strength = 0.1, assumed = 0.52, least_deviation = 0.375; /* Robinson's s and x, and where a word begins to speak */

enum { KNOWN_BITS = 8 };

struct counter {
	double spam, ham;               /* messages counted */
	uint32_t cell[1 << KNOWN_BITS]; /* counts met before, most of them small and alike; 0: none */
	double known[1 << KNOWN_BITS];  /* and their log-odds */
};

static double word_log_odds(const struct counter *c, double spam, double ham)
{
	double s = spam / (c->spam + 1e-9), h = ham / (c->ham + 1e-9), n = spam + ham;
	double p = s / (s + h + 1e-12), f = (strength * assumed + n * p) / (strength + n);
	f = f < 1e-6 ? 1e-6 : f > 1 - 1e-6 ? 1 - 1e-6 : f;
	double deviation = f < 0.5 ? 0.5 - f : f - 0.5;
	return deviation < least_deviation ? 0 : exact_log(f / (1 - f));
}

static void counter_begin(const struct model *model, struct counter *c)
{
	c->spam = count(model, MODEL_COUNTED_SPAM);
	c->ham = count(model, MODEL_COUNTED_HAM);
	memset(c->cell, 0, sizeof c->cell);
}

static double counted_log_odds(const struct model *model, struct counter *c, const struct feature_list *list, uint32_t i)
{
	const int32_t *cells = model->cells + MODEL_COUNTED;
	__builtin_prefetch(&cells[list->cell[i + AHEAD < list->n ? i + AHEAD : i]]);
	uint32_t cell = (uint32_t)__atomic_load_n(&cells[list->cell[i]], __ATOMIC_RELAXED);
	if (!cell)
		return 0;
	uint32_t at = cell * 0x9E3779B1u >> (32 - KNOWN_BITS);
	if (c->cell[at] != cell) {
		c->cell[at] = cell;
		c->known[at] = word_log_odds(c, cell & 0xFFFF, cell >> 16);
	}
	return c->known[at];
}

static double counted_score(const struct model *model, const struct feature_list *list)
{
	struct counter c;
	counter_begin(model, &c);
	double sum = 0;
	uint32_t n = 0;
	for (uint32_t i = 0; i < list->n; i++) {
		double l = counted_log_odds(model, &c, list, i);
		sum += l;
		n += l != 0;
	}
	return n ? sum / __builtin_sqrt(n + 10.0) : 0;
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
	for (unsigned v = 0; v < FEATURES_WEIGHED; v++)
		listens |= (unsigned)(prior_of(model, v) != NULL) << v;
	return listens;
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
	ret->trust = trust_of(model);
	ret->seen_ham = (uint32_t)count(model, MODEL_SEEN_HAM);
	ret->seen_spam = (uint32_t)count(model, MODEL_SEEN_SPAM);
	for (unsigned v = 0; v < FEATURES_WEIGHED; v++) {
		const struct feature_list *list = &features->of[v];
		double norm = model_norm(v, list->n) * MILLIONTH;
		ret->part[v] = (double)sum_cells(model->cells + views[v].base, list->cell, list->n) * norm;
		ret->slope[v] = ret->part[v] != 0 ? mix_of(model, v) * input_of(v, ret->part[v], ret->trust) / ret->part[v] * norm : 0;
		consult_prior(model, v, list, ret);
	}
	ret->part[FEATURES_COUNTED] = counted_score(model, &features->of[FEATURES_COUNTED]);
	ret->part[MODEL_CHECKS] = structural / 1000.0;
	ret->log_odds = 0;
	for (unsigned k = 0; k < MODEL_PARTS; k++) {
		ret->share[k] = share_of(model, k, ret->part[k], ret->trust, input_of(k, ret->part[k], ret->trust));
		ret->share[k] += k < FEATURES_WEIGHED ? ret->prior[k] : 0;
		ret->log_odds += ret->share[k];
	}
}

void model_shares(const struct model *model, const struct features *features, const struct model_score *score, enum feature_view view,
		  float *ret)
{
	const struct feature_list *list = &features->of[view];
	if (view != FEATURES_COUNTED) {
		const int32_t *cells = model->cells + views[view].base;
		const int8_t *prior = prior_of(model, view);
		for (uint32_t i = 0; i < list->n; i++)
			ret[i] = (float)(score->slope[view] * __atomic_load_n(&cells[list->cell[i]], __ATOMIC_RELAXED));
		for (uint32_t i = 0; prior && i < list->n; i++)
			ret[i] += (float)(score->prior_slope[view] * prior[list->cell[i]]);
		return;
	}
	struct counter c;
	counter_begin(model, &c);
	double sum = 0;
	for (uint32_t i = 0; i < list->n; i++) {
		double l = counted_log_odds(model, &c, list, i);
		ret[i] = (float)l;
		sum += l;
	}
	double scale = sum != 0 ? score->share[view] / sum : 0;
	for (uint32_t i = 0; i < list->n; i++)
		ret[i] = (float)(ret[i] * scale);
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
	features_sort(scratch, view, list->cell, list->n);
	for (uint32_t i = 0; i < list->n; i++)
		list->cell[i] += views[view].base;
	group(lesson, by, list->cell, list->n);
	step(lesson, arena, MODEL_BIAS + view, exact_round((bias - bias_then) / MILLIONTH));
}

/* Only cells that can still count, so that taking the lesson back finds them all. */
static void teach_counted(const struct model *model, struct feature_list *list, bool spam, struct features_scratch *scratch,
			  struct arena *arena, struct model_lesson *lesson)
{
	uint32_t n = 0;
	features_sort(scratch, FEATURES_COUNTED, list->cell, list->n);
	for (uint32_t i = 0; i < list->n; i++) {
		uint32_t at = MODEL_COUNTED + list->cell[i], cell = (uint32_t)__atomic_load_n(&model->cells[at], __ATOMIC_RELAXED);
		if ((spam ? cell & 0xFFFF : cell >> 16) < COUNT_MOST)
			list->cell[n++] = at;
	}
	list->n = n;
	group(lesson, spam ? COUNT_SPAM : COUNT_HAM, list->cell, n);
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
	uint32_t cell = (uint32_t)__atomic_load_n(&model->cells[MODEL_COUNTED + sender], __ATOMIC_RELAXED);
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
	for (unsigned v = 0; v < FEATURES_WEIGHED; v++)
		teach_view(model, v, &features->of[v], score.part[v], truth, ease, scratch, arena, ret);
	if ((error >= right_and_sure || error <= -right_and_sure) && before < SENDER_COUNTED)
		teach_counted(model, &features->of[FEATURES_COUNTED], spam, scratch, arena, ret);
	step(ret, arena, spam ? MODEL_SEEN_SPAM : MODEL_SEEN_HAM, 1);
	if (!spam)
		teach_bound(model, score.log_odds, arena, ret);
}

void model_rehearse(const struct model *model, struct features *features, bool spam, struct features_scratch *scratch, struct arena *arena,
		    struct model_lesson *lesson)
{
	struct model_score score;
	model_score(model, features, 0, &score);
	for (unsigned v = 0; v < FEATURES_WEIGHED; v++)
		teach_view(model, v, &features->of[v], score.part[v], spam, 1, scratch, arena, lesson);
}
