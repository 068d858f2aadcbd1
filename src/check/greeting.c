/* check/greeting.c - the name the machine outside gave itself (HELO), where it contradicts the address that was seen.
 *
 * Only the machine that crosses the trust boundary; its greeting was written down by a trusted server. Whose name is borrowed is judged
 * elsewhere (own_domain, free_mail); here are greetings that cannot be: RFC 5321 4.1.1.1 wants a name, or an address in brackets that is
 * one's own. */
#include "check/check.h"
#include "message/received_items.h"

enum { OTHER_ADDRESS, BARE_ADDRESS, OUR_ADDRESS };
static const struct evidence_def defs[] = {
	[OTHER_ADDRESS] = { "greeting.other_address", GROUP_PATH, 1800, 0,
			    "The machine that handed it over, {1}, called itself {2}: another public address",
			    "SpamAssassin's mass check: 0.22 % of spam, 0.004 % of good mail. Private addresses do not count, they are "
			    "what a translated network sees." },
	[BARE_ADDRESS] = { "greeting.bare_address", GROUP_PATH, 700, 0,
			   "The machine that handed it over called itself {2}, a number where a name belongs",
			   "RFC 5321 wants brackets around it. Some appliances and old programs forget them." },
	[OUR_ADDRESS] = { "greeting.our_address", GROUP_PATH, 3000, EVIDENCE_PROOF,
			  "The machine that handed it over, {1}, called itself {2}: your own server's address",
			  "No other machine has that address; programs greet so that look like the server to itself." },
};

static void examine(const struct check_view *view, struct evidence_set *set)
{
	const struct hop *hop = view->sender.client;
	if (!view->sender.outside)
		return;
	const struct received *r = &hop->received;
	struct ip said;
	struct span text;
	if (hop->source == HOP_ORIGINATING_IP || !r->has_ip || r->helo.n == 0 || !received_address(r->helo, &said, &text))
		return;
	bool bracketed = r->helo.p[0] == '[' || r->helo.p[0] == '?'; /* qmail shows brackets as question marks */
	bool ours = r->has_by_ip && ip_eq(&said, &r->by_ip) && !ip_eq(&said, &r->ip);
	int kind = ours ? OUR_ADDRESS : ip_is_private(&said) ? -1 : !ip_eq(&said, &r->ip) ? OTHER_ADDRESS : bracketed ? -1 : BARE_ADDRESS;
	if (kind < 0)
		return;
	char address[IP_TEXT_MAX];
	struct span seen = arena_dup(view->arena, span_of(address, ip_format(&r->ip, address)));
	struct evidence *evidence = evidence_add(set, &defs[kind], seen, r->helo, span_none);
	if (hop->header)
		evidence_at(evidence, header_place(view->message->raw, hop->header));
}

const struct check check_greeting = {
	.name = "greeting",
	.purpose = "Did the machine that handed it over call itself by an address that is not its own?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.examine = examine,
};
