/* auth/dmarc_author.h - the one domain that every mail program shows as the author's, or that there is none (RFC 9989 4.5, 5.3.1).
 *
 * Programs differ in how they read a From field that is not plain: which of two addresses is shown, whether a comment or a NUL ends a
 * domain, whether "From :" is a field. A sender who knows that can have one domain judged and another one shown. So the field is held
 * against the plain form that all programs read alike; everything else has no author that can be judged. Honest oddities fail too: their
 * mail is then judged as if no domain stood behind it, which is true. */
#ifndef AUTH_DMARC_AUTHOR_H
#define AUTH_DMARC_AUTHOR_H

#include "message/content.h"

/* The domain, lower-case A-labels; or span_none, and *ret_problem says in words why. */
struct span dmarc_author(const struct message *message, const struct content *content, struct arena *arena, struct span *ret_problem);
/* Letters, digits, "-" and "_" in two or more labels: a name that stands for nothing but itself. */
bool dmarc_author_is_domain(struct span domain);

#endif
