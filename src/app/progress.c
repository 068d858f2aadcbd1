/* app/progress.c - see progress.h */
#include "app/progress.h"
#include "app/input.h"
#include "app/terminal.h"
#include "base/clock.h"

#include <inttypes.h>
#include <unistd.h>

enum { FIRST_AFTER = 500000, AGAIN_AFTER = 100000, BAR_MAX = 30, LINE_ROOM = 256 };

static void *measure(void *context)
{
	struct progress *p = context;
	uint64_t bytes;
	if (input_measure(p->paths, p->n_paths, p->index, &p->stop, &bytes))
		atomic_store(&p->bytes, bytes);
	return NULL;
}

void progress_begin(struct progress *p, char **paths, size_t n_paths, const char *index)
{
	*p = (struct progress){ .begun = clock_microseconds(), .paths = paths, .n_paths = n_paths, .index = index };
	struct style style = terminal_style(STDERR_FILENO);
	p->width = style.width;
	p->hides = isatty(STDOUT_FILENO);
	p->on = style.width > 0 && pthread_create(&p->measurer, NULL, measure, p) == 0;
}

size_t progress_line(char *text, size_t room, unsigned width, uint64_t messages, uint64_t bytes, uint64_t total, uint64_t microseconds)
{
	char bar[BAR_MAX + 16] = "", left[32] = "";
	double seconds = (double)microseconds / 1e6;
	if (total) {
		double part = bytes >= total ? 1 : (double)bytes / (double)total;
		int cells = width >= 100 ? BAR_MAX : 12, full = (int)(part * cells);
		int at = snprintf(bar, sizeof bar, "[");
		for (int i = 0; i < cells; i++)
			bar[at++] = i < full ? '=' : i == full ? '>' : ' ';
		snprintf(bar + at, sizeof bar - (size_t)at, "] %3.0f %%  ", part * 100);
		uint64_t rest = part > 0.005 ? (uint64_t)(seconds * (1 - part) / part + 0.5) : 0;
		if (part > 0.005)
			snprintf(left, sizeof left, "  %" PRIu64 ":%02u left", rest / 60, (unsigned)(rest % 60));
	}
	int n = snprintf(text, room < width ? room : width, "%s%" PRIu64 " messages  %.0f a second%s", bar, messages,
			 seconds > 0 ? (double)messages / seconds : 0, left);
	return n < 0 ? 0 : (size_t)n < room && (size_t)n < width ? (size_t)n : (room < width ? room : width) - 1;
}

void progress_show(struct progress *p, uint64_t messages, uint64_t bytes)
{
	if (!p->on)
		return;
	uint64_t now = clock_microseconds();
	if (now - p->begun < FIRST_AFTER || now - p->shown < AGAIN_AFTER)
		return;
	char line[LINE_ROOM];
	progress_line(line, sizeof line, p->width, messages, bytes, atomic_load(&p->bytes), now - p->begun);
	if (p->hides)
		fflush(stdout);
	fprintf(stderr, "\r\033[K%s", line);
	fflush(stderr);
	p->shown = now;
	p->visible = true;
}

void progress_hide(struct progress *p, bool to_stderr)
{
	if (!p->visible || !(p->hides || to_stderr))
		return;
	fputs("\r\033[K", stderr);
	fflush(stderr);
	p->visible = false;
}

void progress_end(struct progress *p)
{
	if (!p->on)
		return;
	progress_hide(p, true);
	p->stop = true;
	pthread_join(p->measurer, NULL);
}
