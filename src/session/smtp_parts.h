/* session/smtp_parts.h - what the files of the SMTP door share: the conversation (smtp_session.c), who the client is (smtp_identity.c), the
 * gate's answers (smtp_gate.c), the message (smtp_transfer.c), the next hop (smtp_next_hop.c), and logins there (smtp_auth.c). */
#ifndef SESSION_SMTP_PARTS_H
#define SESSION_SMTP_PARTS_H

#include "session/session.h"
#include "session/smtp_hop.h"
#include "session/smtp_login.h"
#include "session/smtp_server_engine.h"
#include "session/smtp_words.h"

/* What the conversation waits for; one thing at a time. */
enum smtp_doing {
	SMTP_HEARING,  /* for the client */
	SMTP_PROXIED,  /* for the header of the PROXY protocol */
	SMTP_ASKING,   /* for the gate */
	SMTP_DELAYING, /* for the time that the gate set */
	SMTP_SECURING, /* for a handshake */
	SMTP_SENDING,  /* for the next hop */
	SMTP_WEIGHING, /* for the judgement */
	SMTP_LEAVING,  /* for the last reply to be sent, and the client to go */
};

/* Who the client is, where others tell us (XCLIENT, XFORWARD). Owner: the session, each text a piece of memory. */
struct smtp_identity {
	bool has_ip, esmtp;
	struct ip ip;
	uint16_t port;
	struct span name, helo, login;
};

/* A message, from MAIL to the last reply. Lives in the memory lent for it. */
struct smtp_recipient {
	struct span address;
	struct smtp_parameters parameters;
	bool given; /* the next hop has it in this transaction */
	bool withheld;
	uint16_t code; /* of the final reply: LMTP */
	struct span says;
};
struct smtp_transfer {
	struct span sender;
	struct smtp_parameters parameters;
	VEC(struct smtp_recipient) recipients;
	struct span *addresses;        /* of them, for the judgement */
	struct smtp_recipient *trying; /* the next hop is asked about it; not among the others yet */
	struct spool *spool;
	bool lost; /* there was no room for it */
	struct session_request request;
	/* on its way out */
	bool going;             /* all that is missing is given to the next hop, then the message */
	struct span head, body; /* what is still to be sent */
	struct smtp_stuffing stuffing;
	bool chunked, writing;
	uint32_t replies; /* LMTP: final ones so far */
};

/* What is being answered: of an event what does not borrow. */
struct smtp_due {
	enum smtp_event_kind kind;
	enum smtp_reply reply;
};

struct smtp_session {
	struct session session; /* first */
	struct smtp_server_engine engine;
	enum smtp_doing doing;
	struct smtp_due due;
	struct gate_visit visit;
	struct span held; /* the gate's words, that are said after a delay */
	enum gate_stage stage;
	bool introduces; /* its word on who the client is is taken: XCLIENT, XFORWARD */
	bool visiting;   /* the gate has been asked: it is told of the end */
	bool knocked;    /* it is known who the client is, or that its balancer will say */
	bool unanswered; /* the gate did not answer at once */
	bool goodbye;    /* LEAVING, and all is said */
	struct smtp_identity client, forwarded;
	struct smtp_login *login; /* under way */
	struct smtp_hop *hop;
	bool hop_ready, hop_dirty, hop_told, hop_mail; /* dirty: RSET first; told: XFORWARD was tried; mail: the sender is given */
	struct message_memory *memory;                 /* of transfer */
	struct smtp_transfer *transfer;
};

static inline struct smtp_session *smtp_session_of(struct session *session) { return (struct smtp_session *)session; }
static inline bool smtp_session_is_lmtp(const struct smtp_session *s) { return s->engine.options.lmtp; }

/* smtp_session.c */

void smtp_session_say(struct smtp_session *s, enum smtp_reply reply);
/* A reply that others worded. */
void smtp_session_say_line(struct smtp_session *s, uint16_t code, struct span status, struct span text);
/* Answers what is due with its reply; or with another. HEARING again: smtp_session_go_on where no caller is doing that. */
void smtp_session_accept(struct smtp_session *s);
void smtp_session_refuse(struct smtp_session *s, enum smtp_reply reply);
void smtp_session_refuse_line(struct smtp_session *s, uint16_t code, struct span status, struct span text);
/* The last reply was said. */
void smtp_session_leave(struct smtp_session *s);
/* Reads on, until something is waited for. From callbacks; may end the session. */
void smtp_session_go_on(struct smtp_session *s);
/* The gate let the client pass at s->stage. */
void smtp_session_passed(struct smtp_session *s);

