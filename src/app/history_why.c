/* app/history_why.c - `postern why ID`: the story of a message, from its case, when the message itself is long gone. */
#include "app/history.h"
#include "app/store_file.h"
#include "app/terminal.h"
#include "report/case.h"

#include <stdio.h>
#include <unistd.h>

static enum exit_status tell(struct options *o, struct store *store, const struct style *style, const char *argument, bool first)
{
	char id[CASEFILE_ID];
	struct store_case found;
	struct arena arena;
	struct buf out;
	enum exit_status status = EXIT_TROUBLE;
	arena_init(&arena);
	int err = store_file_is_id(argument, id) ? store_find(store, span_of(id, sizeof id), o->store.query.recipient, &arena, &found)
						 : ERR_NOT_FOUND;
	if (err == 0) {
		buf_init(&out, &arena, LIMIT_REPORT_BYTES);
		if (o->json)
			history_json(&found, true, &out);
		else
			report_case(&found, store_file_done(&found), style, &out);
		if (!first && !o->json)
			fputs("\n\n", stdout);
		fwrite(out.p, 1, out.n, stdout);
		status = found.casefile.verdict.action == VERDICT_ACCEPT ? EXIT_CLEAN : EXIT_FOUND;
	} else {
		struct span name = style_safe(span_cstr(argument), &arena);
		fprintf(stderr, "postern: %.*s: %s\n", SPAN_ARG(name),
			err == ERR_NOT_FOUND     ? "no such case is kept"
			: err == ERR_UNSUPPORTED ? "its case is of a newer version"
						 : "its case cannot be read");
	}
	arena_release(&arena);
	return status;
}

enum exit_status history_why(struct options *o)
{
	struct style style = terminal_style(STDOUT_FILENO);
	struct store *store = store_file_open(o, STORE_READ);
	enum exit_status status = store ? EXIT_CLEAN : EXIT_TROUBLE;
	for (size_t i = 0; i < o->n_paths && store; i++) {
		enum exit_status one = tell(o, store, &style, o->paths[i], i == 0);
		status = one > status ? one : status;
	}
	store_close(store);
	return status;
}
