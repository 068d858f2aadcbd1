/* app/client_names.h - what the keeper wants to know of a client that used a trap, found out where questions may be asked: what it is
 * called in the DNS, and whether lists have it.
 *
 * Promises: every question is answered, at the latest when dns_deadline is over; at most CLIENT_NAMES of them at a time, more are answered
 * "nobody was asked". Owner: the front. One thread. */
#ifndef APP_CLIENT_NAMES_H
#define APP_CLIENT_NAMES_H

#include "app/gatekeeper.h"

enum { CLIENT_NAMES = 256 };

struct client_names;

/* All of them outlive it but the gatekeeper, which goes first. */
struct client_names *client_names_new(struct gatekeeper *gatekeeper, struct keeping *keeping, const struct address_lists *addresses);
void client_names_free(struct client_names *names); /* NULL allowed */
/* WIRE_WHO. False: it is no such record. */
bool client_names_ask(struct client_names *names, struct span payload);

#endif
