/* learn/explain_things.c - see explain_things.h */
#include "learn/explain_things.h"

enum { QUOTE = 60, RECIPIENTS = 10 };
_Static_assert(VIEW_FIELDS_BYTES / 4 <= EXPLAIN_SLOTS / 2, "there is room for every line of FIELDS");

/* What a line of FIELDS is about, and how it is called. telling: of 100. */
enum about { FIELD, LINE /* a field told as its whole line */, CLIENT, LINK, LINK_MORE, PART, FINDING, THING };
struct explain_key {
	const char *key;
	enum about about;
	unsigned telling;
	const char *name;
};
static const struct explain_key keys[] = {
	{ "link.host", LINK, 100, "a link to" },
	{ "link.domain", LINK_MORE, 100, "a link to" },
	{ "link", LINK_MORE, 100, "a link to" },
	{ "link.broken", THING, 60, "the broken link" },
	{ "name", FIELD, 30, "a header field called" },
	{ "evidence", FINDING, 15, "the finding" },
	{ "part", PART, 20, "a part of the type" },
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
	{ "h.mime-version", LINE, 15, "the header line" },
	{ "h.content-type", LINE, 25, "the header line" },
	{ "h.content-transfer-encoding", LINE, 15, "the header line" },
};
static const struct explain_key other_field = { "h.", LINE, 40, "the header line" };

static struct explain_thing *new_thing(struct explain_things *t, struct place at)
{
	struct explain_thing *thing = vec_push(t->arena, &t->list);
	thing->at = at;
	return thing;
}

uint32_t explain_things_header_at(const struct explain_things *t, const struct place *place)
{
	uint32_t low = 0, high = t->headers->list.n;
	struct span raw = t->source->message->raw;
	if (place->in != PLACE_RAW || place->to <= place->from)
		return EXPLAIN_NONE;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (header_place(raw, &t->headers->list.v[middle]).from <= place->from)
			low = middle + 1;
		else
			high = middle;
	}
	return low && place->from < header_place(raw, &t->headers->list.v[low - 1]).to ? low - 1 : EXPLAIN_NONE;
}

struct explain_thing *explain_things_header(struct explain_things *t, uint32_t index)
{
	if (!t->of_header[index]) {
		const struct header *header = &t->headers->list.v[index];
		new_thing(t, header_place(t->source->message->raw, header))->header = header;
		t->of_header[index] = (uint16_t)t->list.n;
	}
	return &t->list.v[t->of_header[index] - 1];
}

struct explain_thing *explain_things_client(struct explain_things *t, struct place at)
{
	if (t->client == EXPLAIN_NONE) {
		t->client = t->list.n;
		new_thing(t, at);
	}
	return &t->list.v[t->client];
}

static uint32_t hash_id(struct span id)
{
	uint32_t h = 2166136261u;
	for (size_t i = 0; i < id.n; i++)
		h = (h ^ id.p[i]) * 16777619u;
	return h ^ h >> 15;
}

/* The thing of that name; id lies in FIELDS. */
static struct explain_thing *thing_named(struct explain_things *t, struct span id, struct place at)
{
	uint32_t slot = hash_id(id) % EXPLAIN_SLOTS;
	for (; t->slots[slot]; slot = (slot + 1) % EXPLAIN_SLOTS)
		if (span_eq(t->list.v[t->slots[slot] - 1].id, id))
			return &t->list.v[t->slots[slot] - 1];
	struct explain_thing *thing = new_thing(t, at);
	thing->id = id;
	t->slots[slot] = (uint16_t)t->list.n;
	return thing;
}

struct explain_thing *explain_things_link(struct explain_things *t, struct span url)
{
	size_t scheme = span_find(url, SPAN("://"), 0), end;
	struct span host = span_skip(url, scheme == SPAN_NPOS ? 0 : scheme + 3);
	for (end = 0; end < host.n && !strchr("/?#:", host.p[end]); end++)
		;
	host = span_first(host, end);
	for (uint32_t slot = hash_id(host) % EXPLAIN_SLOTS; t->slots[slot]; slot = (slot + 1) % EXPLAIN_SLOTS)
		if (span_eq(t->list.v[t->slots[slot] - 1].id, host))
			return &t->list.v[t->slots[slot] - 1];
	return NULL;
}

static void thing_says(struct explain_thing *thing, const struct explain_key *key, struct span value, float nats)
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

