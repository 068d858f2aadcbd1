/* report/story_build.c - see story_build.h
 *
 * Scores are not mentioned here: people read reasons. Words for probabilities: half means "no sign either way", since the prior is even
 * until a model has learned better. */
#include "report/story_build.h"
#include "base/visible.h"
#include "report/words.h"

#include <stdlib.h>

enum { SUBJECT_SHOWN = 100, NAME_SHOWN = 80, SAME_SHOWN = 3, SENTENCE_MAX = 8192, FALSE_SHOWN = 8 };

static struct story_sentence *add(struct story *story, enum story_section section, const char *theme, struct span says)
{
	struct story_sentence *s = vec_push(story->arena, &story->sentences);
	s->section = section;
	s->theme = theme;
	s->says = says;
	return s;
}

static void at(struct story_sentence *sentence, struct place place)
{
	if (sentence->n_at < LIMIT_EVIDENCE_PLACES)
		sentence->at[sentence->n_at++] = place;
}

/* A point of a list has no full stop. */
static void add_evidence(struct story *story, enum story_section section, const char *theme, const struct evidence *e)
{
	bool stop = span_ends(e->says, SPAN(".")) && !span_ends(e->says, SPAN("..."));
	struct story_sentence *s = add(story, section, theme, stop ? span_first(e->says, e->says.n - 1) : e->says);
	s->listed = true;
	memcpy(s->at, e->at, sizeof s->at);
	s->n_at = e->n_at;
	s->cited = e->cited;
}

static void add_details(struct story *story, enum story_section section, const char *theme, const struct evidence *e)
{
	for (uint32_t i = 0; i < e->n_details; i++) {
		struct story_sentence *s = add(story, section, theme, e->details[i].says);
		s->listed = s->beneath = true;
		at(s, e->details[i].at);
		s->cited = e->details[i].cited;
	}
}

static struct buf begin(struct story *story)
{
	struct buf buf;
	buf_init(&buf, story->arena, SENTENCE_MAX);
	return buf;
}

/* "99.8 %"; never 100, never 0. */
static void put_percent(struct buf *out, double probability)
{
	double percent = probability * 100;
	if (percent >= 99.95)
		buf_cstr(out, "more than 99.9 %");
	else if (percent <= 0.05)
		buf_cstr(out, "less than 0.1 %");
	else
		buf_printf(out, percent > 99 || percent < 1 ? "%.1f %%" : "%.0f %%", percent);
}

static bool any_weight(const struct evidence_set *set, int sign)
{
	for (uint32_t i = 0; i < set->list.n; i++)
		if (set->list.v[i].weight * sign > 0)
			return true;
	return false;
}

static void build_verdict(struct story *story, const struct judgement *j)
{
	static const char *const of_message[] = {
		[VERDICT_ACCEPT] = "It is accepted",
		[VERDICT_MARK] = "It is delivered, marked as suspicious",
		[VERDICT_QUARANTINE] = "It is kept in quarantine",
		[VERDICT_REJECT] = "It is refused",
		[VERDICT_DEFER] = "It is put off for later",
	};
	static const char *const at_door[] = {
		[VERDICT_ACCEPT] = "The client may go on",
		[VERDICT_MARK] = "The client is asked to come again, before a message is read",
		[VERDICT_QUARANTINE] = "The client is refused, before a message is read",
		[VERDICT_REJECT] = "The client is refused, before a message is read",
		[VERDICT_DEFER] = "The client is asked to come again, before a message is read",
	};
	const char *const *words = story->at_door ? at_door : of_message;
	struct buf b = begin(story);
	buf_cstr(&b, words[j->verdict.action]);
	if (j->verdict.action == VERDICT_DEFER) {
		buf_cstr(&b, ": what could not be looked up for the moment could have kept it in quarantine.");
	} else if (j->verdict.action == VERDICT_ACCEPT && !any_weight(&j->evidence, 1) && !any_weight(&j->evidence, -1)) {
		buf_cstr(&b, ": nothing in it speaks against it.");
	} else if (j->verdict.action == VERDICT_ACCEPT && j->verdict.score > 0) {
		buf_cstr(&b, ": the probability that it is abuse is ");
		put_percent(&b, j->verdict.probability);
		buf_cstr(&b, ", where 50 % means no sign either way.");
	} else {
		buf_cstr(&b, ": the probability that it is abuse is ");
		put_percent(&b, j->verdict.probability);
		buf_byte(&b, '.');
	}
	add(story, STORY_VERDICT, NULL, buf_span(&b));
}

