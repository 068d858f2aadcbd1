/* action/outcome.c - see outcome.h */
#include "action/outcome.h"
#include "base/err.h"
#include "base/record.h"

enum { VERSION = 2 };

const char *disposition_name(enum disposition disposition)
{
	static const char *const names[DISPOSITIONS] = { "deliver", "reject", "defer", "hold", "store" };
	return names[disposition];
}

const char *outcome_unjudged_name(enum outcome_unjudged unjudged)
{
	static const char *const names[UNJUDGEDS] = { "none", "too_large", "crashed", "too_late", "too_busy" };
	return names[unjudged];
}

static void put_edits(const struct outcome *o, struct buf *out)
{
	record_put_number(out, o->edits.n);
	for (uint32_t i = 0; i < o->edits.n; i++) {
		const struct header_edit *e = &o->edits.v[i];
		buf_byte(out, (uint8_t)e->kind);
		record_put_number(out, e->n);
		record_put_text(out, e->name);
		record_put_text(out, e->value);
		record_put_number(out, e->from);
		record_put_number(out, e->to);
	}
}

static void put_symbols(const struct outcome *o, struct buf *out)
{
	record_put_number(out, o->symbols.n);
	for (uint32_t i = 0; i < o->symbols.n; i++) {
		const struct outcome_symbol *s = &o->symbols.v[i];
		record_put_text(out, s->id);
		record_put_text(out, s->group);
		record_put_text(out, s->says);
		record_put_signed(out, s->weight);
	}
}

static void put_texts(const struct span *texts, uint32_t n, struct buf *out)
{
	record_put_number(out, n);
	for (uint32_t i = 0; i < n; i++)
		record_put_text(out, texts[i]);
}

void outcome_write(const struct outcome *o, struct buf *out)
{
	const struct verdict_thresholds *t = &o->thresholds;
	buf_byte(out, VERSION);
	buf_byte(out, o->id.p != NULL);
	record_put_text(out, o->id);
	buf_byte(out, (uint8_t)o->verdict);
	record_put_signed(out, o->score);
	record_put_signed(out, t->prior);
	record_put_signed(out, t->mark);
	record_put_signed(out, t->quarantine);
	record_put_signed(out, t->reject);
	buf_byte(out, t->defer);
	buf_byte(out, (uint8_t)o->disposition);
	buf_byte(out, (uint8_t)o->would);
	buf_byte(out, (uint8_t)o->unjudged);
	buf_byte(out, (uint8_t)(o->outgoing | o->spam << 1));
	record_put_number(out, o->reply_code);
	record_put_text(out, o->reply_status);
	record_put_text(out, o->reply_text);
	record_put_text(out, o->why);
	record_put_text(out, o->message_id);
	record_put_text(out, o->origin);
	put_edits(o, out);
	put_symbols(o, out);
	put_texts(o->withhold.v, o->withhold.n, out);
	put_texts(o->unchecked.v, o->unchecked.n, out);
	put_texts(o->hosts.v, o->hosts.n, out);
	put_texts(o->addresses.v, o->addresses.n, out);
	record_put_number(out, o->microseconds);
	record_put_number(out, o->waited);
}

/* One byte that must lie below n. */
static unsigned take_choice(struct cursor *c, unsigned n)
{
	uint8_t choice = cursor_u8(c);
	if (choice < n)
		return choice;
	c->overrun = true;
	return 0;
}

static struct span take_copy(struct cursor *c, struct arena *arena) { return arena_dup(arena, record_text(c)); }

static void take_edits(struct cursor *c, struct arena *arena, struct outcome *o)
{
	for (uint64_t n = record_count(c); n && !c->overrun; n--) {
		struct header_edit *e = vec_push(arena, &o->edits);
		e->kind = (enum header_edit_kind)take_choice(c, HEADER_DELETE + 1);
		e->n = (uint32_t)record_below(c, 1ull << 32);
		e->name = take_copy(c, arena);
		e->value = take_copy(c, arena);
		e->from = (uint32_t)record_below(c, 1ull << 32);
		e->to = (uint32_t)record_below(c, 1ull << 32);
		if (e->kind == HEADER_DELETE)
			e->value = span_none;
		if ((e->kind == HEADER_INSERT) != (e->n == 0) || e->from > e->to || !e->name.n)
			c->overrun = true;
	}
}

