/* trap/reading.c - see reading.h */
#include "trap/reading.h"

#include "base/ascii.h"
#include "base/record.h"
#include "message/content.h"

enum {
	FORMAT = 1,
	SEARCHED =
	    128 * 1024, /* bytes of a message that are searched for our address from each end: whoever wants it found puts it there */
	SHOWN = 200,
	WEIGHT_END = 10001, /* of trap/own_spellings.def none weighs so much */
};
#define TIME_END (1ull << 36) /* the year 4147 */

static uint32_t forms_of(struct span address)
{
	uint32_t forms = 0;
	size_t at = span_rfind_byte(address, '@');
	struct span local = at == SPAN_NPOS ? address : span_first(address, at);
	if (span_at(address, 0) == '@')
		return TRAP_FORM_ROUTE;
	if (span_at(local, 0) == '"')
		return span_find_byte(local, '@', 0) != SPAN_NPOS ? TRAP_FORM_QUOTED : 0;
	forms |= span_find_byte(local, '%', 0) != SPAN_NPOS ? TRAP_FORM_PERCENT : 0;
	forms |= span_find_byte(local, '!', 0) != SPAN_NPOS ? TRAP_FORM_BANG : 0;
	forms |= span_find_byte(local, '@', 0) != SPAN_NPOS ? TRAP_FORM_TWO_AT : 0;
	return forms;
}

static void look(struct reading *r, const struct own_set *set, struct span bytes, enum reading_place place, struct arena *arena,
		 struct own_finds *finds)
{
	own_address_find(set, bytes, arena, finds);
	const struct own_find *best = own_address_best(finds);
	if (best && (!r->has_own[place] || best->weight > r->own_best[place].weight)) {
		r->has_own[place] = true;
		r->own_best[place] = *best;
	}
}

static void look_only(struct reading *r, const struct own_set *set, struct span bytes, enum reading_place place, struct arena *arena)
{
	struct own_finds finds = { 0 };
	look(r, set, span_first(bytes, SEARCHED), place, arena, &finds);
	if (bytes.n > SEARCHED)
		look(r, set, span_skip(bytes, bytes.n - SEARCHED < SEARCHED ? SEARCHED : bytes.n - SEARCHED), place, arena, &finds);
}

static void read_envelope(struct reading *r, const struct trap_catch *catch, const struct own_set *set, struct arena *arena)
{
	for (uint32_t i = 0; i < catch->n_recipients; i++) {
		r->forms |= forms_of(catch->recipients[i]);
		if (i < LIMIT_READING_RECIPIENTS) {
			struct span lower = span_first(arena_lower(arena, catch->recipients[i]), SHOWN);
			r->recipients[r->n_kept++] = lower;
			look_only(r, set, lower, READING_ENVELOPE, arena);
		}
	}
	look_only(r, set, r->mail_from, READING_ENVELOPE, arena);
	look_only(r, set, r->helo, READING_ENVELOPE, arena);
}

/* Headers but the subject. To is left out: whoever relays through us by a name of ours in an address says so in the envelope. */
static void read_headers(struct reading *r, const struct message *message, const struct own_set *set, struct arena *arena)
{
	const struct part *root = message_root(message);
	look_only(r, set, root->raw_header, READING_HEADER, arena);
	if (r->has_own[READING_SUBJECT] && r->has_own[READING_HEADER] && r->own_best[READING_HEADER].times == 1)
		r->has_own[READING_HEADER] = false;
}

