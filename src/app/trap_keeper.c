/* app/trap_keeper.c - see trap_keeper.h */
#include "app/trap_keeper.h"
#include "app/case_of.h"
#include "app/say.h"
#include "app/trap_file.h"
#include "app/trap_gate.h"
#include "app/trap_lessons.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/visible.h"
#include "facts/network.h"
#include "gate/hits.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

enum { HOUR = 3600 };

struct trap_keeper {
	struct arena arena; /* of path and database */
	const char *path;
	struct network *places;     /* NULL: there is none */
	struct trap_memory *memory; /* NULL until something is caught */
	struct trap_names *names;
	struct trap_pace pace;
	bool changed;
	int64_t hour, said; /* that cases are counted in; when the log was told last */
	uint32_t cases;
	struct trap_lessons lessons;
};

enum { CAME, NAMED, SHOWN, LISTED, KEPT_OUT, NOT_KEPT_OUT, TAUGHT };

#define G GROUP_TRAP
static const struct evidence_def defs[] = {
	[CAME] = { "trap.came", G, 90000, EVIDENCE_PROOF, "It was handed to a false open relay at {1}, which serves nobody",
		   "Nobody's mail goes that way: who sends there looks for servers to abuse, or abuses one. Not the sender's guilt, "
		   "though: "
		   "sender addresses are mostly forged" },
	[NAMED] = { "trap.recipient", G, 4500, 0, "It was to be sent to {1}, which never was anybody's address",
		    "As trap_recipient.named" },
	[SHOWN] = { "trap.planted", G, 5500, 0,
		    "It was to be sent to {1}, an address that was shown to {2} alone, on {3}, for harvesters to find",
		    "As trap_recipient.planted" },
	[LISTED] = { "trap.listed", G, 0, 0, "{1} stood on a list before", "Known already: the trap has nothing to add" },
	[KEPT_OUT] = { "trap.kept_out", G, 0, 0, "The gate keeps {1} out until {2}", "What was done, not a reason" },
	[NOT_KEPT_OUT] = { "trap.not_kept_out", G, 0, 0, "The gate does not keep {1} out without your word: {2}",
			   "What was not done, and why" },
	[TAUGHT] = { "trap.taught", G, 0, 0,
		     "It is learned as spam, because trap_learn says so: `postern learn forget` with its id takes it back",
		     "What was done, not a reason" },
};
#undef G

struct trap_keeper *trap_keeper_new(const char *data_directory, const struct settings *settings)
{
	struct trap_keeper *t = calloc(1, sizeof *t);
	struct span error, path = settings->network_database;
	if (!t)
		abort();
	arena_init(&t->arena);
	t->names = trap_names_new();
	t->path = (const char *)arena_printf(&t->arena, "%s", data_directory).p;
	if (network_open(path.n ? (const char *)path.p : NETWORK_PACKAGED, &t->arena, &t->places, &error) != 0)
		t->places = NULL;
	if (!t->places && settings->listen_trap.n && settings->resolver.kind == RESOLVER_NONE)
		say(LOG_WARNING, "trap",
		    "without a location database and without a resolver no mail provider is recognised: whoever comes to the trap is told, "
		    "but "
		    "not kept out");
	return t;
}

void trap_keeper_free(struct trap_keeper *t)
{
	if (!t)
		return;
	network_close(t->places);
	trap_memory_free(t->memory);
	trap_names_free(t->names);
	arena_release(&t->arena);
	free(t);
}

/* What is remembered. */

static struct trap_memory *new_memory(void)
{
	uint64_t secret;
	if (getrandom(&secret, sizeof secret, 0) != sizeof secret)
		secret = clock_microseconds();
	return trap_memory_new(secret);
}

static struct trap_memory *memory_of(struct trap_keeper *t)
{
	if (t->memory)
		return t->memory;
	t->memory = new_memory();
	int err = trap_file_read(t->path, t->memory);
	if (err != 0 && err != ERR_NOT_FOUND) {
		say(LOG_ERR, "trap", "%s/trap cannot be read: what was known of scanners is begun anew", t->path);
		trap_memory_free(t->memory);
		t->memory = new_memory();
	}
	return t->memory;
}

void trap_keeper_save(struct trap_keeper *t)
{
	if (!t->memory || !t->changed)
		return;
	t->changed = trap_file_write(t->path, t->memory) != 0;
	if (t->changed)
		say(LOG_ERR, "trap", "%s/trap cannot be written: %s", t->path, strerror(errno));
}

