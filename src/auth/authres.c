/* auth/authres.c - see authres.h */
#include "auth/authres.h"
#include "base/err.h"

int authres_parse(struct span value, struct arena *arena, struct authres *ret)
{
	(void)value;
	(void)arena;
	(void)ret;
	return ERR_UNSUPPORTED;
}

struct span authres_property(const struct authres_method *method, const char *type, const char *name)
{
	(void)method;
	(void)type;
	(void)name;
	return span_none;
}

int received_spf_parse(struct span value, struct arena *arena, struct received_spf *ret)
{
	(void)value;
	(void)arena;
	(void)ret;
	return ERR_UNSUPPORTED;
}