static void read_message(struct reading *r, const struct trap_catch *catch, const struct own_set *set, struct arena *arena)
{
	struct message message;
	struct content content;
	message_parse(catch->message, arena, &message);
	content_examine(&message, &content);
	r->has_message = true;
	r->bytes = (uint32_t) catch->message.n;
	r->subject = span_first(content.subject, SHOWN);
	for (uint32_t i = 0; i < content.links.list.n; i++)
		r->links += link_has_host(&content.links.list.v[i]);
	struct own_finds in_subject = { 0 }, in_text = { 0 };
	look(r, set, r->subject, READING_SUBJECT, arena, &in_subject);
	struct span text = content.bodies.n ? content.bodies.v[0].text : span_none;
	for (uint32_t i = 0; i < content.bodies.n; i++) {
		r->text_bytes += (uint32_t)content.bodies.v[i].text.n;
		r->html |= content.bodies.v[i].html != NULL;
	}
	look(r, set, span_first(text, SEARCHED), READING_BODY, arena, &in_text);
	for (uint32_t i = 0; i < message.parts.n && i < LIMIT_READING_PARTS; i++)
		look_only(r, set, message.parts.v[i].kind == PART_MULTIPART ? span_none : message.parts.v[i].raw_body, READING_BODY, arena);
	for (uint32_t i = 0; i < content.attachments.list.n; i++)
		r->attachments += message.parts.v[content.attachments.list.v[i].part].kind == PART_OTHER;
	read_headers(r, &message, set, arena);
	family_shape_take(r->subject, &in_subject, text, &in_text, arena, &r->shape);
	const char *published =
	    family_published(r->subject, &in_subject, text, &in_text, r->mail_from, r->n_kept ? r->recipients[0] : span_none, arena);
	if (published)
		memcpy(r->published, published, strlen(published));
}

void reading_take(const struct trap_catch *catch, const struct own_set *set, struct arena *arena, struct reading *ret)
{
	memset(ret, 0, sizeof *ret);
	ret->time = catch->time;
	ret->ip = catch->ip;
	ret->own = catch->own;
	ret->own_port = catch->own_port;
	ret->esmtp = catch->esmtp;
	ret->tls = catch->tls;
	ret->manners = catch->manners;
	ret->dialect = catch->dialect;
	ret->resets = catch->resets;
	ret->n_recipients = catch->n_recipients;
	ret->helo = span_first(catch->helo, SHOWN);
	ret->mail_from = span_first(arena_lower(arena, catch->mail_from), SHOWN);
	read_envelope(ret, catch, set, arena);
	if (catch->message.p) {
		read_message(ret, catch, set, arena);
		return;
	}
	const char *published =
	    family_published(span_none, NULL, span_none, NULL, ret->mail_from, ret->n_kept ? ret->recipients[0] : span_none, arena);
	if (published)
		memcpy(ret->published, published, strlen(published));
}

static void put_ip(struct buf *out, const struct ip *ip) { buf_put(out, span_of(ip->b, sizeof ip->b)); }
static struct ip get_ip(struct cursor *c)
{
	struct ip ip = { 0 };
	struct span b = cursor_take(c, sizeof ip.b);
	memcpy(ip.b, b.p, b.n);
	return ip;
}

static void put_find(struct buf *out, const struct own_find *find)
{
	record_put_number(out, find->which);
	record_put_number(out, find->spelling);
	record_put_number(out, find->wrapping);
	record_put_number(out, find->port);
	record_put_number(out, find->from);
	record_put_number(out, find->to);
	record_put_number(out, find->times);
	record_put_number(out, (uint64_t)(int64_t)find->weight);
}

static void get_find(struct cursor *c, struct own_find *ret)
{
	ret->which = (uint32_t)record_below(c, LIMIT_OWN_ADDRESSES);
	ret->spelling = (uint8_t)record_below(c, OWN_SPELLINGS);
	ret->wrapping = (uint8_t)record_below(c, OWN_WRAPPINGS);
	ret->port = (uint16_t)record_below(c, 65536);
	ret->from = record_number(c);
	ret->to = record_number(c);
	ret->times = (uint32_t)record_below(c, UINT32_MAX);
	ret->weight = (int32_t)record_below(c, WEIGHT_END);
}

