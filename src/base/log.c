/* base/log.c - see log.h */
#include "base/log.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "base/visible.h"

#include <inttypes.h>
#include <unistd.h>

enum { NUMBER = 24 /* of 64 bits with a sign and a point */, TAIL = 24 /* for what ends a line: cut=yes, a brace, a line end, a NUL */ };

const char *log_level_name(int level)
{
	static const char *const names[] = { "emergency", "alert", "critical", "error", "warning", "notice", "info", "debug" };
	return names[level & 7];
}

void log_open(struct log *log, enum log_target target, enum log_format format, const char *role, int64_t (*now)(void))
{
	*log = (struct log){ .target = target, .format = format, .fd = STDERR_FILENO, .role = role, .now = now };
	if (target == LOG_TO_SYSLOG)
		openlog("postern", LOG_PID | LOG_NDELAY, LOG_MAIL);
}

void log_close(struct log *log)
{
	if (log->target == LOG_TO_SYSLOG)
		closelog();
}

static void put_unit(struct buf *out, uint32_t unit) { buf_printf(out, "\\u%04" PRIx32, unit); }

static void put_escaped(struct buf *out, uint32_t c)
{
	static const char short_forms[] = { ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't', ['"'] = '"', ['\\'] = '\\' };
	if (c < sizeof short_forms && short_forms[c]) {
		buf_byte(out, '\\');
		buf_byte(out, (uint8_t)short_forms[c]);
	} else if (c > 0xffff) {
		put_unit(out, 0xd7c0 + (c >> 10));
		put_unit(out, 0xdc00 + (c & 0x3ff));
	} else {
		put_unit(out, c);
	}
}

/* What needs neither quotes nor escapes in logfmt. */
static bool is_bare(struct span value)
{
	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] <= ' ' || value.p[i] >= 0x7f || value.p[i] == '"' || value.p[i] == '=' || value.p[i] == '\\')
			return false;
	return value.n > 0;
}

static void put_quoted(struct buf *out, struct span value)
{
	buf_byte(out, '"');
	for (size_t i = 0; i < value.n;) {
		uint32_t c;
		size_t n = utf8_decode(value, i, &c);
		if (n == 1 && value.p[i] >= 0x80)
			put_unit(out, 0xdc00u | value.p[i]);
		else if (c == '"' || c == '\\' || visible_is_hidden(c))
			put_escaped(out, c);
		else
			buf_put(out, span_slice(value, i, i + n));
		i += n;
	}
	buf_byte(out, '"');
}

/* Whole characters of at most LIMIT_LOG_VALUE bytes. */
static struct span shortened(struct span value, bool *cut)
{
	if (value.n <= LIMIT_LOG_VALUE)
		return value;
	size_t n = LIMIT_LOG_VALUE;
	while (n > LIMIT_LOG_VALUE - 4 && (value.p[n] & 0xc0) == 0x80)
		n--;
	*cut = true;
	return span_first(value, n);
}

/* What does not fit is taken back whole. */
static void put(struct log_line *line, const char *name, struct span value, bool quoted)
{
	struct buf *out = &line->text;
	bool json = line->format == LOG_AS_JSON;
	size_t before = out->n;
	if (out->n > 1)
		buf_byte(out, json ? ',' : ' ');
	if (json)
		put_quoted(out, span_cstr(name));
	else
		buf_cstr(out, name);
	buf_byte(out, json ? ':' : '=');
	if (quoted)
		put_quoted(out, value);
	else
		buf_put(out, value);
	if (!out->full)
		return;
	out->n = before;
	out->full = false;
	line->cut = true;
}

void log_text(struct log_line *line, const char *name, struct span value)
{
	value = shortened(value, &line->cut);
	put(line, name, value, line->format == LOG_AS_JSON || !is_bare(value));
}

void log_word(struct log_line *line, const char *name, const char *value) { log_text(line, name, span_cstr(value)); }

static uint64_t magnitude_of(int64_t value) { return value < 0 ? -(uint64_t)value : (uint64_t)value; }

static void put_sign(struct buf *out, int64_t value)
{
	if (value < 0)
		buf_byte(out, '-');
}

void log_number(struct log_line *line, const char *name, int64_t value)
{
	uint8_t text[NUMBER];
	struct buf out = { .p = text, .cap = sizeof text, .ceiling = sizeof text };
	put_sign(&out, value);
	buf_number(&out, magnitude_of(value), 1);
	put(line, name, buf_span(&out), false);
}

void log_milli(struct log_line *line, const char *name, int64_t value)
{
	uint8_t text[NUMBER];
	struct buf out = { .p = text, .cap = sizeof text, .ceiling = sizeof text };
	put_sign(&out, value);
	buf_number(&out, magnitude_of(value) / 1000, 1);
	buf_byte(&out, '.');
	buf_number(&out, magnitude_of(value) % 1000, 3);
	put(line, name, buf_span(&out), false);
}

void log_begin(struct log_line *line, const struct log *log, int level, const char *event)
{
	char time[CLOCK_TEXT_MAX];
	line->text = (struct buf){ .p = line->bytes, .cap = sizeof line->bytes - TAIL, .ceiling = sizeof line->bytes - TAIL };
	line->format = log->format;
	line->level = level;
	line->cut = false;
	if (log->format == LOG_AS_JSON)
		buf_byte(&line->text, '{');
	if (log->target == LOG_TO_STDERR && log->now) /* the others write the time themselves */
		log_text(line, "time", span_of(time, clock_format_rfc3339(log->now(), time)));
	log_word(line, "level", log_level_name(level));
	if (log->role)
		log_word(line, "role", log->role);
	log_word(line, "event", event);
}

struct span log_finish(struct log_line *line)
{
	struct buf *out = &line->text;
	bool json = line->format == LOG_AS_JSON;
	out->cap = out->ceiling = sizeof line->bytes;
	if (line->cut)
		buf_cstr(out, json ? ",\"cut\":true" : " cut=yes");
	buf_cstr(out, json ? "}\n" : "\n");
	return buf_span(out);
}

void log_end(struct log *log, struct log_line *line)
{
	struct span text = log_finish(line);
	if (log->target == LOG_TO_SYSLOG) {
		syslog(line->level, "%.*s", (int)text.n - 1, (const char *)text.p);
		return;
	}
	char head[4] = { '<', (char)('0' + (line->level & 7)), '>', 0 };
	uint8_t whole[sizeof line->bytes + sizeof head];
	size_t n = log->target == LOG_TO_JOURNAL ? 3 : 0;
	memcpy(whole, head, n);
	memcpy(whole + n, text.p, text.n);
	if (write(log->fd, whole, n + text.n) != (ssize_t)(n + text.n))
		log->lost++;
}
