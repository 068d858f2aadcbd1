/* tools/prior/train.c - the prior's weights: logistic regression over the cells that several sources share; see maker.h
 *
 * What the figures decided (leave one source out, `tools/make-prior --measure`):
 * - TEXT and the part of FIELDS that is not about one place. WORDS and RAW add little beside them, and know too much of who wrote.
 * - A cell must have been met in two sources, in EACH messages of both: what only one collection has is that collection's habit.
 * - No bias: how much of the mail is spam is nobody's to know beforehand.
 * - Shrunk far below what the sources would justify. Most of the gain is there already, because structure alone leaves most messages
 *   equal; and kinds of good mail that no source has (shops, banks: foff-milter when it is left out) are hardly harmed. */
#include "learn/exact.h"
#include "tools/prior/maker.h"

#include <stdlib.h>

enum { DOCUMENTS = 4, EACH = 2, SOURCES_LEAST = 2, ROUNDS = 5 };

static const double rate = 0.02, decay = 0.01; /* of a step; of all weights in a step, a share of the rate */
static const struct {
	enum feature_view view;
	double shrink;
} parts[] = { { FEATURES_TEXT, 0.02 }, { FEATURES_FIELDS, 0.035 } };

struct training {
	const struct mails *mails;
	uint32_t sources;
	enum feature_view view;
	uint32_t n_cells;
	bool *kept;
	double *weight; /* times scale: all shrink at once */
	double scale;
	double balance[SOURCES_MOST][2]; /* what a message counts, so that no source and no class drowns the others */
	uint32_t *order, n;
	uint32_t random;
};

static bool speaks(const struct mail *mail, enum feature_view view, uint32_t i) { return view != FEATURES_FIELDS || mail->transfers[i]; }

static void *zeros(size_t n, size_t size)
{
	void *p = calloc(n, size);
	if (!p)
		abort();
	return p;
}

static void choose_cells(struct training *t)
{
	uint32_t(*met)[SOURCES_MOST] = zeros(t->n_cells, sizeof *met);
	for (uint32_t i = 0; i < t->n; i++) {
		const struct mail *mail = &t->mails->v[t->order[i]];
		for (uint32_t k = 0; k < mail->n[t->view]; k++)
			if (speaks(mail, t->view, k))
				met[mail->cells[t->view][k]][mail->source]++;
	}
	for (uint32_t cell = 0; cell < t->n_cells; cell++) {
		uint32_t documents = 0, sources = 0;
		for (uint32_t s = 0; s < t->mails->n_sources; s++) {
			documents += met[cell][s];
			sources += met[cell][s] >= EACH;
		}
		t->kept[cell] = documents >= DOCUMENTS && sources >= SOURCES_LEAST;
	}
	free(met);
}

/* A message of a class with n messages in its source counts 1 / sqrt(n), and a message 1 on average. */
static void weigh_messages(struct training *t)
{
	double count[SOURCES_MOST][2] = { 0 }, sum = 0;
	for (uint32_t i = 0; i < t->n; i++)
		count[t->mails->v[t->order[i]].source][t->mails->v[t->order[i]].spam]++;
	for (uint32_t s = 0; s < SOURCES_MOST; s++)
		for (unsigned class = 0; class < 2; class ++)
			sum += __builtin_sqrt(count[s][class]);
	for (uint32_t s = 0; s < SOURCES_MOST; s++)
		for (unsigned class = 0; class < 2; class ++)
			t->balance[s][class] = count[s][class] > 0 ? t->n / (sum * __builtin_sqrt(count[s][class])) : 0;
}

static void shuffle(struct training *t)
{
	for (uint32_t i = t->n; i > 1; i--) {
		t->random = t->random * 1664525u + 1013904223u;
		uint32_t k = (t->random >> 8) % i, swap = t->order[i - 1];
		t->order[i - 1] = t->order[k];
		t->order[k] = swap;
	}
}

static void learn(struct training *t, const struct mail *mail, double step)
{
	const uint32_t *cells = mail->cells[t->view];
	double norm = model_norm(t->view, mail->n[t->view]), sum = 0;
	for (uint32_t k = 0; k < mail->n[t->view]; k++)
		if (t->kept[cells[k]] && speaks(mail, t->view, k))
			sum += t->weight[cells[k]];
	double error = (mail->spam - exact_logistic(sum * norm * t->scale)) * t->balance[mail->source][mail->spam];
	t->scale *= 1 - step * decay;
	double by = step * error * norm / t->scale;
	for (uint32_t k = 0; k < mail->n[t->view]; k++)
		if (t->kept[cells[k]] && speaks(mail, t->view, k))
			t->weight[cells[k]] += by;
}

/* Weights to signed bytes of one unit. */
static void quantise(const struct training *t, double shrink, struct model_prior *prior)
{
	double most = 0;
	int8_t *weight = zeros(t->n_cells, 1);
	for (uint32_t cell = 0; cell < t->n_cells; cell++) {
		double w = t->weight[cell] * t->scale * shrink;
		most = w > most ? w : -w > most ? -w : most;
	}
	int32_t unit = exact_round(most * 1e6 / INT8_MAX + 1);
	for (uint32_t cell = 0; cell < t->n_cells; cell++)
		weight[cell] = (int8_t)exact_round(t->weight[cell] * t->scale * shrink * 1e6 / unit);
	prior->view[t->view].weight = weight;
	prior->view[t->view].unit = unit;
}

static void train_view(struct training *t, double shrink, struct model_prior *prior)
{
	t->n_cells = FEATURES_CELLS;
	t->kept = zeros(t->n_cells, sizeof *t->kept);
	t->weight = zeros(t->n_cells, sizeof *t->weight);
	t->scale = 1;
	choose_cells(t);
	for (unsigned round = 0; round < ROUNDS; round++) {
		shuffle(t);
		for (uint32_t i = 0; i < t->n; i++)
			learn(t, &t->mails->v[t->order[i]], rate / (1 + round * 0.5));
	}
	quantise(t, shrink, prior);
	free(t->kept);
	free(t->weight);
}

void train(const struct mails *mails, uint32_t sources, struct model_prior *ret)
{
	struct training t = { .mails = mails, .sources = sources, .random = 1, .order = zeros(mails->n, sizeof *t.order) };
	for (uint32_t i = 0; i < mails->n; i++)
		if (sources >> mails->v[i].source & 1)
			t.order[t.n++] = i;
	weigh_messages(&t);
	memset(ret, 0, sizeof *ret);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		t.view = parts[i].view;
		train_view(&t, parts[i].shrink, ret);
	}
	free(t.order);
}