/* smtp_identity.c */

/* Makes a text that lives as long as the connection; span_none: gives it back. */
void smtp_identity_keep(struct span *text, struct span s);
/* XFORWARD is good for one message. */
void smtp_identity_forget_forwarded(struct smtp_session *s);
void smtp_identity_forget(struct smtp_identity *who);
/* XCLIENT: another client, from the beginning. */
void smtp_identity_tell(struct smtp_session *s, const struct smtp_event *event);
void smtp_identity_forward(struct smtp_session *s, const struct smtp_event *event);
/* Somebody else may be there now; the next hop must not take him for the one before. */
void smtp_identity_log_out(struct smtp_session *s);

/* smtp_gate.c */

void smtp_gate_ask(struct smtp_session *s, enum gate_stage stage);
/* A client at the door, to whom nothing was said: true, it was told by fd that it may not come in. Else, once it is in, welcome is next. */
bool smtp_gate_turns_away(struct smtp_session *s, int fd);
void smtp_gate_welcome(struct smtp_session *s);
void smtp_gate_end(struct smtp_session *s);
/* The time that the gate set is over. */
void smtp_gate_delayed(struct smtp_session *s);

/* smtp_transfer.c */

void smtp_transfer_begin(struct smtp_session *s, const struct smtp_event *mail);
void smtp_transfer_add(struct smtp_session *s, const struct smtp_event *rcpt);
void smtp_transfer_take(struct smtp_session *s, struct span content);
void smtp_transfer_forget(struct smtp_session *s);
/* The message is whole. */
void smtp_transfer_judge(struct smtp_session *s);
void smtp_transfer_answered(struct session *session, struct session_request *request);
/* The same final reply for all recipients. */
void smtp_transfer_finish(struct smtp_session *s, uint16_t code, struct span status, struct span text);
/* By LMTP: each as it turned out for him. */
void smtp_transfer_finish_each(struct smtp_session *s);
void smtp_transfer_put_off(struct smtp_session *s, struct span why);
/* The command at hand, or the message, fails with this reply; or with that of the next hop. */
void smtp_transfer_fail(struct smtp_session *s, uint16_t code, struct span status, struct span text);
void smtp_transfer_fail_as(struct smtp_session *s, uint16_t code, struct span reply);

/* smtp_next_hop.c */

/* Gives MAIL, the recipient at hand or the message to the next hop; what is due is answered as the next hop answers. */
void smtp_next_hop_ask(struct smtp_session *s);
/* Connects where it is not yet, for who is to be told what is offered there (smtp_auth_hop_is_ready). */
void smtp_next_hop_open(struct smtp_session *s);
void smtp_next_hop_drop(struct smtp_session *s);
/* This command, and its reply is the client's. */
void smtp_next_hop_send(struct smtp_session *s, const struct buf *command);

/* smtp_auth.c */

/* May this client be offered to log in, where the next hop lets it? */
bool smtp_auth_is_possible(const struct smtp_session *s);
/* EHLO is due: it is answered when it is known what the next hop offers. */
void smtp_auth_offer(struct smtp_session *s);
/* The next hop is open, or it cannot be had. */
void smtp_auth_hop_is_ready(struct smtp_session *s);
/* It was lost in the middle of a login. */
void smtp_auth_put_off(struct smtp_session *s);
void smtp_auth_begin(struct smtp_session *s, const struct smtp_event *event);
void smtp_auth_line(struct smtp_session *s, const struct smtp_event *event);
void smtp_auth_answered(struct smtp_session *s, const struct smtp_client_event *event);
/* The login is of a connection to the next hop that is no more: the client must begin anew. */
bool smtp_auth_is_void(const struct smtp_session *s);
void smtp_auth_forget(struct smtp_session *s);

#endif
