/* config/list_parse.c - reads declarations of lists: names of the catalogue, and maps that say everything or change an entry of it.
 *
 * One row a field. The catalogue's own entries are read by the same rows, so it can hold nothing that a user could not write. */
#include "base/ascii.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/nearest.h"
#include "config/settings_reading.h"

#define fail(r, at, ...) settings_reading_fail((r), (at), arena_printf((r)->arena, __VA_ARGS__))
#define here settings_reading_place
#define plain settings_reading_plain
#define scalar settings_reading_scalar
#define next settings_reading_next

static int need_scalar(struct settings_reading *r, const char *field, const char *form)
{
	return r->event.type == YAML_SCALAR_EVENT && scalar(r).n ? ERR_OK : fail(r, here(r), "%s is %s", field, form);
}

static struct span copy(struct settings_reading *r) { return arena_printf(r->arena, "%.*s", SPAN_ARG(scalar(r))); }

/* Names go into questions, sentences and reports. */
static bool name_ok(struct span name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!ascii_is_alnum(name.p[i]) && !memchr("_-.", name.p[i], 3))
			return false;
	return name.n > 0 && name.n <= 63;
}

static int set_name(struct settings_reading *r, struct list_declaration *list)
{
	int err = need_scalar(r, "name", "a word");
	if (!err && !name_ok(scalar(r)))
		err = fail(r, here(r), "the name of a list is one word of letters, digits, - and _, not \"%.*s\"", SPAN_ARG(scalar(r)));
	if (!err)
		list->name = copy(r);
	return err;
}

static const struct list_catalogue_entry *catalogued(struct settings_reading *r)
{
	struct span name = scalar(r);
	const struct list_catalogue_entry *entry = list_catalogue_find(name);
	if (entry)
		return entry;
	const char *near = nearest_word(name, &list_catalogue[0].name, sizeof list_catalogue[0], list_catalogue_n);
	if (near)
		fail(r, here(r), "the catalogue has no list \"%.*s\"; did you mean \"%s\"?", SPAN_ARG(name), near);
	else
		fail(r, here(r),
		     "the catalogue has no list \"%.*s\"; docs/lists.md names them, others are written as {name: ..., zone: ...}",
		     SPAN_ARG(name));
	return NULL;
}

static int set_like(struct settings_reading *r, struct list_declaration *list)
{
	int err = need_scalar(r, "like", "a name of the catalogue");
	if (err)
		return err;
	if (list->zone.n || list->file.n || list->asks || list->codes.n)
		return fail(r, here(r), "write `like` before what it changes");
	const struct list_catalogue_entry *entry = catalogued(r);
	struct span name = list->name;
	if (!entry || (err = settings_reading_catalogue(r, entry, list)))
		return ERR_SYNTAX;
	if (name.n)
		list->name = name;
	return ERR_OK;
}

/* "{key}" may stand in it for what set_key is given. */
static bool zone_ok(struct settings_reading *r, struct span zone)
{
	size_t at = span_find(zone, SPAN("{key}"), 0);
	struct span before = span_first(zone, at), after = span_skip(zone, at == SPAN_NPOS ? zone.n : at + 5);
	return zone.n <= LIMIT_LIST_ZONE_BYTES && settings_reading_domain(arena_printf(r->arena, "%.*s%s%.*s", SPAN_ARG(before),
										       at == SPAN_NPOS ? "" : "key", SPAN_ARG(after)));
}

static int set_zone(struct settings_reading *r, struct list_declaration *list)
{
	int err = need_scalar(r, "zone", "a domain name, as bl.example.org");
	if (err)
		return err;
	struct span zone = scalar(r);
	if (span_ends(zone, SPAN(".")))
		zone.n--;
	if (!zone_ok(r, zone))
		return fail(r, here(r), "\"%.*s\" is no zone of the DNS; write it as bl.example.org", SPAN_ARG(zone));
	list->zone = arena_lower(r->arena, zone);
	return ERR_OK;
}

static int set_key(struct settings_reading *r, struct list_declaration *list)
{
	int err = need_scalar(r, "key", "the word the list's operator gave you");
	if (!err && (!settings_reading_domain(arena_printf(r->arena, "%.*s.x", SPAN_ARG(scalar(r))))))
		err = fail(r, here(r), "key is one label of a name: letters, digits and -");
	if (!err)
		list->key = copy(r);
	return err;
}

