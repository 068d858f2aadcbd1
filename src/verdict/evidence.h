/* verdict/evidence.h - the only currency: a fact that speaks for or against a message, its weight, a sentence, and the bytes it rests on.
 *
 * Weights are int32 thousandths of a nat (natural log-odds): 1000 multiplies the odds that the message is abuse by e = 2.72.
 * Positive speaks for abuse, negative for good mail, 0 only tells.
 * Weak facts come together in honest home-made mail, across groups: a fact under 1.2 nats is given three quarters of the log-odds that
 * good mail of several sources shows for it, so that a few of them never mark a message alone.
 * Owner: sentences and places live in the message's arena; defs are static. */
#ifndef VERDICT_EVIDENCE_H
#define VERDICT_EVIDENCE_H

#include "base/limits.h"
#include "base/place.h"
#include "base/vec.h"

/* Evidence of one group is correlated: a group's sum is capped (verdict/groups.def). */
enum evidence_group {
#define GROUP(symbol, name, cap, says) GROUP_##symbol,
#include "verdict/groups.def"
#undef GROUP
	GROUPS
};

enum evidence_flags {
	EVIDENCE_PROOF = 1 << 0, /* a contradiction that no honest sender makes: counts as a structural proof */
	EVIDENCE_LIMIT = 1 << 1, /* a limit was met */
	EVIDENCE_ASKED = 1 << 2, /* rests on answers of that day, not on the message alone: nothing is learned from it */
};

/* One kind of evidence, declared in a table of its check. */
struct evidence_def {
	const char *id; /* "from.own_domain": stable, scripts and case files depend on it */
	enum evidence_group group;
	int32_t weight;   /* default, thousandths of a nat */
	uint32_t flags;   /* enum evidence_flags */
	const char *says; /* a sentence for people; {1} {2} {3} stand for quoted details */
	const char *why;  /* why it has this weight, and when it is wrong: the documentation */
};

/* A further detail that a piece of evidence rests on, told beneath it. */
struct evidence_detail {
	struct span says; /* as evidence.says */
	struct place at;
	struct span cited; /* as evidence.cited */
};

struct evidence {
	const struct evidence_def *def;
	int32_t weight;
	struct span says; /* the sentence with its details filled in, UTF-8, no control characters */
	struct place at[LIMIT_EVIDENCE_PLACES];
	uint32_t n_at;
	const struct evidence_detail *details; /* n_details of them */
	uint32_t n_details;
	struct span cited; /* where the message is gone: its places in words, as report/cite.h says them; else span_none */
};

struct unchecked {
	const char *check;
	struct span why;
	struct place at;                  /* what it is about; empty when that is no place in the message */
	const struct evidence_def *could; /* the heaviest it could have found; NULL: nothing that counts against the message */
	bool temporary;                   /* asked again later it may be answered */
	struct span cited;                /* as evidence.cited */
};

struct evidence_set {
	struct arena *arena;
	VEC(struct evidence) list;
	VEC(struct unchecked) unchecked;
	uint32_t dropped;        /* beyond LIMIT_EVIDENCE, or LIMIT_EVIDENCE_SAME of one kind */
	struct evidence scratch; /* what is dropped is written here */
	const int32_t *caps;     /* GROUPS of them, of a case that is judged again; NULL: those of this build */
};

/* Adds one; details fill {1}..{3} (span_none for unused ones), trimmed, cut to LIMIT_EVIDENCE_DETAIL bytes each, control, bidi and
 * invisible characters made visible, never the message's own newlines. Returns it so that places can be added (good until the next
 * evidence_add), or a scratch entry when a limit was met: never NULL. No quotes are put around details: the sentence does. */
struct evidence *evidence_add(struct evidence_set *set, const struct evidence_def *def, struct span detail1, struct span detail2,
			      struct span detail3);
/* Adds a place; beyond LIMIT_EVIDENCE_PLACES it is dropped. */
void evidence_at(struct evidence *evidence, struct place at);
/* Once all checks are done: says as evidence (weight 0) how many were left out, if any were. */
void evidence_finish(struct evidence_set *set);
/* Says that a check could not be made; detail fills {1} of why. Said twice it is kept once. The caller sets at, could and temporary. */
struct unchecked *evidence_unchecked(struct evidence_set *set, const char *check, const char *why, struct span detail);
const char *evidence_group_name(enum evidence_group group); /* "identity" */
const char *evidence_group_says(enum evidence_group group); /* "who it claims to be from" */
int32_t evidence_group_cap(enum evidence_group group);      /* in this build */
/* That holds for this evidence. */
static inline int32_t evidence_cap(const struct evidence_set *set, enum evidence_group group)
{
	return set->caps ? set->caps[group] : evidence_group_cap(group);
}

#endif
