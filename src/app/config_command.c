/* app/config_command.c - `postern config`: is a settings file right, what does an option mean, what does a file change, a file to begin
 * with. */
#include "app/command.h"
#include "app/config_warn.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json_out.h"
#include "base/limits.h"
#include "base/nearest.h"

#include <stdio.h>

static enum exit_status usage(const char *what)
{
	fprintf(stderr, "postern: %s\n", what);
	return EXIT_TROUBLE;
}

static void put_json(struct options *o, const struct settings *settings, const struct settings_option *option,
		     const struct settings_origin *origin)
{
	struct buf out;
	struct json_out j;
	buf_init(&out, &o->arena, LIMIT_REPORT_BYTES);
	json_init(&j, &out);
	json_object(&j, NULL);
	json_cstr(&j, "option", option->name);
	if (settings) {
		json_text(&j, "value", settings_value(settings, option, &o->arena));
		json_text_or_null(&j, "file", origin->file);
		json_int(&j, "line", origin->line);
		json_int(&j, "column", origin->column);
	} else {
		json_text(&j, "type", settings_option_says(option, &o->arena));
		json_text(&j, "default", settings_preset(option, &o->arena));
		json_cstr(&j, "unit", option->unit);
		json_cstr(&j, "help", option->help);
		json_cstr(&j, "example", option->example);
	}
	json_close(&j);
	printf("%.*s\n", SPAN_ARG(buf_span(&out)));
}

/* `config test [FILE]`: 0 when it is right, 1 with every mistake when it is not. */
static enum exit_status test(struct options *o, const char *file)
{
	struct settings settings;
	struct settings_files files;
	struct settings_report report;
	struct span error;
	struct list_book *lists = NULL;
	file = file ? file : SETTINGS_FILE;
	int err = settings_files_read(file, &o->arena, &files, &error);
	if (!err && settings_parse(&files, &o->arena, &settings, &report)) {
		for (uint32_t i = 0; i < report.errors.n; i++)
			fprintf(stderr, "%.*s\n", SPAN_ARG(report.errors.v[i]));
		return EXIT_FOUND;
	}
	if (!err) /* the files of lists, too */
		err = list_book_new(settings.lists.v, settings.lists.n, clock_now, &o->arena, &lists, &error);
	list_book_free(lists);
	if (err) {
		fprintf(stderr, "%.*s\n", SPAN_ARG(error));
		return err == ERR_IO ? EXIT_TROUBLE : EXIT_FOUND;
	}
	config_warn(&settings, &report, &o->arena);
	printf("%s: no error found\n", file);
	return EXIT_CLEAN;
}

/* ", from 0 to 100", of what has a range. */
static struct span range_of(const struct settings_option *option, struct arena *arena)
{
	struct span least, most;
	switch (option->type) {
	case SETTINGS_NUMBER:
		least = settings_milli_text(option->least, arena);
		most = settings_milli_text(option->most, arena);
		break;
	case SETTINGS_COUNT:
		least = arena_printf(arena, "%lld", (long long)option->least);
		most = arena_printf(arena, "%lld", (long long)option->most);
		break;
	case SETTINGS_SIZE:
		least = settings_size_text((uint64_t)option->least, arena);
		most = settings_size_text((uint64_t)option->most, arena);
		break;
	default: return span_none;
	}
	return arena_printf(arena, ", from %.*s to %.*s", SPAN_ARG(least), SPAN_ARG(most));
}

static void explain_one(struct options *o, const struct settings_option *option)
{
	struct span preset = settings_preset(option, &o->arena), says = settings_option_says(option, &o->arena);
	if (o->json) {
		put_json(o, NULL, option, NULL);
		return;
	}
	struct span range = range_of(option, &o->arena);
	printf("%s\n  %s\n  It is %.*s%s%s%.*s.\n  Default: %.*s\n  Example: %s: %s\n", option->name, option->help, SPAN_ARG(says),
	       *option->unit ? ", in " : "", option->unit, SPAN_ARG(range), SPAN_ARG(preset), option->name, option->example);
}

static enum exit_status explain(struct options *o, const char *key)
{
	const struct settings_option *option = key ? settings_find(span_cstr(key)) : NULL;
	if (key && !option) {
		const char *near = nearest_word(span_cstr(key), &settings_options[0].name, sizeof settings_options[0], settings_options_n);
		fprintf(stderr, "postern: there is no option \"%s\"; ", key);
		fprintf(stderr, near ? "did you mean %s?\n" : "`postern config explain` lists all\n", near);
		return EXIT_TROUBLE;
	}
	for (size_t i = 0; i < settings_options_n; i++) {
		if (option && option != &settings_options[i])
			continue;
		if (!option && i > 0 && !o->json)
			putchar('\n');
		explain_one(o, &settings_options[i]);
	}
	return EXIT_CLEAN;
}

/* `config show [FILE]`: what the file and its override folder set, one line each as grep writes it; without FILE, all defaults. */
static enum exit_status show(struct options *o, const char *file)
{
	struct settings settings;
	struct settings_files files = { 0 };
	struct settings_report report;
	struct span error;
	int err = file ? settings_files_read(file, &o->arena, &files, &error) : ERR_OK;
	if (!err && (err = settings_parse(&files, &o->arena, &settings, &report)))
		error = report.errors.v[0];
	if (err) {
		fprintf(stderr, "%.*s\n", SPAN_ARG(error));
		return EXIT_TROUBLE;
	}
	for (size_t i = 0; i < settings_options_n; i++) {
		const struct settings_option *option = &settings_options[i];
		const struct settings_origin *origin = &report.origins[i];
		struct span value = settings_value(&settings, option, &o->arena);
		if (file && (!origin->line || span_eq(value, settings_preset(option, &o->arena))))
			continue;
		if (o->json)
			put_json(o, &settings, option, origin);
		else if (file)
			printf("%.*s:%u: %s: %.*s\n", SPAN_ARG(origin->file), origin->line, option->name, SPAN_ARG(value));
		else
			printf("%s: %.*s\n", option->name, SPAN_ARG(value));
	}
	return EXIT_CLEAN;
}

static enum exit_status sample(struct options *o, const char *argument)
{
	if (argument)
		return usage("config sample writes to standard output; it takes no file");
	struct span text = settings_sample(&o->arena);
	fwrite(text.p, 1, text.n, stdout);
	return EXIT_CLEAN;
}

static const struct {
	const char *name;
	enum exit_status (*run)(struct options *o, const char *argument);
} actions[] = { { "test", test }, { "explain", explain }, { "show", show }, { "sample", sample } };

enum exit_status config_run(struct options *o)
{
	if (o->n_paths > 2)
		return usage("config takes one argument at most; see `postern config --help`");
	for (size_t i = 0; o->n_paths && i < sizeof actions / sizeof *actions; i++)
		if (strcmp(o->paths[0], actions[i].name) == 0)
			return actions[i].run(o, o->n_paths > 1 ? o->paths[1] : NULL);
	return usage("config can test, explain, show or sample; name one of them first");
}
