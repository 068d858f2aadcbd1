/* facts/network.h - who runs an address, and in which country: IPFire's location database (package libloc-database), read in place.
 *
 * The file is a binary trie of networks, mapped and never copied: opening it costs some page faults, not a load, its pages are shared by
 * all processes, and a look-up walks at most 32 nodes of an IPv4 address, 128 of an IPv6 one. Promises: every offset is checked, a damaged
 * file gives no answer or a wrong one, never a fault; thread-safe once open. Does not: verify the file's signature, which its package does.
 * The data is under CC BY-SA 4.0, by the IPFire project (https://location.ipfire.org). Format: <libloc/format.h>, version 1.
 * Owner: whoever opened it. */
#ifndef FACTS_NETWORK_H
#define FACTS_NETWORK_H

#include "facts/question.h"

struct network;

struct network_entry {
	uint32_t as;     /* 0: not known */
	char country[3]; /* ISO 3166, or "" */
	struct ip_net net;
	struct span name; /* of the AS */
};

/* ERR_IO, ERR_SYNTAX; *ret_error (in arena) says what and where. */
int network_open(const char *path, struct arena *arena, struct network **ret_network, struct span *ret_error);
void network_close(struct network *network); /* NULL allowed */
bool network_find(const struct network *network, const struct ip *ip, struct network_entry *ret_entry);
/* For an answerer of QUESTION_NETWORK: context is the network, the record "AS64500 NZ 192.0.2.0/24 Name of the AS". */
void network_answer(const void *context, struct arena *arena, struct answer *answer);
/* Reads such a record: "AS0" and "--" where AS or country is not known. */
bool network_record(struct span record, struct network_entry *ret_entry);
/* Where the package has it. */
#define NETWORK_PACKAGED "/usr/share/libloc-location/location.db"

#endif
