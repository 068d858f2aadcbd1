/* app/address_book.h - the front's side of the lists of addresses: what master opened, mapped, and exchanged between two look-ups.
 *
 * A file that is damaged or gone leaves the one before in use, and is said.
 * Owner: the front. One thread. */
#ifndef APP_ADDRESS_BOOK_H
#define APP_ADDRESS_BOOK_H

#include "app/wire.h"
#include "facts/address_lists.h"

struct address_book;

struct address_book *address_book_new(void);
void address_book_free(struct address_book *book);
/* WIRE_ADDRESSES, with its descriptor (-1: none), which the caller keeps. False: it is no such record. */
bool address_book_take(struct address_book *book, struct span payload, int fd);
const struct address_lists *address_book_lists(const struct address_book *book);

#endif
