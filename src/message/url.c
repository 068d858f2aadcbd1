/* message/url.c - the URL parser (WHATWG URL 4.4, basic URL parser without state override); see url.h
 *
 * The standard describes a state machine over characters; here each state is a function over the run of bytes it reads, which gives the
 * same result in one pass. The serialised URL grows in one buffer; its pieces are kept as offsets until it stands. */
#include "message/url.h"
#include "base/ascii.h"
#include "base/err.h"
#include "base/limits.h"
#include "message/url_host.h"

struct range {
	size_t from, to;
	bool there;
};

enum scheme_kind { SCHEME_OTHER, SCHEME_SPECIAL, SCHEME_FILE };

struct parser {
	struct span in; /* without outer blanks, tabs and line ends */
	const struct url *base;
	struct buf out;
	enum scheme_kind kind;
	int default_port, port;
	struct range scheme, username, password, host, path, query, fragment;
	bool opaque_path;
	struct url_host_facts host_facts;
	uint32_t flags;
};

static const struct {
	struct span name;
	int port;
	enum scheme_kind kind;
} special_schemes[] = {
	{ SPAN_INIT("http"), 80, SCHEME_SPECIAL }, { SPAN_INIT("https"), 443, SCHEME_SPECIAL }, { SPAN_INIT("ftp"), 21, SCHEME_SPECIAL },
	{ SPAN_INIT("ws"), 80, SCHEME_SPECIAL },   { SPAN_INIT("wss"), 443, SCHEME_SPECIAL },   { SPAN_INIT("file"), -1, SCHEME_FILE },
};

/* Percent-encode sets (1.3): a byte is encoded where its set's bit stands. */
enum { SET_C0 = 1, SET_FRAGMENT = 2, SET_QUERY = 4, SET_SPECIAL_QUERY = 8, SET_PATH = 16, SET_USERINFO = 32 };
#define SETS_ALL (SET_C0 | SET_FRAGMENT | SET_QUERY | SET_SPECIAL_QUERY | SET_PATH | SET_USERINFO)
#define SETS_QUERY_UP (SET_QUERY | SET_SPECIAL_QUERY | SET_PATH | SET_USERINFO)

__extension__ static const uint8_t encode_sets[256] = {
	[0x00 ... 0x1F] = SETS_ALL,
	[0x7F ... 0xFF] = SETS_ALL,
	[' '] = SETS_ALL & ~SET_C0,
	['"'] = SETS_ALL & ~SET_C0,
	['<'] = SETS_ALL & ~SET_C0,
	['>'] = SETS_ALL & ~SET_C0,
	['`'] = SET_FRAGMENT | SET_PATH | SET_USERINFO,
	['#'] = SETS_QUERY_UP,
	['\''] = SET_SPECIAL_QUERY,
	['?'] = SET_PATH | SET_USERINFO,
	['^'] = SET_PATH | SET_USERINFO,
	['{'] = SET_PATH | SET_USERINFO,
	['}'] = SET_PATH | SET_USERINFO,
	['/'] = SET_USERINFO,
	[':'] = SET_USERINFO,
	[';'] = SET_USERINFO,
	['='] = SET_USERINFO,
	['@'] = SET_USERINFO,
	['['] = SET_USERINFO,
	['\\'] = SET_USERINFO,
	[']'] = SET_USERINFO,
	['|'] = SET_USERINFO,
};

/* Appends text, percent-encoded by set. */
static void encode(struct parser *p, struct span text, unsigned set)
{
	static const char hex[] = "0123456789ABCDEF";
	for (size_t i = 0, run; i < text.n; i = run + 1) {
		for (run = i; run < text.n && !(encode_sets[text.p[run]] & set); run++)
			;
		buf_put(&p->out, span_slice(text, i, run));
		if (run == text.n)
			return;
		uint8_t coded[3] = { '%', (uint8_t)hex[text.p[run] >> 4], (uint8_t)hex[text.p[run] & 15] };
		buf_put(&p->out, span_of(coded, 3));
	}
}

