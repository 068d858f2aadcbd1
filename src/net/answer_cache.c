/* net/answer_cache.c - see answer_cache.h. Places in groups of WAYS: an answer may stand in any place of its group. */
#include "net/answer_cache.h"

#include <stdlib.h>
#include <sys/random.h>

/* DAY: whatever a server says, records change. */
enum { WAYS = 4, GROUPS = ANSWER_CACHE_SLOTS / WAYS, SECOND = 1000000, DAY = 86400 };

/* name, then the records, behind each other */
struct entry {
	uint64_t hash, expires; /* microseconds */
	uint32_t n_bytes;       /* of the records, all together */
	uint16_t n_records, n_name;
	uint8_t type, status;
	uint16_t lengths[];
};

struct slot {
	struct entry *entry; /* NULL: free */
	uint64_t used;       /* number of the look-up that used it last */
};

struct answer_cache {
	uint64_t seed, used;
	struct slot slots[ANSWER_CACHE_SLOTS];
};

struct answer_cache *answer_cache_new(void)
{
	struct answer_cache *cache = calloc(1, sizeof *cache);
	if (!cache)
		abort();
	/* Without randomness somebody may push out the answers of his choice. */
	if (getrandom(&cache->seed, sizeof cache->seed, GRND_NONBLOCK) != (ssize_t)sizeof cache->seed)
		cache->seed = (uint64_t)(uintptr_t)cache;
	return cache;
}

void answer_cache_free(struct answer_cache *cache)
{
	if (!cache)
		return;
	for (size_t i = 0; i < ANSWER_CACHE_SLOTS; i++)
		free(cache->slots[i].entry);
	free(cache);
}

static struct span name_of(const struct question *question)
{
	struct span name = question->name;
	return span_ends(name, SPAN(".")) ? span_first(name, name.n - 1) : name;
}

static uint8_t *bytes_of(struct entry *entry) { return (uint8_t *)(entry->lengths + entry->n_records); }

static bool is_about(struct entry *entry, uint64_t hash, const struct question *question)
{
	return entry && entry->hash == hash && entry->type == question->type &&
	       span_ieq(span_of(bytes_of(entry), entry->n_name), name_of(question));
}

/* The slot of that question, or NULL. */
static struct slot *find(struct answer_cache *cache, uint64_t hash, const struct question *question)
{
	struct slot *group = &cache->slots[hash % GROUPS * WAYS];
	for (size_t i = 0; i < WAYS; i++)
		if (is_about(group[i].entry, hash, question))
			return &group[i];
	return NULL;
}

static void take_out(struct entry *entry, struct arena *arena, struct answer *answer)
{
	struct span bytes = arena_dup(arena, span_of(bytes_of(entry) + entry->n_name, entry->n_bytes));
	answer->status = (enum answer_status)entry->status;
	answer->records.n = answer->records.cap = entry->n_records;
	answer->records.v = arena_alloc(arena, entry->n_records * sizeof(struct span));
	for (size_t i = 0, at = 0; i < entry->n_records; at += entry->lengths[i++])
		answer->records.v[i] = span_of(bytes.p + at, entry->lengths[i]);
}

bool answer_cache_find(struct answer_cache *cache, uint64_t now, struct arena *arena, struct answer *answer)
{
	struct slot *slot = find(cache, question_hash(&answer->question, cache->seed), &answer->question);
	if (!slot || slot->entry->expires <= now)
		return false;
	slot->used = ++cache->used;
	take_out(slot->entry, arena, answer);
	answer->ttl = (uint32_t)((slot->entry->expires - now + SECOND - 1) / SECOND);
	return true;
}

/* Where it goes: its own place, a free one, one whose time is over, or that used longest ago. */
static struct slot *place_for(struct answer_cache *cache, uint64_t now, uint64_t hash, const struct question *question)
{
	struct slot *group = &cache->slots[hash % GROUPS * WAYS], *place = find(cache, hash, question);
	for (size_t i = 0; i < WAYS && !place; i++)
		if (!group[i].entry || group[i].entry->expires <= now)
			place = &group[i];
	if (place)
		return place;
	place = group;
	for (size_t i = 1; i < WAYS; i++)
		if (group[i].used < place->used)
			place = &group[i];
	return place;
}

void answer_cache_put(struct answer_cache *cache, uint64_t now, const struct answer *answer)
{
	struct span name = name_of(&answer->question);
	uint32_t ttl = answer->ttl < DAY ? answer->ttl : DAY;
	size_t n_bytes = 0;
	for (uint32_t i = 0; i < answer->records.n; i++)
		n_bytes += answer->records.v[i].n;
	size_t size = sizeof(struct entry) + answer->records.n * sizeof(uint16_t) + name.n + n_bytes;
	if (ttl == 0 || answer_failed(answer) || size > ANSWER_CACHE_BYTES)
		return;
	struct entry *entry = malloc(size);
	if (!entry)
		return; /* asked again next time */
	*entry = (struct entry){
		.hash = question_hash(&answer->question, cache->seed),
		.expires = now + ttl * (uint64_t)SECOND,
		.n_bytes = (uint32_t)n_bytes,
		.n_records = (uint16_t)answer->records.n,
		.n_name = (uint16_t)name.n,
		.type = (uint8_t)answer->question.type,
		.status = (uint8_t)answer->status,
	};
	uint8_t *out = bytes_of(entry);
	memcpy(out, name.p, name.n);
	out += name.n;
	for (uint32_t i = 0; i < answer->records.n; i++) {
		struct span record = answer->records.v[i];
		entry->lengths[i] = (uint16_t)record.n;
		if (record.n)
			memcpy(out, record.p, record.n);
		out += record.n;
	}
	struct slot *slot = place_for(cache, now, entry->hash, &answer->question);
	free(slot->entry);
	*slot = (struct slot){ entry, ++cache->used };
}
