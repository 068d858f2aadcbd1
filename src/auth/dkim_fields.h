/* auth/dkim_fields.h - the fields of a header by name, from the bottom up, as h= picks them (RFC 6376 5.4.2).
 *
 * Promises: names are looked up once for each field and once for each name in h=, whatever the header: picking is constant time, so
 * "h=from:from:from..." over 10,000 fields is linear. Names from outside are hashed with a seed of this process.
 * Owner: the arena; the header must outlive it. */
#ifndef AUTH_DKIM_FIELDS_H
#define AUTH_DKIM_FIELDS_H

#include "message/header.h"

struct dkim_name {
	struct span name;
	uint32_t bottom; /* index of the lowest field of that name */
	uint32_t count;  /* fields of that name */
	/* of the signature numbered `pick`: */
	uint32_t pick, next; /* the field that comes next, HEADER_NONE when there is none left */
	uint32_t picked;
};

struct dkim_fields {
	const struct headers *headers;
	struct dkim_name *slots;
	uint32_t mask;
	uint32_t *above; /* for each field the next one up of its name, or HEADER_NONE */
	uint32_t pick;   /* number of the signature that picks now */
	uint64_t steps;  /* slots and fields looked at: tests hold it linear */
};

void dkim_fields_init(struct dkim_fields *fields, const struct headers *headers, struct arena *arena);
/* Another signature begins to pick: from the bottom again. */
void dkim_fields_begin(struct dkim_fields *fields);
/* The next field of that name upwards, or NULL when all were picked. */
const struct header *dkim_fields_pick(struct dkim_fields *fields, struct span name);
/* How many fields of that name there are, and how many of them the signature has picked. */
void dkim_fields_count(struct dkim_fields *fields, struct span name, uint32_t *ret_count, uint32_t *ret_picked);

#endif
