/* message/received.c - see received.h */
#include "message/received.h"

void received_parse(struct span line, struct arena *arena, struct received *ret_received)
{
	(void)line; (void)arena;
	memset(ret_received, 0, sizeof *ret_received);
	ret_received->class = RECEIVED_UNPARSEABLE;
}
const char *received_class_name(enum received_class class) { return class == RECEIVED_RELAY ? "relay" : class == RECEIVED_IGNORE ? "ignore" : "unparseable"; }
const char *received_writer_name(enum received_writer writer) { (void)writer; return "unknown"; }
