/* app/trap_keeper.c - see trap_keeper.h */
#include "app/trap_keeper.h"
#include "app/case_of.h"
#include "app/say.h"
#include "app/wire.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/visible.h"
#include "facts/network.h"
#include "gate/hits.h"
#include "trap/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

/* The file: these bytes, a checksum of the rest, trap_memory_write. */
#define MAGIC "postern trap 1\n"
enum { MAGIC_BYTES = sizeof MAGIC - 1, HEAD_BYTES = MAGIC_BYTES + sizeof(uint64_t), FILE_BYTES = 128 * 1024 * 1024, HOUR = 3600 };

struct trap_keeper {
	struct arena arena; /* of path and database */
	const char *path, *written;
	struct network *places;     /* NULL: there is none */
	struct trap_memory *memory; /* NULL until something is caught */
	bool changed;
	int64_t hour, said; /* that cases are counted in; when the log was told last */
	uint32_t cases;
};

enum { CAME, KEPT_OUT, NOT_KEPT_OUT };

#define G GROUP_TRAP
static const struct evidence_def defs[] = {
	[CAME] = { "trap.came", G, 90000, EVIDENCE_PROOF, "It was handed to a false open relay at {1}, which serves nobody",
		   "Nobody's mail goes that way: who sends there looks for servers to abuse, or abuses one. Not the sender's guilt, "
		   "though: "
		   "sender addresses are mostly forged" },
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

/* The file. */

static int check(struct span file, struct trap_memory *memory)
{
	uint64_t sum;
	struct span rest = span_skip(file, HEAD_BYTES);
	if (file.n < HEAD_BYTES || !span_starts(file, SPAN(MAGIC)))
		return ERR_SYNTAX;
	memcpy(&sum, file.p + MAGIC_BYTES, sizeof sum);
	return XXH3_64bits(rest.p, rest.n) == sum ? trap_memory_read(memory, rest) : ERR_SYNTAX;
}

int trap_keeper_read(const char *data_directory, struct trap_memory *memory)
{
	struct arena arena;
	struct stat is;
	arena_init(&arena);
	int fd = open((const char *)arena_printf(&arena, "%s/trap", data_directory).p, O_RDONLY | O_CLOEXEC);
	int err = fd < 0 && errno == ENOENT ? ERR_NOT_FOUND : fd < 0 || fstat(fd, &is) != 0 ? ERR_IO : ERR_OK;
	if (err == 0 && (is.st_size > FILE_BYTES || !S_ISREG(is.st_mode)))
		err = ERR_SYNTAX;
	if (err == 0) {
		uint8_t *bytes = arena_alloc(&arena, (size_t)is.st_size + 1);
		ssize_t n = pread(fd, bytes, (size_t)is.st_size, 0);
		err = n == is.st_size ? check(span_of(bytes, (size_t)n), memory) : ERR_IO;
	}
	if (fd >= 0)
		close(fd);
	arena_release(&arena);
	return err;
}

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
	int err = trap_keeper_read(t->path, t->memory);
	if (err != 0 && err != ERR_NOT_FOUND) {
		say(LOG_ERR, "trap", "%s/trap cannot be read: what was known of scanners is begun anew", t->path);
		trap_memory_free(t->memory);
		t->memory = new_memory();
	}
	return t->memory;
}

static bool write_file(const char *path, struct span bytes)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool ok = fd >= 0;
	while (ok && bytes.n) {
		ssize_t n = write(fd, bytes.p, bytes.n);
		ok = n > 0;
		bytes = span_skip(bytes, ok ? (size_t)n : 0);
	}
	ok = ok && fsync(fd) == 0;
	return fd >= 0 && close(fd) == 0 && ok;
}

void trap_keeper_save(struct trap_keeper *t)
{
	struct arena arena;
	struct buf out;
	uint64_t sum = 0;
	if (!t->memory || !t->changed)
		return;
	arena_init(&arena);
	buf_init(&out, &arena, FILE_BYTES);
	buf_put(&out, SPAN(MAGIC));
	buf_put(&out, span_of(&sum, sizeof sum));
	trap_memory_write(t->memory, &out);
	sum = XXH3_64bits(out.p + HEAD_BYTES, out.n - HEAD_BYTES);
	memcpy(out.p + MAGIC_BYTES, &sum, sizeof sum);
	const char *path = (const char *)arena_printf(&arena, "%s/trap", t->path).p;
	const char *beside = (const char *)arena_printf(&arena, "%s/trap.new", t->path).p;
	t->changed = out.full || !write_file(beside, buf_span(&out)) || rename(beside, path) != 0;
	if (t->changed)
		say(LOG_ERR, "trap", "%s cannot be written: %s", path, strerror(errno));
	arena_release(&arena);
}