static void put_address(struct buf *out, const struct address *address)
{
	if (address->display.n) {
		buf_byte(out, '"');
		visible_put(out, address->display, NAME_SHOWN);
		buf_cstr(out, "\" ");
	}
	buf_byte(out, '<');
	visible_put(out, address->spec, NAME_SHOWN);
	buf_byte(out, '>');
}

static void put_list(struct buf *out, const struct addresses *list)
{
	put_address(out, &list->list.v[0]);
	if (list->list.n > 1)
		buf_printf(out, " and %u more", list->list.n - 1);
}

/* Folds leave tabs, spammers leave runs of blanks: one blank to a reader. */
static void put_one_line(struct buf *out, struct span text)
{
	struct span head = span_first(text, 4 * SUBJECT_SHOWN);
	struct buf line;
	buf_init(&line, out->arena, 4 * SUBJECT_SHOWN);
	for (size_t i = 0; i < head.n; i++) {
		bool blank = head.p[i] == '\t' || head.p[i] == ' ';
		if (!blank)
			buf_byte(&line, head.p[i]);
		else if (line.n && line.p[line.n - 1] != ' ')
			buf_byte(&line, ' ');
	}
	visible_put(out, buf_span(&line), SUBJECT_SHOWN);
}

static void build_claim(struct story *story, const struct judgement *j)
{
	const struct content *c = j->content;
	const struct headers *headers = message_headers(j->message);
	static const enum header_id fields[] = { HEADER_FROM, HEADER_TO, HEADER_SUBJECT };
	struct buf b = begin(story);
	if (c->from.list.n) {
		buf_cstr(&b, "It says that it is from ");
		put_list(&b, &c->from);
	} else {
		buf_cstr(&b, "It does not say who it is from");
	}
	if (c->to.list.n && c->to.list.v[0].spec.n) {
		buf_cstr(&b, ", to ");
		put_list(&b, &c->to);
	}
	if (c->subject.n) {
		buf_cstr(&b, ", about \"");
		put_one_line(&b, c->subject);
		buf_cstr(&b, "\"");
	}
	buf_byte(&b, '.');
	struct story_sentence *s = add(story, STORY_SENDER, NULL, buf_span(&b));
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		const struct header *h = header_first(headers, fields[i]);
		if (h)
			at(s, header_place(j->message->raw, h));
	}
}

/* The reasons that prove a line false, or else all but the plainest. */
static void put_reasons(struct buf *out, const struct hop *hop)
{
	const char *between = ". ";
	for (uint32_t i = 0; i < hop->reasons.n; i++) {
		if (!hop_reason_proves_false(hop->reasons.v[i]))
			continue;
		buf_cstr(out, between);
		buf_cstr(out, hop_reason_says(hop->reasons.v[i]));
	}
	buf_byte(out, '.');
}

static void build_false_lines(struct story *story, const struct judgement *j, struct cite *cite)
{
	unsigned unproven = 0, lies = 0;
	uint32_t first_line = 0;
	for (uint32_t i = 0; i < j->path->hops.n; i++) {
		const struct hop *hop = &j->path->hops.v[i];
		if (hop->verdict == HOP_UNPROVEN && hop->header && unproven++ == 0)
			first_line = cite_line(cite, words_hop_place(j, hop).from);
		if (hop->verdict != HOP_FALSE || lies++ >= FALSE_SHOWN)
			continue;
		struct buf b = begin(story);
		buf_cstr(&b, "A line of its way is false, the one that says \"");
		struct span line = hop->header ? header_unfolded(hop->header, story->arena) : span_none;
		put_one_line(&b, line);
		buf_byte(&b, '"');
		put_reasons(&b, hop);
		at(add(story, STORY_SENDER, NULL, buf_span(&b)), words_hop_place(j, hop));
	}
	if (unproven == 0)
		return;
	struct buf b = begin(story);
	if (unproven == 1)
		buf_printf(&b, "Line %u of its way was written by a machine outside: it may be true, nothing proves it.", first_line);
	else
		buf_printf(
		    &b, "From line %u down, %u lines of its way were written by machines outside: they may be true, nothing proves them.",
		    first_line, unproven);
	add(story, STORY_SENDER, NULL, buf_span(&b));
}

static void build_sender(struct story *story, const struct judgement *j, struct cite *cite)
{
	build_claim(story, j);
	struct buf b = begin(story);
	words_origin(j, cite, &b);
	if (j->path->outgoing)
		buf_cstr(&b, " It was handed in by one of your own users or machines.");
	add(story, STORY_SENDER, NULL, buf_span(&b));
	build_false_lines(story, j, cite);
}

