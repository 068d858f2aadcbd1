/* app/address_book.c - see address_book.h */
#include "app/address_book.h"
#include "app/say.h"
#include "base/record.h"

#include <stdio.h>
#include <stdlib.h>

struct shelf {
	struct address_set *set;
	enum wire_addresses kind;
	char name[256];
};

struct address_book {
	struct shelf place[LIMIT_ADDRESS_LISTS];
	struct address_live *live;
	struct address_lists lists;
};

struct address_book *address_book_new(void)
{
	struct address_book *book = calloc(1, sizeof *book);
	if (!book)
		abort();
	return book;
}

void address_book_free(struct address_book *book)
{
	for (unsigned i = 0; i < LIMIT_ADDRESS_LISTS; i++)
		address_set_close(book->place[i].set);
	address_live_close(book->live);
	free(book);
}

const struct address_lists *address_book_lists(const struct address_book *book) { return &book->lists; }

static void list_anew(struct address_book *book)
{
	book->lists.n = 0;
	for (unsigned i = 0; i < LIMIT_ADDRESS_LISTS; i++) {
		const struct shelf *place = &book->place[i];
		if (place->set)
			book->lists.v[book->lists.n++] = (struct address_list){
				.name = span_cstr(place->name),
				.action = place->kind == WIRE_ADDRESSES_ALLOW ? ADDRESS_ALLOW : ADDRESS_BLOCK,
				.set = place->set,
			};
	}
	book->lists.live = book->live;
}

static void take_live(struct address_book *book, const char *name, int fd)
{
	char why[ADDRESS_WHY_MAX];
	struct address_live *live;
	if (fd < 0)
		return; /* the keeper makes it */
	if (address_live_open_fd(fd, name, why, &live) != 0) {
		say(LOG_ERR, "addresses", "%s", why);
		return;
	}
	address_live_close(book->live);
	book->live = live;
}

static void take_set(struct shelf *place, enum wire_addresses kind, const char *name, int fd)
{
	char why[ADDRESS_WHY_MAX];
	struct address_set *set = NULL;
	bool same = strcmp(place->name, name) == 0;
	if (name[0] && fd < 0)
		say(LOG_ERR, "addresses", "%s: it is not there%s", name, same && place->set ? "; the one before stays in use" : "");
	if (fd >= 0 && address_set_open_fd(fd, name, why, &set) != 0)
		say(LOG_ERR, "addresses", "%s%s", why, same && place->set ? "; the one before stays in use" : "");
	if (!set && same && name[0])
		return;
	address_set_close(place->set);
	place->set = set;
	place->kind = kind;
	snprintf(place->name, sizeof place->name, "%s", name);
	if (set)
		say(LOG_INFO, "addresses", "%s is in use", name);
}

bool address_book_take(struct address_book *book, struct span payload, int fd)
{
	struct cursor c = cursor_of(payload);
	uint64_t place = record_number(&c), kind = record_number(&c);
	struct span path = record_text(&c);
	char name[256];
	if (c.overrun || place > LIMIT_ADDRESS_LISTS || kind > WIRE_ADDRESSES_LIVE)
		return false;
	snprintf(name, sizeof name, "%.*s", SPAN_ARG(path));
	if (kind == WIRE_ADDRESSES_LIVE)
		take_live(book, name, fd);
	else if (place < LIMIT_ADDRESS_LISTS)
		take_set(&book->place[place], (enum wire_addresses)kind, name, fd);
	list_anew(book);
	return true;
}
