/* app/gate_lists.h - the lists of the settings that are heard about clients at the door: zones of the DNS, and files that the master opens.
 *
 * Promises: a file that is damaged, or gone, leaves what was read of it before in force. Owner: the gatekeeper, all zero at first. */
#ifndef APP_GATE_LISTS_H
#define APP_GATE_LISTS_H

#include "config/settings.h"
#include "net/asker.h"

struct gate_lists {
	struct list_book *book; /* NULL: none is heard */
	struct arena arena;     /* of the book */
};

void gate_lists_configure(struct gate_lists *lists, const struct settings *settings);
/* WIRE_LIST of the master: fd is of that file, and stays the caller's. False: it is no such record. */
bool gate_lists_take(struct gate_lists *lists, struct span payload, int fd);
/* May a list be asked, and what does a file say? By the settings that hold when it is asked. */
struct answerer gate_lists_answerer(const struct gate_lists *lists);
void gate_lists_free(struct gate_lists *lists);

#endif