static int set_file(struct settings_reading *r, struct list_declaration *list)
{
	int err = need_scalar(r, "file", "the path of a file, from / on");
	if (!err && (scalar(r).p[0] != '/' || !plain(scalar(r))))
		err = fail(r, here(r), "file needs a path that begins with /, not \"%.*s\"", SPAN_ARG(scalar(r)));
	if (!err)
		list->file = copy(r);
	return err;
}

/* Calls each for every word of a scalar or of a flat list of scalars. */
static int each_word(struct settings_reading *r, struct list_declaration *list, const char *field,
		     int (*each)(struct settings_reading *, struct list_declaration *, struct span))
{
	bool sequence = r->event.type == YAML_SEQUENCE_START_EVENT;
	int err = ERR_OK;
	do {
		if (sequence && (err = next(r)))
			return err;
		if (sequence && r->event.type == YAML_SEQUENCE_END_EVENT)
			return ERR_OK;
		if (r->event.type != YAML_SCALAR_EVENT)
			return fail(r, here(r), "%s is a word or a flat list of words, as [a, b]", field);
		struct span rest = scalar(r), word;
		while (!err && span_split(&rest, ' ', &word))
			if (word.n)
				err = each(r, list, word);
	} while (sequence && !err);
	return err;
}

static int add_ask(struct settings_reading *r, struct list_declaration *list, struct span word)
{
	for (int i = 0; i < LIST_ASKS; i++)
		if (span_eq(word, span_cstr(list_asks[i].word))) {
			list->asks |= 1u << i;
			return ERR_OK;
		}
	const char *near = nearest_word(word, &list_asks[0].word, sizeof list_asks[0], LIST_ASKS);
	return near ? fail(r, here(r), "a list cannot be asked about \"%.*s\"; did you mean \"%s\"?", SPAN_ARG(word), near)
		    : fail(r, here(r), "a list cannot be asked about \"%.*s\"; docs/lists.md names what it can be asked about",
			   SPAN_ARG(word));
}

static int set_ask(struct settings_reading *r, struct list_declaration *list)
{
	list->asks = 0;
	return each_word(r, list, "ask", add_ask);
}

static int read_weight(struct settings_reading *r, int32_t *ret)
{
	int64_t weight;
	if (r->event.type != YAML_SCALAR_EVENT || !settings_reading_milli(scalar(r), &weight))
		return fail(r, here(r), "a weight is a number of nats, as 2.5, or below 0 for a list that speaks for mail");
	if (weight < -LIST_WEIGHT_MOST || weight > LIST_WEIGHT_MOST)
		return fail(r, here(r), "a weight lies between -%d and %d: no list alone refuses mail", LIST_WEIGHT_MOST / 1000,
			    LIST_WEIGHT_MOST / 1000);
	*ret = (int32_t)weight;
	return ERR_OK;
}

static int set_weight(struct settings_reading *r, struct list_declaration *list) { return read_weight(r, &list->weight); }

static int read_means(struct settings_reading *r, struct span *ret)
{
	if (r->event.type != YAML_SCALAR_EVENT || !scalar(r).n || !plain(scalar(r)))
		return fail(r, here(r), "say in words what it means: the sentence goes on \"... is on the list NAME: \"");
	*ret = copy(r);
	return ERR_OK;
}

static int set_means(struct settings_reading *r, struct list_declaration *list) { return read_means(r, &list->means); }

static struct list_code *add_code(struct settings_reading *r, struct list_codes *codes)
{
	codes->v = arena_grow(r->arena, codes->v, codes->n * sizeof *codes->v, (codes->n + 1) * sizeof *codes->v);
	return &codes->v[codes->n++];
}

static int read_pattern(struct settings_reading *r, struct span text, struct list_code *ret)
{
	return list_code_parse(text, ret)
		   ? ERR_OK
		   : fail(r, here(r),
			  "\"%.*s\" is no answer of a list; write 127.0.0.2, 127.0.0.4-7, 127.0.*.3 or 127.0.0.&8 (has "
			  "that bit)",
			  SPAN_ARG(text));
}

