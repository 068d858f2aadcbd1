/* net/dns_packet.h - reads a DNS answer from its packet (RFC 1035 section 4).
 *
 * The packet was written by whoever runs the name that was asked, so by an attacker where he likes. Promises: linear in the packet, for
 * names too: compression pointers lead backwards only, and a few of them; nothing outside the packet is read. Names become lower-case text
 * without final dot, in which bytes that are not printable or mean something in such text are \DDD (RFC 1035 5.1), a dot within a label
 * too: no byte of a name can pass for another part of it. TXT strings are joined and keep their bytes.
 * Does not: check DNSSEC, which net/resolver.h has done, or follow aliases outside the packet. */
#ifndef NET_DNS_PACKET_H
#define NET_DNS_PACKET_H

#include "facts/question.h"

/* Fills status, records and ttl for answer->question. A packet that is no answer to it, or damaged, is ANSWER_SERVFAIL. */
void dns_packet_read(struct span packet, struct arena *arena, struct answer *answer);
uint16_t dns_packet_type(enum question_type type); /* the number on the wire; of DNS types only */

#endif
