/* message/link_obfuscated.c - links that only a person can follow: "example[.]com", "example dot com", "example . com"; see link_finder.h
 *
 * Abuse desks write them so that nobody clicks, spammers so that no filter sees them. Both are links of kind LINK_OBFUSCATED. */
#include "base/ascii.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "message/link_finder.h"

enum { HOST_LONGEST = 253, LABEL_LONGEST = 63, WELL_KNOWN_LONGEST = 4 };

/* Ways to write a dot. Those with blanks occur in prose as well, so they count only in front of a well-known top-level domain. */
static const struct {
	struct span written;
	bool prose;
} dots[] = {
	{ SPAN_INIT("[.]"), false },     { SPAN_INIT("(.)"), false },    { SPAN_INIT("{.}"), false },    { SPAN_INIT("[dot]"), false },
	{ SPAN_INIT("(dot)"), false },   { SPAN_INIT("{dot}"), false },  { SPAN_INIT(" [.] "), false },  { SPAN_INIT(" [dot] "), false },
	{ SPAN_INIT(" (dot) "), false }, { SPAN_INIT(" (.) "), false },  { SPAN_INIT(" dot "), true },   { SPAN_INIT(" . "), true },
	{ SPAN_INIT(". "), true },       { SPAN_INIT("\uFF0E"), false }, { SPAN_INIT("\u3002"), false }, { SPAN_INIT("\uFF61"), false },
};

static const struct span well_known[] = {
	SPAN_INIT("com"), SPAN_INIT("net"), SPAN_INIT("org"), SPAN_INIT("info"), SPAN_INIT("biz"),
	SPAN_INIT("ru"),  SPAN_INIT("cn"),  SPAN_INIT("top"), SPAN_INIT("xyz"),
};

static bool is_label_byte(uint8_t c) { return ascii_is_alnum(c) || c == '-' || c == '_'; }

/* Fullwidth letters and digits (U+FF10 to U+FF5A): the ASCII one they stand for, 0 for anything else. */
static uint8_t fullwidth(struct span text, size_t at)
{
	uint32_t c;
	if (at >= text.n || text.p[at] != 0xEF)
		return 0;
	utf8_decode(text, at, &c);
	return c >= 0xFF10 && c <= 0xFF5A && ascii_is_alnum((int)(c - 0xFEE0)) ? (uint8_t)(c - 0xFEE0) : 0;
}

/* Reads one label into out; returns where it ends. */
static size_t label(struct span text, size_t at, size_t to, struct buf *out)
{
	for (size_t n = 0; at < to && n < LABEL_LONGEST; n++) {
		uint8_t wide = fullwidth(text, at);
		if (wide) {
			buf_byte(out, wide);
			at += 3;
		} else if (is_label_byte(text.p[at])) {
			buf_byte(out, text.p[at++]);
		} else {
			break;
		}
	}
	return at;
}

/* A dot written at at: behind it, or 0. */
static size_t dot_end(struct span text, size_t at, size_t to, bool *ret_prose)
{
	for (size_t i = 0; i < sizeof dots / sizeof *dots; i++) {
		size_t end = at + dots[i].written.n;
		if (end < to && text.p[at] == dots[i].written.p[0] && span_ieq(span_slice(text, at, end), dots[i].written) &&
		    (is_label_byte(text.p[end]) || fullwidth(text, end))) {
			*ret_prose = dots[i].prose;
			return end;
		}
	}
	return 0;
}

/* Does a well-known top-level domain stand at at, whole and in one case? */
static bool well_known_at(struct span text, size_t at, size_t to)
{
	size_t end = at;
	while (end < to && end < at + WELL_KNOWN_LONGEST + 1 && is_label_byte(text.p[end]))
		end++;
	if (end < at + 2 || end > at + WELL_KNOWN_LONGEST)
		return false;
	for (size_t i = 0; i < sizeof well_known / sizeof *well_known; i++)
		if (well_known[i].n == end - at && span_ieq(span_slice(text, at, end), well_known[i]) &&
		    ascii_is_lower(text.p[at]) == ascii_is_lower(text.p[end - 1]))
			return true;
	return false;
}

bool link_obfuscated_host(struct span text, size_t at, size_t to, struct arena *arena, struct span *ret_host, size_t *ret_end,
			  bool *ret_disguised)
{
	struct buf host;
	bool disguised = false;
	buf_init(&host, arena, HOST_LONGEST + LABEL_LONGEST);
	size_t end = label(text, at, to, &host);
	while (host.n && host.n < HOST_LONGEST) {
		bool prose = false;
		size_t next = dot_end(text, end, to, &prose);
		if (!next && end + 1 < to && text.p[end] == '.' && is_label_byte(text.p[end + 1]))
			next = end + 1;
		else if (!next || (prose && !well_known_at(text, next, to)))
			break;
		else
			disguised = true;
		buf_byte(&host, '.');
		end = label(text, next, to, &host);
	}
	*ret_host = buf_span(&host);
	*ret_end = end;
	*ret_disguised = disguised;
	return host.n > 0;
}

