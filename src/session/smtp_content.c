/* session/smtp_content.c - see smtp_content.h */
#include "session/smtp_content.h"

enum { SHAPE_START, SHAPE_NUL, SHAPE_DOT, SHAPE_BOTH, SHAPE_OTHER };

void smtp_content_init(struct smtp_content *c) { *c = (struct smtp_content){ .shape = SHAPE_START }; }

/* Nearly every line is something else at its first byte. */
static void see_shape(struct smtp_content *c, struct span line)
{
	for (size_t i = 0; i < line.n && c->shape != SHAPE_OTHER; i++) {
		if (line.p[i] == 0)
			c->shape |= SHAPE_NUL;
		else if (line.p[i] == '.')
			c->shape |= SHAPE_DOT;
		else if (line.p[i] != '\r')
			c->shape = SHAPE_OTHER;
	}
}

static void end_line(struct smtp_content *c)
{
	if (c->shape == SHAPE_BOTH)
		c->faults |= SMTP_NUL_DOT;
	c->shape = SHAPE_START;
}

static void see_cr(struct smtp_content *c, struct span s)
{
	if (c->cr && s.p[0] != '\n')
		c->faults |= SMTP_BARE_CR;
	for (size_t at = 0; !(c->faults & SMTP_BARE_CR) && (at = span_find_byte(s, '\r', at)) != SPAN_NPOS && at + 1 < s.n; at++)
		if (s.p[at + 1] != '\n')
			c->faults |= SMTP_BARE_CR;
}

/* What every byte of the message passes, dots that are taken out included. */
static void watch(struct smtp_content *c, struct span s)
{
	size_t line = 0, at = 0;
	if (s.n == 0)
		return;
	see_cr(c, s);
	for (; (at = span_find_byte(s, '\n', line)) != SPAN_NPOS; line = at + 1) {
		if (at ? s.p[at - 1] != '\r' : !c->cr)
			c->faults |= SMTP_BARE_LF;
		see_shape(c, span_slice(s, line, at));
		end_line(c);
	}
	see_shape(c, span_skip(s, line));
	c->middle = s.p[s.n - 1] != '\n' || !(s.n > 1 ? s.p[s.n - 2] == '\r' : c->cr);
	c->cr = s.p[s.n - 1] == '\r';
}

/* The end of the text that can be given in one piece: up to a dot at the beginning of a line. */
static size_t find_dot(const struct smtp_content *c, struct span in, size_t from)
{
	if (from == 0 && c->cr && in.p[0] == '\n')
		return 1; /* the line ended between two pieces */
	size_t at = span_find(in, SPAN("\r\n."), from);
	return at == SPAN_NPOS ? in.n : at + 2;
}

enum smtp_content_step smtp_content_step(struct smtp_content *c, struct span in, size_t *ret_used, struct span *ret_text)
{
	size_t from = 0;
	*ret_used = 0;
	if (in.n == 0)
		return SMTP_CONTENT_MORE;
	if (!c->middle && in.p[0] == '.') {
		if (in.n == 1 || (in.p[1] == '\r' && in.n == 2))
			return SMTP_CONTENT_MORE;
		if (in.p[1] == '\r' && in.p[2] == '\n') {
			*ret_used = 3;
			return SMTP_CONTENT_END;
		}
		from = 1;
	}
	size_t end = find_dot(c, in, from);
	watch(c, span_first(in, end));
	*ret_text = span_slice(in, from, end);
	*ret_used = end;
	return SMTP_CONTENT_TEXT;
}

void smtp_content_chunk(struct smtp_content *c, struct span piece) { watch(c, piece); }

void smtp_content_chunks_end(struct smtp_content *c)
{
	if (c->cr)
		c->faults |= SMTP_BARE_CR;
	end_line(c);
}