/* 127.0.0.2: [2.5, sends spam] */
static int read_code(struct settings_reading *r, struct list_declaration *list)
{
	struct list_code code;
	int err = r->event.type == YAML_SCALAR_EVENT ? read_pattern(r, scalar(r), &code) : fail(r, here(r), "an answer is expected here");
	if (err || (err = next(r)))
		return err;
	if (r->event.type != YAML_SEQUENCE_START_EVENT)
		return fail(r, here(r), "each answer has a weight and a meaning: 127.0.0.2: [2.5, sends spam]");
	if ((err = next(r)) || (err = read_weight(r, &code.weight)) || (err = next(r)) || (err = read_means(r, &code.means)) ||
	    (err = next(r)))
		return err;
	if (r->event.type != YAML_SEQUENCE_END_EVENT)
		return fail(r, here(r), "put the meaning in quotes: 127.0.0.2: [2.5, \"sends spam, often\"]");
	if (list->codes.n == LIMIT_LIST_CODES)
		return fail(r, here(r), "more than %u codes", LIMIT_LIST_CODES);
	*add_code(r, &list->codes) = code;
	return ERR_OK;
}

static int set_codes(struct settings_reading *r, struct list_declaration *list)
{
	int err;
	list->codes = (struct list_codes){ 0 };
	if (r->event.type != YAML_MAPPING_START_EVENT)
		return fail(r, here(r), "codes is a map: {127.0.0.2: [2.5, sends spam]}");
	while (!(err = next(r)) && r->event.type != YAML_MAPPING_END_EVENT)
		if ((err = read_code(r, list)))
			return err;
	return err;
}

static int add_refusal(struct settings_reading *r, struct list_declaration *list, struct span word)
{
	struct list_code code;
	int err = read_pattern(r, word, &code);
	if (!err && list->refusals.n == LIMIT_LIST_CODES)
		err = fail(r, here(r), "more than %u codes", LIMIT_LIST_CODES);
	if (!err)
		*add_code(r, &list->refusals) = code;
	return err;
}

/* 127.255.255.* always stays among them. */
static int set_refuses(struct settings_reading *r, struct list_declaration *list)
{
	struct list_code first = list->refusals.v[0];
	list->refusals = (struct list_codes){ 0 };
	*add_code(r, &list->refusals) = first;
	return each_word(r, list, "refuses", add_refusal);
}

static int add_control(struct settings_reading *r, struct list_texts *texts, struct span word)
{
	if (!plain(word))
		return fail(r, here(r), "a control question is an address or a name");
	if (texts->n == LIMIT_LIST_CONTROLS)
		return fail(r, here(r), "more than %u control questions", LIMIT_LIST_CONTROLS);
	texts->v = arena_grow(r->arena, texts->v, texts->n * sizeof *texts->v, (texts->n + 1) * sizeof *texts->v);
	texts->v[texts->n++] = arena_dup(r->arena, word);
	return ERR_OK;
}

static int add_must(struct settings_reading *r, struct list_declaration *list, struct span word)
{
	return add_control(r, &list->must_list, word);
}

static int add_must_not(struct settings_reading *r, struct list_declaration *list, struct span word)
{
	return add_control(r, &list->must_not_list, word);
}

static int set_must(struct settings_reading *r, struct list_declaration *list)
{
	list->controls_set = true;
	list->must_list = (struct list_texts){ 0 };
	return each_word(r, list, "must_list", add_must);
}

static int set_must_not(struct settings_reading *r, struct list_declaration *list)
{
	list->controls_set = true;
	list->must_not_list = (struct list_texts){ 0 };
	return each_word(r, list, "must_not_list", add_must_not);
}

static int set_hash(struct settings_reading *r, struct list_declaration *list)
{
	int err = need_scalar(r, "hash", "sha1 or sha256");
	if (err)
		return err;
	list->hash = span_eq(scalar(r), SPAN("sha1")) ? LIST_SHA1 : span_eq(scalar(r), SPAN("sha256")) ? LIST_SHA256 : LIST_PLAIN;
	return list->hash ? ERR_OK : fail(r, here(r), "hash is sha1 or sha256, not \"%.*s\"", SPAN_ARG(scalar(r)));
}

