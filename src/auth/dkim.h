/* auth/dkim.h - which domains have signed this message, and are the signatures good? DKIM: RFC 6376, 8301, 8463.
 *
 * The cryptographic result and what policy makes of it are told apart: an rsa-sha1 signature may verify and yet count for nothing
 * (RFC 8301). Promises: at most LIMIT_DKIM_SIGNATURES are judged, the first ones, the rest is counted; each body is hashed once for each
 * canonicalisation, algorithm and length; keys are decoded once a process and kept (auth/key.h); line ends are hashed as CRLF however the
 * message is stored; an mbox line is no part of it. Pure and resumable (auth/step.h); safe in several threads.
 * Owner: results borrow the message, the answers and the arena. */
#ifndef AUTH_DKIM_H
#define AUTH_DKIM_H

#include "auth/canonical.h"
#include "auth/step.h"
#include "facts/question.h"
#include "message/message.h"

/* RFC 8601 2.7.1. */
enum dkim_result { DKIM_NONE, DKIM_PASS, DKIM_FAIL, DKIM_POLICY, DKIM_NEUTRAL, DKIM_TEMPERROR, DKIM_PERMERROR };
enum dkim_crypto { DKIM_CRYPTO_NONE, DKIM_CRYPTO_PASS, DKIM_CRYPTO_FAIL }; /* NONE: it could not be computed */
enum dkim_algorithm { DKIM_RSA_SHA256, DKIM_RSA_SHA1, DKIM_ED25519_SHA256, DKIM_ALGORITHM_UNKNOWN };

enum dkim_flags {
	DKIM_SHA1 = 1 << 0,          /* worth nothing (RFC 8301 3.1) */
	DKIM_SHORT_KEY = 1 << 1,     /* RSA under 1024 bits: worth nothing (RFC 8301 3.2) */
	DKIM_EXPIRED = 1 << 2,       /* x= has passed at the message's reference time */
	DKIM_FUTURE = 1 << 3,        /* t= lies ahead by more than a day */
	DKIM_TESTING = 1 << 4,       /* the key says t=y: a fail is neutral, as if it were not signed; a pass stays one, as everywhere */
	DKIM_BODY_LENGTH = 1 << 5,   /* l= leaves bytes of the body unsigned: anybody may have added them */
	DKIM_HEADER_ADDED = 1 << 6,  /* a From, To, Subject, Date, Content-Type, ... that h= names occurs once more, unsigned */
	DKIM_FROM_UNSIGNED = 1 << 7, /* h= lacks From (permerror) */
	DKIM_REVOKED = 1 << 8,       /* the key is empty */
	DKIM_NO_KEY = 1 << 9,        /* no such key in the DNS */
	DKIM_BODY_CHANGED = 1 << 10, /* the hash of the body differs; without it a fail is of the header */
	DKIM_SUBJECT_UNSIGNED = 1 << 11,
	DKIM_HEADER_CHANGED =
	    1 << 12, /* the signature is not that of the header; with DKIM_BODY_CHANGED alone the header is as it was signed */
};

struct dkim_signature {
	const struct header *header;
	struct span domain, selector, identity; /* d=, s=, i=; lower-case domain; span_none when absent */
	enum dkim_algorithm algorithm;
	enum dkim_crypto crypto;
	enum dkim_result result;
	uint32_t flags; /* enum dkim_flags */
	uint32_t key_bits;
	int64_t signed_at;   /* t=, or CLOCK_NONE */
	struct span problem; /* why it did not pass, in words after "it did not pass:"; span_none when it passed */
	struct span b;       /* start of the signature, eight characters, for header.b (RFC 6008) */
};

struct dkim {
	VEC(struct dkim_signature) list; /* in the order of the message */
	uint32_t left_out;               /* beyond LIMIT_DKIM_SIGNATURES */
};

/* What is kept between two rounds of one message: NULL before the first. digest is of that message (auth/dkim_digest.h), and whatever it
 * has hashed already for ARC is not hashed again. */
struct dkim_state;
struct dkim_digest;
enum auth_step dkim_verify(struct dkim_digest *digest, int64_t now, const struct answers *answers, struct questions *questions,
			   struct dkim_state **state, struct dkim *ret_dkim);
const char *dkim_result_name(enum dkim_result result);          /* "permerror" */
const char *dkim_crypto_name(enum dkim_crypto crypto);          /* "pass", "fail", "none" */
const char *dkim_algorithm_name(enum dkim_algorithm algorithm); /* "rsa-sha256"; "unknown" */

/* Signing: a private key in PEM (PKCS#8 or PKCS#1, RSA of 1024 bits or more, or Ed25519). */
struct dkim_key;
int dkim_key_read(struct span pem, struct dkim_key **ret_key);                              /* ERR_SYNTAX, ERR_UNSUPPORTED */
int dkim_key_new(enum dkim_algorithm algorithm, struct arena *arena, struct span *ret_pem); /* RSA of 2048 bits, or Ed25519 */
void dkim_key_free(struct dkim_key *key);
/* The TXT record of the public half: "v=DKIM1; k=rsa; p=...". */
struct span dkim_key_record(const struct dkim_key *key, struct arena *arena);

struct dkim_signing {
	const struct dkim_key *key;
	struct span domain, selector;
	enum dkim_canonical header, body;
	int64_t now;      /* t= */
	int64_t lifetime; /* seconds until x=; 0: none */
};
/* The field "DKIM-Signature: ...", folded, CRLF at its end. Signs From and every field of RFC 6376 5.4.1 that is there, each once more than
 * it occurs where adding another would deceive (oversigning). ERR_SYNTAX: the message has no From, or does not begin with a field.
 * ERR_LIMIT: more than LIMIT_DKIM_SIGNED_FIELDS or
 * LIMIT_DKIM_HEADER_BYTES would be signed. */
int dkim_sign(const struct message *message, const struct dkim_signing *signing, struct arena *arena, struct span *ret_field);

#endif
