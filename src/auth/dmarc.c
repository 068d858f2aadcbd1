/* auth/dmarc.c - see dmarc.h */
#include "auth/dmarc.h"

enum auth_step dmarc_judge(const struct dmarc_source *source, const struct answers *answers, struct questions *questions,
			   struct arena *arena, struct dmarc *ret)
{
	(void)source;
	(void)answers;
	(void)questions;
	(void)arena;
	*ret = (struct dmarc){ 0 };
	return AUTH_DONE;
}

const char *dmarc_result_name(enum dmarc_result result)
{
	static const char *const names[] = {
		[DMARC_NONE] = "none",           [DMARC_PASS] = "pass",           [DMARC_FAIL] = "fail",
		[DMARC_TEMPERROR] = "temperror", [DMARC_PERMERROR] = "permerror",
	};
	return names[result];
}

const char *dmarc_policy_name(enum dmarc_policy policy)
{
	static const char *const names[] = {
		[DMARC_POLICY_NONE] = "none",
		[DMARC_POLICY_QUARANTINE] = "quarantine",
		[DMARC_POLICY_REJECT] = "reject",
	};
	return names[policy];
}
