/* report/trace.c - see trace.h
 *
 * Absent strings are null in the JSON. Delay is the time since the next older line that states one. */
#include "report/trace.h"
#include "base/visible.h"
#include "report/json.h"
#include "report/words.h"

enum { NAME_SHOWN = 100 };

static void json_from(struct json_out *j, const struct received *r)
{
	json_object(j, "from");
	json_text_or_null(j, "helo", r->helo.n ? r->helo : span_none);
	json_text_or_null(j, "rdns", r->rdns.n ? r->rdns : span_none);
	report_json_ip(j, "ip", r->has_ip ? &r->ip : NULL);
	json_close(j);
}

static void json_seconds(struct json_out *j, const char *key, bool known, int64_t value)
{
	if (known)
		json_int(j, key, value);
	else
		json_null(j, key);
}

static void json_hop(struct json_out *j, const struct hop *hop)
{
	const struct received *r = &hop->received;
	json_object(j, NULL);
	json_int(j, "n", hop->n);
	json_cstr(j, "source", hop_source_name(hop->source));
	json_cstr(j, "verdict", hop_verdict_name(hop->verdict));
	json_array(j, "why");
	for (uint32_t i = 0; i < hop->reasons.n; i++)
		json_cstr(j, NULL, hop_reason_id(hop->reasons.v[i]));
	json_close(j);
	json_bool(j, "trusted", hop->trusted);
	json_bool(j, "internal", hop->internal);
	json_bool(j, "msa", hop->msa);
	json_text_or_null(j, "auth", r->auth);
	json_text_or_null(j, "ident", r->ident);
	json_text_or_null(j, "envfrom", r->envelope_from);
	json_from(j, r);
	json_text_or_null(j, "by", r->by);
	json_text_or_null(j, "with", r->with);
	json_text_or_null(j, "id", r->id);
	json_seconds(j, "time", r->has_time, r->time.seconds);
	json_seconds(j, "delay_s", hop->delay != CLOCK_NONE, hop->delay);
	json_close(j);
}

static void json_clue(struct json_out *j, const struct judgement *judgement, const struct clue *clue)
{
	json_object(j, NULL);
	json_cstr(j, "from", clue->from);
	json_cstr(j, "kind", clue->kind == CLUE_TIME ? "time" : "address");
	if (clue->kind == CLUE_TIME)
		json_int(j, "time", clue->time);
	else
		report_json_ip(j, "ip", &clue->ip);
	json_text(j, "text", clue->text);
	json_array(j, "at");
	report_json_place(j, judgement->message, &clue->at);
	json_close(j);
	json_close(j);
}

void report_trace_json(const struct judgement *judgement, struct buf *out)
{
	const struct path *path = judgement->path;
	struct json_out j;
	json_init(&j, out);
	json_object(&j, NULL);
	json_text(&j, "file", judgement->file);
	if (judgement->n)
		json_int(&j, "n", judgement->n);
	report_json_origin(&j, "origin", judgement);
	json_array(&j, "hops");
	for (uint32_t i = 0; i < path->hops.n; i++)
		json_hop(&j, &path->hops.v[i]);
	json_close(&j);
	json_array(&j, "clues");
	for (uint32_t i = 0; i < path->clues.n; i++)
		json_clue(&j, judgement, &path->clues.v[i]);
	json_close(&j);
	json_close(&j);
}

/* Blanks up to column, counted from the start of what buf held at from. */
static void pad(struct buf *out, size_t from, unsigned column)
{
	do
		buf_byte(out, ' ');
	while (out->n - from < column);
}

static void wrapped(const struct style *style, struct buf *out, unsigned indent, struct span text)
{
	for (unsigned i = 0; i < indent; i++)
		buf_byte(out, ' ');
	style_wrap(style, out, indent, text);
	buf_byte(out, '\n');
}

