/* auth/spf.c - see spf.h */
#include "auth/spf.h"

enum auth_step spf_check(const struct spf_query *query, const struct answers *answers, struct questions *questions, struct arena *arena,
			 struct spf *ret)
{
	(void)answers;
	(void)questions;
	(void)arena;
	*ret = (struct spf){ .result = SPF_NONE, .domain = query->domain };
	return AUTH_DONE;
}

const char *spf_result_name(enum spf_result result)
{
	static const char *const names[] = {
		[SPF_NONE] = "none",         [SPF_NEUTRAL] = "neutral",     [SPF_PASS] = "pass",           [SPF_FAIL] = "fail",
		[SPF_SOFTFAIL] = "softfail", [SPF_TEMPERROR] = "temperror", [SPF_PERMERROR] = "permerror",
	};
	return names[result];
}
