/* app/case_of.h - a judgement with all it rested on, as the case file that is kept of it.
 *
 * Owner: what is made borrows the judgement and the arena; write it (casefile_write) before the next message. */
#ifndef APP_CASE_OF_H
#define APP_CASE_OF_H

#include "action/outcome.h"
#include "app/learner.h"
#include "verdict/casefile.h"

struct case_source {
	const struct judgement *judgement; /* of pipeline_finish */
	const struct pipeline *pipeline;
	struct span id, door, queue_id; /* id: casefile_id */
	enum disposition disposition;
	const struct span *withheld; /* of the connection's recipients, n of them; with DISPOSITION_STORE all are */
	uint32_t n_withheld;
	struct casefile_generations generations; /* case_generations, and the model's */
};

void case_of(const struct case_source *source, struct arena *arena, struct casefile *ret_casefile);
/* Of these settings and this build, without the model: once, when they are read. */
struct casefile_generations case_generations(const struct settings *settings, struct arena *arena);
/* How much was learned; 0: nothing. learner: NULL allowed. */
uint64_t case_model_generation(const struct learner *learner);
/* A new id: now, and chance from the system. False: errno says why there is none. */
bool case_new_id(char ret_id[CASEFILE_ID]);

#endif