static void take_symbols(struct cursor *c, struct arena *arena, struct outcome *o)
{
	for (uint64_t n = record_count(c); n && !c->overrun; n--) {
		struct outcome_symbol *s = vec_push(arena, &o->symbols);
		s->id = take_copy(c, arena);
		s->group = take_copy(c, arena);
		s->says = take_copy(c, arena);
		s->weight = record_int32(c);
	}
}

/* Of a VEC(struct span); a macro, because each is a type of its own. */
#define TAKE_TEXTS(c, arena, texts)                                                                                                        \
	for (uint64_t left = record_count(c); left && !(c)->overrun; left--)                                                               \
	*(struct span *)vec_push((arena), (texts)) = take_copy((c), (arena))

int outcome_read(struct span record, struct arena *arena, struct outcome *ret)
{
	struct cursor c = cursor_of(record);
	struct outcome o = { .id = span_none };
	struct verdict_thresholds *t = &o.thresholds;
	if (cursor_u8(&c) != VERSION)
		return ERR_SYNTAX;
	bool has_id = take_choice(&c, 2);
	struct span id = take_copy(&c, arena);
	o.id = has_id ? id : span_none;
	o.verdict = (enum verdict_action)take_choice(&c, VERDICT_DEFER + 1);
	o.score = record_int32(&c);
	t->prior = record_int32(&c);
	t->mark = record_int32(&c);
	t->quarantine = record_int32(&c);
	t->reject = record_int32(&c);
	t->defer = take_choice(&c, 2);
	o.disposition = (enum disposition)take_choice(&c, DISPOSITIONS);
	o.would = (enum disposition)take_choice(&c, DISPOSITIONS);
	o.unjudged = (enum outcome_unjudged)take_choice(&c, UNJUDGEDS);
	unsigned flags = take_choice(&c, 4);
	o.outgoing = flags & 1;
	o.spam = flags >> 1;
	o.reply_code = (uint32_t)record_below(&c, 1ull << 32);
	o.reply_status = take_copy(&c, arena);
	o.reply_text = take_copy(&c, arena);
	o.why = take_copy(&c, arena);
	o.message_id = take_copy(&c, arena);
	o.origin = take_copy(&c, arena);
	take_edits(&c, arena, &o);
	take_symbols(&c, arena, &o);
	TAKE_TEXTS(&c, arena, &o.withhold);
	TAKE_TEXTS(&c, arena, &o.unchecked);
	TAKE_TEXTS(&c, arena, &o.hosts);
	TAKE_TEXTS(&c, arena, &o.addresses);
	o.microseconds = record_number(&c);
	o.waited = record_number(&c);
	if (c.overrun || cursor_left(&c))
		return ERR_SYNTAX;
	*ret = o;
	return ERR_OK;
}

/* Rounded down, so that a score below a threshold is told below it. */
static int64_t tenths(int64_t value, int64_t numerator, int64_t denominator)
{
	int64_t product = value * numerator;
	return product / denominator - (product % denominator < 0);
}

int32_t outcome_client_score(const struct outcome *o)
{
	enum { MARK = 50, REJECT = 150, LEAST = -999, MOST = 9999, USUAL = 6000 };
	const struct verdict_thresholds *t = &o->thresholds;
	int64_t above = (int64_t)o->score - t->mark, width = (int64_t)t->reject - t->mark;
	int64_t score = width > 0    ? MARK + tenths(above, REJECT - MARK, width)
			: above >= 0 ? REJECT + tenths(above, REJECT - MARK, USUAL) /* mark is reject: as wide as the defaults are */
				     : MARK + tenths(above, REJECT - MARK, USUAL);
	return score < LEAST ? LEAST : score > MOST ? MOST : (int32_t)score;
}

const char *outcome_client_action(const struct outcome *o)
{
	static const char *const actions[DISPOSITIONS] = {
		[DISPOSITION_DELIVER] = "no action", [DISPOSITION_REJECT] = "reject",    [DISPOSITION_DEFER] = "soft reject",
		[DISPOSITION_HOLD] = "quarantine",   [DISPOSITION_STORE] = "quarantine",
	};
	return o->disposition == DISPOSITION_DELIVER && o->spam ? "add header" : actions[o->disposition];
}
