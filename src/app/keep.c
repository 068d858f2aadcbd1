/* app/keep.c - see keep.h */
#include "app/keep.h"
#include "app/case_of.h"
#include "app/store_file.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct keep {
	pthread_mutex_t lock;
	struct store *store;
	struct casefile_generations generations;
	uint64_t failed;
	char why[STORE_WHY_MAX];
};

struct keep *keep_open(struct options *o, const struct learner *learner)
{
	struct keep *keep = calloc(1, sizeof *keep);
	if (!keep)
		abort();
	struct span before = o->pipeline.settings.data_directory;
	o->pipeline.settings.data_directory = span_cstr(o->store.keep);
	keep->store = store_file_open(o, STORE_WRITE);
	o->pipeline.settings.data_directory = before;
	if (!keep->store) {
		free(keep);
		return NULL;
	}
	pthread_mutex_init(&keep->lock, NULL);
	keep->generations = case_generations(&o->pipeline.settings, &o->arena);
	keep->generations.model = case_model_generation(learner);
	return keep;
}

/* What serve does where the settings do not say otherwise. */
static enum disposition disposition_of(enum verdict_action action)
{
	static const enum disposition dispositions[] = {
		[VERDICT_ACCEPT] = DISPOSITION_DELIVER, [VERDICT_MARK] = DISPOSITION_DELIVER, [VERDICT_QUARANTINE] = DISPOSITION_STORE,
		[VERDICT_REJECT] = DISPOSITION_REJECT,  [VERDICT_DEFER] = DISPOSITION_DEFER,
	};
	return dispositions[action];
}

void keep_message(struct keep *keep, const struct pipeline *pipeline, const struct judgement *judgement)
{
	struct arena *arena = judgement->message->arena;
	struct casefile casefile;
	struct buf record;
	char id[CASEFILE_ID];
	bool made = case_new_id(id);
	if (made) {
		struct case_source source = { .judgement = judgement,
					      .pipeline = pipeline,
					      .id = span_of(id, sizeof id),
					      .door = SPAN("scan"),
					      .disposition = disposition_of(judgement->verdict.action),
					      .generations = keep->generations };
		case_of(&source, arena, &casefile);
		buf_init(&record, arena, SIZE_MAX);
		casefile_write(&casefile, &record);
	}
	pthread_mutex_lock(&keep->lock);
	struct store_entry entry = { .casefile = made ? &casefile : NULL,
				     .record = made ? buf_span(&record) : span_none,
				     .content = judgement->message->raw,
				     .hold = made && casefile.disposition == DISPOSITION_STORE };
	if (!made || store_add(keep->store, &entry) < 0) {
		keep->failed++;
		snprintf(keep->why, sizeof keep->why, "%s", made ? store_why(keep->store) : "the system gives no random numbers");
	}
	pthread_mutex_unlock(&keep->lock);
}

bool keep_close(struct keep *keep)
{
	struct store_status status;
	if (!keep)
		return true;
	bool more = true; /* of an archive that is larger than content_bytes, the newest stay */
	while (more && store_expire(keep->store, clock_now(), &more) == 0)
		;
	if (store_commit(keep->store) < 0)
		snprintf(keep->why, sizeof keep->why, "%s", store_why(keep->store));
	store_status(keep->store, &status);
	bool ok = !keep->failed && !status.lost_cases && !status.lost_content;
	if (status.lost_content && !keep->why[0])
		snprintf(keep->why, sizeof keep->why, "%s", store_why(keep->store));
	if (!ok)
		fprintf(stderr, "postern: %llu cases and the content of %llu messages could not be kept: %s\n",
			(unsigned long long)(status.lost_cases > keep->failed ? status.lost_cases : keep->failed),
			(unsigned long long)status.lost_content, keep->why);
	store_close(keep->store);
	pthread_mutex_destroy(&keep->lock);
	free(keep);
	return ok;
}
