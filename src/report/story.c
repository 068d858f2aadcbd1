/* report/story.c - see story.h */
#include "report/story.h"

void report_story(const struct judgement *judgement, const struct style *style, struct buf *out) { (void)judgement; (void)style; (void)out; }
void report_story_json(const struct judgement *judgement, struct buf *out) { (void)judgement; (void)out; }
