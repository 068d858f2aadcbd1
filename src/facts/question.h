/* facts/question.h - what a check needs to know from outside the bytes, and what it was told.
 *
 * A check puts questions; one runner asks them all in parallel under one deadline and records each answer with its time, failures
 * included. An answer that failed is never "fine": the check says "unchecked".
 * Names are compared without case or final dot; a look-up among the answers takes the same time however many there are.
 * Owner: everything lives in the message's arena. */
#ifndef FACTS_QUESTION_H
#define FACTS_QUESTION_H

#include "base/ip.h"
#include "base/vec.h"

/* New ones at the end: answers that are kept hold the numbers of both enums (facts/answers_record.h). */
enum question_type {
	QUESTION_A,
	QUESTION_AAAA,
	QUESTION_MX,
	QUESTION_TXT,
	QUESTION_PTR,
	QUESTION_CNAME,
	QUESTION_NS,
	QUESTION_SOA,
	QUESTION_LIST,    /* a list of one's own: name is "LIST KEY"; the record is the entry that matched */
	QUESTION_NETWORK, /* who runs an address: name is the address; the record is "AS64500 NZ 192.0.2.0/24 Name of the AS" */
	QUESTION_TYPES
};

struct question {
	enum question_type type;
	struct span name; /* no final dot; PTR: the in-addr.arpa or ip6.arpa name */
};

/* What is asked in one round. */
struct questions {
	struct arena *arena;
	VEC(struct question) list;
};

enum answer_status {
	ANSWER_OK,
	ANSWER_NODATA, /* the name exists, the type does not */
	ANSWER_NXDOMAIN,
	ANSWER_TIMEOUT,
	ANSWER_SERVFAIL,
	ANSWER_UNAVAILABLE, /* nobody was asked: no resolver, a budget was spent, too late to ask */
};

struct answer {
	struct question question;
	enum answer_status status;
	VEC(struct span) records; /* text form; TXT joined; MX "10 host" */
	int64_t time;             /* when it was received */
	uint32_t ttl;    /* seconds, the least of its records and aliases, or how long it holds that there is nothing (RFC 2308); from a
			    cache, what is left of it */
	struct span why; /* ANSWER_UNAVAILABLE: why nobody was asked ("was not asked: ..."); span_none for the usual reason */
};

struct answers {
	VEC(struct answer) list; /* grown by answers_add alone */
	uint32_t *index;         /* by hash of type and name: place in list, from 1; 0 is free. NULL while they are few */
	uint32_t n_index;        /* a power of two */
	struct span unused;      /* why what is not among them was not asked, where they were kept from an earlier run; else span_none */
};

/* Of type and name, without case or final dot. */
uint64_t question_hash(const struct question *question, uint64_t seed);
/* NULL when the question was never put. Good until the next answers_add. */
const struct answer *answers_find(const struct answers *answers, enum question_type type, struct span name);
/* A new answer, UNAVAILABLE as yet; the question must not be among them. */
struct answer *answers_add(struct answers *answers, struct arena *arena, const struct question *question);
/* The answer; or NULL, and the question is put: the caller returns MORE and comes again. */
const struct answer *question_ask(const struct answers *answers, struct questions *questions, enum question_type type, struct span name);
static inline bool answer_failed(const struct answer *answer) { return answer->status >= ANSWER_TIMEOUT; }
const char *answer_status_says(enum answer_status status); /* "timed out" */
struct span answer_says(const struct answer *answer);      /* the same, or why nobody was asked */
const char *question_type_name(enum question_type type);   /* "A" */
/* "1.2.0.192.in-addr.arpa" */
struct span question_ptr_name(const struct ip *ip, struct arena *arena);

#endif
