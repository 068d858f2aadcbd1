/* action/plan.c - see plan.h */
#include "action/plan.h"
#include "action/plan_headers.h"
#include "action/plan_names.h"
#include "base/ascii.h"
#include "base/visible.h"
#include "message/content.h"

#include <stdlib.h>

enum { REASONS = 3, REASON_BYTES = 200, REPLY_REASON_BYTES = 140, REPLY_BYTES = 480 /* RFC 5321 4.5.3.1.5: 512 with the codes */ };

/* Those whom a person must reach who was refused: nobody's judgement may keep his letter from them (RFC 2142 5, RFC 5321 4.5.1). */
static bool is_contact(struct span recipient, const struct plan_source *s)
{
	const struct settings_names *local = &s->settings->local_domains;
	struct span address = span_trim(recipient);
	if (span_starts(address, SPAN("<")) && span_ends(address, SPAN(">")))
		address = span_slice(address, 1, address.n - 1);
	size_t at = span_rfind_byte(address, '@');
	struct span name = span_first(address, at == SPAN_NPOS ? address.n : at);
	if (span_starts(name, SPAN("\"")) && span_ends(name, SPAN("\"")) && name.n > 1)
		name = span_slice(name, 1, name.n - 1);
	if (at == SPAN_NPOS)
		return span_ieq(name, SPAN("postmaster"));
	if (!span_ieq(name, SPAN("postmaster")) && !span_ieq(name, SPAN("abuse")))
		return false;
	return local->n ? settings_names_have(local, span_skip(address, at + 1)) : !s->path->outgoing;
}

static size_t count_contacts(const struct plan_source *s)
{
	size_t n = 0;
	for (size_t i = 0; i < s->connection->n_recipients; i++)
		n += is_contact(s->connection->recipients[i], s);
	return n;
}

/* What the verdict alone asks for. */
static enum disposition disposition_of(enum verdict_action verdict, const struct plan_source *s)
{
	static const enum disposition quarantine[] = { [QUARANTINE_IN_STORE] = DISPOSITION_STORE,
						       [QUARANTINE_IN_HOLD] = DISPOSITION_HOLD,
						       [QUARANTINE_IN_MARK] = DISPOSITION_DELIVER };
	static const enum disposition others[] = { [VERDICT_ACCEPT] = DISPOSITION_DELIVER,
						   [VERDICT_MARK] = DISPOSITION_DELIVER,
						   [VERDICT_REJECT] = DISPOSITION_REJECT,
						   [VERDICT_DEFER] = DISPOSITION_DEFER };
	if (verdict != VERDICT_QUARANTINE)
		return others[verdict];
	enum disposition wanted = quarantine[s->settings->quarantine_in];
	return s->advises && wanted == DISPOSITION_STORE ? DISPOSITION_HOLD : wanted;
}

/* Delivers it to those who must get it; the others are left out, and it is kept for them, where one can tell recipients apart. A message
 * that was to be put off would be delivered, were its look-ups not waited for: so it is. */
static void spare_contacts(const struct plan_source *s, struct arena *arena, struct outcome *o)
{
	size_t contacts = count_contacts(s);
	if (o->disposition == DISPOSITION_DELIVER || !contacts)
		return;
	for (size_t i = 0; i < s->connection->n_recipients && o->disposition != DISPOSITION_DEFER && !s->advises; i++)
		if (!is_contact(s->connection->recipients[i], s))
			*(struct span *)vec_push(arena, &o->withhold) = s->connection->recipients[i];
	o->disposition = o->would = DISPOSITION_DELIVER;
}

/* The strongest that speak for the verdict, from the strongest on; how many were found. */
static unsigned strongest(const struct plan_source *s, bool against, const struct evidence *ret[REASONS])
{
	unsigned n = 0;
	for (uint32_t i = 0; i < s->evidence->list.n; i++) {
		const struct evidence *e = &s->evidence->list.v[i];
		int64_t weight = against ? e->weight : -(int64_t)e->weight;
		if (weight <= 0)
			continue;
		unsigned at = n < REASONS ? n++ : REASONS;
		for (; at > 0 && (against ? ret[at - 1]->weight : -(int64_t)ret[at - 1]->weight) < weight; at--)
			if (at < REASONS)
				ret[at] = ret[at - 1];
		if (at < REASONS)
			ret[at] = e;
	}
	return n;
}

