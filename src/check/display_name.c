/* check/display_name.c - what is wrong with the shown name of the sender itself, whoever he is.
 *
 * Most programs show only the name. So impostors put another address or a link there, write letters that a filter does not read (invisible,
 * mathematical, of two scripts), or decorate it so that it stands out. Names are taken as decoded.
 * Example: "service@lnt.paypal.com" <x@procurement.pass.or.tz>; "P\u200dr\u200di\u200dm\u200de"; "#Harbor_Freight_Rewards#". */
#include "base/ascii.h"
#include "check/check.h"
#include "check/free_mail.h"
#include "message/unicode.h"

enum { ADDRESS, OWN_ADDRESS, LINK, INVISIBLE, BIDI, STYLED, MIXED, DECORATED, SHOUTED, TITLE, NONE };
static const struct evidence_def defs[] = {
	[ADDRESS] = { "display.address", GROUP_IDENTITY, 1000, 0, "It shows the address {1} as its sender's name, but writes from {2}",
		      "People see the name only. Lists that write \"x via list\" are left out; a person with two addresses is the honest "
		      "case." },
	[OWN_ADDRESS] = { "display.own_address", GROUP_IDENTITY, 2200, 0,
			  "It shows {1}, an address of your own, as its sender's name, but writes from {2}",
			  "Scanners and web forms write so from inside, not from outside." },
	[LINK] = { "display.link", GROUP_IDENTITY, 750, 0, "Its sender's name is a link: {1}", "No person is called http://." },
	[INVISIBLE] = { "display.invisible", GROUP_HIDDEN, 2000, 0, "Its sender's name, {1}, holds {2} invisible characters",
			"They part words so that a filter does not find them. Some come from copied text: a single one at the end is not "
			"counted." },
	[BIDI] = { "display.bidi", GROUP_HIDDEN, 2000, 0, "Its sender's name, {1}, turns the direction of writing around",
		   "Arabic and Hebrew names need no override characters." },
	[STYLED] = { "display.styled", GROUP_HIDDEN, 1500, 0, "Its sender's name, {1}, is written in mathematical letters",
		     "Bold and italic look-alikes of letters that a filter does not read; some shops find them pretty." },
	[MIXED] = { "display.mixed", GROUP_HIDDEN, 2200, 0, "In its sender's name, {1}, the word {2} mixes alphabets that look alike",
		    "No language mixes Latin with Cyrillic or Greek letters inside a word." },
	[DECORATED] = { "display.decorated", GROUP_IDENTITY, 1500, 0, "Its sender's name is decorated to stand out: {1}",
			"Arrows, stars and rows of signs before a name; honest shops use a heart at most." },
	[SHOUTED] = { "display.shouted", GROUP_WORDING, 450, 0, "Its sender's name is all capitals: {1}",
		      "Offices in some countries write names so, too." },
	[NONE] = { "display.none", GROUP_IDENTITY, 200, 0, "Its sender shows no name, only the address {1}",
		   "People's programs fill in the name; bulk programs and machines often do not." },
	[TITLE] = { "display.title", GROUP_WORDING, 500, 0, "{1} writes from a free-mail address, {2}",
		    "Ministers and barristers have addresses of their office." },
};

static bool is_local(int c) { return ascii_is_alnum(c) || c == '.' || c == '-' || c == '_' || c == '+' || c == '='; }

/* The first thing that looks like an address inside text: span_none when there is none; its domain goes to *ret_domain. */
static struct span find_address(struct span text, struct span *ret_domain)
{
	size_t at = span_find_byte(text, '@', 0), from, to;
	if (at == SPAN_NPOS)
		return span_none;
	for (from = at; from && is_local(text.p[from - 1]); from--)
		;
	for (to = at + 1; to < text.n && (ascii_is_alnum(text.p[to]) || text.p[to] == '.' || text.p[to] == '-'); to++)
		;
	while (to > at + 1 && text.p[to - 1] == '.')
		to--;
	struct span domain = span_slice(text, at + 1, to);
	if (from == at || domain.n < 4 || span_find_byte(domain, '.', 1) == SPAN_NPOS)
		return span_none;
	*ret_domain = domain;
	return span_slice(text, from, to);
}

static void judge_address(const struct check_view *view, const struct address *from, struct evidence_set *set)
{
	struct span domain, found = find_address(from->display, &domain);
	if (!found.p || view->sender.list || span_ihas(from->display, SPAN(" via ")) || span_ihas(from->display, SPAN("on behalf of")))
		return;
	domain = arena_lower(view->arena, domain);
	if (view->sender.from_org.n && span_eq(sender_org(domain), view->sender.from_org))
		return;
	bool own = check_is_own(&view->own, domain);
	evidence_at(evidence_add(set, &defs[own ? OWN_ADDRESS : ADDRESS], found, from->spec.n ? from->spec : SPAN("no address"), span_none),
		    from->at);
}

