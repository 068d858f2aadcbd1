/* app/history.c - `postern history`: which mail came, what was decided, what became of it; from kept cases. */
#include "app/history.h"
#include "action/outcome.h"
#include "app/command.h"
#include "app/store_file.h"
#include "app/terminal.h"
#include "report/case.h"

#include <stdio.h>
#include <unistd.h>

struct history {
	const struct options *options;
	struct style style;
	uint64_t shown;
};

void history_json(const struct store_case *found, bool story, struct buf *out)
{
	struct json_out j;
	enum disposition disposition = store_file_disposition(found);
	json_init(&j, out);
	json_object(&j, NULL);
	report_case_members(&j, found, disposition < DISPOSITIONS ? disposition_name(disposition) : "unknown");
	if (story)
		report_case_story_members(&j, found);
	json_close(&j);
	buf_byte(out, '\n');
}

static bool show(void *context, const struct store_case *found)
{
	struct history *h = context;
	struct buf out;
	buf_init(&out, found->casefile.evidence.arena, LIMIT_REPORT_BYTES);
	if (h->options->json)
		history_json(found, false, &out);
	else
		report_case_line(found, &h->style, &out);
	h->shown++;
	return fwrite(out.p, 1, out.n, stdout) == out.n;
}

enum exit_status history_search(struct options *o, const char *nothing)
{
	struct history h = { .options = o, .style = terminal_style(STDOUT_FILENO) };
	struct store *store = store_file_open(o, STORE_READ);
	uint64_t unreadable = 0;
	if (!store)
		return EXIT_TROUBLE;
	int err = store_search(store, &o->store.query, show, &h, &unreadable);
	if (err < 0)
		fprintf(stderr, "postern: %s\n", store_why(store));
	if (unreadable)
		fprintf(stderr, "postern: %llu cases cannot be read: they are damaged, or of a newer version\n",
			(unsigned long long)unreadable);
	if (err == 0 && !h.shown && !o->json)
		fprintf(stderr, "postern: %s\n", nothing);
	if (err == 0 && o->store.query.limit && h.shown == o->store.query.limit && !o->json)
		fprintf(stderr, "postern: the newest %llu are shown; --limit shows more\n", (unsigned long long)h.shown);
	store_close(store);
	return err < 0 || unreadable ? EXIT_TROUBLE : h.shown ? EXIT_CLEAN : EXIT_FOUND;
}

enum exit_status history_run(struct options *o)
{
	if (o->n_paths) {
		fprintf(stderr, "postern: history takes no arguments; to look for an address: postern history --address %s\n", o->paths[0]);
		return EXIT_TROUBLE;
	}
	return history_search(o, "no kept case is like that");
}
