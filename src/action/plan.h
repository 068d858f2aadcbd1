/* action/plan.h - what is to be done about a judged message: the verdict and the settings become an outcome (action/outcome.h).
 *
 * Promises: pure. Mail to postmaster and abuse is delivered to them whatever the verdict (RFC 2142, RFC 5321 4.5.1). Nothing of the
 * message can end its place in a reply or a field. New fields stand above all others and no signed one is touched, so that a DKIM
 * signature survives (simple/simple too), unless subject_mark changes the Subject. X-Spam, X-Postern and our own Authentication-Results
 * that a message brings along are taken away. Mail of one's own users that leaves for others bears none of ours.
 * Owner: the outcome borrows from the source and the arena. */
#ifndef ACTION_PLAN_H
#define ACTION_PLAN_H

#include "action/outcome.h"
#include "auth/authentication.h"
#include "config/settings.h"
#include "message/message.h"
#include "message/path.h"

struct plan_source {
	const struct message *message; /* plan_unjudged: NULL where it was not read */
	const struct content *content;
	const struct path *path;
	const struct authentication *auth;
	const struct evidence_set *evidence;
	const struct verdict *verdict;
	const struct connection *connection;
	const struct settings *settings;
	struct span hostname; /* of this host: the setting, or what the system calls itself */
	struct span id;       /* of the case file; span_none */
	bool advises;         /* the client does as it likes with the answer (spamd, HTTP): nothing can be stored here, nobody left out */
	uint64_t microseconds, waited;
	bool names; /* the client is told which hosts and addresses the message names */
};

void plan_outcome(const struct plan_source *source, struct arena *arena, struct outcome *ret_outcome);
/* Of one that could not be judged; of the source, connection, settings, hostname and id are needed. Delivered, if on_failure says so or
 * it is too large: the same would become of it every time. */
void plan_unjudged(const struct plan_source *source, enum outcome_unjudged why, struct arena *arena, struct outcome *ret_outcome);

#endif
