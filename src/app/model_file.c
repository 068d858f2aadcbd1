/* app/model_file.c - see model_file.h */
#include "app/model_file.h"
#include "base/err.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Both as the environment has them, where they can be: the XDG specification says that relative paths are to be ignored. */
static const char *folder_from(const char *variable)
{
	const char *value = getenv(variable);
	return value && value[0] == '/' ? value : NULL;
}

static struct span own_place(struct arena *arena)
{
	const char *data = folder_from("XDG_DATA_HOME"), *home = folder_from("HOME");
	if (data)
		return arena_printf(arena, "%s/postern/model", data);
	if (geteuid() == 0 || !home)
		return SPAN("/var/lib/postern/model");
	return arena_printf(arena, "%s/.local/share/postern/model", home);
}

const char *model_file_path(struct options *o)
{
	if (o->model)
		return o->model;
	struct span path = o->pipeline.settings.model;
	return (const char *)(path.n ? path : own_place(&o->arena)).p;
}

/* The folders above the file, as mkdir -p, for nobody else to read. What fails shows when the file is made. */
static void make_folders(const char *path, struct arena *arena)
{
	char *folder = (char *)arena_printf(arena, "%s", path).p;
	for (char *slash = folder; (slash = strchr(slash + 1, '/'));) {
		*slash = '\0';
		mkdir(folder, 0700);
		*slash = '/';
	}
}

struct learner *model_file_consult(struct options *o)
{
	struct learner *learner;
	char why[WEIGHTS_WHY_MAX];
	bool prior = o->pipeline.settings.shipped_prior;
	if (learner_open_file(model_file_path(o), WEIGHTS_READ, WEIGHTS_ASIDE_NEVER, prior, why, &learner) < 0) {
		fprintf(stderr, "postern: %s\npostern: judged without what was learned\n", why);
		o->pipeline.model_trouble = arena_printf(&o->arena, "%s", why);
		if (!prior || learner_open_memory(true, &learner) < 0)
			return NULL;
	}
	o->pipeline.model = learner_model(learner);
	o->pipeline.judges_only = true;
	return learner;
}

static void say_mended(const char *path, const struct learner *learner)
{
	struct weights_status status;
	weights_status(learner_weights(learner), &status);
	fprintf(stderr,
		"postern: %s was damaged. It was set aside as %s.damaged-*, and the %llu messages that its journal tells of were learned "
		"anew\n",
		path, path, (unsigned long long)(status.spam + status.ham));
}

struct learner *model_file_learn(struct options *o)
{
	struct learner *learner;
	char why[WEIGHTS_WHY_MAX];
	const char *path = model_file_path(o);
	bool prior = o->pipeline.settings.shipped_prior;
	if (!o->model && !o->pipeline.settings.model.n)
		make_folders(path, &o->arena);
	int err = learner_open_file(path, WEIGHTS_LEARN, WEIGHTS_ASIDE_NEVER, prior, why, &learner);
	if (err == ERR_SYNTAX) {
		err = learner_open_file(path, WEIGHTS_LEARN, WEIGHTS_ASIDE_DAMAGED, prior, why, &learner);
		if (err == 0)
			say_mended(path, learner);
	}
	if (err < 0) {
		fprintf(stderr, "postern: %s\n", why);
		if (err == ERR_UNSUPPORTED)
			fprintf(stderr, "postern: move it and %s.journal away to begin anew\n", path);
		return NULL;
	}
	o->pipeline.model = learner_model(learner);
	return learner;
}