/* Where the host begins whose label ends at at. */
static size_t host_begin(struct span text, size_t floor, size_t at)
{
	size_t from = at;
	while (from > floor && at - from < HOST_LONGEST) {
		if (is_label_byte(text.p[from - 1]) || (text.p[from - 1] == '.' && from < at))
			from--;
		else if (from >= floor + 3 && text.p[from - 3] == 0xEF && fullwidth(text, from - 3))
			from -= 3;
		else
			break;
	}
	while (from < at && text.p[from] == '.')
		from++;
	return from;
}

/* Names in an address ("ann at example dot com", "ann@example[.]com") and links whose scheme another finder reads are not ours. */
static bool belongs_elsewhere(struct span text, size_t from)
{
	static const struct span heads[] = { SPAN_INIT("@"),    SPAN_INIT("//"),   SPAN_INIT("\\\\"), SPAN_INIT("at] "),
					     SPAN_INIT("at) "), SPAN_INIT(" at "), SPAN_INIT("[at]"), SPAN_INIT("(at)") };
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
		if (span_iends(span_first(text, from), heads[i]))
			return true;
	return false;
}

size_t link_obfuscated_at(struct link_finder *f, struct span text, size_t floor, size_t dot, size_t to)
{
	struct span host;
	size_t host_end;
	bool disguised;
	size_t name_end = dot;
	/* The cheap test first: prose has many "end. Next". */
	if (text.p[dot] == '.' && span_at(text, dot + 1) == ' ' && !well_known_at(text, dot + 2, to))
		return dot + 1;
	while (name_end > floor && dot - name_end < 2 &&
	       (text.p[name_end - 1] == ' ' || text.p[name_end - 1] == '[' || text.p[name_end - 1] == '('))
		name_end--;
	size_t from = host_begin(text, floor, name_end);
	if (from == name_end || belongs_elsewhere(text, from))
		return dot + 1;
	if (!link_obfuscated_host(text, from, to, f->arena, &host, &host_end, &disguised) || !disguised || host_end <= dot ||
	    !link_text_host_plausible(host, true))
		return host_end > dot ? host_end : dot + 1;
	size_t end = host_end;
	if (end < to && text.p[end] == '/')
		end = link_text_extent(text, end, to);
	struct span target = arena_printf(f->arena, "http://%.*s%.*s", SPAN_ARG(host), SPAN_ARG(span_slice(text, host_end, end)));
	struct url url;
	if (url_parse(target, NULL, f->arena, &url) != 0)
		return dot + 1;
	link_finder_add(f, LINK_OBFUSCATED, LINK_SCHEME_ADDED, span_slice(text, from, end), &url, (uint32_t)from, (uint32_t)end);
	return end;
}

/* A dot in brackets may have a blank before them. Most brackets hold words: the second byte tells. */
static bool is_dot_at(struct span text, size_t floor, size_t at, size_t to)
{
	bool prose;
	if (memchr("[({", text.p[at], 3) && span_at(text, at + 1) != '.' && (span_at(text, at + 1) | 0x20) != 'd')
		return false;
	return dot_end(text, at, to, &prose) || (at > floor && text.p[at - 1] == ' ' && dot_end(text, at - 1, to, &prose));
}

/* Every occurrence of mark that begins a disguised dot. */
static void find_mark(struct link_finder *f, struct span text, size_t from, size_t to, struct span mark)
{
	struct span all = span_first(text, to);
	for (size_t floor = from; !link_finder_full(f);) {
		size_t at = mark.n == 1 ? span_find_byte(all, mark.p[0], floor) : span_find(all, mark, floor);
		if (at == SPAN_NPOS)
			return;
		floor = is_dot_at(text, floor, at, to) ? link_obfuscated_at(f, text, floor, at, to) : at + mark.n;
	}
}

void link_obfuscated_find(struct link_finder *f, struct span text, size_t from, size_t to)
{
	find_mark(f, text, from, to, SPAN("["));
	find_mark(f, text, from, to, SPAN("("));
	find_mark(f, text, from, to, SPAN("{"));
	find_mark(f, text, from, to, SPAN(" dot "));
	if (utf8_is_ascii(span_slice(text, from, to)))
		return;
	find_mark(f, text, from, to, SPAN("\uFF0E"));
	find_mark(f, text, from, to, SPAN("\u3002"));
	find_mark(f, text, from, to, SPAN("\uFF61"));
}