/* Keeping out. */

static struct ip_net net_of(const struct ip *ip) { return (struct ip_net){ .ip = *ip, .bits = ip_is_v4(ip) ? 128 : 64 }; }

static enum guard_answer guard(const struct trap_keeper *t, const struct trap_keeper_links *links, const struct ip *ip,
			       const char **ret_why)
{
	const struct settings_nets *own[] = { &links->settings->trusted_networks, &links->settings->internal_networks };
	struct network_entry place = { 0 };
	struct tuple known;
	struct guard_question question = { .net = net_of(ip) };
	if (t->places && network_find(t->places, ip, &place))
		question.as = place.as;
	question.corresponds = links->tuples && tuples_get(links->tuples, TUPLE_SERVER, span_of(ip, sizeof *ip), clock_now(), &known) == 0;
	enum guard_answer answer = GUARD_YES;
	for (size_t i = 0; i < 2 && answer == GUARD_YES; i++) {
		question.own = own[i]->v;
		question.n_own = own[i]->n;
		answer = guard_judge(&question, ret_why);
	}
	if (answer == GUARD_YES && !t->places) {
		*ret_why = "there is no location database to tell whether it is a mail provider's";
		answer = GUARD_ASK;
	}
	return answer;
}

/* As the live set has them; what is not the trap's own is nobody's hit. */
static struct hits hits_of(const struct address_live_entry *entry)
{
	struct hits hits = { .first = entry->since, .last = 1, .count = entry->hits };
	hits.last = entry->expires - (hits_expires(&hits) - 1);
	return hits;
}

static bool is_ours(const struct address_live_entry *entry)
{
	return strcmp(entry->class, ADDRESS_CLASS_TRAP) == 0 && !entry->net.exclude && entry->expires != CLOCK_NONE && entry->hits;
}

/* Once a second, so that a flood fills no disk. */
static void tell_log(struct trap_keeper *t, const struct ip *ip, const char *what)
{
	char text[IP_TEXT_MAX];
	int64_t now = clock_now();
	if (t->said == now)
		return;
	t->said = now;
	say(LOG_NOTICE, "trap", "%.*s came to the trap: %s", (int)ip_format(ip, text), text, what);
}

static void keep_out(struct trap_keeper *t, const struct trap_keeper_links *links, const struct ip *ip)
{
	const char *why;
	int64_t now = clock_now();
	struct hits hits = { 0 };
	struct address_live_entry entry;
	struct ip_net net = net_of(ip);
	if (guard(t, links, ip, &why) != GUARD_YES || !links->live) {
		tell_log(t, ip, links->live ? why : "there is no list of addresses to put it on");
		return;
	}
	if (address_live_find(links->live, ip, now, &entry) && !is_ours(&entry))
		return;                                                     /* somebody said what becomes of it, or of its network */
	if (address_live_get(links->live, &net, &entry) && is_ours(&entry)) /* which may have expired */
		hits = hits_of(&entry);
	hits_add(&hits, now);
	entry = (struct address_live_entry){ .net = net, .class = ADDRESS_CLASS_TRAP, .since = hits.first, .hits = hits.count };
	entry.expires = hits_expires(&hits);
	snprintf(entry.note, sizeof entry.note, "used a false open relay, %u time(s) of late", (hits.count + HITS_ONE / 2) / HITS_ONE);
	if (address_live_put(links->live, &entry, now) != 0)
		tell_log(t, ip, "the list of addresses is full");
	else
		tell_log(t, ip, "it is kept out at the gate");
}

/* Judging. */

/* Hits of before: that of this conversation has been counted already. */
static struct trap_where where_of(const struct trap_keeper *t, const struct trap_keeper_links *links, const struct ip *ip,
				  struct address_live_entry *entry, bool *ret_ours)
{
	struct trap_where where = { 0 };
	struct network_entry place;
	if (t->places && network_find(t->places, ip, &place)) {
		memcpy(where.country, place.country, sizeof where.country);
		where.as = place.as;
	}
	bool found = links->live && address_live_find(links->live, ip, clock_now(), entry);
	*ret_ours = found && is_ours(entry);
	where.listed = found && !entry->net.exclude && (!is_ours(entry) || entry->hits > HITS_ONE);
	return where;
}

