/* net/resolver.c - see resolver.h. libunbound's event interface: one context on the asker's loop; its callbacks may fire inside
 * ub_resolve_event, which is how answers from the cache come. */
#include "net/resolver.h"
#include "base/ascii.h"
#include "base/clock.h"
#include "base/err.h"
#include "net/dns_packet.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <net/if.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unbound-event.h>
#include <unbound.h>

enum {
	NAME_BYTES = 253,    /* RFC 1035 2.3.4, as text without final dot */
	SILENT = 4,          /* questions in a row without an answer: is anybody there? */
	PROBE_PRESET = 2000, /* milliseconds */
	MUTED_PRESET = 30000,
	PROBES_APART = 3,    /* times what one may take */
	SOCKETS_LEAST = 16,  /* questions on their way at a time; more wait in libunbound */
	SOCKETS_MOST = 1024, /* a thousand messages that each wait for one answer */
	POLL_MICROSECONDS = 100000,
	KEY_BYTES = 4096, /* one DNSKEY as text: RSA of 4,096 bits takes 700 */
};

enum health { WELL, PROBED, MUTED, PROBED_MUTED };

struct lookup {
	struct resolver *resolver;
	struct lookup *next, **link;
	resolver_done *done; /* NULL: given up */
	void *context;
	bool *gone; /* while it is being asked: set when the answer came meanwhile */
};

struct resolver {
	struct resolver_options options;
	struct event_base *base;
	struct ub_ctx *ctx;  /* NULL until the first question */
	struct span trouble; /* why ctx could not be made; span_none */
	bool closing;
	struct lookup *lookups;
	/* health */
	enum health health;
	unsigned silent;
	struct event timer; /* of the probe, or of the muting */
	unsigned n_probes;
	uint64_t next_probe; /* clock_microseconds() */
	uint64_t next_poll;
};

bool resolver_can_ask(struct span name)
{
	if (span_ends(name, SPAN(".")))
		name.n--;
	if (name.n == 0 || name.n > NAME_BYTES)
		return false;
	for (size_t from = 0, at = 0; at <= name.n; at++)
		if (at == name.n || name.p[at] == '.') {
			if (at == from || at - from > 63)
				return false;
			from = at + 1;
		}
	return true;
}

static void on_timer(evutil_socket_t none, short what, void *context);

int resolver_new(const struct resolver_options *options, struct event_base *base, struct arena *arena, struct resolver **ret_resolver,
		 struct span *ret_error)
{
	for (size_t i = 0; i < options->n_servers; i++)
		if (!settings_server_ok(options->servers[i])) {
			*ret_error = arena_printf(arena, "\"%.*s\" is no name server; write an address as 192.0.2.53 or 192.0.2.53@5353",
						  SPAN_ARG(options->servers[i]));
			return ERR_USAGE;
		}
	struct resolver *resolver = calloc(1, sizeof *resolver);
	if (!resolver)
		abort();
	*resolver = (struct resolver){ .options = *options, .base = base };
	if (!options->probe)
		resolver->options.probe = PROBE_PRESET;
	if (!options->muted)
		resolver->options.muted = MUTED_PRESET;
	evtimer_assign(&resolver->timer, base, on_timer, resolver);
	*ret_resolver = resolver;
	return ERR_OK;
}

/* Each socket is one question on its way; the other threads and the files being read need some, too. */
static unsigned sockets(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return SOCKETS_LEAST;
	rlim_t n = limit.rlim_cur / 8;
	return n < SOCKETS_LEAST ? SOCKETS_LEAST : n > SOCKETS_MOST ? SOCKETS_MOST : (unsigned)n;
}

static bool set_options(const struct resolver *resolver)
{
	static const char *const options[][2] = {
		{ "verbosity:", "0" },
		{ "msg-cache-size:", "8m" }, /* with the next four: RESOLVER_CACHE_BYTES */
		{ "rrset-cache-size:", "16m" },
		{ "key-cache-size:", "4m" },
		{ "neg-cache-size:", "1m" },
		{ "infra-cache-numhosts:", "10000" },
		{ "do-not-query-localhost:", "no" },
		{ "unblock-lan-zones:", "yes" }, /* who receives mail from a private network may well name its machines */
		{ "insecure-lan-zones:", "yes" },
		{ "rrset-roundrobin:", "no" }, /* the same answer twice reads the same */
		{ "aggressive-nsec:", "no" },  /* the probe is a name that does not exist, and must be asked for */
		{ "infra-keep-probing:", "yes" },
		{ "infra-host-ttl:", "60" },
	};
	char n[16];
	snprintf(n, sizeof n, "%u", sockets());
	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		if (ub_ctx_set_option(resolver->ctx, options[i][0], options[i][1]) != 0)
			return false;
	return ub_ctx_set_option(resolver->ctx, "outgoing-range:", n) == 0 &&
	       ub_ctx_set_option(resolver->ctx, "num-queries-per-thread:", n) == 0 &&
	       ub_ctx_set_option(resolver->ctx, "module-config:", resolver->options.keys.n ? "validator iterator" : "iterator") == 0;
}