struct ordered {
	const struct evidence *evidence;
	int64_t group_weight, weight;
	uint32_t index;
};

static int strongest(const void *a, const void *b)
{
	const struct ordered *x = a, *y = b;
	if (x->group_weight != y->group_weight)
		return x->group_weight > y->group_weight ? -1 : 1;
	if (x->evidence->def->group != y->evidence->def->group)
		return x->evidence->def->group < y->evidence->def->group ? -1 : 1;
	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	return x->index < y->index ? -1 : 1;
}

static const char *capital(struct story *story, const char *words)
{
	struct span copy = arena_printf(story->arena, "%s", words);
	uint8_t *first = (uint8_t *)(uintptr_t)copy.p;
	if (copy.n && *first >= 'a' && *first <= 'z')
		*first = (uint8_t)(*first - 'a' + 'A');
	return (const char *)copy.p;
}

/* Evidence of one sign, theme by theme, the strongest first; of one kind the first few. */
static void build_evidence(struct story *story, const struct judgement *j, enum story_section section, int sign)
{
	const struct evidence_set *set = &j->evidence;
	struct ordered *order = arena_alloc(story->arena, (set->list.n + 1) * sizeof *order);
	int64_t sum[GROUPS] = { 0 };
	uint32_t n = 0;
	for (uint32_t i = 0; i < set->list.n; i++) {
		const struct evidence *e = &set->list.v[i];
		if ((e->weight > 0) - (e->weight < 0) != sign)
			continue;
		sum[e->def->group] += (int64_t)sign * e->weight;
		order[n++] = (struct ordered){ e, 0, (int64_t)sign * e->weight, i };
	}
	for (uint32_t i = 0; i < n; i++)
		order[i].group_weight = sum[order[i].evidence->def->group];
	qsort(order, n, sizeof *order, strongest);
	for (uint32_t i = 0; i < n;) {
		uint32_t same = i;
		while (same < n && order[same].evidence->def == order[i].evidence->def)
			same++;
		const char *theme = sign ? capital(story, evidence_group_says(order[i].evidence->def->group)) : NULL;
		for (uint32_t k = i; k < same && k < i + SAME_SHOWN; k++) {
			add_evidence(story, section, theme, order[k].evidence);
			add_details(story, section, theme, order[k].evidence);
		}
		if (same - i > SAME_SHOWN)
			add(story, section, theme, arena_printf(story->arena, "... and %u more of this kind", same - i - SAME_SHOWN))
			    ->listed = true;
		i = same;
	}
}

static const char *outcome(const struct story *story, enum verdict_action action)
{
	static const char *const at_door[] = {
		[VERDICT_ACCEPT] = "let in",  [VERDICT_MARK] = "asked to come again",  [VERDICT_QUARANTINE] = "refused",
		[VERDICT_REJECT] = "refused", [VERDICT_DEFER] = "asked to come again",
	};
	static const char *const words[] = {
		[VERDICT_ACCEPT] = "accepted",
		[VERDICT_MARK] = "delivered with a mark",
		[VERDICT_QUARANTINE] = "kept in quarantine",
		[VERDICT_REJECT] = "refused",
		[VERDICT_DEFER] = "put off",
	};
	return story->at_door ? at_door[action] : words[action];
}

static void build_unchecked(struct story *story, const struct judgement *j)
{
	const struct evidence_set *set = &j->evidence;
	for (uint32_t i = 0; i < set->unchecked.n; i++) {
		const struct unchecked *unchecked = &set->unchecked.v[i];
		enum verdict_action could = verdict_could(set, &j->verdict.thresholds, unchecked, 1);
		struct span says = unchecked->why;
		if (could != verdict_could(set, &j->verdict.thresholds, NULL, 0))
			says = arena_printf(story->arena, "%.*s: at worst it would have been %s", SPAN_ARG(says), outcome(story, could));
		struct story_sentence *s = add(story, STORY_UNCHECKED, NULL, says);
		if (unchecked->at.to)
			at(s, unchecked->at);
		s->cited = unchecked->cited;
		s->listed = true;
	}
	if (set->dropped)
		add(story, STORY_UNCHECKED, NULL,
		    arena_printf(story->arena, "%u findings more were of kinds already found several times, and left out", set->dropped))
		    ->listed = true;
}

