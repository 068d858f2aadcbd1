/* facts/list_book.c - see list_book.h
 *
 * A table that threads read is replaced under the write lock; what a list answered is told to its health under one mutex, a few times a
 * message. */
#include "facts/list_book.h"
#include "base/buf.h"
#include "base/err.h"
#include "facts/list.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <xxhash.h>

enum { LOOK_EVERY = 5, TROUBLE_MOST = 1000 }; /* seconds; bytes */

struct shelf {
	const struct list_declaration *list;
	struct list_health health;
	struct list_file *file;
	struct timespec changed;
	off_t size;
	ino_t inode;
};

struct list_book {
	struct shelf *shelves;
	size_t n;
	int64_t (*clock)(void);
	pthread_mutex_t health;
	pthread_rwlock_t files;
	int64_t looked; /* when the files were */
	char trouble[TROUBLE_MOST];
	size_t trouble_n;
};

static bool unchanged(const struct shelf *shelf, const struct stat *st)
{
	return shelf->file && st->st_size == shelf->size && st->st_ino == shelf->inode && st->st_mtim.tv_sec == shelf->changed.tv_sec &&
	       st->st_mtim.tv_nsec == shelf->changed.tv_nsec;
}

/* What a failed attempt saw is remembered too: it is told once, and tried again when the file has changed. */
static int read_shelf(struct shelf *shelf, struct arena *arena, struct list_file **ret_file, struct span *ret_error)
{
	struct stat st;
	const char *path = (const char *)shelf->list->file.p;
	if (stat(path, &st) == 0) {
		if (unchanged(shelf, &st))
			return ERR_NOT_FOUND;
		shelf->changed = st.st_mtim;
		shelf->size = st.st_size;
		shelf->inode = st.st_ino;
	} else if (shelf->size < 0) {
		return ERR_NOT_FOUND;
	} else {
		shelf->size = -1;
	}
	return list_file_read(path, arena, ret_file, ret_error);
}

int list_book_new(const struct list_declaration *lists, size_t n, int64_t (*clock)(void), struct arena *arena, struct list_book **ret_book,
		  struct span *ret_error)
{
	struct list_book *book = calloc(1, sizeof *book);
	if (!book || !(book->shelves = calloc(n ? n : 1, sizeof *book->shelves)))
		abort();
	pthread_mutex_init(&book->health, NULL);
	pthread_rwlock_init(&book->files, NULL);
	book->clock = clock;
	book->looked = clock();
	book->n = n;
	int err = ERR_OK;
	for (size_t i = 0; i < n && !err; i++) {
		book->shelves[i].list = &lists[i];
		if (lists[i].file.n)
			err = read_shelf(&book->shelves[i], arena, &book->shelves[i].file, ret_error);
	}
	if (err)
		list_book_free(book);
	else
		*ret_book = book;
	return err;
}

void list_book_free(struct list_book *book)
{
	if (!book)
		return;
	for (size_t i = 0; i < book->n; i++)
		list_file_free(book->shelves[i].file);
	pthread_rwlock_destroy(&book->files);
	pthread_mutex_destroy(&book->health);
	free(book->shelves);
	free(book);
}

