/* app/client_names.c - see client_names.h */
#include "app/client_names.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/record.h"
#include "gate/tests.h"

#include <stdlib.h>

/* One client. */
struct inquiry {
	struct client_names *names;
	struct inquiry *next;
	struct gate_visit visit;
	struct arena arena;
	struct answers answers;
	uint64_t began;
};

struct client_names {
	struct gatekeeper *gatekeeper;
	struct keeping *keeping;
	const struct address_lists *addresses;
	struct inquiry *open;
	unsigned n;
};

struct client_names *client_names_new(struct gatekeeper *gatekeeper, struct keeping *keeping, const struct address_lists *addresses)
{
	struct client_names *names = calloc(1, sizeof *names);
	if (!names)
		abort();
	*names = (struct client_names){ .gatekeeper = gatekeeper, .keeping = keeping, .addresses = addresses };
	return names;
}

static void end(struct inquiry *q)
{
	struct inquiry **at = &q->names->open;
	while (*at != q)
		at = &(*at)->next;
	*at = q->next;
	q->names->n--;
	arena_release(&q->arena);
	free(q);
}

void client_names_free(struct client_names *names)
{
	while (names && names->open)
		end(names->open);
	free(names);
}

static struct gate_facts facts_of(struct inquiry *q)
{
	return (struct gate_facts){
		.settings = gatekeeper_settings(q->names->gatekeeper), .visit = &q->visit, .answers = &q->answers, .arena = &q->arena
	};
}

/* What lists of one's own said before; the live set holds what the trap itself just put there, and the keeper reads it. */
static void look_at_lists(const struct client_names *names, struct wire_known *known)
{
	struct address_lists generations = *names->addresses;
	struct address_listing listing;
	generations.live = NULL;
	if (!address_lists_find(&generations, &known->ip, clock_now(), &listing))
		return;
	known->listed = listing.action == ADDRESS_BLOCK;
	known->allowed = listing.action == ADDRESS_ALLOW;
}

static void tell(struct inquiry *q)
{
	struct gate_facts facts = facts_of(q);
	struct gate_findings findings = { .set.arena = &q->arena };
	struct wire_known known = { .ip = q->visit.ip };
	struct buf out;
	known.name = gate_name_of(&facts, &known.text);
	gate_test_lists(&facts, &findings);
	look_at_lists(q->names, &known);
	known.listed |= findings.set.list.n > 0;
	buf_init(&out, &q->arena, LIMIT_CHANNEL_PAYLOAD);
	wire_put_known(&known, &out);
	keeping_tell(q->names->keeping, WIRE_KNOWN, buf_span(&out), NULL);
	end(q);
}

static void on_over(struct asker_round *round);

static void go_on(struct inquiry *q)
{
	struct askers *askers = gatekeeper_askers(q->names->gatekeeper);
	for (;;) {
		struct questions questions = { .arena = &q->arena };
		struct gate_facts facts = facts_of(q);
		struct asker_call call = { .answers = &q->answers, .arena = &q->arena, .began = q->began, .context = q, .over = on_over };
		gate_ask(&facts, &questions);
		gate_ask_name(&facts, &questions);
		if (!askers || !questions.list.n)
			break;
		if (askers_ask(askers, &questions, &call))
			return;
	}
	tell(q);
}

static void on_over(struct asker_round *round) { go_on(round->context); }

bool client_names_ask(struct client_names *names, struct span payload)
{
	struct cursor c = cursor_of(payload);
	struct ip ip;
	struct span bytes = cursor_take(&c, sizeof ip);
	if (c.overrun || cursor_left(&c))
		return false;
	memcpy(&ip, bytes.p, sizeof ip);
	struct inquiry *q = calloc(1, sizeof *q);
	if (!q)
		abort();
	*q = (struct inquiry){ .names = names, .next = names->open, .visit.ip = ip, .began = clock_microseconds() };
	arena_init(&q->arena);
	names->open = q;
	if (names->n++ < CLIENT_NAMES)
		go_on(q);
	else
		tell(q);
	return true;
}
