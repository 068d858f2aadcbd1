/* config/list_declaration.h - a list that knows addresses or names, as the user declares it: where it is, what it may be asked about a
 * message, and what each of its answers means.
 *
 * A list stands in the DNS (zone, RFC 5782) or in a file of one's own. The catalogue (config/lists.def) holds declarations of public lists,
 * written as a settings file would write them; none is used until it is named. An answer that no code declares counts for nothing.
 * Owner: the arena of the settings; the catalogue is static. */
#ifndef CONFIG_LIST_DECLARATION_H
#define CONFIG_LIST_DECLARATION_H

#include "base/buf.h"
#include "base/ip.h"

/* What a list may be asked about. */
enum list_ask {
	LIST_CLIENT = 1 << 0,
	LIST_RELAYS = 1 << 1,
	LIST_CLIENT_NAME = 1 << 2,
	LIST_HELO = 1 << 3,
	LIST_FROM = 1 << 4,
	LIST_REPLY_TO = 1 << 5,
	LIST_MAIL_FROM = 1 << 6,
	LIST_LINK_DOMAINS = 1 << 7,
	LIST_LINK_HOSTS = 1 << 8,
	LIST_LINK_ADDRESSES = 1 << 9,
	LIST_SITES = 1 << 10,
	LIST_MAIL_ADDRESSES = 1 << 11,
	LIST_URLS = 1 << 12,
};
enum { LIST_ASKS = 13 };

enum list_kind { LIST_OF_ADDRESSES, LIST_OF_NAMES, LIST_OF_HASHES }; /* hashes: only where the list is in the DNS */

struct list_ask_row {
	const char *word;    /* "client" */
	enum list_kind kind; /* what is looked up */
	const char *says;    /* "the machine that handed the message over" */
};
extern const struct list_ask_row list_asks[LIST_ASKS]; /* row i is bit i of enum list_ask */

enum list_hash { LIST_PLAIN, LIST_SHA1, LIST_SHA256 };
enum list_digits { LIST_HEX, LIST_BASE32 };

/* One octet of an answer: a range, or any of some bits. */
struct list_octet {
	uint8_t least, most, bits; /* bits 0: whatever lies in the range */
};
struct list_code {
	struct list_octet octet[4];
	int32_t weight; /* thousandths of a nat; negative speaks for the message */
	struct span means;
};

struct list_codes {
	struct list_code *v;
	size_t n;
};
struct list_texts {
	struct span *v;
	size_t n;
};

struct list_declaration {
	struct span name;
	struct span like;        /* the entry of the catalogue it began as, or span_none */
	bool changed;            /* something was set beside like */
	struct span zone;        /* lower-case, no final dot; span_none for a file */
	struct span key;         /* what stands for {key} in the zone */
	struct span file;        /* a path, followed by a NUL; span_none for a zone */
	uint32_t asks;           /* enum list_ask, or'ed */
	struct list_codes codes; /* of a zone: the first that matches an answer counts */
	struct list_codes refusals;
	int32_t weight; /* of a file: of whatever stands in it */
	struct span means;
	enum list_hash hash;
	enum list_digits digits;
	struct list_texts must_list, must_not_list; /* control questions, RFC 5782 section 5 */
	bool controls_set, ipv6;
	uint32_t per_message, per_day; /* questions */
};

/* No list may weigh more than this either way, in thousandths of a nat: none marks the way to `reject` alone. */
enum { LIST_WEIGHT_MOST = 4000, LIST_PER_MESSAGE_MOST = 32 };

struct list_catalogue_entry {
	const char *name;
	const char *home; /* where its terms of use stand */
	const char *yaml; /* a declaration without name */
};
extern const struct list_catalogue_entry list_catalogue[];
extern const size_t list_catalogue_n;
const struct list_catalogue_entry *list_catalogue_find(struct span name);

void list_declaration_init(struct list_declaration *ret_list, struct span name);
/* Once all is set: control questions that were not given. */
void list_declaration_complete(struct list_declaration *list, struct arena *arena);
/* Does the pattern hold for an answer (an IPv4 address)? */
bool list_code_matches(const struct list_code *code, uint32_t address);
/* "127.0.0.2", "127.0.0.4-7", "127.0.*.3", "127.0.0.&8" (any of those bits). */
bool list_code_parse(struct span pattern, struct list_code *ret_code);
/* As YAML that reads back: the name of the catalogue, or everything. */
void list_declaration_put(const struct list_declaration *list, struct buf *out);
static inline bool list_asks_kind(const struct list_declaration *list, enum list_kind kind)
{
	for (int i = 0; i < LIST_ASKS; i++)
		if (list->asks >> i & 1 && (list->hash ? LIST_OF_HASHES : list_asks[i].kind) == kind)
			return true;
	return false;
}
/* The most that one answer could add, thousandths of a nat; 0 for a list that only speaks for messages. */
int32_t list_most(const struct list_declaration *list);

#endif
