/* facts/address_write.h - lays sorted columns of entries out as the bytes of a generation (address_format.h); for address_build alone.
 *
 * Owner of the bytes: whoever zeroed the output, who frees p. Out of memory ends the process. */
#ifndef FACTS_ADDRESS_WRITE_H
#define FACTS_ADDRESS_WRITE_H

#include "facts/address_column.h"

struct address_output {
	uint8_t *p;
	uint64_t n;
};

/* n zeroed bytes at the end, rounded up to 8; returns their offset. */
uint64_t address_write_more(struct address_output *out, uint64_t n);
/* hosts sorted, ranges cut (address_column.h), of classes below n_classes. */
void address_write_v4(struct address_output *out, const struct address_column *hosts, const struct address_column *ranges,
		      uint32_t n_classes, struct address_v4_record *ret_record);
void address_write_plane(struct address_output *out, enum address_plane_id id, const struct address_column *column, uint32_t n_classes,
			 struct address_plane_record *ret_record);

#endif
