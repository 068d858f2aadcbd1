/* app/quarantine_command.c - `postern quarantine`: lists what is held, shows it, hands it back to the mail server, or deletes it. */
#include "app/history.h"
#include "app/learn.h"
#include "app/release.h"
#include "app/store_file.h"
#include "base/nearest.h"
#include "report/style.h"

#include <stdio.h>
#include <unistd.h>

struct quarantine_run {
	struct options *options;
	struct store *store;
	struct tuples *tuples; /* of release */
	struct arena arena;    /* of one message */
	VEC(char *) released;
};

static enum exit_status complain(const char *about, const char *what)
{
	fprintf(stderr, "postern: %s%s%s\n", about, *about ? ": " : "", what);
	return EXIT_TROUBLE;
}

/* The case, if it is held; else that is said. */
static bool find_held(struct quarantine_run *run, const char *argument, struct store_case *ret)
{
	static const char *const gone[] = { [STORE_NOT_HELD] = "was never in quarantine",
					    [STORE_RELEASED] = "was released already",
					    [STORE_DELETED] = "was deleted from quarantine" };
	char id[CASEFILE_ID];
	struct span name = style_safe(span_cstr(argument), &run->arena);
	const char *shown = (const char *)arena_printf(&run->arena, "%.*s", SPAN_ARG(name)).p;
	int err = casefile_id_parse(span_cstr(argument), id)
		      ? store_find(run->store, span_of(id, sizeof id), run->options->store.query.recipient, &run->arena, ret)
		      : ERR_NOT_FOUND;
	if (err < 0)
		complain(shown, err == ERR_NOT_FOUND ? "no such case is kept" : "its case cannot be read");
	else if (ret->held != STORE_HELD)
		complain(shown, gone[ret->held]);
	return err == 0 && ret->held == STORE_HELD;
}

static bool find_content(struct quarantine_run *run, const struct store_case *found, struct span *ret)
{
	if (store_content(run->store, found->casefile.id, &run->arena, ret) == 0)
		return true;
	complain((const char *)arena_printf(&run->arena, "%.*s", SPAN_ARG(found->casefile.id)).p,
		 "the held message cannot be read: its file is gone or damaged");
	return false;
}

/* As it is into a pipe or file; on a terminal made harmless. */
static bool show(struct quarantine_run *run, const char *argument)
{
	struct store_case found;
	struct span content, line;
	if (!find_held(run, argument, &found) || !find_content(run, &found, &content))
		return false;
	if (!isatty(STDOUT_FILENO)) {
		fwrite(content.p, 1, content.n, stdout);
		return true;
	}
	while (content.n && span_split(&content, '\n', &line)) {
		struct span safe = style_safe(span_trim(line), &run->arena);
		printf("%.*s\n", SPAN_ARG(safe));
	}
	return true;
}

static bool discard(struct quarantine_run *run, const char *argument)
{
	struct store_case found;
	if (!find_held(run, argument, &found))
		return false;
	if (store_end_hold(run->store, found.casefile.id, STORE_DELETED, clock_now()) < 0)
		return complain("", store_why(run->store)) == EXIT_CLEAN;
	printf("%.*s: deleted\n", SPAN_ARG(found.casefile.id));
	return true;
}

/* So that postern lets it pass on its second way through (TUPLE_RELEASED), for all its recipients, or takes that back. */
static bool expect_again(struct quarantine_run *run, const struct casefile *c, const struct span *recipients, uint32_t n, bool expected)
{
	static const uint64_t once[TUPLE_COUNTERS] = { TUPLE_ONE, 0 };
	bool ok = true;
	for (uint32_t i = 0; i < n && ok; i++) {
		struct span key = tuples_released_key(&run->arena, span_of(c->fingerprint, sizeof c->fingerprint), recipients[i]);
		ok = expected ? tuples_add(run->tuples, TUPLE_RELEASED, key, clock_now(), once, NULL) == 0
			      : tuples_drop(run->tuples, TUPLE_RELEASED, key) == 0;
	}
	ok = tuples_commit(run->tuples) == 0 && ok;
	if (!ok && expected)
		complain("", tuples_why(run->tuples));
	return ok;
}

