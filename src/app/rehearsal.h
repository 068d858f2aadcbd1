/* app/rehearsal.h - the newest messages of each kind that were learned, kept as features, so that a long run of the other kind does not
 * make the model forget them.
 *
 * A model that learns one message at a time leans to what it saw last: after a folder of good mail and then a folder of spam it calls all
 * mail spam. So in a run of one kind every message is learned together with the next of these of the other kind, as far as the model would
 * misjudge that now. What this changes belongs to the message that caused it: forgetting it takes back both.
 *
 * A file beside the model's, PATH.recent, of slots with a checksum each: 50 MB with holes, half of that on disk. What it says is not
 * trusted, and it may be lost or torn: a message that cannot be read is not rehearsed. It is used while the model's lock is held
 * (weights_begin). Measured on spamassassin, half of it learned, all good mail first and then all spam: of 2,065 other good messages 1,712
 * would have gone to quarantine without this, and a handful do with it. Owner: the caller, until rehearsal_close. */
#ifndef APP_REHEARSAL_H
#define APP_REHEARSAL_H

#include "learn/features.h"
#include "state/weights.h"

enum {
	REHEARSAL_KEPT = 384, /* messages of each kind */
	REHEARSAL_RUN = 8,    /* so many of one kind in a row need no rehearsal: mail comes like that */
};

struct rehearsal;

/* Of a model in memory: model_path NULL. NULL when the file cannot be opened or made: then nothing is rehearsed. */
struct rehearsal *rehearsal_open(const char *model_path);
void rehearsal_close(struct rehearsal *rehearsal); /* NULL is allowed */
/* The message that is to be learned now comes after so many of its own kind, without one of the other, that one of those should be
 * rehearsed: it, or false. Its features live in the arena. */
bool rehearsal_next(struct rehearsal *rehearsal, enum weights_label learned, struct arena *arena, struct weights_id *ret_id,
		    struct features *ret_features);
/* The message is about to be learned: its weighed features, each view sorted, are kept in place of another of its kind. */
void rehearsal_keep(struct rehearsal *rehearsal, const struct weights_id *id, enum weights_label label, const struct features *features);

#endif
