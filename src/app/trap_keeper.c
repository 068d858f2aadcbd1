/* app/trap_keeper.c - see trap_keeper.h */
#include "app/trap_keeper.h"
#include "app/case_of.h"
#include "app/say.h"
#include "app/trap_file.h"
#include "app/trap_gate.h"
#include "app/wire.h"
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
	const char *path, *written;
	struct network *places;     /* NULL: there is none */
	struct trap_memory *memory; /* NULL until something is caught */
	bool changed;
	int64_t hour, said; /* that cases are counted in; when the log was told last */
	uint32_t cases;
};

enum { CAME, NAMED, SHOWN, KEPT_OUT, NOT_KEPT_OUT };

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
	[KEPT_OUT] = { "trap.kept_out", G, 0, 0, "The gate keeps {1} out until {2}", "What was done, not a reason" },
	[NOT_KEPT_OUT] = { "trap.not_kept_out", G, 0, 0, "The gate does not keep {1} out without your word: {2}",
			   "What was not done, and why" },
};
#undef G

struct trap_keeper *trap_keeper_new(const char *data_directory, const struct settings *settings)
{
	struct trap_keeper *t = calloc(1, sizeof *t);
	struct span error, path = settings->network_database;
	if (!t)
		abort();
	arena_init(&t->arena);
	t->path = (const char *)arena_printf(&t->arena, "%s", data_directory).p;
	if (network_open(path.n ? (const char *)path.p : NETWORK_PACKAGED, &t->arena, &t->places, &error) != 0)
		t->places = NULL;
	if (!t->places && settings->listen_trap.n)
		say(LOG_WARNING, "trap",
		    "without a location database no mail provider is recognised: whoever comes to the trap is told, but not kept out");
	return t;
}

