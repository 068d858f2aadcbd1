/* state/quarantine.h - messages that are held: a file each, compressed, with its case file.
 *
 * Promises: quarantine_put returns when file and folder entry are on the disk; a file is there whole or not at all (written beside,
 * synced, renamed). A file tells everything by itself: case, envelope and message, so that what is held survives the loss of the database.
 * Does not: encrypt (mode 0600, like a mail server's queue), or know who may see what.
 * Owner: the caller owns the handle. One thread. */
#ifndef STATE_QUARANTINE_H
#define STATE_QUARANTINE_H

#include "base/arena.h"

struct quarantine;

/* folder/quarantine, which write makes. ERR_NOT_FOUND: there is none (to read). ERR_IO: errno. */
int quarantine_open(const char *folder, bool write, struct quarantine **ret_quarantine);
void quarantine_close(struct quarantine *quarantine); /* NULL allowed */
/* id: CASEFILE_ID characters. ERR_IO: nothing is held. */
int quarantine_put(struct quarantine *quarantine, struct span id, struct span record, struct span content);
/* ERR_NOT_FOUND: it is not held; ERR_SYNTAX: damaged; ERR_IO. ret_record, ret_content: NULL where it is not wanted. */
int quarantine_get(struct quarantine *quarantine, struct span id, struct arena *arena, struct span *ret_record, struct span *ret_content);
/* ERR_NOT_FOUND: it is not held. */
int quarantine_drop(struct quarantine *quarantine, struct span id);
/* Calls each for every message held, until it returns false. ERR_IO. */
int quarantine_each(struct quarantine *quarantine, bool (*each)(void *context, struct span id, uint64_t bytes), void *context);

#endif