/* Plain letters and digits that somebody took the trouble to percent-encode: "%65vil". */
static bool has_plain_percent(struct span text)
{
	for (size_t at = 0; (at = span_find_byte(text, '%', at)) != SPAN_NPOS; at++) {
		int high = ascii_hex(span_at(text, at + 1)), low = ascii_hex(span_at(text, at + 2));
		if (high >= 0 && low >= 0 && ascii_is_alnum(high << 4 | low))
			return true;
	}
	return false;
}

static bool is_special(const struct parser *p) { return p->kind != SCHEME_OTHER; }

static bool is_slash(const struct parser *p, int c) { return c == '/' || (c == '\\' && is_special(p)); }

/* "Windows drive letter": "C:" or "C|". */
static bool is_drive(struct span s) { return s.n == 2 && ascii_is_alpha(s.p[0]) && (s.p[1] == ':' || s.p[1] == '|'); }

static bool starts_with_drive(struct span s) { return is_drive(span_first(s, 2)) && (s.n == 2 || memchr("/\\?#", s.p[2], 4)); }

/* "." and "..", also as %2e: 1 and 2; 0 for other segments. */
static unsigned dots(struct span segment)
{
	unsigned n = 0;
	if (segment.n > 6)
		return 0;
	while (segment.n && n < 3) {
		if (segment.p[0] == '.')
			segment = span_skip(segment, 1);
		else if (span_istarts(segment, SPAN("%2e")))
			segment = span_skip(segment, 3);
		else
			return 0;
		n++;
	}
	return n < 3 ? n : 0;
}

/* "Shorten a URL's path"; what is cut off is never read again, so that all of them together are linear. */
static void shorten(struct parser *p)
{
	struct span path = span_of(p->out.p + p->path.from, p->out.n - p->path.from);
	if (p->kind == SCHEME_FILE && path.n == 3 && is_drive(span_skip(path, 1)))
		return;
	size_t slash = span_rfind_byte(path, '/');
	if (slash != SPAN_NPOS)
		p->out.n = p->path.from + slash;
}

/* "Path state" over text, which ends where the path ends. */
static void path_segments(struct parser *p, struct span text)
{
	for (bool more = true; more;) {
		size_t end = 0;
		while (end < text.n && !is_slash(p, text.p[end]))
			end++;
		struct span segment = span_first(text, end);
		more = end < text.n;
		if (more && text.p[end] == '\\')
			p->flags |= URL_BACKSLASH;
		text = span_skip(text, end + 1);
		unsigned n_dots = dots(segment);
		if (n_dots == 2)
			shorten(p);
		if (n_dots) {
			if (!more)
				buf_byte(&p->out, '/');
			continue;
		}
		bool drive = p->kind == SCHEME_FILE && p->out.n == p->path.from && is_drive(segment);
		buf_byte(&p->out, '/');
		encode(p, segment, SET_PATH);
		if (drive)
			p->out.p[p->out.n - 1] = ':';
	}
}

/* "Query state" and "fragment state": rest is empty or begins with '?' or '#'. */
static void query_fragment(struct parser *p, struct span rest)
{
	if (has_plain_percent(rest))
		p->flags |= URL_PATH_PERCENT_PLAIN;
	if (span_at(rest, 0) == '?') {
		size_t hash = span_find_byte(rest, '#', 0);
		struct span query = span_slice(rest, 1, hash == SPAN_NPOS ? rest.n : hash);
		buf_byte(&p->out, '?');
		p->query = (struct range){ p->out.n, 0, true };
		encode(p, query, is_special(p) ? SET_QUERY | SET_SPECIAL_QUERY : SET_QUERY);
		p->query.to = p->out.n;
		rest = hash == SPAN_NPOS ? span_none : span_skip(rest, hash);
	}
	if (span_at(rest, 0) == '#') {
		buf_byte(&p->out, '#');
		p->fragment = (struct range){ p->out.n, 0, true };
		encode(p, span_skip(rest, 1), SET_FRAGMENT);
		p->fragment.to = p->out.n;
	}
}

