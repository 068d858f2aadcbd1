/* app/wire.h - what the processes of `postern serve` tell each other: the types of records on their channels (net/channel.h), and the
 * payloads that have more than one part.
 *
 * Payloads are numbers and texts (base/record.h). Every reader takes any bytes: a process that has read hostile mail is not trusted.
 * Owner: what is read borrows the payload and lives in the arena. */
#ifndef APP_WIRE_H
#define APP_WIRE_H

#include "app/remembered.h"
#include "gate/tests.h"
#include "session/handlers.h"
#include "trap/planted.h"

enum wire_type {
	/* master to a child */
	WIRE_SETTINGS = 1, /* struct wire_settings; the first record every child gets, and front and keeper again after a reload */
	WIRE_LISTENER,     /* to front, or trap: number door; the bound descriptor */
	WIRE_WORKER,       /* to front: number pid, number generation; the descriptor of its channel */
	WIRE_PEER,      /* to front, keeper and trap: the descriptor of the channel to the other one, which to front and trap is keeper */
	WIRE_TRAP,      /* to keeper: the descriptor of the channel to the trap */
	WIRE_ADDRESSES, /* to front: number place, number enum wire_addresses, text path; a file of listed addresses, opened */
	WIRE_LIST,      /* to front: text name, text path; the file of a list that is asked about clients, opened */
	WIRE_REFUSED,   /* to front: settings were read anew and are wrong; for its counters */
	WIRE_TLS,       /* to front and trap: texts certificate and key in PEM; empty: none */
	WIRE_DRAIN,     /* to front: let nobody in, end when all is answered */
	/* a child to master */
	WIRE_READY, /* front: clients are served */
	WIRE_ALIVE, /* front, every second */
	WIRE_HUNG,  /* front: number pid; that worker does not come to an end with a message */
	/* front to worker */
	WIRE_JOB,     /* struct wire_job; the message */
	WIRE_ANSWERS, /* facts/answers_record.h */
	/* worker to front */
	WIRE_UP,        /* ready for jobs; text: which sandbox holds */
	WIRE_QUESTIONS, /* number count, then number type, text name of each */
	WIRE_JUDGED,    /* struct wire_judged */
	WIRE_LESSON,    /* app/learner.h */
	/* front to keeper */
	WIRE_KEEP,    /* struct wire_keep; the message, where it is to be kept */
	WIRE_ASIDE,   /* text why; the message on which a worker died */
	WIRE_TEACH,   /* number wish, text lesson, text id of the case where a trap brought it */
	WIRE_READ,    /* number wish, text id or query */
	WIRE_COUNTED, /* a number for each enum stage */
	WIRE_TRAPPED, /* struct wire_trapped */
	WIRE_TRIED,   /* number enum tuple_kind (TUPLE_TRIED or TUPLE_GREYLIST), text key: one more */
	WIRE_KNOWN,   /* struct wire_known */
	/* trap to keeper */
	WIRE_CAME, /* number: clients that came since the last one */
	WIRE_HIT,  /* struct wire_hit; what was caught, when it came to a message */
	/* keeper to front */
	WIRE_WHO,          /* the 16 bytes of an address: what is known of it? */
	WIRE_LEARN,        /* text id of a trap's case, and its message: to be learned as spam */
	WIRE_TRAP_COUNTED, /* a number for each enum stage of the trap: so many more */
	WIRE_ROOM,         /* number: 1, nothing can be kept any more; 0, it can again */
	WIRE_DONE,         /* of KEEP, TEACH, READ: number enum session_answer, text reply */
};

enum wire_addresses { WIRE_ADDRESSES_BLOCK, WIRE_ADDRESSES_ALLOW, WIRE_ADDRESSES_LIVE };

struct wire_settings {
	struct span files;                 /* settings_files_write */
	struct span data_directory, model; /* paths, each with its NUL */
	struct span dns_files;             /* dns_files_write; net/dns_files.h */
};
void wire_put_settings(const struct wire_settings *settings, struct buf *out);
int wire_settings(struct span payload, struct wire_settings *ret_settings);

struct wire_job {
	enum session_wish wish;
	enum session_door door;
	struct connection connection;
	struct span queue_id, tls;
	int64_t now;
};
void wire_put_job(const struct wire_job *job, struct buf *out);
int wire_job(struct span payload, struct arena *arena, struct wire_job *ret_job);

struct wire_judged {
	struct span outcome;  /* action/outcome.h */
	struct span casefile; /* verdict/casefile.h */
	struct span story;    /* WISH_WHY */
	struct remembered_list remembered;
};
void wire_put_judged(const struct wire_judged *judged, struct buf *out);
int wire_judged(struct span payload, struct arena *arena, struct wire_judged *ret_judged);

struct wire_keep {
	bool hold;     /* in quarantine: DONE only when it is on the disk */
	bool answer;   /* DONE is waited for */
	bool released; /* it passed because it was released: that counts once */
	struct span casefile;
	struct remembered_list remembered;
};
void wire_put_keep(const struct wire_keep *keep, struct buf *out);
int wire_keep(struct span payload, struct arena *arena, struct wire_keep *ret_keep);

struct wire_hit {
	bool over;               /* else its first recipient was named just now */
	uint8_t fingerprint[16]; /* learn/fingerprint.h; zero where there is no message */
	struct span reading;     /* reading_write */
};
void wire_put_hit(const struct wire_hit *hit, struct buf *out);
int wire_hit(struct span payload, struct wire_hit *ret_hit);

/* A recipient on the real server that is a trap. */
struct wire_trapped {
	enum session_door door;
	struct ip ip;
	struct span helo, mail_from, recipient;
	bool planted; /* else the settings name it */
	struct planted shown;
};
void wire_put_trapped(const struct wire_trapped *trapped, struct buf *out);
int wire_trapped(struct span payload, struct wire_trapped *ret_trapped);

/* What the DNS and lists know of a client. */
struct wire_known {
	struct ip ip;
	enum gate_name name;
	struct span text; /* the name; empty where there is none */
	bool listed;      /* on a list before, of one's own or in the DNS */
	bool allowed;     /* a list of one's own lets it in, or its network */
};
void wire_put_known(const struct wire_known *known, struct buf *out);
int wire_known(struct span payload, struct wire_known *ret_known);

#endif
