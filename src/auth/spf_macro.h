/* auth/spf_macro.h - "%{ir}.%{v}._spf.%{d2}": the macro language of SPF (RFC 7208 7).
 *
 * Pure. Values are the sender's words: each is cut at LIMIT_SPF_MACRO bytes, the whole at the ceiling of its caller, so that a record of
 * nothing but macros costs no more than its length. */
#ifndef AUTH_SPF_MACRO_H
#define AUTH_SPF_MACRO_H

#include "auth/spf.h"
#include "base/buf.h"

enum spf_macro_place { SPF_MACRO_RECORD, SPF_MACRO_MODIFIER, SPF_MACRO_EXPLANATION };

struct spf_macro_values {
	const struct spf_query *query;
	struct span domain;    /* that is judged now: %{d} */
	struct span validated; /* the confirmed name of the client: %{p} */
};

/* Is text a macro-string? %{c}, %{r} and %{t} are not for SPF_MACRO_RECORD, blanks for SPF_MACRO_EXPLANATION only. */
bool spf_macro_valid(struct span text, enum spf_macro_place place, bool *ret_ends_in_macro);
/* Does it need the client's confirmed name? */
bool spf_macro_wants_name(struct span text);
/* text must be valid. What does not fit out's ceiling is dropped. */
void spf_macro_expand(struct span text, const struct spf_macro_values *values, struct buf *out);
/* As a name to be looked up: labels are dropped at the left until 253 bytes are left (7.3); no final dot.
 * span_none when it is longer than any record. */
struct span spf_macro_expand_domain(struct span text, const struct spf_macro_values *values, struct arena *arena);

#endif