/* "Path state" or, at_start, "path start state", then everything to the end. */
static void path_query_fragment(struct parser *p, struct span rest, bool at_start)
{
	size_t end = 0;
	while (end < rest.n && rest.p[end] != '?' && rest.p[end] != '#')
		end++;
	struct span path = span_first(rest, end);
	if (has_plain_percent(path))
		p->flags |= URL_PATH_PERCENT_PLAIN;
	if (p->opaque_path) {
		bool blank = end < rest.n && span_ends(path, SPAN(" "));
		encode(p, span_first(path, path.n - blank), SET_C0);
		buf_cstr(&p->out, blank ? "%20" : "");
	} else if (path.n || is_special(p)) {
		if (at_start && is_slash(p, span_at(path, 0))) {
			if (path.p[0] == '\\')
				p->flags |= URL_BACKSLASH;
			path = span_skip(path, 1);
		}
		path_segments(p, path);
	}
	p->path.to = p->out.n;
	query_fragment(p, span_skip(rest, end));
}

static void path_start(struct parser *p, struct span rest)
{
	p->path.from = p->out.n;
	path_query_fragment(p, rest, true);
}

static void userinfo(struct parser *p, struct span text)
{
	size_t colon = span_find_byte(text, ':', 0);
	struct span user = span_first(text, colon == SPAN_NPOS ? text.n : colon), password = span_skip(text, user.n + 1);
	p->flags |= URL_USERINFO;
	p->username.from = p->out.n;
	encode(p, user, SET_USERINFO);
	p->username.to = p->out.n;
	if (password.n) {
		buf_byte(&p->out, ':');
		p->password.from = p->out.n;
		encode(p, password, SET_USERINFO);
		p->password.to = p->out.n;
	}
	if (user.n || password.n)
		buf_byte(&p->out, '@');
}

static int port(struct parser *p, struct span digits)
{
	unsigned value = 0;
	for (size_t i = 0; i < digits.n; i++) {
		if (!ascii_is_digit(digits.p[i]) || (value = value * 10 + (digits.p[i] - '0')) > 65535)
			return ERR_SYNTAX;
	}
	if (digits.n == 0 || (int)value == p->default_port)
		return 0;
	p->port = (int)value;
	p->flags |= URL_ODD_PORT;
	buf_printf(&p->out, ":%u", value);
	return 0;
}

static int host(struct parser *p, struct span text)
{
	p->host = (struct range){ p->out.n, 0, true };
	int err = url_host_parse(text, is_special(p), &p->out, &p->host_facts);
	p->host.to = p->out.n;
	p->flags |= p->host_facts.flags;
	return err;
}

/* "Authority state", "host state" and "port state"; rest begins behind the slashes. */
static int authority(struct parser *p, struct span rest)
{
	size_t end = 0, at = SPAN_NPOS;
	for (; end < rest.n && !is_slash(p, rest.p[end]) && rest.p[end] != '?' && rest.p[end] != '#'; end++)
		if (rest.p[end] == '@')
			at = end;
	buf_cstr(&p->out, "//");
	p->username.from = p->username.to = p->password.from = p->password.to = p->out.n;
	struct span where = span_first(rest, end);
	if (at != SPAN_NPOS) {
		userinfo(p, span_first(where, at));
		where = span_skip(where, at + 1);
		if (where.n == 0)
			return ERR_SYNTAX;
	}
	size_t colon = 0;
	for (bool bracket = false; colon < where.n && (where.p[colon] != ':' || bracket); colon++)
		bracket = where.p[colon] == '[' || (bracket && where.p[colon] != ']');
	struct span name = span_first(where, colon);
	if (name.n == 0 && (colon < where.n || is_special(p)))
		return ERR_SYNTAX;
	if (host(p, name) != 0 || (colon < where.n && port(p, span_skip(where, colon + 1)) != 0))
		return ERR_SYNTAX;
	path_start(p, span_skip(rest, end));
	return 0;
}

