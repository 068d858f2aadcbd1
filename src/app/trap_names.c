/* app/trap_names.c - see trap_names.h */
#include "app/trap_names.h"

#include <stdlib.h>
#include <xxhash.h>

enum { KNOWN = 1024 };
#define SECOND 1000000ull
#define HOLDS (3600 * SECOND)
#define HOLDS_UNKNOWN (60 * SECOND)

struct trap_names {
	struct trap_known known[KNOWN]; /* by hash; a newer one takes the place */
	struct trap_waiting *first, **last;
	uint32_t n;
	size_t bytes;
};

struct trap_names *trap_names_new(void)
{
	struct trap_names *names = calloc(1, sizeof *names);
	if (!names)
		abort();
	names->last = &names->first;
	return names;
}

void trap_names_free(struct trap_names *names)
{
	while (names && names->first) {
		struct trap_waiting *waiting = names->first;
		names->first = waiting->next;
		trap_names_done(waiting);
	}
	free(names);
}

static uint32_t place_of(const struct ip *ip) { return (uint32_t)(XXH3_64bits(ip->b, sizeof ip->b) % KNOWN); }

const struct trap_known *trap_names_find(const struct trap_names *names, const struct ip *ip, uint64_t now)
{
	const struct trap_known *known = &names->known[place_of(ip)];
	return known->until > now && ip_eq(&known->ip, ip) ? known : NULL;
}

bool trap_names_waits(const struct trap_names *names, const struct ip *ip)
{
	for (const struct trap_waiting *waiting = names->first; waiting; waiting = waiting->next)
		if (ip_eq(&waiting->ip, ip))
			return true;
	return false;
}

static size_t bytes_of(const struct trap_waiting *waiting)
{
	return sizeof *waiting + waiting->n + (waiting->message ? spool_bytes(waiting->message) : 0);
}

bool trap_names_wait(struct trap_names *names, const struct ip *ip, enum wire_type type, struct span payload, struct spool *message,
		     uint64_t now)
{
	if (names->n == TRAP_NAMES_WAITING || names->bytes + payload.n > TRAP_NAMES_BYTES)
		return false;
	struct trap_waiting *waiting = malloc(sizeof *waiting + payload.n);
	if (!waiting)
		abort();
	*waiting = (struct trap_waiting){ .ip = *ip, .since = now, .type = type, .n = payload.n };
	waiting->message = message ? spool_hold(message) : NULL;
	memcpy(waiting->payload, payload.p ? payload.p : (const uint8_t *)"", payload.n);
	*names->last = waiting;
	names->last = &waiting->next;
	names->n++;
	names->bytes += bytes_of(waiting);
	return true;
}

static void note(struct trap_names *names, const struct wire_known *known, uint64_t until)
{
	struct trap_known *place = &names->known[place_of(&known->ip)];
	size_t n = known->text.n < TRAP_NAME_TEXT - 1 ? known->text.n : TRAP_NAME_TEXT - 1;
	*place =
	    (struct trap_known){ .ip = known->ip, .until = until, .name = known->name, .listed = known->listed, .allowed = known->allowed };
	memcpy(place->text, known->text.p ? known->text.p : (const uint8_t *)"", n);
}

void trap_names_learn(struct trap_names *names, const struct wire_known *known, uint64_t now)
{
	note(names, known, now + (known->name == GATE_NAME_UNKNOWN ? HOLDS_UNKNOWN : HOLDS));
}

bool trap_names_next(struct trap_names *names, uint64_t now, struct trap_waiting **ret)
{
	struct trap_waiting **at = &names->first;
	while (*at && now - (*at)->since < TRAP_NAMES_WAIT && !trap_names_find(names, &(*at)->ip, now))
		at = &(*at)->next;
	struct trap_waiting *waiting = *at;
	if (!waiting)
		return false;
	if (!trap_names_find(names, &waiting->ip, now))
		note(names, &(struct wire_known){ .ip = waiting->ip }, now + HOLDS_UNKNOWN);
	*at = waiting->next;
	if (!*at)
		names->last = at;
	names->n--;
	names->bytes -= bytes_of(waiting);
	*ret = waiting;
	return true;
}

void trap_names_done(struct trap_waiting *waiting)
{
	spool_drop(waiting->message);
	free(waiting);
}

bool trap_names_busy(const struct trap_names *names) { return names->first != NULL; }
