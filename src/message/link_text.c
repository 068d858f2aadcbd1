/* message/link_text.c - links of plain text, as mail programs make them clickable; see link.h
 *
 * memchr finds the bytes every link has one of (':' '.' '@'); what stands around them is read, and the search goes on behind it.
 * So text without links costs little more than three memchr, and no byte is read more than a bounded number of times. */
#include "base/ascii.h"
#include "base/buf.h"
#include "base/limits.h"
#include "message/link_finder.h"

enum {
	SCHEME_LONGEST = 6, /* mailto */
	LOCAL_PART_LONGEST = 256,
	USERINFO_LONGEST = 64,
	HOST_LONGEST = 253,
	WRAPPED_LONGEST = 2048, /* of a URL in <> that is broken over lines */
};

/* What a byte may be part of. */
enum { HOST = 1, LETTER_PIECE = 2, LOCAL = 4, STOP = 8, SENTENCE = 16 };
#define ALNUM (HOST | LOCAL)

__extension__ static const uint8_t class[256] = {
	['a' ... 'z'] = ALNUM,
	['A' ... 'Z'] = ALNUM,
	['0' ... '9'] = ALNUM,
	['-'] = ALNUM,
	['_'] = ALNUM,
	/* UTF-8 of U+00C0 to U+07FF: letters of alphabets that put blanks between words. */
	[0x80 ... 0xBF] = LETTER_PIECE,
	[0xC3 ... 0xDF] = LETTER_PIECE,
	['+'] = LOCAL,
	['='] = LOCAL,
	['#'] = LOCAL,
	['$'] = LOCAL,
	['%'] = LOCAL,
	['&'] = LOCAL,
	['^'] = LOCAL,
	['{'] = LOCAL,
	['}'] = LOCAL,
	['~'] = LOCAL,
	['/'] = LOCAL,
	['\''] = LOCAL | SENTENCE,
	['*'] = LOCAL | SENTENCE,
	['!'] = LOCAL | SENTENCE,
	['?'] = LOCAL | SENTENCE,
	['.'] = SENTENCE,
	[','] = SENTENCE,
	[';'] = SENTENCE,
	[':'] = SENTENCE,
	[0x00 ... 0x20] = STOP,
	[0x7F] = STOP,
	['<'] = STOP,
	['>'] = STOP,
	['"'] = STOP,
};

struct scanner {
	struct link_finder *finder;
	struct span text;
	size_t to;
	size_t floor; /* nothing before it belongs to a new link */
};

static bool is(struct span s, size_t at, unsigned what) { return at < s.n && class[s.p[at]] & what; }

/* Blanks and punctuation beyond ASCII that end a link: no-break and ideographic space, quotes, CJK commas, stops and brackets. */
static bool is_wide_stop(struct span text, size_t at)
{
	static const struct {
		struct span from, to;
	} stops[] = {
		{ SPAN_INIT("\u00A0"), SPAN_INIT("\u00A0") }, { SPAN_INIT("\u00AB"), SPAN_INIT("\u00AB") },
		{ SPAN_INIT("\u00BB"), SPAN_INIT("\u00BB") }, { SPAN_INIT("\u2000"), SPAN_INIT("\u200A") },
		{ SPAN_INIT("\u2018"), SPAN_INIT("\u201F") }, { SPAN_INIT("\u2026"), SPAN_INIT("\u2029") },
		{ SPAN_INIT("\u3000"), SPAN_INIT("\u3002") }, { SPAN_INIT("\u3008"), SPAN_INIT("\u3011") },
		{ SPAN_INIT("\uFF01"), SPAN_INIT("\uFF01") }, { SPAN_INIT("\uFF08"), SPAN_INIT("\uFF09") },
		{ SPAN_INIT("\uFF0C"), SPAN_INIT("\uFF0C") }, { SPAN_INIT("\uFF1A"), SPAN_INIT("\uFF1B") },
		{ SPAN_INIT("\uFF1F"), SPAN_INIT("\uFF1F") }, { SPAN_INIT("\uFF5B"), SPAN_INIT("\uFF5D") },
	};
	for (size_t i = 0; i < sizeof stops / sizeof *stops; i++) {
		size_t n = stops[i].from.n;
		if (at + n <= text.n && memcmp(text.p + at, stops[i].from.p, n) >= 0 && memcmp(text.p + at, stops[i].to.p, n) <= 0)
			return true;
	}
	return false;
}

