/* state/cases_open.c - the database behind cases.h: its tables, and the statements that are prepared once. */
#include "base/err.h"
#include "state/cases_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { APPLICATION = 0x706f7374, SCHEMA = 2, PATIENCE = 5000 }; /* "post"; milliseconds that a writer waits for another */

/* addresses: "b.example@a", so that those of a domain lie together. found: which evidence a case has, by cases_number_of its id. */
static const char schema[] =
    "CREATE TABLE cases(seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, time INTEGER NOT NULL, verdict INTEGER NOT NULL,"
    " client BLOB, origin BLOB, subject TEXT, segment INTEGER, at INTEGER, length INTEGER NOT NULL, held INTEGER NOT NULL,"
    " held_time INTEGER, learned INTEGER NOT NULL, learned_time INTEGER, record BLOB NOT NULL);"
    "CREATE INDEX cases_time ON cases(time);"
    "CREATE INDEX cases_client ON cases(client) WHERE client IS NOT NULL;"
    "CREATE INDEX cases_origin ON cases(origin) WHERE origin IS NOT NULL;"
    "CREATE INDEX cases_held ON cases(time) WHERE held = 1;"
    "CREATE INDEX cases_bad ON cases(verdict, time) WHERE verdict <> 0;"
    "CREATE TABLE addresses(address TEXT NOT NULL, role INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY(address, role, seq))"
    " WITHOUT ROWID;"
    "CREATE TABLE found(name INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY(name, seq)) WITHOUT ROWID;"
    "CREATE VIRTUAL TABLE words USING fts5(subject, content='cases', content_rowid='seq', columnsize=0, tokenize='unicode61 "
    "remove_diacritics 2');";

static const char *const statements[CASES_STATEMENTS] = {
	[CASES_BEGIN] = "BEGIN IMMEDIATE",
	[CASES_COMMIT] = "COMMIT",
	[CASES_INSERT] = "INSERT INTO cases(id, time, verdict, client, origin, subject, segment, at, length, held, learned, record)"
			 " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0, ?11)",
	[CASES_WORDS] = "INSERT INTO words(rowid, subject) VALUES(?1, ?2)",
	[CASES_ADDRESS] = "INSERT OR IGNORE INTO addresses VALUES(?1, ?2, ?3)",
	[CASES_FOUND] = "INSERT OR IGNORE INTO found VALUES(?1, ?2)",
	[CASES_FIND] = "SELECT " CASES_COLUMNS " FROM cases WHERE id = ?1",
	[CASES_LEARNED] = "UPDATE cases SET learned = ?2, learned_time = ?3 WHERE id = ?1",
	[CASES_END_HOLD] = "UPDATE cases SET held = ?2, held_time = ?3 WHERE id = ?1 AND held = 1",
	[CASES_OLD] = "SELECT " CASES_COLUMNS " FROM cases WHERE time < ?1 ORDER BY time LIMIT 256",
	[CASES_DROP_WORDS] =
	    "INSERT INTO words(words, rowid, subject) SELECT 'delete', seq, subject FROM cases WHERE seq = ?1 AND subject IS NOT NULL",
	[CASES_DROP_ADDRESS] = "DELETE FROM addresses WHERE address = ?1 AND role = ?2 AND seq = ?3",
	[CASES_DROP_FOUND] = "DELETE FROM found WHERE name = ?1 AND seq = ?2",
	[CASES_DROP] = "DELETE FROM cases WHERE seq = ?1",
};

int cases_fail(struct cases *cases, int answer)
{
	int primary = answer & 0xff;
	bool damaged = primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB;
	const char *path = sqlite3_db_filename(cases->db, "main");
	snprintf(cases->why, sizeof cases->why, "%s: %s", path ? path : "cases.sqlite",
		 damaged                  ? "the database of case files is damaged"
		 : primary == SQLITE_FULL ? "the disk is full"
		 : primary == SQLITE_BUSY ? "another process kept it locked for too long"
					  : sqlite3_errmsg(cases->db));
	return damaged ? ERR_SYNTAX : ERR_IO;
}

static int execute(struct cases *cases, const char *sql)
{
	int answer = sqlite3_exec(cases->db, sql, NULL, NULL, NULL);
	return answer == SQLITE_OK ? 0 : cases_fail(cases, answer);
}