/* Keeping out. */

static struct trap_gate gate_of(struct trap_keeper *t, const struct trap_keeper_links *links)
{
	return (struct trap_gate){ links->settings, &t->pace, t->places, links->tuples, links->live };
}

/* False: it was told within the minute. One line in the log a second, so that a flood fills no disk. */
static bool hit(struct trap_keeper *t, const struct trap_keeper_links *links, struct trap_hit hit)
{
	char text[IP_TEXT_MAX];
	const char *why;
	int64_t now = clock_now();
	struct trap_gate gate = gate_of(t, links);
	hit.known = trap_names_find(t->names, &hit.ip, clock_microseconds());
	enum trap_gate_did did = trap_gate_hit(&gate, &hit, &why);
	links->counts->n[STAGE_TRAP_KEPT_OUT + did]++;
	if (t->said != now && did != TRAP_GATE_GATHERED)
		say(LOG_NOTICE, "trap", "%.*s %s: %s", (int)ip_format(&hit.ip, text), text, hit.what, why);
	t->said = now;
	return did != TRAP_GATE_GATHERED;
}

/* Judging. */

/* Hits of before: that of this conversation has been counted already. */
static struct trap_where where_of(const struct trap_keeper *t, const struct trap_keeper_links *links, const struct ip *ip)
{
	struct trap_where where = { 0 };
	struct address_live_entry entry;
	struct network_entry place;
	if (t->places && network_find(t->places, ip, &place)) {
		memcpy(where.country, place.country, sizeof where.country);
		where.as = place.as;
	}
	bool found = links->live && address_live_find(links->live, ip, clock_now(), &entry);
	const struct trap_known *known = trap_names_find(t->names, ip, clock_microseconds());
	where.listed = (known && known->listed) || (found && !entry.net.exclude && (!trap_gate_is_ours(&entry) || entry.hits > HITS_ONE));
	return where;
}

static void note_kind(const struct trap_keeper_links *links, struct address_live_entry *entry, const struct trap_told *told)
{
	snprintf(entry->note, sizeof entry->note, "%s%s%.24s, hits of late: %u", probe_kind_name(told->judgement.kind),
		 told->family[0] ? " of family " : "", told->family, (entry->hits + HITS_ONE / 2) / HITS_ONE);
	address_live_put(links->live, entry, clock_now());
}

/* One more case file this hour? */
static bool has_room(struct trap_keeper *t, const struct trap_keeper_links *links, char ret_id[CASEFILE_ID])
{
	int64_t hour = clock_now() / HOUR;
	t->cases = hour == t->hour ? t->cases : 0;
	t->hour = hour;
	if (!links->store || t->cases >= TRAP_KEEPER_CASES || !case_new_id(ret_id))
		return false;
	t->cases++;
	return true;
}

/* case_: all but what is the same of all that traps tell. */
static bool keep_case(struct trap_keeper *t, const struct trap_keeper_links *links, struct casefile *case_, struct span message,
		      char id[CASEFILE_ID])
{
	const struct settings *s = links->settings;
	struct arena *arena = case_->evidence.arena;
	struct verdict_thresholds thresholds = { .prior = s->prior, .mark = s->mark, .quarantine = s->quarantine, .reject = s->reject };
	struct buf record;
	if (!has_room(t, links, id))
		return false;
	case_->id = span_of(id, CASEFILE_ID);
	case_->reference_time = CLOCK_NONE;
	case_->has_ip = true;
	case_->bytes = (uint32_t)message.n;
	case_->verdict = verdict_judge(&case_->evidence, &thresholds);
	case_->generations = case_generations(s, arena);
	buf_init(&record, arena, LIMIT_CHANNEL_PAYLOAD);
	casefile_write(case_, &record);
	return store_add(links->store, &(struct store_entry){ .record = buf_span(&record), .content = message, .casefile = case_ }) == 0;
}

