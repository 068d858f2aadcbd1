/* state/tuples_env.h - the LMDB environment behind tuples.h: opening, setting aside, transactions; nothing else knows of it.
 *
 * Answers are LMDB's: 0, or a number that tuples_env_fail turns into an enum err and a sentence. */
#ifndef STATE_TUPLES_ENV_H
#define STATE_TUPLES_ENV_H

#include "state/tuples.h"

#include <lmdb.h>

struct tuples_env {
	MDB_env *env;
	MDB_txn *txn;  /* the open one: of a writer from the first change to the commit; of a reader while it looks */
	MDB_txn *idle; /* of a reader: kept, so that to look again needs no call */
	MDB_dbi tuples, ends;
	bool write;
	bool changing; /* txn may write */
	uint64_t bound, set_aside;
	int64_t now; /* of opening */
	char *path;
	char why[TUPLES_WHY_MAX];
};

int tuples_env_open(struct tuples_env *env, const char *folder, bool write, uint64_t bytes, int64_t now); /* an enum err */
void tuples_env_close(struct tuples_env *env);
/* For reading; a writer that is changing looks at its own changes. */
int tuples_env_look(struct tuples_env *env);
void tuples_env_looked(struct tuples_env *env);
/* For changing, until commit. */
int tuples_env_begin(struct tuples_env *env);
int tuples_env_commit(struct tuples_env *env);
uint64_t tuples_env_bytes(const struct tuples_env *env); /* in use; while a transaction is open */
/* Writes why; a transaction that cannot go on is ended, and the environment opened anew where it has to be. */
int tuples_env_fail(struct tuples_env *env, int answer);

#endif