/* Copies the base's URL up to the end of the named piece, with its ranges. */
static struct range base_range(const struct parser *p, struct span piece)
{
	size_t from = piece.p ? (size_t)(piece.p - p->base->href.p) : 0;
	return (struct range){ from, from + piece.n, piece.p != NULL };
}

static void copy_base(struct parser *p, bool path, bool query)
{
	const struct url *b = p->base;
	p->scheme = base_range(p, b->scheme);
	p->username = base_range(p, b->username);
	p->password = base_range(p, b->password);
	p->host = base_range(p, b->host);
	p->host_facts = (struct url_host_facts){ b->host_kind, b->ip, 0 };
	p->port = b->port;
	p->flags |= b->flags & (URL_USERINFO | URL_NUMERIC_ODD | URL_PUNYCODE | URL_IDN | URL_HOST_PERCENT | URL_ODD_PORT);
	p->out.n = 0;
	/* A path that begins with "//" stands behind "/." where there is no host; that mark is put back at the end. */
	struct range from = base_range(p, b->path);
	buf_put(&p->out, span_first(b->href, b->host.p ? from.from : p->scheme.to + 1));
	p->path.from = p->out.n;
	if (path)
		buf_put(&p->out, b->path);
	p->path.to = p->out.n;
	if (query && b->query.p) {
		buf_byte(&p->out, '?');
		p->query = (struct range){ p->out.n, p->out.n + b->query.n, true };
		buf_put(&p->out, b->query);
	}
}

/* "Relative state" and "relative slash state"; text has no scheme, or the base's. */
static int relative(struct parser *p, struct span text)
{
	if (is_slash(p, span_at(text, 0))) {
		if (text.p[0] == '\\')
			p->flags |= URL_BACKSLASH;
		if (is_slash(p, span_at(text, 1))) {
			p->out.n = 0;
			buf_put(&p->out, p->base->scheme);
			p->scheme = (struct range){ 0, p->out.n, true };
			buf_byte(&p->out, ':');
			text = span_skip(text, 2);
			while (is_special(p) && is_slash(p, span_at(text, 0)))
				text = span_skip(text, 1);
			return authority(p, text);
		}
		copy_base(p, false, false);
		path_start(p, text);
		return 0;
	}
	bool only_query = span_at(text, 0) == '?', nothing = text.n == 0 || text.p[0] == '#';
	copy_base(p, true, nothing);
	p->opaque_path = !p->host.there && span_at(p->base->path, 0) != '/';
	if (only_query || nothing) {
		query_fragment(p, text);
		return 0;
	}
	shorten(p);
	path_query_fragment(p, text, false);
	return 0;
}

/* The first two bytes of the base's path when it is "/C:", a drive. */
static bool base_drive(const struct parser *p, struct span *ret_drive)
{
	struct span path = p->base->path;
	*ret_drive = span_first(path, 3);
	return path.n >= 3 && is_drive(span_slice(path, 1, 3)) && path.p[2] == ':' && (path.n == 3 || path.p[3] == '/');
}

/* "File host state": "//" was read. */
static int file_host(struct parser *p, struct span rest)
{
	size_t end = 0;
	while (end < rest.n && !is_slash(p, rest.p[end]) && rest.p[end] != '?' && rest.p[end] != '#')
		end++;
	struct span name = span_first(rest, end);
	buf_cstr(&p->out, "//");
	p->host = (struct range){ p->out.n, p->out.n, true };
	if (is_drive(name)) {
		p->path.from = p->out.n;
		path_query_fragment(p, rest, false);
		return 0;
	}
	if (name.n && host(p, name) != 0)
		return ERR_SYNTAX;
	if (span_eq(span_of(p->out.p + p->host.from, p->out.n - p->host.from), SPAN("localhost"))) {
		p->out.n = p->host.to = p->host.from;
		p->host_facts.kind = URL_HOST_NONE;
	}
	path_start(p, span_skip(rest, end));
	return 0;
}

