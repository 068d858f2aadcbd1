/* app/run_file.h - a run as lines "ham|spam SCORE": what `evaluate --out` writes and `evaluate --scores` reads, of postern or any filter.
 *
 * A score is a decimal number, log-odds in nats, positive for spam; six decimals are written. run_score rounds to them, so that a run
 * measures the same before it is written and after it is read. Owner: a run owns its messages until run_release. */
#ifndef APP_RUN_FILE_H
#define APP_RUN_FILE_H

#include "base/arena.h"
#include "learn/evaluation.h"

#include <stdio.h>

struct run {
	struct evaluation_message *v;
	size_t n, cap;
};

void run_add(struct run *run, double log_odds, bool spam, int action);
void run_release(struct run *run);
double run_score(double log_odds);
void run_write(FILE *file, double log_odds, bool spam);
/* Adds the lines of a file, "-" for standard input. 0, ERR_IO, ERR_SYNTAX, ERR_LIMIT; on failure *ret_error says, in words, what is wrong
 * and where. */
int run_read(const char *path, struct run *run, struct arena *arena, struct span *ret_error);

#endif
