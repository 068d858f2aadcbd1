/* message/message.c - see message.h */
#include "message/message.h"

void message_parse(struct span raw, struct arena *arena, struct message *ret)
{
	memset(ret, 0, sizeof *ret);
	ret->raw = raw;
	ret->arena = arena;
	struct part *root = vec_push(arena, &ret->parts);
	root->parent = root->first_child = root->next_sibling = root->reading_of = PART_NONE;
	root->number = SPAN("1");
	size_t consumed;
	headers_parse(raw, raw, arena, &ret->anomalies, &ret->header_count, &root->headers, &consumed);
	root->bytes = root->text = root->raw_body = span_skip(raw, consumed);
}
struct span message_field(const struct message *message, enum header_id id) { (void)message; (void)id; return span_none; }
struct span message_field_text(const struct message *message, enum header_id id) { (void)message; (void)id; return span_none; }
struct place message_place(const struct message *message, struct span inner) { (void)message; (void)inner; return (struct place){ 0 }; }
bool part_is(const struct part *part, const char *type) { (void)part; (void)type; return false; }
