/* app/trace.c - `postern trace`: the way a message came, hop by hop, and its true origin. */
#include "report/trace.h"
#include "app/batch.h"

static void render_json(const struct batch *batch, const struct judgement *judgement, struct buf *out)
{
	(void)batch;
	report_trace_json(judgement, out);
	buf_byte(out, '\n');
}

static void render_text(const struct batch *batch, const struct judgement *judgement, struct buf *out)
{
	report_trace(judgement, &batch->style, out);
}

enum exit_status trace_run(struct options *options)
{
	options->pipeline.network = true;
	return batch_tell(options, "trace", render_text, render_json);
}
