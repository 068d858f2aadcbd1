/* facts/host_name.h - what the name of a machine gives away: its own address in any spelling, and the kind of line it is on.
 *
 * Pure, no allocation. */
#ifndef FACTS_HOST_NAME_H
#define FACTS_HOST_NAME_H

#include "base/ip.h"

enum host_class {
	HOST_UNKNOWN,
	HOST_MAIL,        /* mail, mx, smtp, out, relay ... */
	HOST_STATIC,      /* static, fixed, business ... */
	HOST_RESIDENTIAL, /* dsl, cable, cust, fttx ...: an access line, perhaps static */
	HOST_DYNAMIC,     /* pool, dyn, dhcp, dialup, ppp ... */
	HOST_CLOUD,       /* rented server with a generic name */
};

/* How the address was spelled. */
enum host_spelling { HOST_DOTTED, HOST_DASHED, HOST_REVERSED, HOST_HEX, HOST_DECIMAL, HOST_PADDED, HOST_PARTIAL };

struct host_address {
	struct ip ip;
	enum host_spelling spelling;
	size_t from, to; /* in the name */
};

/* Does the name spell this very address (any order and radix; PARTIAL: two or more of its octets beside a token such as "dsl")? */
bool host_name_spells(struct span name, const struct ip *ip, struct host_address *ret_found);
/* An address spelled in the name when none is known beforehand: full four octets only. */
bool host_name_address(struct span name, struct host_address *ret_found);
enum host_class host_name_class(struct span name);
const char *host_class_says(enum host_class class); /* "a dial-up or pool address" */

#endif
