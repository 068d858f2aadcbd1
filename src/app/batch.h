/* app/batch.h - judges all messages the user named, on several threads, and writes the results in input order.
 *
 * Each thread has its own pipelines: while messages wait for DNS answers it judges others (LIMIT_FLIGHTS, LIMIT_FLIGHT_BYTES). Whoever
 * finishes the result that is next in order writes it, and all ready ones behind it, so that one thread alone never waits for another. At
 * most BATCH_WINDOW results wait for an earlier one: memory is bounded. Only a thread that has no message on its way waits for room, so
 * that the message all wait for is always being judged. Failures to read go to stderr with the file's name, in order too, and the rest is
 * still judged. */
#ifndef APP_BATCH_H
#define APP_BATCH_H

#include "app/command.h"
#include "app/input.h"
#include "app/keep.h"
#include "report/style.h"

enum { BATCH_WINDOW = 2048 };

enum batch_label { BATCH_UNLABELLED, BATCH_HAM, BATCH_SPAM, BATCH_LABELS };

struct batch_totals {
	uint64_t messages, failures, bytes;
	uint64_t by_verdict[BATCH_LABELS][VERDICT_DEFER + 1];
};

struct batch {
	const struct options *options;
	struct style style; /* of stdout */
	/* Writes one judgement, line end included; runs in any thread. */
	void (*render)(const struct batch *batch, const struct judgement *judgement, struct buf *out);
	const char *between; /* written between two results, or NULL */
	struct keep *keep;   /* that is told of every judgement, or NULL */
};

/* Reads options->paths and options->index. */
enum exit_status batch_run(const struct batch *batch, struct batch_totals *ret_totals);

/* A command that prints one text, or one JSON object, for each message: `why` and `trace`. */
enum exit_status batch_tell(const struct options *options, const char *command,
			    void (*text)(const struct batch *, const struct judgement *, struct buf *),
			    void (*json)(const struct batch *, const struct judgement *, struct buf *));
/* False, and said on stderr, when the user named nothing to read. */
bool batch_has_input(const struct options *options, const char *command);

#endif
