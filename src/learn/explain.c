/* learn/explain.c - see explain.h
 *
 * What each part of the model adds is laid out over the bytes of the views. Then it is gathered: words of the text to phrases; what RAW
 * knows of the body goes to the same words, the rest of it to phrases of the source; lines of FIELDS and fields of RAW to the header field
 * they are about, links to their host. */
#include "learn/explain.h"
#include "learn/explain_things.h"
#include "learn/explain_words.h"

enum { NAMED = 6 };

struct work {
	const struct explain_source *source;
	struct arena *arena;
	float *nats[FEATURES_VIEWS]; /* of each feature */
	float *raw, *text;           /* of each byte of these views */
	struct explain_words words;  /* of TEXT */
	uint32_t subject_end;        /* in TEXT */
	struct explain_things *things;
	struct explanation *out;
};

/* ---- the most telling ---- */

static void offer(struct explain_list *list, const struct explain_fact *fact)
{
	uint32_t at = list->n < EXPLAIN_FACTS ? list->n++ : EXPLAIN_FACTS;
	for (; at > 0 && list->fact[at - 1].telling < fact->telling; at--)
		if (at < EXPLAIN_FACTS)
			list->fact[at] = list->fact[at - 1];
	if (at < EXPLAIN_FACTS)
		list->fact[at] = *fact;
}

/* Could a fact of this weight be among them? Spares making what is not. */
static struct explain_list *list_for(struct work *w, double nats, unsigned telling, struct explain_fact *ret)
{
	*ret = (struct explain_fact){ .nats = nats, .telling = (nats < 0 ? -nats : nats) * telling / 100 };
	struct explain_list *list = nats > 0 ? &w->out->spam : &w->out->ham;
	return list->n < EXPLAIN_FACTS || ret->telling > list->fact[EXPLAIN_FACTS - 1].telling ? list : NULL;
}

/* ---- from features to bytes ---- */

static void take_shares(struct work *w)
{
	const struct explain_source *s = w->source;
	for (unsigned v = 0; v < FEATURES_VIEWS; v++) {
		w->nats[v] = arena_alloc(w->arena, (s->features->of[v].n + 1) * sizeof(float));
		model_shares(s->model, s->features, s->score, v, w->nats[v]);
	}
}

/* Each of the four bytes gets its part. */
static void lay_grams(const struct feature_list *list, const float *nats, float *byte)
{
	for (uint32_t i = 0; i < list->n; i++) {
		float *at = byte + list->at[i], part = nats[i] / 4;
		for (unsigned k = 0; k < 4; k++)
			at[k] += part;
	}
}

static void lay_out(struct work *w)
{
	const struct feature_list *of = w->source->features->of;
	w->raw = arena_zalloc(w->arena, (w->source->views->raw.text.n + 4) * sizeof(float));
	w->text = arena_zalloc(w->arena, (w->source->views->text.text.n + 4) * sizeof(float));
	lay_grams(&of[FEATURES_RAW], w->nats[FEATURES_RAW], w->raw);
	lay_grams(&of[FEATURES_TEXT], w->nats[FEATURES_TEXT], w->text);
	for (uint32_t i = 0; i < of[FEATURES_WORDS].n; i++)
		w->text[of[FEATURES_WORDS].at[i]] += w->nats[FEATURES_WORDS][i];
}

/* ---- FIELDS ---- */

/* The subject stands at the beginning of TEXT, byte for byte. */
static bool is_subject(struct span line) { return span_starts(line, SPAN("subject:")); }

/* What the features of FIELDS from *i on add that were met before end. */
static float line_share(struct work *w, uint32_t end, uint32_t *i)
{
	const struct feature_list *list = &w->source->features->of[FEATURES_FIELDS];
	float sum = 0;
	for (; *i < list->n && list->at[*i] < end; ++*i)
		sum += w->nats[FEATURES_FIELDS][*i];
	return sum;
}

static void spread_subject(struct work *w, uint32_t from, uint32_t end, uint32_t *i)
{
	const struct feature_list *list = &w->source->features->of[FEATURES_FIELDS];
	uint32_t value = from + (uint32_t)sizeof "subject:" - 1;
	for (; *i < list->n && list->at[*i] < end; ++*i) {
		uint32_t at = list->at[*i] > value ? list->at[*i] - value : 0;
		if (at < w->subject_end)
			w->text[at] += w->nats[FEATURES_FIELDS][*i];
	}
}

