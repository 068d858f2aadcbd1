/* gate/test_known.c - what is known of an address here: lists of one's own, traps, and what it brought before. */
#include "gate/tests.h"

#include <math.h>

enum { ADDRESS_MOST = 3000, NETWORK_MOST = 1500 };

/* The log-odds of counters that fade, with half a message either way for what is not known. */
static int32_t odds(const struct tuple *t, int32_t most)
{
	double spam = (double)t->counter[TUPLE_SPAM] / TUPLE_ONE + 0.5, good = (double)t->counter[TUPLE_GOOD] / TUPLE_ONE + 0.5;
	double nats = 1000 * log(spam / good);
	return nats > most ? most : nats < -most ? -most : (int32_t)lround(nats);
}

static void reputation(const struct gate_facts *facts, struct gate_findings *findings, const struct tuple *t, struct span who, int32_t most)
{
	int32_t weight = odds(t, most);
	if (weight > -200 && weight < 200) /* as good as nothing */
		return;
	struct span says = arena_printf(facts->arena, "%.*s has brought %u good messages and %u spam messages of late", SPAN_ARG(who),
					(unsigned)(t->counter[TUPLE_GOOD] / TUPLE_ONE), (unsigned)(t->counter[TUPLE_SPAM] / TUPLE_ONE));
	gate_find(facts, findings, GATE_TEST_REPUTATION, weight, says, span_none, span_none);
}

static struct span remark(const struct gate_facts *facts)
{
	return facts->known.note.n ? arena_join(facts->arena, SPAN(": "), facts->known.note) : span_none;
}

void gate_test_known(const struct gate_facts *facts, struct gate_findings *findings)
{
	const struct gate_known *known = &facts->known;
	char text[IP_TEXT_MAX];
	struct span ip = arena_dup(facts->arena, span_of(text, ip_format(&facts->visit->ip, text)));
	if (known->listed == GATE_LISTED_BLOCK)
		gate_find(facts, findings, GATE_TEST_BLOCKED, 0, ip, remark(facts), span_none);
	if (known->listed == GATE_LISTED_TRAP)
		gate_find(facts, findings, GATE_TEST_TRAP, 0, ip, remark(facts), span_none);
	if (known->correspondents)
		gate_find(facts, findings, GATE_TEST_CORRESPONDENTS, 0, ip, span_none, span_none);
	if (known->has_address)
		reputation(facts, findings, &known->address, ip, ADDRESS_MOST);
	else if (known->has_network) /* of what has a record of its own, the neighbours say nothing more */
		reputation(facts, findings, &known->network, SPAN("Its network"), NETWORK_MOST);
}
