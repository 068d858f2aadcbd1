/* message/parameter_reader.h - what parameter.c and parameter_2231.c share; nobody else includes it. */
#ifndef MESSAGE_PARAMETER_READER_H
#define MESSAGE_PARAMETER_READER_H

#include "base/limits.h"
#include "message/parameter.h"

/* name*3*=... as it stands. */
struct parameter_piece {
	struct span name; /* before the first '*' */
	uint32_t number;  /* 0 when there is none */
	uint32_t order;   /* in the field */
	bool extended;    /* ends in '*': percent-encoded, the first with charset and language */
	struct span value;
};

struct parameter_reader {
	struct span message, s;  /* s: unfolded */
	size_t at, comments_end; /* no comment begins at or behind comments_end */
	struct arena *arena;
	struct anomalies *anomalies;
	struct place place;
	struct field_value *value;
	struct parameter_piece *pieces; /* room for LIMIT_PARAMETERS, made for the first one: few fields have any */
	uint32_t n_pieces;
	bool cut; /* LIMIT_PARAMETERS left something out */
};

/* Adds a reading, unless the name has that value already or LIMIT_PARAMETERS are there. */
void parameter_add(struct parameter_reader *reader, struct span name, struct span value, enum parameter_reading reading);
/* Keeps one piece (RFC 2231 3 and 4); joins all pieces of a name, and puts the result before its other readings. */
void parameter_2231_piece(struct parameter_reader *reader, struct span name, struct span value);
void parameter_2231_join(struct parameter_reader *reader);

#endif
