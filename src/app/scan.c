/* app/scan.c - `postern scan`: judges every message, a line each, and a summary at the end of many. */
#include "app/batch.h"
#include "app/model_file.h"
#include "app/scan_text.h"
#include "app/terminal.h"
#include "report/json.h"

#include <unistd.h>

static void render_json(const struct batch *batch, const struct judgement *judgement, struct buf *out)
{
	(void)batch;
	report_json(judgement, out);
	buf_byte(out, '\n');
}

static void render_text(const struct batch *batch, const struct judgement *judgement, struct buf *out)
{
	scan_text_line(judgement, &batch->style, out);
}

enum exit_status scan_run(struct options *options)
{
	if (!batch_has_input(options, "scan"))
		return EXIT_TROUBLE;
	struct batch batch = { .options = options,
			       .style = terminal_style(STDOUT_FILENO),
			       .render = options->json ? render_json : render_text };
	options->pipeline.network = true;
	options->pipeline.explain =
	    options->json || options->store.keep ? EXPLAIN_ALWAYS : EXPLAIN_NEVER; /* a line of text has no room for them */
	struct batch_totals totals;
	struct learner *learner = model_file_consult(options);
	if (options->store.keep && !(batch.keep = keep_open(options, learner))) {
		learner_close(learner);
		return EXIT_TROUBLE;
	}
	uint64_t begin = clock_microseconds();
	enum exit_status status = batch_run(&batch, &totals);
	if (!keep_close(batch.keep))
		status = EXIT_TROUBLE;
	learner_close(learner);
	if (!options->json && (totals.messages > 1 || options->index))
		scan_text_summary(&totals, clock_microseconds() - begin, &batch.style);
	return status;
}
