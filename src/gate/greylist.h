/* gate/greylist.h - who is asked to come again, and whether he came: a pure reading of records of the hot state (state/tuples.h).
 *
 * A message that is put off leaves a record of who is responsible, sender and recipient. When the same comes again, after the delay and
 * within a day, whoever is responsible has passed, and is remembered for as long as such records live: nothing of theirs is put off again.
 * Who is responsible: the domain that SPF vouches for, so that a sender with a thousand machines is one; else the network, so that a retry
 * from the machine next door counts. (Levine 2005: half to two thirds of the hosts never come back; Pagani 2016: large senders retry from
 * other addresses.)
 * Promises: pure. Owner: keys live in the arena. */
#ifndef GATE_GREYLIST_H
#define GATE_GREYLIST_H

#include "state/tuples.h"

enum greylist_says {
	GREYLIST_NEW,    /* put off; it is noted */
	GREYLIST_EARLY,  /* came again too soon: put off; that changes nothing */
	GREYLIST_PASSES, /* came again in time: noted, and remembered */
	GREYLIST_KNOWN,  /* has passed before */
};

/* TUPLE_TRIED of this very message, and TUPLE_GREYLIST of whoever is responsible; NULL when there is no such record (a tried one lives for
 * a day). delay: seconds. */
enum greylist_says greylist_look(const struct tuple *tried, const struct tuple *passed, int64_t now, int64_t delay);
/* spf_domain: span_none when SPF vouches for nobody. */
struct span greylist_responsible(const struct ip *ip, struct span spf_domain, struct arena *arena);
struct span greylist_tried_key(struct span responsible, struct span mail_from, struct span recipient, struct arena *arena);
/* Seconds after which it may come, of a record that is too young. */
int64_t greylist_wait(const struct tuple *tried, int64_t now, int64_t delay);

#endif
