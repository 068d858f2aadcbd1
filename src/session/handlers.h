/* session/handlers.h - what a conversation asks of the program, and how it is answered: the one table between session/ and app/.
 *
 * A door (milter, spamd, HTTP) reads its protocol and puts requests; app/front.c answers them through workers and keeper. A session knows
 * neither checks nor reports nor processes.
 *
 * One request at a time for each session, in a struct the session owns. submit hands it over; it comes back through done, exactly once, on
 * the same event loop, never from inside submit. A session that ends first calls cancel: then done is not called any more, and the
 * session may go at once (what was given along lives on by itself). */
#ifndef SESSION_HANDLERS_H
#define SESSION_HANDLERS_H

#include "action/outcome.h"
#include "config/settings.h"
#include "gate/visit.h"
#include "message/path.h"

struct spool;
struct trap_catch;

enum session_door { DOOR_MILTER, DOOR_SPAMD, DOOR_HTTP, DOOR_POLICY, DOOR_SMTP, DOOR_LMTP, DOOR_TRAP, DOOR_DNS, DOORS };
const char *session_door_name(enum session_door door); /* "milter" */

enum session_wish {
	WISH_JUDGE,      /* and carry it out: a case file is kept, the recipients may be withheld */
	WISH_LEARN_SPAM, /* the message, or the one of that id */
	WISH_LEARN_HAM,
	WISH_FORGET,
	WISH_WHY,     /* the story of a kept case: id; or of the message, of which no case is kept then */
	WISH_HISTORY, /* text is the query string of `postern history` */
	WISH_STATUS,  /* counters, as JSON */
	WISH_METRICS, /* counters, as Prometheus reads them */
	WISH_SYMBOLS, /* every kind of evidence with its points, as JSON */
};

enum session_answer {
	ANSWERED,
	ANSWERED_NOT_FOUND,   /* no such case, nothing learned that could be forgotten */
	ANSWERED_ALREADY,     /* learned as that kind before: nothing was changed */
	ANSWERED_UNAVAILABLE, /* could not be judged: too much at once, the worker died, too late. The message was not judged */
	ANSWERED_TOO_LARGE,
};

struct session_request {
	/* of the session */
	enum session_door door;
	enum session_wish wish;
	struct connection connection; /* borrowed until done or cancel */
	struct span queue_id;         /* the mail server's name of the message; may be empty */
	struct span tls;              /* "TLSv1.3 TLS_AES_256_GCM_SHA384": how the client spoke to the mail server; may be empty */
	struct span text;             /* id or query */
	struct spool *message;        /* is taken over; NULL where no message belongs to the wish */
	void (*done)(struct session_request *request);
	void *session;
	/* of the answer; good until done returns */
	enum session_answer answer;
	const struct outcome *outcome; /* ANSWERED to WISH_JUDGE and WISH_WHY of a message; else NULL */
	struct span reply;             /* JSON or text, of the other wishes; of failures: a sentence */
	/* of whoever handles it */
	void *handler;
};

struct session_handlers {
	void *context;
	void (*submit)(void *context, struct session_request *request);
	void (*cancel)(void *context, struct session_request *request);
	/* May the client go on at this stage? True: visit->reply holds the answer now; false: visit->done tells when it does. At GATE_END
	 * always true, and an answer under way does not come any more. NULL: everybody may. */
	bool (*gate)(void *context, struct gate_visit *visit, enum gate_stage stage);
	/* A trap caught something: the first recipient of a conversation (message is span_none), then each transaction when it is over. The
	 * catch is borrowed. NULL: there is no trap. */
	void (*caught)(void *context, const struct trap_catch *caught, bool over);
	/* A client came to a trap. NULL allowed. */
	void (*came)(void *context);
	/* Questions to the DNS zone, how many of each enum dns_zone_outcome. NULL allowed. */
	void (*questions)(void *context, bool tcp, const uint32_t outcomes[]);
	/* A conversation that ended badly, for the log: out of order, malformed, too slow. Of one line, its bytes printable. NULL allowed.
	 */
	void (*trouble)(void *context, enum session_door door, struct span what);
};

struct ssl_ctx_st;
struct dns_zone;

/* What they say to SMTP and LMTP. */
struct session_smtp {
	const struct settings_address *next_hop, *next_hop_lmtp;
	const struct ip_net *proxy_from, *introduced_by; /* who must speak the PROXY protocol; who may say XCLIENT and XFORWARD */
	size_t n_proxy_from, n_introduced_by;
	struct ssl_ctx_st *tls; /* NULL: STARTTLS is not offered */
	enum next_hop_auth auth;
	enum next_hop_tls hop_tls;
	struct ssl_ctx_st *hop_client; /* to speak TLS with the next hop; NULL: it is not spoken */
	struct span hop_name;          /* of its certificate; empty: its address */
};

/* What the settings say to all doors. A session looks it up when it needs it: a reload changes it between two messages. */
struct session_settings {
	uint32_t message_bytes;       /* a larger one is not read any further: it is passed on unjudged, and said */
	uint32_t header_bytes;        /* of a protocol's own header, and of one command */
	uint32_t idle_seconds;        /* between two commands of a client */
	uint32_t read_seconds;        /* for one message to arrive whole */
	uint32_t connections;         /* of all doors together */
	bool accept_on_failure;       /* what cannot be judged is accepted unjudged (and says so in its header); else put off */
	struct span password;         /* that learning and history need on an untrusted socket; empty: never allowed there */
	struct span hostname;         /* this server */
	struct span trap_hostname;    /* what a trap calls itself */
	struct span trap_personality; /* and which server it looks like */
	struct session_smtp smtp;
	const struct dns_zone *dns_zone; /* NULL: there is none */
	uint32_t dns_zone_rate;          /* questions a second of one client; 0: any number */
};

#endif
