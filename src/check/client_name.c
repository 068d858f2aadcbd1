/* check/client_name.c - mail handed over by a line of the kind that homes and phones are on.
 *
 * Only the machine that crosses the trust boundary is looked at, and only the name that reverse DNS gave it (or a greeting that spells the
 * machine's own address, which nobody chooses by hand). Silent on outgoing mail, on fixed lines and on names of mail servers.
 * Example: koln-5d8184e2.pool.einsundeins.de, which is 93.129.132.226. People run honest mail servers at home: the weights leave room. */
#include "check/check.h"
#include "facts/host_name.h"

enum { DYNAMIC, DYNAMIC_WORD, RESIDENTIAL, NUMBERED };
static const struct evidence_def defs[] = {
	[DYNAMIC] = { "client_name.dynamic", GROUP_PATH, 1800, 0, "It was handed over by {1}, {2} that carries its number in its name",
		      "Numbered names of dial-up and pool lines are given by the access provider; most mail that comes straight from them "
		      "is sent by infected "
		      "machines. Wrong for the few who run a mail server behind such a line." },
	[DYNAMIC_WORD] = { "client_name.dynamic_word", GROUP_PATH, 700, 0, "It was handed over by {1}, {2} by its name",
			   "A word such as dyn or dhcp without the number is weaker: universities name servers so." },
	[RESIDENTIAL] = { "client_name.residential", GROUP_PATH, 1300, 0,
			  "It was handed over by {1}, {2} that carries its number in its name",
			  "As the dynamic case; access lines may be fixed, and small firms have their mail server there." },
	[NUMBERED] = { "client_name.numbered", GROUP_PATH, 500, 0, "It was handed over by {1}, whose name is only its number",
		       "Nobody named this machine for sending mail. Rented servers are left out: many honest ones keep the provider's "
		       "name." },
};

static void examine(const struct check_view *view, struct evidence_set *set)
{
	const struct hop *hop = view->sender.client;
	if (!view->sender.outside)
		return;
	const struct received *r = &hop->received;
	struct host_address spelled;
	if (hop->source == HOP_ORIGINATING_IP || !r->has_ip)
		return;
	struct span name = r->rdns.n ? r->rdns : r->helo;
	bool numbered = name.n && name.p[0] != '[' && host_name_spells(name, &r->ip, &spelled);
	/* A bare greeting proves nothing unless it carries the address. */
	if (name.n == 0 || (r->rdns.n == 0 && !numbered) || (numbered && spelled.from == 0 && spelled.to == name.n))
		return;
	enum host_class class = host_name_class(name);
	int kind = class == HOST_DYNAMIC                                                   ? (numbered ? DYNAMIC : DYNAMIC_WORD)
		   : class == HOST_RESIDENTIAL && numbered                                 ? RESIDENTIAL
		   : class == HOST_UNKNOWN && numbered && spelled.spelling != HOST_PARTIAL ? NUMBERED
											   : -1;
	if (kind < 0)
		return;
	struct evidence *evidence = evidence_add(set, &defs[kind], name, span_cstr(host_class_says(class)), span_none);
	if (hop->header)
		evidence_at(evidence, header_place(view->message->raw, hop->header));
}

const struct check check_client_name = {
	.name = "client_name",
	.purpose = "Is the machine that handed it over on a dial-up, pool or home line?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.examine = examine,
};
