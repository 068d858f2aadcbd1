/* state/cases_parts.h - what the files behind cases.h share: the handle, its statements, and the table they stand in.
 *
 * cases.c adds, finds and marks; cases_open.c opens and makes the tables; cases_search.c searches. */
#ifndef STATE_CASES_PARTS_H
#define STATE_CASES_PARTS_H

#include "state/cases.h"

#include <sqlite3.h>

enum cases_statement {
	CASES_BEGIN,
	CASES_COMMIT,
	CASES_INSERT,
	CASES_WORDS,
	CASES_ADDRESS,
	CASES_FOUND,
	CASES_NAME,
	CASES_FIND,
	CASES_LEARNED,
	CASES_END_HOLD,
	CASES_OLD,
	CASES_DROP_WORDS,
	CASES_DROP_ADDRESS,
	CASES_DROP_FOUND,
	CASES_DROP,
	CASES_STATEMENTS
};

enum cases_role { CASES_SENDER = 1, CASES_RECIPIENT = 2 };

struct cases {
	sqlite3 *db;
	sqlite3_stmt *statement[CASES_STATEMENTS];
	bool open; /* a transaction */
	uint64_t pending;
	struct arena arena; /* of one call */
	char why[STORE_WHY_MAX];
};

/* Of a case row: "seq, id, record, segment, at, length, held, held_time, learned, learned_time". */
#define CASES_COLUMNS "seq, id, record, segment, at, length, held, held_time, learned, learned_time"
void cases_read_row(sqlite3_stmt *statement, struct cases_row *ret_row);
/* The enum err of what SQLite answered; writes why. */
int cases_fail(struct cases *cases, int answer);
/* Bind or bind null. */
void cases_bind_text(sqlite3_stmt *statement, int at, struct span text);
/* "a@B.example" as it is kept: lower case; and of the domain alone: "@b.example"; span_none: no address. */
struct span cases_domain_of(struct span address, struct arena *arena);

#endif
