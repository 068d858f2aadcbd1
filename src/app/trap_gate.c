/* app/trap_gate.c - see trap_gate.h */
#include "app/trap_gate.h"
#include "base/clock.h"
#include "base/limits.h"
#include "gate/hits.h"

#include <stdio.h>
#include <xxhash.h>

enum { GATHER_SECONDS = 60 };

static struct ip_net net_of(const struct ip *ip) { return (struct ip_net){ .ip = *ip, .bits = ip_is_v4(ip) ? 128 : 64 }; }

enum trap_gate_did trap_gate_may(const struct trap_gate *gate, const struct ip *ip, const struct trap_known *known, const char **ret_why)
{
	const struct settings_nets *own[] = { &gate->settings->trusted_networks, &gate->settings->internal_networks };
	struct network_entry place = { 0 };
	struct tuple tuple;
	struct guard_question question = { .net = net_of(ip) };
	if (gate->places && network_find(gate->places, ip, &place))
		question.as = place.as;
	if (known && known->name == GATE_NAME_CONFIRMED)
		question.rdns = span_cstr(known->text);
	question.corresponds = gate->tuples && tuples_get(gate->tuples, TUPLE_SERVER, span_of(ip, sizeof *ip), clock_now(), &tuple) == 0;
	for (size_t i = 0; i < 2; i++) {
		question.own = own[i]->v;
		question.n_own = own[i]->n;
		if (guard_judge(&question, ret_why) != GUARD_YES)
			return TRAP_GATE_GUARDED;
	}
	if (gate->places || (known && known->name != GATE_NAME_UNKNOWN))
		return TRAP_GATE_KEPT_OUT;
	*ret_why = "neither its name in the DNS nor a location database could tell whether it is a mail provider's";
	return TRAP_GATE_UNCHECKED;
}

/* One more new entry? */
static bool has_pace(struct trap_pace *pace, const struct ip *ip, int64_t now)
{
	size_t wide = ip_is_v4(ip) ? 14 : 4; /* bytes of a /16 within ::ffff:0:0/96, and of a /32 */
	uint16_t *of_net = &pace->of_net[XXH3_64bits(ip->b, wide) % TRAP_PACE_NETS];
	if (pace->minute != now / 60)
		*pace = (struct trap_pace){ .minute = now / 60 };
	else if (pace->all >= LIMIT_TRAP_ENTRIES || *of_net >= LIMIT_TRAP_ENTRIES_NET)
		return false;
	pace->all++;
	++*of_net;
	return true;
}

/* As the live set has them. */
static struct hits hits_of(const struct address_live_entry *entry)
{
	struct hits hits = { .first = entry->since, .last = 1, .count = entry->hits };
	hits.last = entry->expires - (hits_expires(&hits) - 1);
	return hits;
}

bool trap_gate_is_ours(const struct address_live_entry *entry)
{
	return strcmp(entry->class, ADDRESS_CLASS_TRAP) == 0 && !entry->net.exclude && entry->expires != CLOCK_NONE && entry->hits;
}

enum trap_gate_did trap_gate_hit(const struct trap_gate *gate, const struct trap_hit *hit, const char **ret_why)
{
	int64_t now = clock_now();
	struct hits hits = { 0 };
	struct address_live_entry entry;
	struct ip_net net = net_of(&hit->ip);
	enum trap_gate_did may = trap_gate_may(gate, &hit->ip, hit->known, ret_why);
	if (may != TRAP_GATE_KEPT_OUT)
		return may;
	*ret_why = "there is no list of addresses to put it on";
	if (!gate->live)
		return TRAP_GATE_NO_ROOM;
	*ret_why = "you have said what becomes of it, or of its network";
	if ((hit->known && hit->known->allowed) || (address_live_find(gate->live, &hit->ip, now, &entry) && !trap_gate_is_ours(&entry)))
		return TRAP_GATE_DECIDED;
	*ret_why = "it is kept out at the gate";
	bool is_new = !address_live_get(gate->live, &net, &entry) || !trap_gate_is_ours(&entry);
	if (!is_new) /* it may have expired */
		hits = hits_of(&entry);
	if (hit->gathered && hits.count && now - hits.last < GATHER_SECONDS && now >= hits.last)
		return TRAP_GATE_GATHERED;
	if (is_new && !has_pace(gate->pace, &hit->ip, now)) {
		*ret_why = "too many new ones came within a minute";
		return TRAP_GATE_NO_ROOM;
	}
	hits_add(&hits, now);
	entry = (struct address_live_entry){ .net = net, .class = ADDRESS_CLASS_TRAP, .since = hits.first, .hits = hits.count };
	entry.expires = hits_expires(&hits);
	snprintf(entry.note, sizeof entry.note, "%.40s, hits of late: %u", hit->what, (hits.count + HITS_ONE / 2) / HITS_ONE);
	if (address_live_put(gate->live, &entry, now) == 0)
		return is_new ? TRAP_GATE_NEW : TRAP_GATE_KEPT_OUT;
	*ret_why = "the list of addresses is full";
	return TRAP_GATE_NO_ROOM;
}
