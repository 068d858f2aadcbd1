/* message/clue.h - times and addresses that hide in Message-ID, boundaries, Thread-Index, X-Originating-IP and host names.
 *
 * Promises: each is decoded exactly as the software that writes it encodes it; nothing is guessed. Decoded vectors stand in the tests. */
#ifndef MESSAGE_CLUE_H
#define MESSAGE_CLUE_H

#include "message/path.h"

enum { CLUES_MAX = 32 };

/* Fills path->clues; the hops are gathered already. */
void clues_find(const struct message *message, const struct content *content, struct path *path);

/* The Message-ID of Outlook Express and its imitators: "[4 hex]FILETIME high$FILETIME low$address, little-endian@host". */
struct clue_message_id {
	uint64_t filetime;
	struct ip ip;
	bool prefixed; /* with the four digits before, as the genuine program writes it */
	struct span time_text, ip_text;
};
bool clue_message_id(struct span message_id, struct clue_message_id *ret_id);
/* The FILETIME of "----=_NextPart_000_000E_01C92C39.FF9CE480". */
bool clue_boundary(struct span boundary, uint64_t *ret_filetime, struct span *ret_text);

/* Thread-Index: base64 of 6 bytes FILETIME, 16 bytes GUID and 5 bytes for each reply. */
struct clue_thread_index {
	uint64_t filetime;
	bool canonical; /* length and padding bits are what an encoder writes */
	uint32_t bytes;
};
bool clue_thread_index(struct span value, struct clue_thread_index *ret_index);

/* The time in the id of a Received line, when its writer puts one there: Exim (base 62), Sendmail 8.12 and later (a letter a field),
 * Postfix's long ids (base 52), Gmail (a date or milliseconds). slack is how far, in seconds, an honest line may be away from it. */
bool clue_received_id(const struct received *received, int64_t *ret_time, int64_t *ret_slack);

#endif
