/* app/why.c - `postern why`: the whole story of a message. */
#include "app/batch.h"
#include "app/history.h"
#include "app/model_file.h"
#include "app/store_file.h"
#include "report/story.h"

static void render_json(const struct batch *batch, const struct judgement *judgement, struct buf *out)
{
	(void)batch;
	report_story_json(judgement, out);
	buf_byte(out, '\n');
}

static void render_text(const struct batch *batch, const struct judgement *judgement, struct buf *out)
{
	report_story(judgement, &batch->style, out);
}

enum exit_status why_run(struct options *options)
{
	char id[CASEFILE_ID];
	if (options->n_paths && store_file_is_id(options->paths[0], id))
		return history_why(options);
	options->pipeline.network = true;
	options->pipeline.explain = EXPLAIN_ALWAYS;
	struct learner *learner = model_file_consult(options);
	enum exit_status status = batch_tell(options, "why", render_text, render_json);
	learner_close(learner);
	return status;
}
