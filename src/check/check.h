/* check/check.h - what a check is: facts in, evidence out.
 *
 * A check is one pure function in one file, with its evidence, weights and sentences in a table in that file, and one line in
 * checks.def. `tools/new-check NAME` makes all three. Most are told by the message alone (examine). One that asks is called again with
 * more answers while it returns CHECK_MORE (step, at most LIMIT_ROUNDS times); it adds its evidence in the call that returns CHECK_DONE. */
#ifndef CHECK_CHECK_H
#define CHECK_CHECK_H

#include "auth/authentication.h"
#include "check/sender.h"
#include "config/list_declaration.h"
#include "facts/question.h"
#include "message/content.h"
#include "message/path.h"
#include "trap/recipient.h"
#include "verdict/evidence.h"

/* What the user said about himself; see config/settings.h for the file it comes from. */
struct check_settings {
	const struct span *local_domains; /* lower-case; none: see own_domains */
	size_t n_local_domains;
	const struct list_declaration *lists; /* to be asked; see facts/list.h */
	size_t n_lists;
	const struct span *trusted_sealers; /* lower-case: whose ARC seals are believed */
	size_t n_trusted_sealers;
	const struct span *allow_domains; /* lower-case: whose mail is wanted, once it is proven to be theirs */
	size_t n_allow_domains;
	struct trap_recipients traps;
};

/* Domains that are the recipient's own. Set by local_domains, they are certain; else only what the envelope recipient, Delivered-To or the
 * `for` of our own Received line says, and that counts weakly (never To or Cc: in list mail From and To share a domain more often than
 * not). */
struct own_domains {
	VEC(struct span) domains;
	bool certain;
};

struct check_view {
	const struct message *message;
	const struct content *content;
	const struct path *path;
	const struct connection *connection;
	const struct check_settings *settings;
	struct sender sender; /* see check/sender.h */
	struct own_domains own;
	VEC(struct span) own_addresses; /* envelope recipients as far as known, spelled as found: senders encode them as they wrote them */
	const struct authentication *auth; /* good once its step is AUTH_DONE; until then return CHECK_MORE, if it is needed */
	int64_t now;                       /* reference time of this message */
	struct arena *arena;
};

enum check_step { CHECK_DONE, CHECK_MORE };

struct check {
	const char *name;
	const char *purpose; /* one sentence for the manual */
	const struct evidence_def *evidence;
	size_t n_evidence;
	/* One of the two. What the message alone tells: called once. */
	void (*examine)(const struct check_view *view, struct evidence_set *set);
	/* What must be asked: puts questions, and is called again with their answers until it says CHECK_DONE. */
	enum check_step (*step)(const struct check_view *view, const struct answers *answers, struct questions *questions,
				struct evidence_set *set);
};

#define CHECK(name) extern const struct check check_##name;
#include "check/checks.def"
#undef CHECK

/* All checks, in the order of checks.def; NULL at the end. */
extern const struct check *const check_all[];

/* True when domain is one of the own domains or below one; inferred ones count with their whole organisation (registrable domain). */
bool check_is_own(const struct own_domains *own, struct span domain);
void check_own_domains(struct check_view *view); /* fills own and own_addresses from settings, connection, path and headers */
/* Says that a question had no answer: what ("Whether {1} exists", of subject) is not known, and why. What nobody was asked at all is one
 * sentence for all checks. could: the heaviest that the answer could have been, or NULL. */
void check_unanswered(const struct check_view *view, struct evidence_set *set, const char *check, const char *what, struct span subject,
		      const struct answer *answer, const struct evidence_def *could);
/* Does an older line, not found false, say that a machine of an own domain had it before it came from outside? Unproven, but so mail looks
 * that a forwarder or an outside service brings back. */
bool check_came_back(const struct check_view *view);

#endif
