/* facts/answers_record.h - the answers a judgement rested on, as one compact record: what a case file keeps, and a judgement again reads.
 *
 * Version 1, little-endian, numbers as LEB128 (seven bits a byte, least first, at most ten bytes):
 *
 *	byte    version
 *	text    why what is not listed was not asked ("" for the usual reason)
 *	number  answers, then for each
 *		byte    type * 8 + status
 *		text    name
 *		number  time, seconds, zigzag, less that of the answer before
 *		of OK:           number ttl, number records, then text each
 *		of UNAVAILABLE:  text why
 *
 * where text is a number of bytes and the bytes. Answers that were not asked for that one reason are not listed.
 * Promises: what was written is read back the same; any bytes are refused or read within linear time and memory.
 * Owner: what is read borrows the bytes and the arena. */
#ifndef FACTS_ANSWERS_RECORD_H
#define FACTS_ANSWERS_RECORD_H

#include "base/buf.h"
#include "facts/question.h"

void answers_record_write(const struct answers *answers, struct buf *out);
/* ERR_SYNTAX: damaged; ERR_UNSUPPORTED: of a version not known here. */
int answers_record_read(struct span record, struct arena *arena, struct answers *ret_answers);

#endif