/* Which name it goes by, where it leads back, and what became of the address. told: NULL where no message tells the kind. */
static void tell_client(struct trap_keeper *t, const struct trap_keeper_links *links, const struct trap_told *told, struct casefile *c)
{
	struct trap_gate gate = gate_of(t, links);
	const struct trap_known *known = trap_names_find(t->names, &c->ip, clock_microseconds());
	struct evidence_set *evidence = &c->evidence;
	struct address_live_entry entry;
	char who[IP_TEXT_MAX], until[CLOCK_TEXT_MAX];
	const char *why = "";
	struct span address = span_of(who, ip_format(&c->ip, who));
	if (known && known->name == GATE_NAME_CONFIRMED)
		c->rdns = visible_text(span_cstr(known->text), CASEFILE_SHOWN, evidence->arena);
	else if (!known || known->name == GATE_NAME_UNKNOWN)
		evidence_unchecked(evidence, "trap.kept_out", "What {1} is called in the DNS could not be found out", address);
	if (known && known->listed)
		evidence_add(evidence, &defs[LISTED], address, span_none, span_none);
	enum trap_gate_did may = trap_gate_may(&gate, &c->ip, known, &why);
	if (links->live && address_live_find(links->live, &c->ip, clock_now(), &entry) && trap_gate_is_ours(&entry)) {
		if (told)
			note_kind(links, &entry, told);
		evidence_add(evidence, &defs[KEPT_OUT], address, span_of(until, clock_format(entry.expires, until)), span_none);
	} else if (may != TRAP_GATE_KEPT_OUT) {
		evidence_add(evidence, &defs[NOT_KEPT_OUT], address, span_cstr(why), span_none);
	}
}

/* Mail that is surely no probe, so much of each operator a day. */
static bool may_teach(struct trap_keeper *t, const struct trap_keeper_links *links, const struct trap_told *told)
{
	return links->settings->trap_learn && links->learn && told->judgement.kind == PROBE_PAYLOAD &&
	       trap_lessons_take(&t->lessons, told->run_by, clock_now());
}

/* A transaction is over. */
static bool judge(struct trap_keeper *t, const struct trap_keeper_links *links, const struct wire_hit *caught,
		  const struct reading *reading, struct spool *spool, struct arena *arena)
{
	struct span message = spool ? spool_span(spool) : span_none;
	char id[CASEFILE_ID];
	struct casefile c = { .evidence = { .arena = arena }, .door = SPAN("trap"), .disposition = DISPOSITION_STORE, .ip = reading->ip };
	struct trap_told told;
	char own[IP_TEXT_MAX];
	struct trap_where where = where_of(t, links, &reading->ip);
	trap_memory_see(memory_of(t), reading, &where, &c.evidence, &told);
	t->changed = true;
	links->counts->n[STAGE_TRAP_PROBE + told.judgement.kind - PROBE_PROBE] += told.judgement.kind != PROBE_NEITHER;
	evidence_add(&c.evidence, &defs[CAME], span_of(own, ip_format(&reading->own, own)), span_none, span_none);
	tell_client(t, links, &told, &c);
	c.helo = visible_text(reading->helo, CASEFILE_SHOWN, arena);
	c.mail_from = reading->mail_from;
	c.subject = visible_text(reading->subject, CASEFILE_SHOWN, arena);
	memcpy(c.fingerprint, caught->fingerprint, sizeof c.fingerprint);
	for (uint32_t i = 0; i < reading->n_kept; i++)
		*(struct casefile_recipient *)vec_push(arena, &c.recipients) = (struct casefile_recipient){ reading->recipients[i], true };
	bool teaches = spool && may_teach(t, links, &told);
	if (teaches)
		evidence_add(&c.evidence, &defs[TAUGHT], span_none, span_none, span_none);
	bool kept = keep_case(t, links, &c, message, id);
	if (teaches && kept)
		links->learn(links->context, span_of(id, sizeof id), spool);
	return kept;
}

/* Of a whole message the door that judges it keeps the case. */
static bool is_whole(enum session_door door) { return door != DOOR_POLICY && door != DOOR_SMTP && door != DOOR_LMTP; }

