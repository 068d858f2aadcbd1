/* gate/tests.h - what the door can find out about a client, weighed into evidence: one function for each kind of fact, cheapest first.
 *
 * Facts are given, nothing is asked: addresses and names come as answers (facts/question.h), counters as records of the hot state
 * (state/tuples.h), loads as numbers (gate/load.h). A test that only watches adds its evidence with weight 0; what it would have weighed is
 * kept beside it.
 * Promises: pure; the same facts give the same evidence, in the same order. A look-up that failed is "unchecked", never fine. */
#ifndef GATE_TESTS_H
#define GATE_TESTS_H

#include "config/settings.h"
#include "facts/question.h"
#include "gate/load.h"
#include "gate/visit.h"
#include "state/tuples.h"
#include "verdict/evidence.h"

/* What a table of one's own says of the address (gate/visit.h). */
enum gate_listed { GATE_NOT_LISTED, GATE_LISTED_ALLOW, GATE_LISTED_BLOCK, GATE_LISTED_TRAP };

struct gate_known {
	enum gate_listed listed;
	struct span note;                      /* of the entry; may be empty */
	bool correspondents;                   /* TUPLE_SERVER: it brings mail of people whom one's own users write to */
	bool has_address, has_network, passed; /* passed: it came again when it was asked to, or brought good mail */
	struct tuple address, network;         /* TUPLE_ADDRESS, TUPLE_NETWORK */
};

struct gate_facts {
	const struct settings *settings;
	const struct gate_visit *visit;
	struct gate_known known;
	struct gate_load load;
	const struct answers *answers; /* those of gate_ask; NULL: nothing was asked */
	struct arena *arena;
};

struct gate_findings {
	struct evidence_set set;
	int32_t watched[LIMIT_EVIDENCE]; /* by place in set.list: what it would have weighed, if its test did more than watch */
	bool hard;                       /* something other than an outside list speaks against it */
	uint32_t lists;                  /* outside lists that do */
};

/* One piece; NULL where the test is off. weight 0: that of the table. */
struct evidence *gate_find(const struct gate_facts *facts, struct gate_findings *findings, enum gate_test test, int32_t weight,
			   struct span detail1, struct span detail2, struct span detail3);
/* The name and mode of a test. */
const char *gate_test_name(enum gate_test test);
static inline enum gate_mode gate_mode(const struct gate_facts *facts, enum gate_test test) { return facts->settings->gate.mode[test]; }
/* NULL: the evidence is of no test of the door. */
const struct evidence_def *gate_test_def(enum gate_test test);

/* gate/test_*.c */
void gate_test_known(const struct gate_facts *facts, struct gate_findings *findings);
void gate_test_load(const struct gate_facts *facts, struct gate_findings *findings);
void gate_test_lists(const struct gate_facts *facts, struct gate_findings *findings);
void gate_test_naming(const struct gate_facts *facts, struct gate_findings *findings);
void gate_test_manners(const struct gate_facts *facts, struct gate_findings *findings);

/* What a client is called in the DNS, and whether the name's owner agrees (RFC 8601 section 2.7.3, "iprev"). */
enum gate_name {
	GATE_NAME_UNKNOWN, /* nobody was asked, or there was no answer */
	GATE_NAME_NONE,
	GATE_NAME_FALSE, /* it does not lead back: anybody can write such a one */
	GATE_NAME_CONFIRMED,
	GATE_NAMES
};
/* ret_name: span_none where there is none. */
enum gate_name gate_name_of(const struct gate_facts *facts, struct span *ret_name);
/* Its questions that have no answer yet. False: none. */
bool gate_ask_name(const struct gate_facts *facts, struct questions *questions);

/* The questions about a client's address that have no answer yet: its name, that name's addresses, the lists. False: none. */
bool gate_ask(const struct gate_facts *facts, struct questions *questions);

#endif
