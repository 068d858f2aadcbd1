/* app/completion.c - `postern completion`: completion scripts for bash, zsh and fish, written from the tables of commands and options. */
#include "app/command.h"

#include <stdio.h>

static bool takes_file(const struct option *option) { return option->argument && strcmp(option->argument, "FILE") == 0; }

static void words_of_options(const struct command *command)
{
	for (size_t i = 0; i < options_table_n; i++) {
		const struct option *o = &options_table[i];
		if (!(o->commands & command->id))
			continue;
		if (o->letter)
			printf("-%c ", o->letter);
		printf("--%s%s", o->name, i + 1 < options_table_n ? " " : "");
	}
}

static void bash(void)
{
	printf("# Completion of postern for bash, written by `postern completion bash`.\n"
	       "_postern()\n{\n\tlocal word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} options= words=\n"
	       "\tif [ \"$COMP_CWORD\" = 1 ]; then\n\t\tCOMPREPLY=($(compgen -W \"");
	for (size_t i = 0; i < commands_n; i++)
		printf("%s ", commands[i].name);
	printf("help --version\" -- \"$word\"))\n\t\treturn\n\tfi\n\tcase ${COMP_WORDS[1]} in\n");
	for (size_t i = 0; i < commands_n; i++) {
		printf("\t%s) options='", commands[i].name);
		words_of_options(&commands[i]);
		printf("'; words='%s' ;;\n", commands[i].words ? commands[i].words : "");
	}
	printf("\tesac\n\tcase $before in\n\t");
	const char *between = "";
	for (size_t i = 0; i < options_table_n; i++) {
		if (!options_table[i].argument || takes_file(&options_table[i]))
			continue;
		printf("%s--%s", between, options_table[i].name);
		if (options_table[i].letter)
			printf("|-%c", options_table[i].letter);
		between = "|";
	}
	printf(") return ;;\n\tesac\n\tcase $word in\n\t-*) COMPREPLY=($(compgen -W \"$options\" -- \"$word\")) ;;\n"
	       "\t*)\n\t\tif [ \"$COMP_CWORD\" = 2 ] && [ -n \"$words\" ]; then\n\t\t\tCOMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
	       "\t\telse\n\t\t\tcompopt -o filenames\n\t\t\tCOMPREPLY=($(compgen -f -- \"$word\"))\n\t\tfi ;;\n\tesac\n}\ncomplete -F "
	       "_postern postern\n");
}

/* Text between single quotes; in zsh's specifications also without brackets and colons. */
static void quoted(const char *text, const char *escape)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\'", stdout);
		else if (strchr(escape, *text))
			putchar('\\');
		putchar(*text);
	}
}

static void zsh_option(const struct option *o)
{
	printf("\t\t\t");
	if (o->letter)
		printf("'(-%c --%s)'{-%c,--%s}'[", o->letter, o->name, o->letter, o->name);
	else
		printf("'%s--%s[", strcmp(o->name, "rcpt") == 0 ? "*" : "", o->name);
	quoted(o->help, "[]:");
	putchar(']');
	if (o->argument)
		printf(":%s:%s", o->argument, takes_file(o) ? "_files" : " ");
	printf("' \\\n");
}

static void zsh(void)
{
	printf("#compdef postern\n# Completion of postern for zsh, written by `postern completion zsh`.\n_postern() {\n\tlocal -a "
	       "commands\n\tcommands=(\n");
	for (size_t i = 0; i < commands_n; i++) {
		printf("\t\t'%s:", commands[i].name);
		quoted(commands[i].summary, ":");
		printf("'\n");
	}
	printf("\t\t'help:explain a command'\n\t)\n\tif (( CURRENT == 2 )); then\n\t\t_describe command commands\n\t\treturn\n\tfi\n"
	       "\tlocal command=$words[2]\n\tshift words\n\t(( CURRENT-- ))\n\tcase $command in\n");
	for (size_t i = 0; i < commands_n; i++) {
		printf("\t%s)\n\t\t_arguments \\\n", commands[i].name);
		for (size_t k = 0; k < options_table_n; k++)
			if (options_table[k].commands & commands[i].id)
				zsh_option(&options_table[k]);
		if (commands[i].words)
			printf("\t\t\t'1: :(%s)' \\\n", commands[i].words);
		printf("\t\t\t'*:file:_files' ;;\n");
	}
	printf("\tesac\n}\n_postern \"$@\"\n");
}

static void fish(void)
{
	printf("# Completion of postern for fish, written by `postern completion fish`.\n");
	for (size_t i = 0; i < commands_n; i++) {
		printf("complete -c postern -n __fish_use_subcommand -f -a %s -d '", commands[i].name);
		quoted(commands[i].summary, "");
		printf("'\n");
		if (commands[i].words)
			printf("complete -c postern -n '__fish_seen_subcommand_from %s' -a '%s'\n", commands[i].name, commands[i].words);
		for (size_t k = 0; k < options_table_n; k++) {
			const struct option *o = &options_table[k];
			if (!(o->commands & commands[i].id))
				continue;
			printf("complete -c postern -n '__fish_seen_subcommand_from %s' -l %s", commands[i].name, o->name);
			if (o->letter)
				printf(" -s %c", o->letter);
			printf("%s -d '", takes_file(o) ? " -r -F" : o->argument ? " -x" : "");
			quoted(o->help, "");
			printf("'\n");
		}
	}
}

static const struct {
	const char *name;
	void (*write)(void);
} shells[] = { { "bash", bash }, { "zsh", zsh }, { "fish", fish } };

enum exit_status completion_run(struct options *o)
{
	for (size_t i = 0; o->n_paths == 1 && i < sizeof shells / sizeof *shells; i++)
		if (strcmp(o->paths[0], shells[i].name) == 0) {
			shells[i].write();
			return EXIT_CLEAN;
		}
	fprintf(stderr, "postern: completion needs the name of a shell: bash, zsh or fish\n");
	return EXIT_TROUBLE;
}
