/* session/session.h - what every conversation at a door has: a socket with buffers, one deadline, one request that is on its way.
 *
 * A protocol says in a struct session_kind what it does when something happens, and lays struct session first in a struct of its own; the
 * rest is done here. To write a new one: a pure engine, and a file like spamd_session.c.
 *	- Input waits until it is taken, at most read_ahead of it: who sends faster than it is read waits in his own kernel.
 *	- One deadline runs at a time. It is set once for what is waited for and not with every byte that comes, so a byte now and then buys
 *	  nobody time.
 *	- session_close may be called from any of the kind's functions but begin and end, as the last thing they do.
 * Owner: the doors own the sessions. */
#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event_struct.h>

#include "session/door.h"

struct session;

enum session_entry { SESSION_ENTERS, SESSION_WAITS, SESSION_GONE };
enum { SESSION_KNOCK = 256 }; /* bytes that are read before a client is in */

struct session_kind {
	enum session_door door;
	size_t bytes;      /* of the protocol's struct, all zero at first */
	size_t read_ahead; /* of input, at most so much before some is taken */
	/* A client is at the door, and nothing is set up for it: neither buffers nor a deadline, for most are sent away here. May read once
	 * from fd, at most SESSION_KNOCK bytes into room; *ret_came is what of it the conversation is still to read. WAITS: until there
	 * is something to read, at most knock_seconds; GONE: it was told what there was to tell, and is hung up on; ENTERS: begin is next.
	 * NULL: everybody enters. */
	enum session_entry (*knock)(struct session *session, int fd, uint8_t room[SESSION_KNOCK], struct span *ret_came);
	uint32_t knock_seconds;
	/* A client is in. Sets the first deadline; says the first word, where that is ours. */
	void (*begin)(struct session *session);
	void (*read)(struct session *session);    /* there is more input */
	void (*written)(struct session *session); /* the client has all that was written; NULL: nobody needs to know */
	void (*ended)(struct session *session);   /* the client sends no more, but may still listen; NULL: then it is over */
	void (*late)(struct session *session);    /* the deadline has passed; NULL: it is over */
	void (*secured)(struct session *session); /* the handshake of session_secure is over */
	void (*answered)(struct session *session, struct session_request *request);
	/* The service ends: says goodbye, unless it is in the middle of something and this is not the last call. True: there is nothing
	 * to be waited for, and nothing was said. Does not close the session. NULL: nobody is waited for. */
	bool (*part)(struct session *session, bool last);
	/* All places are taken: who only waits for its client says goodbye, and is closed then. False: it is in the middle of something.
	 * NULL: always. */
	bool (*yield)(struct session *session);
	void (*end)(struct session *session); /* gives back what the protocol's struct owns; the socket is closed by then; NULL: nothing */
};

/* The first member of every session. */
struct session {
	const struct session_kind *kind;
	struct doors *doors;
	bool trusted, rests;
	struct session *next, **at;
	struct bufferevent *socket; /* NULL: it rests, or is not in yet; then timer waits for its input, too */
	struct event timer;
	uint64_t until;                /* clock_microseconds(): the deadline; 0: none */
	struct session_request *asked; /* on its way, or NULL */
};

/* fd is taken over. */
void session_begin(struct doors *doors, const struct session_kind *kind, int fd, bool trusted);
void session_close(struct session *session);
/* Another protocol goes on with the same client, from the first byte that was not taken. The session is no more. */
void session_become(struct session *session, const struct session_kind *kind);

static inline const struct session_settings *session_settings(const struct session *session) { return session->doors->settings; }
static inline struct evbuffer *session_input(const struct session *session) { return bufferevent_get_input(session->socket); }
static inline struct evbuffer *session_output(const struct session *session) { return bufferevent_get_output(session->socket); }

/* Is the client a program on this machine? (A unix socket is trusted or not: that is another question.) */
bool session_is_loopback(const struct session *session);

/* From now on. The one that was set before is forgotten. */
void session_deadline(struct session *session, uint32_t seconds);
void session_no_deadline(struct session *session);
/* The same, for a pause too short to count in seconds. */
void session_pause(struct session *session, uint32_t milliseconds);

/* The beginning of the input, in one piece: at most `most` bytes of it; 0: as many as lie together. */
struct span session_look(struct session *session, size_t most);
void session_take(struct session *session, size_t bytes);
void session_send(struct session *session, struct span bytes); /* copied */
/* For who waits for the next word of its client, and that may be long: the buffers and what libevent has beside them, more than half of
 * what such a client costs, are given back until something comes, or is sent. Nothing is done while there is input or output left, and with
 * TLS. While it rests, no function of the input and output may be called but session_send. */
void session_rest(struct session *session);
static inline bool session_rests(const struct session *session) { return session->rests; }
/* All is said, but the client may still be sending: to close now would make its kernel throw the answer away (RFC 9112 9.6). What it sends
 * is taken and forgotten, for a few seconds; then, or at its end, the session is closed. */
void session_linger(struct session *session);
/* For kind->read of a session that lingers, or that will when its answer is sent. */
void session_forget_input(struct session *session);

/* TLS from here on; kind->secured when it stands, and the end of the session when it does not. What the client sent before and was not
 * taken must be thrown away first. ERR_IO. */
int session_secure(struct session *session, struct ssl_ctx_st *tls);
/* "TLSv1.3 TLS_AES_256_GCM_SHA384". */
struct span session_tls(struct session *session, struct arena *arena);

/* Puts a request: the session says wish, connection and the like; door, done and session are filled in. No deadline runs meanwhile. */
void session_ask(struct session *session, struct session_request *request);
void session_cancel(struct session *session); /* nothing asked: nothing done */

/* What went wrong in a conversation, for the log. */
void session_trouble(struct session *session, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
