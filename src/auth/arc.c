/* auth/arc.c - see arc.h */
#include "auth/arc.h"

enum auth_step arc_validate(const struct message *message, int64_t now, const struct answers *answers, struct questions *questions,
			    struct arena *arena, struct arc_state **state, struct arc *ret)
{
	(void)message;
	(void)now;
	(void)answers;
	(void)questions;
	(void)arena;
	(void)state;
	*ret = (struct arc){ 0 };
	return AUTH_DONE;
}

const char *arc_result_name(enum arc_result result)
{
	static const char *const names[] = { [ARC_NONE] = "none", [ARC_PASS] = "pass", [ARC_FAIL] = "fail", [ARC_TEMPERROR] = "temperror" };
	return names[result];
}
