/* app/input.h - finds the messages the user named: files, mailboxes, Maildirs, folders, lists, standard input; in a fixed order.
 *
 * Promises: one item a message, or one that says what could not be read and why; folders are read in the order of their names' bytes,
 * hidden files, a Maildir's tmp and its index files left out; never waits for a pipe that was found in a folder (one that was named is
 * read). input_next is cheap and not thread-safe; input_load reads the file and may run in any thread. Owner: an item owns its buffers
 * until input_item_release; one item serves for many messages. */
#ifndef APP_INPUT_H
#define APP_INPUT_H

#include "app/mbox.h"

#include <fts.h>
#include <stdatomic.h>
#include <stdio.h>

struct input {
	char **paths;
	size_t n_paths;
	const char *index_path;
	FILE *index;
	size_t index_line;
	char *line; /* getline's */
	size_t line_cap;
	FTS *walk;
	bool walk_empty; /* nothing was found in it yet */
	bool in_mbox;
	struct mbox mbox;
	int mbox_fd;
	char *mbox_name;
	uint32_t mbox_n;
};

struct input_item {
	struct span name;  /* as the user would write it; bytes */
	uint32_t n;        /* in an mbox, from 1; else 0 */
	const char *label; /* "ham", "spam" or NULL */
	struct span bytes; /* the message, after input_load; at most LIMIT_MESSAGE_BYTES + 1 */
	bool failed;
	bool harmless;   /* failed, but nobody need worry: an empty folder */
	bool empty;      /* failed, because there is not one byte in it */
	char error[320]; /* when failed: why */
	int fd;          /* to be read by input_load, or -1 */
	uint8_t *buf, *name_buf;
	size_t n_buf, cap, name_cap;
};

void input_init(struct input *input, char **paths, size_t n_paths, const char *index);
void input_release(struct input *input);
/* False when there is nothing more. */
bool input_next(struct input *input, struct input_item *item);
/* Reads what input_next left to be read. */
void input_load(struct input_item *item);
void input_item_init(struct input_item *item);
void input_item_release(struct input_item *item);
/* How many bytes there are to read, from the sizes of the files. False when that cannot be told (a pipe), or *stop became true. */
bool input_measure(char **paths, size_t n_paths, const char *index, const atomic_bool *stop, uint64_t *ret_bytes);

#endif
