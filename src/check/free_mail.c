/* check/free_mail.c - does mail of a free-mail address come from that service? See free_mail.h for the table.
 *
 * An address of Hotmail that never passed a server of Hotmail is borrowed, or its owner posts through his provider, as people did before
 * 2005 and list members still do. So what counts is how much else is missing: the service in the path, in Message-ID, in a signature.
 * Example: From and Return-Path larry@yahoo.com, HELO mx1.mail.yahoo.com, handed over by a cable modem. */
#include "check/free_mail.h"

#include <pthread.h>

#include "check/check.h"
#include "check/word_map.h"

static const struct free_mail services[] = {
#define FREE_MAIL(name, domains, hosts) { SPAN_INIT(name), SPAN_INIT(domains), SPAN_INIT(hosts) },
#include "check/free_mail.def"
#undef FREE_MAIL
};

enum { SLOTS = 1024 };
static struct word_map_slot slots[SLOTS];

static void build(void)
{
	for (uint16_t i = 0; i < sizeof services / sizeof *services; i++) {
		struct span rest = services[i].domains, one;
		while (span_split(&rest, ' ', &one))
			word_map_add(slots, SLOTS, one, i);
	}
}

const struct free_mail *free_mail_find(struct span domain)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, build);
	int id = word_map_find(slots, SLOTS, domain);
	return id < 0 ? NULL : &services[id];
}

bool free_mail_host(const struct free_mail *service, struct span host)
{
	struct span rest = service->hosts, one;
	while (span_split(&rest, ' ', &one))
		if (sender_below(host, one))
			return true;
	return false;
}

enum { NOT_THROUGH, NOT_THROUGH_LIST, HELO };
static const struct evidence_def defs[] = {
	[NOT_THROUGH] = { "free_mail.not_through", GROUP_IDENTITY, 1800, 0,
			  "The sender's address {1} is one of {2}, but no server of {2} had this mail in hand, nor did one write its "
			  "Message-ID",
			  "Mail of such an address leaves through the service. Until about 2005 people also sent it through their "
			  "provider, so it is no proof; "
			  "in good mail without list headers it is about 1 in 500." },
	[NOT_THROUGH_LIST] = { "free_mail.not_through_list", GROUP_IDENTITY, 450, 0,
			       "The sender's address {1} is one of {2}, but no server of {2} had this list mail in hand",
			       "Lists cut the older lines of the path and members post through other servers, so it weighs little." },
	[HELO] = { "free_mail.helo", GROUP_IDENTITY, 1800, 0,
		   "The machine that handed it over called itself {1}, a server of {2}, but its name is {3}",
		   "The service's own machines have the service's names, and nobody else has a reason to take one." },
};

static bool passed(const struct check_view *view, const struct free_mail *service)
{
	struct span rest = service->hosts, one;
	while (span_split(&rest, ' ', &one))
		if (sender_passed(view->path, one))
			return true;
	return free_mail_host(service, view->sender.message_id_domain);
}

/* Signed in the service's name: the text proves nothing, but then this is for the signature's check to say. */
static bool signs(const struct check_view *view, struct span domain)
{
	for (const struct header *h = header_first(message_headers(view->message), HEADER_DKIM_SIGNATURE); h;
	     h = header_next(message_headers(view->message), h))
		if (span_ihas(h->value, domain))
			return true;
	return false;
}

static void examine(const struct check_view *view, struct evidence_set *set)
{
	const struct sender *s = &view->sender;
	if (!s->outside || !s->from)
		return;
	const struct free_mail *service = free_mail_find(s->from->domain);
	if (!service)
		return;
	struct span helo = s->client->received.helo;
	bool false_helo = s->client_name.n && free_mail_host(service, helo) && !free_mail_host(service, s->client_name);
	if (false_helo && s->client->header)
		evidence_at(evidence_add(set, &defs[HELO], helo, service->name, s->client_name),
			    header_place(view->message->raw, s->client->header));
	if (!passed(view, service) && !signs(view, s->from->domain))
		evidence_at(evidence_add(set, &defs[s->list ? NOT_THROUGH_LIST : NOT_THROUGH], s->from->spec, service->name, span_none),
			    s->from->at);
}

const struct check check_free_mail = {
	.name = "free_mail",
	.purpose = "Did mail of a free-mail address come from that service?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.examine = examine,
};
