/* session/smtp_login.h - AUTH (RFC 4954) as a proxy sees it: which mechanisms can be passed on, and who it is that logs in.
 *
 * The exchange itself is the next hop's to judge, and passed on as it is. What can not be passed on is left out of the offer: mechanisms
 * that look at the connection itself (EXTERNAL would believe our own, -PLUS binds to the client's TLS) or that change it (GSSAPI).
 * Promises: pure; of what a client sends only the name is kept, and never its secret. */
#ifndef SESSION_SMTP_LOGIN_H
#define SESSION_SMTP_LOGIN_H

#include "base/limits.h"
#include "base/span.h"

/* What EHLO of the next hop said behind AUTH. */
struct smtp_mechanisms {
	uint16_t n;
	char names[LIMIT_SMTP_MECHANISMS]; /* one space between */
};

/* Adds those of a line of the server, "PLAIN LOGIN CRAM-MD5". What does not fit is left out. */
void smtp_mechanisms_add(struct smtp_mechanisms *mechanisms, struct span words);
/* Is that of AUTH's argument, "plain AGFu", among them? */
bool smtp_mechanisms_have(const struct smtp_mechanisms *mechanisms, struct span argument);
static inline struct span smtp_mechanisms_text(const struct smtp_mechanisms *mechanisms)
{
	return span_of(mechanisms->names, mechanisms->n);
}

/* One exchange. */
struct smtp_login {
	uint8_t mechanism; /* place in the table of those whose names can be read, from 1; 0: another */
	bool heard;        /* the line that bears the name */
	uint8_t n;
	char user[255];
};

void smtp_login_begin(struct smtp_login *login, struct span argument);
/* What the client answers to a challenge. */
void smtp_login_line(struct smtp_login *login, struct span line);
/* Printable; "unknown" where the mechanism does not tell. */
struct span smtp_login_user(const struct smtp_login *login);

#endif
