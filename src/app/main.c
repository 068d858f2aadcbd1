/* app/main.c - start here: finds the subcommand in the table of command.c, reads its options, runs it. */
#include "app/command.h"
#include "base/nearest.h"

#include <errno.h>
#include <stdio.h>

static enum exit_status unknown(const char *name)
{
	const char *near = nearest_word(span_cstr(name), &commands[0].name, sizeof commands[0], commands_n);
	fprintf(stderr, "postern: there is no command \"%s\"; ", name);
	fprintf(stderr, near ? "did you mean %s?\n" : "`postern help` lists them\n", near);
	return EXIT_TROUBLE;
}

static enum exit_status help(const char *topic)
{
	const struct command *command = topic ? command_find(span_cstr(topic)) : NULL;
	if (topic && !command)
		return unknown(topic);
	if (command)
		command_help(command);
	else
		command_help_all();
	return EXIT_CLEAN;
}

static enum exit_status run(int argc, char **argv)
{
	struct span name = span_cstr(argc > 1 ? argv[1] : NULL);
	if (!name.p) {
		fprintf(stderr, "usage: postern COMMAND [OPTION...] ...   (`postern help` lists the commands)\n");
		return EXIT_TROUBLE;
	}
	if (span_eq(name, SPAN("help")) || span_eq(name, SPAN("--help")) || span_eq(name, SPAN("-h")))
		return help(argv[2]);
	if (span_eq(name, SPAN("--version")) || span_eq(name, SPAN("version"))) {
		puts("postern " POSTERN_VERSION);
		return EXIT_CLEAN;
	}
	const struct command *command = command_find(name);
	if (!command)
		return unknown(argv[1]);
	struct options options;
	if (!options_parse(command, argc - 2, argv + 2, &options))
		return EXIT_TROUBLE;
	enum exit_status status = options.help ? help(command->name) : command->run(&options);
	options_release(&options);
	return status;
}

int main(int argc, char **argv)
{
	enum exit_status status = run(argc, argv);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "postern: cannot write the results: %s\n", strerror(errno));
		return EXIT_TROUBLE;
	}
	return (int)status;
}
