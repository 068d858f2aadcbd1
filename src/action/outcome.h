/* action/outcome.h - what is to be done about a judged message, and what is said of it: all that a door needs to answer.
 *
 * A worker makes it (action/plan.h), and it travels to the door as a record: nothing in it points into the message. A record is read with
 * the same care as any other bytes from outside, for the worker that wrote it has read hostile mail.
 * Promises: what was written is read back the same; any bytes are refused or read within linear time and memory.
 * Owner: what is read lives in the arena it was read in; what plan_outcome makes borrows from what it was made of. */
#ifndef ACTION_OUTCOME_H
#define ACTION_OUTCOME_H

#include "base/buf.h"
#include "verdict/verdict.h"

/* What becomes of the message. New ones at the end: case files hold their numbers. */
enum disposition {
	DISPOSITION_DELIVER, /* with the edits */
	DISPOSITION_REJECT,  /* 5xx with the reply: the sender learns of it */
	DISPOSITION_DEFER,   /* 4xx with the reply: the sender tries again */
	DISPOSITION_HOLD,    /* in the mail server's own quarantine (SMFIR_QUARANTINE, Postfix: the hold queue), with the edits */
	DISPOSITION_STORE,   /* accepted, kept in ours and not delivered; the keeper must have it before the door says so */
	DISPOSITIONS
};

/* Why a message was not judged. */
enum outcome_unjudged {
	UNJUDGED_NOT,       /* it was */
	UNJUDGED_TOO_LARGE, /* larger than message_bytes */
	UNJUDGED_CRASHED,   /* its worker died or hung, and it is not tried again */
	UNJUDGED_TOO_LATE,  /* message_deadline passed */
	UNJUDGED_TOO_BUSY,  /* too much at once */
	UNJUDGEDS
};

/* One change of the header. Of the kinds the milter protocol has; n counts fields of that name from 1, in the message as it arrived. */
enum header_edit_kind { HEADER_INSERT, HEADER_CHANGE, HEADER_DELETE };
struct header_edit {
	enum header_edit_kind kind;
	uint32_t n;              /* CHANGE, DELETE: which of that name; INSERT: 0, on top of everything */
	struct span name, value; /* value: what stands behind the colon, its leading space included, folded with CRLF and without the last
				    line end; DELETE: span_none */
	uint32_t from, to;       /* CHANGE, DELETE: the bytes of the field in the message, its line end included */
};

/* What clients of SpamAssassin and rspamd call a symbol: one piece of evidence. */
struct outcome_symbol {
	struct span id, group, says;
	int32_t weight; /* thousandths of a nat */
};

struct outcome {
	struct span id; /* of its case file (verdict/casefile.h); span_none: none is kept */
	enum verdict_action verdict;
	int32_t score; /* thousandths of a nat */
	struct verdict_thresholds thresholds;
	enum disposition disposition;
	uint32_t reply_code;           /* REJECT, DEFER: 550, 451 ...; else 0 */
	struct span reply_status;      /* RFC 3463: "5.7.1" */
	struct span reply_text;        /* one line of printable ASCII, for the sender's postmaster */
	struct span why;               /* one readable line: the verdict and its strongest reasons, UTF-8 */
	struct span message_id;        /* of the message, made visible; may be empty */
	struct span origin;            /* the address it comes from, as text; empty when not known */
	VEC(struct header_edit) edits; /* in the order in which they are to be made */
	VEC(struct outcome_symbol) symbols;
	VEC(struct span) withhold;  /* recipients that do not get it though others do: it is kept for them (DISPOSITION_STORE of a part) */
	VEC(struct span) unchecked; /* sentences */
	VEC(struct span) hosts;     /* that links lead to, and */
	VEC(struct span) addresses; /* that it names, each once and as far as they were asked for (plan_source.names) */
	uint64_t microseconds;      /* of work, waiting for answers not counted */
	uint64_t waited;            /* microseconds, for answers */
	enum disposition would;     /* what enforce: yes would do; else the same as disposition */
	enum outcome_unjudged unjudged;
	bool outgoing; /* handed in by one of our own users */
	bool spam;     /* what X-Spam-Flag says: the verdict is mark or worse, and enforced */
};

void outcome_write(const struct outcome *outcome, struct buf *out);
/* ERR_SYNTAX: no such record. */
int outcome_read(struct span record, struct arena *arena, struct outcome *ret_outcome);

/* How clients that know only SpamAssassin's or rspamd's scale are told a score: `mark` is 5.0 there and `reject` 15.0, straight lines
 * between and beyond, nothing below -99.9 or above 999.9. Tenths. docs/serve.md has the table. */
int32_t outcome_client_score(const struct outcome *outcome);
/* rspamd's name of what is done: "no action", "add header", "quarantine", "reject", "soft reject". What is not enforced is "no action". */
const char *outcome_client_action(const struct outcome *outcome);
const char *disposition_name(enum disposition disposition);        /* "deliver" */
const char *outcome_unjudged_name(enum outcome_unjudged unjudged); /* "too_large" */

/* The message as the edits make it: to out, everything else byte for byte. eol: what ends the lines of new fields ("\r\n" or "\n"). New
 * fields stand on top, but below the "From " line of an mbox. Edits that do not fit the message are left out. */
void outcome_edit(const struct outcome *outcome, struct span raw, struct span eol, struct buf *out);

#endif