/* Which pair of brackets a byte opens (1 to 3) or closes (-1 to -3). */
static int bracket(uint8_t c)
{
	static const char pairs[] = "()[]{}";
	const char *hit = c ? strchr(pairs, c) : NULL;
	int pair = hit ? (int)(hit - pairs) / 2 + 1 : 0;
	return hit && (hit - pairs) % 2 ? -pair : pair;
}

size_t link_text_extent(struct span text, size_t at, size_t to)
{
	unsigned open[4] = { 0 };
	size_t end = at;
	for (; end < to && !is(text, end, STOP); end++) {
		if (text.p[end] >= 0x80) {
			if (is_wide_stop(text, end))
				break;
			continue;
		}
		int b = bracket(text.p[end]);
		if (b > 0)
			open[b]++;
		else if (b < 0 && open[-b]-- == 0)
			break;
	}
	while (end > at && is(text, end - 1, SENTENCE))
		end--;
	return end;
}

bool link_text_host_plausible(struct span host, bool needs_real_top)
{
	struct span rest = host, label = span_none;
	unsigned labels = 0;
	if (host.n == 0 || host.n > HOST_LONGEST)
		return false;
	bool underscore = false, underscore_before = false;
	while (span_split(&rest, '.', &label)) {
		if (label.n == 0 || label.p[0] == '-' || label.p[label.n - 1] == '-')
			return false;
		underscore_before = underscore;
		underscore = memchr(label.p, '_', label.n) != NULL;
		labels++;
	}
	return !needs_real_top || (labels > 1 && !underscore && !underscore_before && url_is_top_level(label));
}

/* The run of host characters and dots around at: [*ret_from, *ret_to). */
static void host_run(const struct scanner *s, size_t at, size_t *ret_from, size_t *ret_to)
{
	size_t from = at, to = at;
	while (from > s->floor && (is(s->text, from - 1, HOST | LETTER_PIECE) || s->text.p[from - 1] == '.'))
		from--;
	/* Not the tail of a longer UTF-8 sequence: a quotation mark is no letter. */
	while (from < at && s->text.p[from] >= 0x80 && s->text.p[from] < 0xC0)
		from++;
	while (to < s->to && (is(s->text, to, HOST | LETTER_PIECE) || s->text.p[to] == '.'))
		to++;
	*ret_from = from;
	*ret_to = to;
}

/* ":8080" behind a host. */
static size_t skip_port(struct span text, size_t at, size_t to)
{
	size_t end = at + 1;
	while (end < to && end < at + 6 && ascii_is_digit(text.p[end]))
		end++;
	return at < to && text.p[at] == ':' && end > at + 1 && !(end < to && ascii_is_digit(text.p[end])) ? end : at;
}

/* Path, query and fragment behind host and port. */
static size_t skip_path(struct span text, size_t at, size_t to)
{
	return at < to && (text.p[at] == '/' || text.p[at] == '?' || text.p[at] == '#') ? link_text_extent(text, at, to) : at;
}

/* Parses raw and adds it; false when it is no URL with a plausible host. */
static bool add(struct scanner *s, enum link_kind kind, uint32_t flags, struct span raw, struct span target, size_t from, size_t to)
{
	struct url url;
	if (url_parse(target, NULL, s->finder->arena, &url) != 0)
		return false;
	if (url.host_kind == URL_HOST_DOMAIN && !link_text_host_plausible(url.host, false))
		return false;
	link_finder_add(s->finder, kind, flags, raw, &url, (uint32_t)from, (uint32_t)to);
	s->floor = to;
	return true;
}

