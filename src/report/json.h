/* report/json.h - a judgement as one line of JSON, the contract that scripts depend on (DESIGN.md 4, postern-scan(1)). */
#ifndef REPORT_JSON_H
#define REPORT_JSON_H

#include "base/json_out.h"
#include "report/judgement.h"

/* One object, no line end. */
void report_json(const struct judgement *judgement, struct buf *out);
/* {"part","in","from","to"} */
void report_json_place(struct json_out *j, const struct message *message, const struct place *place);

#endif
