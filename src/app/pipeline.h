/* app/pipeline.h - bytes in, judgement out: parse, examine, ask, check, judge. One pipeline a thread; all commands use it.
 *
 * Owner: the pipeline owns the arena; a judgement is good until the next pipeline_judge or pipeline_release. */
#ifndef APP_PIPELINE_H
#define APP_PIPELINE_H

#include "check/check.h"
#include "config/settings.h"
#include "facts/zone.h"
#include "learn/bound.h"
#include "learn/model.h"
#include "report/judgement.h"

struct pipeline_options {
	struct settings settings;
	struct connection connection;      /* the live connection, if any */
	const struct zone *zone;           /* NULL: nobody to ask */
	int64_t now;                       /* --now, or CLOCK_NONE: the message's own reference time */
	const struct check *const *checks; /* NULL at the end; NULL: check_all */
	const struct model *model;         /* what was learned; NULL: nothing */
	struct span model_trouble;         /* why what was learned cannot be asked; span_none: it can, or there is nothing */
	bool explain;                      /* the reasons of the model are read by somebody: find them */
	bool judges_only;                  /* nothing is learned here: features that cannot move the score are not taken */
};

struct pipeline {
	const struct pipeline_options *options;
	struct arena arena;
	struct message message;
	struct content content;
	struct path path;
	struct answers answers;
	struct authentication auth;
	struct features_scratch *scratch; /* NULL without a model */
	struct features features;         /* of the message judged last, where there is a model */
	int32_t structural;               /* what its checks sum up to, thousandths of a nat */
	struct model_score score;
	struct bound bound; /* on good mail lost by `reject`, as the model stood at bound_count */
	int32_t bound_count;
};

void pipeline_init(struct pipeline *pipeline, const struct pipeline_options *options);
/* In the thread that used it: what ICU keeps for that thread goes too. */
void pipeline_release(struct pipeline *pipeline);
/* raw must live as long as the judgement. */
void pipeline_judge(struct pipeline *pipeline, struct span raw, struct judgement *ret_judgement);
/* What libraries load at run time; once per process. */
void pipeline_warm_up(void);

#endif
