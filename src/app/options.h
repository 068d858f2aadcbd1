/* app/options.h - the options of the command line: one table for all commands, from which parser, --help and shell completion derive.
 *
 * Owner: struct options owns everything it points to until options_release, argv excepted. */
#ifndef APP_OPTIONS_H
#define APP_OPTIONS_H

#include "app/feedback.h"
#include "app/pipeline.h"
#include "app/sign.h"
#include "state/store.h"

enum command_id {
	COMMAND_SCAN = 1 << 0,
	COMMAND_WHY = 1 << 1,
	COMMAND_TRACE = 1 << 2,
	COMMAND_PARSE = 1 << 3,
	COMMAND_CHECKS = 1 << 4,
	COMMAND_CONFIG = 1 << 5,
	COMMAND_COMPLETION = 1 << 6,
	COMMAND_EVALUATE = 1 << 7,
	COMMAND_LEARN = 1 << 8,
	COMMAND_AUTH = 1 << 9,
	COMMAND_SIGN = 1 << 10,
	COMMAND_SERVE = 1 << 11,
	COMMAND_RELOAD = 1 << 12,
	COMMAND_HISTORY = 1 << 13,
	COMMAND_REPLAY = 1 << 14,
	COMMAND_QUARANTINE = 1 << 15,
	COMMAND_STATS = 1 << 18,
	COMMAND_TRAP = 1 << 19,
	COMMAND_RELAYTEST = 1 << 20,
	COMMAND_LISTS = 1 << 21,
	COMMAND_JUDGES = COMMAND_SCAN | COMMAND_WHY | COMMAND_TRACE,
};

struct options {
	struct arena arena;
	struct pipeline_options pipeline; /* settings, connection, zone, now */
	struct zone *zone;
	struct list_book *lists; /* NULL: the settings name none */
	struct network *places;  /* NULL: no location database */
	VEC(struct span) recipients;
	const char *index; /* --index FILE, or NULL */
	const char *model; /* --model FILE, or NULL */
	unsigned threads;  /* 0: one a core */
	bool json, help;
	bool day;    /* stats: of the last day alone */
	bool header; /* auth: the field instead of text */
	struct {
		struct feedback feedback;
		const char *train, *out, *scores; /* FILE, or NULL */
		bool prior;
	} evaluate;
	struct sign_options sign;
	struct {
		struct span sender, recipient, domain;
		const char *proxy; /* HOST:PORT, or NULL */
		bool own, deliver; /* the server is the user's; messages are sent */
		bool has_pause;
		unsigned seconds, pause; /* 0: the default; milliseconds */
	} relaytest;
	struct span trap_domain;   /* trap plant --domain; or empty */
	const char *settings_path; /* --settings FILE, or NULL */
	struct {
		const char *role; /* which of its processes this is, or NULL: the first */
		bool explain;     /* what each may do, instead of serving */
	} serve;
	struct {
		const char *data, *keep; /* DIR, or NULL */
		struct store_query query;
		bool checks, learn;
	} store;
	struct {
		const char *format, *class, *out, *note; /* or NULL */
		int64_t seconds;                         /* --for; 0: for good */
	} lists_command;
	char **paths; /* what is no option, in order */
	size_t n_paths;
};

struct option {
	const char *name;     /* "json", without the dashes */
	char letter;          /* 0: none */
	uint32_t commands;    /* enum command_id, those that take it */
	const char *argument; /* "FILE", or NULL when it takes none */
	const char *help;
	bool (*set)(struct options *options, const char *value); /* false: said on stderr */
};

extern const struct option options_table[];
extern const size_t options_table_n;

struct command;
/* Reads what follows the command's name. False when something was wrong: then it was said on stderr. */
bool options_parse(const struct command *command, int argc, char **argv, struct options *ret_options);
void options_release(struct options *options);

#endif
