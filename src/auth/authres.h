/* auth/authres.h - Authentication-Results read and written (RFC 8601), and Received-SPF read (RFC 7208 9.1).
 *
 * Reading is for lines that internal machines wrote; whoever calls decides which those are. Hostile text: bounded, linear, what is no
 * Authentication-Results is refused. Writing: names and addresses are the sender's words, so whatever is not plainly a name is quoted, and
 * nothing in it can end its place. Owner: results borrow the value or live in the arena. */
#ifndef AUTH_AUTHRES_H
#define AUTH_AUTHRES_H

#include "auth/authentication.h"

struct authres_property {
	struct span type, name, value; /* "header", "d", "example.org"; type span_none for "action=none", as Microsoft writes */
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
/* Does a field of that name and value, folded or not, claim to be written by authserv_id? On arrival it cannot be, and is to be removed
 * (RFC 8601 5). Where readers may disagree about what it claims, it is enough that its beginning holds the name. */
bool authres_claims(struct span field, struct span value, struct span authserv_id, struct arena *arena);
/* The value of a property ("header", "d"), or span_none. */
struct span authres_property(const struct authres_method *method, const char *type, const char *name);

struct received_spf {
	struct span result;                                             /* lower-case */
	struct span receiver, client_ip, envelope_from, helo, identity; /* span_none when absent */
};
/* ERR_SYNTAX: not one of SPF's seven results at its beginning, or not of that form. */
int received_spf_parse(struct span value, struct arena *arena, struct received_spf *ret_spf);

/* "spf=pass smtp.mailfrom=u@example.org; dkim=pass header.d=...": what follows the authserv-id, between each two of them `between` ("; ",
 * or folded ";\r\n\t"). "none" when nothing was judged. */
struct span authres_write(const struct authentication *judged, struct span between, struct arena *arena);
/* A name, or in quotes when it is none: for the authserv-id. */
struct span authres_value(struct span text, struct arena *arena);

#endif
