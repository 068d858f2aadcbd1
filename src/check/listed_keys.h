/* check/listed_keys.h - what of a message a list is asked about: addresses, names, links, each with its place.
 *
 * Promises: pure; each key once; at most what the list permits for a message, `more` says that there were others. Private addresses and
 * one's own domains are never asked about. */
#ifndef CHECK_LISTED_KEYS_H
#define CHECK_LISTED_KEYS_H

#include "check/check.h"
#include "facts/list.h"

struct listed_key {
	int ask;          /* row of list_asks */
	struct span text; /* for people: "192.0.2.7", "example.org" */
	struct question question;
	struct place at;
};

struct listed_keys {
	struct listed_key v[LIST_PER_MESSAGE_MOST];
	uint32_t n;
	bool more;    /* beyond the list's budget */
	bool waiting; /* an answer is needed before all are known: come again */
};

void listed_keys_collect(const struct check_view *view, const struct list_declaration *list, const struct answers *answers,
			 struct questions *questions, struct listed_keys *ret_keys);

#endif