static int set_digits(struct settings_reading *r, struct list_declaration *list)
{
	int err = need_scalar(r, "digits", "hex or base32");
	if (err)
		return err;
	list->digits = span_eq(scalar(r), SPAN("base32")) ? LIST_BASE32 : LIST_HEX;
	return list->digits == LIST_BASE32 || span_eq(scalar(r), SPAN("hex"))
		   ? ERR_OK
		   : fail(r, here(r), "digits is hex or base32, not \"%.*s\"", SPAN_ARG(scalar(r)));
}

static int set_ipv6(struct settings_reading *r, struct list_declaration *list)
{
	int err = need_scalar(r, "ipv6", "yes or no");
	return err || settings_reading_yes_no(scalar(r), &list->ipv6) ? err : fail(r, here(r), "ipv6 is yes or no");
}

static int set_count(struct settings_reading *r, uint64_t most, uint32_t *ret)
{
	uint64_t count;
	if (r->event.type != YAML_SCALAR_EVENT || !span_to_uint(scalar(r), most, &count) || count == 0)
		return fail(r, here(r), "a number of questions is expected, from 1 to %llu", (unsigned long long)most);
	*ret = (uint32_t)count;
	return ERR_OK;
}

static int set_per_message(struct settings_reading *r, struct list_declaration *list)
{
	return set_count(r, LIST_PER_MESSAGE_MOST, &list->per_message);
}

static int set_per_day(struct settings_reading *r, struct list_declaration *list) { return set_count(r, 1000000000, &list->per_day); }

static const struct field {
	const char *name;
	int (*set)(struct settings_reading *, struct list_declaration *);
} fields[] = {
	{ "name", set_name },       { "like", set_like },
	{ "zone", set_zone },       { "key", set_key },
	{ "file", set_file },       { "ask", set_ask },
	{ "codes", set_codes },     { "refuses", set_refuses },
	{ "weight", set_weight },   { "means", set_means },
	{ "hash", set_hash },       { "digits", set_digits },
	{ "must_list", set_must },  { "must_not_list", set_must_not },
	{ "ipv6", set_ipv6 },       { "per_message", set_per_message },
	{ "per_day", set_per_day },
};
enum { FIELDS = sizeof fields / sizeof *fields };

/* The event is the name of a field. */
static int read_field(struct settings_reading *r, struct list_declaration *list, uint32_t *seen)
{
	if (r->event.type != YAML_SCALAR_EVENT)
		return fail(r, here(r), "the name of a field is expected here, as zone or ask");
	struct span name = scalar(r);
	unsigned i = 0;
	while (i < FIELDS && !span_eq(name, span_cstr(fields[i].name)))
		i++;
	if (i == FIELDS) {
		const char *near = nearest_word(name, &fields[0].name, sizeof fields[0], FIELDS);
		return near ? fail(r, here(r), "a list has no \"%.*s\"; did you mean \"%s\"?", SPAN_ARG(name), near)
			    : fail(r, here(r), "a list has no \"%.*s\"; docs/lists.md names its fields", SPAN_ARG(name));
	}
	if (*seen >> i & 1)
		return fail(r, here(r), "%s is set twice for one list", fields[i].name);
	*seen |= 1u << i;
	int err = next(r);
	return err ? err : fields[i].set(r, list);
}

/* What stands after a mapping began, to its end. */
static int read_fields(struct settings_reading *r, struct list_declaration *list)
{
	uint32_t seen = 0;
	int err;
	while (!(err = next(r)) && r->event.type != YAML_MAPPING_END_EVENT)
		if ((err = read_field(r, list, &seen)))
			return err;
	list->changed = seen & ~3u || !span_eq(list->name, list->like); /* more than name and like */
	return err;
}

int settings_reading_catalogue(struct settings_reading *r, const struct list_catalogue_entry *entry, struct list_declaration *ret)
{
	struct settings_reading inner;
	struct list_declaration list;
	list_declaration_init(&list, span_cstr(entry->name));
	int err = settings_reading_open(&inner, span_cstr(entry->name), span_cstr(entry->yaml), r->arena);
	if (err)
		return fail(r, here(r), "out of memory");
	while (!(err = next(&inner)) && inner.event.type != YAML_MAPPING_START_EVENT)
		;
	if (!err)
		err = read_fields(&inner, &list);
	settings_reading_close(&inner);
	r->error = err ? inner.error : r->error;
	list.like = list.name;
	list.changed = false;
	if (!err)
		*ret = list;
	return err;
}