static const struct explain_key *key_of(struct span key)
{
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (span_at(key, 0) == keys[i].key[0] && span_ieq(key, span_cstr(keys[i].key)))
			return &keys[i];
	return &other_field;
}

static bool same_place(const struct place *a, const struct place *b)
{
	return a->from == b->from && a->to == b->to && a->part == b->part && a->in == b->in;
}

static struct explain_thing *thing_of_line(struct explain_things *t, const struct explain_key *key, struct span line, struct span value,
					   struct place at)
{
	uint32_t header = key->about == FIELD || key->about == LINE ? explain_things_header_at(t, &at) : EXPLAIN_NONE;
	if (header != EXPLAIN_NONE)
		return explain_things_header(t, header);
	if (key->about == CLIENT)
		return explain_things_client(t, at);
	if (key->about == LINK_MORE && t->link != EXPLAIN_NONE && same_place(&t->link_at, &at))
		return &t->list.v[t->link];
	struct explain_thing *thing = thing_named(t, key->about == LINK ? value : line, at);
	if (key->about == LINK) {
		thing->is_host = true;
		t->link = (uint32_t)(thing - t->list.v);
		t->link_at = at;
	}
	return thing;
}

/* "1 text/html encoding4 utf-8 flags0": the second word says it to a person. */
static struct span type_of_part(struct span value)
{
	struct span word = span_none;
	for (unsigned i = 0; i < 2 && span_split(&value, ' ', &word); i++)
		;
	return word;
}

static struct span what_was_found(const struct explain_things *t, struct span id)
{
	const struct evidence_set *set = t->source->evidence;
	for (uint32_t i = 0; set && i < set->list.n; i++)
		if (span_eq(span_cstr(set->list.v[i].def->id), id))
			return set->list.v[i].says;
	return id;
}

struct explain_things *explain_things_new(const struct view_source *source, struct arena *arena)
{
	struct explain_things *t = arena_new(arena, struct explain_things);
	t->source = source;
	t->headers = message_headers(source->message);
	t->arena = arena;
	t->of_header = arena_zalloc(arena, (t->headers->list.n + 1) * sizeof *t->of_header);
	t->client = t->link = EXPLAIN_NONE;
	return t;
}

void explain_things_line(struct explain_things *t, struct span line, struct place at, float nats)
{
	size_t colon = span_find_byte(line, ':', 0);
	const struct explain_key *key = key_of(span_first(line, colon));
	struct span value = span_skip(line, colon == SPAN_NPOS ? line.n : colon + 1);
	thing_says(thing_of_line(t, key, line, value, at), key, value, nats);
}

/* The line it is told by: one that moved the score the way the whole did, or any; a header field can be told without. */
static unsigned told_by(const struct explain_thing *thing)
{
	unsigned ham = thing->nats < 0;
	return thing->key[ham] || thing->header ? ham : !ham;
}

static bool names_recipients(const struct header *header)
{
	return header && (header->id == HEADER_TO || header->id == HEADER_CC || span_ieq(header->name, SPAN("bcc")));
}

/* Is it told as the whole line of the header? */
static bool is_spelled(const struct explain_thing *thing, const struct explain_key *key)
{
	return thing->header && (!key || key->about == LINE);
}

const char *explain_thing_name(const struct explain_thing *thing, unsigned *ret_telling)
{
	const struct explain_key *key = thing->key[told_by(thing)];
	if (!key && thing->header)
		key = &other_field;
	if (!key)
		return NULL;
	*ret_telling = names_recipients(thing->header) ? RECIPIENTS : key->telling;
	return key->name;
}

struct span explain_thing_quote(const struct explain_things *t, const struct explain_thing *thing)
{
	unsigned by = told_by(thing);
	const struct explain_key *key = thing->key[by];
	if (is_spelled(thing, key))
		return arena_printf(t->arena, "%.*s: %.*s", SPAN_ARG(span_first(thing->header->name, QUOTE)),
				    SPAN_ARG(span_first(header_unfolded(thing->header, t->arena), QUOTE)));
	switch (key->about) {
	case PART: return type_of_part(thing->value[by]);
	case FINDING: return what_was_found(t, thing->value[by]);
	case LINK_MORE: /* of long ones the host says more than the beginning does */
		return thing->is_host && thing->value[by].n > QUOTE ? thing->id : thing->value[by];
	default: return thing->value[by];
	}
}
