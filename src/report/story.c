/* report/story.c - see story.h; the sentences are made in story_build.c, here they get their looks. */
#include "report/story.h"
#include "report/cite.h"
#include "report/json.h"
#include "report/story_build.h"

enum { SENTENCE_SHOWN = 16384 };

static enum style_kind verdict_style(enum verdict_action action)
{
	return action == VERDICT_ACCEPT ? STYLE_GOOD : action == VERDICT_MARK ? STYLE_WARN : STYLE_BAD;
}

/* The sentence with its places behind it, dimmed. */
static struct span with_places(const struct judgement *judgement, struct cite *cite, const struct style *style,
			       const struct story_sentence *s)
{
	struct buf text, places;
	buf_init(&text, judgement->message->arena, SENTENCE_SHOWN);
	buf_init(&places, judgement->message->arena, SENTENCE_SHOWN);
	cite_put(cite, &places, s->at, s->n_at);
	bool stop = s->says.n && strchr(".:", s->says.p[s->says.n - 1]) && places.n;
	buf_put(&text, stop ? span_first(s->says, s->says.n - 1) : s->says);
	style_put(style, &text, STYLE_DIM, buf_span(&places));
	if (stop)
		buf_byte(&text, s->says.p[s->says.n - 1]);
	return buf_span(&text);
}

static void heading(const struct style *style, struct buf *out, const char *words)
{
	buf_byte(out, '\n');
	style_put(style, out, STYLE_BOLD, span_cstr(words));
	buf_byte(out, '\n');
}

static void put_title(const struct judgement *judgement, const struct style *style, struct buf *out, struct span verdict)
{
	style_put(style, out, STYLE_BOLD, style_safe(judgement->file, judgement->message->arena));
	if (judgement->n)
		buf_printf(out, ", message %u", judgement->n);
	buf_byte(out, '\n');
	style_put(style, out, verdict_style(judgement->verdict.action), verdict);
	buf_cstr(out, "\n\n");
}

static void put_score(const struct judgement *judgement, const struct style *style, struct buf *out)
{
	const struct verdict *v = &judgement->verdict;
	struct buf text;
	buf_init(&text, judgement->message->arena, 512);
	buf_printf(&text, "(Score %.1f; marked from %.1f, quarantined from %.1f, refused from %.1f. `postern trace` shows its whole way.)",
		   v->score / 1000.0, v->thresholds.mark / 1000.0, v->thresholds.quarantine / 1000.0, v->thresholds.reject / 1000.0);
	buf_byte(out, '\n');
	style_wrap(style, out, 0, buf_span(&text));
	buf_byte(out, '\n');
}

void report_story(const struct judgement *judgement, const struct style *style, struct buf *out)
{
	struct cite cite = { .message = judgement->message, .content = judgement->content, .arena = judgement->message->arena };
	struct story story;
	story_build(judgement, &cite, &story);
	put_title(judgement, style, out, story.sentences.v[0].says);
	enum story_section section = STORY_SENDER;
	const char *theme = NULL;
	for (uint32_t i = 1; i < story.sentences.n; i++) {
		const struct story_sentence *s = &story.sentences.v[i];
		if (s->section != section) {
			heading(style, out, story_section_title(judgement, s->section));
			section = s->section;
			theme = NULL;
		}
		if (s->theme && (!theme || strcmp(s->theme, theme) != 0)) {
			buf_printf(out, "  %s\n", s->theme);
			theme = s->theme;
		}
		unsigned indent = s->beneath ? 10 : s->theme ? 6 : s->listed ? 4 : 0;
		buf_cstr(out, s->beneath ? "        - " : s->theme ? "    - " : s->listed ? "  - " : "");
		style_wrap(style, out, indent, with_places(judgement, &cite, style, s));
		buf_byte(out, '\n');
	}
	put_score(judgement, style, out);
}

static void json_sentences(struct json_out *j, const struct judgement *judgement, const struct story *story)
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
		for (uint32_t k = 0; k < s->n_at; k++)
			report_json_place(j, judgement->message, &s->at[k]);
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
	json_sentences(&j, judgement, &story);
	json_counterfactual(&j, &story.counterfactual);
	json_close(&j);
}
