/* app/progress.h - a line on the terminal that says how far a long scan is, how fast, and how long it will take.
 *
 * Only when stderr is a terminal, and only after half a second: a quick answer needs no bar. What is still to come is counted by a
 * thread of its own, so the scan does not wait for it.
 * Not thread-safe: the caller shows and hides from one thread at a time. */
#ifndef APP_PROGRESS_H
#define APP_PROGRESS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
	bool on, visible;
	uint64_t begun, shown;       /* microseconds */
	char **paths;
	size_t n_paths;
	const char *index;
	pthread_t counter;
	volatile bool stop;
	volatile bool counted;
	uint64_t files;              /* good once counted is true */
};

void progress_begin(struct progress *progress, char **paths, size_t n_paths, const char *index);
/* Draws the line anew, ten times a second at most. */
void progress_show(struct progress *progress, uint64_t done, uint64_t bytes);
/* Takes the line away, so that something else can be written. */
void progress_hide(struct progress *progress);
void progress_end(struct progress *progress);

#endif