/* "<http://www.example.com/a-long\n path>": RFC 3986 appendix C. Where the '>' is, or 0. */
static size_t wrapped_end(const struct scanner *s, size_t from, size_t at)
{
	bool marked = from > 0 && (s->text.p[from - 1] == '<' || (from > 4 && span_eq(span_slice(s->text, from - 5, from), SPAN("<URL:"))));
	if (!marked || at >= s->to || (s->text.p[at] != '\n' && s->text.p[at] != '\r'))
		return 0;
	for (size_t i = at, last = s->to - at > WRAPPED_LONGEST ? at + WRAPPED_LONGEST : s->to; i < last; i++) {
		uint8_t c = s->text.p[i];
		bool line_start = i > at && s->text.p[i - 1] == '\n';
		if (c == '>')
			return i;
		if (c == '\n' || c == '\r' || (c == ' ' && line_start))
			continue;
		if (is(s->text, i, STOP))
			return 0;
	}
	return 0;
}

/* Where the authority that begins at at ends. */
static size_t authority_end(const struct scanner *s, size_t at)
{
	size_t end = at, last = s->to - at > LIMIT_URL_BYTES ? at + LIMIT_URL_BYTES : s->to;
	while (end < last && !is(s->text, end, STOP) && !memchr("/\\?#()", s->text.p[end], 6) &&
	       !(s->text.p[end] >= 0x80 && is_wide_stop(s->text, end)))
		end++;
	while (end > at && is(s->text, end - 1, SENTENCE))
		end--;
	return end;
}

/* "http://example.comをご覧" goes on in prose: where the host ends when it names no real domain as a whole, but its ASCII head does. */
static size_t prose_behind_host(const struct scanner *s, size_t at, size_t end)
{
	struct span whole = span_slice(s->text, at, end);
	size_t n = 0, dot = span_rfind_byte(whole, '.');
	while (n < whole.n && whole.p[n] < 0x80)
		n++;
	if (n == whole.n || (dot != SPAN_NPOS && url_is_top_level(span_skip(whole, dot + 1))))
		return end;
	return link_text_host_plausible(span_first(whole, n), true) ? at + n : end;
}

static size_t with_disguised_host(struct scanner *s, size_t from, size_t at)
{
	struct span host;
	size_t host_end;
	bool disguised;
	if (!link_obfuscated_host(s->text, at, s->to, s->finder->arena, &host, &host_end, &disguised) || !disguised ||
	    !link_text_host_plausible(host, true))
		return at;
	size_t end = skip_path(s->text, skip_port(s->text, host_end, s->to), s->to);
	struct span target = arena_join(s->finder->arena, span_slice(s->text, from, at), host, span_slice(s->text, host_end, end));
	return add(s, LINK_OBFUSCATED, 0, span_slice(s->text, from, end), target, from, end) ? end : at;
}

/* http://, https://, ftp:// whose scheme begins at from; the authority begins at at. Returns where to go on. The authority is tried before
 * the rest is looked at: so what fails costs no more than itself. */
static size_t with_scheme(struct scanner *s, size_t from, size_t at)
{
	size_t authority = authority_end(s, at), prose = prose_behind_host(s, at, authority);
	struct url url;
	if (prose < authority) {
		struct span raw = span_slice(s->text, from, prose);
		return add(s, LINK_TEXT, 0, raw, raw, from, prose) ? prose : at;
	}
	if (url_parse(span_slice(s->text, from, authority), NULL, s->finder->arena, &url) != 0 ||
	    (url.host_kind == URL_HOST_DOMAIN && !link_text_host_plausible(url.host, false)))
		return with_disguised_host(s, from, at);
	size_t end = link_text_extent(s->text, authority, s->to), hard = end;
	while (hard < s->to && !is(s->text, hard, STOP))
		hard++;
	size_t wrapped = wrapped_end(s, from, hard);
	struct span raw = span_slice(s->text, from, end);
	if (wrapped) {
		struct buf joined;
		buf_init(&joined, s->finder->arena, WRAPPED_LONGEST + LIMIT_URL_BYTES);
		for (size_t i = from; i < wrapped; i++)
			if (s->text.p[i] > ' ')
				buf_byte(&joined, s->text.p[i]);
		raw = buf_span(&joined);
		end = wrapped;
	}
	if (raw.n > LIMIT_URL_BYTES)
		link_finder_say(s->finder, ANOMALY_URL_LIMIT, (uint32_t)from, (uint32_t)end);
	raw = span_first(raw, LIMIT_URL_BYTES);
	return add(s, LINK_TEXT, 0, raw, raw, from, end) ? end : authority;
}

