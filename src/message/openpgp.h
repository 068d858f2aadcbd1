/* message/openpgp.h - could this armour be what it says it is? (RFC 9580 3, 4, 5.2, 6; RFC 4880)
 *
 * No key is needed to see that a block is decoration: OpenPGP data begin with a packet header, lines are whole groups of four, and 300
 * characters of radix-64 hold small letters.
 * Promises: linear time; a block that is quoted, cut, wrapped or touched by a footer is OPENPGP_UNKNOWN, never fake; a block whose
 * CRC-24 is right is OPENPGP_PLAUSIBLE whatever else is odd.
 * Does not: verify signatures, or read keys. */
#ifndef MESSAGE_OPENPGP_H
#define MESSAGE_OPENPGP_H

#include "base/arena.h"

enum openpgp_kind { OPENPGP_SIGNATURE, OPENPGP_MESSAGE, OPENPGP_PUBLIC_KEY, OPENPGP_PRIVATE_KEY, OPENPGP_SIGNED_TEXT, OPENPGP_OTHER };

enum openpgp_verdict { OPENPGP_UNKNOWN, OPENPGP_PLAUSIBLE, OPENPGP_FAKE };

enum openpgp_fault {
	OPENPGP_NO_PACKET = 1 << 0,    /* the first byte has bit 7 clear: no packet begins so */
	OPENPGP_WRONG_PACKET = 1 << 1, /* a packet of a kind that cannot stand here */
	OPENPGP_ALPHABET = 1 << 2,     /* no small letter, no capital or no digit among many characters */
	OPENPGP_LINES = 1 << 3,        /* lines that are no groups of four, or longer than 76 */
	OPENPGP_NO_CRC = 1 << 4,       /* allowed, but all programs before 2024 wrote one */
	OPENPGP_WRONG_CRC = 1 << 5,
	OPENPGP_LENGTH = 1 << 6,        /* the packet says it is longer than the data */
	OPENPGP_BAD_SIGNATURE = 1 << 7, /* signature version, type or algorithm that does not exist */
	OPENPGP_UNFRAMED = 1 << 8,      /* a signature in the text, but nothing says where the signed text begins */
};

struct openpgp_block {
	enum openpgp_kind kind;
	enum openpgp_verdict verdict;
	uint32_t faults;      /* enum openpgp_fault; told also when the verdict is not fake */
	size_t from, to;      /* in the text, from "-----BEGIN" to behind the END line */
	uint32_t characters;  /* of radix-64 */
	uint32_t line_length; /* of the first line */
};

struct openpgp_scan {
	struct span text;
	size_t at;
	bool signed_text_seen;
	uint64_t steps; /* bytes looked at after a BEGIN */
};

/* The next armoured block at or after scan->at; OPENPGP_SIGNED_TEXT headers are passed over. False at the end. */
bool openpgp_next(struct openpgp_scan *scan, struct arena *arena, struct openpgp_block *ret_block);

#endif
