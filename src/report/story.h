/* report/story.h - `postern why`: the whole story of a message in plain English, each sentence citing what it rests on.
 *
 * In order: the verdict in one line; who it claims to be and where it truly comes from; what speaks against it, strongest first; what
 * speaks for it; what was not checked; what would change the verdict. Written for someone who is not an expert. */
#ifndef REPORT_STORY_H
#define REPORT_STORY_H

#include "report/judgement.h"
#include "report/style.h"

void report_story(const struct judgement *judgement, const struct style *style, struct buf *out);
/* The same as one JSON object: the object of report_json plus "story" (list of sentences with places), "counterfactual". */
void report_story_json(const struct judgement *judgement, struct buf *out);

#endif
