/* app/say.c - see say.h */
#include "app/say.h"
#include "base/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

enum { SENTENCE = 2048 };

static struct log the_log = { .target = LOG_TO_STDERR, .format = LOG_AS_LOGFMT, .fd = STDERR_FILENO, .now = clock_now };

void say_open(const struct settings *settings, const char *role)
{
	log_close(&the_log);
	log_open(&the_log, settings ? settings->log : LOG_TO_STDERR, settings ? settings->log_format : LOG_AS_LOGFMT, role, clock_now);
}

void say(int level, const char *event, const char *format, ...)
{
	struct log_line line;
	char text[SENTENCE];
	va_list args;
	va_start(args, format);
	int n = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	log_begin(&line, &the_log, level, event);
	log_text(&line, "says", span_of(text, n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1));
	log_end(&the_log, &line);
}

struct log *say_log(void) { return &the_log; }
