/* message/received_items.h - a Received line cut into words, comments and bracketed addresses (RFC 5321 4.4, RFC 5322 3.2.2).
 *
 * Promises: one pass; at most RECEIVED_ITEMS items, what is beyond is not cut; spans borrow the line. */
#ifndef MESSAGE_RECEIVED_ITEMS_H
#define MESSAGE_RECEIVED_ITEMS_H

#include "base/ip.h"

enum { RECEIVED_ITEMS = 64 };

enum received_item_kind {
	ITEM_WORD,
	ITEM_COMMENT, /* "(...)", nested ones included; text is without the parentheses */
	ITEM_BRACKET, /* "[...]" and what is glued to it, as in "[192.0.2.1]:25"; text is with the brackets */
	ITEM_ANGLE,   /* "<...>": text is without the angles, doubled ones too */
	ITEM_QUOTED,  /* text is without the quotes */
	ITEM_SEMICOLON,
};

struct received_item {
	enum received_item_kind kind;
	bool glued; /* no blank before it */
	struct span text;
	size_t from, to; /* in the line, delimiters included */
};

struct received_items {
	struct received_item v[RECEIVED_ITEMS];
	uint32_t n;
};

void received_items_cut(struct span line, struct received_items *ret_items);
/* A word that is exactly this one, case ignored. */
bool received_item_is(const struct received_item *item, struct span word);
/* An address as mail servers write it: "192.0.2.1", "[192.0.2.1]", "192.0.2.1:25", "[192.0.2.1]:25", "192.0.2.1.63559" (Exim's port),
 * "IPv6:2001:db8::1", "::ffff:192.0.2.1". *ret_text is the address without brackets and port. */
bool received_address(struct span text, struct ip *ret_ip, struct span *ret_text);

#endif
