/* learn/view.c - see view.h */
#include "learn/view.h"
#include "base/ascii.h"
#include "base/block.h"
#include "base/utf8.h"
#include "learn/delivered.h"

/* What is added to a view from here on stands at place. */
static void piece(struct view *view, bool exact, struct place place)
{
	*vec_push(view->text.arena, &view->pieces) = (struct view_piece){ .at = (uint32_t)view->text.n, .exact = exact, .place = place };
}

/* Line ends are LF in every view, as in a mailbox, whatever the network uses: bytes without CR, which stand at place, at most most of them.
 */
static void put_lines(struct view *view, struct span s, struct place place, size_t most)
{
	size_t end = view->text.n + most;
	while (s.n && view->text.n < end) {
		const uint8_t *cr = memchr(s.p, '\r', s.n);
		size_t n = cr ? (size_t)(cr - s.p) : s.n;
		if (n) {
			piece(view, true, place);
			buf_put(&view->text, span_first(s, n < end - view->text.n ? n : end - view->text.n));
		}
		place.from += (uint32_t)n + 1;
		s = span_skip(s, cr ? n + 1 : n);
	}
}

/* Letters in lower case up to the first byte that is not plain ASCII, or a CR. */
static size_t put_ascii(struct buf *out, struct span s, size_t end)
{
	size_t i = 0, most = end - out->n < s.n ? end - out->n : s.n;
	if (!buf_room(out, most))
		return s.n;
	uint8_t *to = out->p + out->n;
	for (; i + sizeof(block) <= most; i += sizeof(block)) {
		block c = block_load(s.p + i);
		if (block_bits((block)(c >= 0x80) | (block)(c == '\r')))
			break;
		c += (block)(c - 'A' < 26) & 0x20;
		memcpy(to + i, &c, sizeof c);
	}
	for (; i < most && s.p[i] < 0x80 && s.p[i] != '\r'; i++)
		to[i] = ascii_lower(s.p[i]);
	out->n += i;
	return i;
}

static void put_lower(struct buf *out, struct span s, size_t most)
{
	size_t end = out->n + most;
	for (size_t i = 0; i < s.n && out->n < end;) {
		if (s.p[i] < 0x80 && s.p[i] != '\r') {
			i += put_ascii(out, span_skip(s, i), end);
			continue;
		}
		if (s.p[i] != '\r')
			buf_byte(out, s.p[i]);
		i++;
	}
}

/* ---- what delivery added, and what no two messages share: asked once a field, for RAW and FIELDS ---- */

enum { SENT, ADDED, OPAQUE };

static uint8_t kind_of(struct delivered *delivered, const struct header *field)
{
	return delivered_field(delivered, field) ? ADDED : delivered_opaque(field) ? OPAQUE : SENT;
}

static uint8_t *kinds(const struct view_source *s, struct arena *arena)
{
	const struct headers *headers = message_headers(s->message);
	uint8_t *kind = arena_alloc(arena, headers->list.n + 1);
	struct delivered delivered;
	delivered_begin(s->path, &delivered);
	for (uint32_t i = 0; i < headers->list.n; i++)
		kind[i] = kind_of(&delivered, &headers->list.v[i]);
	return kind;
}

/* ---- RAW ---- */

static const struct hop *client_of(const struct path *path) { return path->boundary < path->hops.n ? &path->hops.v[path->boundary] : NULL; }

/* A greeting ends at a blank: what a client says behind it no Received line keeps apart from the server's own words. */
static struct span greeting(const struct hop *hop)
{
	struct span helo = hop->received.helo;
	return span_first(helo, span_find_byte(helo, ' ', 0));
}

/* The machine outside, in the same words whether its connection was seen or only our server's line about it. */
static void put_client(struct view *view, const struct view_source *s)
{
	const struct hop *hop = client_of(s->path);
	if (!hop)
		return;
	char text[IP_TEXT_MAX];
	piece(view, false, hop->header ? header_place(s->message->raw, hop->header) : (struct place){ 0 });
	buf_cstr(&view->text, "helo:");
	put_lower(&view->text, greeting(hop), 255);
	buf_cstr(&view->text, "\nrdns:");
	put_lower(&view->text, hop->received.rdns, 255);
	buf_cstr(&view->text, "\nip:");
	if (hop->received.has_ip)
		buf_put(&view->text, span_of(text, ip_format(&hop->received.ip, text)));
	buf_byte(&view->text, '\n');
}