static void note_kind(const struct trap_keeper_links *links, struct address_live_entry *entry, const struct trap_told *told)
{
	snprintf(entry->note, sizeof entry->note, "%s%s%.24s, %u time(s) of late", probe_kind_name(told->judgement.kind),
		 told->family[0] ? " of family " : "", told->family, (entry->hits + HITS_ONE / 2) / HITS_ONE);
	address_live_put(links->live, entry, clock_now());
}

static bool keep_case(struct trap_keeper *t, const struct trap_keeper_links *links, const struct wire_hit *hit,
		      const struct reading *reading, struct evidence_set *evidence, struct span message)
{
	const struct settings *s = links->settings;
	struct arena *arena = evidence->arena;
	struct verdict_thresholds thresholds = { .prior = s->prior, .mark = s->mark, .quarantine = s->quarantine, .reject = s->reject };
	char id[CASEFILE_ID];
	struct buf record;
	int64_t hour = clock_now() / HOUR;
	t->cases = hour == t->hour ? t->cases : 0;
	t->hour = hour;
	if (!links->store || t->cases >= TRAP_KEEPER_CASES || !case_new_id(id))
		return false;
	t->cases++;
	struct casefile c = {
		.id = span_of(id, sizeof id),
		.door = SPAN("trap"),
		.reference_time = CLOCK_NONE,
		.has_ip = true,
		.ip = reading->ip,
		.helo = visible_text(reading->helo, CASEFILE_SHOWN, arena),
		.mail_from = reading->mail_from,
		.subject = visible_text(reading->subject, CASEFILE_SHOWN, arena),
		.bytes = (uint32_t)message.n,
		.evidence = *evidence,
		.verdict = verdict_judge(evidence, &thresholds),
		.disposition = DISPOSITION_STORE,
		.generations = case_generations(s, arena),
	};
	memcpy(c.fingerprint, hit->fingerprint, sizeof c.fingerprint);
	for (uint32_t i = 0; i < reading->n_kept; i++)
		*(struct casefile_recipient *)vec_push(arena, &c.recipients) = (struct casefile_recipient){ reading->recipients[i], true };
	buf_init(&record, arena, LIMIT_CHANNEL_PAYLOAD);
	casefile_write(&c, &record);
	return store_add(links->store, &(struct store_entry){ .record = buf_span(&record), .content = message, .casefile = &c }) == 0;
}

/* A transaction is over. */
static bool judge(struct trap_keeper *t, const struct trap_keeper_links *links, const struct wire_hit *hit, const struct reading *reading,
		  struct span message, struct arena *arena)
{
	struct evidence_set evidence = { .arena = arena };
	struct address_live_entry entry;
	struct trap_told told;
	bool ours;
	char ip[IP_TEXT_MAX], own[IP_TEXT_MAX], until[CLOCK_TEXT_MAX];
	const char *why = "";
	struct trap_where where = where_of(t, links, &reading->ip, &entry, &ours);
	trap_memory_see(memory_of(t), reading, &where, &evidence, &told);
	t->changed = true;
	struct span who = span_of(ip, ip_format(&reading->ip, ip));
	evidence_add(&evidence, &defs[CAME], span_of(own, ip_format(&reading->own, own)), span_none, span_none);
	if (ours) {
		note_kind(links, &entry, &told);
		evidence_add(&evidence, &defs[KEPT_OUT], who, span_of(until, clock_format(entry.expires, until)), span_none);
	} else if (guard(t, links, &reading->ip, &why) != GUARD_YES) {
		evidence_add(&evidence, &defs[NOT_KEPT_OUT], who, span_cstr(why), span_none);
	}
	return keep_case(t, links, hit, reading, &evidence, message);
}

int trap_keeper_hear(struct trap_keeper *t, const struct trap_keeper_links *links, struct span payload, struct spool *message,
		     struct arena *arena)
{
	struct wire_hit hit;
	struct reading reading;
	if (wire_hit(payload, &hit) != 0 || reading_read(hit.reading, arena, &reading) != 0)
		return ERR_SYNTAX;
	if (!hit.over) {
		keep_out(t, links, &reading.ip);
		return 0;
	}
	return judge(t, links, &hit, &reading, message ? spool_span(message) : span_none, arena);
}