static bool set_trust(const struct resolver *resolver)
{
	char record[KEY_BYTES];
	struct span rest = resolver->options.keys, line;
	while (span_split(&rest, '\n', &line)) {
		if (line.n >= sizeof record)
			return false;
		snprintf(record, sizeof record, "%.*s", SPAN_ARG(line));
		if (span_trim(line).n && ub_ctx_add_ta(resolver->ctx, record) != 0)
			return false;
	}
	return true;
}

static bool set_servers(const struct resolver *resolver)
{
	char text[IP_TEXT_MAX + IF_NAMESIZE + 8];
	for (size_t i = 0; i < resolver->options.n_servers; i++) {
		snprintf(text, sizeof text, "%.*s", SPAN_ARG(resolver->options.servers[i]));
		if (ub_ctx_set_fwd(resolver->ctx, text) != 0)
			return false;
	}
	return true;
}

/* libunbound answers these by itself (RFC 6761 and later); whoever is asked knows better, and tests use them. */
static bool remove_zones(struct ub_ctx *ctx)
{
	static const char *const zones[] = { "test.", "invalid.", "localhost.", "onion.", "home.arpa.", "127.in-addr.arpa." };
	for (size_t i = 0; i < sizeof zones / sizeof *zones; i++)
		if (ub_ctx_zone_remove(ctx, zones[i]) != 0)
			return false;
	return true;
}

/* libunbound sets up its log with each context, for the whole process, and without a lock. */
static pthread_mutex_t contexts = PTHREAD_MUTEX_INITIALIZER;

static bool make_context(struct resolver *resolver)
{
	resolver->ctx = ub_ctx_create_event(resolver->base);
	if (resolver->ctx && ub_ctx_debugout(resolver->ctx, NULL) == 0 && set_options(resolver) && set_servers(resolver) &&
	    set_trust(resolver) && remove_zones(resolver->ctx))
		return true;
	if (resolver->ctx)
		ub_ctx_delete(resolver->ctx);
	resolver->ctx = NULL;
	return false;
}

static bool start(struct resolver *resolver)
{
	if (resolver->ctx || resolver->trouble.n)
		return resolver->ctx;
	pthread_mutex_lock(&contexts);
	bool made = make_context(resolver);
	pthread_mutex_unlock(&contexts);
	if (!made)
		resolver->trouble = resolver->options.keys.n
					? SPAN("was not asked: the resolver could not be started; is the file trust_anchors right?")
					: SPAN("was not asked: the resolver could not be started");
	return made;
}

static void drop(struct lookup *lookup)
{
	*lookup->link = lookup->next;
	if (lookup->next)
		lookup->next->link = lookup->link;
	if (lookup->gone)
		*lookup->gone = true;
	free(lookup);
}

static void tell(const struct lookup *lookup, enum answer_status status, struct span packet, struct span why)
{
	struct resolver_reply reply = { .status = status, .packet = packet, .why = why };
	lookup->done(lookup->context, &reply);
}

static void unanswered(struct resolver *resolver);

static void answered(struct resolver *resolver)
{
	resolver->silent = 0;
	if (resolver->health != WELL)
		event_del(&resolver->timer);
	resolver->health = WELL;
}

static void on_answer(void *context, int rcode, void *packet, int packet_n, int security, char *why_bogus, int was_ratelimited)
{
	enum { BOGUS = 1, SERVFAIL = 2 };
	struct lookup *lookup = context;
	struct resolver *resolver = lookup->resolver;
	(void)why_bogus;
	(void)was_ratelimited;
	bool failed = rcode == SERVFAIL || security == BOGUS || !packet;
	if (!resolver->closing) {
		if (failed)
			unanswered(resolver);
		else if (!lookup->gone) /* what the cache knows does not say that anybody lives */
			answered(resolver);
		if (lookup->done)
			tell(lookup, failed ? ANSWER_SERVFAIL : ANSWER_OK, span_of(packet, failed ? 0 : (size_t)packet_n), span_none);
	}
	drop(lookup);
}

/* Every byte of a label that is no letter, digit, "-" or "_" as \DDD: libunbound reads names as zone files are written. */
static const char *escaped(struct span name, char text[4 * NAME_BYTES + 2])
{
	size_t n = 0;
	for (size_t i = 0; i < name.n; i++) {
		uint8_t c = name.p[i];
		if (ascii_is_alnum(c) || c == '-' || c == '_' || c == '.')
			text[n++] = (char)c;
		else
			n += (size_t)sprintf(text + n, "\\%03u", c);
	}
	text[n] = '\0';
	return text;
}

