/* check/from_disagreement.c - do From, Reply-To, Message-ID, the envelope and the path speak of the same sender?
 *
 * Honest mail disagrees a lot: lists set Reply-To and the envelope, services send with their own envelope and Message-ID. What is left is
 * an answer that goes to a free-mail box of another name, a Message-ID that our own server had to add, a sender of whom no other field
 * knows, and an answer to nothing. Example: From: "Mr. Aquilino Jomar" <m.belloni1@tin.it>, Reply-To: aquilinojomar@gmail.com. */
#include "base/ascii.h"
#include "check/check.h"
#include "check/free_mail.h"

enum { REPLY_FREE, REPLY_OTHER_FREE, REPLY_ELSEWHERE, MESSAGE_ID_OURS, UNKNOWN_ELSEWHERE, FAKE_REPLY, ENVELOPE_FREE, NO_ADDRESS, DIGITS };
static const struct evidence_def defs[] = {
	[REPLY_FREE] = { "from.reply_free", GROUP_IDENTITY, 1500, 0, "It is from {1}, but answers go to a free-mail box, {2}",
			 "Stolen accounts and invented senders must get their answers somewhere. People whose office mail is bad do it, "
			 "too." },
	[REPLY_OTHER_FREE] = { "from.reply_other_free", GROUP_IDENTITY, 1600, 0,
			       "It is from the free-mail box {1}, but answers go to another one, {2}",
			       "Boxes that send are closed soon, so answers go to one that only reads. People with two boxes seldom mix "
			       "them." },
	[REPLY_ELSEWHERE] = { "from.reply_elsewhere", GROUP_IDENTITY, 300, 0,
			      "It is from {1}, but answers go to {2}, somebody else's domain",
			      "Shops and services do it: hardly a sign alone." },
	[MESSAGE_ID_OURS] = { "from.message_id_ours", GROUP_IDENTITY, 750, 0,
			      "Its Message-ID {1} bears the recipient's domain, while the sender is {2}",
			      "The sender's program wrote none and our own server had to, or it was forged with our name. Some old "
			      "gateways write none." },
	[UNKNOWN_ELSEWHERE] = { "from.unknown_elsewhere", GROUP_IDENTITY, 700, 0,
				"Of {1}, where it claims to be from, neither path, return address, Message-ID nor signature knows anything",
				"Services that send with their own names in every field look the same." },
	[FAKE_REPLY] = { "from.fake_reply", GROUP_WORDING, 600, 0,
			 "Its subject says that it is an answer, \"{1}\", but it refers to no message",
			 "Every mail program since 1998 writes References or In-Reply-To; web forms and some telephones do not." },
	[ENVELOPE_FREE] = { "from.envelope_free", GROUP_IDENTITY, 700, 0, "It is from {1}, but its errors go to a free-mail box, {2}",
			    "A company's mail returns to the company or to the service that sends for it." },
	[DIGITS] = { "from.digits", GROUP_IDENTITY, 450, 0, "Its sender's address, {1}, carries a number as invented or bought ones do",
		     "Four digits or more; years of birth and customer numbers are honest ones. 1 to 4 % of good mail, 6 to 22 % of "
		     "spam." },
	[NO_ADDRESS] = { "from.no_address", GROUP_FORM, 1200, 0, "Its From field holds no address: {1}",
			 "RFC 5322 3.6.2 asks for one, and every mail program writes it." },
};

static struct place field_place(const struct check_view *view, enum header_id id)
{
	const struct header *header = header_first(message_headers(view->message), id);
	return header ? header_place(view->message->raw, header) : (struct place){ 0 };
}

static void judge_reply_to(const struct check_view *view, struct evidence_set *set)
{
	const struct sender *s = &view->sender;
	const struct addresses *reply = &view->content->reply_to;
	if (!reply->list.n || !reply->list.v[0].domain.n)
		return;
	const struct address *to = &reply->list.v[0];
	if (span_eq(sender_org(to->domain), s->from_org) ? span_ieq(to->spec, s->from->spec) || !free_mail_find(to->domain)
							 : check_is_own(&view->own, to->domain))
		return;
	bool free_to = free_mail_find(to->domain), free_from = free_mail_find(s->from->domain);
	if (!free_to && s->list)
		return; /* lists set it to themselves */
	int kind = !free_to ? REPLY_ELSEWHERE : free_from ? REPLY_OTHER_FREE : REPLY_FREE;
	if (kind == REPLY_OTHER_FREE && span_ieq(to->local, s->from->local))
		return;
	evidence_at(evidence_add(set, &defs[kind], s->from->spec, to->spec, span_none), to->at);
}

