/* base/log.h - one line a thing that happened, for people and for programs: logfmt or JSON, to stderr, syslog or the journal.
 *
 *	struct log_line line;
 *	log_begin(&line, log, LOG_NOTICE, "reload");
 *	log_text(&line, "from", sender);
 *	log_number(&line, "recipients", 3);
 *	log_end(log, &line);
 *
 * Promises: whatever a value holds, the line stays one line and the value its value: quotes, control, bidirectional and invisible
 * characters are escaped as JSON does (\n, \u202e), bytes that are no UTF-8 as \udcXX. A line has at most LIMIT_LOG_LINE bytes: longer
 * values are cut, what does not fit is left out, and the line ends with cut=yes. No allocation; one write for a line, so that lines of
 * several processes do not mix. What cannot be written is counted and forgotten: no mail waits for the log.
 * Does not: decide who logs; only app and session do. Levels are those of syslog(3).
 * The journal is told through stderr, as systemd reads it from services: with "<6>" before each line. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/buf.h"
#include "base/limits.h"

#include <syslog.h>

enum log_target { LOG_TO_STDERR, LOG_TO_SYSLOG, LOG_TO_JOURNAL };
enum log_format { LOG_AS_LOGFMT, LOG_AS_JSON };

struct log {
	enum log_target target;
	enum log_format format;
	int fd;           /* of LOG_TO_STDERR and LOG_TO_JOURNAL: STDERR_FILENO */
	const char *role; /* "front": which process speaks; NULL: not told */
	int64_t (*now)(void);
	uint64_t lost; /* lines that could not be written */
};

struct log_line {
	struct buf text;
	enum log_format format;
	int level;
	bool cut;
	uint8_t bytes[LIMIT_LOG_LINE];
};

/* Opens syslog's socket at once, so that it is there when a sandbox closes. */
void log_open(struct log *log, enum log_target target, enum log_format format, const char *role, int64_t (*now)(void));
void log_close(struct log *log);

/* event: a word of ours, as are all names. */
void log_begin(struct log_line *line, const struct log *log, int level, const char *event);
void log_text(struct log_line *line, const char *name, struct span value);
void log_word(struct log_line *line, const char *name, const char *value); /* of ours */
void log_number(struct log_line *line, const char *name, int64_t value);
void log_milli(struct log_line *line, const char *name, int64_t thousandths); /* "5.123" */
void log_end(struct log *log, struct log_line *line);
/* The line as log_end would write it to stderr, its line end included; good while line is. */
struct span log_finish(struct log_line *line);
const char *log_level_name(int level); /* "warning" */

#endif