/* NULL when the answer was there at once, or nothing could be sent. */
static struct lookup *send_question(struct resolver *resolver, const struct question *question, resolver_done *done, void *context)
{
	char name[4 * NAME_BYTES + 2];
	bool gone = false;
	struct lookup *lookup = calloc(1, sizeof *lookup);
	if (!lookup)
		abort();
	*lookup = (struct lookup){ resolver, resolver->lookups, &resolver->lookups, done, context, &gone };
	if (lookup->next)
		lookup->next->link = &lookup->next;
	resolver->lookups = lookup;
	int wrong =
	    ub_resolve_event(resolver->ctx, escaped(question->name, name), dns_packet_type(question->type), 1, lookup, on_answer, NULL);
	if (gone)
		return NULL;
	lookup->gone = NULL;
	if (!wrong)
		return lookup;
	if (done)
		tell(lookup, ANSWER_SERVFAIL, span_none, span_none);
	drop(lookup);
	return NULL;
}

static void set_timer(struct resolver *resolver, enum health health, uint32_t milliseconds)
{
	struct timeval after = { .tv_sec = milliseconds / 1000, .tv_usec = milliseconds % 1000 * 1000 };
	resolver->health = health;
	event_del(&resolver->timer);
	evtimer_add(&resolver->timer, &after);
}

/* A name that nobody has asked for before and that no cache can know. */
static void probe(struct resolver *resolver, enum health health)
{
	struct question question = { .type = QUESTION_A };
	char name[64];
	uint64_t now = clock_microseconds();
	int n = snprintf(name, sizeof name, "postern-probe-%llx-%x", (unsigned long long)now, resolver->n_probes++);
	question.name = span_of(name, (size_t)n);
	resolver->next_probe = now + PROBES_APART * 1000 * (uint64_t)resolver->options.probe;
	set_timer(resolver, health, resolver->options.probe);
	send_question(resolver, &question, NULL, NULL);
}

static void unanswered(struct resolver *resolver)
{
	resolver->silent++;
	if (resolver->silent >= SILENT && resolver->health == WELL && clock_microseconds() >= resolver->next_probe)
		probe(resolver, PROBED);
}

static struct span muted_why(void)
{
	return SPAN("was not asked: the resolver answers nothing, not even a question of ours, and is left alone for a while");
}

static void refuse_all(struct resolver *resolver)
{
	for (struct lookup *lookup = resolver->lookups; lookup; lookup = lookup->next)
		if (lookup->done) {
			tell(lookup, ANSWER_UNAVAILABLE, span_none, muted_why());
			lookup->done = NULL;
		}
}

/* No answer to the probe; or it has been muted long enough. */
static void on_timer(evutil_socket_t none, short what, void *context)
{
	struct resolver *resolver = context;
	(void)none;
	(void)what;
	if (resolver->health == MUTED) {
		probe(resolver, PROBED_MUTED);
	} else {
		set_timer(resolver, MUTED, resolver->options.muted);
		refuse_all(resolver);
	}
}

/* While nobody waits for an answer nobody runs the loop, on which it comes back. */
static void look_after(struct resolver *resolver)
{
	uint64_t now = clock_microseconds();
	if (now < resolver->next_poll)
		return;
	resolver->next_poll = now + POLL_MICROSECONDS;
	event_base_loop(resolver->base, EVLOOP_NONBLOCK);
}

struct lookup *resolver_ask(struct resolver *resolver, const struct question *question, resolver_done *done, void *context)
{
	struct resolver_reply refused = { .status = ANSWER_UNAVAILABLE };
	if (!start(resolver)) {
		refused.why = resolver->trouble;
		done(context, &refused);
		return NULL;
	}
	if (resolver->health == MUTED || resolver->health == PROBED_MUTED)
		look_after(resolver);
	if (resolver->health == MUTED || resolver->health == PROBED_MUTED) {
		refused.why = muted_why();
		done(context, &refused);
		return NULL;
	}
	return send_question(resolver, question, done, context);
}

static void ignore(void *context, const struct resolver_reply *reply)
{
	(void)context;
	(void)reply;
}

/* libunbound sets itself up when it is asked for the first time. */
void resolver_start(struct resolver *resolver)
{
	struct question root = { QUESTION_NS, SPAN("arpa") };
	struct lookup *lookup = resolver_ask(resolver, &root, ignore, NULL);
	if (lookup)
		resolver_give_up(resolver, lookup);
}

void resolver_give_up(struct resolver *resolver, struct lookup *lookup)
{
	lookup->done = NULL;
	unanswered(resolver);
}

void resolver_free(struct resolver *resolver)
{
	if (!resolver)
		return;
	resolver->closing = true;
	if (resolver->health != WELL)
		event_del(&resolver->timer);
	pthread_mutex_lock(&contexts);
	if (resolver->ctx)
		ub_ctx_delete(resolver->ctx); /* calls back for all that is on its way */
	pthread_mutex_unlock(&contexts);
	while (resolver->lookups)
		drop(resolver->lookups);
	free(resolver);
}
