/* app/store_options.c - see store_options.h */
#include "app/store_options.h"
#include "app/store_query.h"

#include <stdio.h>

#define refuse(...) (fprintf(stderr, "postern: " __VA_ARGS__), fputc('\n', stderr), false)

void store_options_init(struct options *o) { store_query_init(&o->store.query); }

static bool set(struct options *o, const char *name, const char *value)
{
	const char *wants;
	return store_query_set(&o->store.query, span_cstr(name), span_cstr(value), clock_now(), &wants) ||
	       refuse("--%s needs %s, not \"%s\"", name, wants, value);
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

bool store_options_address(struct options *o, const char *value) { return set(o, "address", value); }
bool store_options_recipient(struct options *o, const char *value) { return set(o, "recipient", value); }
bool store_options_subject(struct options *o, const char *value) { return set(o, "subject", value); }
bool store_options_verdict(struct options *o, const char *value) { return set(o, "verdict", value); }
bool store_options_evidence(struct options *o, const char *value) { return set(o, "evidence", value); }
bool store_options_ip(struct options *o, const char *value) { return set(o, "ip", value); }
bool store_options_since(struct options *o, const char *value) { return set(o, "since", value); }
bool store_options_until(struct options *o, const char *value) { return set(o, "until", value); }
bool store_options_limit(struct options *o, const char *value) { return set(o, "limit", value); }

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
