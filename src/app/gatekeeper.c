/* app/gatekeeper.c - see gatekeeper.h */
#include "app/gatekeeper.h"
#include "app/case_of.h"
#include "app/gate_case.h"
#include "app/gate_lists.h"
#include "app/say.h"
#include "app/trap_look.h"
#include "auth/spf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/record.h"
#include "facts/answers_record.h"
#include "facts/list_book.h"

#include <stdlib.h>

enum { NOTES_KEPT = 256, HOUR = 3600, TOLD = 4096 };

/* What is known of one visit. The arena is used only while there is something to remember. */
struct note {
	struct note *next; /* of the idle */
	struct gatekeeper *keeper;
	struct gate_visit *visit; /* NULL: the visit is over, answers are still to come */
	struct arena arena;
	struct answers answers;
	struct span folded; /* them, as a record; span_none: they are unfolded */
	struct gate_known known;
	struct gate_load load;
	uint64_t began;        /* of the questions; 0: nothing was asked */
	bool asking;           /* a round is open */
	enum gate_stage waits; /* for the round; GATE_STAGES: it does not */
	bool clean;            /* nothing speaks for or against it: what was asked is forgotten */
	bool trapped;          /* named a recipient that is a trap */
	bool entered;          /* is counted among the open connections */
	bool attempting;       /* offered, and nothing became of it yet */
	enum gate_cause cause; /* of what it was told last that was not to go on */
	uint32_t passed;       /* messages that were begun */
};

/* Addresses that were told their case lately. */
struct told {
	struct ip ip;
	int64_t until;
	char id[CASEFILE_ID];
};

struct gatekeeper {
	struct gatekeeper_links links;
	const struct service *service;
	struct casefile_generations generations;
	struct askers askers;
	struct gate_lists lists;
	struct gate_counters *counters;
	struct note *idle;
	unsigned n_idle;
	struct arena kept;    /* as long as the gatekeeper */
	struct arena scratch; /* of one decision */
	struct told told[TOLD];
	int64_t second; /* that cases are counted in */
	unsigned cases;
};

struct gatekeeper *gatekeeper_new(const struct gatekeeper_links *links)
{
	struct gatekeeper *g = calloc(1, sizeof *g);
	if (!g || !(g->counters = gate_counters_new(GATE_COUNTERS)))
		abort();
	g->links = *links;
	arena_init(&g->kept);
	arena_init(&g->scratch);
	return g;
}

void gatekeeper_free(struct gatekeeper *g)
{
	while (g->idle) {
		struct note *note = g->idle;
		g->idle = note->next;
		arena_release(&note->arena);
		free(note);
	}
	gate_lists_free(&g->lists);
	askers_free(&g->askers);
	gate_counters_free(g->counters);
	arena_release(&g->scratch);
	arena_release(&g->kept);
	free(g);
}

struct answerer gatekeeper_lists(struct gatekeeper *g) { return gate_lists_answerer(&g->lists); }

bool gatekeeper_take_list(struct gatekeeper *g, struct span payload, int fd) { return gate_lists_take(&g->lists, payload, fd); }

void gatekeeper_ask_by(struct gatekeeper *g, struct asker *asker) { askers_add(&g->askers, asker); }

void gatekeeper_ask_within(struct gatekeeper *g, uint32_t milliseconds) { askers_set_deadline(&g->askers, milliseconds); }

/* Where nobody is asked about anything, that no client could be looked up is no news. */
struct askers *gatekeeper_askers(struct gatekeeper *g)
{
	return g->askers.newest && g->service->settings.resolver.kind != RESOLVER_NONE ? &g->askers : NULL;
}

void gatekeeper_configure(struct gatekeeper *g, const struct service *service)
{
	arena_reset(&g->scratch);
	g->service = service;
	g->generations = case_generations(&service->settings, &g->scratch);
	gate_lists_configure(&g->lists, &service->settings);
}

const struct settings *gatekeeper_settings(const struct gatekeeper *g) { return &g->service->settings; }

