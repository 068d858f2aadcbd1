/* check/phrases.h - which of a fixed set of short phrases (brands, roles) stand in a short text, also when they are dressed up.
 *
 * A text is cut into words at everything that is no letter or digit; "pay-pal", "Pay Pal" and "PAY.PAL" are the same two words. Case is
 * ignored. When nothing is found and the text holds letters that may be others in disguise ("PayPa1", "WaImart", "рауpаl",
 * "M\u200bi\u200bcrosoft"), it is looked up again by what it looks like, and such a hit is marked. Promises: a bit test a word, and some
 * hash look-ups for each word that may begin a phrase; linear; pure after the table is built. Owner: the table is static and lives as long
 * as the process; hits live in the caller's memory. */
#ifndef CHECK_PHRASES_H
#define CHECK_PHRASES_H

#include "base/arena.h"

enum { PHRASE_WORDS = 5, PHRASE_SLOTS = 8192, PHRASE_TEXT_WORDS = 64, PHRASE_BYTES = 80 };

struct phrase_slot {
	uint64_t hash; /* 0: empty */
	uint16_t id;
	uint8_t form; /* how the phrase was folded: plain, ASCII look-alikes, skeleton */
};

struct phrase_table {
	struct phrase_slot slots[PHRASE_SLOTS];
	uint16_t starts[1024]; /* lengths of first words, by their first two letters: most words end their look-up here */
	size_t used;
};

struct phrase_hit {
	uint16_t id;
	bool disguised;        /* spelled with look-alike letters */
	uint16_t first, words; /* which words of the text */
	struct span text;      /* as it stands there, for quoting (case-folded when the text is not ASCII) */
};

struct phrase_hits {
	struct phrase_hit v[8];
	uint32_t n;
	uint32_t words; /* in the whole text, at most PHRASE_TEXT_WORDS */
};

/* Adds every phrase of a list separated by '|'. Call before threads look it up (pthread_once). */
void phrase_table_add(struct phrase_table *table, struct span phrases, uint16_t id, struct arena *arena);
/* Phrases in text (UTF-8), in order, not overlapping, the longest at each place. Without dressed_up only as they are written. */
void phrases_find(const struct phrase_table *table, struct span text, bool dressed_up, struct arena *arena, struct phrase_hits *ret_hits);

#endif