/* hxxp://, h**p://, ttp://: people are meant to repair it. */
static size_t with_broken_scheme(struct scanner *s, size_t from, size_t at, const char *scheme)
{
	struct span host;
	size_t host_end;
	bool disguised;
	if (!link_obfuscated_host(s->text, at, s->to, s->finder->arena, &host, &host_end, &disguised) ||
	    !link_text_host_plausible(host, false))
		return at;
	size_t end = skip_path(s->text, skip_port(s->text, host_end, s->to), s->to);
	struct span target = arena_join(s->finder->arena, span_cstr(scheme), SPAN("://"), host, span_slice(s->text, host_end, end));
	return add(s, LINK_OBFUSCATED, 0, span_slice(s->text, from, end), target, from, end) ? end : at;
}

/* mailto:someone@example.com?subject=..., also "mailto://". */
static size_t with_mailto(struct scanner *s, size_t from, size_t at)
{
	size_t slashes = at;
	while (slashes < s->to && s->text.p[slashes] == '/')
		slashes++;
	size_t local = slashes;
	while (local < s->to && (is(s->text, local, LOCAL) || s->text.p[local] == '.') && s->text.p[local] != '/')
		local++;
	if (local == slashes || span_at(s->text, local) != '@' || local >= s->to)
		return at;
	size_t run_from, run_to;
	struct scanner domain = *s;
	domain.floor = local + 1;
	host_run(&domain, local + 1, &run_from, &run_to);
	while (run_to > local + 1 && !ascii_is_alnum(s->text.p[run_to - 1]) && s->text.p[run_to - 1] < 0x80)
		run_to--;
	if (!link_text_host_plausible(span_slice(s->text, local + 1, run_to), true))
		return at;
	size_t end = run_to < s->to && s->text.p[run_to] == '?' ? link_text_extent(s->text, run_to, s->to) : run_to;
	struct span target = arena_join(s->finder->arena, SPAN("mailto:"), span_slice(s->text, slashes, end));
	return add(s, LINK_TEXT, 0, span_slice(s->text, from, end), target, from, end) ? end : at;
}

static size_t on_colon(struct scanner *s, size_t colon)
{
	static const struct {
		struct span written;
		const char *scheme; /* NULL: as it is written */
	} schemes[] = {
		{ SPAN_INIT("https"), NULL },    { SPAN_INIT("http"), NULL },   { SPAN_INIT("ftp"), NULL },
		{ SPAN_INIT("hxxps"), "https" }, { SPAN_INIT("hxxp"), "http" }, { SPAN_INIT("h**ps"), "https" },
		{ SPAN_INIT("h**p"), "http" },   { SPAN_INIT("hxtp"), "http" }, { SPAN_INIT("htxp"), "http" },
		{ SPAN_INIT("hxxtp"), "http" },  { SPAN_INIT("fxp"), "ftp" },   { SPAN_INIT("ttps"), "https" },
		{ SPAN_INIT("ttp"), "http" },
	};
	size_t after = colon + 1, before = colon;
	bool boxed = colon > s->floor && s->text.p[colon - 1] == '[' && span_at(s->text, after) == ']'; /* "http[:]//" */
	if (boxed) {
		before--;
		after++;
	}
	struct span head = span_slice(s->text, before - s->floor > SCHEME_LONGEST ? before - SCHEME_LONGEST : s->floor, before);
	if (span_iends(head, SPAN("mailto")))
		return with_mailto(s, before - 6, after);
	size_t slashes = after;
	while (slashes < s->to && (s->text.p[slashes] == '/' || s->text.p[slashes] == '\\'))
		slashes++;
	if (slashes - after < 2)
		return colon + 1;
	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
		if (!span_iends(head, schemes[i].written))
			continue;
		size_t from = before - schemes[i].written.n;
		const char *scheme = schemes[i].scheme ? schemes[i].scheme : boxed ? (i == 0 ? "https" : i == 1 ? "http" : "ftp") : NULL;
		return scheme ? with_broken_scheme(s, from, slashes, scheme) : with_scheme(s, from, slashes);
	}
	return colon + 1;
}

