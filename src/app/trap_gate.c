/* app/trap_gate.c - see trap_gate.h */
#include "app/trap_gate.h"
#include "base/clock.h"
#include "gate/hits.h"

#include <stdio.h>

enum { GATHER_SECONDS = 60 };

static struct ip_net net_of(const struct ip *ip) { return (struct ip_net){ .ip = *ip, .bits = ip_is_v4(ip) ? 128 : 64 }; }

enum guard_answer trap_gate_guard(const struct trap_gate *gate, const struct ip *ip, const char **ret_why)
{
	const struct settings_nets *own[] = { &gate->settings->trusted_networks, &gate->settings->internal_networks };
	struct network_entry place = { 0 };
	struct tuple known;
	struct guard_question question = { .net = net_of(ip) };
	if (gate->places && network_find(gate->places, ip, &place))
		question.as = place.as;
	question.corresponds = gate->tuples && tuples_get(gate->tuples, TUPLE_SERVER, span_of(ip, sizeof *ip), clock_now(), &known) == 0;
	enum guard_answer answer = GUARD_YES;
	for (size_t i = 0; i < 2 && answer == GUARD_YES; i++) {
		question.own = own[i]->v;
		question.n_own = own[i]->n;
		answer = guard_judge(&question, ret_why);
	}
	if (answer == GUARD_YES && !gate->places) {
		*ret_why = "there is no location database to tell whether it is a mail provider's";
		answer = GUARD_ASK;
	}
	return answer;
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
	if (trap_gate_guard(gate, &hit->ip, ret_why) != GUARD_YES)
		return TRAP_GATE_GUARDED;
	*ret_why = "there is no list of addresses to put it on";
	if (!gate->live)
		return TRAP_GATE_NO_ROOM;
	*ret_why = "you have said what becomes of it, or of its network";
	if (address_live_find(gate->live, &hit->ip, now, &entry) && !trap_gate_is_ours(&entry))
		return TRAP_GATE_DECIDED;
	*ret_why = "it is kept out at the gate";
	if (address_live_get(gate->live, &net, &entry) && trap_gate_is_ours(&entry)) /* which may have expired */
		hits = hits_of(&entry);
	if (hit->gathered && hits.count && now - hits.last < GATHER_SECONDS && now >= hits.last)
		return TRAP_GATE_GATHERED;
	hits_add(&hits, now);
	entry = (struct address_live_entry){ .net = net, .class = ADDRESS_CLASS_TRAP, .since = hits.first, .hits = hits.count };
	entry.expires = hits_expires(&hits);
	snprintf(entry.note, sizeof entry.note, "%.40s, %u time(s) of late", hit->what, (hits.count + HITS_ONE / 2) / HITS_ONE);
	if (address_live_put(gate->live, &entry, now) == 0)
		return TRAP_GATE_KEPT_OUT;
	*ret_why = "the list of addresses is full";
	return TRAP_GATE_NO_ROOM;
}