void reading_write(const struct reading *r, struct buf *out)
{
	record_put_number(out, FORMAT);
	record_put_number(out, (uint64_t)r->time);
	put_ip(out, &r->ip);
	put_ip(out, &r->own);
	record_put_number(out, r->own_port);
	record_put_number(out, (uint64_t)(r->esmtp | r->tls << 1 | r->has_message << 2 | r->html << 3 | r->shape.own << 4));
	const uint64_t numbers[] = { r->manners, r->forms,      r->dialect, r->resets,     r->n_recipients,
				     r->bytes,   r->text_bytes, r->links,   r->attachments };
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		record_put_number(out, numbers[i]);
	record_put_text(out, r->helo);
	record_put_text(out, r->mail_from);
	record_put_text(out, r->subject);
	record_put_number(out, r->n_kept);
	for (uint32_t i = 0; i < r->n_kept; i++)
		record_put_text(out, r->recipients[i]);
	for (unsigned i = 0; i < READING_PLACES; i++) {
		record_put_number(out, r->has_own[i]);
		if (r->has_own[i])
			put_find(out, &r->own_best[i]);
	}
	record_put_text(out, span_cstr(r->published));
	record_put_number(out, r->shape.words);
	record_put_text(out, r->shape.text);
	record_put_number(out, r->shape.n);
	for (uint32_t i = 0; i < r->shape.n; i++)
		record_put_number(out, r->shape.tokens[i]);
}

static void get_numbers(struct cursor *c, struct reading *r)
{
	uint64_t flags = record_below(c, 32);
	r->esmtp = flags & 1;
	r->tls = flags >> 1 & 1;
	r->has_message = flags >> 2 & 1;
	r->html = flags >> 3 & 1;
	r->shape.own = flags >> 4 & 1;
	r->manners = (uint32_t)record_below(c, UINT32_MAX);
	r->forms = (uint32_t)record_below(c, UINT32_MAX);
	r->dialect = record_number(c);
	uint32_t *const counts[] = { &r->resets, &r->n_recipients, &r->bytes, &r->text_bytes, &r->links, &r->attachments };
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
		*counts[i] = (uint32_t)record_below(c, UINT32_MAX);
}

static struct span get_shown(struct cursor *c)
{
	struct span text = record_text(c);
	c->overrun |= text.n > SHOWN;
	return text;
}

/* It is printed: letters, digits and dashes, as trap/families.def has them. */
static void get_published(struct cursor *c, struct reading *r)
{
	struct span name = record_text(c);
	bool sound = name.n < sizeof r->published;
	for (size_t i = 0; i < name.n && sound; i++)
		sound = ascii_is_alnum(name.p[i]) || name.p[i] == '-';
	c->overrun |= !sound;
	if (sound && name.n)
		memcpy(r->published, name.p, name.n);
}

int reading_read(struct span record, struct arena *arena, struct reading *ret)
{
	struct cursor c = cursor_of(record);
	struct reading *r = arena_new(arena, struct reading);
	if (record_number(&c) != FORMAT)
		return ERR_SYNTAX;
	r->time = (int64_t)record_below(&c, TIME_END);
	r->ip = get_ip(&c);
	r->own = get_ip(&c);
	r->own_port = (uint16_t)record_below(&c, 65536);
	get_numbers(&c, r);
	r->helo = get_shown(&c);
	r->mail_from = get_shown(&c);
	r->subject = get_shown(&c);
	r->n_kept = (uint32_t)record_below(&c, LIMIT_READING_RECIPIENTS + 1);
	for (uint32_t i = 0; i < r->n_kept; i++)
		r->recipients[i] = get_shown(&c);
	for (unsigned i = 0; i < READING_PLACES; i++) {
		r->has_own[i] = record_below(&c, 2);
		if (r->has_own[i])
			get_find(&c, &r->own_best[i]);
	}
	get_published(&c, r);
	r->shape.words = (uint32_t)record_below(&c, LIMIT_FAMILY_TOKENS + 1);
	r->shape.text = record_text(&c);
	r->shape.n = (uint32_t)record_below(&c, LIMIT_FAMILY_TOKENS + 1);
	for (uint32_t i = 0; i < r->shape.n; i++)
		r->shape.tokens[i] = record_number(&c);
	if (c.overrun || cursor_left(&c))
		return ERR_SYNTAX;
	*ret = *r;
	return 0;
}
