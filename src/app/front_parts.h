/* app/front_parts.h - what the files of the front share: the process (front.c) and the requests of its sessions (front_requests.c). */
#ifndef APP_FRONT_PARTS_H
#define APP_FRONT_PARTS_H

#include "app/address_book.h"
#include "app/client_names.h"
#include "app/gatekeeper.h"
#include "app/keeping.h"
#include "app/pool.h"
#include "app/service.h"
#include "base/metrics.h"
#include "session/dns_zone_engine.h"
#include "session/door.h"

/* Settings, and what is made of them; lives as long as somebody uses it. */
struct configuration {
	struct service service;
	struct session_settings session;
	struct dns_zone zone;
	struct configuration *older;
	int64_t replaced; /* when another took its place */
};

struct ticket;

struct front {
	uint32_t connections; /* at most */
	struct event_base *base;
	struct channel *master;
	struct event *master_readable, *master_writable, *second;
	struct configuration *now;
	struct configuration *asking; /* whose resolver is used: now, or an older one of the same resolver */
	struct doors *doors;
	struct ssl_ctx_st *tls;        /* NULL: none is offered */
	struct ssl_ctx_st *hop_client; /* for the next hop; NULL: none is spoken */
	struct pool *pool;
	struct keeping *keeping;
	struct gatekeeper *gate;
	struct client_names *names; /* of who used a trap, for the keeper */
	struct address_book *addresses;
	struct network *places; /* NULL: there is no location database */
	struct tuples *tuples;  /* to read; NULL: they could not be opened */
	struct arena arena;     /* of metrics */
	struct metrics metrics;
	struct stage_counts stages; /* that the keeper was not told yet */
	struct ticket *told;        /* answered by front_turn: never from inside submit */
	struct ticket *idle;
	unsigned n_idle;
	int64_t since;
	bool ready, stop;
	uint64_t told_full, told_given_up, told_forgotten; /* the log was told that tables are full: when, and how much by then */
	uint64_t draining;                                 /* clock_microseconds() when it began; 0 */
};

/* For session_handlers: context is the front. */
void front_submit(void *context, struct session_request *request);
void front_cancel(void *context, struct session_request *request);
/* WIRE_LEARN; false: it is no such record. */
bool front_learn(struct front *front, const struct channel_record *record);
/* For pool_events. */
void front_over(void *context, struct session_request *request, struct spool *message, uint8_t type, struct span payload);
void front_failed(void *context, struct session_request *request, enum outcome_unjudged failure, struct span why);
/* After every turn of the event loop. */
void front_turn(struct front *front);
/* Counters that stand for how it is now. */
void front_gauges(struct front *front);
void front_free_tickets(struct front *front);

#endif
