/* app/suspects.c - see suspects.h */
#include "app/suspects.h"

#include <openssl/sha.h>

static unsigned find(const struct suspects *suspects, struct span message, uint8_t digest[SHA256_DIGEST_LENGTH])
{
	unsigned n = suspects->n < SUSPECTS_KEPT ? suspects->n : SUSPECTS_KEPT, i = 0;
	SHA256(message.p, message.n, digest);
	while (i < n && memcmp(suspects->kept[i].digest, digest, SHA256_DIGEST_LENGTH) != 0)
		i++;
	return i < n ? i : SUSPECTS_KEPT;
}

unsigned suspects_add(struct suspects *suspects, struct span message)
{
	struct suspect new = { .deaths = 0 };
	unsigned at = find(suspects, message, new.digest);
	if (at == SUSPECTS_KEPT) {
		at = suspects->n++ % SUSPECTS_KEPT;
		suspects->kept[at] = new;
	}
	return ++suspects->kept[at].deaths;
}

bool suspects_tried_enough(const struct suspects *suspects, struct span message)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	if (suspects->n == 0)
		return false;
	unsigned at = find(suspects, message, digest);
	return at < SUSPECTS_KEPT && suspects->kept[at].deaths >= SUSPECTS_TRIES;
}
