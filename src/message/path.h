/* message/path.h - the way a message says it came, each step judged; and where it truly comes from.
 *
 * The trust boundary has SpamAssassin's meaning: trusted_networks write honest lines; internal_networks are also ours; msa_networks accept
 * mail from authenticated users. Unset, the boundary is inferred: private addresses, authentication, and hops inside the organisation of
 * the newest `by`. Judgement of a line: TRUE (written by a machine we trust), FALSE (a contradiction that no honest server makes), else
 * UNPROVEN. Promises: pure; deterministic; the newest hop is number 1 (a live connection is hop 0). */
#ifndef MESSAGE_PATH_H
#define MESSAGE_PATH_H

#include "message/content.h"
#include "message/received.h"

enum hop_verdict { HOP_TRUE, HOP_UNPROVEN, HOP_FALSE };
enum hop_source { HOP_CONNECTION, HOP_RECEIVED, HOP_ORIGINATING_IP };

enum hop_reason {
#define HOP_REASON(symbol, id, proves_false, says) HOP_REASON_##symbol,
#include "message/hop_reasons.def"
#undef HOP_REASON
	HOP_REASONS
};

struct hop {
	uint32_t n; /* 1 is the newest Received line */
	enum hop_source source;
	enum hop_verdict verdict;
	VEC(uint8_t) reasons;        /* enum hop_reason */
	struct received received;    /* filled for HOP_CONNECTION and HOP_ORIGINATING_IP too: ip, rdns, helo */
	bool trusted, internal, msa; /* of the client this hop names, in the order SpamAssassin reports */
	int64_t delay;               /* seconds since the next older hop that has a time; CLOCK_NONE when unknown */
	const struct header *header; /* NULL for the live connection */
};

enum origin_role { ORIGIN_UNKNOWN, ORIGIN_ORIGIN, ORIGIN_RELAY };

struct origin {
	bool has_ip;
	struct ip ip;
	uint32_t hop;          /* n of the hop that proves it */
	uint32_t confidence;   /* thousandths, 0 to 1000 */
	enum origin_role role; /* the machine the message was written on or sent from, or the last provable relay */
	bool has_relay;        /* the last proven relay, when the origin stands on an unproven line below it */
	struct ip relay;
};

/* What hides in Message-ID, boundaries, Thread-Index, X-Originating-IP and host names. */
enum clue_kind { CLUE_TIME, CLUE_ADDRESS };
struct clue {
	const char *from; /* "Message-ID", "MIME boundary", "Thread-Index", "X-Originating-IP", "host name" */
	enum clue_kind kind;
	int64_t time;      /* CLUE_TIME, UTC as decoded */
	uint64_t filetime; /* exact, when it was one; else 0 */
	struct ip ip;      /* CLUE_ADDRESS */
	struct span text;  /* the characters it was decoded from */
	struct place at;
};

/* The live connection, as --ip, --rdns, --helo, --from, --rcpt, --auth give it. */
struct connection {
	bool has_ip;
	struct ip ip;
	struct span rdns, helo, auth_user; /* span_none when not known */
	struct span mail_from;             /* span_none when not known, empty for <> */
	const struct span *recipients;
	size_t n_recipients;
};

struct path_settings {
	const struct ip_net *trusted, *internal, *msa;
	size_t n_trusted, n_internal, n_msa;
};

struct path {
	VEC(struct hop) hops; /* newest first */
	uint32_t boundary;    /* index in hops of the hop whose client is the first machine outside; hops.n when none */
	struct origin origin;
	VEC(struct clue) clues;
	bool outgoing;          /* handed in by an authenticated client, an msa network or an internal network: ours */
	int64_t reference_time; /* of the newest trusted line; CLOCK_NONE when none has a time */
};

void path_examine(const struct message *message, const struct content *content, const struct path_settings *settings,
		  const struct connection *connection, struct path *ret_path);
const char *hop_verdict_name(enum hop_verdict verdict); /* "true", "unproven", "false" */
const char *hop_source_name(enum hop_source source);    /* "connection", "received", "x-originating-ip" */
const char *hop_reason_id(enum hop_reason reason);
const char *hop_reason_says(enum hop_reason reason);
bool hop_reason_proves_false(enum hop_reason reason);
const char *origin_role_name(enum origin_role role); /* "unknown", "origin", "relay" */

#endif
