/* auth/dkim_sign.h - the signature fields of DKIM and ARC, made (RFC 6376 5, RFC 8617 5.1). */
#ifndef AUTH_DKIM_SIGN_H
#define AUTH_DKIM_SIGN_H

#include "auth/dkim_tags.h"
#include "base/buf.h"

/* A field that signs the message: DKIM_FIELD_SIGNATURE, or DKIM_FIELD_ARC_MESSAGE of that instance; folded, CRLF at its end.
 * ERR_SYNTAX: the message has no From, or does not begin with a field. ERR_LIMIT: more fields to sign than LIMIT_DKIM_SIGNED_FIELDS. */
int dkim_sign_message(enum dkim_field kind, uint32_t instance, const struct message *message, const struct dkim_signing *signing,
		      struct arena *arena, struct span *ret_field);
/* Text that may be broken behind the places where `breaks` stand, appended with folds so that no line passes 78 where that can be;
 * *column is where the line stands. */
void dkim_sign_fold(struct buf *out, struct span text, const char *breaks, size_t *column);
/* Appends the signature to a field that ends in "b=", in folded base64, and CRLF. */
int dkim_sign_finish(struct buf *out, const struct dkim_key *key, struct span digest, struct arena *arena);
/* A field as header.h has it, of text that was just made. */
struct header dkim_sign_header(struct span field);

#endif
