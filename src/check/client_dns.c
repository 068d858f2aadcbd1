/* check/client_dns.c - the names of the machine outside, as the DNS knows them: its reverse name, whether that leads back to it, and
 * whether the name it gave itself exists.
 *
 * Only the machine that crosses the trust boundary. Reverse names are written by whoever has the address, forward ones by whoever has the
 * name: only where both agree is the name its own (RFC 8601 3: "iprev"). The kind of line it is on is judged here only where our server
 * wrote down no name (else client_name has judged it). What could not be looked up is said, never taken for a missing name. Example:
 * 203.0.113.9 whose reverse name is mail.bank.example, which does not lead back: anyone may write that. */
#include "check/check.h"
#include "facts/host_name.h"
#include "message/received_items.h"

enum { NAMES = 3 }; /* reverse names looked at; honest machines have one, now and then two */

enum { NO_NAME, UNCONFIRMED, BORROWED, DYNAMIC, RESIDENTIAL, HELO_MISSING };
static const struct evidence_def defs[] = {
	[NO_NAME] = { "client_dns.no_name", GROUP_PATH, 1000, EVIDENCE_ASKED,
		      "The machine that handed it over, {1}, has no name in the DNS",
		      "SpamAssassin's mass check: 39 % of spam, 1.4 % of good mail, which would be 3.4; yet those who run their own server "
		      "often "
		      "cannot have their provider write the name." },
	[UNCONFIRMED] = { "client_dns.unconfirmed", GROUP_PATH, 500, EVIDENCE_ASKED,
			  "The machine that handed it over, {1}, is named {2}, but that name does not lead back to it",
			  "Anybody may write any reverse name. Small networks and moved servers get it wrong in good faith." },
	[BORROWED] = { "client_dns.borrowed", GROUP_PATH, 2500, EVIDENCE_ASKED,
		       "The machine that handed it over, {1}, has given itself the name {2}, which is one of yours and does not lead back "
		       "to it",
		       "Nobody but you may name machines there, and yours lead back to themselves; after a move the old reverse name may "
		       "linger." },
	[DYNAMIC] = { "client_dns.dynamic", GROUP_PATH, 1800, EVIDENCE_ASKED,
		      "It was handed over by {1}, {2} that carries its number in its name",
		      "As client_name.dynamic, where our server wrote no name down." },
	[RESIDENTIAL] = { "client_dns.residential", GROUP_PATH, 1300, EVIDENCE_ASKED,
			  "It was handed over by {1}, {2} that carries its number in its name",
			  "As client_name.residential, where our server wrote no name down." },
	[HELO_MISSING] = { "client_dns.helo_missing", GROUP_PATH, 800, EVIDENCE_ASKED,
			   "The machine that handed it over, {1}, called itself {2}, a name that does not exist",
			   "RFC 5321 4.1.1.1 wants a name that resolves. Machines of small houses greet with inner names; those under no "
			   "real top "
			   "level are left out." },
};

struct names {
	const struct check_view *view;
	const struct answers *answers;
	struct questions *questions;
	const struct hop *hop;
	const struct ip *ip;
	struct span ip_text;
	const struct answer *ptr, *forward[NAMES], *helo[2];
	struct span helo_name; /* span_none: not looked up */
	bool waiting;
};

static const struct answer *ask(struct names *n, enum question_type type, struct span name)
{
	const struct answer *answer = question_ask(n->answers, n->questions, type, name);
	n->waiting |= !answer;
	return answer;
}

/* A greeting that the DNS at large should know. */
static struct span greeting_name(const struct check_view *view, const struct received *r)
{
	struct ip ip;
	struct span text, helo = r->helo;
	if (span_ends(helo, SPAN(".")))
		helo.n--;
	size_t dot = span_rfind_byte(helo, '.');
	if (dot == SPAN_NPOS || received_address(helo, &ip, &text) || !url_is_top_level(span_skip(helo, dot + 1)) ||
	    !url_registrable(helo).n || check_is_own(&view->own, helo))
		return span_none;
	return helo;
}

static void ask_all(struct names *n)
{
	enum question_type family = ip_is_v4(n->ip) ? QUESTION_A : QUESTION_AAAA;
	n->ptr = ask(n, QUESTION_PTR, question_ptr_name(n->ip, n->view->arena));
	n->helo_name = greeting_name(n->view, &n->hop->received);
	if (n->helo_name.n) {
		n->helo[0] = ask(n, QUESTION_A, n->helo_name);
		n->helo[1] = ask(n, QUESTION_AAAA, n->helo_name);
	}
	for (uint32_t i = 0; n->ptr && i < n->ptr->records.n && i < NAMES; i++)
		n->forward[i] = ask(n, family, n->ptr->records.v[i]);
}

