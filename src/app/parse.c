/* app/parse.c - `postern parse`: shows what the parsers see, a line or a message at a time. */
#include "app/parse.h"
#include "app/batch.h"
#include "base/limits.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static const struct parser {
	const char *name;
	void (*line)(const struct parse_line *line, bool json, struct arena *arena, struct buf *out);
	void (*message)(struct span raw, bool json, struct arena *arena, struct buf *out);
} parsers[] = {
	{ "received", parse_received_line, NULL }, { "urls", parse_urls_line, NULL },    { "addresses", parse_addresses_line, NULL },
	{ "mime", NULL, parse_mime_message },      { "html", NULL, parse_html_message },
};

static enum exit_status trouble(const char *path, const char *error)
{
	fflush(stdout);
	fprintf(stderr, "postern: %s: %s\n", path, error);
	return EXIT_TROUBLE;
}

static void put(const struct buf *out)
{
	if (out->n)
		fwrite(out->p, 1, out->n, stdout);
}

static enum exit_status parse_lines(const struct parser *parser, const char *path, bool json)
{
	bool standard = strcmp(path, "-") == 0;
	FILE *f = standard ? stdin : fopen(path, "re");
	if (!f)
		return trouble(path, strerror(errno));
	struct arena arena;
	struct parse_line line = { .number = 0 };
	char *bytes = NULL;
	size_t cap = 0;
	arena_init(&arena);
	for (ssize_t n; (n = getline(&bytes, &cap, f)) >= 0;) {
		struct buf out;
		line.text = span_of(bytes, (size_t)n);
		if (span_ends(line.text, SPAN("\n")))
			line.text.n--;
		if (span_ends(line.text, SPAN("\r")))
			line.text.n--;
		line.number++;
		arena_reset(&arena);
		buf_init(&out, &arena, LIMIT_REPORT_BYTES);
		parser->line(&line, json, &arena, &out);
		put(&out);
	}
	enum exit_status status = ferror(f) ? trouble(path, strerror(errno)) : EXIT_CLEAN;
	free(bytes);
	arena_release(&arena);
	if (!standard)
		fclose(f);
	return status;
}

static enum exit_status parse_messages(const struct parser *parser, char *path, bool json)
{
	struct arena arena;
	struct input input;
	struct input_item item;
	enum exit_status status = EXIT_CLEAN;
	arena_init(&arena);
	input_init(&input, &path, 1, NULL);
	input_item_init(&item);
	while (input_next(&input, &item)) {
		input_load(&item);
		arena_reset(&arena);
		if (item.failed) {
			status = trouble((const char *)style_safe(item.name, &arena).p, item.error);
			continue;
		}
		struct buf out;
		buf_init(&out, &arena, LIMIT_REPORT_BYTES);
		parser->message(item.bytes, json, &arena, &out);
		put(&out);
	}
	input_item_release(&item);
	input_release(&input);
	arena_release(&arena);
	return status;
}

enum exit_status parse_run(struct options *options)
{
	static char standard_input[] = "-";
	struct span what = span_cstr(options->n_paths ? options->paths[0] : NULL);
	char *path = options->n_paths > 1 ? options->paths[1] : standard_input;
	if (options->n_paths > 2) {
		fprintf(stderr, "postern: parse reads one PATH, not %zu\n", options->n_paths - 1);
		return EXIT_TROUBLE;
	}
	pipeline_warm_up();
	for (size_t i = 0; i < sizeof parsers / sizeof *parsers; i++)
		if (span_eq(what, span_cstr(parsers[i].name)))
			return parsers[i].line ? parse_lines(&parsers[i], path, options->json)
					       : parse_messages(&parsers[i], path, options->json);
	fprintf(stderr, "postern: parse shows received, mime, urls, addresses or html; name one of them%s\n", what.p ? "" : " first");
	return EXIT_TROUBLE;
}