static void put_score(struct buf *out, int32_t milli)
{
	buf_printf(out, "%s%d.%02d", milli < 0 ? "-" : "", abs(milli) / 1000, abs(milli) % 1000 / 10);
}

static void put_verdict(struct buf *out, const struct verdict *v)
{
	const int32_t from[] = { [VERDICT_MARK] = v->thresholds.mark,
				 [VERDICT_QUARANTINE] = v->thresholds.quarantine,
				 [VERDICT_REJECT] = v->thresholds.reject };
	buf_printf(out, "%s, score ", verdict_action_name(v->action));
	put_score(out, v->score);
	if (v->action == VERDICT_ACCEPT || v->action == VERDICT_DEFER)
		return;
	buf_printf(out, " (%s from ", verdict_action_name(v->action));
	put_score(out, from[v->action]);
	buf_byte(out, ')');
}

/* "quarantine, score 5.12 (quarantine from 4.00): The sender ...; The link ..." */
static struct span why_of(const struct plan_source *s, const struct outcome *o, struct arena *arena)
{
	const struct evidence *reasons[REASONS];
	struct buf out;
	buf_init(&out, arena, LIMIT_HEADER_VALUE);
	if (!s->settings->enforce && o->verdict != VERDICT_ACCEPT)
		buf_cstr(&out, "not enforced, would be ");
	put_verdict(&out, s->verdict);
	if (s->settings->enforce && o->disposition == DISPOSITION_DELIVER && disposition_of(o->verdict, s) != DISPOSITION_DELIVER)
		buf_cstr(&out, ", delivered because it is to postmaster or abuse");
	unsigned n = strongest(s, o->verdict != VERDICT_ACCEPT, reasons);
	for (unsigned i = 0; i < n; i++) {
		buf_cstr(&out, i ? "; " : ": ");
		visible_put(&out, reasons[i]->says, REASON_BYTES);
	}
	if (s->evidence->unchecked.n)
		buf_printf(&out, "%s could not be checked: %u", n ? ";" : ",", s->evidence->unchecked.n);
	return buf_span(&out);
}

/* Printable ASCII, for a line of SMTP. */
static void put_ascii(struct buf *out, struct span text, size_t most)
{
	text = span_first(text, most);
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] < 0x80 || text.p[i] >= 0xc0) /* one mark for each character beyond ASCII */
			buf_byte(out, ascii_is_print(text.p[i]) ? text.p[i] : '?');
}

static struct span finish_reply(struct buf *out) { return span_first(buf_span(out), REPLY_BYTES); }

static struct span rejection(const struct plan_source *s, const struct outcome *o, struct arena *arena)
{
	const struct evidence *reasons[REASONS];
	struct buf out;
	buf_init(&out, arena, 4096);
	buf_cstr(&out,
		 o->outgoing ? "Your message was not sent, because it looks like spam" : "Message refused, because it looks like spam");
	unsigned n = strongest(s, true, reasons), told = 0;
	while (told < n && reasons[told]->def->group == GROUP_TRAP) /* a client is not taught which recipients are traps */
		told++;
	if (told < n) {
		buf_cstr(&out, ": ");
		put_ascii(&out, reasons[told]->says, REPLY_REASON_BYTES);
	}
	buf_cstr(&out, ". If that is wrong, write to postmaster@");
	put_ascii(&out, s->hostname, 253);
	if (o->id.n) {
		buf_cstr(&out, " and quote ");
		put_ascii(&out, o->id, 64);
	}
	return finish_reply(&out);
}

static struct span deferral(const struct plan_source *s, struct span why, struct arena *arena)
{
	struct buf out;
	buf_init(&out, arena, 4096);
	buf_cstr(&out, "This message cannot be checked at the moment");
	if (why.n) {
		buf_cstr(&out, ": ");
		put_ascii(&out, why, REPLY_REASON_BYTES);
	}
	buf_cstr(&out, ". Please try again later; postmaster@");
	put_ascii(&out, s->hostname, 253);
	buf_cstr(&out, " helps if that does not");
	return finish_reply(&out);
}

