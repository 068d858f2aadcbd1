/* check/link_target.h - what several checks ask of a link: the host its text shows, and whether it looks like a counted click.
 *
 * Promises: pure; spans live in the link or the arena. */
#ifndef CHECK_LINK_TARGET_H
#define CHECK_LINK_TARGET_H

#include "check/check.h"

/* When the whole shown text of an anchor is an address of the web ("www.example.com/a", "http://example.com"), parses it. */
bool link_target_shown(const struct link *link, struct arena *arena, struct url *ret_shown);
/* Does a link inside this one (a redirector's parameter) lead to the same organisation as host? */
bool link_target_reaches(const struct links *links, uint32_t index, struct span host);
/* Is it a counted click, as every newsletter has: a host or path made for that, a long token that only its owner can read, a known
 * shortener? */
bool link_target_counted(const struct link *link);
/* "example" of "shop.example.co.uk": the name an organisation chose. */
struct span link_target_name(struct span host);
/* Adds evidence that quotes and points at the link. */
struct evidence *link_target_say(struct evidence_set *set, const struct evidence_def *def, const struct link *link, struct span detail1,
				 struct span detail2);

#endif