static struct note *note_new(struct gatekeeper *g, struct gate_visit *visit)
{
	struct note *note = g->idle;
	if (note) {
		struct arena arena = note->arena;
		g->idle = note->next;
		g->n_idle--;
		arena_reset(&arena);
		*note = (struct note){ .arena = arena };
	} else {
		note = calloc(1, sizeof *note);
		if (!note)
			abort();
		arena_init_small(&note->arena);
	}
	note->keeper = g;
	note->visit = visit;
	note->waits = GATE_STAGES;
	visit->gate = note;
	return note;
}

/* A client that is greeted and says nothing makes us hold its answers for minutes: a record is a tenth of the arena they came in. */
static void fold(struct note *note)
{
	struct buf out;
	buf_init(&out, &note->keeper->scratch, SIZE_MAX);
	answers_record_write(&note->answers, &out);
	uint8_t *record = malloc(out.n);
	if (!record)
		abort();
	memcpy(record, out.p, out.n);
	note->folded = span_of(record, out.n);
	note->answers = (struct answers){ 0 };
	arena_release(&note->arena);
}

static void unfold(struct note *note)
{
	if (!note->folded.p)
		return;
	struct span record = arena_dup(&note->arena, note->folded);
	free((void *)(uintptr_t)note->folded.p);
	note->folded = span_none;
	if (answers_record_read(record, &note->arena, &note->answers) != 0)
		abort(); /* it is our own */
}

static void note_free(struct note *note)
{
	struct gatekeeper *g = note->keeper;
	free((void *)(uintptr_t)note->folded.p);
	note->folded = span_none;
	if (g->n_idle < NOTES_KEPT) {
		note->next = g->idle;
		g->idle = note;
		g->n_idle++;
		return;
	}
	arena_release(&note->arena);
	free(note);
}

/* What is known. */

static bool seen(const struct gatekeeper *g, enum tuple_kind kind, struct span key, struct tuple *ret)
{
	return g->links.tuples && tuples_get(g->links.tuples, kind, key, clock_now(), ret) == 0;
}

/* The lists of one's own, and traps. */
static void look_at_lists(struct note *note, struct address_listing *listing)
{
	struct gate_known *known = &note->known;
	if (!address_lists_find(note->keeper->links.addresses, &note->visit->ip, clock_now(), listing))
		return;
	known->listed = listing->action == ADDRESS_ALLOW                         ? GATE_LISTED_ALLOW
			: span_eq(listing->class.name, SPAN(ADDRESS_CLASS_TRAP)) ? GATE_LISTED_TRAP
										 : GATE_LISTED_BLOCK;
	known->note = listing->entry.note[0] ? span_cstr(listing->entry.note) : listing->class.text;
}

static void look_up(struct note *note)
{
	struct gatekeeper *g = note->keeper;
	struct gate_known *known = &note->known;
	const struct ip *ip = &note->visit->ip;
	struct tuple passed;
	struct span network = tuples_network(ip, &g->scratch);
	known->has_address = seen(g, TUPLE_ADDRESS, span_of(ip, sizeof *ip), &known->address);
	known->has_network = seen(g, TUPLE_NETWORK, network, &known->network);
	known->correspondents = seen(g, TUPLE_SERVER, span_of(ip, sizeof *ip), &passed);
	known->passed = known->correspondents ||
			(known->has_address && known->address.counter[TUPLE_GOOD] > known->address.counter[TUPLE_SPAM]) ||
			seen(g, TUPLE_GREYLIST, network, &passed);
}

static struct gate_facts facts_of(struct note *note, struct gate_visit *visit, struct arena *arena)
{
	return (struct gate_facts){ .settings = &note->keeper->service->settings,
				    .visit = visit,
				    .known = note->known,
				    .load = note->load,
				    .answers = note->began ? &note->answers : NULL,
				    .arena = arena };
}

/* The case. */

