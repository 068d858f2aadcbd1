/* check/lookalike.c - domains made to be taken for another: of the house, of a brand.
 *
 * The domains of From, Reply-To, the envelope and of links are compared with own domains and brands (brands.def): look-alike letters
 * ("paypa1", "rnicrosoft", punycode), one slip away ("microsofl"), the name dressed up ("paypal-login"), the whole domain as labels of a
 * foreign host
 * ("paypal.com.evil.example"). Own domains as labels of link hosts are for the links check.
 * A slip counts only against names of six letters or more, since short names are all one slip apart. Silent on outgoing mail; links of list
 * mail count only when they are look-alikes, for people there quote what they caught. */
#include "check/brands.h"
#include "check/check.h"
#include "message/unicode.h"
#include "message/url.h"

enum { OWN, OWN_DRESSED, BRAND_LETTERS, BRAND_SLIP, BRAND_DRESSED, BRAND_LABELS };
static const struct evidence_def defs[] = {
	[OWN] = { "lookalike.own", GROUP_IDENTITY, 3000, 0, "The domain {1} in its {3} looks like {2}, your own",
		  "A neighbour of so like a name is rare; he can be told of in local_domains." },
	[OWN_DRESSED] = { "lookalike.own_dressed", GROUP_IDENTITY, 1500, 0,
			  "The domain {1} in its {3} is {2}, your own, with words of service added",
			  "Companies do register such names; then they belong into local_domains." },
	[BRAND_LETTERS] = { "lookalike.brand", GROUP_LINK, 3000, 0, "The domain {1} in its {3} is written to look like {2}",
			    "Digits for letters, rn for m, foreign letters: nobody names his house so by chance." },
	[BRAND_SLIP] = { "lookalike.brand_slip", GROUP_LINK, 450, 0, "The domain {1} in its {3} is one letter away from {2}",
			 "Some honest names are: PayPay is a Japanese bank." },
	[BRAND_DRESSED] = { "lookalike.brand_dressed", GROUP_LINK, 1500, 0,
			    "The domain {1} in its {3} bears the name of {2} and words of service, but is not one of its own",
			    "Daughters we do not know, resellers and fan pages write such names, too." },
	[BRAND_LABELS] = { "lookalike.brand_labels", GROUP_LINK, 2500, 0,
			   "The host {1} in its {3} begins like {2}, but belongs to somebody else",
			   "Whoever reads an address from the left believes it. Some test and tracking systems write hosts so." },
};

enum { LINKS_LOOKED_AT = 24, LINKS_WALKED = 200, LABEL_MOST = 40 };

struct where {
	struct span says;
	struct place at;
	bool link;
};

/* "rnicrosoft" reads "microsoft", "vvalmart" "walmart"; digits are left to the table's own look-alike form. */
static struct span join_strokes(struct span label, struct arena *arena)
{
	size_t n = 0;
	if (span_find(label, SPAN("rn"), 0) == SPAN_NPOS && span_find(label, SPAN("vv"), 0) == SPAN_NPOS)
		return label;
	uint8_t *out = arena_alloc(arena, label.n);
	for (size_t i = 0; i < label.n; i++) {
		bool rn = label.p[i] == 'r' && span_at(label, i + 1) == 'n', vv = label.p[i] == 'v' && span_at(label, i + 1) == 'v';
		out[n++] = rn ? 'm' : vv ? 'w' : label.p[i];
		i += rn || vv;
	}
	return span_of(out, n);
}

/* One letter more, fewer, changed, or two neighbours swapped. */
static bool one_slip(struct span a, struct span b)
{
	size_t head = 0, tail = 0;
	if (a.n > b.n) {
		struct span c = a;
		a = b;
		b = c;
	}
	if (b.n - a.n > 1)
		return false;
	while (head < a.n && a.p[head] == b.p[head])
		head++;
	while (tail < a.n - head && a.p[a.n - 1 - tail] == b.p[b.n - 1 - tail])
		tail++;
	size_t rest = b.n - head - tail;
	return rest == 1 || (rest == 2 && a.n == b.n && a.p[head] == b.p[head + 1] && a.p[head + 1] == b.p[head]);
}

/* A label as a person reads it: A-labels decoded, strokes joined. Returns the label itself when that changes nothing. */
static struct span seen(struct span label, struct arena *arena)
{
	return span_starts(label, SPAN("xn--")) ? url_domain_to_unicode(label, arena) : join_strokes(label, arena);
}

static bool judge_own(const struct check_view *view, struct span org, struct span label, const struct where *w, struct evidence_set *set)
{
	for (uint32_t i = 0; i < view->own.domains.n; i++) {
		struct span own_org = sender_org(view->own.domains.v[i]), own = span_first(own_org, span_find_byte(own_org, '.', 0));
		if (own.n < 5 || span_eq(own, label))
			continue;
		bool same = span_starts(label, SPAN("xn--"))
				? span_eq(unicode_skeleton(seen(label, view->arena), view->arena), unicode_skeleton(own, view->arena))
				: span_eq(seen(label, view->arena), own) || (own.n >= 6 && one_slip(label, own));
		size_t at = span_find(label, own, 0);
		bool dressed =
		    at != SPAN_NPOS &&
		    ((at == 0 && span_at(label, own.n) == '-' && brands_service_word(span_skip(label, own.n + 1), view->arena)) ||
		     (at > 1 && at + own.n == label.n && label.p[at - 1] == '-' &&
		      brands_service_word(span_first(label, at - 1), view->arena)));
		if (!same && !dressed)
			continue;
		evidence_at(evidence_add(set, &defs[same ? OWN : OWN_DRESSED], org, own_org, w->says), w->at);
		return true;
	}
	return false;
}