static void gather_fields(struct work *w)
{
	const struct view *view = &w->source->views->fields;
	struct span text = buf_span(&view->text);
	uint32_t i = 0, piece = 0;
	for (size_t at = 0; at < text.n;) {
		size_t lf = span_find_byte(text, '\n', at), end = lf == SPAN_NPOS ? text.n : lf;
		struct span line = span_slice(text, at, end);
		while (piece + 1 < view->pieces.n && view->pieces.v[piece + 1].at <= at)
			piece++;
		if (is_subject(line))
			spread_subject(w, (uint32_t)at, (uint32_t)end, &i);
		else
			explain_things_line(w->things, line, view->pieces.v[piece].place, line_share(w, (uint32_t)end, &i));
		at = end + 1;
	}
}

/* ---- RAW ---- */

static float sum_of(const float *byte, uint32_t from, uint32_t to)
{
	float sum = 0;
	for (uint32_t i = from; i < to; i++)
		sum += byte[i];
	return sum;
}

/* What RAW knows of words that are also read goes to those; the source keeps the rest. */
static void give_to_text(struct work *w, struct explain_words *source)
{
	for (uint32_t i = 0; i < source->n; i++) {
		struct explain_word *word = explain_words_find(&w->words, source->v[i].hash);
		if (!word)
			continue;
		word->nats += source->v[i].nats;
		source->v[i].nats = 0;
	}
}

static void offer_source(struct work *w, uint32_t from)
{
	struct explain_words words;
	struct explain_phrase phrase;
	struct explain_fact fact;
	const struct view *view = &w->source->views->raw;
	explain_words_read(view, from, (uint32_t)view->text.n, w->arena, &words);
	explain_words_weigh(&words, w->raw);
	give_to_text(w, &words);
	float noise = explain_words_noise(&words);
	for (uint32_t at = 0; explain_phrase_next(&words, noise, &at, &phrase);) {
		struct explain_list *list = list_for(w, phrase.nats, 30, &fact);
		if (!list)
			continue;
		fact.name = "in its source";
		fact.quote = span_slice(buf_span(&view->text), phrase.from, phrase.to);
		fact.at = view_place(view, phrase.from, phrase.to);
		offer(list, &fact);
	}
}

/* Fields of the header, then the machine outside, then the body. */
static void gather_raw(struct work *w)
{
	const struct view *view = &w->source->views->raw;
	uint32_t i = 0;
	for (; i < view->pieces.n; i++) {
		const struct view_piece *p = &view->pieces.v[i];
		uint32_t end = i + 1 < view->pieces.n ? view->pieces.v[i + 1].at : (uint32_t)view->text.n;
		uint32_t header = p->exact ? explain_things_header_at(w->things, &p->place) : EXPLAIN_NONE;
		if (p->exact && header == EXPLAIN_NONE)
			break;
		if (!p->exact) {
			explain_things_client(w->things, p->place)->nats += sum_of(w->raw, p->at, end);
		} else if (w->things->headers->list.v[header].id == HEADER_SUBJECT) {
			struct explain_words words;
			explain_words_read(view, p->at, end, w->arena, &words);
			explain_words_weigh(&words, w->raw);
			give_to_text(w, &words);
		} else {
			explain_things_header(w->things, header)->nats += sum_of(w->raw, p->at, end);
		}
	}
	if (i < view->pieces.n)
		offer_source(w, view->pieces.v[i].at);
}

/* ---- what comes out ---- */

/* The words as they stand in the message, capitals and what hides in them included; else as the view has them. */
static struct span words_as_written(const struct work *w, const struct explain_phrase *phrase, struct place *ret_at)
{
	const struct content *content = w->source->message->content;
	const struct view *view = &w->source->views->text;
	struct span read = span_slice(buf_span(&view->text), phrase->from, phrase->to);
	struct place begin = view_place(view, phrase->from, phrase->from + 1), end = view_place(view, phrase->to - 1, phrase->to);
	*ret_at = begin;
	if (phrase->from < w->subject_end) {
		struct span written = span_slice(content->subject, phrase->from, phrase->to);
		return span_ieq(written, read) ? written : read;
	}
	if (begin.in != PLACE_TEXT || end.in != PLACE_TEXT || begin.part != end.part || end.to <= begin.from || content->unicode.styled ||
	    content->unicode.mixed_words)
		return read;
	ret_at->to = end.to;
	for (uint32_t i = 0; i < content->bodies.n; i++)
		if (content->bodies.v[i].part == begin.part)
			return span_slice(content->bodies.v[i].text, begin.from, end.to);
	return read;
}

