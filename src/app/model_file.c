/* app/model_file.c - see model_file.h */
#include "app/model_file.h"
#include "app/data_folder.h"
#include "base/err.h"

#include <stdio.h>

const char *model_file_path(struct options *o)
{
	if (o->model)
		return o->model;
	struct span path = o->pipeline.settings.model;
	struct span folder = data_folder(&o->pipeline.settings, &o->arena);
	return (const char *)(path.n ? path : arena_printf(&o->arena, "%.*s/model", SPAN_ARG(folder))).p;
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
		data_folder_make(data_folder(&o->pipeline.settings, &o->arena), &o->arena); /* what fails shows when the file is made */
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
