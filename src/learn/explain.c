/* learn/explain.c - see explain.h
 *
 * What each part of the model adds is laid out over the bytes of the views. Then it is gathered: words of the text to phrases; what RAW
 * knows of the body goes to the same words, the rest of it to phrases of the source; lines of FIELDS and fields of RAW to the header field
 * they are about, links to their host. */
#include "learn/explain.h"
#include "learn/explain_words.h"

enum { QUOTE = 60, SLOTS = 8192, NONE = UINT32_MAX, NAMED = 6, RECIPIENTS = 10 };
_Static_assert(VIEW_FIELDS_BYTES / 4 <= SLOTS / 2, "the table of things has room for every line of FIELDS");

/* What a line of FIELDS is about, and how it is called. telling: of 100. */
enum about { FIELD, CLIENT, LINK, LINK_MORE, PART, FINDING, THING };
struct key {
	const char *key;
	enum about about;
	unsigned telling;
	const char *name;
};
static const struct key keys[] = {
	{ "link.host", LINK, 100, "a link to" },
	{ "link.domain", LINK_MORE, 100, "a link to" },
	{ "link", LINK_MORE, 100, "a link to" },
	{ "link.broken", THING, 60, "the broken link" },
	{ "name", FIELD, 40, "a header field called" },
	{ "evidence", FINDING, 30, "the finding" },
	{ "part", PART, 40, "a part of the type" },
	{ "filename", THING, 100, "a file named" },
	{ "attachment", THING, 100, "a file named" },
	{ "attachment.type", THING, 80, "an attached file of the type" },
	{ "from.name", FIELD, 100, "its sender's name" },
	{ "from.addr", FIELD, 100, "its sender's address" },
	{ "from.domain", FIELD, 100, "its sender's domain" },
	{ "sender.name", FIELD, 60, "the name in its field \"Sender\"," },
	{ "sender.addr", FIELD, 60, "the address in its field \"Sender\"," },
	{ "sender.domain", FIELD, 60, "the domain in its field \"Sender\"," },
	{ "reply-to.name", FIELD, 90, "the name that answers go to," },
	{ "reply-to.addr", FIELD, 90, "the address that answers go to," },
	{ "reply-to.domain", FIELD, 90, "the domain that answers go to," },
	{ "to.name", FIELD, RECIPIENTS, "the name it is addressed to," },
	{ "to.addr", FIELD, RECIPIENTS, "the address it is sent to," },
	{ "to.domain", FIELD, RECIPIENTS, "the domain it is sent to," },
	{ "cc.name", FIELD, RECIPIENTS, "the name a copy is addressed to," },
	{ "cc.addr", FIELD, RECIPIENTS, "the address a copy is sent to," },
	{ "cc.domain", FIELD, RECIPIENTS, "the domain a copy is sent to," },
	{ "message-id", FIELD, 40, "its Message-ID" },
	{ "helo", CLIENT, 60, "the name that the machine gave which handed it over," },
	{ "rdns", CLIENT, 80, "the machine that handed it over," },
	{ "ip", CLIENT, 60, "the address of the machine that handed it over," },
	{ "h.x-mailer", FIELD, 100, "the program it says it was written with," },
	{ "h.user-agent", FIELD, 100, "the program it says it was written with," },
	{ "h.list-id", FIELD, 100, "the mailing list it says it comes from," },
	{ "h.organization", FIELD, 90, "the organisation it names," },
	{ "h.date", FIELD, 20, "its date" },
};
static const struct key other_field = { "h.", FIELD, 50, "the header line" };

/* A field, a link, the machine outside: what lines of FIELDS and bytes of RAW are gathered to. */
struct thing {
	double nats;
	struct place at;
	const struct header *header; /* of a FIELD */
	const struct key *key[2];    /* of the line that moved most, toward spam and toward good mail; NULL: none did */
	struct span value[2];
	float most[2];
	struct span id;
};

struct work {
	const struct explain_source *source;
	const struct headers *headers;
	struct arena *arena;
	float *nats[FEATURES_VIEWS]; /* of each feature */
	float *raw, *text;           /* of each byte of these views */
	struct explain_words words;  /* of TEXT */
	uint32_t subject_end;        /* in TEXT */
	VEC(struct thing) things;
	uint16_t *of_header; /* index of a thing + 1 */
	uint16_t slots[SLOTS];
	uint32_t client, link; /* indexes of things, or NONE; of the link, the one whose lines are being read */
	struct place link_at;
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
	const struct feature_list *counted = &of[FEATURES_COUNTED];
	for (uint32_t i = 0; i < counted->n && !(counted->at[i] & FEATURES_IN_FIELDS); i++)
		w->text[counted->at[i]] += w->nats[FEATURES_COUNTED][i];
}

/* ---- things ---- */

static struct thing *new_thing(struct work *w, struct place at)
{
	struct thing *thing = vec_push(w->arena, &w->things);
	thing->at = at;
	return thing;
}

