/* app/teaching.h - lessons that reach the keeper, taught to the model's file: the only place where a service learns.
 *
 * Promises: what a person said is never contradicted by what a trap caught; the file is opened with the first lesson and set aside when it
 * is damaged. Owner: the keeper, all zero at first. */
#ifndef APP_TEACHING_H
#define APP_TEACHING_H

#include "app/service.h"

struct teaching {
	struct learner *learner; /* NULL until there is something to learn */
};

struct teaching_said {
	enum session_answer answer;
	struct span reply;     /* why not, in words; in the arena */
	struct span trap_case; /* the case whose message was learned now, because a trap caught it; span_none: none */
};

/* lesson: the payload of WIRE_TEACH. ERR_SYNTAX: it is none. */
int teaching_take(struct teaching *teaching, const struct service *service, struct span lesson, struct arena *arena,
		  struct teaching_said *ret_said);
void teaching_close(struct teaching *teaching);

#endif