static void judge_message_id(const struct check_view *view, struct evidence_set *set)
{
	const struct sender *s = &view->sender;
	if (s->list || !s->message_id_domain.n || !view->own.domains.n || !check_is_own(&view->own, s->message_id_domain) ||
	    check_is_own(&view->own, s->from->domain))
		return;
	evidence_at(evidence_add(set, &defs[MESSAGE_ID_OURS], view->content->message_id, s->from->spec, span_none),
		    field_place(view, HEADER_MESSAGE_ID));
}

/* Does the label of the sender's organisation ("example" of example.co.uk) stand in a field? Generous: any part of any host will do. */
static bool knows(struct span field, struct span label) { return label.n && label.n <= 64 && field.n && span_ihas(field, label); }

static bool known_elsewhere(const struct check_view *view)
{
	const struct sender *s = &view->sender;
	const struct headers *headers = message_headers(view->message);
	struct span label = span_first(s->from_org, span_find_byte(s->from_org, '.', 0));
	static const enum header_id fields[] = { HEADER_SENDER,         HEADER_RETURN_PATH,         HEADER_MESSAGE_ID,
						 HEADER_DKIM_SIGNATURE, HEADER_DOMAINKEY_SIGNATURE, HEADER_RECEIVED };
	if (knows(s->envelope_domain, label) || knows(view->connection->helo, label) || knows(view->connection->rdns, label))
		return true;
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		unsigned seen = 0;
		for (const struct header *h = header_first(headers, fields[i]); h && seen < 12; h = header_next(headers, h), seen++)
			if (knows(span_first(h->value, 2048), label))
				return true;
	}
	return false;
}

static void judge_subject(const struct check_view *view, struct evidence_set *set)
{
	const struct headers *headers = message_headers(view->message);
	struct span subject = view->content->subject;
	if (view->sender.list || header_first(headers, HEADER_REFERENCES) || header_first(headers, HEADER_IN_REPLY_TO) ||
	    header_named(headers, SPAN("Thread-Index")))
		return;
	if (span_istarts(subject, SPAN("re:")) || span_istarts(subject, SPAN("aw:")) || span_istarts(subject, SPAN("sv:")) ||
	    span_istarts(subject, SPAN("re :")))
		evidence_at(evidence_add(set, &defs[FAKE_REPLY], subject, span_none, span_none), field_place(view, HEADER_SUBJECT));
}

static void judge_envelope(const struct check_view *view, struct evidence_set *set)
{
	const struct sender *s = &view->sender;
	if (s->list || !s->envelope_domain.n || free_mail_find(s->from->domain) || !free_mail_find(s->envelope_domain))
		return;
	const struct address *path = &view->content->return_path;
	if (view->content->has_return_path && span_find_byte(path->local, '=', 0) != SPAN_NPOS)
		return; /* "me+caf_=me=example.org@gmail.com": the service forwards and answers for it */
	struct place at = view->content->has_return_path ? path->at : s->from->at;
	evidence_at(evidence_add(set, &defs[ENVELOPE_FREE], s->from->spec, s->envelope_domain, span_none), at);
}

/* Four digits in a row in the local part, which is not one long number or code of a machine (VERP, ticket addresses). */
static bool has_number(struct span local)
{
	unsigned run = 0, longest = 0;
	if (local.n > 32 || span_find_byte(local, '=', 0) != SPAN_NPOS || span_find_byte(local, '+', 0) != SPAN_NPOS)
		return false;
	for (size_t i = 0; i < local.n; i++) {
		run = ascii_is_digit(local.p[i]) ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	return longest >= 4;
}

static void examine(const struct check_view *view, struct evidence_set *set)
{
	const struct sender *s = &view->sender;
	if (!s->outside)
		return;
	judge_subject(view, set);
	if (!s->from || !s->from->domain.n) {
		if (header_first(message_headers(view->message), HEADER_FROM))
			evidence_at(
			    evidence_add(set, &defs[NO_ADDRESS], message_field_text(view->message, HEADER_FROM), span_none, span_none),
			    field_place(view, HEADER_FROM));
		return;
	}
	judge_reply_to(view, set);
	judge_message_id(view, set);
	judge_envelope(view, set);
	if (has_number(s->from->local) && !check_is_own(&view->own, s->from->domain))
		evidence_at(evidence_add(set, &defs[DIGITS], s->from->spec, span_none, span_none), s->from->at);
	if (!s->list && !check_is_own(&view->own, s->from->domain) && !known_elsewhere(view))
		evidence_at(evidence_add(set, &defs[UNKNOWN_ELSEWHERE], s->from->domain, span_none, span_none), s->from->at);
}

const struct check check_from_disagreement = {
	.name = "from_disagreement",
	.purpose = "Do From, Reply-To, Message-ID, the envelope and the path speak of the same sender?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.examine = examine,
};
