/* facts/answers_record.c - see answers_record.h */
#include "facts/answers_record.h"
#include "base/cursor.h"
#include "base/err.h"
#include "base/limits.h"

enum { VERSION = 1, STATUS_BITS = 3, NUMBER_BYTES = 10 };
_Static_assert(ANSWER_UNAVAILABLE < 1 << STATUS_BITS && QUESTION_TYPES <= 256 >> STATUS_BITS, "type and status share a byte");

static void put_number(struct buf *out, uint64_t n)
{
	for (; n >= 0x80; n >>= 7)
		buf_byte(out, (uint8_t)(n | 0x80));
	buf_byte(out, (uint8_t)n);
}

static void put_text(struct buf *out, struct span text)
{
	put_number(out, text.n);
	buf_put(out, text);
}

static uint64_t zigzag(int64_t n) { return (uint64_t)n << 1 ^ (uint64_t)(n >> 63); }
static int64_t unzigzag(uint64_t n) { return (int64_t)(n >> 1 ^ -(n & 1)); }

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
	put_text(out, answer->question.name);
	put_number(out, zigzag((int64_t)((uint64_t)answer->time - (uint64_t)before)));
	if (answer->status == ANSWER_UNAVAILABLE)
		put_text(out, answer->why);
	if (answer->status != ANSWER_OK)
		return;
	put_number(out, answer->ttl);
	put_number(out, answer->records.n);
	for (uint32_t i = 0; i < answer->records.n; i++)
		put_text(out, answer->records.v[i]);
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
	put_text(out, why);
	put_number(out, n);
	for (uint32_t i = 0; n; i++) {
		const struct answer *answer = &answers->list.v[i];
		if (understood(answer, why))
			continue;
		put_answer(answer, before, out);
		before = answer->time;
		n--;
	}
}

static uint64_t take_number(struct cursor *c)
{
	uint64_t n = 0;
	for (unsigned i = 0; i < NUMBER_BYTES; i++) {
		uint8_t byte = cursor_u8(c);
		n |= (uint64_t)(byte & 0x7f) << (7 * i);
		if (byte < 0x80)
			return n;
	}
	c->overrun = true;
	return 0;
}

static struct span take_text(struct cursor *c) { return cursor_take(c, take_number(c)); }

static bool take_answer(struct cursor *c, int64_t *before, struct arena *arena, struct answers *answers)
{
	uint8_t head = cursor_u8(c);
	struct question question = { .type = (enum question_type)(head >> STATUS_BITS), .name = take_text(c) };
	uint8_t status = head & ((1 << STATUS_BITS) - 1);
	if (c->overrun || question.type >= QUESTION_TYPES || status > ANSWER_UNAVAILABLE ||
	    answers_find(answers, question.type, question.name))
		return false;
	struct answer *answer = answers_add(answers, arena, &question);
	answer->status = (enum answer_status)status;
	answer->time = *before = (int64_t)((uint64_t)*before + (uint64_t)unzigzag(take_number(c)));
	if (answer->status == ANSWER_UNAVAILABLE)
		answer->why = take_text(c);
	if (answer->status != ANSWER_OK)
		return !c->overrun;
	uint64_t ttl = take_number(c), records = take_number(c);
	if (ttl > UINT32_MAX || records > cursor_left(c)) /* each takes a byte at least */
		return false;
	answer->ttl = (uint32_t)ttl;
	while (records-- && !c->overrun)
		*(struct span *)vec_push(arena, &answer->records) = take_text(c);
	return !c->overrun;
}

int answers_record_read(struct span record, struct arena *arena, struct answers *ret_answers)
{
	struct cursor c = cursor_of(record);
	struct answers answers = { 0 };
	int64_t before = 0;
	if (cursor_u8(&c) != VERSION)
		return c.overrun ? ERR_SYNTAX : ERR_UNSUPPORTED;
	answers.unused = take_text(&c);
	uint64_t n = take_number(&c);
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
