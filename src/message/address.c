/* message/address.c - see address.h */
#include "message/address.h"

void addresses_parse(struct span message, const struct header *header, struct arena *arena, struct anomalies *anomalies,
		     struct addresses *ret_addresses)
{
	(void)message; (void)header; (void)arena; (void)anomalies;
	memset(ret_addresses, 0, sizeof *ret_addresses);
}
void addresses_parse_text(struct span text, struct arena *arena, struct addresses *ret_addresses)
{
	(void)text; (void)arena;
	memset(ret_addresses, 0, sizeof *ret_addresses);
}
bool address_spec_valid(struct span text) { (void)text; return false; }
bool address_parse_path(struct span text, struct arena *arena, struct address *ret_address) { (void)text; (void)arena; (void)ret_address; return false; }
