/* app/store_file.c - see store_file.h */
#include "app/store_file.h"
#include "app/data_folder.h"

#include <grp.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

const char *store_file_folder(struct options *o)
{
	return (const char *)arena_printf(&o->arena, "%.*s", SPAN_ARG(data_folder(&o->pipeline.settings, &o->arena))).p;
}

bool store_file_become_owner(const char *folder)
{
	struct stat is;
	if (geteuid() != 0 || stat(folder, &is) != 0 || is.st_uid == 0)
		return true;
	if (setgroups(1, &is.st_gid) == 0 && setgid(is.st_gid) == 0 && setuid(is.st_uid) == 0)
		return true;
	perror("postern: cannot become the owner of the data directory");
	return false;
}

struct store *store_file_open(struct options *o, enum store_mode mode)
{
	const struct settings *s = &o->pipeline.settings;
	const char *folder = store_file_folder(o);
	struct store_options options = { .mode = mode,
					 .history_days = s->history_days,
					 .content_days = s->content_days,
					 .content_bytes = s->content_bytes,
					 .now = clock_now() };
	char why[STORE_WHY_MAX];
	struct store *store;
	if (!store_file_become_owner(folder))
		return NULL;
	int err = store_open(folder, &options, why, &store);
	if (why[0])
		fprintf(stderr, "postern: %s\n", why);
	return err < 0 ? NULL : store;
}

struct tuples *store_file_tuples(struct options *o)
{
	char why[TUPLES_WHY_MAX];
	struct tuples *tuples;
	int err = tuples_open(store_file_folder(o), TUPLES_WRITE, LIMIT_TUPLES_BYTES, clock_now(), why, &tuples);
	if (why[0])
		fprintf(stderr, "postern: %s\n", why);
	return err < 0 ? NULL : tuples;
}

bool store_file_is_id(const char *argument, char ret_id[CASEFILE_ID])
{
	return casefile_id_parse(span_cstr(argument), ret_id) && access(argument, F_OK) != 0;
}

static bool is_trapped(const struct store_case *found) { return span_eq(found->casefile.door, SPAN("trap")); }

/* What was to be held and is not had been released when it came before: it was let pass. */
static bool passed(const struct store_case *found)
{
	return found->casefile.disposition == DISPOSITION_STORE && found->held == STORE_NOT_HELD && !is_trapped(found);
}

enum disposition store_file_disposition(const struct store_case *found)
{
	return passed(found) ? DISPOSITION_DELIVER : (enum disposition)found->casefile.disposition;
}

const char *store_file_done(const struct store_case *found)
{
	static const char *const words[DISPOSITIONS] = {
		[DISPOSITION_DELIVER] = "delivered",
		[DISPOSITION_REJECT] = "refused",
		[DISPOSITION_DEFER] = "put off",
		[DISPOSITION_HOLD] = "held by the mail server",
		[DISPOSITION_STORE] = "held in quarantine",
	};
	const struct casefile *c = &found->casefile;
	bool some = false;
	for (uint32_t i = 0; i < c->recipients.n; i++)
		some |= c->recipients.v[i].withheld;
	if (is_trapped(found))
		return "taken by the trap, delivered to nobody";
	if (c->disposition == DISPOSITION_DELIVER && !c->bytes && (span_eq(c->door, SPAN("policy")) || span_eq(c->door, SPAN("smtp"))))
		return "passed on to the mail server";
	if (passed(found))
		return "delivered: it had been released from quarantine before";
	if (c->disposition == DISPOSITION_DELIVER && some)
		return found->held ? "delivered to some, held in quarantine for others" : words[DISPOSITION_DELIVER];
	return c->disposition < DISPOSITIONS ? words[c->disposition] : "not known here";
}
