/* trap/family.h - probes of one make: known by published shapes, or found because they came again with other values.
 *
 * The shape of a text is the text in lower case with what changes from one target to the next put as a slot:
 *
 *	"BC_198.51.100.7"                     bc_<address>
 *	"relay 4711 ok kJx9Q mail a@b.example"   relay <n> ok <x> mail <mail>
 *
 * Slots: <address> (ours in any spelling, or any dotted quad), <n> a number, <x> a word of no language, <mail>, <link>. Blanks count
 * as one. A shape that comes a second time, for another target or from another sender, is a family; where the two differ in words,
 * those become <w>, if most is the same.
 *
 * Promises: at most LIMIT_FAMILIES, each of at most LIMIT_FAMILY_TOKENS; a sight costs at most their product in steps; a record of it is
 * read back the same, and any bytes are refused or read.
 * Owner: whoever called families_new. Shapes live in the arena given. */
#ifndef TRAP_FAMILY_H
#define TRAP_FAMILY_H

#include "base/buf.h"
#include "base/cursor.h"
#include "trap/own_address.h"

struct family_shape {
	uint64_t tokens[LIMIT_FAMILY_TOKENS]; /* hash of each: odd of words, even of all else; never 0 */
	uint32_t n, words;                    /* words: tokens that are words of the text itself */
	bool own;                             /* holds an address of ours */
	struct span text;                     /* for people */
};

/* Of subject and text, by what own_address_find saw in each. */
void family_shape_take(struct span subject, const struct own_finds *in_subject, struct span text, const struct own_finds *in_text,
		       struct arena *arena, struct family_shape *ret_shape);

enum { FAMILY_SEEN_AT = 4, FAMILY_TEXT = 160, FAMILY_NAME = 24 };

struct family {
	char name[FAMILY_NAME]; /* "bc", or "found-1a2b3c4d" */
	char text[FAMILY_TEXT]; /* its shape, cut */
	bool published;
	bool certain; /* seen from or for two at least; others only wait for that */
	int64_t first, last;
	uint32_t times;
	uint64_t targets[FAMILY_SEEN_AT], senders[FAMILY_SEEN_AT]; /* hashes of the first ones */
	uint64_t tokens[LIMIT_FAMILY_TOKENS];                      /* 0: <w>, whatever stands there */
	uint32_t n;
};

/* The published family of these, or NULL. Lines of text are its first ones. */
const char *family_published(struct span subject, const struct own_finds *in_subject, struct span text, const struct own_finds *in_text,
			     struct span mail_from, struct span recipient, struct arena *arena);

struct families;
struct families *families_new(void);
void families_free(struct families *families); /* NULL allowed */

struct family_sight {
	const struct family_shape *shape;
	const char *published; /* its name, or NULL */
	struct ip target, sender;
	int64_t time;
};
/* Remembers it. The family it belongs to, or NULL: nothing like it was seen. Good until the next sight. */
const struct family *families_see(struct families *families, const struct family_sight *sight);
uint32_t families_count(const struct families *families);
const struct family *families_at(const struct families *families, uint32_t i);

void families_write(const struct families *families, struct buf *out);
/* Into empty ones. ERR_SYNTAX: they are empty then. */
int families_read(struct families *families, struct cursor *record);

#endif
