/* state/cases.h - case files in SQLite, found by id, address, words, verdict, evidence, time and client; a part of state/store.h.
 *
 * Promises: statements are prepared once; what is added stands in one transaction until cases_commit. Write-ahead log: readers never wait
 * for the writer, writers wait for each other for some seconds.
 * Does not: decide who may see what, or hold messages.
 * Owner: the caller owns the handle. One thread. */
#ifndef STATE_CASES_H
#define STATE_CASES_H

#include "state/ring.h"
#include "state/store.h"

struct cases;

struct cases_row {
	int64_t seq;
	struct span id, record; /* good until the next call */
	struct ring_place place;
	enum store_held held;
	int64_t held_time;
	enum store_learned learned;
	int64_t learned_time;
};

/* ERR_NOT_FOUND (to read), ERR_UNSUPPORTED, ERR_SYNTAX: damaged; ERR_IO. On failure ret_why says what is wrong. */
int cases_open(const char *path, bool write, char ret_why[STORE_WHY_MAX], struct cases **ret_cases);
void cases_close(struct cases *cases); /* NULL allowed; commits */
/* casefile: what record says. Errors: ERR_IO, ERR_SYNTAX: damaged; ERR_USAGE: the id is there already. After a failure of the disk the
 * transaction may be gone: cases_pending is 0 then. */
int cases_add(struct cases *cases, const struct casefile *casefile, struct span record, const struct ring_place *place,
	      enum store_held held);
int cases_commit(struct cases *cases);
uint64_t cases_pending(const struct cases *cases); /* added and not committed */
int cases_find(struct cases *cases, struct span id, struct cases_row *ret_row);
int cases_search(struct cases *cases, const struct store_query *query, bool (*each)(void *context, const struct cases_row *row),
		 void *context);
/* ERR_NOT_FOUND: no such case, or it is not held. */
int cases_mark_learned(struct cases *cases, struct span id, enum store_learned learned, int64_t now);
int cases_end_hold(struct cases *cases, struct span id, enum store_held as, int64_t now);
/* Some of those that came before that time: each is called with what is about to go. */
int cases_expire(struct cases *cases, int64_t before, void (*each)(void *context, const struct cases_row *row), void *context,
		 bool *ret_more);
int cases_count(struct cases *cases, struct store_status *ret_status); /* cases, oldest, newest, held, database_bytes */
const char *cases_why(const struct cases *cases);

#endif
