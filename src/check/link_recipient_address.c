/* check/link_recipient_address.c - the reader's own address inside a link: plain, percent-encoded or base64.
 *
 * It tells the sender who clicked. Newsletters do that openly in their unsubscribe and counting links, so in path and query it weighs
 * little. Behind '#' it never reaches a server: only a script in the page reads it there, which is how phishing forms fill in their
 * victim's name. */
#include "base/ascii.h"
#include "check/link_target.h"

enum { PLAIN, ENCODED, FRAGMENT };
static const struct evidence_def defs[] = {
	[PLAIN] = { "link.recipient_address", GROUP_LINK, 150, 0, "A link to {1} carries your own address {2}",
		    "Unsubscribe links do so in honest newsletters." },
	[ENCODED] = { "link.recipient_address_encoded", GROUP_LINK, 400, 0,
		      "A link to {1} carries your own address {2}, encoded so that it is not seen",
		      "Some mailing services encode it as a matter of course." },
	[FRAGMENT] = { "link.recipient_address_fragment", GROUP_LINK, 1800, 0,
		       "A link to {1} carries your own address {2} behind a #, where only a script in the page reads it",
		       "Servers never see what follows '#'; phishing pages use it to fill in the form. A few web applications have such "
		       "links." },
};

enum { LINKS_MOST = 200, ADDRESSES_MOST = 4, ADDRESS_LONGEST = 100, CODES = 3, CODE_ROOM = 3 * ADDRESS_LONGEST };

/* An address in the ways it may stand in a link. */
struct needle {
	struct span plain, percent, code[CODES]; /* code: base64 of it at each of the three alignments, edges cut */
	uint32_t looked;                         /* in how many links */
};

/* The characters of base64 that depend on text alone when skip bytes of something else stand before it. */
static struct span base64_at(struct span text, unsigned skip, struct arena *arena)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint8_t *out = arena_alloc(arena, CODE_ROOM);
	size_t n = 0;
	uint32_t bits = 0;
	unsigned have = 0;
	for (size_t i = 0; i < text.n + skip; i++) {
		bits = bits << 8 | (i < skip ? 0 : text.p[i - skip]);
		for (have += 8; have >= 6; have -= 6)
			out[n++] = (uint8_t)alphabet[bits >> (have - 6) & 63];
	}
	static const unsigned foreign[] = { 0, 2, 3 };
	return span_of(out + foreign[skip], n - foreign[skip]);
}

static struct needle needle_of(struct span address, struct arena *arena)
{
	size_t at = span_find_byte(address, '@', 0);
	struct needle needle = { .plain = address };
	needle.percent = arena_join(arena, span_first(address, at), SPAN("%40"), span_skip(address, at + 1));
	for (unsigned i = 0; i < CODES; i++)
		needle.code[i] = base64_at(address, i, arena);
	return needle;
}

static int kind_in(struct span text, const struct needle *needle)
{
	if (span_find_byte(text, '@', 0) != SPAN_NPOS && span_ifind(text, span_first(needle->plain, 64), 0) != SPAN_NPOS)
		return PLAIN;
	if (span_find_byte(text, '%', 0) != SPAN_NPOS && span_ifind(text, span_first(needle->percent, 64), 0) != SPAN_NPOS)
		return PLAIN;
	for (unsigned i = 0; i < CODES; i++)
		if (span_has(text, needle->code[i]))
			return ENCODED;
	return -1;
}

static struct link_finding judge(const struct check_view *view, uint32_t index, void *context)
{
	const struct link *link = &view->content->links.list.v[index];
	struct needle *needle = context;
	if (!link_is_clicked(link) || needle->looked == LINKS_MOST)
		return LINK_FINDS_NOTHING;
	needle->looked++;
	const struct url *url = &link->url;
	struct span rest =
	    span_of(url->path.p, (size_t)(url->href.p + url->href.n - url->path.p) - (url->fragment.p ? url->fragment.n : 0));
	int kind = url->fragment.n && kind_in(url->fragment, needle) >= 0 ? FRAGMENT : kind_in(rest, needle);
	return (struct link_finding){ kind >= 0 && check_is_own(&view->own, url->host) ? -1 : kind, url->host, needle->plain };
}

static void examine(const struct check_view *view, struct evidence_set *set)
{
	struct link_findings findings = { defs, set, 0 };
	if (!view->content->links.list.n)
		return;
	for (uint32_t a = 0; a < view->own_addresses.n && a < ADDRESSES_MOST; a++) {
		struct span address = view->own_addresses.v[a];
		if (address.n < 6 || address.n > ADDRESS_LONGEST || span_find_byte(address, '@', 0) == SPAN_NPOS)
			continue;
		struct needle needle = needle_of(address, view->arena);
		link_findings_collect(view, judge, &needle, &findings);
	}
}

const struct check check_link_recipient_address = {
	.name = "link_recipient_address",
	.purpose = "Does a link carry the recipient's own address?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.examine = examine,
};