/* The local part in front of an '@' at at: where it begins, or at when there is none. */
static size_t local_part(const struct scanner *s, size_t at)
{
	size_t from = at, least = at - s->floor > LOCAL_PART_LONGEST ? at - LOCAL_PART_LONGEST : s->floor;
	while (from > least && (is(s->text, from - 1, LOCAL) || s->text.p[from - 1] == '.'))
		from--;
	/* "'ann@example.org'", "/ann@example.org": what cannot begin a name belongs to the sentence. */
	while (from < at && !ascii_is_alnum(s->text.p[from]) && s->text.p[from] != '_')
		from++;
	return from;
}

static size_t on_at(struct scanner *s, size_t at)
{
	size_t from = local_part(s, at), run_from, to;
	if (from == at || !is(s->text, at + 1, HOST | LETTER_PIECE) || at + 1 >= s->to)
		return at + 1;
	struct scanner behind = *s;
	behind.floor = at + 1;
	host_run(&behind, at + 1, &run_from, &to);
	while (to > at + 1 && !ascii_is_alnum(s->text.p[to - 1]) && s->text.p[to - 1] < 0x80)
		to--;
	if (!link_text_host_plausible(span_slice(s->text, at + 1, to), true) || span_at(s->text, to) == '@')
		return at + 1;
	struct span raw = arena_join(s->finder->arena, SPAN("mailto:"), span_slice(s->text, from, to));
	return add(s, LINK_TEXT, LINK_SCHEME_ADDED, raw, raw, from, to) ? to : at + 1;
}

/* Is [from, to) the beginning of an e-mail address: "first.last+tag@..."? */
static bool goes_on_as_address(const struct scanner *s, size_t to)
{
	size_t i = to, last = s->to - to > USERINFO_LONGEST ? to + USERINFO_LONGEST : s->to;
	while (i < last && is(s->text, i, LOCAL) && s->text.p[i] != '/' && s->text.p[i] != '?' && s->text.p[i] != '#')
		i++;
	return i < last && s->text.p[i] == '@' && is(s->text, i + 1, HOST);
}

/* "www.name:password@host": an old trick that programs with "www." in their rules fall for. Where the host begins, or 0. */
static size_t www_userinfo(const struct scanner *s, size_t to)
{
	size_t i = to, last = s->to - to > USERINFO_LONGEST ? to + USERINFO_LONGEST : s->to;
	if (i < last && s->text.p[i] != '@' && s->text.p[i] != ':')
		return 0;
	while (i < last && s->text.p[i] != '@' && s->text.p[i] != '/' && !is(s->text, i, STOP))
		i++;
	return i < last && s->text.p[i] == '@' ? i + 1 : 0;
}

/* Words that a missing blank joins ("done.It"), and files ("main.py"): top-level domains that people rarely mean. */
static bool reads_as_prose(struct span host)
{
	static const struct span files[] = { SPAN_INIT("py"),  SPAN_INIT("sh"),  SPAN_INIT("pm"), SPAN_INIT("md"),
					     SPAN_INIT("zip"), SPAN_INIT("mov"), SPAN_INIT("ps") };
	size_t dot = span_rfind_byte(host, '.');
	struct span top = span_skip(host, dot + 1), name = span_first(host, dot);
	if (span_find_byte(name, '.', 0) != SPAN_NPOS)
		return false;
	if (ascii_is_upper(top.p[0]) && ascii_is_lower(top.p[1]) && ascii_is_lower(name.p[0]))
		return true;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		if (span_eq(top, files[i]))
			return true;
	return false;
}