static void reply(const struct plan_source *s, struct arena *arena, struct outcome *o)
{
	if (o->disposition == DISPOSITION_REJECT) {
		o->reply_code = 550;
		o->reply_status = SPAN("5.7.1"); /* RFC 3463: delivery not authorized, message refused */
		o->reply_text = rejection(s, o, arena);
	} else if (o->disposition == DISPOSITION_DEFER) {
		struct span why = span_none;
		for (uint32_t i = 0; s->evidence && i < s->evidence->unchecked.n && !why.n; i++)
			if (s->evidence->unchecked.v[i].temporary)
				why = s->evidence->unchecked.v[i].why;
		o->reply_code = 451;
		o->reply_status = o->unjudged ? SPAN("4.3.0") : SPAN("4.7.1");
		o->reply_text = deferral(s, why, arena);
	}
}

static void describe(const struct plan_source *s, struct arena *arena, struct outcome *o)
{
	char ip[IP_TEXT_MAX];
	for (uint32_t i = 0; i < s->evidence->list.n; i++) {
		const struct evidence *e = &s->evidence->list.v[i];
		*(struct outcome_symbol *)vec_push(arena, &o->symbols) =
		    (struct outcome_symbol){ span_cstr(e->def->id), span_cstr(evidence_group_name(e->def->group)), e->says, e->weight };
	}
	for (uint32_t i = 0; i < s->evidence->unchecked.n; i++)
		*(struct span *)vec_push(arena, &o->unchecked) = s->evidence->unchecked.v[i].why;
	if (s->path->origin.has_ip)
		o->origin = arena_dup(arena, span_of(ip, ip_format(&s->path->origin.ip, ip)));
	if (s->names)
		plan_names(&s->content->links, arena, o);
	o->message_id = visible_text(s->content->message_id, REASON_BYTES, arena);
}

void plan_outcome(const struct plan_source *s, struct arena *arena, struct outcome *ret)
{
	struct outcome o = {
		.id = s->id,
		.verdict = s->verdict->action,
		.score = s->verdict->score,
		.thresholds = s->verdict->thresholds,
		.microseconds = s->microseconds,
		.waited = s->waited,
		.outgoing = s->path->outgoing,
	};
	o.disposition = o.would = disposition_of(o.verdict, s);
	o.spam = s->settings->enforce && o.verdict >= VERDICT_MARK && o.verdict <= VERDICT_REJECT;
	if (s->settings->enforce)
		spare_contacts(s, arena, &o);
	else
		o.disposition = DISPOSITION_DELIVER;
	describe(s, arena, &o);
	o.why = why_of(s, &o, arena);
	reply(s, arena, &o);
	plan_headers(s, arena, &o);
	*ret = o;
}

void plan_unjudged(const struct plan_source *s, enum outcome_unjudged why, struct arena *arena, struct outcome *ret)
{
	static const char *const says[UNJUDGEDS] = {
		[UNJUDGED_TOO_LARGE] = "it is larger than message_bytes allows",
		[UNJUDGED_CRASHED] = "judging it failed; it is set aside for inspection",
		[UNJUDGED_TOO_LATE] = "judging it took longer than message_deadline allows",
		[UNJUDGED_TOO_BUSY] = "there was too much to do",
	};
	bool deliver = why == UNJUDGED_TOO_LARGE || s->settings->on_failure == ON_FAILURE_ACCEPT || !s->settings->enforce;
	struct outcome o = {
		.id = s->id,
		.unjudged = why,
		.disposition = deliver ? DISPOSITION_DELIVER : DISPOSITION_DEFER,
		.why = arena_printf(arena, "not judged: %s", says[why]),
		.outgoing = s->connection->auth_user.n > 0,
		.microseconds = s->microseconds,
		.waited = s->waited,
		.thresholds = { s->settings->prior, s->settings->mark, s->settings->quarantine, s->settings->reject,
				s->settings->defer_unchecked },
	};
	o.would = o.disposition;
	reply(s, arena, &o);
	if (!o.outgoing)
		plan_headers_unjudged(arena, &o);
	*ret = o;
}
