/* trap/reading.h - what one catch says, read once: the role that meets hostile bytes makes it, the keeper judges by it.
 *
 * Promises: linear; bounded; the record is read back the same, any bytes are refused or read: it comes from a process that has read
 * hostile mail. Does not: judge (trap/probe.h). Owner: spans borrow the catch or the record, the rest lives in the arena. */
#ifndef TRAP_READING_H
#define TRAP_READING_H

#include "trap/catch.h"
#include "trap/family.h"

enum reading_place { READING_SUBJECT, READING_BODY, READING_HEADER, READING_ENVELOPE, READING_PLACES };

struct reading {
	int64_t time;
	struct ip ip, own;
	uint16_t own_port;
	bool esmtp, tls, has_message, html;
	uint32_t manners, forms; /* enum trap_form */
	uint64_t dialect;
	uint32_t resets, n_recipients;
	struct span helo, mail_from, subject;
	struct span recipients[LIMIT_READING_RECIPIENTS]; /* the first ones, in lower case */
	uint32_t n_kept;
	uint32_t bytes, text_bytes, links, attachments;
	bool has_own[READING_PLACES];
	struct own_find own_best[READING_PLACES]; /* when has_own */
	char published[FAMILY_NAME];              /* the family that is published; "" when none */
	struct family_shape shape;
};

/* set: our addresses. */
void reading_take(const struct trap_catch *catch, const struct own_set *set, struct arena *arena, struct reading *ret_reading);
void reading_write(const struct reading *reading, struct buf *out);
/* ERR_SYNTAX */
int reading_read(struct span record, struct arena *arena, struct reading *ret_reading);

#endif
