/* trap/collectors.c - see collectors.h */
#include "trap/collectors.h"

#include "base/record.h"

#include <stdlib.h>
#include <xxhash.h>

enum { FORMAT = 1, BUCKET = 8, BUCKETS = LIMIT_COLLECTORS / BUCKET };

struct collectors {
	uint64_t secret; /* nobody outside can choose addresses that share a bucket */
	struct collector v[BUCKETS][BUCKET];
};

struct collectors *collectors_new(uint64_t secret)
{
	struct collectors *collectors = calloc(1, sizeof *collectors);
	if (!collectors)
		abort();
	collectors->secret = secret;
	return collectors;
}

void collectors_free(struct collectors *collectors) { free(collectors); }

static uint64_t key_of(const struct collectors *collectors, struct span address)
{
	return XXH3_64bits_withSeed(address.p ? address.p : (const uint8_t *)"", address.n, collectors->secret) | 1;
}

static struct collector *find(struct collectors *collectors, uint64_t key)
{
	struct collector *bucket = collectors->v[(key >> 1) % BUCKETS];
	for (unsigned i = 0; i < BUCKET; i++)
		if (bucket[i].key == key)
			return &bucket[i];
	return NULL;
}

const struct collector *collectors_find(const struct collectors *collectors, struct span address)
{
	/* the table is not changed through what this returns */
	return find((struct collectors *)(uintptr_t)collectors, key_of(collectors, address));
}

bool collector_is_known(const struct collector *c)
{
	return c && c->probes > 4 * c->payloads && (c->probes >= 3 || (c->probes >= 2 && (c->other_targets || c->other_senders)));
}

static struct collector *place_for(struct collectors *collectors, uint64_t key)
{
	struct collector *bucket = collectors->v[(key >> 1) % BUCKETS], *oldest = bucket;
	for (unsigned i = 0; i < BUCKET; i++) {
		if (!bucket[i].key)
			return &bucket[i];
		if (collector_is_known(&bucket[i]) != collector_is_known(oldest) ? !collector_is_known(&bucket[i])
										 : bucket[i].last < oldest->last)
			oldest = &bucket[i];
	}
	return oldest;
}

static uint64_t hash_ip(const struct ip *ip) { return XXH3_64bits(ip->b, sizeof ip->b); }

void collectors_see(struct collectors *collectors, struct span address, const struct ip *target, const struct ip *sender, bool probe,
		    int64_t time)
{
	uint64_t key = key_of(collectors, address);
	struct collector *c = find(collectors, key);
	if (!c) {
		c = place_for(collectors, key);
		*c = (struct collector){ .key = key, .first = time, .target = hash_ip(target), .sender = hash_ip(sender) };
		memcpy(c->address, address.p, address.n < COLLECTOR_TEXT - 1 ? address.n : COLLECTOR_TEXT - 1);
	}
	c->last = time > c->last ? time : c->last;
	c->probes += probe;
	c->payloads += !probe;
	c->other_targets |= c->target != hash_ip(target);
	c->other_senders |= c->sender != hash_ip(sender);
}

void collectors_each(const struct collectors *collectors, void (*each)(void *context, const struct collector *collector), void *context)
{
	for (unsigned b = 0; b < BUCKETS; b++)
		for (unsigned i = 0; i < BUCKET; i++)
			if (collectors->v[b][i].key)
				each(context, &collectors->v[b][i]);
}

static void count_one(void *context, const struct collector *c)
{
	(void)c;
	++*(uint64_t *)context;
}

static void write_one(void *context, const struct collector *c)
{
	struct buf *out = context;
	record_put_text(out, span_cstr(c->address));
	record_put_signed(out, c->first);
	record_put_signed(out, c->last);
	record_put_number(out, c->probes);
	record_put_number(out, c->payloads);
	record_put_number(out, c->target);
	record_put_number(out, c->sender);
	record_put_number(out, (uint64_t)(c->other_targets | c->other_senders << 1));
	record_put_number(out, c->key);
}

void collectors_write(const struct collectors *collectors, struct buf *out)
{
	uint64_t n = 0;
	collectors_each(collectors, count_one, &n);
	record_put_number(out, FORMAT);
	record_put_number(out, collectors->secret);
	record_put_number(out, n);
	collectors_each(collectors, write_one, out);
}

static void read_one(struct collectors *collectors, struct cursor *c)
{
	struct collector one = { 0 };
	struct span address = record_text(c);
	if (address.n >= COLLECTOR_TEXT) {
		c->overrun = true;
		return;
	}
	memcpy(one.address, address.p, address.n);
	one.first = record_signed(c);
	one.last = record_signed(c);
	one.probes = (uint32_t)record_below(c, UINT32_MAX);
	one.payloads = (uint32_t)record_below(c, UINT32_MAX);
	one.target = record_number(c);
	one.sender = record_number(c);
	uint64_t flags = record_below(c, 4);
	one.other_targets = flags & 1;
	one.other_senders = flags >> 1;
	one.key = record_number(c) | 1;
	if (!c->overrun)
		*place_for(collectors, one.key) = one;
}

int collectors_read(struct collectors *collectors, struct cursor *c)
{
	memset(collectors->v, 0, sizeof collectors->v);
	if (record_number(c) != FORMAT)
		c->overrun = true;
	uint64_t secret = record_number(c), n = record_below(c, LIMIT_COLLECTORS + 1);
	for (uint64_t i = 0; i < n && !c->overrun; i++)
		read_one(collectors, c);
	if (c->overrun) {
		memset(collectors->v, 0, sizeof collectors->v);
		return ERR_SYNTAX;
	}
	collectors->secret = secret;
	return 0;
}