static struct told *told_of(struct gatekeeper *g, const struct ip *ip)
{
	uint32_t hash = 2166136261u;
	for (unsigned i = 0; i < sizeof ip->b; i++)
		hash = (hash ^ ip->b[i]) * 16777619u;
	return &g->told[hash % TOLD];
}

/* Not of an hour that a clock that was wrong had made far away. */
static bool is_told(const struct told *told, const struct ip *ip, int64_t now)
{
	return ip_eq(&told->ip, ip) && told->until > now && told->until <= now + HOUR;
}

/* May this decision leave a case? An address that is on a list of one's own is told the same one for an hour. */
static bool worth_a_case(struct gatekeeper *g, const struct gate_decision *decision, const struct gate_visit *visit, struct span *ret_id)
{
	const struct ip *ip = &visit->ip;
	int64_t now = clock_now();
	const struct told *told = told_of(g, ip);
	if (decision->cause == GATE_BY_LOAD)
		return false;
	if (visit->id[0] && decision->cause != GATE_BY_GREYLIST) { /* told at an earlier stage */
		*ret_id = span_cstr(visit->id);
		return false;
	}
	if ((decision->cause == GATE_BY_LIST || decision->cause == GATE_BY_TRAP) && is_told(told, ip, now)) {
		*ret_id = span_of(told->id, sizeof told->id);
		return false;
	}
	if (g->second != now) {
		g->second = now;
		g->cases = 0;
	}
	return g->cases++ < GATE_CASES;
}

static struct span keep_case(struct gatekeeper *g, const struct gate_facts *facts, const struct gate_findings *findings,
			     const struct gate_decision *decision)
{
	struct span id = span_none;
	struct told *told = told_of(g, &facts->visit->ip);
	struct casefile casefile;
	struct buf record, out;
	if (!worth_a_case(g, decision, facts->visit, &id) || !case_new_id(told->id))
		return id;
	told->ip = facts->visit->ip;
	told->until = clock_now() + HOUR;
	id = span_of(told->id, sizeof told->id);
	gate_case(facts, findings, decision, id, facts->visit->inner ? SPAN("policy") : SPAN("smtp"), &g->generations, &casefile);
	buf_init(&record, facts->arena, LIMIT_CHANNEL_PAYLOAD);
	casefile_write(&casefile, &record);
	struct wire_keep keep = { .casefile = buf_span(&record) };
	buf_init(&out, facts->arena, LIMIT_CHANNEL_PAYLOAD);
	wire_put_keep(&keep, &out);
	if (!keeping_tell(g->links.keeping, WIRE_KEEP, buf_span(&out), NULL))
		metrics_add(g->links.metrics, METRIC_CASES_DROPPED, 1, METRICS_PLAIN);
	return id;
}

/* Greylisting. */

static void tell_tried(struct gatekeeper *g, enum tuple_kind kind, struct span key)
{
	struct buf out;
	buf_init(&out, &g->scratch, LIMIT_CHANNEL_PAYLOAD);
	record_put_number(&out, kind);
	record_put_text(&out, key);
	keeping_tell(g->links.keeping, WIRE_TRIED, buf_span(&out), NULL);
}

static enum greylist_says greylist(struct note *note, struct span spf_domain, int64_t *ret_wait)
{
	struct gatekeeper *g = note->keeper;
	const struct gate_visit *visit = note->visit;
	struct span who = greylist_responsible(&visit->ip, spf_domain, &g->scratch);
	struct span key = greylist_tried_key(who, visit->mail_from, visit->recipient, &g->scratch);
	struct tuple tried, passed;
	int64_t now = clock_now(), delay = note->keeper->service->settings.gate.greylist_delay / 1000;
	bool has_tried = seen(g, TUPLE_TRIED, key, &tried), has_passed = seen(g, TUPLE_GREYLIST, who, &passed);
	enum greylist_says says = greylist_look(has_tried ? &tried : NULL, has_passed ? &passed : NULL, now, delay);
	if (says == GREYLIST_NEW)
		tell_tried(g, TUPLE_TRIED, key);
	else if (says == GREYLIST_PASSES || says == GREYLIST_KNOWN)
		tell_tried(g, TUPLE_GREYLIST, who);
	*ret_wait = greylist_wait(has_tried ? &tried : NULL, now, delay);
	return says;
}

