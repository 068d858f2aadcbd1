/* auth/authentication.h - everything that vouches for a message, judged once for all checks: SPF, DKIM, DMARC, ARC.
 *
 * Stepped by the pipeline before the checks of each round; checks that need it return CHECK_MORE until step is AUTH_DONE.
 * Owner: the message's arena. */
#ifndef AUTH_AUTHENTICATION_H
#define AUTH_AUTHENTICATION_H

#include "auth/arc.h"
#include "auth/dmarc.h"
#include "message/path.h"

/* Who handed it over. */
struct authentication_client {
	struct ip ip;
	struct span helo, mail_from; /* span_none: not known; mail_from empty for <> */
};

struct authentication {
	enum auth_step step;
	bool has_client; /* the machine that handed it over is known: spf was judged */
	struct authentication_client client;
	struct spf helo, mail_from; /* mail_from of a null sender is judged as postmaster@HELO (RFC 7208 2.4) */
	bool null_sender;
	bool has_message; /* dkim, arc and dmarc were judged */
	struct dkim dkim;
	struct arc arc;
	struct dmarc dmarc;
	const struct header *told_by; /* a field of one of our own servers that stands in for what could not be asked; or NULL */
	/* between rounds */
	bool spf_judged;
	struct dkim_digest *digest;         /* of DKIM and ARC together */
	struct span author, author_problem; /* for DMARC, found with the digest */
	struct dkim_state *dkim_state;
	struct arc_state *arc_state;
};

struct authentication_source {
	const struct message *message; /* NULL: SPF alone is judged */
	const struct content *content;
	const struct path *path;
	const struct connection *connection;
	const struct authentication_client *client; /* judged whatever path says; NULL: the one path finds, none for outgoing mail */
	struct span receiver;                       /* our own name, for SPF's macros; span_none */
	struct span authserv_id;                    /* under which our servers write Authentication-Results, lower-case; span_none */
	bool authserv_id_set;                       /* the user has said so: fields that bear it were taken away on arrival (RFC 8601 5) */
	bool networks_set; /* the user has said which machines are his: what they write under their own name is believed */
	int64_t now;       /* reference time of the message */
};

/* One round; authentication is zeroed, step AUTH_MORE, before the first. Once DONE it does nothing. */
void authentication_step(const struct authentication_source *source, const struct answers *answers, struct questions *questions,
			 struct arena *arena, struct authentication *authentication);
/* What stands behind the last @; all of it where there is none: smtp.mailfrom may be a domain alone (RFC 8601 2.7.2). */
struct span authentication_domain(struct span address);
/* Has domain, or another of its organisation, signed the message, or sent it from its own machines? Needs AUTH_DONE. */
bool authentication_vouched(const struct authentication *authentication, struct span domain);

#endif
