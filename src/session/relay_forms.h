/* session/relay_forms.h - the address forms an open relay is found with (relay_forms.def), and what the answers to them mean.
 *
 * Promises: pure; a table and two functions over it. The judgement claims no more than was seen: a server that takes any name at its own
 * domain says nothing by taking "b%elsewhere@itself", and one that says "come again" has not said no.
 * Does not: speak SMTP. Owner: forms are static, what is written borrows nothing. */
#ifndef SESSION_RELAY_FORMS_H
#define SESSION_RELAY_FORMS_H

#include "base/buf.h"
#include "base/ip.h"

enum relay_lands { RELAY_FOREIGN, RELAY_NAME, RELAY_LITERAL, RELAY_ADDRESS, RELAY_LOCALHOST, RELAY_EMPTY, RELAY_BARE, RELAY_LANDS };

struct relay_form {
	const char *name, *mail_from, *rcpt_to; /* templates, without the brackets around */
	enum relay_lands lands;
	const char *sentence;
};
extern const struct relay_form relay_forms[];
extern const size_t relay_forms_n;

/* Whom the templates speak of. */
struct relay_names {
	struct span from_local, from_domain, to_local, to_domain;
	struct span server; /* its name; a literal where it has none */
	struct ip ip;       /* its address */
};
/* "b%elsewhere.example@[192.0.2.1]". A template with an unknown {word} is a mistake of ours: it stays as it is. */
struct span relay_form_write(const char *template, const struct relay_names *names, struct arena *arena);
/* The template of an address where forms of this kind land, for {to} a name that nobody has (FOREIGN has none: NULL). What a server says to
 * it tells what its yes to such a form is worth. */
const char *relay_control(enum relay_lands lands);
/* A domain name with a dot, of ASCII letters. */
bool relay_domain(struct span name);
/* "someone@example.org" in its two halves. False: it has signs that the forms give a meaning of their own, or is no address. */
bool relay_address(struct span address, struct span *ret_local, struct span *ret_domain);

/* How far a form came. */
enum relay_stage {
	RELAY_AT_NOTHING, /* was not tried */
	RELAY_AT_CONNECT, /* the conversation could not be opened */
	RELAY_AT_OFFER,   /* the server does not take such addresses (SMTPUTF8) */
	RELAY_AT_MAIL,
	RELAY_AT_RCPT,
	RELAY_AT_DATA,
	RELAY_AT_END, /* of the message */
};

struct relay_answer {
	enum relay_stage stage;
	uint16_t code; /* 0: there was none in time, or it hung up */
};

enum relay_verdict {
	RELAY_REFUSED,        /* for good, or cannot be asked for */
	RELAY_SENDER_REFUSED, /* before the recipient was asked for */
	RELAY_OPEN,           /* took the recipient */
	RELAY_OPEN_MESSAGE,   /* took the message */
	RELAY_LATE,           /* took the recipient and not the message */
	RELAY_ANY_NAME,       /* took it as it takes any name there */
	RELAY_COME_AGAIN,     /* 4xx */
	RELAY_NO_ANSWER,
	RELAY_NOT_TRIED,
	RELAY_VERDICTS
};
/* any_name: the control of this form's kind was taken. */
enum relay_verdict relay_judge(const struct relay_answer *answer, bool any_name);
const char *relay_verdict_word(enum relay_verdict verdict);     /* for programs: "open-message" */
const char *relay_verdict_sentence(enum relay_verdict verdict); /* for people */

/* What a verdict says of the server. */
enum relay_state { RELAY_CLOSED, RELAY_IS_OPEN, RELAY_UNSURE };
enum relay_state relay_verdict_state(enum relay_verdict verdict);

#endif
