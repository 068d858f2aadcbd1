/* check/hidden_address.c - the address that Outlook Express and its imitators put into Message-ID, against the machine that handed over.
 *
 * The third group of such a Message-ID is the address of the machine it was written on, little-endian. The genuine program hands its mail
 * to a mail server, which another machine is; a program that is its own mail server was never written by Microsoft. Silent on outgoing
 * mail. Example: <01c92c39$ff9ce480$e284815d@60GC7Q>, handed over by 93.129.132.226, which is 5d.81.84.e2. */
#include "check/check.h"
#include "message/clue.h"

static const struct evidence_def defs[] = {
	{ "hidden_address.client", GROUP_PATH, 3000, EVIDENCE_PROOF,
	  "The address hidden in its Message-ID ({1}) is {2}, the very machine that handed it over; the program that hides its address "
	  "there never delivers mail itself",
	  "A mail server on which somebody also reads mail with Outlook Express would be the honest exception." },
};

static void examine(const struct check_view *view, struct evidence_set *set)
{
	const struct header *h = header_first(message_headers(view->message), HEADER_MESSAGE_ID);
	struct clue_message_id id;
	const struct hop *hop = view->sender.client;
	if (!h || !view->sender.outside || !clue_message_id(view->content->message_id, &id) || ip_is_private(&id.ip))
		return;
	if (hop->source == HOP_ORIGINATING_IP || !ip_eq(&hop->received.ip, &id.ip))
		return;
	char address[IP_TEXT_MAX];
	struct span text = arena_dup(view->arena, span_of(address, ip_format(&id.ip, address)));
	struct evidence *evidence = evidence_add(set, defs, id.ip_text, text, span_none);
	evidence_at(evidence, header_place(view->message->raw, h));
	if (hop->header)
		evidence_at(evidence, header_place(view->message->raw, hop->header));
}

const struct check check_hidden_address = {
	.name = "hidden_address",
	.purpose = "Does the Message-ID hide the address of the machine that handed it over?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.examine = examine,
};
