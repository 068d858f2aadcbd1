/* gate/test_manners.c - what a client does that no mail server does; the protocol engine saw it. */
#include "gate/tests.h"

static const struct {
	enum gate_manners seen;
	enum gate_test test;
} manners[] = {
	{ GATE_EARLY_TALKER, GATE_TEST_EARLY_TALKER },   { GATE_EARLY_PIPELINING, GATE_TEST_EARLY_PIPELINING },
	{ GATE_BARE_NEWLINE, GATE_TEST_BARE_NEWLINE },   { GATE_FOREIGN_COMMAND, GATE_TEST_FOREIGN_COMMAND },
	{ GATE_FOREIGN_BYTES, GATE_TEST_FOREIGN_BYTES }, { GATE_OUT_OF_ORDER, GATE_TEST_OUT_OF_ORDER },
	{ GATE_MANY_ERRORS, GATE_TEST_MANY_ERRORS },
};

void gate_test_manners(const struct gate_facts *facts, struct gate_findings *findings)
{
	for (size_t i = 0; i < sizeof manners / sizeof *manners; i++)
		if (facts->visit->manners & manners[i].seen)
			gate_find(facts, findings, manners[i].test, 0, span_none, span_none, span_none);
	uint32_t unknown = facts->visit->unknown;
	if (unknown >= (uint32_t)facts->settings->gate.unknown_recipients)
		gate_find(facts, findings, GATE_TEST_UNKNOWN_RECIPIENTS, 0, arena_printf(facts->arena, "%u", unknown), span_none,
			  span_none);
}
