/* message/path.c - see path.h */
#include "message/path.h"

void path_examine(const struct message *message, const struct content *content, const struct path_settings *settings,
		  const struct connection *connection, struct path *ret_path)
{
	(void)message; (void)content; (void)settings; (void)connection;
	memset(ret_path, 0, sizeof *ret_path);
	ret_path->reference_time = CLOCK_NONE;
}
const char *hop_verdict_name(enum hop_verdict verdict) { return verdict == HOP_TRUE ? "true" : verdict == HOP_FALSE ? "false" : "unproven"; }
const char *hop_source_name(enum hop_source source) { return source == HOP_CONNECTION ? "connection" : source == HOP_RECEIVED ? "received" : "x-originating-ip"; }
static const struct {
	const char *id, *says;
} reasons[] = {
#define HOP_REASON(symbol, id, proves_false, says) { id, says },
#include "message/hop_reasons.def"
#undef HOP_REASON
};
const char *hop_reason_id(enum hop_reason reason) { return reasons[reason].id; }
const char *hop_reason_says(enum hop_reason reason) { return reasons[reason].says; }
const char *origin_role_name(enum origin_role role) { return role == ORIGIN_ORIGIN ? "origin" : role == ORIGIN_RELAY ? "relay" : "unknown"; }