/* "File state" and "file slash state"; the scheme stands in out. */
static int file(struct parser *p, struct span text)
{
	const struct url *base = p->base && span_eq(p->base->scheme, SPAN("file")) ? p->base : NULL;
	struct span drive = span_none;
	if (is_slash(p, span_at(text, 0))) {
		if (is_slash(p, span_at(text, 1)))
			return file_host(p, span_skip(text, 2));
		text = span_skip(text, 1);
		if (base) {
			copy_base(p, false, false);
			if (!starts_with_drive(text) && base_drive(p, &drive))
				buf_put(&p->out, drive);
		}
	} else if (base) {
		if (!starts_with_drive(text))
			return relative(p, text);
		copy_base(p, false, false);
	}
	if (!base) {
		buf_cstr(&p->out, "//");
		p->host = (struct range){ p->out.n, p->out.n, true };
		p->path.from = p->out.n;
	}
	path_query_fragment(p, text, false);
	return 0;
}

/* Length of the scheme at the start of text, 0 when there is none. */
static size_t scheme_length(struct span text)
{
	size_t i = 0;
	if (!ascii_is_alpha(span_at(text, 0)))
		return 0;
	while (i < text.n && (ascii_is_alnum(text.p[i]) || text.p[i] == '+' || text.p[i] == '-' || text.p[i] == '.'))
		i++;
	return span_at(text, i) == ':' ? i : 0;
}

static void know_scheme(struct parser *p, struct span scheme)
{
	p->kind = SCHEME_OTHER;
	p->default_port = -1;
	for (size_t i = 0; i < sizeof special_schemes / sizeof *special_schemes; i++)
		if (span_eq(scheme, special_schemes[i].name)) {
			p->kind = special_schemes[i].kind;
			p->default_port = special_schemes[i].port;
		}
}

/* "Scheme state" from the colon on. */
static int with_scheme(struct parser *p, size_t n)
{
	struct span rest = span_skip(p->in, n + 1);
	for (size_t i = 0; i < n; i++)
		buf_byte(&p->out, ascii_lower(p->in.p[i]));
	struct span scheme = buf_span(&p->out);
	p->scheme = (struct range){ 0, n, true };
	buf_byte(&p->out, ':');
	know_scheme(p, scheme);
	if (p->kind == SCHEME_FILE)
		return file(p, rest);
	if (p->kind == SCHEME_SPECIAL) {
		if (p->base && span_eq(p->base->scheme, span_first(buf_span(&p->out), n)) && !span_starts(rest, SPAN("//")))
			return relative(p, rest);
		size_t slashes = 0;
		for (; is_slash(p, span_at(rest, slashes)); slashes++)
			if (rest.p[slashes] == '\\')
				p->flags |= URL_BACKSLASH;
		if (slashes < 2)
			p->flags |= URL_NO_SLASHES;
		return authority(p, span_skip(rest, slashes));
	}
	if (span_starts(rest, SPAN("//")))
		return authority(p, span_skip(rest, 2));
	p->opaque_path = span_at(rest, 0) != '/';
	path_start(p, rest);
	return 0;
}

/* "No scheme state". */
static int without_scheme(struct parser *p)
{
	if (!p->base)
		return ERR_SYNTAX;
	bool opaque = !p->base->host.p && span_at(p->base->path, 0) != '/';
	if (opaque && span_at(p->in, 0) != '#')
		return ERR_SYNTAX;
	know_scheme(p, p->base->scheme);
	if (p->kind != SCHEME_FILE)
		return relative(p, p->in);
	buf_cstr(&p->out, "file:");
	p->scheme = (struct range){ 0, 4, true };
	return file(p, p->in);
}