static int read_number(struct cases *cases, const char *sql, int64_t *ret)
{
	sqlite3_stmt *statement = NULL;
	int answer = sqlite3_prepare_v2(cases->db, sql, -1, &statement, NULL);
	if (answer == SQLITE_OK)
		answer = sqlite3_step(statement);
	if (answer == SQLITE_ROW)
		*ret = sqlite3_column_int64(statement, 0);
	int err = answer == SQLITE_ROW ? 0 : cases_fail(cases, answer);
	sqlite3_finalize(statement);
	return err;
}

/* In one transaction, so that of two that begin at once the second finds it done. */
static int make_tables(struct cases *cases)
{
	char versions[96];
	int64_t schema_now = 0;
	snprintf(versions, sizeof versions, "PRAGMA application_id = %d; PRAGMA user_version = %d", APPLICATION, SCHEMA);
	int err = execute(cases, "BEGIN IMMEDIATE");
	if (err == 0 && (err = read_number(cases, "PRAGMA user_version", &schema_now)) == 0 && schema_now == 0 &&
	    (err = execute(cases, schema)) == 0)
		err = execute(cases, versions);
	return err == 0 ? execute(cases, "COMMIT") : err;
}

static int check_version(struct cases *cases, bool write)
{
	int64_t application = 0, version = 0, tables = 0;
	int err = read_number(cases, "PRAGMA application_id", &application);
	if (err == 0)
		err = read_number(cases, "PRAGMA user_version", &version);
	if (err == 0)
		err = read_number(cases, "SELECT count(*) FROM sqlite_schema", &tables);
	if (err < 0)
		return err;
	if (tables == 0)
		return write ? make_tables(cases) : ERR_NOT_FOUND;
	if (application != APPLICATION || version != SCHEMA) {
		snprintf(cases->why, sizeof cases->why, "%s: %s", sqlite3_db_filename(cases->db, "main"),
			 application == APPLICATION ? "was written by another version of postern: move it away, and a new one is begun"
						    : "is no database of case files");
		return ERR_UNSUPPORTED;
	}
	return read_number(cases, "SELECT ifnull(max(seq), 0) FROM cases", &tables);
}

static int prepare(struct cases *cases)
{
	for (unsigned i = 0; i < CASES_STATEMENTS; i++) {
		int answer = sqlite3_prepare_v3(cases->db, statements[i], -1, SQLITE_PREPARE_PERSISTENT, &cases->statement[i], NULL);
		if (answer != SQLITE_OK)
			return cases_fail(cases, answer);
	}
	return 0;
}

static int set_up(struct cases *cases, bool write)
{
	sqlite3_busy_timeout(cases->db, PATIENCE);
	int err = execute(cases, "PRAGMA temp_store = MEMORY"); /* a sandbox knows no folder for temporary files */
	if (err == 0)
		err = check_version(cases, write);
	if (err == 0)
		err = execute(cases, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 16777216;"
				     "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA cache_size = -16384");
	if (err == 0 && !write)
		err = execute(cases, "PRAGMA query_only = ON");
	return err == 0 ? prepare(cases) : err;
}

static void make_file(const char *path)
{
	int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (file >= 0)
		close(file);
}

int cases_open(const char *path, bool write, char ret_why[STORE_WHY_MAX], struct cases **ret)
{
	struct cases *cases = calloc(1, sizeof *cases);
	if (!cases)
		abort();
	arena_init(&cases->arena);
	if (!write && access(path, F_OK) != 0 && errno == ENOENT) {
		cases_close(cases);
		return ERR_NOT_FOUND;
	}
	if (write) /* for nobody else to read, whatever the umask; SQLite gives its other files the same mode */
		make_file(path);
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | (write ? SQLITE_OPEN_CREATE : 0);
	int answer = sqlite3_open_v2(path, &cases->db, flags, NULL);
	int err = answer == SQLITE_OK ? set_up(cases, write) : cases_fail(cases, answer);
	if (err < 0) {
		memcpy(ret_why, cases->why, STORE_WHY_MAX);
		cases_close(cases);
		return err;
	}
	*ret = cases;
	return 0;
}

void cases_close(struct cases *cases)
{
	if (!cases)
		return;
	if (cases->open)
		cases_commit(cases);
	for (unsigned i = 0; i < CASES_STATEMENTS; i++)
		sqlite3_finalize(cases->statement[i]);
	sqlite3_close(cases->db);
	arena_release(&cases->arena);
	free(cases);
}

const char *cases_why(const struct cases *cases) { return cases->why; }
