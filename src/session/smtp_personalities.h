/* session/smtp_personalities.h - other servers' words, a file each; found by name through smtp_words.h. */
#ifndef SESSION_SMTP_PERSONALITIES_H
#define SESSION_SMTP_PERSONALITIES_H

#include "session/smtp_words.h"

extern const struct smtp_personality smtp_personality_postfix;

/* Where a server's words for the same fault differ from command to command. */
struct smtp_exception {
	enum smtp_reply reply;
	const char *verb, *holds; /* of the line, case ignored; holds: NULL: whatever it holds */
	const char *text;
};
/* Of that personality, ended by one without a verb; NULL: it has none. */
const struct smtp_exception *smtp_personality_exceptions(const struct smtp_personality *personality);

#endif
