/* app/trap_release.c - see trap_release.h */
#include "app/trap_release.h"
#include "app/release.h"
#include "app/store_file.h"
#include "app/trap_file.h"
#include "base/clock.h"
#include "message/content.h"
#include "report/style.h"

#include <stdio.h>
#include <unistd.h>

struct letting_go {
	struct options *options;
	struct store *store;
	struct tuples *tuples;
	struct trap_memory *memory;
	struct arena arena; /* of one message */
};

/* A link leads somebody somewhere, and an attachment may be anything: neither is needed to say that a relay is open. */
static const char *why_not_content(struct span bytes, struct arena *arena)
{
	struct message message;
	struct content content;
	message_parse(bytes, arena, &message);
	content_examine(&message, &content);
	return content.links.list.n ? "there is a link in it" : content.attachments.list.n ? "something is attached to it" : NULL;
}

/* NULL: nothing stands in the way. */
static const char *why_not(struct letting_go *l, const struct casefile *c, struct span *ret_content, struct span *ret_address)
{
	struct tuple before;
	if (!span_eq(c->door, SPAN("trap")))
		return "it did not come to the trap";
	if (c->recipients.n != 1)
		return "it is for several recipients";
	*ret_address = arena_lower(&l->arena, c->recipients.v[0].address);
	if (!collector_is_known(collectors_find(l->memory->collectors, *ret_address)))
		return "its recipient is not known as a collecting address: it may be anybody";
	if (tuples_get(l->tuples, TUPLE_PROBE, *ret_address, clock_now(), &before) == 0)
		return "one was let go to that address within a day";
	if (store_content(l->store, c->id, &l->arena, ret_content) != 0)
		return "the message is not kept any longer";
	return why_not_content(*ret_content, &l->arena);
}

/* At the terminal; anything but yes is no. */
static bool asked(struct letting_go *l, const struct casefile *c, struct span address)
{
	char answer[16];
	printf("\"%.*s\" goes to %.*s, where somebody learns that this relay is open. Send it? [y/N] ",
	       SPAN_ARG(style_safe(c->subject, &l->arena)), SPAN_ARG(style_safe(address, &l->arena)));
	fflush(stdout);
	return fgets(answer, sizeof answer, stdin) && (strcmp(answer, "y\n") == 0 || strcmp(answer, "yes\n") == 0);
}

/* Written down before it goes: what is lost on the way is not tried again that day. */
static bool remember(struct letting_go *l, struct span address)
{
	static const uint64_t once[TUPLE_COUNTERS] = { TUPLE_ONE, 0 };
	return tuples_add(l->tuples, TUPLE_PROBE, address, clock_now(), once, NULL) == 0 && tuples_commit(l->tuples) == 0;
}

static enum exit_status refuse(const char *id, struct span why, enum exit_status status)
{
	fprintf(stderr, "postern: %s: not sent: %.*s\n", id, SPAN_ARG(why));
	return status;
}

static enum exit_status let_go(struct letting_go *l, const char *argument)
{
	const struct settings *s = &l->options->pipeline.settings;
	char id[CASEFILE_ID];
	struct store_case found;
	struct span content, address, why;
	if (!store_file_is_id(argument, id) || store_find(l->store, span_of(id, sizeof id), span_none, &l->arena, &found) != 0)
		return refuse(argument, SPAN("no such case is kept"), EXIT_TROUBLE);
	const char *against = why_not(l, &found.casefile, &content, &address);
	if (against)
		return refuse(argument, span_cstr(against), EXIT_FOUND);
	if (!asked(l, &found.casefile, address))
		return refuse(argument, SPAN("you did not say yes"), EXIT_FOUND);
	if (!remember(l, address))
		return refuse(argument, span_cstr(tuples_why(l->tuples)), EXIT_TROUBLE);
	struct release release = { .to = &s->release_to,
				   .hostname = s->trap_hostname.n ? s->trap_hostname : s->hostname,
				   .mail_from = found.casefile.mail_from,
				   .recipients = &found.casefile.recipients.v[0].address,
				   .n_recipients = 1,
				   .content = content };
	if (release_deliver(&release, &l->arena, &why) < 0)
		return refuse(argument, why, EXIT_TROUBLE);
	printf("%s: sent to %.*s\n", argument, SPAN_ARG(style_safe(address, &l->arena)));
	return EXIT_CLEAN;
}

static bool may(const struct options *o)
{
	const char *why = !o->pipeline.settings.trap_release
			      ? "trap_release is not set, and nothing that a trap caught goes out; docs/trap.md says why"
			  : o->n_paths < 2        ? "trap release needs the ids of cases: postern history"
			  : !isatty(STDIN_FILENO) ? "trap release asks for each address, and there is no terminal to ask at"
						  : NULL;
	if (why)
		fprintf(stderr, "postern: %s\n", why);
	return !why;
}

enum exit_status trap_release(struct options *o)
{
	struct letting_go l = { .options = o };
	enum exit_status status = EXIT_CLEAN;
	if (!may(o))
		return EXIT_TROUBLE;
	l.memory = trap_memory_new(1);
	l.store = store_file_open(o, STORE_READ);
	l.tuples = l.store ? store_file_tuples(o) : NULL;
	arena_init(&l.arena);
	if (l.tuples)
		trap_file_read(store_file_folder(o), l.memory); /* none: nobody is known, and nothing goes */
	for (size_t i = 1; i < o->n_paths && l.tuples; i++) {
		arena_reset(&l.arena);
		enum exit_status one = let_go(&l, o->paths[i]);
		status = one > status ? one : status;
	}
	arena_release(&l.arena);
	tuples_close(l.tuples);
	store_close(l.store);
	trap_memory_free(l.memory);
	return l.tuples ? status : EXIT_TROUBLE;
}
