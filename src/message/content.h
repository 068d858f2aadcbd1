/* message/content.h - everything a person may see or click in a message, gathered once for all checks.
 *
 *	message_parse -> content_examine -> checks
 */
#ifndef MESSAGE_CONTENT_H
#define MESSAGE_CONTENT_H

#include "message/address.h"
#include "message/attachment.h"
#include "message/date.h"
#include "message/unicode.h"

/* A part that is shown as text. */
struct body {
	uint16_t part;
	struct span text;  /* what a person sees: plain text, or the visible text of HTML (PLACE_TEXT) */
	struct html *html; /* NULL for plain text */
};

struct content {
	const struct message *message;
	VEC(struct body) bodies;
	struct links links;
	struct attachments attachments;
	/* parsed header fields, all occurrences of a field together */
	struct addresses from, sender, reply_to, to, cc;
	struct address return_path; /* newest Return-Path; spec span_none when absent, empty for <> */
	bool has_return_path;
	struct span subject;    /* UTF-8; span_none when absent */
	struct span message_id; /* inside the <>, or the whole value; span_none when absent */
	struct date date;
	bool has_date, date_readable;
	struct unicode_facts unicode; /* of all shown text and the subject */
};

/* Parses HTML, links, attachments and the fields above. Uses message->arena; may add to message->anomalies. */
void content_examine(struct message *message, struct content *ret_content);
/* What ICU, libpsl and the rest load at run time; once per process, before threads or a sandbox. */
void content_warm_up(void);

#endif
