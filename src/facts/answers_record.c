/* facts/answers_record.c - see answers_record.h */
#include "facts/answers_record.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/record.h"

enum { VERSION = 1, STATUS_BITS = 3 };
_Static_assert(ANSWER_UNAVAILABLE < 1 << STATUS_BITS && QUESTION_TYPES <= 256 >> STATUS_BITS, "type and status share a byte");

/* What goes without saying: as it was kept before, or what the first that was not asked says. */
static struct span usual_reason(const struct answers *answers)
{
	for (uint32_t i = 0; i < answers->list.n && !answers->unused.p; i++)
		if (answers->list.v[i].status == ANSWER_UNAVAILABLE)
			return answers->list.v[i].why;
	return answers->unused;
}

/* Goes without saying: not asked for the reason the record begins with. */
static bool understood(const struct answer *answer, struct span why)
{
	return answer->status == ANSWER_UNAVAILABLE && span_eq(answer->why, why);
}

static void put_answer(const struct answer *answer, int64_t before, struct buf *out)
{
	buf_byte(out, (uint8_t)(answer->question.type << STATUS_BITS | answer->status));
	record_put_text(out, answer->question.name);
	record_put_signed(out, (int64_t)((uint64_t)answer->time - (uint64_t)before));
	if (answer->status == ANSWER_UNAVAILABLE)
		record_put_text(out, answer->why);
	if (answer->status != ANSWER_OK)
		return;
	record_put_number(out, answer->ttl);
	record_put_number(out, answer->records.n);
	for (uint32_t i = 0; i < answer->records.n; i++)
		record_put_text(out, answer->records.v[i]);
}

void answers_record_write(const struct answers *answers, struct buf *out)
{
	struct span why = usual_reason(answers);
	uint32_t n = 0;
	int64_t before = 0;
	for (uint32_t i = 0; i < answers->list.n; i++)
		n += !understood(&answers->list.v[i], why);
	if (n > LIMIT_ANSWERS_KEPT)
		n = LIMIT_ANSWERS_KEPT;
	buf_byte(out, VERSION);
	record_put_text(out, why);
	record_put_number(out, n);
	for (uint32_t i = 0; n; i++) {
		const struct answer *answer = &answers->list.v[i];
		if (understood(answer, why))
			continue;
		put_answer(answer, before, out);
		before = answer->time;
		n--;
	}
}

static bool take_answer(struct cursor *c, int64_t *before, struct arena *arena, struct answers *answers)
{
	uint8_t head = cursor_u8(c);
	struct question question = { .type = (enum question_type)(head >> STATUS_BITS), .name = record_text(c) };
	uint8_t status = head & ((1 << STATUS_BITS) - 1);
	if (c->overrun || question.type >= QUESTION_TYPES || status > ANSWER_UNAVAILABLE ||
	    answers_find(answers, question.type, question.name))
		return false;
	struct answer *answer = answers_add(answers, arena, &question);
	answer->status = (enum answer_status)status;
	answer->time = *before = (int64_t)((uint64_t)*before + (uint64_t)record_signed(c));
	if (answer->status == ANSWER_UNAVAILABLE)
		answer->why = record_text(c);
	if (answer->status != ANSWER_OK)
		return !c->overrun;
	uint64_t ttl = record_number(c), records = record_count(c);
	if (ttl > UINT32_MAX)
		return false;
	answer->ttl = (uint32_t)ttl;
	while (records-- && !c->overrun)
		*(struct span *)vec_push(arena, &answer->records) = record_text(c);
	return !c->overrun;
}

int answers_record_read(struct span record, struct arena *arena, struct answers *ret_answers)
{
	struct cursor c = cursor_of(record);
	struct answers answers = { 0 };
	int64_t before = 0;
	if (cursor_u8(&c) != VERSION)
		return c.overrun ? ERR_SYNTAX : ERR_UNSUPPORTED;
	answers.unused = record_text(&c);
	uint64_t n = record_number(&c);
	if (c.overrun || n > LIMIT_ANSWERS_KEPT)
		return ERR_SYNTAX;
	while (n--)
		if (!take_answer(&c, &before, arena, &answers))
			return ERR_SYNTAX;
	if (cursor_left(&c))
		return ERR_SYNTAX;
	*ret_answers = answers;
	return ERR_OK;
}
