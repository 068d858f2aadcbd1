/* net/resolver.h - asks the DNS, many questions at a time, on one event loop.
 *
 * libunbound does the work: cache, repeats, TCP, forwarding or recursion, DNSSEC (RFC 4035: what is bogus is ANSWER_SERVFAIL). It is
 * started by the first question, so that who never asks pays nothing. A resolver that leaves questions unanswered is probed with a question
 * of our own, and, when that fails as well, is muted for a while and asked again by itself: those who choose the names we ask cannot
 * silence a resolver that lives. Promises: an answer, or nothing until the caller gives up; the cache is bounded (RESOLVER_CACHE_BYTES).
 * Not thread-safe: one a thread. Owner: the caller. */
#ifndef NET_RESOLVER_H
#define NET_RESOLVER_H

#include "config/settings.h"
#include "facts/question.h"

struct event_base;
struct resolver;
struct lookup; /* one question on its way */

enum { RESOLVER_CACHE_BYTES = 32 * 1024 * 1024 }; /* at most, of one resolver */

struct resolver_reply {
	enum answer_status status; /* ANSWER_OK: read the packet (net/dns_packet.h); else SERVFAIL or UNAVAILABLE */
	struct span packet;        /* good for the call */
	struct span why;           /* of UNAVAILABLE, as answer.why; good as long as the resolver */
};
typedef void resolver_done(void *context, const struct resolver_reply *reply);

struct resolver_options {
	const struct span *servers; /* "192.0.2.53", "192.0.2.53@5353"; none: from the root down. They must live as long as the resolver */
	size_t n_servers;
	uint32_t probe, muted; /* milliseconds: within which a probe must be answered, how long it is muted; 0: two seconds, thirty */
	struct span keys;      /* DS and DNSKEY records, one a line: DNSSEC is checked from them; none: it is not. As long-lived */
};

/* ERR_USAGE: a server is no address. */
int resolver_new(const struct resolver_options *options, struct event_base *base, struct arena *arena, struct resolver **ret_resolver,
		 struct span *ret_error);
void resolver_free(struct resolver *resolver); /* NULL allowed; what is still on its way is forgotten */

/* Opens now what it would at its first question, for a process that may open nothing later. */
void resolver_start(struct resolver *resolver);
/* NULL: done was called before this returned. The name must be one that resolver_can_ask. */
struct lookup *resolver_ask(struct resolver *resolver, const struct question *question, resolver_done *done, void *context);
/* The caller has waited long enough: done will not be called. The answer, should it still come, goes to the cache. */
void resolver_give_up(struct resolver *resolver, struct lookup *lookup);
/* Labels of 1 to 63 bytes, 253 in all, a final dot allowed (RFC 1035 2.3.4). */
bool resolver_can_ask(struct span name);

#endif
