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
/* "A@b.example" as it is kept: "b.example@a", in lower case. Without an at sign: a domain, what all its addresses begin with. */
struct span cases_address_key(struct span address, struct arena *arena);
/* The id of a kind of evidence as it is kept. Every build finds what another wrote. */
int64_t cases_number_of(struct span evidence_id);

#endif
