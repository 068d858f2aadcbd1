/* trap/recipient.h - recipients on the real server that are nobody: whoever sends to one was told of it by a list of addresses, not by us.
 *
 * Two kinds: those that the settings name (trap_recipients), and addresses planted for harvesters (trap/planted.h), which are known by the
 * secret they were made with, at any domain.
 * Promises: pure; for an address that is neither, one comparison of lengths for each that is named, and no cryptography. */
#ifndef TRAP_RECIPIENT_H
#define TRAP_RECIPIENT_H

#include "config/settings.h"
#include "trap/planted.h"

enum trap_recipient {
	TRAP_RECIPIENT_NONE,
	TRAP_RECIPIENT_NAMED,
	TRAP_RECIPIENT_PLANTED,
};

struct trap_recipients {
	const struct span *v; /* lower-case; "@example.org": everybody there but postmaster and abuse */
	size_t n;
	struct span secret; /* empty: nothing was planted */
};

/* Borrows the settings. */
struct trap_recipients trap_recipients_of(const struct settings *settings);
/* address: of the envelope, without brackets. ret_visit: of a planted one; NULL allowed. */
enum trap_recipient trap_recipient_find(const struct trap_recipients *traps, struct span address, struct planted *ret_visit);
/* The key that a secret stands for: secrets are people's, and of any length. */
void trap_recipient_key(struct span secret, uint8_t ret_key[PLANTED_KEY]);

#endif
