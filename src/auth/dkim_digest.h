/* auth/dkim_digest.h - the two hashes under a signature: of the body, and of the fields it names with itself (RFC 6376 3.7).
 *
 * Promises: each body is gone over once for each canonicalisation and hash, however many lengths (l=) signatures name; fields are found in
 * constant time; DKIM and ARC of one message share what is hashed. Owner: what OpenSSL holds is given back by dkim_digest_release, after
 * which it may be used again; digests live in the arena. */
#ifndef AUTH_DKIM_DIGEST_H
#define AUTH_DKIM_DIGEST_H

#include "auth/dkim_fields.h"
#include "auth/dkim_hash.h"
#include "auth/dkim_tags.h"

/* A hash of the body that a signature needs. */
struct dkim_body {
	enum dkim_canonical form;
	bool sha1;
	uint64_t length; /* l=, or DKIM_WHOLE_BODY */
	bool done;
	uint64_t total; /* bytes of the canonical body: less than length when l= is wrong */
	uint8_t digest[DKIM_HASH_MAX];
};

struct dkim_digest {
	const struct message *message;
	struct arena *arena;
	struct dkim_hash hash, cut;
	struct dkim_fields fields; /* by name, once a signature was hashed */
	VEC(struct dkim_body) bodies;
	uint64_t looked; /* bytes of the message gone over: tests hold it linear */
};

void dkim_digest_init(struct dkim_digest *digest, const struct message *message, struct arena *arena);
void dkim_digest_release(struct dkim_digest *digest);
/* Says that dkim_digest_body will be asked for that; all that will be, before the first is. */
void dkim_digest_want(struct dkim_digest *digest, const struct dkim_tags *tags);
const struct dkim_body *dkim_digest_body(struct dkim_digest *digest, const struct dkim_tags *tags);
/* Of the fields that h= picks, and the signature's own field without its b=. Afterwards digest->fields tells what was picked. span_none
 * when they are more than LIMIT_DKIM_HEADER_BYTES: eight signatures over 4 MB of header would cost as much as a hundred messages. */
struct span dkim_digest_header(struct dkim_digest *digest, const struct dkim_tags *tags, const struct header *own);

#endif
