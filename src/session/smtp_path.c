/* session/smtp_path.c - see smtp_path.h */
#include "session/smtp_path.h"
#include "base/ascii.h"
#include "base/ip.h"
#include "base/limits.h"

enum { LABEL_MAX = 63, DOMAIN_MAX = 255 };

static bool is_atext(uint8_t c) { return ascii_is_alnum(c) || c >= 0x80 || (c && memchr("!#$%&'*+-/=?^_`{|}~", c, 19)); }

/* Where a stretch ends whose quoted parts may hold anything; SPAN_NPOS: a quote is not closed, or it does not end. */
static size_t find_outside_quotes(struct span s, uint8_t byte, size_t from)
{
	bool quoted = false;
	for (size_t i = from; i < s.n; i++) {
		if (s.p[i] == '\\' && quoted)
			i++;
		else if (s.p[i] == '"')
			quoted = !quoted;
		else if (s.p[i] == byte && !quoted)
			return i;
	}
	return SPAN_NPOS;
}

bool smtp_domain_valid(struct span domain)
{
	struct span rest = domain, label;
	if (domain.n == 0 || domain.n > DOMAIN_MAX)
		return false;
	while (span_split(&rest, '.', &label)) {
		if (label.n == 0 || label.n > LABEL_MAX || label.p[0] == '-' || label.p[label.n - 1] == '-')
			return false;
		for (size_t i = 0; i < label.n; i++)
			if (!ascii_is_alnum(label.p[i]) && label.p[i] != '-' && label.p[i] != '_' && label.p[i] < 0x80)
				return false;
	}
	return true;
}

/* "[192.0.2.1]", "[IPv6:2001:db8::1]", "[tag:anything]". */
static bool literal_valid(struct span domain)
{
	struct ip ip;
	struct span inside = span_slice(domain, 1, domain.n - 1);
	if (domain.n < 3 || !span_ends(domain, SPAN("]")))
		return false;
	for (size_t i = 0; i < inside.n; i++)
		if (inside.p[i] <= ' ' || inside.p[i] >= 0x7f || memchr("[]\\", inside.p[i], 3))
			return false;
	if (ip_parse(inside, &ip))
		return true;
	size_t colon = span_find_byte(inside, ':', 0);
	if (colon == SPAN_NPOS || colon + 1 == inside.n || !ascii_is_alpha(inside.p[0]) || span_istarts(inside, SPAN("IPv6:")))
		return false;
	for (size_t i = 0; i < colon; i++)
		if (!ascii_is_alnum(inside.p[i]) && inside.p[i] != '-')
			return false;
	return true;
}

static bool local_valid(struct smtp_path *path)
{
	struct span local = path->local;
	if (local.n == 0)
		return false;
	if (local.p[0] != '"') {
		for (size_t i = 0; i < local.n; i++)
			if (!is_atext(local.p[i]) && local.p[i] != '.')
				return false;
		return true;
	}
	path->quoted = true;
	for (size_t i = 1; i < local.n; i++) {
		if (local.p[i] == '"')
			return i + 1 == local.n;
		if (local.p[i] == '\\')
			i++;
		if (span_at(local, i) < ' ' || span_at(local, i) == 0x7f)
			return false;
	}
	return false;
}

static bool route_valid(struct span route)
{
	struct span hop;
	while (span_split(&route, ',', &hop))
		if (!span_starts(hop, SPAN("@")) || !smtp_domain_valid(span_skip(hop, 1)))
			return false;
	return true;
}

/* Where the domain begins: behind the last @ that no quote holds. */
static size_t find_at(struct span address)
{
	size_t at = SPAN_NPOS;
	for (size_t next = 0; (next = find_outside_quotes(address, '@', next)) != SPAN_NPOS; next++)
		at = next;
	return at;
}

static void read_inside(struct span inside, struct smtp_path *path)
{
	if (span_starts(inside, SPAN("@"))) {
		size_t colon = find_outside_quotes(inside, ':', 0);
		if (colon == SPAN_NPOS)
			path->odd = true;
		else {
			path->route = span_first(inside, colon);
			path->odd = !route_valid(path->route);
			inside = span_skip(inside, colon + 1);
		}
	}
	path->address = inside;
	if (inside.n == 0) {
		path->odd |= path->route.n > 0;
		path->local = path->domain = inside;
		return;
	}
	size_t at = find_at(inside);
	path->local = span_first(inside, at);
	path->domain = at == SPAN_NPOS ? span_skip(inside, inside.n) : span_skip(inside, at + 1);
	path->literal = path->domain.n && path->domain.p[0] == '[';
	path->odd |= !local_valid(path);
	if (at != SPAN_NPOS)
		path->odd |= path->literal ? !literal_valid(path->domain) : !smtp_domain_valid(path->domain);
	path->odd |= path->address.n > LIMIT_ENVELOPE_ADDRESS;
}

bool smtp_path_take(struct span *text, struct smtp_path *ret_path)
{
	struct smtp_path path = { .bare = true };
	struct span rest = *text;
	while (span_at(rest, 0) == ' ' || span_at(rest, 0) == '\t')
		rest = span_skip(rest, 1);
	if (rest.n == 0)
		return false;
	path.bare = rest.p[0] != '<';
	size_t end = find_outside_quotes(rest, path.bare ? ' ' : '>', 0);
	if (end == SPAN_NPOS && !path.bare)
		return false;
	path.whole = path.bare ? span_first(rest, end) : span_first(rest, end + 1);
	rest = span_skip(rest, path.whole.n);
	if (rest.n && rest.p[0] != ' ')
		return false; /* "<a@b>c" */
	struct span inside = path.bare ? path.whole : span_slice(path.whole, 1, path.whole.n - 1);
	for (size_t i = 0; i < inside.n; i++) {
		path.utf8 |= inside.p[i] >= 0x80;
		path.odd |= inside.p[i] < ' ' || inside.p[i] == 0x7f;
	}
	bool odd = path.odd;
	read_inside(inside, &path);
	path.odd |= odd;
	*text = span_trim(rest);
	*ret_path = path;
	return true;
}