static bool base64_line(struct span line)
{
	if (line.n < 56 || line.n > 80)
		return false;
	for (size_t i = 0; i < line.n; i++) {
		uint8_t c = line.p[i];
		if (!ascii_is_alnum(c) && c != '+' && c != '/' && c != '=')
			return false;
	}
	return true;
}

/* The beginning of the body; of a run of base64 only its first line: it says what kind of bytes follow. */
static void put_body(struct view *view, const struct view_source *s)
{
	enum { LOOK = 65536 };
	struct span body = span_first(message_root(s->message)->raw_body, LOOK);
	size_t end = view->text.n + VIEW_BODY_BYTES;
	bool in_base64 = false;
	while (body.n && view->text.n < end) {
		const uint8_t *lf = memchr(body.p, '\n', body.n);
		struct span line = span_first(body, lf ? (size_t)(lf - body.p) + 1 : body.n);
		struct span text = line;
		while (text.n && (text.p[text.n - 1] == '\n' || text.p[text.n - 1] == '\r'))
			text.n--;
		bool base64 = base64_line(text);
		if (!base64 || !in_base64) {
			put_lines(view, line, message_place(s->message, line), end - view->text.n);
		}
		in_base64 = base64;
		body = span_skip(body, line.n);
	}
}

static void build_raw(const struct view_source *s, const uint8_t *kind, struct view *view)
{
	const struct headers *headers = message_headers(s->message);
	for (uint32_t i = 0; i < headers->list.n && view->text.n < VIEW_HEADER_BYTES; i++) {
		const struct header *field = &headers->list.v[i];
		if (kind[i] == ADDED)
			continue;
		bool opaque = kind[i] == OPAQUE;
		put_lines(view, opaque ? field->name : field->raw, header_place(s->message->raw, field), VIEW_HEADER_BYTES - view->text.n);
		if (opaque)
			buf_byte(&view->text, '\n');
	}
	put_client(view, s);
	put_body(view, s);
}

/* ---- TEXT ---- */

static bool unseen(struct span text, size_t i, size_t *ret_n)
{
	uint32_t character;
	*ret_n = 1;
	if (text.p[i] < 0x80)
		return text.p[i] == '\r';
	*ret_n = utf8_decode(text, i, &character);
	return unicode_is_invisible(character) || unicode_is_bidi(character);
}

static void put_visible(struct view *view, struct span text, struct place place, size_t end)
{
	bool fresh = true;
	for (size_t i = 0, n; i < text.n && view->text.n < end; i += n) {
		if (unseen(text, i, &n)) {
			fresh = true;
			continue;
		}
		if (fresh) {
			struct place from_here = place;
			from_here.from += (uint32_t)i;
			piece(view, true, from_here);
			fresh = false;
		}
		if (text.p[i] < 0x80)
			n = put_ascii(&view->text, span_skip(text, i), end);
		else
			buf_put(&view->text, span_slice(text, i, i + n));
	}
}

static void build_text(const struct view_source *s, struct view *view)
{
	const struct content *c = s->content;
	struct arena *arena = view->text.arena;
	/* Letters in fancy dress are read as what they imitate; then places are those of the whole text. */
	bool dressed = c->unicode.styled || c->unicode.mixed_words;
	const struct header *subject = header_first(message_headers(s->message), HEADER_SUBJECT);
	if (subject) {
		piece(view, false, header_place(s->message->raw, subject));
		struct span text = dressed ? unicode_fold(span_first(c->subject, VIEW_TEXT_BYTES), arena) : c->subject;
		put_lower(&view->text, text, VIEW_TEXT_BYTES);
		buf_byte(&view->text, '\n');
	}
	for (uint32_t i = 0; i < c->bodies.n && view->text.n < VIEW_TEXT_BYTES; i++) {
		const struct body *body = &c->bodies.v[i];
		struct place place = { .from = 0, .to = (uint32_t)body->text.n, .part = body->part, .in = PLACE_TEXT };
		if (dressed) {
			piece(view, false, place);
			put_lower(&view->text, unicode_fold(span_first(body->text, VIEW_TEXT_BYTES), arena),
				  VIEW_TEXT_BYTES - view->text.n);
		} else {
			put_visible(view, body->text, place, VIEW_TEXT_BYTES);
		}
		buf_byte(&view->text, '\n');
	}
}

/* ---- FIELDS ---- */