static bool release_one(struct quarantine_run *run, const char *argument)
{
	struct store_case found;
	struct span content, why;
	VEC(struct span) to = { 0 };
	if (!find_held(run, argument, &found) || !find_content(run, &found, &content))
		return false;
	const struct casefile *c = &found.casefile;
	const char *id = (const char *)arena_printf(&run->arena, "%.*s", SPAN_ARG(c->id)).p;
	for (uint32_t i = 0; i < c->recipients.n; i++)
		if (c->recipients.v[i].withheld)
			*(struct span *)vec_push(&run->arena, &to) = c->recipients.v[i].address;
	if (!to.n)
		return complain(id, "nobody is known to whom it could be delivered") == EXIT_CLEAN;
	const struct settings *s = &run->options->pipeline.settings;
	struct release release = { .to = &s->release_to,
				   .hostname = s->hostname,
				   .mail_from = c->mail_from,
				   .recipients = to.v,
				   .n_recipients = to.n,
				   .content = content };
	if (!expect_again(run, c, to.v, to.n, true))
		return false;
	if (release_deliver(&release, &run->arena, &why) < 0) {
		expect_again(run, c, to.v, to.n, false);
		fprintf(stderr, "postern: %s: not released: %.*s\n", id, SPAN_ARG(why));
		return false;
	}
	if (store_end_hold(run->store, c->id, STORE_RELEASED, clock_now()) < 0)
		return complain(id, store_why(run->store)) == EXIT_CLEAN;
	printf("%s: released to %.*s", id, SPAN_ARG(style_safe(to.v[0], &run->arena)));
	printf(to.n > 1 ? " and %u more\n" : "\n", to.n - 1);
	*(char **)vec_push(&run->options->arena, &run->released) = (char *)(uintptr_t)arena_printf(&run->options->arena, "%s", id).p;
	return true;
}

/* A message that was held by mistake is what is most worth learning. */
static enum exit_status teach(struct quarantine_run *run)
{
	struct options *o = run->options;
	if (!run->released.n)
		return EXIT_CLEAN;
	if (o->store.learn)
		return learn_cases(o, WEIGHTS_HAM, run->released.v, run->released.n);
	fprintf(stderr, "To teach that it is good mail: postern learn ham");
	for (uint32_t i = 0; i < run->released.n; i++)
		fprintf(stderr, " %s", run->released.v[i]);
	fputc('\n', stderr);
	return EXIT_CLEAN;
}

enum verb { VERB_LIST, VERB_SHOW, VERB_RELEASE, VERB_DELETE, VERBS };
static const char *const verbs[] = { "list", "show", "release", "delete" };

static enum exit_status run_verb(struct options *o, enum verb verb)
{
	static bool (*const each[])(struct quarantine_run *,
				    const char *) = { [VERB_SHOW] = show, [VERB_RELEASE] = release_one, [VERB_DELETE] = discard };
	struct quarantine_run run = { .options = o, .store = store_file_open(o, verb == VERB_SHOW ? STORE_READ : STORE_WRITE) };
	enum exit_status status = EXIT_CLEAN;
	bool ready = run.store && (verb != VERB_RELEASE || (run.tuples = store_file_tuples(o)));
	arena_init(&run.arena);
	for (size_t i = 1; i < o->n_paths && ready; i++) {
		arena_reset(&run.arena);
		if (!each[verb](&run, o->paths[i]))
			status = EXIT_TROUBLE;
	}
	arena_release(&run.arena);
	store_close(run.store);
	tuples_close(run.tuples);
	fflush(stdout);
	enum exit_status taught = teach(&run);
	return !ready || taught == EXIT_TROUBLE ? EXIT_TROUBLE : status;
}

enum exit_status quarantine_run(struct options *o)
{
	const char *word = o->n_paths ? o->paths[0] : NULL;
	for (unsigned verb = 0; verb < VERBS && word; verb++) {
		if (strcmp(word, verbs[verb]) != 0)
			continue;
		if (verb == VERB_LIST) {
			o->store.query.held = true;
			return o->n_paths == 1
				   ? history_search(o, "nothing is held")
				   : complain("", "quarantine list takes no ids; postern quarantine list --address A looks for one");
		}
		return o->n_paths > 1 ? run_verb(o, (enum verb)verb)
				      : complain(word, "needs the ids of held messages: postern quarantine list");
	}
	const char *near = word ? nearest_word(span_cstr(word), &verbs[0], sizeof *verbs, VERBS) : NULL;
	if (near)
		fprintf(stderr, "postern: quarantine cannot %s; did you mean `postern quarantine %s`?\n", word, near);
	else
		complain("", "quarantine needs to know what to do first: list, show, release or delete");
	return EXIT_TROUBLE;
}
