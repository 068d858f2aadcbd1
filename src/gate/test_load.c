/* gate/test_load.c - too many connections: told, and put off; it is no sign of what they would bring. */
#include "gate/tests.h"

static struct span whose(const struct gate_facts *facts, enum gate_reach reach)
{
	char text[IP_TEXT_MAX];
	if (reach == GATE_OF_ADDRESS)
		return arena_dup(facts->arena, span_of(text, ip_format(&facts->visit->ip, text)));
	if (reach == GATE_OF_AS)
		return arena_printf(facts->arena, "AS%u", (unsigned)facts->load.as);
	return ip_is_v4(&facts->visit->ip) ? SPAN("its network (/24)") : SPAN("its network (/64)");
}

static struct span limit(const struct gate_facts *facts, enum gate_reach reach, int32_t of_address)
{
	return arena_printf(facts->arena, "%u", (unsigned)gate_load_limit(of_address, reach));
}

void gate_test_load(const struct gate_facts *facts, struct gate_findings *findings)
{
	const struct settings_gate *settings = &facts->settings->gate;
	enum gate_reach rate = facts->load.rate, crowd = facts->load.crowd;
	if (rate)
		gate_find(facts, findings, GATE_TEST_RATE, 0, whose(facts, rate), limit(facts, rate, settings->rate), span_none);
	if (crowd)
		gate_find(facts, findings, GATE_TEST_CROWD, 0, whose(facts, crowd), limit(facts, crowd, settings->crowd), span_none);
}
