/* session/http_answer.c - see http_answer.h */
#include "session/http_answer.h"
#include "base/json_out.h"
#include "base/limits.h"
#include "session/client_text.h"

/* A value as people and clients write it: without the space behind the colon, folds as LF. */
static struct span plain_value(struct arena *arena, struct span value)
{
	struct buf out;
	if (span_at(value, 0) == ' ')
		value = span_skip(value, 1);
	if (span_find_byte(value, '\r', 0) == SPAN_NPOS)
		return value;
	buf_init(&out, arena, value.n);
	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] != '\r' || span_at(value, i + 1) != '\n')
			buf_byte(&out, value.p[i]);
	return buf_span(&out);
}

/* The edits of one kind whose name is said here for the first time, and all of that name; an object cannot have a member twice. */
static bool is_first(const struct outcome *o, uint32_t at)
{
	const struct header_edit *edit = &o->edits.v[at];
	for (uint32_t i = 0; i < at; i++)
		if (o->edits.v[i].kind == edit->kind && span_ieq(o->edits.v[i].name, edit->name))
			return false;
	return true;
}

static uint32_t how_many(const struct outcome *o, const struct header_edit *edit)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < o->edits.n; i++)
		n += o->edits.v[i].kind == edit->kind && span_ieq(o->edits.v[i].name, edit->name);
	return n;
}

/* A member's name. Ours are short. */
struct name {
	char text[64];
};

static struct name name_of(struct span s)
{
	struct name name = { 0 };
	s = span_first(s, sizeof name.text - 1);
	if (s.n)
		memcpy(name.text, s.p, s.n);
	return name;
}

static void put_added(struct json_out *j, const struct outcome *o, uint32_t at)
{
	const struct header_edit *edit = &o->edits.v[at];
	struct name name = name_of(edit->name);
	bool several = how_many(o, edit) > 1;
	if (several)
		json_array(j, name.text);
	for (uint32_t i = at; i < o->edits.n; i++) {
		const struct header_edit *same = &o->edits.v[i];
		if (same->kind != edit->kind || !span_ieq(same->name, edit->name))
			continue;
		json_object(j, several ? NULL : name.text);
		json_text(j, "value", plain_value(j->buf->arena, same->value));
		json_int(j, "order", 0);
		json_close(j);
	}
	if (several)
		json_close(j);
}

static void put_milter(struct json_out *j, const struct outcome *o)
{
	/* Beyond some dozens of edits this is no work of ours, and would cost their square. */
	uint32_t n = o->edits.n < LIMIT_CLIENT_EDITS ? o->edits.n : LIMIT_CLIENT_EDITS;
	json_object(j, "milter");
	json_object(j, "add_headers");
	for (uint32_t i = 0; i < n; i++)
		if (o->edits.v[i].kind == HEADER_INSERT && is_first(o, i))
			put_added(j, o, i);
	json_close(j);
	json_object(j, "remove_headers");
	for (uint32_t i = 0; i < n; i++)
		if (o->edits.v[i].kind == HEADER_DELETE && is_first(o, i)) {
			struct name name = name_of(o->edits.v[i].name);
			json_int(j, name.text, how_many(o, &o->edits.v[i]) > 1 ? 0 : o->edits.v[i].n); /* 0: all */
		}
	json_close(j);
	json_close(j);
	for (uint32_t i = 0; i < n; i++)
		if (o->edits.v[i].kind == HEADER_CHANGE && span_ieq(o->edits.v[i].name, SPAN("Subject"))) {
			json_text(j, "subject", plain_value(j->buf->arena, o->edits.v[i].value));
			break;
		}
}

static void put_symbols(struct json_out *j, const struct outcome *o)
{
	uint32_t n = o->symbols.n < LIMIT_EVIDENCE ? o->symbols.n : LIMIT_EVIDENCE;
	for (uint32_t i = 0; i < n; i++) {
		const struct outcome_symbol *symbol = &o->symbols.v[i];
		bool again = false;
		/* One id may speak several times: the first carries all, as an object has each member once. */
		for (uint32_t k = 0; k < i && !again; k++)
			again = span_eq(o->symbols.v[k].id, symbol->id);
		if (again)
			continue;
		int64_t weight = 0;
		for (uint32_t k = i; k < n; k++)
			if (span_eq(o->symbols.v[k].id, symbol->id))
				weight += o->symbols.v[k].weight;
		int32_t score = client_text_symbol_score(o, (int32_t)weight);
		json_object(j, name_of(symbol->id).text);
		json_text(j, "name", symbol->id);
		json_milli(j, "score", score * 10);
		json_milli(j, "metric_score", score * 10);
		json_text(j, "description", symbol->says);
		json_array(j, "options");
		for (uint32_t k = i; k < n; k++)
			if (span_eq(o->symbols.v[k].id, symbol->id))
				json_text(j, NULL, o->symbols.v[k].says);
		json_close(j);
		json_close(j);
	}
}

