/* app/trap_lessons.h - how much a trap may teach a day: of one operator, and in all. The model bounds what one message and one sender can
 * move (docs/learning.md); here is bounded what somebody can teach on purpose who knows that this is a trap. */
#ifndef APP_TRAP_LESSONS_H
#define APP_TRAP_LESSONS_H

#include <stdbool.h>
#include <stdint.h>

struct trap_lessons {
	int64_t day;
	uint32_t all;
	uint16_t of[256]; /* by number of the operator: two may share a place */
};

/* One more, of that operator? */
bool trap_lessons_take(struct trap_lessons *lessons, uint32_t operator_, int64_t now);

#endif
