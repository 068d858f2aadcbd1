/* verdict/casefile.h - the memory of one decision: everything it rested on, as one compact record.
 *
 * A case file tells months later who sent what to whom, what was found, what could not be checked, which thresholds and caps held and what
 * was done, and from it alone the same verdict is reached again, bit for bit. The message itself is not in it, only sentences that quote
 * it.
 *
 * Promises: pure; what was written is read back the same; any bytes are refused or read within linear time and memory, for the process
 * that wrote them has read hostile mail. A record of an older build stays readable: groups and dispositions are kept as numbers, which
 * their lists never reuse.
 * Does not: know where it is kept (state/store.h), or how it is filled from a judgement (app/case_of.h).
 * Owner: what is read borrows the record and lives in the arena. */
#ifndef VERDICT_CASEFILE_H
#define VERDICT_CASEFILE_H

#include "base/buf.h"
#include "base/ip.h"
#include "verdict/verdict.h"

enum {
	CASEFILE_ID = 26,     /* characters */
	CASEFILE_RANDOM = 10, /* bytes of an id that nobody can guess */
	CASEFILE_FINGERPRINT = 16,
	CASEFILE_SHOWN = 200, /* bytes of a header field, or of a name, that are kept */
};

/* Of the envelope, exactly as it was given: a release delivers to it. */
struct casefile_recipient {
	struct span address;
	bool withheld; /* did not get the message, which is kept for them */
};

/* The part that places point into. */
struct casefile_part {
	uint16_t index;
	struct span number; /* "1.2" */
};

/* A sentence of the story that rests on no piece of evidence: who it claims to be from, where it truly comes from. */
struct casefile_sentence {
	struct span says, cited;
	struct place at[LIMIT_EVIDENCE_PLACES];
	uint32_t n_at;
};

/* What judged; 0 or empty where there was none. Where one differs from today's, so may the verdict. */
struct casefile_generations {
	struct span build; /* "0.1.0" */
	uint64_t settings; /* a hash of them */
	uint64_t model;    /* how many changes it had seen */
	uint64_t lists;    /* a hash of the local lists */
};

struct casefile {
	struct span id;         /* CASEFILE_ID characters; tells when it was made */
	struct span door;       /* "milter", "spamd", "http", "scan" */
	struct span queue_id;   /* of the mail server */
	int64_t reference_time; /* of the message, Unix seconds or CLOCK_NONE */
	uint64_t microseconds;  /* of work */

	bool has_ip;
	struct ip ip;                              /* of the client */
	struct span rdns, helo;                    /* made visible; span_none: not known */
	struct span auth_user;                     /* span_none: none */
	struct span mail_from;                     /* exactly as given; span_none: not known, empty: <> */
	bool has_origin, outgoing;                 /* outgoing: handed in by one of one's own */
	struct ip origin;                          /* where it truly comes from */
	struct span message_id;                    /* made visible and cut, like the next two */
	struct span from, subject;                 /* from: the whole field; subject: decoded */
	struct span from_address;                  /* of its first author, in lower case */
	uint32_t bytes;                            /* of the message */
	uint8_t fingerprint[CASEFILE_FINGERPRINT]; /* by which a lesson is recognised (learn/fingerprint.h) */
	struct span answers;                       /* facts/answers_record.h; empty: none */

	struct evidence_set evidence;
	struct verdict verdict;
	uint8_t disposition; /* enum disposition (action/outcome.h) */
	bool bound;          /* verdict.thresholds.reject is what the good mail learned allows, not the setting */
	struct casefile_generations generations;

	VEC(struct casefile_recipient) recipients;
	VEC(struct casefile_part) parts;
	VEC(struct casefile_sentence) sender;
};

/* Decided at the door, before there was a message: there is nothing that a lesson could be recognised by. */
static inline bool casefile_at_door(const struct casefile *casefile)
{
	static const uint8_t none[CASEFILE_FINGERPRINT];
	return memcmp(casefile->fingerprint, none, sizeof none) == 0;
}

/* 48 bits of time, 80 of chance, in Crockford's base 32 in lower case: ids sort by time, and nobody can guess one. milliseconds: Unix. */
void casefile_id(uint64_t milliseconds, const uint8_t random[CASEFILE_RANDOM], char ret_id[CASEFILE_ID]);
/* Whether the text is an id, and its milliseconds. */
bool casefile_id_time(struct span id, uint64_t *ret_milliseconds);
/* As people copy them: upper case, O for 0, I or L for 1; false when it is none. */
bool casefile_id_parse(struct span text, char ret_id[CASEFILE_ID]);

void casefile_write(const struct casefile *casefile, struct buf *out);
/* ERR_SYNTAX: damaged; ERR_UNSUPPORTED: of a newer build. */
int casefile_read(struct span record, struct arena *arena, struct casefile *ret_casefile);
/* The verdict, reached again from the evidence, thresholds and caps of the case. */
struct verdict casefile_verdict(const struct casefile *casefile);

#endif
