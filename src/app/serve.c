/* app/serve.c - `postern serve`: judges mail for a mail server; and `postern reload`, which makes it read its settings again. */
#include "app/data_folder.h"
#include "app/master.h"
#include "net/sandbox.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>

static enum exit_status explain(void)
{
	struct arena arena;
	struct buf out;
	arena_init(&arena);
	buf_init(&out, &arena, SIZE_MAX);
	buf_cstr(&out, "master: binds, starts the others and starts them again; reads the settings and nothing else\n"
		       "  no sandbox: it must be able to start processes\n");
	for (size_t i = 0; i < roles_n; i++) {
		buf_printf(&out, "\n%s: %s\n", roles[i].name, roles[i].says);
		sandbox_explain(roles[i].rights, &out);
	}
	fwrite(out.p, 1, out.n, stdout);
	arena_release(&arena);
	return EXIT_CLEAN;
}

enum exit_status serve_run(struct options *o)
{
	if (o->serve.explain)
		return explain();
	for (size_t i = 0; o->serve.role && i < roles_n; i++)
		if (strcmp(o->serve.role, roles[i].name) == 0)
			return (enum exit_status)roles[i].run(ROLE_CHANNEL);
	if (o->serve.role || o->n_paths) {
		fprintf(stderr, "postern: serve takes no %s\n", o->serve.role ? "such role" : "arguments");
		return EXIT_TROUBLE;
	}
	struct master_options options = { .settings_path = o->settings_path };
	return master_run(&options);
}

enum exit_status reload_run(struct options *o)
{
	/* options_parse has read the settings: wrong ones were refused before this */
	struct span folder = data_folder(&o->pipeline.settings, &o->arena);
	const char *path = (const char *)arena_printf(&o->arena, "%.*s/postern.pid", SPAN_ARG(folder)).p;
	FILE *file = fopen(path, "re");
	int pid = 0;
	bool read = file && fscanf(file, "%d", &pid) == 1 && pid > 1;
	if (file)
		fclose(file);
	if (!read || kill(pid, SIGHUP) != 0) {
		fprintf(stderr, "postern: no service is running (%s: %s)\n", path, read || !file ? strerror(errno) : "no process number");
		return EXIT_TROUBLE;
	}
	return EXIT_CLEAN;
}
