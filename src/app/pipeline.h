/* app/pipeline.h - bytes in, judgement out: parse, examine, ask, check, judge. One message at a time each; all commands use it.
 *
 * A message that must wait for answers can be left and taken up again: pipeline_begin, then pipeline_continue for each round that is over,
 * then pipeline_finish. So one thread judges many messages, each in a pipeline of its own, beside each other; what they share is a
 * pipeline_thread. pipeline_judge does all of it and waits.
 * Owner: the pipeline owns the arena; a judgement is good until the next message or pipeline_release. */
#ifndef APP_PIPELINE_H
#define APP_PIPELINE_H

#include "check/check.h"
#include "config/settings.h"
#include "facts/list_book.h"
#include "facts/zone.h"
#include "learn/bound.h"
#include "learn/model.h"
#include "net/asker.h"
#include "report/judgement.h"

/* EXPLAIN_DOUBTED: of messages that the checks alone, or all together, would mark. */
enum pipeline_explain { EXPLAIN_NEVER, EXPLAIN_DOUBTED, EXPLAIN_ALWAYS };

struct pipeline_options {
	struct settings settings;
	struct connection connection;              /* the live connection of all messages, if any */
	struct asker_forward forward;              /* put NULL: this process asks itself */
	const struct zone *zone;                   /* answers instead of the network; NULL: the resolver of the settings, if network */
	bool network;                              /* recent mail may be asked about (PIPELINE_RECENT_DAYS); else nobody is asked */
	const struct answers *kept;                /* of an earlier run: they alone answer, and must live on; NULL */
	struct answerer answerers[QUESTION_TYPES]; /* of what is no DNS; answer NULL: nobody */
	struct list_book *lists;                   /* that answers of lists are told to; NULL: none */
	int64_t now;                               /* --now, or CLOCK_NONE: the message's own reference time */
	const struct check *const *checks;         /* NULL at the end; NULL: check_all */
	const struct model *model;                 /* what was learned; NULL: nothing */
	struct span model_trouble;                 /* why what was learned cannot be asked; span_none: it can, or there is nothing */
	enum pipeline_explain explain;             /* whether the reasons of the model are found, in words: a third of the work */
	bool judges_only;                          /* nothing is learned here: features that cannot move the score are not taken */
};

/* What the DNS says today proves nothing about mail that is older. */
enum { PIPELINE_RECENT_DAYS = 14 };

/* What the pipelines of one thread share. */
struct pipeline_thread {
	const struct pipeline_options *options;
	struct asker *asker;              /* NULL until a message asks */
	struct span asker_trouble;        /* why there is none */
	struct arena arena;               /* of what the asker holds */
	struct features_scratch *scratch; /* NULL without a model */
	struct bound bound;               /* on good mail lost by `reject`, as the model stood at bound_count */
	int32_t bound_count;
};

struct pipeline {
	const struct pipeline_options *options;
	/* That of the options, unless another is set before pipeline_begin: a service has one for each message. */
	const struct connection *connection;
	int64_t now;
	struct pipeline_thread *thread, own; /* own: of a pipeline that is alone in its thread */
	struct arena arena;
	struct message message;
	struct content content;
	struct path path;
	struct answers answers; /* all that the judgement rests on */
	struct authentication auth;
	struct features features; /* of the message judged last, where there is a model */
	int32_t structural;       /* what its checks sum up to, thousandths of a nat */
	struct model_score score;
	/* between two rounds */
	struct check_settings check_settings;
	struct check_view view;
	struct judgement judgement;
	bool *done; /* a check each */
	unsigned rounds;
	uint64_t asked;     /* clock_microseconds() of the first question, 0 */
	uint64_t worked;    /* microseconds, without waiting */
	struct span unused; /* why nobody is asked over the network */
};

enum pipeline_step { PIPELINE_DONE, PIPELINE_WAITING };

void pipeline_thread_init(struct pipeline_thread *thread, const struct pipeline_options *options);
/* In the thread that used it: what ICU keeps for that thread goes too. Its pipelines are released already. */
void pipeline_thread_release(struct pipeline_thread *thread);
/* Why nobody is asked over the network about mail of that time; span_none: it is recent, or it is not the time that forbids it. */
struct span pipeline_why_not_asked(const struct pipeline_options *options, int64_t then, struct arena *arena);

/* One that is alone in its thread; or one beside others. */
void pipeline_init(struct pipeline *pipeline, const struct pipeline_options *options);
void pipeline_init_in(struct pipeline *pipeline, struct pipeline_thread *thread);
void pipeline_release(struct pipeline *pipeline);

/* WAITING: a round is open, and asker_wait(thread->asker) will answer it with the pipeline as its context: then go on. raw must live as
 * long as the judgement. */
enum pipeline_step pipeline_begin(struct pipeline *pipeline, struct span raw);
enum pipeline_step pipeline_continue(struct pipeline *pipeline);
void pipeline_finish(struct pipeline *pipeline, struct judgement *ret_judgement);
/* All of it, for a pipeline that is alone in its thread. */
void pipeline_judge(struct pipeline *pipeline, struct span raw, struct judgement *ret_judgement);
/* What libraries load at run time; once per process. */
void pipeline_warm_up(void);

#endif
