/* trap/used.c - see used.h */
#include "trap/used.h"

#include "base/ascii.h"
#include "base/record.h"

#include <stdlib.h>
#include <xxhash.h>

enum { FORMAT = 1, BUCKET = 8, BUCKETS = LIMIT_USED_RECIPIENTS / BUCKET };

struct used {
	uint64_t secret; /* nobody outside can choose addresses that share a bucket */
	struct used_recipient v[BUCKETS][BUCKET];
};

struct used *used_new(uint64_t secret)
{
	struct used *used = calloc(1, sizeof *used);
	if (!used)
		abort();
	used->secret = secret;
	return used;
}

void used_free(struct used *used) { free(used); }

static void copy_lower(char out[USED_TEXT], struct span text)
{
	size_t n = text.n < USED_TEXT - 1 ? text.n : USED_TEXT - 1;
	for (size_t i = 0; i < n; i++)
		out[i] = (char)ascii_lower(text.p[i] ? text.p[i] : '?');
	out[n] = 0;
}

static uint64_t key_of(const struct used *used, const char *address)
{
	return XXH3_64bits_withSeed(address, strlen(address), used->secret) | 1;
}

static struct used_recipient *bucket_of(struct used *used, uint64_t key) { return used->v[(key >> 1) % BUCKETS]; }

static struct used_recipient *find(struct used *used, uint64_t key)
{
	struct used_recipient *bucket = bucket_of(used, key);
	for (unsigned i = 0; i < BUCKET; i++)
		if (bucket[i].key == key)
			return &bucket[i];
	return NULL;
}

static struct used_recipient *place_for(struct used *used, uint64_t key)
{
	struct used_recipient *bucket = bucket_of(used, key), *oldest = bucket;
	for (unsigned i = 0; i < BUCKET; i++) {
		if (!bucket[i].key)
			return &bucket[i];
		if (bucket[i].last < oldest->last)
			oldest = &bucket[i];
	}
	return oldest;
}

const struct used_recipient *used_find(const struct used *used, struct span address)
{
	char text[USED_TEXT];
	copy_lower(text, address);
	/* the table is not changed through what this returns */
	return find((struct used *)(uintptr_t)used, key_of(used, text));
}

void used_see(struct used *used, const struct used_sight *sight)
{
	char address[USED_TEXT];
	copy_lower(address, sight->address);
	uint64_t key = key_of(used, address);
	struct used_recipient *u = find(used, key);
	if (!u) {
		u = place_for(used, key);
		*u = (struct used_recipient){ .key = key, .first = sight->time, .ip = sight->ip };
		memcpy(u->address, address, sizeof address);
	}
	u->planted = sight->shown != NULL;
	if (sight->shown)
		u->shown = *sight->shown;
	u->others |= !ip_eq(&u->ip, &sight->ip);
	u->ip = sight->ip;
	u->last = sight->time > u->last ? sight->time : u->last;
	u->times += u->times < UINT32_MAX;
	copy_lower(u->mail_from, sight->mail_from);
}

void used_each(const struct used *used, void (*each)(void *context, const struct used_recipient *recipient), void *context)
{
	for (unsigned b = 0; b < BUCKETS; b++)
		for (unsigned i = 0; i < BUCKET; i++)
			if (used->v[b][i].key)
				each(context, &used->v[b][i]);
}

static void count_one(void *context, const struct used_recipient *u)
{
	(void)u;
	++*(uint32_t *)context;
}

uint32_t used_count(const struct used *used)
{
	uint32_t n = 0;
	used_each(used, count_one, &n);
	return n;
}

static void write_one(void *context, const struct used_recipient *u)
{
	struct buf *out = context;
	record_put_text(out, span_cstr(u->address));
	record_put_text(out, span_cstr(u->mail_from));
	buf_put(out, span_of(&u->ip, sizeof u->ip));
	record_put_signed(out, u->first);
	record_put_signed(out, u->last);
	record_put_number(out, u->times);
	record_put_number(out, (uint64_t)u->others | (uint64_t)u->planted << 1);
	buf_put(out, span_of(&u->shown.visitor, sizeof u->shown.visitor));
	record_put_signed(out, u->shown.time);
}

void used_write(const struct used *used, struct buf *out)
{
	record_put_number(out, FORMAT);
	record_put_number(out, used_count(used));
	used_each(used, write_one, out);
}

static struct ip take_ip(struct cursor *c)
{
	struct ip ip = { 0 };
	struct span bytes = cursor_take(c, sizeof ip);
	if (bytes.n == sizeof ip)
		memcpy(&ip, bytes.p, sizeof ip);
	return ip;
}

static void read_one(struct used *used, struct cursor *c)
{
	struct used_recipient one = { 0 };
	copy_lower(one.address, record_text(c));
	copy_lower(one.mail_from, record_text(c));
	one.ip = take_ip(c);
	one.first = record_signed(c);
	one.last = record_signed(c);
	one.times = (uint32_t)record_below(c, (uint64_t)UINT32_MAX + 1);
	uint64_t flags = record_below(c, 4);
	one.others = flags & 1;
	one.planted = flags >> 1;
	one.shown.visitor = take_ip(c);
	one.shown.time = record_signed(c);
	one.key = key_of(used, one.address);
	if (!c->overrun)
		*place_for(used, one.key) = one;
}

int used_read(struct used *used, struct cursor *c)
{
	memset(used->v, 0, sizeof used->v);
	if (record_number(c) != FORMAT)
		c->overrun = true;
	uint64_t n = record_below(c, LIMIT_USED_RECIPIENTS + 1);
	for (uint64_t i = 0; i < n && !c->overrun; i++)
		read_one(used, c);
	if (!c->overrun)
		return 0;
	memset(used->v, 0, sizeof used->v);
	return ERR_SYNTAX;
}