/* The stored set that changes most, and among those the first. */
static uint32_t most_telling(const struct counterfactual *c, const struct evidence_set *set)
{
	uint32_t best = 0;
	int64_t most = -1;
	for (uint32_t i = 0; i < c->n_sets; i++) {
		int64_t weight = 0;
		for (uint32_t k = 0; k < c->size; k++)
			weight += set->list.v[c->set[i][k]].weight;
		if ((weight < 0 ? -weight : weight) > most) {
			most = weight < 0 ? -weight : weight;
			best = i;
		}
	}
	return best;
}

static void build_set(struct story *story, const struct judgement *j)
{
	static const char *const without[] = { "", "this one finding", "these two findings together", "these three findings together",
					       "these four findings together" };
	const struct counterfactual *c = &story->counterfactual;
	uint32_t chosen = most_telling(c, &j->evidence);
	struct buf b = begin(story);
	buf_printf(&b, "Without %s it would have been %s", without[c->size], outcome(story, c->becomes[chosen]));
	if (c->total == 2)
		buf_cstr(&b, c->size == 1 ? " (so it would without one other)" : " (so it would without one other such set)");
	else if (c->total > 2)
		buf_printf(&b,
			   c->size == 1 ? " (so it would without any of %u others)" : " (so it would without any of %u other such sets)",
			   c->total - 1);
	buf_byte(&b, ':');
	add(story, STORY_CHANGE, NULL, buf_span(&b));
	for (uint32_t k = 0; k < c->size; k++) {
		const struct evidence *e = &j->evidence.list.v[c->set[chosen][k]];
		add_evidence(story, STORY_CHANGE, NULL, e);
	}
}

static void build_change(struct story *story, const struct judgement *j)
{
	const struct verdict *v = &j->verdict;
	verdict_counterfactual(&j->evidence, v, &story->counterfactual);
	if (story->counterfactual.size)
		build_set(story, j);
	else if (v->action != VERDICT_ACCEPT)
		add(story, STORY_CHANGE, NULL,
		    SPAN("No four findings decide it alone: without any four of them the verdict would be the same."));
	else if (any_weight(&j->evidence, 1))
		add(story, STORY_CHANGE, NULL,
		    SPAN("Honest mail shows such things now and then; they do not suffice for a mark, neither alone nor together."));
}

void story_build_sender(const struct judgement *judgement, struct cite *cite, struct story *story)
{
	*story = (struct story){ .arena = judgement->message->arena };
	build_sender(story, judgement, cite);
}

/* All that rests on evidence and verdict alone. */
static void build_findings(struct story *story, const struct judgement *judgement)
{
	build_evidence(story, judgement, STORY_AGAINST, 1);
	build_evidence(story, judgement, STORY_FOR, -1);
	build_evidence(story, judgement, STORY_NOTICED, 0);
	build_unchecked(story, judgement);
	build_change(story, judgement);
}

void story_build(const struct judgement *judgement, struct cite *cite, struct story *story)
{
	*story = (struct story){ .arena = judgement->message->arena };
	build_verdict(story, judgement);
	build_sender(story, judgement, cite);
	build_findings(story, judgement);
}

void story_build_case(const struct casefile *c, struct arena *arena, struct story *story)
{
	struct judgement judgement = { .evidence = c->evidence, .verdict = c->verdict };
	*story = (struct story){ .arena = arena, .at_door = casefile_at_door(c) };
	build_verdict(story, &judgement);
	for (uint32_t i = 0; i < c->sender.n; i++) {
		struct story_sentence *s = add(story, STORY_SENDER, NULL, c->sender.v[i].says);
		memcpy(s->at, c->sender.v[i].at, sizeof s->at);
		s->n_at = c->sender.v[i].n_at;
		s->cited = c->sender.v[i].cited;
	}
	build_findings(story, &judgement);
}

const char *story_section_title(enum verdict_action action, enum story_section section)
{
	static const char *const titles[] = {
		[STORY_VERDICT] = NULL,
		[STORY_SENDER] = NULL,
		[STORY_AGAINST] = "What speaks against it",
		[STORY_FOR] = "What speaks for it",
		[STORY_NOTICED] = "Also noticed",
		[STORY_UNCHECKED] = "What was not checked",
		[STORY_CHANGE] = "What would have changed the verdict",
	};
	if (section == STORY_CHANGE && action == VERDICT_ACCEPT)
		return "Why it was not marked";
	return titles[section];
}

const char *story_section_name(enum story_section section)
{
	static const char *const names[] = {
		[STORY_VERDICT] = "verdict", [STORY_SENDER] = "sender",       [STORY_AGAINST] = "against", [STORY_FOR] = "for",
		[STORY_NOTICED] = "noticed", [STORY_UNCHECKED] = "unchecked", [STORY_CHANGE] = "change",
	};
	return names[section];
}
