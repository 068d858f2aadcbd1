/* report/case.h - a case file for people and programs, months after the message is gone: a line of history, or the whole story.
 *
 * Promises: every sentence is the one that was said when the message was judged, with its places in words; text is safe to show. Reads
 * nothing but the case, so what a recipient may not see (state/view.h) is not told either.
 * Owner: the caller; the case's arena is used. */
#ifndef REPORT_CASE_H
#define REPORT_CASE_H

#include "base/json_out.h"
#include "report/style.h"
#include "state/store.h"

/* "2026-03-01 12:00:00  mark  5.3  a@example.com -> b@example.org  "subject"  ID", and a line end. */
void report_case_line(const struct store_case *found, const struct style *style, struct buf *out);
/* What came, from whom, to whom, what was done; then the story (report/story.h). done: what became of it, in words. */
void report_case(const struct store_case *found, const char *done, const struct style *style, struct buf *out);
/* The members of one object: of a line of history; and what the story adds. */
void report_case_members(struct json_out *j, const struct store_case *found, const char *disposition);
void report_case_story_members(struct json_out *j, const struct store_case *found);
/* {"part","in","from","to"} */
void report_case_place(struct json_out *j, const struct casefile *casefile, const struct place *place);

#endif
