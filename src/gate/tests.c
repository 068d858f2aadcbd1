/* gate/tests.c - see tests.h */
#include "gate/tests.h"

static const struct evidence_def defs[] = {
#define GATE_TEST(symbol, name, mode, group, weight, says, help)                                                                           \
	[GATE_TEST_##symbol] = { "gate." #name, GROUP_##group, weight, EVIDENCE_ASKED, says, help },
#include "config/gate_tests.def"
#undef GATE_TEST
};

const struct evidence_def *gate_test_def(enum gate_test test) { return &defs[test]; }
const char *gate_test_name(enum gate_test test) { return defs[test].id + sizeof "gate." - 1; }

struct evidence *gate_find(const struct gate_facts *facts, struct gate_findings *findings, enum gate_test test, int32_t weight,
			   struct span detail1, struct span detail2, struct span detail3)
{
	enum gate_mode mode = gate_mode(facts, test);
	if (mode == GATE_OFF)
		return NULL;
	uint32_t before = findings->set.list.n;
	struct evidence *e = evidence_add(&findings->set, &defs[test], detail1, detail2, detail3);
	if (weight)
		e->weight = weight;
	if (findings->set.list.n > before)
		findings->watched[before] = mode == GATE_WATCH ? e->weight : 0;
	if (mode == GATE_WATCH) {
		e->says = arena_join(facts->arena, e->says, SPAN(" (this test only watches)"));
		e->weight = 0;
	}
	if (e->weight > 0 && test == GATE_TEST_DNS_LISTS)
		findings->lists++;
	else if (e->weight > 0)
		findings->hard = true;
	return e;
}