/* A host without a scheme in the run [from, to), trimmed of dots and dashes of the sentence. */
static size_t bare_host(struct scanner *s, size_t from, size_t to)
{
	size_t run_from = from, run_to = to;
	while (from < to && (s->text.p[from] == '.' || s->text.p[from] == '-'))
		from++;
	while (to > from && (s->text.p[to - 1] == '.' || s->text.p[to - 1] == '-'))
		to--;
	struct span host = span_slice(s->text, from, to);
	bool www = span_istarts(host, SPAN("www")) && host.n > 4 && (host.p[3] == '.' || ascii_is_digit(host.p[3]) || host.p[3] == '-');
	int before = from > s->floor ? s->text.p[from - 1] : -1;
	struct span raw;
	size_t info = www ? www_userinfo(s, to) : 0;
	if (info) {
		size_t host_from, host_to;
		struct scanner behind = *s;
		behind.floor = info;
		host_run(&behind, info, &host_from, &host_to);
		if (link_text_host_plausible(span_slice(s->text, info, host_to), true)) {
			size_t end = skip_path(s->text, skip_port(s->text, host_to, s->to), s->to);
			raw = arena_join(s->finder->arena, SPAN("http://"), span_slice(s->text, from, end));
			if (add(s, LINK_TEXT, LINK_SCHEME_ADDED, raw, raw, from, end))
				return end;
		}
	}
	if (!link_text_host_plausible(host, true) || (before == '@' && !www) || goes_on_as_address(s, to))
		return run_to;
	/* "/path/to/file.pl", "http://-bad.example", "hppt://example.com"; but "//example.com" in prose is one. */
	bool path_like =
	    s->floor < run_from && s->text.p[run_from - 1] == '/' &&
	    !(from == run_from && from > s->floor + 1 && s->text.p[from - 2] == '/' && (from < s->floor + 3 || s->text.p[from - 3] == ' '));
	if (!www && (path_like || reads_as_prose(host)))
		return run_to;
	size_t end = skip_path(s->text, skip_port(s->text, to, s->to), s->to);
	raw = arena_join(s->finder->arena, span_istarts(host, SPAN("ftp.")) ? SPAN("ftp://") : SPAN("http://"),
			 span_slice(s->text, from, end));
	return add(s, LINK_TEXT, LINK_SCHEME_ADDED, raw, raw, from, end) && end > run_to ? end : run_to;
}

static size_t on_dot(struct scanner *s, size_t dot)
{
	size_t from, to;
	if (dot + 1 >= s->to)
		return dot + 1;
	if (s->text.p[dot + 1] == ' ')
		return link_obfuscated_at(s->finder, s->text, s->floor, dot, s->to);
	if (!is(s->text, dot + 1, HOST | LETTER_PIECE))
		return dot + 1;
	host_run(s, dot, &from, &to);
	size_t end = bare_host(s, from, to);
	/* The last dot of "shop.example. com" is looked at on its own. */
	return end == to && to - 1 > dot && s->text.p[to - 1] == '.' ? to - 1 : end;
}

void links_from_text_range(struct span text, size_t from, size_t to, uint16_t part, uint8_t in, uint32_t extra_flags, struct arena *arena,
			   struct anomalies *anomalies, struct links *links)
{
	static size_t (*const on[])(struct scanner *, size_t) = { on_colon, on_dot, on_at };
	static const uint8_t bytes[] = { ':', '.', '@' };
	size_t next[3] = { from, from, from }, done = from;
	struct link_finder finder = {
		.arena = arena, .anomalies = anomalies, .links = links, .part = part, .in = in, .flags = extra_flags
	};
	if (to > text.n)
		to = text.n;
	struct scanner s = { .finder = &finder, .text = text, .to = to, .floor = from };
	for (size_t i = 0; i < 3; i++)
		next[i] = span_find_byte(span_first(text, to), bytes[i], from);
	while (!link_finder_full(&finder)) {
		size_t first = next[0] <= next[1] ? (next[0] <= next[2] ? 0 : 2) : (next[1] <= next[2] ? 1 : 2);
		if (next[first] == SPAN_NPOS)
			break;
		done = on[first](&s, next[first]);
		for (size_t i = 0; i < 3; i++)
			if (next[i] < done)
				next[i] = span_find_byte(span_first(text, to), bytes[i], done);
	}
	link_obfuscated_find(&finder, text, from, to);
}

void links_from_text(struct span text, uint16_t part, uint8_t in, struct arena *arena, struct anomalies *anomalies, struct links *links)
{
	links_from_text_range(text, 0, text.n, part, in, 0, arena, anomalies, links);
}
