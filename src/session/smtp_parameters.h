/* session/smtp_parameters.h - what stands behind an address of MAIL and RCPT (RFC 5321 section 4.1.2), and the attributes of XCLIENT.
 *
 * Promises: pure; linear; every span lies in the bytes given. What was not offered is not known. */
#ifndef SESSION_SMTP_PARAMETERS_H
#define SESSION_SMTP_PARAMETERS_H

#include "base/buf.h"
#include "session/smtp.h"

enum smtp_body { SMTP_BODY_NONE, SMTP_BODY_7BIT, SMTP_BODY_8BITMIME, SMTP_BODY_BINARYMIME };

struct smtp_parameters {
	bool has_size, utf8;
	uint64_t size;
	enum smtp_body body;
	struct span auth, ret, envid; /* of MAIL; p NULL: not given. RFC 4954, RFC 3461 */
	struct span notify, orcpt;    /* of RCPT */
};

/* SMTP_REPLY_NONE: it can be read; else what is to be said. rcpt: those of RCPT. */
enum smtp_reply smtp_parameters_parse(struct span text, bool rcpt, uint32_t offers, struct smtp_parameters *ret_parameters);

/* The next "NAME=value"; false at the end or where there is none. *ret_bad: what is left is no attribute. */
bool smtp_attribute_next(struct span *rest, struct span *ret_name, struct span *ret_value, bool *ret_bad);
/* RFC 3461 section 4: "+3D" is "=". False: not xtext. */
bool smtp_xtext_decode(struct span text, struct buf *out);
void smtp_xtext_encode(struct span text, struct buf *out);

#endif
