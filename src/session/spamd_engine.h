/* session/spamd_engine.h - a request of SpamAssassin's spamc: a command, header lines, perhaps a message. One request a connection.
 *
 *	CHECK SPAMC/1.5\r\n User: ann\r\n Content-length: 1234\r\n \r\n message
 *
 * Versions 1.2 to 1.5 (SpamAssassin, spamd/PROTOCOL), and RSPAMC/1.x, which Exim speaks to "variant=rspamd": the same with the envelope in
 * the header. Promises: pure; one line or one piece of body an event, linear time; BAD is for good and `why` says what was wrong.
 * Without a length the message ends where the client stops sending. Owner: events borrow the bytes given. */
#ifndef SESSION_SPAMD_ENGINE_H
#define SESSION_SPAMD_ENGINE_H

#include "base/span.h"

enum spamd_command {
	SPAMD_CHECK,
	SPAMD_SYMBOLS,
	SPAMD_REPORT,
	SPAMD_REPORT_IFSPAM,
	SPAMD_HEADERS,
	SPAMD_PROCESS,
	SPAMD_PING,
	SPAMD_SKIP,
	SPAMD_TELL,
	SPAMD_COMMANDS
};

enum spamd_event_kind {
	SPAMD_HEADER, /* one that the engine does not need itself: name, text */
	SPAMD_HEAD,   /* all of the head is read */
	SPAMD_BODY,   /* text */
	SPAMD_END,    /* the request is whole */
};

struct spamd_event {
	enum spamd_event_kind kind;
	struct span name, text;
};

enum spamd_class { SPAMD_NO_CLASS, SPAMD_SPAM, SPAMD_HAM };

enum spamd_state { SPAMD_AT_COMMAND, SPAMD_AT_HEADER, SPAMD_AT_BODY, SPAMD_AT_END, SPAMD_CLOSED };

struct spamd_engine {
	enum spamd_state state;
	size_t line_max;   /* of one line; and of the whole head */
	size_t head, seen; /* bytes of the head so far; bytes of the line at hand that hold no end */
	enum spamd_command command;
	uint32_t minor; /* of version 1.minor */
	bool rspamc;
	bool has_length, zlib;
	uint64_t length, got; /* of the body, packed if zlib */
	enum spamd_class class;
	bool set_local, remove_local;
	const char *why; /* BAD */
};

enum spamd_step { SPAMD_MORE, SPAMD_EVENT, SPAMD_BAD };

/* Do these first bytes of a connection begin a request of this protocol? For a port that others use as well. EVENT: yes, BAD: no,
 * MORE: it cannot be told yet; never of more than LIMIT_SPAMD_BEGINNING bytes. */
enum spamd_step spamd_engine_recognise(struct span in);

void spamd_engine_init(struct spamd_engine *engine, size_t line_max);
/* Looks at the bytes that came and were not used; done: no more will come. EVENT: *ret_event, and *ret_used bytes are done with. */
enum spamd_step spamd_engine_step(struct spamd_engine *engine, struct span in, bool done, size_t *ret_used, struct spamd_event *ret_event);

#endif