/* Line ends within a value are blanks, as in a mailbox whatever the network uses; few values have one. A block behind can be written. */
static size_t one_line(uint8_t *p, size_t n)
{
	block breaks = { 0 };
	size_t k = 0;
	memset(p + n, 0, sizeof(block));
	for (size_t i = 0; i < n; i += sizeof(block)) {
		block c = block_load(p + i);
		breaks |= (block)(c == '\n') | (block)(c == '\r');
	}
	if (!block_bits(breaks))
		return n;
	for (size_t i = 0; i < n; i++)
		if (p[i] != '\r')
			p[k++] = p[i] == '\n' ? ' ' : p[i];
	return k;
}

static void line(struct view *view, struct span key, struct span value, struct place place)
{
	enum { VALUE = 300 };
	value = span_first(value, VALUE);
	if (!value.p || view->text.full)
		return;
	if (view->text.n + key.n + value.n + 2 > VIEW_FIELDS_BYTES) {
		view->text.full = true;
		return;
	}
	piece(view, false, place);
	uint8_t *out = view->text.p + view->text.n;
	memcpy(out, key.p, key.n);
	out += key.n;
	*out++ = ':';
	memcpy(out, value.p, value.n);
	out += one_line(out, value.n);
	*out++ = '\n';
	view->text.n = (size_t)(out - view->text.p);
}

static void client_lines(struct view *view, const struct view_source *s)
{
	const struct hop *hop = client_of(s->path);
	if (!hop)
		return;
	struct place place = hop->header ? header_place(s->message->raw, hop->header) : (struct place){ 0 };
	char text[IP_TEXT_MAX];
	line(view, SPAN("helo"), greeting(hop), place);
	line(view, SPAN("rdns"), hop->received.rdns, place);
	if (hop->received.has_ip)
		line(view, SPAN("ip"), span_of(text, ip_format(&hop->received.ip, text)), place);
}

static void address_lines(struct view *view, const struct view_source *s)
{
	enum { EACH = 6 };
	const struct content *c = s->content;
	const struct {
		const char *name, *spec, *domain;
		const struct addresses *addresses;
	} fields[] = {
		{ "from.name", "from.addr", "from.domain", &c->from },
		{ "sender.name", "sender.addr", "sender.domain", &c->sender },
		{ "reply-to.name", "reply-to.addr", "reply-to.domain", &c->reply_to },
		{ "to.name", "to.addr", "to.domain", &c->to },
		{ "cc.name", "cc.addr", "cc.domain", &c->cc },
	};
	for (size_t f = 0; f < sizeof fields / sizeof *fields; f++)
		for (uint32_t i = 0; i < fields[f].addresses->list.n && i < EACH; i++) {
			const struct address *a = &fields[f].addresses->list.v[i];
			line(view, span_cstr(fields[f].name), a->display, a->at);
			line(view, span_cstr(fields[f].spec), a->spec, a->at);
			line(view, span_cstr(fields[f].domain), a->domain, a->at);
		}
}

/* Fields that have lines of their own, or that other views hold. */
static bool spoken_for(uint16_t id)
{
	switch (id) {
	case HEADER_RECEIVED:
	case HEADER_FROM:
	case HEADER_TO:
	case HEADER_CC:
	case HEADER_SUBJECT:
	case HEADER_MESSAGE_ID:
	case HEADER_REPLY_TO:
	case HEADER_SENDER: return true;
	default: return false;
	}
}

static void header_lines(struct view *view, const struct view_source *s, const uint8_t *kind)
{
	const struct headers *headers = message_headers(s->message);
	struct arena *arena = view->text.arena;
	for (uint32_t i = 0; i < headers->list.n && !view->text.full; i++) {
		const struct header *field = &headers->list.v[i];
		if (kind[i] == ADDED || field->id == HEADER_RECEIVED)
			continue;
		struct place place = header_place(s->message->raw, field);
		line(view, SPAN("name"), field->name, place);
		if (kind[i] == OPAQUE || spoken_for(field->id))
			continue;
		uint8_t key[64] = "h.";
		struct span name = span_first(field->name, sizeof key - 2);
		memcpy(key + 2, name.p, name.n);
		line(view, span_of(key, name.n + 2), header_unfolded(field, arena), place);
	}
}

static void put_number(struct buf *out, uint32_t number, uint32_t base)
{
	uint8_t digits[10];
	size_t at = sizeof digits;
	do
		digits[--at] = (uint8_t) "0123456789abcdef"[number % base];
	while (number /= base);
	buf_put(out, span_of(digits + at, sizeof digits - at));
}

