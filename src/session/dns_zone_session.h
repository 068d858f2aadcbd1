/* session/dns_zone_session.h - the DNS zone's side of the network: datagrams in batches, conversations by TCP, a rate for each client.
 *
 * A question over its client's rate is dropped without a word, whichever way it came: an answer could go to somebody whose address was
 * forged. Answers leave from the address that was asked. Every question is counted (session_handlers.questions).
 * Promises: work for one turn of the event loop is bounded, however many questions wait; no allocation for a datagram; TCP takes no more
 * than DNS_ZONE_CONVERSATIONS of the connections that all doors share, each with little memory, and hangs up on who is slow to ask or to
 * listen. Owner: the doors own sockets and counters. */
#ifndef SESSION_DNS_ZONE_SESSION_H
#define SESSION_DNS_ZONE_SESSION_H

#include "session/session.h"

enum {
	DNS_ZONE_CONVERSATIONS = 500, /* at a time */
	DNS_ZONE_PATIENCE = 10,       /* seconds from one question to the next */
	DNS_ZONE_QUESTION_MAX = 1232, /* bytes; larger ones are no questions of ours */
};

extern const struct session_kind dns_zone_session_kind; /* by TCP, RFC 1035 4.2.2 and RFC 7766 */

/* Is it a socket of datagrams? */
bool dns_zone_is_datagrams(int fd);
/* Answers what comes there; fd is taken over. */
int dns_zone_listen(struct doors *doors, int fd);
/* Gives the sockets of datagrams back: what comes meanwhile waits in the kernel. */
void dns_zone_unlisten(struct doors *doors);
void dns_zone_free(struct doors *doors);

#endif
