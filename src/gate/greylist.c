/* gate/greylist.c - see greylist.h */
#include "gate/greylist.h"

enum greylist_says greylist_look(const struct tuple *tried, const struct tuple *passed, int64_t now, int64_t delay)
{
	if (passed)
		return GREYLIST_KNOWN;
	if (!tried || now < tried->first)
		return GREYLIST_NEW;
	return now - tried->first < delay ? GREYLIST_EARLY : GREYLIST_PASSES;
}

int64_t greylist_wait(const struct tuple *tried, int64_t now, int64_t delay)
{
	int64_t waited = tried && now >= tried->first ? now - tried->first : 0;
	return waited < delay ? delay - waited : delay;
}

struct span greylist_responsible(const struct ip *ip, struct span spf_domain, struct arena *arena)
{
	return spf_domain.n ? arena_lower(arena, spf_domain) : tuples_network(ip, arena);
}

struct span greylist_tried_key(struct span responsible, struct span mail_from, struct span recipient, struct arena *arena)
{
	const struct span parts[] = { responsible, mail_from, recipient };
	return tuples_key(arena, parts, 3);
}
