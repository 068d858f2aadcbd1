/* check/recipients.c - whom it says it is for: nobody, its own sender, a slice of an address list.
 *
 * Bulk senders hide their recipients; people, lists and newsletters name them. Who is really meant (the envelope) is compared where it is
 * known. Silent on outgoing mail. Example: From and To both maria@mega.nz; To: undisclosed-recipients:; To: jma@x, jmb@x, jmc@x, jmd@x. */
#include "check/check.h"

enum { SELF, UNDISCLOSED, EMPTY, NOT_ME, MANY, NEIGHBOURS };
static const struct evidence_def defs[] = {
	[SELF] = { "recipients.self", GROUP_ADDRESSEE, 1300, 0, "It is addressed to its own sender, {1}, and to nobody else",
		   "The real recipients are hidden. People do this to write to many at once, honest notes to oneself do not come from "
		   "outside." },
	[UNDISCLOSED] = { "recipients.undisclosed", GROUP_ADDRESSEE, 1200, 0, "It names no recipient: {1}",
			  "Honest invitations and announcements hide their recipients too, some 1 in 500 of good mail." },
	[EMPTY] = { "recipients.empty", GROUP_ADDRESSEE, 750, 0, "Its To field holds no address: {1}",
		    "Mail programs refuse to send that; bulk programs with a broken list do it." },
	[NOT_ME] = { "recipients.not_me", GROUP_ADDRESSEE, 200, 0, "It was delivered to {1}, but neither To nor Cc names your domain",
		     "Blind copies and forwarded accounts look the same." },
	[MANY] = { "recipients.many", GROUP_ADDRESSEE, 500, 0, "It names {1} recipients at once",
		   "People announce things so, too; lists and newsletters do not." },
	[NEIGHBOURS] = { "recipients.neighbours", GROUP_ADDRESSEE, 1300, 0,
			 "Its {1} recipients are neighbours in an alphabetic list of addresses: {2}",
			 "Bulk programs walk through a sorted list; people's correspondents do not begin with the same letters." },
};

enum { MANY_LEAST = 8, NEIGHBOURS_LEAST = 5, NEIGHBOURS_LETTERS = 3, LOOKED_AT = 64 };

static bool has_address(const struct addresses *list)
{
	for (uint32_t i = 0; i < list->list.n && i < LOOKED_AT; i++)
		if (list->list.v[i].domain.n)
			return true;
	return false;
}

/* How many of the addresses begin with the letters of the first one. */
static uint32_t neighbours(const struct addresses *to)
{
	struct span head = span_first(to->list.v[0].local, NEIGHBOURS_LETTERS);
	uint32_t n = 0;
	for (uint32_t i = 0; i < to->list.n && i < LOOKED_AT; i++)
		n += head.n == NEIGHBOURS_LETTERS && span_istarts(to->list.v[i].local, head);
	return n;
}

static struct place field_place(const struct check_view *view, enum header_id id)
{
	const struct header *header = header_first(message_headers(view->message), id);
	return header ? header_place(view->message->raw, header) : (struct place){ 0 };
}

static void judge_nobody(const struct check_view *view, struct evidence_set *set)
{
	const struct header *to = header_first(message_headers(view->message), HEADER_TO);
	if (!to)
		return;
	struct span text = header_unfolded(to, view->arena);
	bool hidden = span_ihas(text, SPAN("undisclosed")) || span_ihas(text, SPAN("unlisted-recipients")) ||
		      span_ihas(text, SPAN("unspecified-recipients"));
	evidence_at(evidence_add(set, &defs[hidden ? UNDISCLOSED : EMPTY], text.n ? text : SPAN("nothing"), span_none, span_none),
		    header_place(view->message->raw, to));
}

static void judge_crowd(const struct check_view *view, struct evidence_set *set)
{
	const struct addresses *to = &view->content->to;
	uint32_t n = to->list.n + view->content->cc.list.n, same = to->list.n >= NEIGHBOURS_LEAST ? neighbours(to) : 0;
	if (same >= NEIGHBOURS_LEAST && same * 3 >= to->list.n * 2)
		evidence_at(
		    evidence_add(set, &defs[NEIGHBOURS], arena_printf(view->arena, "%u", to->list.n), to->list.v[0].spec, span_none),
		    field_place(view, HEADER_TO));
	else if (n >= MANY_LEAST && !view->sender.list)
		evidence_at(evidence_add(set, &defs[MANY], arena_printf(view->arena, "%u", n), span_none, span_none),
			    field_place(view, HEADER_TO));
}

/* True when To or Cc names an own domain, or names somebody by an own address. */
static bool names_me(const struct check_view *view)
{
	const struct addresses *fields[] = { &view->content->to, &view->content->cc };
	for (size_t f = 0; f < 2; f++)
		for (uint32_t i = 0; i < fields[f]->list.n && i < LOOKED_AT; i++) {
			const struct address *a = &fields[f]->list.v[i];
			for (uint32_t k = 0; k < view->own_addresses.n; k++)
				if (span_ieq(view->own_addresses.v[k], a->spec))
					return true;
			if (a->domain.n && check_is_own(&view->own, a->domain))
				return true;
		}
	return false;
}

static void examine(const struct check_view *view, struct evidence_set *set)
{
	const struct content *c = view->content;
	const struct sender *s = &view->sender;
	if (!s->outside)
		return;
	if (!has_address(&c->to) && !has_address(&c->cc)) {
		judge_nobody(view, set);
		return;
	}
	if (c->to.list.n == 1 && c->cc.list.n == 0 && s->from && span_ieq(c->to.list.v[0].spec, s->from->spec) && s->from->domain.n)
		evidence_at(evidence_add(set, &defs[SELF], s->from->spec, span_none, span_none), c->to.list.v[0].at);
	else if (view->own.domains.n && view->own_addresses.n && !s->list && !names_me(view))
		evidence_at(evidence_add(set, &defs[NOT_ME], view->own_addresses.v[0], span_none, span_none), field_place(view, HEADER_TO));
	judge_crowd(view, set);
}

const struct check check_recipients = {
	.name = "recipients",
	.purpose = "Whom does it say it is for: nobody, its own sender, a slice of an address list?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.examine = examine,
};
