/* app/command.h - what a subcommand is: a row of the table in command.c, and one function in a file of its own. */
#ifndef APP_COMMAND_H
#define APP_COMMAND_H

#include "app/options.h"

/* What postern's exit status says (postern(1)). */
enum exit_status {
	EXIT_CLEAN = 0,  /* done; no message reached `mark` */
	EXIT_FOUND = 1,  /* at least one did; `config test`: the file has an error */
	EXIT_TROUBLE = 2 /* wrong usage, or input that could not be read: wins over the others */
};

struct command {
	const char *name;
	const char *arguments; /* "PATH..." */
	const char *summary;   /* one line for the list of commands */
	const char *detail;    /* what --help adds */
	const char *words;     /* words its first argument may be, blank-separated, or NULL */
	uint32_t id;           /* enum command_id: which options it takes */
	enum exit_status (*run)(struct options *options);
};

extern const struct command commands[];
extern const size_t commands_n;
const struct command *command_find(struct span name);
/* Usage and options of one command, or of all, on stdout. */
void command_help(const struct command *command);
void command_help_all(void);

enum exit_status scan_run(struct options *options);
enum exit_status why_run(struct options *options);
enum exit_status trace_run(struct options *options);
enum exit_status auth_run(struct options *options);
enum exit_status parse_run(struct options *options);
enum exit_status checks_run(struct options *options);
enum exit_status config_run(struct options *options);
enum exit_status learn_run(struct options *options);
enum exit_status evaluate_run(struct options *options);
enum exit_status sign_run(struct options *options);
enum exit_status trap_run(struct options *options);
enum exit_status serve_run(struct options *options);
enum exit_status reload_run(struct options *options);
enum exit_status history_run(struct options *options);
enum exit_status stats_run(struct options *options);
enum exit_status relaytest_run(struct options *options);
enum exit_status replay_run(struct options *options);
enum exit_status quarantine_run(struct options *options);
enum exit_status lists_run(struct options *options);
enum exit_status completion_run(struct options *options);

#endif
