/* facts/list.h - what to ask a declared list about an address, a name or a hash, and what it says by its answer.
 *
 * DNS lists are asked for an A record of a name below their zone (RFC 5782 section 2), local ones with QUESTION_LIST (facts/list_book.h).
 * Promises: pure; nothing but a declared code counts; an answer outside 127/8 is no listing (parked zones and helpful resolvers give such),
 * nor is one that means a refusal. */
#ifndef FACTS_LIST_H
#define FACTS_LIST_H

#include "config/list_declaration.h"
#include "facts/question.h"

/* The question about an address; false when the list cannot be asked that (an IPv6 address, and it holds none). */
bool list_ask_address(const struct list_declaration *list, const struct ip *ip, struct arena *arena, struct question *ret_question);
/* About a name, a mail address or a URL, hashed where the list wants it; false when it would be no name of the DNS. */
bool list_ask_text(const struct list_declaration *list, struct span text, struct arena *arena, struct question *ret_question);
/* A control question: an address or a name, as declared. */
bool list_ask_control(const struct list_declaration *list, struct span control, struct arena *arena, struct question *ret_question);
/* May it be asked now? Put before anything else is asked of a DNS list; see list_book_answer. */
static inline struct question list_ask_leave(const struct list_declaration *list) { return (struct question){ QUESTION_LIST, list->name }; }

enum list_says {
	LIST_SAYS_NOTHING, /* not listed, or by no code that is declared */
	LIST_SAYS_LISTED,
	LIST_SAYS_REFUSED, /* it does not serve who asks, or answers what no list answers */
	LIST_SAYS_FAILED,  /* no answer */
};
/* ret_code: what the weightiest of its answers means, when it is listed; in arena for a local list. ret_entry: the record it rests on. */
enum list_says list_read(const struct list_declaration *list, const struct answer *answer, struct arena *arena,
			 const struct list_code **ret_code, struct span *ret_entry);
/* Is it an answer at all, declared or not? What control questions look at. */
bool list_answers(const struct answer *answer);

enum list_controls {
	LIST_CONTROLS_RIGHT,
	LIST_CONTROLS_LISTED,     /* what must not be listed is */
	LIST_CONTROLS_MISSED,     /* what must be listed is not */
	LIST_CONTROLS_UNANSWERED, /* one failed */
	LIST_CONTROLS_NOT_PUT,
};
/* How the control questions were answered in this message. */
enum list_controls list_controls(const struct list_declaration *list, const struct answers *answers, struct arena *arena);

#endif
