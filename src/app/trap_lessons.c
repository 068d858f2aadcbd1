/* app/trap_lessons.c - see trap_lessons.h */
#include "app/trap_lessons.h"
#include "base/limits.h"

enum { DAY = 86400 };

bool trap_lessons_take(struct trap_lessons *lessons, uint32_t operator_, int64_t now)
{
	uint16_t *of = &lessons->of[operator_ % (sizeof lessons->of / sizeof *lessons->of)];
	if (lessons->day != now / DAY)
		*lessons = (struct trap_lessons){ .day = now / DAY };
	if (lessons->all >= LIMIT_TRAP_LESSONS || *of >= LIMIT_TRAP_LESSONS_OF)
		return false;
	lessons->all++;
	++*of;
	return true;
}