static void put_row(const struct judgement *judgement, struct cite *cite, const struct hop *hop, const struct style *style, struct buf *out)
{
	static const enum style_kind kinds[] = { [HOP_TRUE] = STYLE_GOOD, [HOP_UNPROVEN] = STYLE_WARN, [HOP_FALSE] = STYLE_BAD };
	const struct received *r = &hop->received;
	struct buf row;
	buf_init(&row, judgement->message->arena, 4096);
	buf_printf(&row, "%3u", hop->n);
	if (hop->header)
		buf_printf(&row, "  %4u", cite_line(cite, words_hop_place(judgement, hop).from));
	pad(&row, 0, 11);
	size_t verdict = row.n;
	buf_cstr(&row, hop_verdict_name(hop->verdict));
	size_t verdict_end = row.n;
	pad(&row, 0, 21);
	if (r->has_time)
		words_time(&row, r->time.seconds);
	if (hop->delay != CLOCK_NONE) {
		pad(&row, 0, 46);
		words_delay(&row, hop->delay);
	}
	buf_put(out, span_first(buf_span(&row), verdict));
	style_put(style, out, kinds[hop->verdict], span_slice(buf_span(&row), verdict, verdict_end));
	buf_put(out, span_trim(span_skip(buf_span(&row), verdict_end)).n ? span_skip(buf_span(&row), verdict_end) : span_none);
	buf_byte(out, '\n');
}

static void put_hands(const struct judgement *judgement, const struct hop *hop, const struct style *style, struct buf *out)
{
	const struct received *r = &hop->received;
	struct buf text;
	buf_init(&text, judgement->message->arena, 4096);
	buf_cstr(&text, "from ");
	words_client(&text, hop);
	wrapped(style, out, 11, buf_span(&text));
	buf_init(&text, judgement->message->arena, 4096);
	if (r->by.n) {
		buf_cstr(&text, "to ");
		visible_put(&text, r->by, NAME_SHOWN);
	}
	if (r->with.n) {
		buf_cstr(&text, text.n ? " with " : "with ");
		visible_put(&text, r->with, NAME_SHOWN);
	}
	if (r->auth.n)
		buf_cstr(&text, ", after the sender had proved who he is");
	if (text.n)
		wrapped(style, out, 11, buf_span(&text));
	for (uint32_t i = 0; i < hop->reasons.n; i++) {
		buf_cstr(out, "           ");
		struct buf reason;
		buf_init(&reason, judgement->message->arena, 1024);
		style_put(style, &reason, STYLE_DIM, span_cstr(hop_reason_says(hop->reasons.v[i])));
		style_wrap(style, out, 11, buf_span(&reason));
		buf_byte(out, '\n');
	}
}

static void put_clues(const struct judgement *judgement, struct cite *cite, const struct style *style, struct buf *out)
{
	const struct path *path = judgement->path;
	if (path->clues.n == 0)
		return;
	buf_byte(out, '\n');
	style_put(style, out, STYLE_BOLD, SPAN("Clues hidden in the message"));
	buf_byte(out, '\n');
	for (uint32_t i = 0; i < path->clues.n; i++) {
		const struct clue *clue = &path->clues.v[i];
		struct buf text;
		char ip[IP_TEXT_MAX];
		buf_init(&text, judgement->message->arena, 4096);
		buf_printf(&text, "%s: \"", clue->from);
		visible_put(&text, clue->text, NAME_SHOWN);
		buf_cstr(&text, clue->kind == CLUE_TIME ? "\" is the time " : "\" is the address ");
		if (clue->kind == CLUE_TIME)
			words_time(&text, clue->time);
		else
			buf_put(&text, span_of(ip, ip_format(&clue->ip, ip)));
		cite_put(cite, &text, &clue->at, 1);
		buf_cstr(out, "  ");
		style_wrap(style, out, 4, buf_span(&text));
		buf_byte(out, '\n');
	}
}

void report_trace(const struct judgement *judgement, const struct style *style, struct buf *out)
{
	const struct path *path = judgement->path;
	struct cite cite = { .message = judgement->message, .content = judgement->content, .arena = judgement->message->arena };
	struct buf text;
	style_put(style, out, STYLE_BOLD, style_safe(judgement->file, judgement->message->arena));
	if (judgement->n)
		buf_printf(out, ", message %u", judgement->n);
	buf_byte(out, '\n');
	buf_init(&text, judgement->message->arena, 4096);
	words_origin(judgement, &cite, &text);
	style_wrap(style, out, 0, buf_span(&text));
	buf_byte(out, '\n');
	if (path->hops.n) {
		buf_byte(out, '\n');
		style_put(style, out, STYLE_BOLD, SPAN("Hop  Line  Verdict   Time                     Delay"));
		buf_byte(out, '\n');
	}
	for (uint32_t i = 0; i < path->hops.n; i++) {
		put_row(judgement, &cite, &path->hops.v[i], style, out);
		put_hands(judgement, &path->hops.v[i], style, out);
	}
	put_clues(judgement, &cite, style, out);
}
