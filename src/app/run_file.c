/* app/run_file.c - see run_file.h */
#include "app/run_file.h"
#include "base/err.h"
#include "base/limits.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

void run_add(struct run *run, double log_odds, bool spam, int action)
{
	if (run->n == run->cap) {
		run->cap = run->cap ? run->cap * 2 : 1024;
		run->v = realloc(run->v, run->cap * sizeof *run->v);
		if (!run->v)
			abort();
	}
	run->v[run->n++] = (struct evaluation_message){ log_odds, spam, (int8_t)action };
}

void run_release(struct run *run)
{
	free(run->v);
	*run = (struct run){ 0 };
}

double run_score(double log_odds) { return isfinite(log_odds) ? rint(log_odds * 1e6) / 1e6 : log_odds; }

void run_write(FILE *file, double log_odds, bool spam) { fprintf(file, "%s %.6f\n", spam ? "spam" : "ham", log_odds); }

/* line ends in a NUL that n does not count. */
static bool read_line(const char *line, size_t n, struct run *run)
{
	struct span text = span_of(line, n);
	bool ham = span_starts(text, SPAN("ham ")), spam = span_starts(text, SPAN("spam "));
	if ((!ham && !spam) || memchr(line, '\0', n))
		return false;
	struct span number = span_trim(span_skip(text, ham ? 4 : 5));
	char *end;
	double score = strtod((const char *)number.p, &end);
	if (number.n == 0 || (const uint8_t *)end != number.p + number.n || isnan(score))
		return false;
	run_add(run, score, spam, EVALUATION_NO_ACTION);
	return true;
}

int run_read(const char *path, struct run *run, struct arena *arena, struct span *ret_error)
{
	bool standard = strcmp(path, "-") == 0;
	FILE *file = standard ? stdin : fopen(path, "re");
	if (!file) {
		*ret_error = arena_printf(arena, "%s: the run cannot be opened: %s", path, strerror(errno));
		return ERR_IO;
	}
	char *line = NULL;
	size_t cap = 0, number = 0;
	int err = 0;
	for (ssize_t n; !err && (errno = 0, n = getline(&line, &cap, file)) >= 0;) {
		number++;
		if (run->n >= LIMIT_EVALUATION) {
			*ret_error = arena_printf(arena, "%s: more than %u messages are too many to measure", path, LIMIT_EVALUATION);
			err = ERR_LIMIT;
		} else if (!read_line(line, (size_t)n, run)) {
			*ret_error =
			    arena_printf(arena, "%s:%zu: write \"ham SCORE\" or \"spam SCORE\", with a number as score", path, number);
			err = ERR_SYNTAX;
		}
	}
	if (!err && (ferror(file) || !feof(file))) {
		*ret_error = arena_printf(arena, "%s: cannot be read: %s", path, strerror(errno));
		err = ERR_IO;
	}
	free(line);
	if (!standard)
		fclose(file);
	return err;
}
