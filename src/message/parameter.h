/* message/parameter.h - "type; name=value; ..." fields, in every reading some mail program has (RFC 2045 5.1, RFC 2231).
 *
 * Promises: each parameter value is given in all readings that differ: as the RFC says, and as lenient readers take it
 * (encoded words inside parameters, RFC 2231 pieces in other orders, unquoted blanks, stray quotes, raw 8-bit).
 * The first reading of a name is the one most clients show. Values are UTF-8 in the arena or borrowed spans.
 * Cost: linear in the field's length; at most LIMIT_PARAMETERS are kept. */
#ifndef MESSAGE_PARAMETER_H
#define MESSAGE_PARAMETER_H

#include "message/header.h"

enum parameter_reading {
	PARAMETER_PLAIN,        /* name=value or name="value", decoded as UTF-8 or Windows-1252 */
	PARAMETER_RFC2231,      /* name*=charset'lang'..., name*0=, name*0*= */
	PARAMETER_ENCODED_WORD, /* =?...?= inside the value: forbidden, and shown decoded by most clients */
	PARAMETER_LENIENT,      /* what remains: broken quoting read generously */
};

struct parameter {
	struct span name;  /* lower-case, without * and piece numbers */
	struct span value; /* UTF-8 */
	enum parameter_reading reading;
	struct place at;
};

struct field_value {
	struct span value; /* what stands before the first ';', trimmed, comments removed, lower-case */
	VEC(struct parameter) parameters;
};

/* message: the whole message, for places. Anomalies (PARAMETER_BAD, PARAMETER_DUPLICATE) are recorded. */
void field_value_parse(struct span message, const struct header *header, struct arena *arena, struct anomalies *anomalies,
		       struct field_value *ret_value);
/* The first reading of a parameter; span_none when absent. name is lower-case. */
struct span field_value_get(const struct field_value *value, struct span name);

#endif
