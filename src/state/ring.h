/* state/ring.h - the messages of the last days, compressed and encrypted, under a bound of age and size.
 *
 * They stand one behind another in segment files, which are dropped whole, the oldest first. Each message is compressed (zstd) and sealed
 * (AES-256-GCM) with a key of its segment, made from the master key and the segment's salt by HMAC-SHA256; the place of a message in its
 * segment is the nonce, so none is used twice: whoever opens the ring to write begins a segment of their own. Who takes the disk without
 * the key file reads nothing, and a message that was changed, or moved, is not read as another.
 *
 * Promises: what is read is what was put, or nothing. Several processes may write and read. What is put is gathered and written by
 * ring_flush, or when there is much of it: many messages are one call of the system. Nothing is synced: the ring may lose its end with the
 * power.
 * Does not: know what is in it; state/cases.h keeps the places.
 * Owner: the caller owns the handle. One thread. */
#ifndef STATE_RING_H
#define STATE_RING_H

#include "base/arena.h"

struct ring;

struct ring_place {
	uint64_t segment;
	uint64_t at;
	uint32_t length; /* of the sealed message; 0: it is not kept */
};

/* folder/content and folder/content.key; write makes both. ERR_NOT_FOUND: there is none (to read). ERR_IO: errno; ERR_SYNTAX: the key file
 * is not one. */
int ring_open(const char *folder, bool write, struct ring **ret_ring);
void ring_close(struct ring *ring); /* NULL allowed */
/* Others can read it after ring_flush. ERR_IO: the disk is full; ERR_LIMIT: larger than a message may be. id: what ring_get must name
 * again. */
int ring_put(struct ring *ring, int64_t now, struct span id, struct span content, struct ring_place *ret_place);
/* ERR_IO: those that were gathered are lost; their places lead nowhere. */
int ring_flush(struct ring *ring);
uint64_t ring_gathered(const struct ring *ring); /* messages put and not yet written */
/* ERR_NOT_FOUND: dropped, cut off or changed since, or sealed with another key. */
int ring_get(struct ring *ring, struct span id, const struct ring_place *place, struct arena *arena, struct span *ret_content);
/* Drops segments whose newest message is older than `oldest` (Unix seconds), and the oldest ones while all are more than bytes. */
void ring_expire(struct ring *ring, int64_t oldest, uint64_t bytes);
uint64_t ring_bytes(const struct ring *ring); /* on the disk */

#endif