static void drop_recipients(struct work *w, const struct addresses *addresses)
{
	for (uint32_t i = 0; i < addresses->list.n && i < NAMED; i++) {
		explain_words_drop(&w->words, addresses->list.v[i].display);
		explain_words_drop(&w->words, addresses->list.v[i].local);
		explain_words_drop(&w->words, addresses->list.v[i].spec);
	}
}

/* Of 100. Words that any text is full of are short ones; a phrase of nothing else says little, though it may weigh. */
static unsigned telling_of(struct span text)
{
	size_t longest = 0, length = 0;
	for (size_t i = 0; i < text.n; i++) {
		length = text.p[i] == ' ' || text.p[i] == '\n' ? 0 : length + 1;
		longest = length > longest ? length : longest;
	}
	return longest > 4 ? 100 : longest == 4 ? 70 : 40;
}

/* The phrases of the subject are one fact for each direction: the strongest speaks for all. */
struct subject {
	struct explain_phrase strongest;
	double nats;
};

static void add_to_subject(struct subject subject[2], const struct explain_phrase *phrase)
{
	struct subject *s = &subject[phrase->nats < 0];
	double size = phrase->nats < 0 ? -phrase->nats : phrase->nats,
	       most = s->strongest.nats < 0 ? -s->strongest.nats : s->strongest.nats;
	if (size > most)
		s->strongest = *phrase;
	s->nats += phrase->nats;
}

static void offer_phrase(struct work *w, const struct explain_phrase *phrase, double nats, const char *name)
{
	struct explain_fact fact;
	struct span text = span_slice(buf_span(&w->words.view->text), phrase->from, phrase->to);
	struct explain_list *list = list_for(w, nats, telling_of(text), &fact);
	if (!list)
		return;
	fact.name = name;
	fact.quote = words_as_written(w, phrase, &fact.at);
	offer(list, &fact);
}

static void offer_words(struct work *w)
{
	struct explain_phrase phrase;
	struct subject subject[2] = { 0 };
	drop_recipients(w, &w->source->message->content->to);
	drop_recipients(w, &w->source->message->content->cc);
	float noise = explain_words_noise(&w->words);
	for (uint32_t at = 0; explain_phrase_next(&w->words, noise, &at, &phrase);) {
		struct span text = span_slice(buf_span(&w->words.view->text), phrase.from, phrase.to);
		struct explain_thing *link = phrase.url ? explain_things_link(w->things, text) : NULL;
		if (link)
			link->nats += phrase.nats;
		else if (phrase.from < w->subject_end)
			add_to_subject(subject, &phrase);
		else
			offer_phrase(w, &phrase, phrase.nats, "");
	}
	for (unsigned i = 0; i < 2; i++)
		if (subject[i].nats != 0)
			offer_phrase(w, &subject[i].strongest, subject[i].nats, "its subject");
}

static void offer_thing(struct work *w, const struct explain_thing *thing)
{
	struct explain_fact fact;
	unsigned telling;
	const char *name = thing->nats != 0 ? explain_thing_name(thing, &telling) : NULL;
	struct explain_list *list = name ? list_for(w, thing->nats, telling, &fact) : NULL;
	if (!list)
		return;
	fact.name = name;
	fact.quote = explain_thing_quote(w->things, thing);
	fact.at = thing->at;
	offer(list, &fact);
}

void explain_score(const struct explain_source *source, struct arena *arena, struct explanation *ret)
{
	struct work *w = arena_new(arena, struct work);
	const struct view *text = &source->views->text;
	*ret = (struct explanation){ 0 };
	w->source = source;
	w->things = explain_things_new(source->message, arena);
	w->arena = arena;
	w->out = ret;
	if (header_first(w->things->headers, HEADER_SUBJECT)) {
		size_t end = span_find_byte(buf_span(&text->text), '\n', 0);
		w->subject_end = end == SPAN_NPOS ? 0 : (uint32_t)end;
	}
	take_shares(w);
	lay_out(w);
	gather_fields(w);
	explain_words_read(text, 0, (uint32_t)text->text.n, arena, &w->words);
	explain_words_weigh(&w->words, w->text);
	explain_words_index(&w->words, arena);
	gather_raw(w);
	offer_words(w);
	for (uint32_t i = 0; i < w->things->list.n; i++)
		offer_thing(w, &w->things->list.v[i]);
}