/* Files that have changed are read, by whoever comes first after LOOK_EVERY seconds. */
static void look_at_files(struct list_book *book, struct arena *arena)
{
	int64_t now = book->clock(), looked = __atomic_load_n(&book->looked, __ATOMIC_RELAXED);
	if (now - looked < LOOK_EVERY && now >= looked)
		return;
	if (!__atomic_compare_exchange_n(&book->looked, &looked, now, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		return;
	pthread_rwlock_wrlock(&book->files);
	for (size_t i = 0; i < book->n; i++) {
		struct shelf *shelf = &book->shelves[i];
		struct list_file *file;
		struct span error;
		int err = shelf->list->file.n ? read_shelf(shelf, arena, &file, &error) : ERR_NOT_FOUND;
		if (err == ERR_NOT_FOUND)
			continue;
		if (!err) {
			list_file_free(shelf->file);
			shelf->file = file;
		} else {
			book->trouble_n = error.n < sizeof book->trouble ? error.n : sizeof book->trouble;
			memcpy(book->trouble, error.p, book->trouble_n);
		}
	}
	pthread_rwlock_unlock(&book->files);
}

struct span list_book_trouble(struct list_book *book, struct arena *arena)
{
	pthread_rwlock_wrlock(&book->files);
	struct span trouble = book->trouble_n ? arena_dup(arena, span_of(book->trouble, book->trouble_n)) : span_none;
	book->trouble_n = 0;
	pthread_rwlock_unlock(&book->files);
	return trouble;
}

static struct shelf *find_shelf(const struct list_book *book, struct span name)
{
	for (size_t i = 0; i < book->n; i++)
		if (span_ieq(book->shelves[i].list->name, name))
			return &book->shelves[i];
	return NULL;
}

void list_book_take(struct list_book *book, struct span list, struct list_file *file)
{
	struct shelf *shelf = find_shelf(book, list);
	list_file_free(shelf ? shelf->file : file);
	if (shelf)
		shelf->file = file;
}

void list_book_inherit(struct list_book *book, struct list_book *earlier)
{
	for (size_t i = 0; i < earlier->n; i++) {
		if (earlier->shelves[i].file)
			list_book_take(book, earlier->shelves[i].list->name, earlier->shelves[i].file);
		earlier->shelves[i].file = NULL;
	}
}

static void answer_is(struct answer *answer, struct arena *arena, enum answer_status status, struct span record)
{
	answer->status = status;
	if (record.n)
		*(struct span *)vec_push(arena, &answer->records) = record;
}

static void answer_leave(struct list_book *book, struct shelf *shelf, struct arena *arena, struct answer *answer)
{
	const struct list_declaration *list = shelf->list;
	enum list_trouble trouble = LIST_WELL;
	pthread_mutex_lock(&book->health);
	enum list_leave leave =
	    list_health_leave(&shelf->health, list->per_day, list->must_list.n + list->must_not_list.n > 0, book->clock(), &trouble);
	pthread_mutex_unlock(&book->health);
	if (leave == LIST_MUTED)
		answer->why = arena_printf(arena, "was not asked: %s", list_trouble_says(trouble));
	answer_is(answer, arena, leave == LIST_MUTED ? ANSWER_UNAVAILABLE : ANSWER_OK,
		  leave == LIST_MUTED ? SPAN("muted")
		  : leave == LIST_ASK ? SPAN("ask")
				      : SPAN("controls"));
}

static void answer_key(struct list_book *book, struct shelf *shelf, struct span key, struct arena *arena, struct answer *answer)
{
	struct span entry;
	uint32_t line;
	look_at_files(book, arena);
	pthread_rwlock_rdlock(&book->files);
	bool has = list_file_has(shelf->file, key, arena, &entry, &line);
	struct span record = !has ? span_none : line ? arena_printf(arena, "%.*s (line %u)", SPAN_ARG(entry), line) : entry;
	pthread_rwlock_unlock(&book->files);
	answer_is(answer, arena, has ? ANSWER_OK : ANSWER_NXDOMAIN, record);
}

void list_book_answer(const void *context, struct arena *arena, struct answer *answer)
{
	struct list_book *book = (struct list_book *)(uintptr_t)context; /* answerers are const; what changes here is behind locks */
	struct span key = answer->question.name, name;
	span_split(&key, ' ', &name);
	struct shelf *shelf = find_shelf(book, name);
	answer->time = book->clock();
	if (!shelf || (key.p && !shelf->file))
		answer_is(answer, arena, ANSWER_UNAVAILABLE, span_none);
	else if (key.p)
		answer_key(book, shelf, key, arena, answer);
	else if (shelf->file)
		answer_is(answer, arena, ANSWER_OK, SPAN("ask"));
	else
		answer_leave(book, shelf, arena, answer);
}

static bool below_zone(const struct list_declaration *list, const struct answer *answer)
{
	struct span name = answer->question.name, zone = list->zone;
	return answer->question.type == QUESTION_A && answer->status != ANSWER_UNAVAILABLE && name.n > zone.n + 1 &&
	       span_iends(name, zone) && name.p[name.n - zone.n - 1] == '.';
}

static bool is_control(const struct list_declaration *list, const struct answer *answer, struct arena *arena)
{
	const struct list_texts *texts[] = { &list->must_list, &list->must_not_list };
	for (int which = 0; which < 2; which++)
		for (size_t i = 0; i < texts[which]->n; i++) {
			struct question question;
			if (list_ask_control(list, texts[which]->v[i], arena, &question) && span_ieq(question.name, answer->question.name))
				return true;
		}
	return false;
}

/* The controls come first: what a list says that fails them is no news. */
static void observe_list(struct shelf *shelf, const struct answers *answers, struct arena *arena, int64_t now)
{
	const struct list_declaration *list = shelf->list;
	static const enum list_event events[] = {
		[LIST_CONTROLS_RIGHT] = LIST_CONTROL_RIGHT,
		[LIST_CONTROLS_LISTED] = LIST_CONTROL_LISTED,
		[LIST_CONTROLS_MISSED] = LIST_CONTROL_MISSED,
	};
	enum list_controls controls = list_controls(list, answers, arena);
	if (controls < sizeof events / sizeof *events)
		list_health_take(&shelf->health, events[controls], 0, now);
	for (uint32_t i = 0; i < answers->list.n; i++) {
		const struct answer *answer = &answers->list.v[i];
		const struct list_code *code;
		struct span entry;
		if (!below_zone(list, answer))
			continue;
		enum list_says says = list_read(list, answer, arena, &code, &entry);
		uint64_t key = XXH3_64bits(answer->question.name.p, answer->question.name.n);
		if (says == LIST_SAYS_FAILED || says == LIST_SAYS_REFUSED)
			list_health_take(&shelf->health, says == LIST_SAYS_FAILED ? LIST_FAILURE : LIST_REFUSAL, key, now);
		else if (!is_control(list, answer, arena))
			list_health_take(&shelf->health, list_answers(answer) ? LIST_HIT : LIST_MISS, key, now);
	}
}

void list_book_observe(struct list_book *book, const struct answers *answers)
{
	struct arena scratch;
	int64_t now = book->clock();
	if (!answers->list.n)
		return;
	arena_init(&scratch);
	pthread_mutex_lock(&book->health);
	for (size_t i = 0; i < book->n; i++)
		if (!book->shelves[i].file)
			observe_list(&book->shelves[i], answers, &scratch, now);
	pthread_mutex_unlock(&book->health);
	arena_release(&scratch);
}
