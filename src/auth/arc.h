/* auth/arc.h - what forwarders and mailing lists say they saw: Authenticated Received Chain, RFC 8617.
 *
 * Promises: the chain validation status of RFC 8617 5.2, at most 50 sets; pure and resumable (auth/step.h). A valid chain proves who
 * handled the message, not that they are honest: whether a sealer is believed is the user's setting (trusted_sealers). */
#ifndef AUTH_ARC_H
#define AUTH_ARC_H

#include "auth/dkim.h"

enum arc_result { ARC_NONE, ARC_PASS, ARC_FAIL, ARC_TEMPERROR };

struct arc_set {
	uint32_t instance;
	const struct header *results, *signature, *seal;
	struct span domain;       /* of the seal, lower-case */
	bool signature_passes;    /* its ARC-Message-Signature verifies on the message as it is now */
	struct span results_text; /* Authentication-Results as this sealer saw them, without "i=N;" */
};

struct arc {
	enum arc_result cv;
	VEC(struct arc_set) sets; /* by instance, 1 first; empty when cv is none, or fail because sets are not whole */
	uint32_t highest;         /* instance met; 0: no ARC at all */
	uint32_t oldest_pass;     /* RFC 8617 5.2 step 5: from this instance on nothing was changed; 0: all of it */
	struct span problem;      /* why it failed, in words after "the chain is broken:"; span_none */
};

/* As dkim_verify. */
struct arc_state;
enum auth_step arc_validate(struct dkim_digest *digest, int64_t now, const struct answers *answers, struct questions *questions,
			    struct arc_state **state, struct arc *ret_arc);
const char *arc_result_name(enum arc_result result); /* "pass" */

/* One more set for this message, to be put on top of it: ARC-Seal, ARC-Message-Signature, ARC-Authentication-Results, in that order, each
 * folded and ended by CRLF. results is the text after the authserv-id (auth/authres.h writes it). arc must be finished for this message; a
 * chain that fails is sealed as failed. ERR_LIMIT: 50 sets are there, or too many fields to sign. ERR_UNSUPPORTED: its last seal says fail
 * already, so that nobody may seal it again (RFC 8617 5.1.2), or the chain could not be judged. ERR_SYNTAX: the message has no From, or
 * does not begin with a field. */
int arc_seal(const struct message *message, const struct arc *arc, const struct dkim_signing *signing, struct span authserv_id,
	     struct span results, struct arena *arena, struct span *ret_fields);

#endif
