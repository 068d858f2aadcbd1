/* session/smtp_personalities.h - other servers' words, a file each, and their ways to read commands; found by name through smtp_words.h. */
#ifndef SESSION_SMTP_PERSONALITIES_H
#define SESSION_SMTP_PERSONALITIES_H

#include "session/smtp_server_parts.h"
#include "session/smtp_words.h"

extern const struct smtp_personality smtp_personality_postfix, smtp_personality_exim, smtp_personality_exchange;
extern const struct smtp_grammar smtp_exim_grammar, smtp_postfix_grammar;

#endif
