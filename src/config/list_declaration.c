/* config/list_declaration.c - see list_declaration.h; config/list_parse.c reads declarations from YAML. */
#include "config/list_declaration.h"

enum { PER_MESSAGE = 8, PER_DAY = 100000 };

const struct list_ask_row list_asks[LIST_ASKS] = {
	{ "client", LIST_OF_ADDRESSES, "the machine that handed the message over" },
	{ "relays", LIST_OF_ADDRESSES, "the machines below it that Received lines name; only for lists that want such questions" },
	{ "client_name", LIST_OF_NAMES, "the reverse name of that machine" },
	{ "helo", LIST_OF_NAMES, "the name that machine gave itself" },
	{ "from", LIST_OF_NAMES, "the domain of From" },
	{ "reply_to", LIST_OF_NAMES, "the domain of Reply-To" },
	{ "mail_from", LIST_OF_NAMES, "the domain of the envelope sender" },
	{ "link_domains", LIST_OF_NAMES, "the registrable domains of links" },
	{ "link_hosts", LIST_OF_NAMES, "the full hosts of links" },
	{ "link_addresses", LIST_OF_ADDRESSES, "hosts of links that are numbers" },
	{ "sites", LIST_OF_ADDRESSES, "the addresses that hosts of links resolve to" },
	{ "mail_addresses", LIST_OF_NAMES, "the mail addresses of From and Reply-To" },
	{ "urls", LIST_OF_NAMES, "whole links, as a browser writes them, without what follows a #" },
};

#define LIST(name, home, yaml) { name, home, yaml },
const struct list_catalogue_entry list_catalogue[] = {
#include "config/lists.def"
};
#undef LIST
const size_t list_catalogue_n = sizeof list_catalogue / sizeof *list_catalogue;

const struct list_catalogue_entry *list_catalogue_find(struct span name)
{
	for (size_t i = 0; i < list_catalogue_n; i++)
		if (span_eq(name, span_cstr(list_catalogue[i].name)))
			return &list_catalogue[i];
	return NULL;
}

/* 127.255.255.0/24 is how the larger lists say that they do not answer the asker; a listing it is nowhere. */
static struct list_code common_refusal = { { { 127, 127, 0 }, { 255, 255, 0 }, { 255, 255, 0 }, { 0, 255, 0 } }, 0, { NULL, 0 } };

void list_declaration_init(struct list_declaration *list, struct span name)
{
	*list =
	    (struct list_declaration){ .name = name, .per_message = PER_MESSAGE, .per_day = PER_DAY, .refusals = { &common_refusal, 1 } };
}

static void add_text(struct arena *arena, struct list_texts *texts, struct span text)
{
	texts->v = arena_grow(arena, texts->v, texts->n * sizeof *texts->v, (texts->n + 1) * sizeof *texts->v);
	texts->v[texts->n++] = text;
}

void list_declaration_complete(struct list_declaration *list, struct arena *arena)
{
	if (list->controls_set || !list->zone.n)
		return;
	/* RFC 5782 section 5. Hashes have no agreed test entries. */
	if (list_asks_kind(list, LIST_OF_ADDRESSES)) {
		add_text(arena, &list->must_list, SPAN("127.0.0.2"));
		add_text(arena, &list->must_not_list, SPAN("127.0.0.1"));
	}
	if (list_asks_kind(list, LIST_OF_ADDRESSES) && list->ipv6) {
		add_text(arena, &list->must_list, SPAN("::ffff:7f00:2"));
		add_text(arena, &list->must_not_list, SPAN("::ffff:7f00:1"));
	}
	if (list_asks_kind(list, LIST_OF_NAMES)) {
		add_text(arena, &list->must_list, SPAN("test"));
		add_text(arena, &list->must_not_list, SPAN("invalid"));
	}
}

bool list_code_matches(const struct list_code *code, uint32_t address)
{
	for (int i = 0; i < 4; i++) {
		uint8_t octet = (uint8_t)(address >> (24 - 8 * i));
		const struct list_octet *want = &code->octet[i];
		if (octet < want->least || octet > want->most || (want->bits && !(octet & want->bits)))
			return false;
	}
	return true;
}

static bool octet_parse(struct span text, struct list_octet *ret)
{
	uint64_t low, high;
	struct span rest = text, first;
	*ret = (struct list_octet){ 0, 255, 0 };
	if (span_eq(text, SPAN("*")))
		return true;
	if (span_starts(text, SPAN("&"))) {
		if (!span_to_uint(span_skip(text, 1), 255, &low) || low == 0)
			return false;
		ret->bits = (uint8_t)low;
		return true;
	}
	span_split(&rest, '-', &first);
	if (!span_to_uint(first, 255, &low) || (rest.p && !span_to_uint(rest, 255, &high)))
		return false;
	ret->least = (uint8_t)low;
	ret->most = rest.p ? (uint8_t)high : (uint8_t)low;
	return ret->least <= ret->most;
}

