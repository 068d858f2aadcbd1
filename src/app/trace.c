/* app/trace.c - `postern trace`: the way a message came, hop by hop, and its true origin. */
#include "report/trace.h"
#include "app/batch.h"
#include "app/terminal.h"

#include <stdio.h>
#include <unistd.h>

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
	if (options->n_paths == 0) {
		fprintf(stderr, "postern: trace needs a message: its file, or - for standard input\n");
		return EXIT_TROUBLE;
	}
	struct batch batch = { .options = options,
			       .style = terminal_style(STDOUT_FILENO),
			       .render = options->json ? render_json : render_text,
			       .between = options->json ? NULL : "\n\n",
			       .default_threads = 1 };
	struct batch_totals totals;
	return batch_run(&batch, &totals);
}
