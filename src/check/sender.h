/* check/sender.h - who says he sent it, and which machine handed it over: gathered once, for every check that compares them.
 *
 * Promises: pure; nothing here is proven but what path proves. Domains are lower-case; orgs are registrable domains, or the domain itself
 * where there is none. Spans borrow the view. */
#ifndef CHECK_SENDER_H
#define CHECK_SENDER_H

#include "message/path.h"

struct sender {
	const struct address *from;  /* first From that has a domain, else first From, else NULL */
	struct span from_org;        /* span_none when From has no domain */
	struct span envelope_domain; /* of MAIL FROM, live or from Return-Path; span_none when unknown or <> */
	struct span envelope_org;
	struct span message_id_domain; /* what follows the last @ of Message-ID, span_none when absent */
	bool outside;                  /* a machine outside handed it over, and nobody of ours sent it */
	bool list;                     /* list headers: a mailing list passed it on, or it says so */
	const struct hop *client;      /* the hop that names the machine outside; NULL when none is known */
	struct span client_org;        /* registrable domain of client_name; span_none when it has none */
	struct span client_name;       /* its reverse name as our server looked it up, lower-case; span_none when it has none */
};

void sender_examine(const struct message *message, const struct content *content, const struct path *path,
		    const struct connection *connection, struct sender *ret_sender);
/* Registrable domain, or the domain itself. */
struct span sender_org(struct span domain);
/* Does any host of the way (reverse names and by hosts; HELO only where no name was looked up and never at the boundary; false lines left
 * out) lie in or below domain? Only the newest 12 hops are looked at. */
bool sender_passed(const struct path *path, struct span domain);
/* domain is parent, or below it; case is ignored. */
bool sender_below(struct span domain, struct span parent);

#endif