/* The field of the message's header that a place lies in; NONE when in none. */
static uint32_t header_at(const struct work *w, const struct place *place)
{
	uint32_t low = 0, high = w->headers->list.n;
	struct span raw = w->source->message->message->raw;
	if (place->in != PLACE_RAW || place->to <= place->from)
		return NONE;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (header_place(raw, &w->headers->list.v[middle]).from <= place->from)
			low = middle + 1;
		else
			high = middle;
	}
	return low && place->from < header_place(raw, &w->headers->list.v[low - 1]).to ? low - 1 : NONE;
}

static struct thing *thing_of_header(struct work *w, uint32_t index)
{
	if (!w->of_header[index]) {
		const struct header *header = &w->headers->list.v[index];
		new_thing(w, header_place(w->source->message->message->raw, header))->header = header;
		w->of_header[index] = (uint16_t)w->things.n;
	}
	return &w->things.v[w->of_header[index] - 1];
}

static struct thing *thing_of_client(struct work *w, struct place at)
{
	if (w->client == NONE) {
		w->client = w->things.n;
		new_thing(w, at);
	}
	return &w->things.v[w->client];
}

static uint32_t hash_id(struct span id)
{
	uint32_t h = 2166136261u;
	for (size_t i = 0; i < id.n; i++)
		h = (h ^ id.p[i]) * 16777619u;
	return h ^ h >> 15;
}

/* The thing of that name; id lies in FIELDS. */
static struct thing *thing_named(struct work *w, struct span id, struct place at)
{
	uint32_t slot = hash_id(id) % SLOTS;
	for (; w->slots[slot]; slot = (slot + 1) % SLOTS)
		if (span_eq(w->things.v[w->slots[slot] - 1].id, id))
			return &w->things.v[w->slots[slot] - 1];
	struct thing *thing = new_thing(w, at);
	thing->id = id;
	w->slots[slot] = (uint16_t)w->things.n;
	return thing;
}

/* The link to the host of a URL that stands in the text; NULL when there is none. */
static struct thing *link_to(struct work *w, struct span url)
{
	size_t scheme = span_find(url, SPAN("://"), 0), end;
	struct span host = span_skip(url, scheme == SPAN_NPOS ? 0 : scheme + 3);
	for (end = 0; end < host.n && !strchr("/?#:", host.p[end]); end++)
		;
	host = span_first(host, end);
	for (uint32_t slot = hash_id(host) % SLOTS; w->slots[slot]; slot = (slot + 1) % SLOTS)
		if (span_eq(w->things.v[w->slots[slot] - 1].id, host))
			return &w->things.v[w->slots[slot] - 1];
	return NULL;
}

static void thing_says(struct thing *thing, const struct key *key, struct span value, float nats)
{
	bool ham = nats < 0;
	float most = (ham ? -nats : nats) * (float)key->telling;
	thing->nats += nats;
	if (most > thing->most[ham]) {
		thing->most[ham] = most;
		thing->key[ham] = key;
		thing->value[ham] = value;
	}
}

static const struct key *key_of(struct span key)
{
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (span_at(key, 0) == keys[i].key[0] && span_ieq(key, span_cstr(keys[i].key)))
			return &keys[i];
	return &other_field;
}

/* ---- FIELDS ---- */

static bool same_place(const struct place *a, const struct place *b)
{
	return a->from == b->from && a->to == b->to && a->part == b->part && a->in == b->in;
}

static struct thing *thing_of_line(struct work *w, const struct key *key, struct span line, struct span value, struct place at)
{
	uint32_t header = key->about == FIELD ? header_at(w, &at) : NONE;
	if (header != NONE)
		return thing_of_header(w, header);
	if (key->about == CLIENT)
		return thing_of_client(w, at);
	if (key->about == LINK_MORE && w->link != NONE && same_place(&w->link_at, &at))
		return &w->things.v[w->link];
	struct thing *thing = thing_named(w, key->about == LINK ? value : line, at);
	if (key->about == LINK) {
		w->link = (uint32_t)(thing - w->things.v);
		w->link_at = at;
	}
	return thing;
}

/* The subject stands at the beginning of TEXT, byte for byte. */
static bool is_subject(struct span line) { return span_starts(line, SPAN("subject:")); }

static float line_share(struct work *w, enum feature_view view, uint32_t flag, uint32_t end, uint32_t *i)
{
	const struct feature_list *list = &w->source->features->of[view];
	float sum = 0;
	for (; *i < list->n && list->at[*i] < (flag | end); ++*i)
		sum += w->nats[view][*i];
	return sum;
}

static void spread_subject(struct work *w, enum feature_view view, uint32_t flag, uint32_t from, uint32_t end, uint32_t *i)
{
	const struct feature_list *list = &w->source->features->of[view];
	uint32_t value = from + (uint32_t)sizeof "subject:" - 1;
	for (; *i < list->n && list->at[*i] < (flag | end); ++*i) {
		uint32_t at = list->at[*i] & ~flag;
		at = at > value ? at - value : 0;
		if (at < w->subject_end)
			w->text[at] += w->nats[view][*i];
	}
}

