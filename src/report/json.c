/* report/json.c - see json.h */
#include "report/json.h"

void report_json(const struct judgement *judgement, struct buf *out)
{
	struct json_out j;
	json_init(&j, out);
	json_object(&j, NULL);
	json_text(&j, "file", judgement->file);
	json_close(&j);
}
void report_json_place(struct json_out *j, const struct message *message, const struct place *place) { (void)j; (void)message; (void)place; }