/* Deciding. */

static void count(const struct gatekeeper *g, enum gate_stage stage, const struct gate_decision *d)
{
	metrics_add(g->links.metrics, METRIC_GATE, 1, (struct metrics_at){ stage, d->answer, d->cause });
	if (d->would != d->answer)
		metrics_add(g->links.metrics, METRIC_GATE_WATCHED, 1, (struct metrics_at){ stage, d->would, 0 });
}

/* Everything that is known now, weighed. */
static struct gate_findings examine(const struct gate_facts *facts)
{
	struct gate_findings findings = { .set.arena = facts->arena };
	gate_examine(facts, &findings);
	return findings;
}

/* Is it this recipient's turn to be put off? */
static bool is_grey(const struct gate_facts *facts, const struct gate_findings *findings, enum gate_stage stage)
{
	return stage == GATE_RCPT && facts->settings->gate.mode[GATE_TEST_GREYLIST] && gate_is_grey(facts, findings);
}

/* From what was found to visit->reply. spf_domain: who vouches, where it is grey. */
static void decide(struct note *note, enum gate_stage stage, const struct gate_facts *facts, const struct gate_findings *findings,
		   bool grey, struct span spf_domain)
{
	struct gatekeeper *g = note->keeper;
	struct gate_visit *visit = note->visit;
	struct gate_decision decision;
	enum greylist_says says = GREYLIST_KNOWN;
	int64_t wait = 0;
	if (grey)
		says = greylist(note, spf_domain, &wait);
	gate_decide(facts, findings, stage, says, &decision);
	count(g, stage, &decision);
	if (decision.answer != GATE_PASS)
		note->cause = decision.cause;
	if (g->lists.book && note->began && stage == GATE_HELO)
		list_book_observe(g->lists.book, &note->answers);
	struct span id = decision.answer == GATE_PASS ? span_none : keep_case(g, facts, findings, &decision);
	memmove(visit->id, id.n ? id.p : (const uint8_t *)"", id.n);
	visit->id[id.n] = 0;
	gate_reply_write(facts, findings, &decision, id, wait, &visit->reply);
	if (stage == GATE_HELO && !findings->set.list.n && !findings->set.unchecked.n) {
		note->clean = true;
		note->began = 0;
		note->answers = (struct answers){ 0 };
		arena_release(&note->arena);
	}
	if (stage == GATE_CONNECT && decision.answer == GATE_PASS && !note->known.passed && !visit->trusted && !visit->inner) {
		visit->reply.delay_ms = (uint32_t)facts->settings->gate.greet_delay;
		visit->reply.teaser = facts->settings->gate.greet_delay > 0;
	}
}

/* Puts what is not known yet; true: a round is open now. */
static bool ask(struct note *note, const struct questions *questions)
{
	struct asker_call call = { .answers = &note->answers, .arena = &note->arena, .context = note };
	if (!note->began)
		note->began = clock_microseconds();
	call.began = note->began;
	note->asking = askers_ask(&note->keeper->askers, questions, &call);
	return note->asking;
}

/* Everything about the address; true: a round is open. */
static bool ask_about_client(struct note *note)
{
	struct gatekeeper *g = note->keeper;
	for (;;) {
		struct questions questions = { .arena = &note->arena };
		struct gate_facts facts = facts_of(note, note->visit, &note->arena);
		facts.answers = &note->answers;
		if (!g->askers.newest || !gate_ask(&facts, &questions))
			return false;
		if (ask(note, &questions))
			return true;
	}
}

