/* app/relaytest.c - `postern relaytest`: reads the wishes, makes sure that the server is one's own, runs the test, says how it ended. */
#include "app/relaytest.h"
#include "app/command.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/random.h>

enum { SECONDS = 30, PAUSE = 200, WHOLE_SECONDS = 1800, SMTP_PORT = 25 };

static enum exit_status complain(struct span why)
{
	fprintf(stderr, "postern: could not test: %.*s\n", SPAN_ARG(why));
	return EXIT_TROUBLE;
}

size_t relaytest_count(const struct relaytest *run, enum relay_state state)
{
	size_t n = 0;
	for (size_t i = 0; i < run->n; i++)
		n += run->tries[i].state == state;
	return n;
}

void relaytest_rest(const struct relaytest *run)
{
	int64_t until = relaytest_clock() + run->pause, left;
	while ((left = until - relaytest_clock()) > 0)
		poll(NULL, 0, (int)left);
}

static bool make_mark(struct relaytest *run)
{
	uint8_t random[16];
	if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
		return false;
	for (size_t i = 0; i < sizeof random; i++)
		snprintf(run->mark + 2 * i, 3, "%02x", random[i]);
	return true;
}

/* Both addresses, in parts. False: said. */
static bool read_names(const struct options *o, struct relaytest *run)
{
	const struct {
		const char *option;
		struct span value, *local, *domain;
	} wanted[] = { { "--sender", o->relaytest.sender, &run->names.from_local, &run->names.from_domain },
		       { "--recipient", o->relaytest.recipient, &run->names.to_local, &run->names.to_domain } };
	for (size_t i = 0; i < 2; i++)
		if (!relay_address(wanted[i].value, wanted[i].local, wanted[i].domain)) {
			complain(arena_printf(run->arena,
					      "%s needs a plain address of yours, as me@example.org, at another domain than the server's",
					      wanted[i].option));
			return false;
		}
	if (o->relaytest.domain.n && !relay_domain(o->relaytest.domain)) {
		complain(SPAN("--domain needs a domain name, as example.org"));
		return false;
	}
	run->sender = o->relaytest.sender;
	run->recipient = o->relaytest.recipient;
	run->names.server = o->relaytest.domain;
	return true;
}

static enum exit_status finish(const struct options *o, const struct relaytest *run, bool proxy)
{
	(o->json ? relaytest_json : relaytest_text)(run, proxy);
	return relaytest_count(run, RELAY_IS_OPEN) ? EXIT_FOUND : relaytest_count(run, RELAY_UNSURE) ? EXIT_TROUBLE : EXIT_CLEAN;
}

enum exit_status relaytest_run(struct options *o)
{
	const char *proxy = o->relaytest.proxy, *target = proxy ? proxy : o->n_paths == 1 ? o->paths[0] : NULL;
	struct relaytest run = { .arena = &o->arena,
				 .seconds = o->relaytest.seconds ? o->relaytest.seconds : SECONDS,
				 .pause = o->relaytest.has_pause ? o->relaytest.pause : PAUSE,
				 .until = relaytest_clock() + (int64_t)WHOLE_SECONDS * 1000,
				 .as = o->pipeline.connection.has_ip ? &o->pipeline.connection.ip : NULL,
				 .deliver = o->relaytest.deliver,
				 .hostname = o->pipeline.settings.hostname };
	if (!target || (proxy && o->n_paths))
		return complain(SPAN("which server? postern relaytest HOST[:PORT], or postern relaytest --proxy HOST:PORT"));
	if ((!proxy && !read_names(o, &run)) || !make_mark(&run))
		return EXIT_TROUBLE;
	if (!relaytest_find(target, proxy ? 0 : SMTP_PORT, o->relaytest.own, run.arena, &run.peer, &run.why))
		return complain(run.why);
	run.names.ip = run.peer.ip;
	if (!(proxy ? relaytest_proxy : relaytest_smtp)(&run))
		return complain(arena_printf(run.arena, "%s: %.*s", target, SPAN_ARG(run.why)));
	return finish(o, &run, proxy);
}
