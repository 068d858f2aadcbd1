/* tools/prior/maker.h - makes the prior that ships with the program, and measures it on mail that it was not made from.
 *
 * Run through tools/make-prior. Reads labelled sources (learn/label_leaks.h cut), keeps the cells that several sources share, trains them,
 * writes the file of learn/prior.h. The same mail, the same bytes, on every machine (learn/exact.h, whole steps in a fixed order). */
#ifndef TOOLS_PRIOR_MAKER_H
#define TOOLS_PRIOR_MAKER_H

#include "learn/prior.h"

enum { SOURCES_MOST = 16 };

struct mail {
	uint32_t source;
	bool spam;
	int32_t structural; /* what its checks sum up to, thousandths of a nat */
	uint32_t sender;    /* as in struct features */
	uint32_t n[FEATURES_VIEWS];
	uint32_t *cells[FEATURES_VIEWS];
	uint8_t *transfers; /* of FIELDS: does it say something that is true elsewhere too? */
};

struct mails {
	struct mail *v;
	size_t n, cap;
	const char *source[SOURCES_MOST]; /* name of the index file, without folder and ".index" */
	uint32_t n_sources;
};

void mails_read(struct mails *mails, const char *index);

/* From the sources whose bits are set. */
void train(const struct mails *mails, uint32_t sources, struct model_prior *ret_prior);
/* One source: judged cold, and learned at once; with a prior and without. Prints rows of a table. */
void measure(const struct mails *mails, uint32_t source, const struct model_prior *prior);
/* The head of the table. */
void measure_head(void);

#endif