/* Whom SPF vouches for (RFC 7208 section 4); true: a round is open. */
static bool ask_spf(struct note *note, struct span *ret_domain)
{
	struct gatekeeper *g = note->keeper;
	const struct gate_visit *visit = note->visit;
	size_t at = span_find_byte(visit->mail_from, '@', 0);
	struct spf_query query = { .ip = visit->ip, .helo = visit->helo, .now = clock_now() };
	*ret_domain = span_none;
	if (!gatekeeper_askers(g))
		return false;
	query.domain = at == SPAN_NPOS ? visit->helo : span_skip(visit->mail_from, at + 1);
	query.sender = at == SPAN_NPOS ? arena_join(&g->scratch, SPAN("postmaster@"), visit->helo) : visit->mail_from;
	for (;;) {
		struct questions questions = { .arena = &note->arena };
		struct spf spf;
		if (spf_check(&query, &note->answers, &questions, &g->scratch, &spf) == AUTH_DONE) {
			*ret_domain = spf.result == SPF_PASS ? spf.domain : span_none;
			return false;
		}
		if (ask(note, &questions))
			return true;
	}
}

/* Goes on with a stage; false: a round is open, and it comes again. */
static bool go_on(struct note *note, enum gate_stage stage)
{
	struct span spf_domain = span_none;
	arena_reset(&note->keeper->scratch);
	unfold(note);
	note->waits = stage;
	if (!note->clean && (note->asking || ask_about_client(note)))
		return false;
	struct gate_facts facts = facts_of(note, note->visit, &note->keeper->scratch);
	struct gate_findings findings = examine(&facts);
	bool grey = is_grey(&facts, &findings, stage);
	if (grey && !gate_is_role(note->visit->recipient) && ask_spf(note, &spf_domain))
		return false;
	note->waits = GATE_STAGES;
	facts = facts_of(note, note->visit, &note->keeper->scratch); /* the case keeps what SPF was answered, too */
	decide(note, stage, &facts, &findings, grey, spf_domain);
	return true;
}

/* Nearly all of a flood: on a list of one's own, and its case is told already or too many were. The same words as of decide, without
 * weighing what is decided. */
static bool refuse_at_once(struct note *note)
{
	struct gatekeeper *g = note->keeper;
	struct gate_visit *visit = note->visit;
	bool trap = note->known.listed == GATE_LISTED_TRAP;
	struct gate_facts facts = facts_of(note, visit, &g->scratch);
	struct gate_findings findings = { .set.arena = &g->scratch };
	struct gate_decision decision = { .answer = GATE_REFUSE, .would = GATE_REFUSE, .cause = trap ? GATE_BY_TRAP : GATE_BY_LIST };
	const struct told *told = told_of(g, &visit->ip);
	int64_t now = clock_now();
	bool knows = is_told(told, &visit->ip, now);
	if (note->known.listed == GATE_NOT_LISTED || note->known.listed == GATE_LISTED_ALLOW ||
	    gate_mode(&facts, trap ? GATE_TEST_TRAP : GATE_TEST_BLOCKED) != GATE_ENFORCE ||
	    (!knows && (g->second != now || g->cases < GATE_CASES)))
		return false;
	gate_test_known(&facts, &findings);
	count(g, GATE_CONNECT, &decision);
	note->cause = decision.cause;
	gate_reply_write(&facts, &findings, &decision, knows ? span_of(told->id, sizeof told->id) : span_none, 0, &visit->reply);
	return true;
}

/* The questions are ahead of the stage that needs their answers. */
static void ask_ahead(struct note *note)
{
	if (!ask_about_client(note) && note->began)
		fold(note);
}

