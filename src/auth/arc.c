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