static bool leads_to(const struct answer *answer, const struct ip *ip)
{
	struct ip one;
	for (uint32_t i = 0; i < answer->records.n; i++)
		if (ip_parse(answer->records.v[i], &one) && ip_eq(&one, ip))
			return true;
	return false;
}

static void add(const struct names *n, struct evidence_set *set, int kind, struct span detail1, struct span detail2)
{
	struct evidence *evidence = evidence_add(set, &defs[kind], detail1, detail2, span_none);
	if (n->hop->header)
		evidence_at(evidence, header_place(n->view->message->raw, n->hop->header));
}

/* The kind of line, by its name; a greeting that carries the address was judged by client_name. */
static void judge_kind(const struct names *n, struct evidence_set *set, struct span name)
{
	const struct received *r = &n->hop->received;
	struct host_address spelled;
	if (r->rdns.n || (r->helo.n && r->helo.p[0] != '[' && host_name_spells(r->helo, n->ip, &spelled)) ||
	    !host_name_spells(name, n->ip, &spelled))
		return;
	enum host_class class = host_name_class(name);
	if (class == HOST_DYNAMIC || class == HOST_RESIDENTIAL)
		add(n, set, class == HOST_DYNAMIC ? DYNAMIC : RESIDENTIAL, name, span_cstr(host_class_says(class)));
}

static void judge_reverse(const struct names *n, struct evidence_set *set)
{
	const struct answer *ptr = n->ptr, *failed = NULL;
	if (answer_failed(ptr)) {
		check_unanswered(n->view, set, "client_dns", "Whether {1} has a name", n->ip_text, ptr, &defs[NO_NAME]);
		return;
	}
	if (ptr->status != ANSWER_OK || !ptr->records.n) {
		if (!n->hop->received.rdns.n) /* our server saw a name: it has gone since */
			add(n, set, NO_NAME, n->ip_text, span_none);
		return;
	}
	struct span name = ptr->records.v[0];
	judge_kind(n, set, name);
	for (uint32_t i = 0; i < ptr->records.n && i < NAMES; i++) {
		if (leads_to(n->forward[i], n->ip))
			return;
		if (answer_failed(n->forward[i]))
			failed = n->forward[i];
	}
	bool own = n->view->own.certain && check_is_own(&n->view->own, name);
	if (failed)
		check_unanswered(n->view, set, "client_dns", "Whether the machine's name {1} leads back to it", name, failed,
				 &defs[own ? BORROWED : UNCONFIRMED]);
	else if (ptr->records.n <= NAMES)
		add(n, set, own ? BORROWED : UNCONFIRMED, n->ip_text, name);
}

static void judge_greeting(const struct names *n, struct evidence_set *set)
{
	if (!n->helo_name.n)
		return;
	const struct answer *failed = answer_failed(n->helo[0]) ? n->helo[0] : answer_failed(n->helo[1]) ? n->helo[1] : NULL;
	if (n->helo[0]->status == ANSWER_NXDOMAIN || n->helo[1]->status == ANSWER_NXDOMAIN) /* of the name, whatever the type */
		add(n, set, HELO_MISSING, n->ip_text, n->helo_name);
	else if (failed && n->helo[0]->status != ANSWER_OK && n->helo[1]->status != ANSWER_OK)
		check_unanswered(n->view, set, "client_dns", "Whether {1}, as the machine called itself, exists", n->helo_name, failed,
				 &defs[HELO_MISSING]);
}

static enum check_step step(const struct check_view *view, const struct answers *answers, struct questions *questions,
			    struct evidence_set *set)
{
	const struct hop *hop = view->sender.client;
	if (!view->sender.outside || hop->source == HOP_ORIGINATING_IP || !hop->received.has_ip || ip_is_private(&hop->received.ip))
		return CHECK_DONE;
	char text[IP_TEXT_MAX];
	struct names names = { .view = view, .answers = answers, .questions = questions, .hop = hop, .ip = &hop->received.ip };
	ask_all(&names);
	if (names.waiting)
		return CHECK_MORE;
	names.ip_text = arena_dup(view->arena, span_of(text, ip_format(names.ip, text)));
	judge_reverse(&names, set);
	judge_greeting(&names, set);
	return CHECK_DONE;
}

const struct check check_client_dns = {
	.name = "client_dns",
	.purpose = "Does the DNS know the machine that handed it over by its name, and its name by it?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.step = step,
};
