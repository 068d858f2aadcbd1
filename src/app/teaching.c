/* app/teaching.c - see teaching.h */
#include "app/teaching.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/record.h"

/* False: there is nothing to learn with, and why. */
static bool open_learner(struct teaching *t, const struct service *service, char why[WEIGHTS_WHY_MAX])
{
	const char *path = (const char *)service->sent.model.p;
	return t->learner ||
	       learner_open_file(path, WEIGHTS_LEARN, WEIGHTS_ASIDE_DAMAGED, service->settings.shipped_prior, why, &t->learner) == 0;
}

static int teach_caught(struct teaching *t, const struct lesson *lesson, enum learner_outcome *ret)
{
	bool known = false;
	int err = learner_knows_lesson(t->learner, lesson, &known);
	*ret = LEARNER_KNOWN;
	return err != 0 || known ? err : learner_teach_lesson(t->learner, lesson, WEIGHTS_SPAM, clock_now(), ret);
}

static int teach(struct teaching *t, enum session_wish wish, const struct lesson *lesson, bool caught, enum learner_outcome *ret)
{
	struct weights_taught taught;
	*ret = LEARNER_DONE;
	if (wish == WISH_FORGET)
		return learner_forget_lesson(t->learner, lesson, &taught);
	if (caught)
		return teach_caught(t, lesson, ret);
	return learner_teach_lesson(t->learner, lesson, wish == WISH_LEARN_SPAM ? WEIGHTS_SPAM : WEIGHTS_HAM, clock_now(), ret);
}

int teaching_take(struct teaching *t, const struct service *service, struct span record, struct arena *arena, struct teaching_said *ret)
{
	struct cursor c = cursor_of(record);
	uint64_t wish = record_number(&c);
	struct span bytes = record_text(&c), trap_case = record_text(&c);
	struct lesson *lesson;
	char why[WEIGHTS_WHY_MAX];
	enum learner_outcome outcome;
	if (c.overrun || wish < WISH_LEARN_SPAM || wish > WISH_FORGET || lesson_read(bytes, &lesson) != 0)
		return ERR_SYNTAX;
	*ret = (struct teaching_said){ .answer = ANSWERED_UNAVAILABLE };
	if (!open_learner(t, service, why)) {
		lesson_free(lesson);
		ret->reply = arena_dup(arena, span_cstr(why));
		return ERR_OK;
	}
	int err = teach(t, (enum session_wish)wish, lesson, trap_case.n, &outcome);
	lesson_free(lesson);
	if (err == ERR_NOT_FOUND)
		*ret = (struct teaching_said){ .answer = ANSWERED_NOT_FOUND, .reply = SPAN("it was not learned") };
	else if (err != 0)
		ret->reply = arena_dup(arena, span_cstr(weights_why(learner_weights(t->learner))));
	else
		*ret = (struct teaching_said){ .answer = outcome == LEARNER_KNOWN ? ANSWERED_ALREADY : ANSWERED,
					       .trap_case = wish != WISH_FORGET && outcome != LEARNER_KNOWN ? trap_case : span_none };
	return ERR_OK;
}

void teaching_close(struct teaching *t) { learner_close(t->learner); }
