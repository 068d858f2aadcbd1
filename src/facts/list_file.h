/* facts/list_file.h - a list of one's own: a file with an address, a network, a domain or a mail address a line.
 *
 * Or a file that `postern lists build` made, of any of the forms it reads (rbldnsd's, DROP, ...): that is mapped, and holds addresses.
 *
 * "192.0.2.7", "192.0.2.0/24", "10.1/16", "2001:db8::/32", "example.org" (and all below it), "=example.org" (that name alone),
 * "someone@example.org"; an entry that begins with ! is an exception to wider ones; what follows # is a remark. Of several entries that
 * hold a key the narrowest decides. Promises: a line that is not understood refuses the whole file, with file and line; look-ups are one
 * binary search, or one hash look-up for each label of a name, and immutable tables may be read by any number of threads. Owner: whoever
 * read it, until list_file_free. */
#ifndef FACTS_LIST_FILE_H
#define FACTS_LIST_FILE_H

#include "base/arena.h"
#include "base/ip.h"

struct list_file;

/* bytes need not outlive the call. path is for the error (in arena) only. ERR_SYNTAX or ERR_LIMIT. */
int list_file_parse(struct span bytes, const char *path, struct arena *arena, struct list_file **ret_file, struct span *ret_error);
/* The same from disk, or a built file; ERR_IO and ERR_UNSUPPORTED too. */
int list_file_read(const char *path, struct arena *arena, struct list_file **ret_file, struct span *ret_error);
/* From a descriptor at its beginning, which somebody else opened and keeps. */
int list_file_read_fd(int fd, const char *path, struct arena *arena, struct list_file **ret_file, struct span *ret_error);
void list_file_free(struct list_file *file); /* NULL allowed */
/* The entry that holds key (an address as text, a name or a mail address), as it stands in the file, or in arena what a built file says;
 * false when there is none or an exception holds it. ret_line 0: a built file has no lines. */
bool list_file_has(const struct list_file *file, struct span key, struct arena *arena, struct span *ret_entry, uint32_t *ret_line);

#endif