static bool trapped(struct trap_keeper *t, const struct trap_keeper_links *links, const struct wire_trapped *told, struct arena *arena)
{
	char id[CASEFILE_ID];
	char who[IP_TEXT_MAX], when[CLOCK_TEXT_MAX];
	struct used_sight sight = { .address = visible_text(told->recipient, CASEFILE_SHOWN, arena),
				    .mail_from = visible_text(told->mail_from, CASEFILE_SHOWN, arena),
				    .ip = told->ip,
				    .time = clock_now(),
				    .shown = told->planted ? &told->shown : NULL };
	used_see(memory_of(t)->used, &sight);
	t->changed = true;
	links->counts->n[STAGE_TRAP_RECIPIENT]++;
	bool first = hit(t, links, (struct trap_hit){ .ip = told->ip, .what = "wrote to a trap recipient", .gathered = true });
	if (!first || is_whole(told->door))
		return false;
	struct casefile c = { .evidence = { .arena = arena },
			      .door = span_cstr(session_door_name(told->door)),
			      .disposition = DISPOSITION_DELIVER,
			      .ip = told->ip,
			      .helo = visible_text(told->helo, CASEFILE_SHOWN, arena),
			      .mail_from = told->mail_from };
	clock_format(told->shown.time, when);
	evidence_add(&c.evidence, &defs[told->planted ? SHOWN : NAMED], told->recipient, span_of(who, ip_format(&told->shown.visitor, who)),
		     span_first(span_cstr(when), 10));
	tell_client(t, links, NULL, &c);
	((struct casefile_recipient *)vec_push(arena, &c.recipients))->address = told->recipient;
	return keep_case(t, links, &c, span_none, id);
}

/* What came. */

struct told {
	enum wire_type type;
	struct wire_hit hit; /* WIRE_HIT */
	struct reading reading;
	struct wire_trapped trapped; /* WIRE_TRAPPED */
	struct ip ip;
};

static int read_told(enum wire_type type, struct span payload, struct arena *arena, struct told *ret)
{
	ret->type = type;
	if (type == WIRE_HIT) {
		if (wire_hit(payload, &ret->hit) != 0 || reading_read(ret->hit.reading, arena, &ret->reading) != 0)
			return ERR_SYNTAX;
		ret->ip = ret->reading.ip;
		ret->reading.time = clock_now(); /* its own is what it says */
		return ERR_OK;
	}
	if (wire_trapped(payload, &ret->trapped) != 0)
		return ERR_SYNTAX;
	ret->ip = ret->trapped.ip;
	return ERR_OK;
}

/* Now it is known who it is, as far as it can be. */
static bool handle(struct trap_keeper *t, const struct trap_keeper_links *links, const struct told *told, struct spool *message,
		   struct arena *arena)
{
	if (told->type == WIRE_TRAPPED)
		return trapped(t, links, &told->trapped, arena);
	if (told->hit.over)
		return judge(t, links, &told->hit, &told->reading, message, arena);
	links->counts->n[STAGE_TRAP_HIT]++;
	hit(t, links, (struct trap_hit){ .ip = told->ip, .what = "used a false open relay" });
	return false;
}

/* What waits for a name keeps its order. */
static bool put_aside(struct trap_keeper *t, const struct trap_keeper_links *links, const struct told *told, struct span payload,
		      struct spool *message)
{
	uint64_t now = clock_microseconds();
	if (!trap_names_waits(t->names, &told->ip) &&
	    (trap_names_find(t->names, &told->ip, now) || !links->ask || !links->ask(links->context, &told->ip)))
		return false;
	return trap_names_wait(t->names, &told->ip, told->type, payload, message, now);
}

int trap_keeper_hear(struct trap_keeper *t, const struct trap_keeper_links *links, enum wire_type type, struct span payload,
		     struct spool *message, struct arena *arena)
{
	struct told told;
	if (read_told(type, payload, arena, &told) != 0)
		return ERR_SYNTAX;
	return !put_aside(t, links, &told, payload, message) && handle(t, links, &told, message, arena);
}

int trap_keeper_learn(struct trap_keeper *t, struct span payload)
{
	struct wire_known known;
	if (wire_known(payload, &known) != 0)
		return ERR_SYNTAX;
	trap_names_learn(t->names, &known, clock_microseconds());
	return ERR_OK;
}

int trap_keeper_turn(struct trap_keeper *t, const struct trap_keeper_links *links, struct arena *arena)
{
	struct trap_waiting *waiting;
	struct told told;
	int cases = 0;
	while (trap_names_next(t->names, clock_microseconds(), &waiting)) {
		arena_reset(arena);
		if (read_told(waiting->type, span_of(waiting->payload, waiting->n), arena, &told) == 0)
			cases += handle(t, links, &told, waiting->message, arena);
		trap_names_done(waiting);
	}
	return cases;
}

bool trap_keeper_busy(const struct trap_keeper *t) { return trap_names_busy(t->names); }
