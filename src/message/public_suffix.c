/* message/public_suffix.c - registrable domains, by libpsl; declared in url.h
 *
 * A look-up in libpsl takes more than a microsecond and one mail names the same few hosts hundreds of times, so each thread
 * keeps the answers for the hosts it met last. The list never changes while the process lives. */
#include "base/ascii.h"
#include "message/url.h"

#include <libpsl.h>
#include <pthread.h>
#include <string.h>
#include <xxhash.h>

enum {
	LABELS_LOOKED_AT = 8, /* no rule of the list is longer than five labels */
	NAME_LONGEST = 255,
	KEPT_HOST_LONGEST = 58, /* makes an entry 64 bytes */
	KEPT = 2048,
};

static const psl_ctx_t *list;
static pthread_once_t list_once = PTHREAD_ONCE_INIT;

static void list_open(void) { list = psl_latest(NULL); }

void url_warm_up(void) { pthread_once(&list_once, list_open); }

enum rules { RULES_ALL = PSL_TYPE_ANY, RULES_ICANN = PSL_TYPE_ICANN };

/* The last LABELS_LOOKED_AT labels. */
static struct span tail_of(struct span host)
{
	unsigned dots = 0;
	for (size_t i = host.n; i-- > 0;)
		if (host.p[i] == '.' && ++dots == LABELS_LOOKED_AT)
			return span_skip(host, i + 1);
	return host;
}

static bool is_address(struct span host)
{
	size_t dot = span_rfind_byte(host, '.');
	struct span last = dot == SPAN_NPOS ? host : span_skip(host, dot + 1);
	if (span_find_byte(host, ':', 0) != SPAN_NPOS || host.p[0] == '[')
		return true;
	for (size_t i = 0; i < last.n; i++)
		if (!ascii_is_digit(last.p[i]))
			return false;
	return true;
}

static bool is_public(struct span host, enum rules rules)
{
	char name[NAME_LONGEST + 1];
	memcpy(name, host.p, host.n);
	name[host.n] = '\0';
	return psl_is_public_suffix2(list, name, (int)rules);
}

static size_t find(struct span host, enum rules rules);

/* Offset of the registrable domain in host, or host.n when there is none. The suffix is the longest name that is public, the registrable
 * domain the one before it. Names above host are asked for in their turn, so that a second host of a domain costs one look-up. */
static size_t look_up(struct span host, enum rules rules)
{
	struct span tail = tail_of(host);
	url_warm_up();
	if (!list || tail.n == 0 || tail.n > NAME_LONGEST || tail.p[0] == '.' || tail.p[tail.n - 1] == '.' || memchr(tail.p, 0, tail.n) ||
	    is_address(host))
		return host.n;
	if (tail.n < host.n)
		return host.n - tail.n + find(tail, rules);
	size_t dot = span_find_byte(host, '.', 0);
	if (dot == SPAN_NPOS || is_public(host, rules))
		return host.n;
	struct span above = span_skip(host, dot + 1);
	size_t from = find(above, rules);
	return from == above.n ? 0 : dot + 1 + from;
}

struct kept {
	uint8_t n;
	uint8_t rules;
	uint8_t from; /* of the registrable domain; n when there is none */
	uint8_t spare[3];
	uint8_t host[KEPT_HOST_LONGEST];
};

static size_t find(struct span host, enum rules rules)
{
	static _Thread_local struct kept kept[KEPT];
	if (host.n > KEPT_HOST_LONGEST)
		return look_up(host, rules);
	struct kept *k = &kept[XXH3_64bits_withSeed(host.p, host.n, (XXH64_hash_t)rules) % KEPT];
	if (k->n != host.n || k->rules != rules || memcmp(k->host, host.p, host.n) != 0) {
		uint8_t from = (uint8_t)look_up(host, rules); /* may itself write to this entry */
		k->n = (uint8_t)host.n;
		k->rules = (uint8_t)rules;
		k->from = from;
		memcpy(k->host, host.p, host.n);
	}
	return k->from;
}

static struct span registrable(struct span host, enum rules rules)
{
	size_t from = host.n ? find(host, rules) : 0;
	return from < host.n ? span_skip(host, from) : span_none;
}

/* Some top-level domains stand in the list only with their second levels: "za" as "co.za", "ck" as "*.ck". */
static bool is_listed(const char *label)
{
	static const char *const seconds[] = { "", "co.", "com.", "x." };
	char name[NAME_LONGEST];
	for (size_t i = 0; i < sizeof seconds / sizeof *seconds; i++) {
		stpcpy(stpcpy(name, seconds[i]), label);
		if (psl_is_public_suffix2(list, name, PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE))
			return true;
	}
	return false;
}

bool url_is_top_level(struct span label)
{
	enum { LONGEST = 24, ENTRIES = 2048 };
	static _Thread_local struct {
		uint8_t n, real;
		char label[LONGEST + 1];
	} met[ENTRIES];
	char lower[LONGEST + 1];
	if (label.n < 2 || label.n > LONGEST || memchr(label.p, '.', label.n) || memchr(label.p, 0, label.n))
		return false;
	url_warm_up();
	for (size_t i = 0; i < label.n; i++)
		lower[i] = (char)ascii_lower(label.p[i]);
	lower[label.n] = '\0';
	size_t at = XXH3_64bits(lower, label.n) % ENTRIES;
	if (met[at].n != label.n || memcmp(met[at].label, lower, label.n) != 0) {
		met[at].n = (uint8_t)label.n;
		met[at].real = list && is_listed(lower);
		memcpy(met[at].label, lower, label.n + 1);
	}
	return met[at].real;
}

struct span url_registrable(struct span host) { return registrable(host, RULES_ALL); }

struct span url_registrable_icann(struct span host) { return registrable(host, RULES_ICANN); }

bool url_same_organisation(struct span host_a, struct span host_b)
{
	struct span a = url_registrable(host_a), b = url_registrable(host_b);
	return a.p && b.p ? span_ieq(a, b) : span_ieq(host_a, host_b);
}
