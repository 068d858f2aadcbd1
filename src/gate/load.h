/* gate/load.h - how many connections come from an address, its network and its AS: a minute, and at a time.
 *
 * A fixed table of counters under a keyed hash, four places to a bucket; where a bucket is full the counter that was used longest ago, of
 * those without an open connection, makes room. So a flood from many addresses costs no memory and can at worst forget rates, never who is
 * in. A network may have four times what an address may, an AS sixteen times. Promises: no allocation after the beginning; time is given,
 * and may run backwards. Owner: whoever made it. One thread. */
#ifndef GATE_LOAD_H
#define GATE_LOAD_H

#include "base/ip.h"

struct gate_counters;

enum gate_reach { GATE_WITHIN, GATE_OF_ADDRESS, GATE_OF_NETWORK, GATE_OF_AS };

struct gate_load {
	enum gate_reach rate, crowd; /* whose limit is met */
	uint32_t as;
};

struct gate_limits {
	uint32_t rate, crowd; /* of an address; 0: any number */
};

/* counters: how many, a power of two. NULL: no memory. */
struct gate_counters *gate_counters_new(uint32_t counters);
void gate_counters_free(struct gate_counters *counters);
/* One more connection; as 0: not known. It counts as open until gate_counters_leave, in every case. */
struct gate_load gate_counters_enter(struct gate_counters *counters, const struct ip *ip, uint32_t as, const struct gate_limits *limits,
				     uint64_t milliseconds);
void gate_counters_leave(struct gate_counters *counters, const struct ip *ip, uint32_t as);
/* One thing more that an address (of IPv6: its /64) asks for: so many within a period at most, all at once or one by one. False: it is
 * more, and does not count. None of these is open; a table of its own serves it, where connections are not counted. */
bool gate_counters_spend(struct gate_counters *counters, const struct ip *ip, uint32_t limit, uint32_t period_milliseconds,
			 uint64_t milliseconds);
/* How often so far room was made of what still mattered, or there was none: rates are then held less strictly. */
uint64_t gate_counters_forgotten(const struct gate_counters *counters);
/* That of an address, times what the reach may have. */
uint32_t gate_load_limit(uint32_t of_address, enum gate_reach reach);

#endif
