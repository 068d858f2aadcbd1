/* report/cite.h - places in a message as a person finds them again: "(line 12)", "(attachment KB266311.exe)", "(part 1.2, line 3)".
 *
 * Lines are counted in the raw message from 1, as an editor shows it; in a part that was encoded, in the decoded part.
 * Promises: line ends are counted once for each text, however many places are asked for. */
#ifndef REPORT_CITE_H
#define REPORT_CITE_H

#include "base/buf.h"
#include "message/content.h"

struct cite_lines;

struct cite {
	const struct message *message;
	const struct content *content;
	struct arena *arena;
	struct cite_lines *known; /* of each text asked for so far */
};

/* Line of a raw offset, from 1. */
uint32_t cite_line(struct cite *cite, uint32_t offset);
/* The places in words, in brackets and with a blank before; nothing when no place can be shown. */
void cite_put(struct cite *cite, struct buf *out, const struct place *places, uint32_t n);

#endif
