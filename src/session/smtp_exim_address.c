/* session/smtp_exim_address.c - see smtp_exim_address.h. What is taken and what is said was observed of Exim 4.96
 * (tests/suites/trap_twin.py). */
#include "session/smtp_exim_address.h"
#include "base/ascii.h"

enum { SHOWN_REST = 32 };

struct reader {
	struct span s;
	size_t at;
	const struct smtp_exim_reading *how;
	struct smtp_exim_address *to;
};

static int look(const struct reader *r) { return r->at == r->how->equals ? '=' : span_at(r->s, r->at); }

static bool fault(struct reader *r, const char *text)
{
	r->to->fault = text;
	return false;
}

static bool may_not_follow(struct reader *r, size_t rest)
{
	r->to->details[0] = span_slice(r->s, rest, rest + SHOWN_REST);
	r->to->details[1] = span_first(r->s, rest);
	return fault(r, "malformed address: %2 may not follow %3");
}

/* White space, and comments in round brackets, which nest. */
static void skip_blank(struct reader *r)
{
	for (;;) {
		while (ascii_is_space(look(r)))
			r->at++;
		if (look(r) != '(')
			return;
		size_t depth = 0;
		for (; r->at < r->s.n; r->at++) {
			if (look(r) == '\\')
				r->at++;
			else if (look(r) == '(')
				depth++;
			else if (look(r) == ')' && --depth == 0)
				break;
		}
		r->at = r->at < r->s.n ? r->at + 1 : r->s.n;
	}
}

static bool is_atom(int c) { return c > ' ' && c != 0x7f && !memchr("()<>@,;:\\\".[]", c, 13); }

static bool read_quoted(struct reader *r)
{
	for (r->at++; look(r) != '"'; r->at++) {
		if (look(r) < 0)
			return fault(r, "unmatched doublequote in local part");
		if (look(r) == '\\' && r->at + 1 < r->s.n)
			r->at++;
	}
	r->at++;
	return true;
}

/* Words with dots between them, before them and behind them. */
static bool read_local(struct reader *r, bool empty)
{
	bool first = true;
	skip_blank(r);
	r->to->local = span_slice(r->s, r->at, r->at);
	for (;; first = false) {
		size_t from = r->at;
		bool quoted = look(r) == '"';
		if (quoted && !read_quoted(r))
			return false;
		while (!quoted) {
			if (look(r) == '\\')
				r->at += r->at + 1 < r->s.n ? 2 : 1;
			else if (is_atom(look(r)))
				r->at++;
			else
				break;
		}
		size_t to = r->at;
		skip_blank(r);
		if (to > from)
			r->to->local.n = (size_t)(r->s.p + to - r->to->local.p);
		if (to == from && look(r) != '.')
			return !first || empty || fault(r, "missing or malformed local part");
		if (look(r) != '.')
			return true;
		while (look(r) == '.')
			r->at++;
		r->to->local.n = (size_t)(r->s.p + r->at - r->to->local.p);
		skip_blank(r);
	}
}

static bool read_domain(struct reader *r, struct span *ret)
{
	skip_blank(r);
	size_t from = r->at, end = from;
	if (look(r) == '[')
		return fault(r, "domain literals not allowed");
	for (;;) {
		size_t label = r->at;
		while (look(r) != '-' || r->at > label) {
			if (!ascii_is_alnum(look(r)) && look(r) != '-' && !(r->how->utf8 && look(r) >= 0x80))
				break;
			r->at++;
		}
		if (r->at == label)
			return fault(r, "domain missing or malformed");
		end = r->at;
		skip_blank(r);
		if (look(r) != '.')
			break;
		r->at++;
		skip_blank(r);
	}
	*ret = span_slice(r->s, from, end);
	return true;
}

static bool read_route(struct reader *r)
{
	size_t from = r->at, to;
	bool several = false;
	struct span domain;
	do {
		r->at++;
		if (!read_domain(r, &domain))
			return false;
		to = r->at;
		if (look(r) != ',')
			break;
		several = true;
		r->at++;
		skip_blank(r);
	} while (look(r) == '@');
	if (look(r) != ':')
		return fault(r, several ? "colon expected after route list" : "no local part");
	r->to->route = span_slice(r->s, from, to);
	r->at++;
	skip_blank(r);
	return true;
}

static void close_address(struct reader *r)
{
	const struct span *last = r->to->domain.n ? &r->to->domain : &r->to->local;
	r->to->address = span_of(r->to->local.p, (size_t)(last->p + last->n - r->to->local.p));
}

/* local@domain, or local alone before `end`. */
static bool read_spec(struct reader *r, int end)
{
	if (!read_local(r, false))
		return false;
	if (look(r) == '@') {
		r->at++;
		if (!read_domain(r, &r->to->domain))
			return false;
	} else if (look(r) != end) {
		r->to->details[0] = r->to->local;
		return fault(r, "\"@\" or \".\" expected after \"%2\"");
	}
	close_address(r);
	if (r->to->route.p && r->to->domain.n == 0)
		return fault(r, "domain missing in source-routed address");
	return true;
}

static bool read_brackets(struct reader *r)
{
	r->at++;
	skip_blank(r);
	if (look(r) == '@' && !read_route(r))
		return false;
	if (r->how->empty && !r->to->route.p && look(r) == '>')
		r->to->address = r->to->local = span_slice(r->s, r->at, r->at);
	else if (!read_spec(r, '>'))
		return false;
	if (look(r) != '>')
		return look(r) < 0 ? fault(r, "'>' missing at end of address") : may_not_follow(r, r->at);
	r->at++;
	skip_blank(r);
	return true;
}

/* "Firma Meier <a@b.example>" */
static bool read_name(struct reader *r)
{
	while (look(r) != '<') {
		if (read_local(r, false))
			continue;
		return fault(r, *r->to->fault == 'm' ? "missing or malformed local part (expected word or \"<\")"
						     : "unmatched doublequote in local part (expected word or \"<\")");
	}
	return true;
}

static bool read_address(struct reader *r)
{
	if (!read_local(r, true))
		return false;
	if (look(r) < 0 || look(r) == ';') {
		if (r->to->local.n == 0)
			return fault(r, "empty address");
		close_address(r);
	} else if (look(r) == '@' && r->to->local.n == 0) {
		if (!read_route(r) || !read_spec(r, -1))
			return false;
	} else if (look(r) == '@') {
		r->at++;
		if (!read_domain(r, &r->to->domain))
			return false;
		close_address(r);
	} else if (!read_name(r) || !read_brackets(r)) {
		return false;
	}
	return look(r) < 0 || may_not_follow(r, r->at);
}

bool smtp_exim_address_read(struct span text, const struct smtp_exim_reading *how, struct smtp_exim_address *ret)
{
	*ret = (struct smtp_exim_address){ .fault = NULL };
	struct reader r = { .s = text, .how = how, .to = ret };
	return read_address(&r);
}
