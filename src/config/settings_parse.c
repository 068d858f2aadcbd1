/* config/settings_parse.c - reads settings files into the options of the table in settings.c.
 *
 * YAML by libyaml's event parser, one mapping of option to value; JSON is YAML, so it may be written as JSON. Tags, anchors and aliases
 * are refused: nobody needs them here, and an unquoted "!10.1.2.3" is a tag to YAML, which would silently lose the exclusion.
 * Every error names file, line and column, says what is wrong and what to write instead. The files are trusted, but bounded all the same.
 */
#include "base/err.h"
#include "base/nearest.h"
#include "config/settings_reading.h"

/* Records "path:line:column: ..." and answers ERR_SYNTAX. */
#define fail(r, at, ...) settings_reading_fail((r), (at), arena_printf((r)->arena, __VA_ARGS__))

/* The event is the key. */
static int set_option(struct settings_reading *r)
{
	struct settings_place at = settings_reading_place(r);
	if (r->event.type != YAML_SCALAR_EVENT)
		return fail(r, at, "the name of an option is expected here");
	struct span name = settings_reading_scalar(r);
	const struct settings_option *option = settings_find(name);
	if (!option) {
		const char *near = nearest_word(name, &settings_options[0].name, sizeof settings_options[0], settings_options_n);
		return near ? fail(r, at, "there is no option \"%.*s\"; did you mean \"%s\"?", SPAN_ARG(name), near)
			    : fail(r, at, "there is no option \"%.*s\"; `postern config sample` lists all", SPAN_ARG(name));
	}
	struct settings_place *place = &r->places[option - settings_options];
	if (place->line)
		return fail(r, at, "%s is set twice; line %u sets it already", option->name, place->line);
	*place = at;
	int err = settings_reading_next(r);
	return err ? err : settings_reading_value(r, option);
}

/* Every mistake of the options is told, so that a person mends a file in one go. */
static int read_options(struct settings_reading *r, struct settings_report *report)
{
	int err;
	while (!(err = settings_reading_next(r)) && r->event.type != YAML_MAPPING_END_EVENT) {
		if (!set_option(r))
			continue;
		if (settings_reading_skip(r))
			return ERR_SYNTAX;
		if (report->errors.n == LIMIT_SETTINGS_ERRORS)
			return ERR_SYNTAX;
		*(struct span *)vec_push(r->arena, &report->errors) = r->error;
		r->error = span_none;
	}
	return err;
}

static int read_document(struct settings_reading *r, struct settings_report *report)
{
	int err;
	while (!(err = settings_reading_next(r)) &&
	       (r->event.type == YAML_STREAM_START_EVENT || r->event.type == YAML_DOCUMENT_START_EVENT))
		;
	if (err || r->event.type == YAML_STREAM_END_EVENT)
		return err; /* an empty file sets nothing */
	if (r->event.type == YAML_SCALAR_EVENT && r->event.data.scalar.length == 0)
		return ERR_OK;
	if (r->event.type != YAML_MAPPING_START_EVENT)
		return fail(r, settings_reading_place(r), "options are expected; write one \"option: value\" a line");
	err = read_options(r, report);
	while (!err && r->event.type != YAML_STREAM_END_EVENT)
		if (!(err = settings_reading_next(r)) && r->event.type == YAML_DOCUMENT_START_EVENT)
			return fail(r, settings_reading_place(r),
				    "a second document begins here; remove the --- line, all options stand in one");
	return err;
}

static void read_file(const struct settings_file *file, struct arena *arena, struct settings *settings, struct settings_report *report)
{
	struct settings_reading r;
	if (settings_reading_open(&r, file->path, file->text, arena)) {
		*(struct span *)vec_push(arena, &report->errors) = arena_printf(arena, "%.*s: out of memory", SPAN_ARG(file->path));
		return;
	}
	r.settings = settings;
	r.places = arena_zalloc(arena, settings_options_n * sizeof *r.places);
	if (read_document(&r, report) && r.error.n)
		*(struct span *)vec_push(arena, &report->errors) = r.error;
	settings_reading_close(&r);
	for (size_t i = 0; i < settings_options_n; i++)
		if (r.places[i].line)
			report->origins[i] = (struct settings_origin){ file->path, r.places[i].line, r.places[i].column };
}

/* The last place that sets one of the three: what stood before it was right. */
static struct settings_origin last_threshold(const struct settings_files *files, const struct settings_report *report)
{
	struct settings_origin at = { .line = 0 };
	for (uint32_t f = 0; f < files->list.n; f++)
		for (size_t i = 0; i < settings_options_n; i++) {
			const struct settings_origin *origin = &report->origins[i];
			bool later = origin->line && origin->file.p == files->list.v[f].path.p &&
				     (at.file.p != origin->file.p || origin->line > at.line);
			if (later && strcmp(settings_options[i].unit, "nats") == 0)
				at = *origin;
		}
	return at;
}

static void check_order(const struct settings *s, const struct settings_files *files, struct arena *arena, struct settings_report *report)
{
	if (s->mark <= s->quarantine && s->quarantine <= s->reject)
		return;
	struct settings_origin at = last_threshold(files, report);
	*(struct span *)vec_push(arena, &report->errors) =
	    arena_printf(arena,
			 "%.*s:%u:%u: mark, quarantine and reject must not fall: here mark is %d.%03d, quarantine %d.%03d, reject %d.%03d; "
			 "raise the later ones",
			 SPAN_ARG(at.file), at.line, at.column, s->mark / 1000, s->mark % 1000, s->quarantine / 1000, s->quarantine % 1000,
			 s->reject / 1000, s->reject % 1000);
}

int settings_parse(const struct settings_files *files, struct arena *arena, struct settings *ret_settings,
		   struct settings_report *ret_report)
{
	struct settings settings;
	settings_defaults(&settings);
	memset(ret_report, 0, sizeof *ret_report);
	ret_report->origins = arena_zalloc(arena, settings_options_n * sizeof *ret_report->origins);
	for (uint32_t i = 0; i < files->list.n; i++)
		read_file(&files->list.v[i], arena, &settings, ret_report);
	if (!ret_report->errors.n)
		check_order(&settings, files, arena, ret_report);
	if (ret_report->errors.n)
		return ERR_SYNTAX;
	*ret_settings = settings;
	return ERR_OK;
}

int settings_load(const char *path, struct arena *arena, struct settings *ret_settings, struct span *ret_error)
{
	struct settings_files files;
	struct settings_report report;
	int err = settings_files_read(path, arena, &files, ret_error);
	if (err)
		return err;
	if ((err = settings_parse(&files, arena, ret_settings, &report)))
		*ret_error = report.errors.v[0];
	return err;
}