static void gather_fields(struct work *w)
{
	const struct view *view = &w->source->views->fields;
	const struct feature_list *counted = &w->source->features->of[FEATURES_COUNTED];
	struct span text = buf_span(&view->text);
	uint32_t f = 0, c = 0, piece = 0;
	while (c < counted->n && !(counted->at[c] & FEATURES_IN_FIELDS))
		c++;
	for (size_t at = 0; at < text.n;) {
		size_t lf = span_find_byte(text, '\n', at), end = lf == SPAN_NPOS ? text.n : lf;
		struct span line = span_slice(text, at, end);
		while (piece + 1 < view->pieces.n && view->pieces.v[piece + 1].at <= at)
			piece++;
		if (is_subject(line)) {
			spread_subject(w, FEATURES_FIELDS, 0, (uint32_t)at, (uint32_t)end, &f);
			spread_subject(w, FEATURES_COUNTED, FEATURES_IN_FIELDS, (uint32_t)at, (uint32_t)end, &c);
		} else {
			float nats = line_share(w, FEATURES_FIELDS, 0, (uint32_t)end, &f) +
				     line_share(w, FEATURES_COUNTED, FEATURES_IN_FIELDS, (uint32_t)end, &c);
			size_t colon = span_find_byte(line, ':', 0);
			const struct key *key = key_of(span_first(line, colon));
			struct span value = span_skip(line, colon == SPAN_NPOS ? line.n : colon + 1);
			thing_says(thing_of_line(w, key, line, value, view->pieces.v[piece].place), key, value, nats);
		}
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
		struct explain_word *word = explain_words_find(&w->words, source, &source->v[i]);
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
		uint32_t header = p->exact ? header_at(w, &p->place) : NONE;
		if (p->exact && header == NONE)
			break;
		if (!p->exact) {
			thing_of_client(w, p->place)->nats += sum_of(w->raw, p->at, end);
		} else if (w->headers->list.v[header].id == HEADER_SUBJECT) {
			struct explain_words words;
			explain_words_read(view, p->at, end, w->arena, &words);
			explain_words_weigh(&words, w->raw);
			give_to_text(w, &words);
		} else {
			thing_of_header(w, header)->nats += sum_of(w->raw, p->at, end);
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
		struct thing *link = phrase.url ? link_to(w, text) : NULL;
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

/* "1 text/html encoding4 utf-8 flags0": the second word says it to a person. */
static struct span type_of_part(struct span value)
{
	struct span word = span_none;
	for (unsigned i = 0; i < 2 && span_split(&value, ' ', &word); i++)
		;
	return word;
}

static struct span what_was_found(const struct work *w, struct span id)
{
	const struct evidence_set *set = w->source->message->evidence;
	for (uint32_t i = 0; set && i < set->list.n; i++)
		if (span_eq(span_cstr(set->list.v[i].def->id), id))
			return set->list.v[i].says;
	return id;
}

static void offer_thing(struct work *w, const struct thing *thing)
{
	bool ham = thing->nats < 0;
	const struct key *key = thing->key[ham] ? thing->key[ham] : thing->header ? NULL : thing->key[!ham];
	struct explain_fact fact;
	bool spelled = thing->header && (!key || key == &other_field);
	if (thing->nats == 0 || (!key && !spelled))
		return;
	bool names_recipients = thing->header && (thing->header->id == HEADER_TO || thing->header->id == HEADER_CC);
	unsigned telling = names_recipients ? RECIPIENTS : spelled ? other_field.telling : key->telling;
	struct explain_list *list = list_for(w, thing->nats, telling, &fact);
	if (!list)
		return;
	fact.name = spelled ? other_field.name : key->name;
	fact.at = thing->at;
	fact.quote = thing->value[thing->key[ham] ? ham : !ham];
	if (spelled)
		fact.quote = arena_printf(w->arena, "%.*s: %.*s", SPAN_ARG(span_first(thing->header->name, QUOTE)),
					  SPAN_ARG(span_first(header_unfolded(thing->header, w->arena), QUOTE)));
	else if (key->about == PART)
		fact.quote = type_of_part(fact.quote);
	else if (key->about == FINDING)
		fact.quote = what_was_found(w, fact.quote);
	offer(list, &fact);
}

void explain_score(const struct explain_source *source, struct arena *arena, struct explanation *ret)
{
	struct work *w = arena_new(arena, struct work);
	const struct view *text = &source->views->text;
	*ret = (struct explanation){ 0 };
	w->source = source;
	w->headers = message_headers(source->message->message);
	w->arena = arena;
	w->of_header = arena_zalloc(arena, (w->headers->list.n + 1) * sizeof *w->of_header);
	w->client = w->link = NONE;
	w->out = ret;
	if (header_first(w->headers, HEADER_SUBJECT)) {
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
	for (uint32_t i = 0; i < w->things.n; i++)
		offer_thing(w, &w->things.v[i]);
}
