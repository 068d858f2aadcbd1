/* app/lists.h - the lists of addresses of the settings, opened for the command line: generations that they name, and the live set.
 *
 * Owner: the command that opened them, until lists_close; files' names are the settings'. */
#ifndef APP_LISTS_H
#define APP_LISTS_H

#include "app/command.h"
#include "facts/address_lists.h"

struct lists {
	struct address_lists lists;
	struct address_set *sets[LIMIT_ADDRESS_LISTS];
	struct address_live *live; /* NULL: nothing was put so far */
	int64_t now;
};

/* Where the live set of these settings lies: below the data folder. Followed by a NUL. */
struct span lists_live_path(const struct settings *settings, struct arena *arena);
/* False: said on stderr. For writing, the live set is made when there is none. */
bool lists_open(struct options *options, enum address_live_mode mode, struct lists *ret_lists);
void lists_close(struct lists *lists);

/* "7d", "12h", "30m", "2w", "90s", or a number of seconds. */
bool lists_parse_duration(struct span text, int64_t *ret_seconds);

/* Each takes what follows its word on the command line. */
enum exit_status lists_build(struct options *options, char **arguments, size_t n);
enum exit_status lists_add(struct options *options, char **arguments, size_t n);
enum exit_status lists_remove(struct options *options, char **arguments, size_t n);
enum exit_status lists_look(struct options *options, char **arguments, size_t n);
enum exit_status lists_export(struct options *options, char **arguments, size_t n);

#endif
