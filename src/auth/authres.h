/* auth/authres.h - Authentication-Results read and written (RFC 8601), and Received-SPF read (RFC 7208 9.1).
 *
 * Reading is for lines that internal machines wrote; whoever calls decides which those are. Hostile text: bounded, linear, what is no
 * Authentication-Results is refused. */
#ifndef AUTH_AUTHRES_H
#define AUTH_AUTHRES_H

#include "base/vec.h"

struct authres_property {
	struct span type, name, value; /* "header", "d", "example.org" */
};

struct authres_method {
	struct span method, result, reason; /* "dkim", "pass"; lower-case; reason span_none when absent */
	VEC(struct authres_property) properties;
};

struct authres {
	struct span authserv_id;            /* lower-case */
	VEC(struct authres_method) methods; /* empty for "none" */
};

/* The unfolded value of a field. ERR_SYNTAX, ERR_LIMIT. */
int authres_parse(struct span value, struct arena *arena, struct authres *ret_results);
/* The value of a property ("header", "d"), or span_none. */
struct span authres_property(const struct authres_method *method, const char *type, const char *name);

struct received_spf {
	struct span result;                                             /* lower-case */
	struct span receiver, client_ip, envelope_from, helo, identity; /* span_none when absent */
};
int received_spf_parse(struct span value, struct arena *arena, struct received_spf *ret_spf);

#endif
