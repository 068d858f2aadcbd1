/* app/store_query.c - see store_query.h */
#include "app/store_query.h"
#include "base/ascii.h"
#include "base/clock.h"

enum { LIMIT_SHOWN = 100, MOST_SHOWN = 1000000000, MOST_UNITS = 100000 };

void store_query_init(struct store_query *ret)
{
	*ret = (struct store_query){ .since = CLOCK_NONE, .until = CLOCK_NONE, .limit = LIMIT_SHOWN };
}

static bool set_address(struct store_query *q, struct span value, int64_t now)
{
	(void)now;
	q->address = value;
	return value.n > 0;
}

static bool set_recipient(struct store_query *q, struct span value, int64_t now)
{
	(void)now;
	q->recipient = value;
	return span_find_byte(value, '@', 0) != SPAN_NPOS;
}

static bool set_subject(struct store_query *q, struct span value, int64_t now)
{
	(void)now;
	q->subject = value;
	return true;
}

static bool set_verdict(struct store_query *q, struct span value, int64_t now)
{
	(void)now;
	for (unsigned action = VERDICT_ACCEPT; action <= VERDICT_DEFER; action++)
		if (span_eq(value, span_cstr(verdict_action_name((enum verdict_action)action)))) {
			q->verdict = (enum verdict_action)action;
			return q->has_verdict = true;
		}
	return false;
}

static bool set_evidence(struct store_query *q, struct span value, int64_t now)
{
	(void)now;
	q->evidence = value;
	return value.n > 0;
}

static bool set_ip(struct store_query *q, struct span value, int64_t now)
{
	(void)now;
	return q->has_net = ip_net_parse(value, &q->net) && !q->net.exclude;
}

/* "7d": so long ago; else a time as --now takes it. */
static bool time_of(struct span text, int64_t now, int64_t *ret)
{
	static const struct {
		char letter;
		int32_t seconds;
	} units[] = { { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 7 * 86400 } };
	uint64_t n;
	if (clock_parse(text, ret))
		return true;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (text.n > 1 && text.p[text.n - 1] == units[i].letter && span_to_uint(span_first(text, text.n - 1), MOST_UNITS, &n)) {
			*ret = now - (int64_t)n * units[i].seconds;
			return true;
		}
	return false;
}

static bool set_since(struct store_query *q, struct span value, int64_t now) { return time_of(value, now, &q->since); }
static bool set_until(struct store_query *q, struct span value, int64_t now) { return time_of(value, now, &q->until); }

static bool set_limit(struct store_query *q, struct span value, int64_t now)
{
	uint64_t n;
	(void)now;
	if (!span_to_uint(value, MOST_SHOWN, &n))
		return false;
	q->limit = (uint32_t)n;
	return true;
}

#define A_TIME "a time as 2026-03-01T12:00:00Z, 2026-03-01, or how long ago as 12h or 7d"

static const struct {
	const char *name, *wants;
	bool (*set)(struct store_query *q, struct span value, int64_t now);
} words[] = {
	{ "address", "an address, as someone@example.org, or a domain", set_address },
	{ "recipient", "an address, as someone@example.org", set_recipient },
	{ "subject", "words", set_subject },
	{ "verdict", "accept, mark, quarantine, reject or defer", set_verdict },
	{ "evidence", "the id of a piece of evidence", set_evidence },
	{ "ip", "an address or a network, as 192.0.2.1 or 192.0.2.0/24", set_ip },
	{ "since", A_TIME, set_since },
	{ "until", A_TIME, set_until },
	{ "limit", "a number, 0 for no limit", set_limit },
};

bool store_query_set(struct store_query *q, struct span name, struct span value, int64_t now, const char **ret_wants)
{
	*ret_wants = NULL;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (span_eq(name, span_cstr(words[i].name))) {
			*ret_wants = words[i].wants;
			return words[i].set(q, value, now);
		}
	return false;
}

/* As forms write it: + is a blank, %XX a byte. */
static struct span unescaped(struct span text, struct arena *arena)
{
	uint8_t *out = arena_alloc(arena, text.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < text.n; i++) {
		int high = text.p[i] == '%' && i + 2 < text.n ? ascii_hex(text.p[i + 1]) : -1;
		int low = high >= 0 ? ascii_hex(text.p[i + 2]) : -1;
		out[n++] = low >= 0 ? (uint8_t)(high << 4 | low) : text.p[i] == '+' ? ' ' : text.p[i];
		i += low >= 0 ? 2 : 0;
	}
	return span_of(out, n);
}

int store_query_parse(struct span text, int64_t now, struct arena *arena, struct store_query *ret, struct span *ret_why)
{
	struct store_query query;
	struct span pair, name;
	store_query_init(&query);
	while (text.n && span_split(&text, '&', &pair)) {
		const char *wants;
		struct span value = pair;
		if (!pair.n)
			continue;
		span_split(&value, '=', &name);
		if (!store_query_set(&query, name, unescaped(value, arena), now, &wants)) {
			*ret_why = wants ? arena_printf(arena, "%.*s must be %s", SPAN_ARG(name), wants)
					 : arena_join(arena, SPAN("there is nothing called "), name, SPAN(" to look for"));
			return ERR_SYNTAX;
		}
	}
	*ret = query;
	return ERR_OK;
}
