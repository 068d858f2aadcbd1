/* session/smtp_hop.h - the connection to the mail server behind us: its socket, its deadline, and the client engine on it.
 *
 * Opens by itself, over TLS where the settings want that; where they only would like it and it fails, a second time without. From
 * smtp_hop_idle on, one command at a time is put to `out` and sent by smtp_hop_send. What comes of it is told through the events, never
 * from inside a call. A hop that is lost is of no more use than to be freed; so it may be, inside the event. Owner: whoever made it frees
 * it; the options' spans are borrowed as long as it lives. */
#ifndef SESSION_SMTP_HOP_H
#define SESSION_SMTP_HOP_H

#include "config/settings.h"
#include "session/door.h"
#include "session/smtp_client_engine.h"

struct smtp_hop;

struct smtp_hop_events {
	void (*ready)(void *context); /* open, once */
	void (*answered)(void *context, const struct smtp_client_event *event);
	void (*written)(void *context); /* all that was to be sent is */
	/* refused: with the reply it gave, of which code and text are; else code is 0 and why says what happened. */
	void (*lost)(void *context, uint16_t code, struct span why);
};

struct smtp_hop *smtp_hop_new(struct doors *doors, const struct settings_address *to, const struct smtp_client_options *options,
			      const struct smtp_hop_events *events, void *context);
/* Ends it at once; NULL allowed. Between two messages QUIT is said first. */
void smtp_hop_free(struct smtp_hop *hop);

/* Whom it tells of, in its options: filled before each command. */
struct smtp_origin *smtp_hop_origin(struct smtp_hop *hop);
struct smtp_client_engine *smtp_hop_engine(struct smtp_hop *hop);
bool smtp_hop_idle(struct smtp_hop *hop);                    /* the next command may be sent */
void smtp_hop_send(struct smtp_hop *hop, struct span bytes); /* copied */
size_t smtp_hop_unsent(struct smtp_hop *hop);

#endif