static void part_lines(struct view *view, const struct view_source *s)
{
	for (uint32_t i = 0; i < s->message->parts.n && !view->text.full; i++) {
		const struct part *p = &s->message->parts.v[i];
		struct place place = p->raw_header.n ? message_place(s->message, p->raw_header) : (struct place){ 0 };
		struct buf facts;
		buf_init(&facts, view->text.arena, 256);
		put_number(&facts, p->depth, 10);
		buf_byte(&facts, ' ');
		buf_put(&facts, span_first(p->type.value, 80));
		buf_cstr(&facts, " encoding");
		put_number(&facts, p->encoding, 10);
		buf_byte(&facts, ' ');
		buf_put(&facts, span_first(p->charset, 40));
		buf_cstr(&facts, " flags");
		put_number(&facts, p->flags, 16);
		line(view, SPAN("part"), buf_span(&facts), place);
		for (uint32_t n = 0; n < p->names.n; n++)
			line(view, SPAN("filename"), p->names.v[n].text, p->names.v[n].at);
	}
}

static void link_lines(struct view *view, const struct view_source *s)
{
	for (uint32_t i = 0; i < s->content->links.list.n && i < VIEW_LINKS; i++) {
		const struct link *l = &s->content->links.list.v[i];
		if (l->flags & LINK_BROKEN) {
			line(view, SPAN("link.broken"), l->raw, l->at);
			continue;
		}
		line(view, SPAN("link.host"), l->url.host, l->at);
		line(view, SPAN("link.domain"), l->domain, l->at);
		line(view, SPAN("link"), l->url.href, l->at);
	}
}

static void build_fields(const struct view_source *s, const uint8_t *kind, struct view *view)
{
	const struct header *subject = header_first(message_headers(s->message), HEADER_SUBJECT);
	const struct header *id = header_first(message_headers(s->message), HEADER_MESSAGE_ID);
	client_lines(view, s);
	address_lines(view, s);
	if (subject)
		line(view, SPAN("subject"), s->content->subject, header_place(s->message->raw, subject));
	if (id)
		line(view, SPAN("message-id"), s->content->message_id, header_place(s->message->raw, id));
	for (uint32_t i = 0; s->evidence && i < s->evidence->list.n; i++) {
		const struct evidence *e = &s->evidence->list.v[i];
		if (!(e->def->flags & EVIDENCE_ASKED))
			line(view, SPAN("evidence"), span_cstr(e->def->id), e->n_at ? e->at[0] : (struct place){ 0 });
	}
	header_lines(view, s, kind);
	part_lines(view, s);
	for (uint32_t i = 0; i < s->content->attachments.list.n && i < VIEW_LINKS; i++) {
		const struct attachment *a = &s->content->attachments.list.v[i];
		struct place place = { .part = a->part, .in = PLACE_DECODED };
		line(view, SPAN("attachment"), a->shown_name, place);
		line(view, SPAN("attachment.type"), span_cstr(a->by_content->name), place);
	}
	link_lines(view, s);
}

void views_build(const struct view_source *source, bool raw, struct arena *arena, struct views *ret)
{
	const uint8_t *kind = kinds(source, arena);
	memset(ret, 0, sizeof *ret);
	buf_init(&ret->raw.text, arena, VIEW_HEADER_BYTES + VIEW_BODY_BYTES + 1024);
	if (raw) {
		buf_room(&ret->raw.text, VIEW_HEADER_BYTES + VIEW_BODY_BYTES + 1024);
		build_raw(source, kind, &ret->raw);
	}
	buf_init(&ret->text.text, arena, 2 * VIEW_TEXT_BYTES + 16);
	buf_room(&ret->text.text, 2 * VIEW_TEXT_BYTES + 16);
	build_text(source, &ret->text);
	buf_init(&ret->fields.text, arena, VIEW_FIELDS_BYTES + sizeof(block));
	buf_room(&ret->fields.text, VIEW_FIELDS_BYTES + sizeof(block));
	build_fields(source, kind, &ret->fields);
}

struct place view_place(const struct view *view, uint32_t from, uint32_t to)
{
	uint32_t low = 0, high = view->pieces.n;
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;
		if (view->pieces.v[middle].at <= from)
			low = middle;
		else
			high = middle;
	}
	if (high == 0)
		return (struct place){ 0 };
	const struct view_piece *p = &view->pieces.v[low];
	struct place place = p->place;
	if (p->exact) {
		if (from < p->at) /* line ends before the first piece stand nowhere */
			from = p->at;
		if (to < from)
			to = from;
		uint32_t begin = place.from + (from - p->at), end = begin + (to - from);
		place.from = begin < place.to ? begin : place.to;
		place.to = end < place.to ? end : place.to;
	}
	return place;
}
