/* check/link_target.h - what several checks ask of a link: the host its text shows, and whether it looks like a counted click; and how
 * they go through all links.
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

/* What a check finds in one link: a row of its evidence table, -1 for nothing, and what fills {1} and {2}. */
struct link_finding {
	int kind;
	struct span detail1, detail2;
};
#define LINK_FINDS_NOTHING ((struct link_finding){ .kind = -1 })

/* The findings of one check in one message, each kind said once: of the first link that has it, which it points at. */
struct link_findings {
	const struct evidence_def *defs;
	struct evidence_set *set;
	uint32_t said; /* a bit a kind */
};
void link_findings_add(struct link_findings *findings, const struct link *link, struct link_finding finding);

/* One link with a host; index is its place in view->content->links. context is the caller's. */
typedef struct link_finding link_judge(const struct check_view *view, uint32_t index, void *context);
/* Asks judge about every link that leads to a host; about none in outgoing mail. */
void link_findings_collect(const struct check_view *view, link_judge *judge, void *context, struct link_findings *findings);

#endif
