/* action/plan_names.c - see plan_names.h */
#include "action/plan_names.h"
#include "base/limits.h"
#include "base/visible.h"

enum { HOST_BYTES = 253, ADDRESS_BYTES = 254 };

static bool have(const struct span *names, uint32_t n, struct span name)
{
	for (uint32_t i = 0; i < n; i++)
		if (span_ieq(names[i], name))
			return true;
	return false;
}

/* "mailto:ann@example.org?subject=x": the first that it is to, without what the link wants written. */
static struct span address_of(const struct link *link, struct arena *arena)
{
	struct span to = url_percent_decode(link->url.path, arena);
	size_t comma = span_find_byte(to, ',', 0);
	return visible_text(span_trim(span_first(to, comma == SPAN_NPOS ? to.n : comma)), ADDRESS_BYTES, arena);
}

void plan_names(const struct links *links, struct arena *arena, struct outcome *o)
{
	for (uint32_t i = 0; i < links->list.n; i++) {
		const struct link *link = &links->list.v[i];
		if (link_has_host(link)) {
			struct span host = visible_text(link->url.host, HOST_BYTES, arena);
			if (o->hosts.n < LIMIT_CLIENT_NAMES && !have(o->hosts.v, o->hosts.n, host))
				*(struct span *)vec_push(arena, &o->hosts) = host;
		} else if (link->flags & LINK_MAILTO && !(link->flags & LINK_BROKEN) && o->addresses.n < LIMIT_CLIENT_NAMES) {
			struct span address = address_of(link, arena);
			if (span_find_byte(address, '@', 0) != SPAN_NPOS && !have(o->addresses.v, o->addresses.n, address))
				*(struct span *)vec_push(arena, &o->addresses) = address;
		}
	}
}