static int fill_key(struct settings_reading *r, struct list_declaration *list, struct settings_place at)
{
	size_t key = span_find(list->zone, SPAN("{key}"), 0);
	if (key == SPAN_NPOS)
		return ERR_OK;
	if (!list->key.n)
		return fail(r, at, "%.*s needs the key its operator gave you: {like: %.*s, key: YOURKEY}", SPAN_ARG(list->name),
			    SPAN_ARG(list->name));
	struct span after = span_skip(list->zone, key + 5), before = span_first(list->zone, key);
	list->zone = arena_lower(r->arena, arena_printf(r->arena, "%.*s%.*s%.*s", SPAN_ARG(before), SPAN_ARG(list->key), SPAN_ARG(after)));
	list->changed = true;
	return ERR_OK;
}

/* What a list needs to be of use. */
static int check(struct settings_reading *r, struct list_declaration *list, struct settings_place at)
{
	struct span name = list->name;
	if (!name.n)
		return fail(r, at, "a list needs a name: {name: ours, zone: bl.example.org, ...}");
	if (!list->zone.n == !list->file.n)
		return fail(r, at, "%.*s needs either a zone of the DNS or a file", SPAN_ARG(name));
	if (!list->asks)
		return fail(r, at, "%.*s needs to know what it is asked: ask: [client]", SPAN_ARG(name));
	if (list->file.n && (list->codes.n || list->hash || !list->means.n))
		return fail(r, at, "%.*s is a file: it has weight and means, neither codes nor hash", SPAN_ARG(name));
	if (list->zone.n && (!list->codes.n || list->weight || list->means.n))
		return fail(r, at, "%.*s needs codes, each with its weight and meaning: {127.0.0.2: [2.5, sends spam]}", SPAN_ARG(name));
	if (list->zone.n && list->asks & (LIST_MAIL_ADDRESSES | LIST_URLS) && !list->hash)
		return fail(r, at, "%.*s needs a hash: mail addresses and links do not stand in the DNS as they are", SPAN_ARG(name));
	return fill_key(r, list, at);
}

/* One element: a name of the catalogue, or a map. */
static int read_list(struct settings_reading *r, struct settings_lists *lists, uint32_t *capacity)
{
	struct list_declaration list;
	struct settings_place at = here(r);
	int err = ERR_OK;
	list_declaration_init(&list, span_none);
	if (r->event.type == YAML_MAPPING_START_EVENT) {
		err = read_fields(r, &list);
	} else if (r->event.type == YAML_SCALAR_EVENT) {
		const struct list_catalogue_entry *entry = catalogued(r);
		err = entry ? settings_reading_catalogue(r, entry, &list) : ERR_SYNTAX;
	} else {
		err = fail(r, at, "a name of the catalogue or a map is expected: {name: ours, zone: bl.example.org, ...}");
	}
	if (err || (err = check(r, &list, at)))
		return err;
	for (size_t i = 0; i < lists->n; i++)
		if (span_eq(lists->v[i].name, list.name))
			return fail(r, at, "two lists are named %.*s", SPAN_ARG(list.name));
	if (lists->n == LIMIT_LISTS)
		return fail(r, at, "more than %u lists", LIMIT_LISTS);
	list_declaration_complete(&list, r->arena);
	if (lists->n == *capacity) {
		lists->v = arena_grow(r->arena, lists->v, lists->n * sizeof *lists->v, (lists->n + 8) * sizeof *lists->v);
		*capacity += 8;
	}
	lists->v[lists->n++] = list;
	return ERR_OK;
}

int settings_reading_lists(struct settings_reading *r, struct settings_lists *ret)
{
	struct settings_lists lists = { 0 };
	uint32_t capacity = 0;
	int err = ERR_OK;
	if (r->event.type == YAML_SCALAR_EVENT) {
		err = scalar(r).n ? read_list(r, &lists, &capacity) : ERR_OK;
	} else {
		while (!(err = next(r)) && r->event.type != YAML_SEQUENCE_END_EVENT)
			if ((err = read_list(r, &lists, &capacity)))
				break;
	}
	if (!err)
		*ret = lists;
	return err;
}
