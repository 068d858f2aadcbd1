/* facts/list_book.h - the lists of the settings at work: the files behind local ones, the health of those in the DNS; shared by all
 *threads.
 *
 * It answers QUESTION_LIST on the spot:
 *	"LIST"      may it be asked? ANSWER_OK with the record "ask" or "controls" (put its control questions too), or ANSWER_UNAVAILABLE
 *with the reason as its record: muted, and why (facts/list_health.h) "LIST KEY"  the entry of a local list that holds KEY, as the record
 *`ENTRY (line N)`; ANSWER_NXDOMAIN: none does So whether a list was heard is an answer like any other, kept and replayed with them. Every
 *few seconds a look-up sees whether a file has changed; one that is damaged leaves what was read before in use, and the damage waits in
 *list_book_trouble. Promises: thread-safe but for new and free. Owner: the caller; the declarations must outlive it. */
#ifndef FACTS_LIST_BOOK_H
#define FACTS_LIST_BOOK_H

#include "config/list_declaration.h"
#include "facts/list_file.h"
#include "facts/list_health.h"
#include "facts/question.h"

struct list_book;

/* clock: seconds, as clock_now. ERR_IO, ERR_SYNTAX or ERR_LIMIT from a file: then *ret_error says what and where. */
int list_book_new(const struct list_declaration *lists, size_t n, int64_t (*clock)(void), struct arena *arena, struct list_book **ret_book,
		  struct span *ret_error);
void list_book_free(struct list_book *book); /* NULL allowed */
/* The table behind a list, read by somebody else because the process may open no files; owned from now on, though no list has that name.
 * Not while another thread asks. */
void list_book_take(struct list_book *book, struct span list, struct list_file *file);
/* The tables of an earlier book go over to lists of the same names. */
void list_book_inherit(struct list_book *book, struct list_book *earlier);
/* For an answerer (net/asker.h): context is the book. */
void list_book_answer(const void *context, struct arena *arena, struct answer *answer);
/* Once a message is judged: how its lists answered. */
void list_book_observe(struct list_book *book, const struct answers *answers);
/* What went wrong with a file since it was asked last, in arena; span_none when nothing did. */
struct span list_book_trouble(struct list_book *book, struct arena *arena);

#endif
