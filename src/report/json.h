/* report/json.h - a judgement as one line of JSON, the contract that scripts depend on (DESIGN.md 4, postern-scan(1)). */
#ifndef REPORT_JSON_H
#define REPORT_JSON_H

#include "base/json_out.h"
#include "report/judgement.h"

/* One object, no line end. */
void report_json(const struct judgement *judgement, struct buf *out);
/* The members of that object, for reports that add their own to it. */
void report_json_members(struct json_out *j, const struct judgement *judgement);
/* "key":{"ip","confidence","hop","role"}, and "relay" when the origin stands on an unproven line below it. */
void report_json_origin(struct json_out *j, const char *key, const struct judgement *judgement);
/* {"part","in","from","to"} */
void report_json_place(struct json_out *j, const struct message *message, const struct place *place);
/* "key":"192.0.2.1", or null. */
void report_json_ip(struct json_out *j, const char *key, const struct ip *ip);

#endif
