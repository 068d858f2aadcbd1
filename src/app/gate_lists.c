/* app/gate_lists.c - see gate_lists.h */
#include "app/gate_lists.h"
#include "app/say.h"
#include "base/clock.h"
#include "base/cursor.h"
#include "base/record.h"
#include "facts/list_book.h"

static void answer_list(const void *context, struct arena *arena, struct answer *answer)
{
	const struct gate_lists *l = context;
	if (l->book)
		list_book_answer(l->book, arena, answer);
}

struct answerer gate_lists_answerer(const struct gate_lists *l) { return (struct answerer){ answer_list, l }; }

/* The front can open no files once its sandbox has closed: master does (gate_lists_take). */
void gate_lists_configure(struct gate_lists *l, const struct settings *settings)
{
	struct span error;
	size_t n = 0;
	struct list_book *earlier = l->book;
	struct arena listing;
	arena_init(&listing);
	l->book = NULL;
	struct list_declaration *lists = arena_alloc(&listing, (settings->lists.n + 1) * sizeof *lists);
	for (size_t i = 0; i < settings->lists.n; i++)
		if (settings->lists.v[i].asks & LIST_CLIENT) {
			lists[n] = settings->lists.v[i];
			lists[n++].file = span_none;
		}
	if (n && list_book_new(lists, n, clock_now, &listing, &l->book, &error) != 0)
		say(LOG_ERR, "gate", "no list is asked at the door: %.*s", SPAN_ARG(error));
	if (earlier && l->book)
		list_book_inherit(l->book, earlier);
	list_book_free(earlier);
	arena_release(&l->arena);
	l->arena = listing;
}

bool gate_lists_take(struct gate_lists *l, struct span payload, int fd)
{
	struct cursor c = cursor_of(payload);
	struct span name = record_text(&c), path = record_text(&c), error;
	struct list_file *file = NULL;
	struct arena arena;
	if (c.overrun)
		return false;
	arena_init(&arena);
	if (fd < 0)
		say(LOG_ERR, "lists", "%.*s: it is not there", SPAN_ARG(path));
	else if (list_file_read_fd(fd, (const char *)arena_join(&arena, path, span_of((const uint8_t *)"", 1)).p, &arena, &file, &error) !=
		 0)
		say(LOG_ERR, "lists", "%.*s", SPAN_ARG(error));
	else if (l->book)
		list_book_take(l->book, name, file);
	else
		list_file_free(file);
	arena_release(&arena);
	return true;
}

void gate_lists_free(struct gate_lists *l)
{
	list_book_free(l->book);
	arena_release(&l->arena);
}
