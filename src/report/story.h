/* report/story.h - `postern why`: the whole story of a message in plain English, each sentence citing what it rests on.
 *
 * In order: the verdict in one line; who it claims to be and where it truly comes from; what speaks against it, strongest first; what
 * speaks for it; what was not checked; what would change the verdict. Written for someone who is not an expert. */
#ifndef REPORT_STORY_H
#define REPORT_STORY_H

#include "base/json_out.h"
#include "report/judgement.h"
#include "report/style.h"
#include "verdict/casefile.h"

void report_story(const struct judgement *judgement, const struct style *style, struct buf *out);
/* The same as one JSON object: the object of report_json plus "story" (list of sentences with places), "counterfactual". */
void report_story_json(const struct judgement *judgement, struct buf *out);
/* The same story of a message that is gone, without a title: what its case file kept (report/case.h). */
void report_story_of_case(const struct casefile *casefile, const struct style *style, struct buf *out);
/* Its "story" and "counterfactual". */
void report_story_of_case_members(struct json_out *j, const struct casefile *casefile);

#endif
