/* facts/address_text.h - lists of addresses as people and list operators write them, read into a build (address_build.h).
 *
 *	plain     an address, network or range a line: 192.0.2.7, 192.0.2.0/24, 192.0.2.1-192.0.2.9, 2001:db8::/32; a word behind it is its
 *	          class; ! makes it an exception; what follows # or ; is a remark
 *	ip4set    rbldnsd(8): prefixes, networks, ranges, exclusions (!), values (:127.0.0.2:text), their defaults, $-lines
 *	ip4trie   the same without ranges
 *	ip6trie   rbldnsd's ip6trie and ip6tset
 *	drop      Spamhaus DROP: "192.0.2.0/24 ; SBL123"
 *	drop-json Spamhaus DROP, a JSON object a line: {"cidr":"192.0.2.0/24","sblid":"SBL123"}
 *
 * What a list says of an entry for people (a TXT template, an SBL number) becomes the text of its class, what it answers in the DNS the
 * class's answer; of texts too many for a set (65,534) the rest is dropped, and the entry stays.
 * Promises: linear; a line that is not understood refuses the whole list, with file, line and what is allowed there.
 * Does not: read $SOA, $NS, $TTL and $TIMESTAMP of rbldnsd: they are settings of a zone, not of a list. */
#ifndef FACTS_ADDRESS_TEXT_H
#define FACTS_ADDRESS_TEXT_H

#include "base/arena.h"
#include "facts/address_build.h"

enum address_text_format {
	ADDRESS_TEXT_PLAIN,
	ADDRESS_TEXT_IP4SET,
	ADDRESS_TEXT_IP4TRIE,
	ADDRESS_TEXT_IP6TRIE,
	ADDRESS_TEXT_DROP,
	ADDRESS_TEXT_DROP_JSON,
	ADDRESS_TEXT_FORMATS
};
/* "drop-json" */
extern const char *const address_text_formats[ADDRESS_TEXT_FORMATS];

struct address_text_source {
	struct span bytes;
	const char *path; /* for the error */
	enum address_text_format format;
	struct span class; /* name of the class of what names none itself */
};

/* Letters, digits, - _ and ., at most 31 of them, and not "none". */
bool address_text_class_ok(struct span name);
/* ERR_SYNTAX; *ret_error is then "PATH:LINE: what is wrong" in the arena, and the build is of no use. */
int address_text_read(const struct address_text_source *source, struct address_build *build, struct arena *arena, struct span *ret_error);

#endif
