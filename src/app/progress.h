/* app/progress.h - a line on the terminal that says how far a long scan is, how fast, and how long it will take.
 *
 * Only when stderr is a terminal, and only after half a second: a quick answer needs no bar. What is still to come is measured by a
 * thread of its own, so the scan does not wait for it.
 * Not thread-safe: the caller shows and hides from one thread at a time. */
#ifndef APP_PROGRESS_H
#define APP_PROGRESS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
	bool on, visible, hides; /* hides: results go to the same terminal */
	unsigned width;
	uint64_t begun, shown; /* microseconds */
	char **paths;
	size_t n_paths;
	const char *index;
	pthread_t measurer;
	atomic_bool stop;
	_Atomic uint64_t bytes; /* all there is to read; 0 while unknown */
};

void progress_begin(struct progress *progress, char **paths, size_t n_paths, const char *index);
/* Draws the line anew, ten times a second at most. */
void progress_show(struct progress *progress, uint64_t messages, uint64_t bytes);
/* Takes the line away before something else is written to the terminal. */
void progress_hide(struct progress *progress, bool to_stderr);
void progress_end(struct progress *progress);
/* The line itself, of at most width columns: "[=====>    ]  42 %  12,345 messages  8,120 a second  0:07 left". total 0: unknown. */
size_t progress_line(char *ret_text, size_t room, unsigned width, uint64_t messages, uint64_t bytes, uint64_t total, uint64_t microseconds);

#endif
