/* message/smime.h - could these bytes be the S/MIME object they are said to be? (RFC 8551, RFC 5652, X.690)
 *
 * Reads the outer ContentInfo only: a sequence, an object identifier, a tagged value. Does not verify anything. */
#ifndef MESSAGE_SMIME_H
#define MESSAGE_SMIME_H

#include "base/span.h"

enum smime_kind { SMIME_SIGNATURE, SMIME_OPAQUE }; /* application/pkcs7-signature, application/pkcs7-mime */
enum smime_verdict { SMIME_UNKNOWN, SMIME_PLAUSIBLE, SMIME_FAKE };

/* Nothing, a cut object, or PEM is SMIME_UNKNOWN. */
enum smime_verdict smime_judge(struct span bytes, enum smime_kind kind);

#endif
