/* session/smtp.h - the words that all files of SMTP share: extensions, replies, and how servers differ.
 *
 * RFC 5321; 2033 (LMTP), 2920 (PIPELINING), 6152 (8BITMIME), 6531 (SMTPUTF8), 1870 (SIZE), 3030 (CHUNKING), 3207 (STARTTLS), 4954 (AUTH),
 * 3461 (DSN), 2034 (enhanced status codes); XCLIENT and XFORWARD as Postfix documents them. */
#ifndef SESSION_SMTP_H
#define SESSION_SMTP_H

#include "base/span.h"

/* Service extensions, as bits. */
enum smtp_offer {
	SMTP_PIPELINING = 1 << 0,
	SMTP_SIZE = 1 << 1,
	SMTP_8BITMIME = 1 << 2,
	SMTP_UTF8 = 1 << 3,
	SMTP_CHUNKING = 1 << 4,
	SMTP_STARTTLS = 1 << 5,
	SMTP_AUTH = 1 << 6,
	SMTP_DSN = 1 << 7,
	SMTP_STATUS_CODES = 1 << 8,
	SMTP_XCLIENT = 1 << 9,
	SMTP_XFORWARD = 1 << 10,
	SMTP_VRFY = 1 << 11, /* of these three only the keyword: the commands are answered anyway */
	SMTP_ETRN = 1 << 12,
	SMTP_HELP = 1 << 13,
	SMTP_PIPECONNECT = 1 << 14, /* Exim's: nothing need wait for the greeting */
	SMTP_BINARYMIME = 1 << 15,
};

/* Which reply is due; how it is put is a personality's (smtp_words.h). */
enum smtp_reply {
	SMTP_REPLY_NONE,
	/* it goes on */
	SMTP_REPLY_GREETING,
	SMTP_REPLY_TEASER, /* a first line of several, before the greeting: only who does not read it talks now */
	SMTP_REPLY_HELO,
	SMTP_REPLY_EHLO, /* and LHLO: a line for each extension */
	SMTP_REPLY_SENDER,
	SMTP_REPLY_RECIPIENT,
	SMTP_REPLY_GO_AHEAD, /* DATA */
	SMTP_REPLY_CHUNK,    /* n: its bytes */
	SMTP_REPLY_MESSAGE,  /* id: under which name it is taken */
	SMTP_REPLY_RESET,
	SMTP_REPLY_NOTHING, /* NOOP */
	SMTP_REPLY_CANNOT_VERIFY,
	SMTP_REPLY_HELP,
	SMTP_REPLY_TLS_READY,
	SMTP_REPLY_XFORWARD,
	SMTP_REPLY_AUTHENTICATED,
	SMTP_REPLY_BYE,
	/* it cannot be read */
	SMTP_REPLY_UNKNOWN_COMMAND,
	SMTP_REPLY_FOREIGN, /* another protocol's */
	SMTP_REPLY_LINE_TOO_LONG,
	SMTP_REPLY_BAD_LINE, /* a NUL or a CR in it */
	SMTP_REPLY_HELO_SYNTAX,
	SMTP_REPLY_MAIL_SYNTAX,
	SMTP_REPLY_RCPT_SYNTAX,
	SMTP_REPLY_BAD_SENDER,
	SMTP_REPLY_BAD_RECIPIENT,
	SMTP_REPLY_PARAMETER_SYNTAX,
	SMTP_REPLY_PARAMETER_UNKNOWN,
	SMTP_REPLY_UTF8_SENDER, /* RFC 6531 3.5 */
	SMTP_REPLY_UTF8_RECIPIENT,
	SMTP_REPLY_NO_ARGUMENT, /* the command takes none */
	SMTP_REPLY_CHUNK_SYNTAX,
	SMTP_REPLY_AUTH_SYNTAX,
	SMTP_REPLY_ATTRIBUTE_SYNTAX, /* XCLIENT, XFORWARD */
	/* it is not its turn */
	SMTP_REPLY_NEED_HELO,
	SMTP_REPLY_NEED_MAIL,
	SMTP_REPLY_NEED_RCPT,
	SMTP_REPLY_NESTED_MAIL,
	SMTP_REPLY_IN_TRANSACTION, /* AUTH, STARTTLS, XCLIENT in the middle of one; DATA among chunks */
	SMTP_REPLY_CHUNK_FAILED,   /* another chunk behind one that was refused */
	SMTP_REPLY_NOT_OFFERED,
	SMTP_REPLY_TLS_ALREADY,
	SMTP_REPLY_AUTH_ALREADY,
	SMTP_REPLY_XCLIENT_FORBIDDEN,
	/* it is too much */
	SMTP_REPLY_TOO_LARGE,
	SMTP_REPLY_TOO_MANY_RECIPIENTS,
	SMTP_REPLY_TOO_MANY_ERRORS, /* and the connection ends */
	SMTP_REPLY_TOO_SLOW,        /* and the connection ends */
	SMTP_REPLY_TOO_BUSY,        /* and the connection ends */
	SMTP_REPLY_SHUTTING_DOWN,   /* and the connection ends */
	/* the message */
	SMTP_REPLY_BARE_NEWLINE, /* in a message: it would end elsewhere for another server */
	SMTP_REPLY_TRY_LATER,
	SMTP_REPLY_NO_SUCH_USER,
	SMTP_REPLY_NO_RELAY,
	SMTP_REPLY_TLS_UNAVAILABLE,
	SMTP_REPLY_AUTH_FAILED,
	SMTP_REPLY_NO_SERVICE, /* instead of the greeting, and to everything but QUIT (RFC 5321 3.1) */
	SMTP_REPLIES
};

struct smtp_grammar;

/* Where servers differ in what they do, not only in their words. */
struct smtp_behaviour {
	const struct smtp_grammar *grammar; /* how another server reads a line, and in which order it asks what; NULL: as smtp_commands.c */
	bool helo_required;                 /* MAIL before HELO is refused */
	bool needs_brackets;                /* MAIL FROM:a@b without <> is refused */
	bool nameless_helo;                 /* HELO without a name is taken */
	bool ends_on_foreign;               /* a command of another protocol ends the connection */
	uint32_t errors_ended;              /* so many commands that could not be read or were out of turn end it too */
};

#endif
