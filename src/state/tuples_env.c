/* state/tuples_env.c - see tuples_env.h
 *
 * The map is larger than the bound by half and 8 MB, and no record is made once a quarter over the bound is in use: dropping needs pages
 * too, and those that were given up serve again only two commits later. Without metasync a commit syncs its data and not yet its root, so
 * that loss of power takes the last commit back and never damages. */
#include "state/tuples_env.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TABLES = 2, READERS = 126, LEAST = 1 << 20, SPARE = 8 << 20 };

static bool is_damage(int answer)
{
	return answer == MDB_INVALID || answer == MDB_CORRUPTED || answer == MDB_PAGE_NOTFOUND || answer == MDB_VERSION_MISMATCH ||
	       answer == MDB_INCOMPATIBLE || answer == MDB_BAD_VALSIZE;
}

static void forget_handles(struct tuples_env *e)
{
	if (e->txn)
		mdb_txn_abort(e->txn);
	if (e->idle)
		mdb_txn_abort(e->idle);
	e->txn = e->idle = NULL;
	e->changing = false;
	if (e->env)
		mdb_env_close(e->env);
	e->env = NULL;
}

static int open_tables(struct tuples_env *e)
{
	MDB_txn *txn;
	int answer = mdb_txn_begin(e->env, NULL, e->write ? 0 : MDB_RDONLY, &txn);
	if (answer != 0)
		return answer;
	answer = mdb_dbi_open(txn, "tuples", e->write ? MDB_CREATE : 0, &e->tuples);
	if (answer == 0)
		answer = mdb_dbi_open(txn, "ends", e->write ? MDB_CREATE : 0, &e->ends);
	if (answer != 0) {
		mdb_txn_abort(txn);
		return answer;
	}
	return mdb_txn_commit(txn);
}

static int open_env(struct tuples_env *e)
{
	int dead, answer = mdb_env_create(&e->env);
	if (answer != 0)
		return answer;
	mdb_env_set_maxdbs(e->env, TABLES);
	mdb_env_set_maxreaders(e->env, READERS);
	mdb_env_set_mapsize(e->env, (e->bound + e->bound / 2 + SPARE) & ~(size_t)0xffff);
	answer = mdb_env_open(e->env, e->path, MDB_NOTLS | MDB_NORDAHEAD | (e->write ? MDB_NOMETASYNC : MDB_RDONLY), 0600);
	if (answer == 0 && e->write)
		mdb_reader_check(e->env, &dead); /* of processes that were killed: they would keep pages from being used again */
	if (answer == 0)
		answer = open_tables(e);
	if (answer == 0 && !e->write)
		answer = mdb_txn_begin(e->env, NULL, MDB_RDONLY, &e->idle);
	if (answer == 0 && !e->write)
		mdb_txn_reset(e->idle);
	if (answer != 0)
		forget_handles(e);
	return answer;
}

static void set_aside(struct tuples_env *e)
{
	char to[4096];
	snprintf(to, sizeof to, "%s.damaged-%lld", e->path, (long long)e->now);
	rename(e->path, to);
	mkdir(e->path, 0700);
	snprintf(e->why, sizeof e->why, "%s was damaged. It was set aside as %s and begun anew: reputations are built up again", e->path,
		 to);
	e->set_aside++;
}

int tuples_env_open(struct tuples_env *e, const char *folder, bool write, uint64_t bytes, int64_t now)
{
	*e = (struct tuples_env){ .write = write, .bound = bytes < LEAST ? LEAST : bytes, .now = now };
	if (asprintf(&e->path, "%s/tuples", folder) < 0)
		abort();
	int answer = 0;
	if (write && mkdir(folder, 0700) != 0 && errno != EEXIST)
		answer = errno;
	if (answer == 0 && write && mkdir(e->path, 0700) != 0 && errno != EEXIST)
		answer = errno;
	if (answer == 0)
		answer = open_env(e);
	if (write && is_damage(answer)) {
		set_aside(e);
		answer = open_env(e);
	}
	if (answer == 0)
		return 0;
	int err = answer == ENOENT || (answer == MDB_NOTFOUND && !write) ? ERR_NOT_FOUND : tuples_env_fail(e, answer);
	tuples_env_close(e);
	return err;
}

void tuples_env_close(struct tuples_env *e)
{
	forget_handles(e);
	free(e->path);
	e->path = NULL;
}

int tuples_env_look(struct tuples_env *e)
{
	if (e->txn)
		return 0;
	if (!e->env)
		return EIO;
	if (!e->idle)
		return mdb_txn_begin(e->env, NULL, MDB_RDONLY, &e->txn);
	int answer = mdb_txn_renew(e->idle);
	if (answer == 0) {
		e->txn = e->idle;
		e->idle = NULL;
	}
	return answer;
}

void tuples_env_looked(struct tuples_env *e)
{
	if (!e->txn || e->changing)
		return;
	mdb_txn_reset(e->txn);
	e->idle = e->txn;
	e->txn = NULL;
}

int tuples_env_begin(struct tuples_env *e)
{
	if (e->changing)
		return 0;
	if (!e->write)
		return EACCES;
	if (!e->env) { /* as a failure left it */
		int answer = open_env(e);
		if (answer != 0)
			return answer;
	}
	int answer = mdb_txn_begin(e->env, NULL, 0, &e->txn);
	e->changing = answer == 0;
	if (answer != 0)
		e->txn = NULL;
	return answer;
}

int tuples_env_commit(struct tuples_env *e)
{
	if (!e->changing)
		return 0;
	int answer = mdb_txn_commit(e->txn);
	e->txn = NULL;
	e->changing = false;
	return answer;
}

uint64_t tuples_env_bytes(const struct tuples_env *e)
{
	const MDB_dbi tables[] = { e->tuples, e->ends };
	uint64_t bytes = 0;
	for (unsigned i = 0; i < TABLES; i++) {
		MDB_stat s;
		if (mdb_stat(e->txn, tables[i], &s) == 0)
			bytes += (s.ms_branch_pages + s.ms_leaf_pages + s.ms_overflow_pages) * (uint64_t)s.ms_psize;
	}
	return bytes;
}

int tuples_env_fail(struct tuples_env *e, int answer)
{
	bool damage = is_damage(answer);
	if (e->changing) {
		mdb_txn_abort(e->txn);
		e->txn = NULL;
		e->changing = false;
	}
	if (e->write && damage && e->env) {
		forget_handles(e);
		set_aside(e); /* begun anew with the next change */
		return ERR_SYNTAX;
	}
	if (answer == MDB_PANIC) /* a root could not be written: only opening it again helps */
		forget_handles(e);
	snprintf(e->why, sizeof e->why, "%s: %s", e->path,
		 answer == MDB_MAP_FULL ? "there is no room left within its bound" : mdb_strerror(answer));
	return damage ? ERR_SYNTAX : ERR_IO;
}