static void put_texts(struct json_out *j, const char *name, const struct span *texts, uint32_t n)
{
	json_array(j, name);
	for (uint32_t i = 0; i < n; i++)
		json_text(j, NULL, texts[i]);
	json_close(j);
}

/* What is said of the message as a whole. */
static void put_metric(struct json_out *j, const struct outcome *o)
{
	json_bool(j, "is_spam", o->spam);
	json_bool(j, "is_skipped", o->unjudged != UNJUDGED_NOT);
	json_milli(j, "score", (int64_t)outcome_client_score(o) * 100);
	json_milli(j, "required_score", CLIENT_REJECT * 100);
	json_cstr(j, "action", outcome_client_action(o));
}

void http_answer_rspamd(struct buf *out, const struct outcome *o, bool legacy)
{
	struct json_out j;
	json_init(&j, out);
	json_object(&j, NULL);
	if (legacy)
		json_object(&j, "default");
	put_metric(&j, o);
	if (!legacy) {
		json_object(&j, "thresholds");
		json_milli(&j, "reject", CLIENT_REJECT * 100);
		json_milli(&j, "add header", CLIENT_MARK * 100);
		json_close(&j);
		json_object(&j, "symbols");
	}
	put_symbols(&j, o);
	json_close(&j);
	json_object(&j, "messages");
	if (o->reply_text.n)
		json_text(&j, "smtp_message", o->reply_text);
	json_close(&j);
	put_texts(&j, "urls", o->hosts.v, o->hosts.n);
	put_texts(&j, "emails", o->addresses.v, o->addresses.n);
	json_text(&j, "message-id", o->message_id);
	json_double(&j, "time_real", (double)o->microseconds / 1e6, 6);
	put_milter(&j, o);
	json_close(&j);
	buf_byte(out, '\n');
}

static void put_edits(struct json_out *j, const struct outcome *o)
{
	static const char *const kinds[] = { [HEADER_INSERT] = "insert", [HEADER_CHANGE] = "change", [HEADER_DELETE] = "delete" };
	json_array(j, "headers");
	for (uint32_t i = 0; i < o->edits.n; i++) {
		const struct header_edit *edit = &o->edits.v[i];
		json_object(j, NULL);
		json_cstr(j, "do", kinds[edit->kind]);
		json_text(j, "name", edit->name);
		if (edit->kind != HEADER_INSERT)
			json_int(j, "n", edit->n);
		if (edit->kind != HEADER_DELETE)
			json_text(j, "value", plain_value(j->buf->arena, edit->value));
		json_close(j);
	}
	json_close(j);
}

static void put_evidence(struct json_out *j, const struct outcome *o)
{
	json_array(j, "evidence");
	for (uint32_t i = 0; i < o->symbols.n; i++) {
		const struct outcome_symbol *symbol = &o->symbols.v[i];
		json_object(j, NULL);
		json_text(j, "id", symbol->id);
		json_text(j, "group", symbol->group);
		json_milli(j, "weight", symbol->weight);
		json_text(j, "says", symbol->says);
		json_close(j);
	}
	json_close(j);
	put_texts(j, "unchecked", o->unchecked.v, o->unchecked.n);
}

void http_answer_scan(struct buf *out, const struct outcome *o)
{
	struct json_out j;
	json_init(&j, out);
	json_object(&j, NULL);
	json_text_or_null(&j, "id", o->id);
	json_cstr(&j, "verdict", o->unjudged ? "unjudged" : verdict_action_name(o->verdict));
	json_milli(&j, "score", o->score);
	json_cstr(&j, "disposition", disposition_name(o->disposition));
	json_text(&j, "why", o->why);
	if (o->reply_code) {
		json_object(&j, "reply");
		json_int(&j, "code", o->reply_code);
		json_text(&j, "status", o->reply_status);
		json_text(&j, "text", o->reply_text);
		json_close(&j);
	}
	json_object(&j, "thresholds");
	json_milli(&j, "mark", o->thresholds.mark);
	json_milli(&j, "quarantine", o->thresholds.quarantine);
	json_milli(&j, "reject", o->thresholds.reject);
	json_close(&j);
	put_evidence(&j, o);
	json_text_or_null(&j, "origin", o->origin.n ? o->origin : span_none);
	json_text(&j, "message_id", o->message_id);
	put_edits(&j, o);
	json_int(&j, "microseconds", (int64_t)o->microseconds);
	json_close(&j);
	buf_byte(out, '\n');
}

void http_answer_error(struct buf *out, struct span why)
{
	struct json_out j;
	json_init(&j, out);
	json_object(&j, NULL);
	json_text(&j, "error", why);
	json_close(&j);
	buf_byte(out, '\n');
}
