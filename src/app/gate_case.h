/* app/gate_case.h - what the door decided, as a case file like that of a message: `postern history` and `why` tell both alike. */
#ifndef APP_GATE_CASE_H
#define APP_GATE_CASE_H

#include "gate/decision.h"
#include "verdict/casefile.h"

/* Its message is none: no bytes, no subject. Borrows all; lives in the arena of the facts. */
void gate_case(const struct gate_facts *facts, const struct gate_findings *findings, const struct gate_decision *decision, struct span id,
	       struct span door, const struct casefile_generations *generations, struct casefile *ret_casefile);

#endif
