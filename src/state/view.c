/* state/view.c - see view.h */
#include "state/view.h"

static const struct span somebody = SPAN_INIT("(another recipient)");

enum { NEEDLE = 64 }; /* the most that span_ifind takes: the rest is compared where it is found */

static struct span without(struct span text, struct span address, struct arena *arena)
{
	struct span head = span_first(address, NEEDLE), rest = text;
	struct buf out;
	size_t at;
	if (!address.n || (at = span_ifind(text, head, 0)) == SPAN_NPOS)
		return text;
	buf_init(&out, arena, SIZE_MAX);
	for (; at != SPAN_NPOS; at = span_ifind(rest, head, 0)) {
		bool whole = span_istarts(span_skip(rest, at), address);
		buf_put(&out, span_first(rest, at));
		buf_put(&out, whole ? somebody : head);
		rest = span_skip(rest, at + (whole ? address.n : head.n));
	}
	buf_put(&out, rest);
	return buf_span(&out);
}

static void take_out(struct casefile *c, struct span address, struct arena *arena)
{
	for (uint32_t i = 0; i < c->evidence.list.n; i++) {
		struct evidence *e = &c->evidence.list.v[i];
		struct evidence_detail *details = e->n_details ? arena_alloc(arena, e->n_details * sizeof *details) : NULL;
		e->says = without(e->says, address, arena);
		for (uint32_t k = 0; k < e->n_details; k++) {
			details[k] = e->details[k];
			details[k].says = without(details[k].says, address, arena);
		}
		e->details = details;
	}
	for (uint32_t i = 0; i < c->evidence.unchecked.n; i++)
		c->evidence.unchecked.v[i].why = without(c->evidence.unchecked.v[i].why, address, arena);
	for (uint32_t i = 0; i < c->sender.n; i++)
		c->sender.v[i].says = without(c->sender.v[i].says, address, arena);
	c->subject = without(c->subject, address, arena);
}

bool view_restrict(struct casefile *c, struct span recipient, struct arena *arena)
{
	struct casefile_recipient own = { span_none, false };
	for (uint32_t i = 0; i < c->recipients.n; i++)
		if (span_ieq(c->recipients.v[i].address, recipient))
			own = (struct casefile_recipient){ c->recipients.v[i].address, own.withheld || c->recipients.v[i].withheld };
	if (!own.address.p)
		return false;
	for (uint32_t i = 0; i < c->recipients.n; i++)
		if (!span_ieq(c->recipients.v[i].address, recipient))
			take_out(c, c->recipients.v[i].address, arena);
	c->recipients.v[0] = own;
	c->recipients.n = 1;
	c->answers = span_none; /* questions are asked about recipients' domains too */
	return true;
}
