/* message/transfer.c - see transfer.h */
#include "message/transfer.h"

struct span base64_decode(struct span encoded, struct arena *arena, struct transfer_facts *ret_facts) { (void)arena; memset(ret_facts, 0, sizeof *ret_facts); return encoded; }
struct span quoted_printable_decode(struct span encoded, bool header, struct arena *arena, struct transfer_facts *ret_facts) { (void)arena; (void)header; memset(ret_facts, 0, sizeof *ret_facts); return encoded; }
bool uuencode_find(struct span text, size_t from, struct arena *arena, struct span *ret_name, struct span *ret_bytes,
		   size_t *ret_begin, size_t *ret_after, struct transfer_facts *ret_facts)
{
	(void)text; (void)from; (void)arena; (void)ret_name; (void)ret_bytes; (void)ret_begin; (void)ret_after; (void)ret_facts;
	return false;
}