/* UTF-8 of arrows, box drawing, dingbats, stars (U+2190..U+2BFF but the trade mark and sign-of-service neighbours), or ASCII signs that
 * wrap a name: "#Deals#", "*Limited*", "_Offer_", "~!!~". Emoji with hearts and letters are common in shops' names and do not count. */
static bool is_decorated(struct span name)
{
	int first = span_at(name, 0), second = span_at(name, 1), third = span_at(name, 2);
	if (first == 0xE2 && second >= 0x86 && second <= 0xAF && !(second == 0x9D && third == 0xA4))
		return true;
	return first == '#' || first == '*' || first == '_' || first == '~' || first == '`' || first == '|' || first == '\\' ||
	       first == '^' || first == '>' || (first == '-' && second == '>') || (first == '!' && second == '!') ||
	       (first == '.' && second >= 0x80);
}

static bool is_shouted(struct span name)
{
	uint32_t letters = 0, blanks = 0;
	for (size_t i = 0; i < name.n; i++) {
		if (ascii_is_lower(name.p[i]) || name.p[i] >= 0x80)
			return false;
		letters += ascii_is_upper(name.p[i]);
		blanks += name.p[i] == ' ';
	}
	return letters >= 7 && blanks;
}

static bool is_titled(struct span name)
{
	static const struct span titles[] = { SPAN_INIT("mr"),   SPAN_INIT("mrs"),   SPAN_INIT("ms"),        SPAN_INIT("miss"),
					      SPAN_INIT("dr"),   SPAN_INIT("barr"),  SPAN_INIT("barrister"), SPAN_INIT("sgt"),
					      SPAN_INIT("capt"), SPAN_INIT("gen"),   SPAN_INIT("prince"),    SPAN_INIT("princess"),
					      SPAN_INIT("engr"), SPAN_INIT("madam"), SPAN_INIT("rev") };
	for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) {
		int after = span_at(name, titles[i].n);
		if (span_istarts(name, titles[i]) && (after == '.' || after == ' '))
			return true;
	}
	return false;
}

/* Emoji are joined by U+200D (E2 80 8D); one invisible character alone comes from copied text. */
static void judge_characters(const struct address *from, struct arena *arena, struct evidence_set *set)
{
	struct unicode_facts facts = unicode_examine(from->display);
	if (facts.bidi_overrides)
		evidence_at(evidence_add(set, &defs[BIDI], from->display, span_none, span_none), from->at);
	if (facts.invisible > 1)
		evidence_at(evidence_add(set, &defs[INVISIBLE], from->display, arena_printf(arena, "%u", facts.invisible), span_none),
			    from->at);
	if (facts.styled > 1)
		evidence_at(evidence_add(set, &defs[STYLED], from->display, span_none, span_none), from->at);
	if (facts.mixed_words)
		evidence_at(evidence_add(set, &defs[MIXED], from->display, facts.first_mixed, span_none), from->at);
}

static void examine(const struct check_view *view, struct evidence_set *set)
{
	const struct address *from = view->sender.from;
	if (!view->sender.outside || !from)
		return;
	if (!from->display.n) {
		if (from->spec.n && !view->sender.list)
			evidence_at(evidence_add(set, &defs[NONE], from->spec, span_none, span_none), from->at);
		return;
	}
	struct span name = span_trim(from->display);
	judge_address(view, from, set);
	if (span_ihas(name, SPAN("http://")) || span_ihas(name, SPAN("https://")) || span_istarts(name, SPAN("www.")))
		evidence_at(evidence_add(set, &defs[LINK], name, span_none, span_none), from->at);
	if (is_decorated(name))
		evidence_at(evidence_add(set, &defs[DECORATED], name, span_none, span_none), from->at);
	if (is_shouted(name))
		evidence_at(evidence_add(set, &defs[SHOUTED], name, span_none, span_none), from->at);
	if (is_titled(name) && from->domain.n && free_mail_find(from->domain))
		evidence_at(evidence_add(set, &defs[TITLE], name, from->spec, span_none), from->at);
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] >= 0x80) {
			judge_characters(from, view->arena, set);
			break;
		}
}

const struct check check_display_name = {
	.name = "display_name",
	.purpose = "What is wrong with the shown name of the sender?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.examine = examine,
};
