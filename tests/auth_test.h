/* tests/auth_test.h - a small DNS for the tests of auth/: a table of records, and rounds until a judgement is done.
 *
 *	struct dns dns = { .records = table };
 *	do dns_round_begin(&dns, &arena); while (spf_check(..., &dns.answers, &dns.questions, ...) == AUTH_MORE && dns_round_end(&dns));
 */
#ifndef TESTS_AUTH_TEST_H
#define TESTS_AUTH_TEST_H

#include "auth/step.h"
#include "base/limits.h"
#include "facts/question.h"
#include "tests/test.h"

/* text "TIMEOUT" or "SERVFAIL": that happens to whatever is asked of the name. The table ends with name NULL. */
struct dns_record {
	const char *name;
	enum question_type type;
	const char *text;
};

struct dns {
	const struct dns_record *records;
	struct arena *arena;
	struct answers answers;
	struct questions questions;
	uint32_t rounds, asked; /* asked: different questions */
};

static inline void dns_round_begin(struct dns *dns, struct arena *arena)
{
	dns->arena = arena;
	dns->questions = (struct questions){ .arena = arena };
	dns->rounds++;
	assert_true(dns->rounds <= LIMIT_ROUNDS + 1);
}

static inline void dns_answer(struct dns *dns, struct answer *answer)
{
	answer->status = ANSWER_NXDOMAIN;
	for (const struct dns_record *r = dns->records; r->name; r++) {
		if (!span_ieq(span_cstr(r->name), answer->question.name))
			continue;
		bool timeout = strcmp(r->text, "TIMEOUT") == 0;
		if (timeout || strcmp(r->text, "SERVFAIL") == 0) {
			answer->status = timeout ? ANSWER_TIMEOUT : ANSWER_SERVFAIL;
			return;
		}
		if (answer->status == ANSWER_NXDOMAIN)
			answer->status = ANSWER_NODATA;
		if (r->type != answer->question.type)
			continue;
		answer->status = ANSWER_OK;
		*(struct span *)vec_push(dns->arena, &answer->records) = span_cstr(r->text);
	}
}

/* False when nothing new was asked: then whoever said MORE would wait for ever. */
static inline bool dns_round_end(struct dns *dns)
{
	bool asked = false;
	for (uint32_t i = 0; i < dns->questions.list.n; i++) {
		const struct question *question = &dns->questions.list.v[i];
		if (answers_find(&dns->answers, question->type, question->name))
			continue;
		struct answer *answer = vec_push(dns->arena, &dns->answers.list);
		answer->question = *question;
		dns_answer(dns, answer);
		dns->asked++;
		asked = true;
	}
	assert_true(asked);
	return asked;
}

#endif