/* "secure-paypal-login": one word of the label is a brand, all others are words of service. */
static const struct brand *dressed_brand(struct span label, struct arena *arena)
{
	const struct brand *brand = NULL;
	struct span rest = label, word;
	while (span_split(&rest, '-', &word)) {
		bool disguised;
		const struct brand *one = brand ? NULL : brands_of_label(word, arena, &disguised);
		if (one)
			brand = one;
		else if (!brands_service_word(word, arena))
			return NULL;
	}
	return brand;
}

/* Which brand the label is made to look like; *ret_kind says how. */
static const struct brand *imitated(struct span label, struct arena *arena, int *ret_kind)
{
	bool disguised = false;
	const struct brand *brand = brands_of_label(seen(label, arena), arena, &disguised);
	*ret_kind = BRAND_LETTERS;
	if (brand)
		return disguised || seen(label, arena).p != label.p ? brand : NULL;
	if (memchr(label.p, '-', label.n)) {
		*ret_kind = BRAND_DRESSED;
		return dressed_brand(label, arena);
	}
	*ret_kind = BRAND_SLIP;
	return brands_near_label(label);
}

static bool judge_brand(const struct check_view *view, struct span org, struct span label, const struct where *w, struct evidence_set *set)
{
	int kind;
	if (brands_of_domain(org))
		return true;
	const struct brand *brand = imitated(label, view->arena, &kind);
	if (!brand || brands_owns(brand, org) || (w->link && view->sender.list && kind != BRAND_LETTERS))
		return false;
	evidence_at(evidence_add(set, &defs[kind], org, brand->title, w->says), w->at);
	return true;
}

/* paypal.com.evil.example: a brand's own domain as labels before a foreign one. */
static bool judge_labels(const struct check_view *view, struct span host, struct span org, const struct where *w, struct evidence_set *set)
{
	struct span rest = span_first(host, host.n > org.n ? host.n - org.n - 1 : 0), label;
	if (view->sender.list || span_find_byte(rest, '.', 0) == SPAN_NPOS)
		return false;
	for (struct span whole = rest; span_split(&rest, '.', &label) && rest.n; whole = rest) {
		bool disguised;
		const struct brand *brand = label.n >= 4 ? brands_of_label(label, view->arena, &disguised) : NULL;
		struct span two =
		    span_slice(whole, 0, label.n + 1 + (span_find_byte(rest, '.', 0) == SPAN_NPOS ? rest.n : span_find_byte(rest, '.', 0)));
		if (!brand || (brand->flags & BRAND_COMMON) || !brands_owns(brand, two) || brands_owns(brand, org))
			continue;
		evidence_at(evidence_add(set, &defs[BRAND_LABELS], host, brand->title, w->says), w->at);
		return true;
	}
	return false;
}

/* True when something was said of it. */
static bool judge(const struct check_view *view, struct span host, struct span org, const struct where *w, struct evidence_set *set)
{
	struct span label = span_first(org, span_find_byte(org, '.', 0));
	if (label.n < 4 || label.n > LABEL_MOST || check_is_own(&view->own, host))
		return false;
	uint32_t before = set->list.n;
	if (!judge_own(view, org, label, w, set) && !judge_brand(view, org, label, w, set))
		judge_labels(view, host, org, w, set);
	return set->list.n > before;
}

/* Every organisation that is linked to once: newsletters repeat theirs hundreds of times. */
static void judge_links(const struct check_view *view, struct evidence_set *set)
{
	struct span seen_hosts[LINKS_LOOKED_AT];
	unsigned n = 0;
	for (uint32_t i = 0; i < view->content->links.list.n && i < LINKS_WALKED && n < LINKS_LOOKED_AT; i++) {
		const struct link *link = &view->content->links.list.v[i];
		if (link->url.host_kind != URL_HOST_DOMAIN || (link->flags & LINK_IMAGE) || !link->domain.n)
			continue;
		unsigned k = n;
		while (k > 0 && !span_eq(seen_hosts[k - 1], link->url.host))
			k--;
		if (k > 0)
			continue;
		seen_hosts[n++] = link->url.host;
		struct where w = { SPAN("link"), link->at, true };
		if (judge(view, link->url.host, link->domain, &w, set))
			return;
	}
}

static void examine(const struct check_view *view, struct evidence_set *set)
{
	const struct sender *s = &view->sender;
	if (!s->outside)
		return;
	const struct address *reply = view->content->reply_to.list.n ? &view->content->reply_to.list.v[0] : NULL;
	struct where from = { SPAN("sender's address"), s->from ? s->from->at : (struct place){ 0 }, false };
	bool said = s->from_org.n && judge(view, s->from->domain, s->from_org, &from, set);
	if (!said && reply && reply->domain.n && !span_eq(sender_org(reply->domain), s->from_org)) {
		struct where w = { SPAN("Reply-To"), reply->at, false };
		said = judge(view, reply->domain, sender_org(reply->domain), &w, set);
	}
	if (!said && s->envelope_org.n && !span_eq(s->envelope_org, s->from_org)) {
		struct where w = { SPAN("return address"), view->content->has_return_path ? view->content->return_path.at : from.at,
				   false };
		judge(view, s->envelope_domain, s->envelope_org, &w, set);
	}
	judge_links(view, set);
}

const struct check check_lookalike = {
	.name = "lookalike",
	.purpose = "Are its domains made to be taken for others?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.examine = examine,
};