/* Nobody waits: who is on one's own lists costs no note. */
static bool connect(struct gatekeeper *g, struct gate_visit *visit)
{
	struct note *note = note_new(g, visit);
	struct address_listing listing;
	struct network_entry place;
	const struct settings_gate *settings = &g->service->settings.gate;
	struct gate_limits limits = { (uint32_t)settings->rate, (uint32_t)settings->crowd };
	if (!visit->trusted)
		look_at_lists(note, &listing);
	bool listed = note->known.listed != GATE_NOT_LISTED;
	uint32_t as = !listed && g->links.places && network_find(g->links.places, &visit->ip, &place) ? place.as : 0;
	arena_reset(&g->scratch);
	note->attempting = !visit->inner;
	g->links.stages->n[STAGE_OFFERED] += note->attempting;
	if (!visit->trusted && !visit->inner && !listed) {
		note->load = gate_counters_enter(g->counters, &visit->ip, as, &limits, clock_microseconds() / 1000);
		note->entered = true;
	}
	if (!visit->trusted && !listed)
		look_up(note);
	if (!refuse_at_once(note)) {
		struct gate_facts facts = facts_of(note, visit, &g->scratch);
		struct gate_findings findings = examine(&facts);
		decide(note, GATE_CONNECT, &facts, &findings, false, span_none);
	}
	note->known.note = span_none; /* of the list, which may change; an address that stands on none has none */
	if (visit->reply.answer == GATE_PASS && !visit->trusted)
		ask_ahead(note);
	return true;
}

/* What became of an attempt that brought no message. */
static enum stage end_of(enum gate_cause cause)
{
	static const enum stage ends[GATE_CAUSES] = {
		[GATE_BY_NOTHING] = STAGE_GONE,      [GATE_BY_LIST] = STAGE_REFUSED_LIST,   [GATE_BY_TRAP] = STAGE_REFUSED_TRAP,
		[GATE_BY_LOAD] = STAGE_PUT_OFF_LOAD, [GATE_BY_SCORE] = STAGE_REFUSED_SCORE, [GATE_BY_GREYLIST] = STAGE_PUT_OFF_GREYLIST,
	};
	return ends[cause];
}

static void begin_message(struct gatekeeper *g, struct note *note)
{
	uint64_t *n = g->links.stages->n;
	n[STAGE_PASSED]++;
	n[STAGE_OFFERED] += !note->attempting; /* one more in the same connection */
	note->attempting = false;
	note->passed++;
}

static bool leave(struct gatekeeper *g, struct gate_visit *visit)
{
	struct note *note = visit->gate;
	visit->gate = NULL;
	if (!note)
		return true;
	if (note->entered)
		gate_counters_leave(g->counters, &visit->ip, note->load.as);
	g->links.stages->n[end_of(note->cause)] += note->attempting;
	g->links.stages->n[STAGE_ABANDONED] += note->passed > visit->judged ? note->passed - visit->judged : 0;
	note->visit = NULL;
	if (!note->asking)
		note_free(note);
	return true;
}

/* One hit a conversation, however many it names; whatever the answer to it will be. */
static void look_at_recipient(struct gatekeeper *g, const struct gate_visit *visit)
{
	struct note *note = visit->gate;
	const struct trap_look who = { &g->service->settings, g->links.keeping, visit->inner ? DOOR_POLICY : DOOR_SMTP, &visit->ip,
				       visit->helo,           visit->mail_from };
	if (!note->trapped)
		note->trapped = trap_look(&who, visit->recipient);
}

bool gatekeeper_ask(struct gatekeeper *g, struct gate_visit *visit, enum gate_stage stage)
{
	memset(&visit->reply, 0, sizeof visit->reply);
	if (stage == GATE_CONNECT)
		return connect(g, visit);
	if (stage == GATE_END)
		return leave(g, visit);
	if (stage == GATE_DATA && visit->gate && !visit->inner)
		begin_message(g, visit->gate);
	if (stage == GATE_DATA || !visit->gate || visit->trusted || visit->auth_user.n)
		return true;
	if (stage == GATE_RCPT)
		look_at_recipient(g, visit);
	return go_on(visit->gate, stage);
}

uint64_t gatekeeper_forgotten(const struct gatekeeper *g) { return gate_counters_forgotten(g->counters); }

void gatekeeper_turn(struct gatekeeper *g)
{
	struct asker_round *round;
	while ((round = askers_take(&g->askers))) {
		struct note *note = round->context;
		note->asking = false;
		if (!note->visit)
			note_free(note);
		else if (note->waits == GATE_STAGES)
			ask_ahead(note);
		else if (go_on(note, note->waits))
			note->visit->done(note->visit);
	}
}
