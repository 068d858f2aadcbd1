/* app/store_options.c - see store_options.h */
#include "app/store_options.h"

#include <stdio.h>

#define refuse(...) (fprintf(stderr, "postern: " __VA_ARGS__), fputc('\n', stderr), false)

enum { LIMIT_SHOWN = 100, MOST_SHOWN = 1000000000, MOST_UNITS = 100000 };

void store_options_init(struct options *o)
{
	o->store.query = (struct store_query){ .since = CLOCK_NONE, .until = CLOCK_NONE, .limit = LIMIT_SHOWN };
}

bool store_options_data(struct options *o, const char *value)
{
	o->store.data = value;
	return true;
}

bool store_options_keep(struct options *o, const char *value)
{
	o->store.keep = value;
	return true;
}

bool store_options_address(struct options *o, const char *value)
{
	o->store.query.address = span_cstr(value);
	return true;
}

bool store_options_recipient(struct options *o, const char *value)
{
	if (!strchr(value, '@'))
		return refuse("--recipient needs an address, as someone@example.org, not \"%s\"", value);
	o->store.query.recipient = span_cstr(value);
	return true;
}

bool store_options_subject(struct options *o, const char *value)
{
	o->store.query.subject = span_cstr(value);
	return true;
}

bool store_options_verdict(struct options *o, const char *value)
{
	for (unsigned action = VERDICT_ACCEPT; action <= VERDICT_DEFER; action++)
		if (strcmp(value, verdict_action_name((enum verdict_action)action)) == 0) {
			o->store.query.verdict = (enum verdict_action)action;
			return o->store.query.has_verdict = true;
		}
	return refuse("--verdict needs accept, mark, quarantine, reject or defer, not \"%s\"", value);
}

bool store_options_evidence(struct options *o, const char *value)
{
	o->store.query.evidence = span_cstr(value);
	return true;
}

bool store_options_ip(struct options *o, const char *value)
{
	if (ip_net_parse(span_cstr(value), &o->store.query.net) && !o->store.query.net.exclude)
		return o->store.query.has_net = true;
	return refuse("--ip needs an address or a network, as 192.0.2.1 or 192.0.2.0/24, not \"%s\"", value);
}

/* "7d": so long ago; else a time as --now takes it. */
static bool time_of(const char *value, int64_t *ret)
{
	static const struct {
		char letter;
		int32_t seconds;
	} units[] = { { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 7 * 86400 } };
	struct span text = span_cstr(value);
	uint64_t n;
	if (clock_parse(text, ret))
		return true;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (text.n > 1 && text.p[text.n - 1] == units[i].letter && span_to_uint(span_first(text, text.n - 1), MOST_UNITS, &n)) {
			*ret = clock_now() - (int64_t)n * units[i].seconds;
			return true;
		}
	return false;
}

bool store_options_since(struct options *o, const char *value)
{
	return time_of(value, &o->store.query.since) ||
	       refuse("--since needs a time as 2026-03-01T12:00:00Z, 2026-03-01, or how long ago as 12h or 7d, not \"%s\"", value);
}

bool store_options_until(struct options *o, const char *value)
{
	return time_of(value, &o->store.query.until) ||
	       refuse("--until needs a time as 2026-03-01T12:00:00Z, 2026-03-01, or how long ago as 12h or 7d, not \"%s\"", value);
}

bool store_options_limit(struct options *o, const char *value)
{
	uint64_t n;
	if (!span_to_uint(span_cstr(value), MOST_SHOWN, &n))
		return refuse("--limit needs a number, 0 for no limit, not \"%s\"", value);
	o->store.query.limit = (uint32_t)n;
	return true;
}

bool store_options_checks(struct options *o, const char *value)
{
	(void)value;
	return o->store.checks = true;
}

bool store_options_learn(struct options *o, const char *value)
{
	(void)value;
	return o->store.learn = true;
}
