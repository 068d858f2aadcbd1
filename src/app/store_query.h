/* app/store_query.h - the words that choose among kept cases, on the command line and in a query of HTTP alike. */
#ifndef APP_STORE_QUERY_H
#define APP_STORE_QUERY_H

#include "state/store.h"

void store_query_init(struct store_query *ret_query);
/* One of them: address, recipient, subject, verdict, evidence, ip, since, until, limit. value lives as long as the query; now: for "7d".
 * False: *ret_wants is what a value of that name must be, or NULL when there is no such name. */
bool store_query_set(struct store_query *query, struct span name, struct span value, int64_t now, const char **ret_wants);
/* All of "address=a%40example.org&limit=5" (application/x-www-form-urlencoded). ERR_SYNTAX: *ret_why says what is wrong. */
int store_query_parse(struct span text, int64_t now, struct arena *arena, struct store_query *ret_query, struct span *ret_why);

#endif
