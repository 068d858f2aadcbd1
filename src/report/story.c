/* report/story.c - see story.h; the sentences are made in story_build.c, here they get their looks. */
#include "report/story.h"
#include "report/case.h"
#include "report/cite.h"
#include "report/json.h"
#include "report/story_build.h"

enum { SENTENCE_SHOWN = 16384 };

static enum style_kind verdict_style(enum verdict_action action)
{
	return action == VERDICT_ACCEPT ? STYLE_GOOD : action == VERDICT_MARK ? STYLE_WARN : STYLE_BAD;
}

/* The sentence with its places behind it, dimmed. cite: NULL where the message is gone. */
static struct span with_places(struct arena *arena, struct cite *cite, const struct style *style, const struct story_sentence *s)
{
	struct buf text, places;
	buf_init(&text, arena, SENTENCE_SHOWN);
	buf_init(&places, arena, SENTENCE_SHOWN);
	if (cite)
		cite_put(cite, &places, s->at, s->n_at);
	else
		buf_put(&places, style_safe(s->cited, arena));
	struct span says = cite ? s->says : style_safe(s->says, arena);
	bool stop = says.n && strchr(".:", says.p[says.n - 1]) && places.n;
	buf_put(&text, stop ? span_first(says, says.n - 1) : says);
	style_put(style, &text, STYLE_DIM, buf_span(&places));
	if (stop)
		buf_byte(&text, says.p[says.n - 1]);
	return buf_span(&text);
}

static void heading(const struct style *style, struct buf *out, const char *words)
{
	buf_byte(out, '\n');
	style_put(style, out, STYLE_BOLD, span_cstr(words));
	buf_byte(out, '\n');
}

static void put_title(const struct judgement *judgement, const struct style *style, struct buf *out)
{
	style_put(style, out, STYLE_BOLD, style_safe(judgement->file, judgement->message->arena));
	if (judgement->n)
		buf_printf(out, ", message %u", judgement->n);
	buf_byte(out, '\n');
}

static void put_score_at_door(const struct verdict *v, const struct style *style, struct buf *out)
{
	struct buf text;
	buf_init(&text, out->arena, 512);
	buf_printf(&text, "(Score %.1f; asked to come again from %.1f, refused from %.1f.)", v->score / 1000.0, v->thresholds.mark / 1000.0,
		   v->thresholds.reject / 1000.0);
	buf_byte(out, '\n');
	style_wrap(style, out, 0, buf_span(&text));
	buf_byte(out, '\n');
}

static void put_score(const struct verdict *v, const char *more, const struct style *style, struct buf *out)
{
	struct buf text;
	buf_init(&text, out->arena, 512);
	buf_printf(&text, "(Score %.1f; marked from %.1f, quarantined from %.1f, refused from %.1f.%s)", v->score / 1000.0,
		   v->thresholds.mark / 1000.0, v->thresholds.quarantine / 1000.0, v->thresholds.reject / 1000.0, more);
	buf_byte(out, '\n');
	style_wrap(style, out, 0, buf_span(&text));
	buf_byte(out, '\n');
}

static void put_sentences(const struct story *story, enum verdict_action action, struct cite *cite, const struct style *style,
			  struct buf *out)
{
	style_put(style, out, verdict_style(action), story->sentences.v[0].says);
	buf_cstr(out, "\n\n");
	enum story_section section = STORY_SENDER;
	const char *theme = NULL;
	for (uint32_t i = 1; i < story->sentences.n; i++) {
		const struct story_sentence *s = &story->sentences.v[i];
		if (s->section != section) {
			heading(style, out, story_section_title(action, s->section));
			section = s->section;
			theme = NULL;
		}
		if (s->theme && (!theme || strcmp(s->theme, theme) != 0)) {
			buf_printf(out, "  %s\n", s->theme);
			theme = s->theme;
		}
		unsigned indent = s->beneath ? 10 : s->theme ? 6 : s->listed ? 4 : 0;
		buf_cstr(out, s->beneath ? "        - " : s->theme ? "    - " : s->listed ? "  - " : "");
		style_wrap(style, out, indent, with_places(story->arena, cite, style, s));
		buf_byte(out, '\n');
	}
}

void report_story(const struct judgement *judgement, const struct style *style, struct buf *out)
{
	struct cite cite = { .message = judgement->message, .content = judgement->content, .arena = judgement->message->arena };
	struct story story;
	story_build(judgement, &cite, &story);
	put_title(judgement, style, out);
	put_sentences(&story, judgement->verdict.action, &cite, style, out);
	put_score(&judgement->verdict, " `postern trace` shows its whole way.", style, out);
}

void report_story_of_case(const struct casefile *c, const struct style *style, struct buf *out)
{
	struct story story;
	story_build_case(c, c->evidence.arena, &story);
	put_sentences(&story, c->verdict.action, NULL, style, out);
	if (story.at_door)
		put_score_at_door(&c->verdict, style, out);
	else
		put_score(&c->verdict, "", style, out);
}

/* message: NULL where it is gone, then the case knows the numbers of its parts. */
static void json_sentences(struct json_out *j, const struct message *message, const struct casefile *c, const struct story *story)
{
	json_array(j, "story");
	for (uint32_t i = 0; i < story->sentences.n; i++) {
		const struct story_sentence *s = &story->sentences.v[i];
		json_object(j, NULL);
		json_cstr(j, "section", story_section_name(s->section));
		if (s->theme)
			json_cstr(j, "theme", s->theme);
		if (s->beneath)
			json_bool(j, "beneath", true);
		json_text(j, "says", s->says);
		json_array(j, "at");
		for (uint32_t k = 0; k < s->n_at; k++) {
			if (message)
				report_json_place(j, message, &s->at[k]);
			else
				report_case_place(j, c, &s->at[k]);
		}
		json_close(j);
		json_close(j);
	}
	json_close(j);
}

static void json_counterfactual(struct json_out *j, const struct counterfactual *c)
{
	json_object(j, "counterfactual");
	json_int(j, "size", c->size);
	json_int(j, "total", c->total);
	json_array(j, "sets");
	for (uint32_t i = 0; i < c->n_sets; i++) {
		json_object(j, NULL);
		json_array(j, "evidence");
		for (uint32_t k = 0; k < c->size; k++)
			json_int(j, NULL, c->set[i][k]);
		json_close(j);
		json_cstr(j, "becomes", verdict_action_name(c->becomes[i]));
		json_close(j);
	}
	json_close(j);
	json_close(j);
}

void report_story_json(const struct judgement *judgement, struct buf *out)
{
	struct cite cite = { .message = judgement->message, .content = judgement->content, .arena = judgement->message->arena };
	struct json_out j;
	struct story story;
	story_build(judgement, &cite, &story);
	json_init(&j, out);
	json_object(&j, NULL);
	report_json_members(&j, judgement);
	json_sentences(&j, judgement->message, NULL, &story);
	json_counterfactual(&j, &story.counterfactual);
	json_close(&j);
}

void report_story_of_case_members(struct json_out *j, const struct casefile *c)
{
	struct story story;
	story_build_case(c, c->evidence.arena, &story);
	json_sentences(j, NULL, c, &story);
	json_counterfactual(j, &story.counterfactual);
}
