/* tests/auth_fuzz.h - answers for the fuzzers of auth/: each new question gets the next line of the input.
 *
 * The first byte of a line is the status ("0" to "5", enum answer_status; anything else: OK, and the byte belongs to the record), then come
 * the records, "|" between them. When the lines have been used up, nothing exists any more. */
#ifndef TESTS_AUTH_FUZZ_H
#define TESTS_AUTH_FUZZ_H

#include "facts/question.h"

/* False when nothing new was asked. */
static inline bool fuzz_answer(struct span *lines, const struct questions *questions, struct answers *answers, struct arena *arena)
{
	bool asked = false;
	for (uint32_t i = 0; i < questions->list.n; i++) {
		struct span line = span_none, record;
		if (answers_find(answers, questions->list.v[i].type, questions->list.v[i].name))
			continue;
		struct answer *answer = vec_push(arena, &answers->list);
		*answer = (struct answer){ .question = questions->list.v[i], .status = ANSWER_NXDOMAIN };
		asked = true;
		if (!span_split(lines, '\n', &line))
			continue;
		answer->status = ANSWER_OK;
		if (line.n && line.p[0] >= '0' && line.p[0] <= '5') {
			answer->status = (enum answer_status)(line.p[0] - '0');
			line = span_skip(line, 1);
		}
		while (answer->status == ANSWER_OK && span_split(&line, '|', &record))
			*(struct span *)vec_push(arena, &answer->records) = record;
	}
	return asked;
}

#endif
