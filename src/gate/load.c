/* gate/load.c - see load.h */
#include "gate/load.h"

#include <sodium.h>
#include <stdlib.h>

enum { WAYS = 4, MINUTE = 60000, RATE_MOST = 1000000 };

struct counter {
	uint64_t tag;  /* 0: free */
	uint64_t then; /* milliseconds, when spent was true */
	uint32_t open;
	uint32_t spent; /* thousandths of a connection, of a bucket that empties within its period */
};

struct gate_counters {
	uint8_t key[crypto_shorthash_KEYBYTES];
	uint32_t mask; /* of buckets */
	uint64_t forgotten;
	struct counter counter[];
};

struct gate_counters *gate_counters_new(uint32_t counters)
{
	struct gate_counters *c = calloc(1, sizeof *c + counters * sizeof *c->counter);
	if (!c)
		return NULL;
	crypto_shorthash_keygen(c->key);
	c->mask = counters / WAYS - 1;
	return c;
}

uint64_t gate_counters_forgotten(const struct gate_counters *counters) { return counters->forgotten; }
void gate_counters_free(struct gate_counters *counters) { free(counters); }

uint32_t gate_load_limit(uint32_t of_address, enum gate_reach reach)
{
	uint64_t limit = (uint64_t)of_address << (reach == GATE_OF_AS ? 4 : reach == GATE_OF_NETWORK ? 2 : 0);
	return limit > UINT32_MAX ? UINT32_MAX : (uint32_t)limit;
}

/* What stands for address, network or AS in the table. */
static uint64_t tag_of(const struct gate_counters *c, enum gate_reach reach, const struct ip *ip, uint32_t as)
{
	uint8_t name[17] = { (uint8_t)reach };
	uint64_t tag;
	if (reach == GATE_OF_AS)
		memcpy(name + 1, &as, sizeof as);
	else
		memcpy(name + 1, ip->b, reach == GATE_OF_ADDRESS ? 16 : ip_is_v4(ip) ? 15 : 8);
	crypto_shorthash((uint8_t *)&tag, name, sizeof name, c->key);
	return tag | 1;
}

static struct counter *bucket_of(struct gate_counters *c, uint64_t tag) { return &c->counter[(tag >> 32 & c->mask) * WAYS]; }

/* NULL: it is not there, and make: all places are taken by those who are in. */
static struct counter *find(struct gate_counters *c, uint64_t tag, bool make, uint64_t now)
{
	struct counter *bucket = bucket_of(c, tag), *oldest = NULL;
	for (unsigned i = 0; i < WAYS; i++) {
		if (bucket[i].tag == tag)
			return &bucket[i];
		if (!bucket[i].open && (!oldest || bucket[i].then < oldest->then))
			oldest = &bucket[i];
	}
	if (!make)
		return NULL;
	c->forgotten += !oldest || (oldest->spent && now < oldest->then + MINUTE);
	if (!oldest)
		return NULL;
	*oldest = (struct counter){ .tag = tag };
	return oldest;
}

/* A bucket that holds the limit and empties within the period: so many at once, and so many a period after. */
static bool spend(struct counter *counter, uint32_t limit, uint32_t period, uint64_t now)
{
	uint64_t passed = now > counter->then ? now - counter->then : 0, drained = passed * limit * 1000 / period;
	counter->spent = drained > counter->spent ? 0 : counter->spent - (uint32_t)drained;
	counter->then = now;
	if (counter->spent + 1000ull > limit * 1000ull)
		return false;
	counter->spent += 1000;
	return true;
}

struct gate_load gate_counters_enter(struct gate_counters *c, const struct ip *ip, uint32_t as, const struct gate_limits *limits,
				     uint64_t now)
{
	struct gate_load load = { .as = as };
	for (enum gate_reach reach = GATE_OF_ADDRESS; reach <= (as ? GATE_OF_AS : GATE_OF_NETWORK); reach++) {
		struct counter *counter = find(c, tag_of(c, reach, ip, as), true, now);
		if (!counter)
			continue;
		uint32_t rate = gate_load_limit(limits->rate, reach), crowd = gate_load_limit(limits->crowd, reach);
		rate = rate > RATE_MOST ? RATE_MOST : rate;
		if (rate && !spend(counter, rate, MINUTE, now) && !load.rate)
			load.rate = reach;
		counter->open++;
		if (crowd && counter->open > crowd && !load.crowd)
			load.crowd = reach;
	}
	return load;
}

bool gate_counters_spend(struct gate_counters *c, const struct ip *ip, uint32_t limit, uint32_t period, uint64_t now)
{
	enum gate_reach reach = ip_is_v4(ip) ? GATE_OF_ADDRESS : GATE_OF_NETWORK;
	struct counter *counter = find(c, tag_of(c, reach, ip, 0), true, now);
	return !counter || spend(counter, limit > RATE_MOST ? RATE_MOST : limit, period, now);
}

void gate_counters_leave(struct gate_counters *c, const struct ip *ip, uint32_t as)
{
	for (enum gate_reach reach = GATE_OF_ADDRESS; reach <= (as ? GATE_OF_AS : GATE_OF_NETWORK); reach++) {
		struct counter *counter = find(c, tag_of(c, reach, ip, as), false, 0);
		if (counter && counter->open)
			counter->open--;
	}
}
