/* app/gatekeeper.h - the gate at work in the front: asks what the tests of gate/ need to know, keeps notes on each visit, and answers.
 *
 * At GATE_CONNECT nobody waits: one's own lists and limits answer at once, and the questions to the DNS are on their way while the greeting
 * is held back. At GATE_HELO their answers are waited for; at GATE_RCPT the score decides, for each recipient anew. SPF is asked only of
 * who is grey. What is refused or put off by the score leaves a case file (`postern why ID`), at most one an hour for an address on a list
 * of one's own and GATE_CASES a second in all, so that a flood costs no disk; beyond, the reply has no id, and it is counted. Owner: the
 * front. One thread. */
#ifndef APP_GATEKEEPER_H
#define APP_GATEKEEPER_H

#include "app/askers.h"
#include "app/keeping.h"
#include "app/service.h"
#include "base/metrics.h"
#include "facts/address_lists.h"
#include "gate/decision.h"
#include "state/stages.h"

struct gatekeeper;

enum { GATE_CASES = 100, GATE_COUNTERS = 1 << 18 };

struct gatekeeper_links {
	struct keeping *keeping;
	struct metrics *metrics;
	struct stage_counts *stages;
	struct tuples *tuples;                 /* to read; NULL: there is none */
	const struct network *places;          /* NULL: there is none */
	const struct address_lists *addresses; /* those of one's own */
};

struct gatekeeper *gatekeeper_new(const struct gatekeeper_links *links);
/* Before it every visit is over (GATE_END). */
void gatekeeper_free(struct gatekeeper *gatekeeper);
/* Who answers its questions from now on; owned. What the one before was asked it may still answer. Before it nobody is asked. */
void gatekeeper_ask_by(struct gatekeeper *gatekeeper, struct asker *asker);
void gatekeeper_ask_within(struct gatekeeper *gatekeeper, uint32_t milliseconds);
/* For that asker: which lists may be asked, by the settings that hold. */
struct answerer gatekeeper_lists(struct gatekeeper *gatekeeper);
/* The file of a list that may be asked about clients: WIRE_LIST with its descriptor (-1: it is not there), which the caller keeps. What
 * cannot be read leaves the one before in use. False: it is no such record. */
bool gatekeeper_take_list(struct gatekeeper *gatekeeper, struct span payload, int fd);
/* The settings are borrowed until others come. */
void gatekeeper_configure(struct gatekeeper *gatekeeper, const struct service *service);
/* Who answers its questions, for others that ask about clients; NULL: nobody is asked. */
struct askers *gatekeeper_askers(struct gatekeeper *gatekeeper);
/* Those that hold now. */
const struct settings *gatekeeper_settings(const struct gatekeeper *gatekeeper);
/* As session_handlers.gate. */
bool gatekeeper_ask(struct gatekeeper *gatekeeper, struct gate_visit *visit, enum gate_stage stage);
/* As gate_counters_forgotten. */
uint64_t gatekeeper_forgotten(const struct gatekeeper *gatekeeper);
/* After every turn of the event loop: answers that came. */
void gatekeeper_turn(struct gatekeeper *gatekeeper);

#endif