void trap_keeper_free(struct trap_keeper *t)
{
	if (!t)
		return;
	network_close(t->places);
	trap_memory_free(t->memory);
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

static struct trap_gate gate_of(const struct trap_keeper *t, const struct trap_keeper_links *links)
{
	return (struct trap_gate){ links->settings, t->places, links->tuples, links->live };
}

/* False: it was told within the minute. One line in the log a second, so that a flood fills no disk. */
static bool hit(struct trap_keeper *t, const struct trap_keeper_links *links, const struct trap_hit *hit)
{
	char text[IP_TEXT_MAX];
	const char *why;
	int64_t now = clock_now();
	struct trap_gate gate = gate_of(t, links);
	enum trap_gate_did did = trap_gate_hit(&gate, hit, &why);
	if (t->said != now && did != TRAP_GATE_GATHERED)
		say(LOG_NOTICE, "trap", "%.*s %s: %s", (int)ip_format(&hit->ip, text), text, hit->what, why);
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
	where.listed = found && !entry.net.exclude && (!trap_gate_is_ours(&entry) || entry.hits > HITS_ONE);
	return where;
}

static void note_kind(const struct trap_keeper_links *links, struct address_live_entry *entry, const struct trap_told *told)
{
	snprintf(entry->note, sizeof entry->note, "%s%s%.24s, %u time(s) of late", probe_kind_name(told->judgement.kind),
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
static bool keep_case(struct trap_keeper *t, const struct trap_keeper_links *links, struct casefile *case_, struct span message)
{
	const struct settings *s = links->settings;
	struct arena *arena = case_->evidence.arena;
	struct verdict_thresholds thresholds = { .prior = s->prior, .mark = s->mark, .quarantine = s->quarantine, .reject = s->reject };
	char id[CASEFILE_ID];
	struct buf record;
	if (!has_room(t, links, id))
		return false;
	case_->id = span_of(id, sizeof id);
	case_->reference_time = CLOCK_NONE;
	case_->has_ip = true;
	case_->bytes = (uint32_t)message.n;
	case_->verdict = verdict_judge(&case_->evidence, &thresholds);
	case_->generations = case_generations(s, arena);
	buf_init(&record, arena, LIMIT_CHANNEL_PAYLOAD);
	casefile_write(case_, &record);
	return store_add(links->store, &(struct store_entry){ .record = buf_span(&record), .content = message, .casefile = case_ }) == 0;
}

/* What became of the address. told: NULL where no message tells the kind. */
static void tell_gate(const struct trap_keeper *t, const struct trap_keeper_links *links, const struct ip *ip, const struct trap_told *told,
		      struct evidence_set *evidence)
{
	struct trap_gate gate = gate_of(t, links);
	struct address_live_entry entry;
	char who[IP_TEXT_MAX], until[CLOCK_TEXT_MAX];
	const char *why = "";
	struct span address = span_of(who, ip_format(ip, who));
	if (links->live && address_live_find(links->live, ip, clock_now(), &entry) && trap_gate_is_ours(&entry)) {
		if (told)
			note_kind(links, &entry, told);
		evidence_add(evidence, &defs[KEPT_OUT], address, span_of(until, clock_format(entry.expires, until)), span_none);
	} else if (trap_gate_guard(&gate, ip, &why) != GUARD_YES) {
		evidence_add(evidence, &defs[NOT_KEPT_OUT], address, span_cstr(why), span_none);
	}
}

/* A transaction is over. */
static bool judge(struct trap_keeper *t, const struct trap_keeper_links *links, const struct wire_hit *hit, const struct reading *reading,
		  struct span message, struct arena *arena)
{
	struct casefile c = { .evidence = { .arena = arena }, .door = SPAN("trap"), .disposition = DISPOSITION_STORE, .ip = reading->ip };
	struct trap_told told;
	char own[IP_TEXT_MAX];
	struct trap_where where = where_of(t, links, &reading->ip);
	trap_memory_see(memory_of(t), reading, &where, &c.evidence, &told);
	t->changed = true;
	evidence_add(&c.evidence, &defs[CAME], span_of(own, ip_format(&reading->own, own)), span_none, span_none);
	tell_gate(t, links, &reading->ip, &told, &c.evidence);
	c.helo = visible_text(reading->helo, CASEFILE_SHOWN, arena);
	c.mail_from = reading->mail_from;
	c.subject = visible_text(reading->subject, CASEFILE_SHOWN, arena);
	memcpy(c.fingerprint, hit->fingerprint, sizeof c.fingerprint);
	for (uint32_t i = 0; i < reading->n_kept; i++)
		*(struct casefile_recipient *)vec_push(arena, &c.recipients) = (struct casefile_recipient){ reading->recipients[i], true };
	return keep_case(t, links, &c, message);
}

int trap_keeper_hear(struct trap_keeper *t, const struct trap_keeper_links *links, struct span payload, struct spool *message,
		     struct arena *arena)
{
	struct wire_hit caught;
	struct reading reading;
	if (wire_hit(payload, &caught) != 0 || reading_read(caught.reading, arena, &reading) != 0)
		return ERR_SYNTAX;
	if (!caught.over) {
		hit(t, links, &(struct trap_hit){ .ip = reading.ip, .what = "used a false open relay" });
		return 0;
	}
	return judge(t, links, &caught, &reading, message ? spool_span(message) : span_none, arena);
}

/* Of a whole message the door that judges it keeps the case. */
static bool is_whole(enum session_door door) { return door != DOOR_POLICY && door != DOOR_SMTP && door != DOOR_LMTP; }

int trap_keeper_trapped(struct trap_keeper *t, const struct trap_keeper_links *links, struct span payload, struct arena *arena)
{
	struct wire_trapped told;
	char who[IP_TEXT_MAX], when[CLOCK_TEXT_MAX];
	if (wire_trapped(payload, &told) != 0)
		return ERR_SYNTAX;
	int64_t now = clock_now();
	used_see(memory_of(t)->used, &(struct used_sight){ visible_text(told.recipient, CASEFILE_SHOWN, arena),
							   visible_text(told.mail_from, CASEFILE_SHOWN, arena), told.ip, now,
							   told.planted ? &told.shown : NULL });
	t->changed = true;
	bool first = hit(t, links, &(struct trap_hit){ .ip = told.ip, .what = "wrote to a trap recipient", .gathered = true });
	if (!first || is_whole(told.door))
		return 0;
	struct casefile c = { .evidence = { .arena = arena },
			      .door = span_cstr(session_door_name(told.door)),
			      .disposition = DISPOSITION_DELIVER,
			      .ip = told.ip,
			      .helo = visible_text(told.helo, CASEFILE_SHOWN, arena),
			      .mail_from = told.mail_from };
	clock_format(told.shown.time, when);
	evidence_add(&c.evidence, &defs[told.planted ? SHOWN : NAMED], told.recipient, span_of(who, ip_format(&told.shown.visitor, who)),
		     span_first(span_cstr(when), 10));
	tell_gate(t, links, &told.ip, NULL, &c.evidence);
	*(struct casefile_recipient *)vec_push(arena, &c.recipients) = (struct casefile_recipient){ .address = told.recipient };
	return keep_case(t, links, &c, span_none);
}
