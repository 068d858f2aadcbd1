/* message/link_inner.c - links inside links: where a redirector's parameter leads, by its syntax alone; see link_finder.h
 *
 * "https://track.example/c?u=https%3A%2F%2Fshop.example%2F" leads to shop.example, whoever runs the tracker. Known forms: the target plain,
 * percent-encoded once or more, base64 (also URL-safe), and Proofpoint's "-3A__". Nothing is fetched. */
#include "base/ascii.h"
#include "base/buf.h"
#include "base/limits.h"
#include "message/link_finder.h"
#include "message/transfer.h"

enum { INNER_MOST = 8, DECODED_TIMES = 3, HTTP_BASE64_LEAST = 16 };

static unsigned depth_of(const struct links *links, uint32_t index)
{
	unsigned depth = 0;
	for (uint32_t i = links->list.v[index].inside; i != LINK_NONE && depth < LIMIT_REDIRECT_DEPTH; i = links->list.v[i].inside)
		depth++;
	return depth;
}

/* Adds target when it is a web address; inner links of its own come with it. */
static void add(struct link_finder *f, uint32_t index, struct span target)
{
	struct url url;
	if (url_parse(target, NULL, f->arena, &url) != 0 || !url.host.n)
		return;
	if (url.host_kind == URL_HOST_DOMAIN && !link_text_host_plausible(url.host, true))
		return;
	const struct link *carrier = &f->links->list.v[index];
	struct place at = carrier->at;
	uint32_t before = f->carrier;
	f->carrier = index + 1;
	link_finder_add(f, carrier->kind, (carrier->flags & ~(uint32_t)LINK_SCHEME_ADDED) | LINK_REDIRECTED, target, &url, at.from, at.to);
	f->carrier = before;
}

/* The end of a parameter's value that begins at at; in a path the value goes on to the end. */
static size_t value_end(struct span text, size_t at, bool encoded)
{
	size_t question = span_find_byte(text, '?', 0);
	bool in_query = question != SPAN_NPOS && question < at;
	size_t end = at;
	while (end < text.n && !(in_query && text.p[end] == '&') &&
	       !(encoded && (text.p[end] == '&' || text.p[end] == '/' || text.p[end] == '?')) &&
	       !(text.p[end] == '#' && (in_query || encoded)))
		end++;
	/* Proofpoint version 3: "/v3/__https://host/path__;...". */
	if (at >= 2 && span_eq(span_slice(text, at - 2, at), SPAN("__"))) {
		size_t mark = span_find(text, SPAN("__;"), at);
		if (mark != SPAN_NPOS)
			end = mark;
	}
	return end;
}

/* Proofpoint version 2 writes '-' for '%' and '_' for '/'. */
static struct span from_proofpoint(struct span value, struct arena *arena)
{
	uint8_t *out = arena_alloc(arena, value.n);
	for (size_t i = 0; i < value.n; i++)
		out[i] = value.p[i] == '-' ? '%' : value.p[i] == '_' ? '/' : value.p[i];
	return url_percent_decode(span_of(out, value.n), arena);
}

/* "http" stands at at: the target when an address follows, and where its text ends. */
static bool plain_or_encoded(struct span text, size_t at, struct arena *arena, struct span *ret_target, size_t *ret_end)
{
	size_t colon = at + 4;
	if ((span_at(text, colon) | 0x20) == 's')
		colon++;
	struct span after = span_skip(text, colon);
	bool encoded = span_at(after, 0) == '%';
	if (span_starts(after, SPAN(":/"))) {
		*ret_end = value_end(text, at, false);
		*ret_target = span_slice(text, at, *ret_end);
		return true;
	}
	if (span_istarts(after, SPAN("-3A__"))) {
		*ret_end = value_end(text, at, true);
		*ret_target = from_proofpoint(span_slice(text, at, *ret_end), arena);
		return true;
	}
	if (!encoded || !(span_istarts(after, SPAN("%3A")) || span_istarts(after, SPAN("%25"))))
		return false;
	*ret_end = value_end(text, at, true);
	struct span target = span_slice(text, at, *ret_end);
	for (unsigned i = 0; i < DECODED_TIMES && span_at(target, colon - at) == '%'; i++)
		target = url_percent_decode(target, arena);
	*ret_target = target;
	return span_at(target, colon - at) == ':';
}

static bool is_base64url(uint8_t c) { return ascii_is_alnum(c) || c == '+' || c == '/' || c == '-' || c == '_'; }

/* "aHR0c" stands at at: base64 of "http". */
static bool in_base64(struct span text, size_t at, struct arena *arena, struct span *ret_target, size_t *ret_end)
{
	struct transfer_facts facts;
	size_t end = at;
	while (end < text.n && is_base64url(text.p[end]))
		end++;
	*ret_end = end;
	if (end - at < HTTP_BASE64_LEAST)
		return false;
	uint8_t *copy = arena_alloc(arena, end - at);
	for (size_t i = at; i < end; i++)
		copy[i - at] = text.p[i] == '-' ? '+' : text.p[i] == '_' ? '/' : text.p[i];
	struct span target = base64_decode(span_of(copy, end - at), arena, &facts);
	size_t n = 0;
	while (n < target.n && target.p[n] > ' ' && target.p[n] < 0x7F)
		n++;
	*ret_target = span_first(target, n);
	return span_istarts(target, SPAN("http://")) || span_istarts(target, SPAN("https://"));
}

void link_inner_find(struct link_finder *f, uint32_t index)
{
	const struct url *url = &f->links->list.v[index].url;
	if (!url->path.p || url->host_kind == URL_HOST_NONE)
		return;
	struct span text = span_skip(url->href, (size_t)(url->path.p - url->href.p));
	size_t plain = span_ifind(text, SPAN("http"), 0), coded = span_find(text, SPAN("aHR0c"), 0);
	if (plain == SPAN_NPOS && coded == SPAN_NPOS)
		return;
	const struct place at_link = f->links->list.v[index].at;
	if (depth_of(f->links, index) >= LIMIT_REDIRECT_DEPTH) {
		link_finder_say(f, ANOMALY_LINK_INNER_LIMIT, at_link.from, at_link.to);
		return;
	}
	for (unsigned n = 0; n < INNER_MOST && (plain != SPAN_NPOS || coded != SPAN_NPOS);) {
		struct span target;
		size_t at = plain < coded ? plain : coded, end = at;
		bool found =
		    plain < coded ? plain_or_encoded(text, at, f->arena, &target, &end) : in_base64(text, at, f->arena, &target, &end);
		if (found)
			add(f, index, target);
		/* What was read once is not read again, so that all of it together is one pass. */
		size_t next = end > at ? end : at + 4;
		n += end > at;
		if (plain < next)
			plain = span_ifind(text, SPAN("http"), next);
		if (coded < next)
			coded = span_find(text, SPAN("aHR0c"), next);
		if (n == INNER_MOST && (plain != SPAN_NPOS || coded != SPAN_NPOS))
			link_finder_say(f, ANOMALY_LINK_INNER_LIMIT, at_link.from, at_link.to);
	}
}