/* Without leading and trailing controls and blanks; tabs and line ends inside vanish, as in browsers. */
static struct span cleaned(struct parser *p, struct span in)
{
	while (in.n && in.p[0] <= ' ')
		in = span_skip(in, 1);
	while (in.n && in.p[in.n - 1] <= ' ')
		in.n--;
	size_t first = 0;
	while (first < in.n && in.p[first] != '\t' && in.p[first] != '\n' && in.p[first] != '\r')
		first++;
	if (first == in.n)
		return in;
	p->flags |= URL_INNER_BLANKS;
	uint8_t *copy = arena_alloc(p->out.arena, in.n);
	size_t n = 0;
	for (size_t i = 0; i < in.n; i++)
		if (in.p[i] != '\t' && in.p[i] != '\n' && in.p[i] != '\r')
			copy[n++] = in.p[i];
	return span_of(copy, n);
}

/* URL serializing (4.5): a path "//x" without a host is written "/.//x". */
static void mark_path_without_host(struct parser *p)
{
	if (p->host.there || p->opaque_path || !span_starts(span_slice(buf_span(&p->out), p->path.from, p->path.to), SPAN("//")))
		return;
	if (!buf_room(&p->out, 2))
		return;
	memmove(p->out.p + p->path.from + 2, p->out.p + p->path.from, p->out.n - p->path.from);
	memcpy(p->out.p + p->path.from, "/.", 2);
	p->out.n += 2;
	struct range *later[] = { &p->path, &p->query, &p->fragment };
	for (size_t i = 0; i < 3; i++) {
		later[i]->from += 2;
		later[i]->to += 2;
	}
}

static struct span piece(const struct parser *p, struct range range) { return span_of(p->out.p + range.from, range.to - range.from); }

int url_parse(struct span input, const struct url *base, struct arena *arena, struct url *ret_url)
{
	if (input.n > LIMIT_URL_BYTES)
		return ERR_LIMIT;
	struct parser p = { .base = base, .default_port = -1, .port = -1 };
	buf_init(&p.out, arena, 4 * (size_t)LIMIT_URL_BYTES + (base ? base->href.n : 0));
	p.in = cleaned(&p, input);
	buf_room(&p.out, p.in.n + 16);
	size_t scheme = scheme_length(p.in);
	int err = scheme ? with_scheme(&p, scheme) : without_scheme(&p);
	if (err)
		return err;
	if (p.out.full)
		return ERR_LIMIT;
	mark_path_without_host(&p);
	*ret_url = (struct url){
		.href = buf_span(&p.out),
		.scheme = piece(&p, p.scheme),
		.username = piece(&p, p.username),
		.password = piece(&p, p.password),
		.host = p.host.there ? piece(&p, p.host) : span_none,
		.path = piece(&p, p.path),
		.query = p.query.there ? piece(&p, p.query) : span_none,
		.fragment = p.fragment.there ? piece(&p, p.fragment) : span_none,
		.port = p.port,
		.host_kind = p.host_facts.kind,
		.ip = p.host_facts.ip,
		.flags = p.flags,
	};
	return 0;
}

struct span url_percent_decode(struct span text, struct arena *arena)
{
	size_t at = span_find_byte(text, '%', 0), n = at;
	if (at == SPAN_NPOS)
		return text;
	uint8_t *out = arena_alloc(arena, text.n);
	memcpy(out, text.p, at);
	for (; at < text.n; at++) {
		int high, low;
		if (text.p[at] == '%' && (high = ascii_hex(span_at(text, at + 1))) >= 0 && (low = ascii_hex(span_at(text, at + 2))) >= 0) {
			out[n++] = (uint8_t)(high << 4 | low);
			at += 2;
		} else {
			out[n++] = text.p[at];
		}
	}
	return span_of(out, n);
}