bool list_code_parse(struct span pattern, struct list_code *ret)
{
	struct list_code code = { .weight = 0 };
	struct span rest = pattern, octet;
	for (int i = 0; i < 4; i++)
		if (!span_split(&rest, '.', &octet) || !octet_parse(octet, &code.octet[i]))
			return false;
	if (rest.p)
		return false;
	*ret = code;
	return true;
}

int32_t list_most(const struct list_declaration *list)
{
	int32_t most = list->file.n && list->weight > 0 ? list->weight : 0;
	for (size_t i = 0; i < list->codes.n; i++)
		if (list->codes.v[i].weight > most)
			most = list->codes.v[i].weight;
	return most;
}

static void put_text(struct buf *out, struct span text)
{
	buf_byte(out, '"');
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '"' || text.p[i] == '\\')
			buf_byte(out, '\\');
		buf_byte(out, text.p[i]);
	}
	buf_byte(out, '"');
}

static void put_weight(struct buf *out, int32_t weight)
{
	uint32_t size = (uint32_t)(weight < 0 ? -weight : weight), part = size % 1000, digits = 3;
	buf_printf(out, "%s%u", weight < 0 ? "-" : "", size / 1000);
	for (; part && part % 10 == 0; part /= 10)
		digits--;
	if (part)
		buf_printf(out, ".%0*u", (int)digits, part);
}

static void put_code(struct buf *out, const struct list_code *code)
{
	buf_byte(out, '"');
	for (int i = 0; i < 4; i++) {
		const struct list_octet *o = &code->octet[i];
		buf_cstr(out, i ? "." : "");
		if (o->bits)
			buf_printf(out, "&%u", o->bits);
		else if (o->least == 0 && o->most == 255)
			buf_byte(out, '*');
		else if (o->least == o->most)
			buf_printf(out, "%u", o->least);
		else
			buf_printf(out, "%u-%u", o->least, o->most);
	}
	buf_byte(out, '"');
}

static void put_texts(struct buf *out, const char *field, const struct list_texts *texts)
{
	buf_printf(out, ", %s: [", field);
	for (size_t i = 0; i < texts->n; i++) {
		buf_cstr(out, i ? ", " : "");
		put_text(out, texts->v[i]);
	}
	buf_byte(out, ']');
}

static void put_asks(struct buf *out, uint32_t asks)
{
	const char *before = "";
	buf_cstr(out, ", ask: [");
	for (int i = 0; i < LIST_ASKS; i++)
		if (asks >> i & 1) {
			buf_printf(out, "%s%s", before, list_asks[i].word);
			before = ", ";
		}
	buf_byte(out, ']');
}

static void put_codes(struct buf *out, const struct list_declaration *list)
{
	buf_cstr(out, ", codes: {");
	for (size_t i = 0; i < list->codes.n; i++) {
		buf_cstr(out, i ? ", " : "");
		put_code(out, &list->codes.v[i]);
		buf_cstr(out, ": [");
		put_weight(out, list->codes.v[i].weight);
		buf_cstr(out, ", ");
		put_text(out, list->codes.v[i].means);
		buf_byte(out, ']');
	}
	buf_cstr(out, "}, refuses: [");
	for (size_t i = 0; i < list->refusals.n; i++) {
		buf_cstr(out, i ? ", " : "");
		put_code(out, &list->refusals.v[i]);
	}
	buf_byte(out, ']');
}

void list_declaration_put(const struct list_declaration *list, struct buf *out)
{
	if (list->like.n && !list->changed) {
		buf_put(out, list->like);
		return;
	}
	buf_cstr(out, "{name: ");
	put_text(out, list->name);
	buf_cstr(out, list->zone.n ? ", zone: " : ", file: ");
	put_text(out, list->zone.n ? list->zone : list->file);
	put_asks(out, list->asks);
	if (list->zone.n) {
		put_codes(out, list);
		put_texts(out, "must_list", &list->must_list);
		put_texts(out, "must_not_list", &list->must_not_list);
		if (list->hash)
			buf_printf(out, ", hash: %s, digits: %s", list->hash == LIST_SHA1 ? "sha1" : "sha256",
				   list->digits == LIST_BASE32 ? "base32" : "hex");
		buf_printf(out, ", ipv6: %s", list->ipv6 ? "yes" : "no");
	} else {
		buf_cstr(out, ", weight: ");
		put_weight(out, list->weight);
		buf_cstr(out, ", means: ");
		put_text(out, list->means);
	}
	buf_printf(out, ", per_message: %u, per_day: %u}", list->per_message, list->per_day);
}
