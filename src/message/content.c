/* message/content.c - see content.h */
#include "message/content.h"
#include "message/charset.h"
#include "message/encoded_word.h"

void content_warm_up(void)
{
	charset_warm_up();
	attachments_warm_up();
	unicode_warm_up();
	url_warm_up();
}

/* All occurrences of an address field in one list. */
static void gather(struct message *message, enum header_id id, struct addresses *all)
{
	const struct headers *headers = message_headers(message);
	for (const struct header *h = header_first(headers, id); h; h = header_next(headers, h)) {
		struct addresses some;
		addresses_parse(message->raw, h, message->arena, &message->anomalies, &some);
		if (all->list.n == 0) {
			*all = some;
			continue;
		}
		for (uint32_t i = 0; i < some.list.n; i++)
			*(struct address *)vec_push(message->arena, &all->list) = some.list.v[i];
	}
}

/* The first Subject as shown; what is odd about its encoded words is recorded, as it is for the names in address fields. */
static struct span read_subject(struct message *message)
{
	const struct header *h = header_first(message_headers(message), HEADER_SUBJECT);
	return h ? encoded_words_decode(header_unfolded(h, message->arena), message->arena, &message->anomalies,
					header_place(message->raw, h))
		 : span_none;
}

static void read_fields(struct message *message, struct content *c)
{
	gather(message, HEADER_FROM, &c->from);
	gather(message, HEADER_SENDER, &c->sender);
	gather(message, HEADER_REPLY_TO, &c->reply_to);
	gather(message, HEADER_TO, &c->to);
	gather(message, HEADER_CC, &c->cc);
	struct span return_path = message_field(message, HEADER_RETURN_PATH);
	c->has_return_path = return_path.p && address_parse_path(return_path, message->arena, &c->return_path);
	c->subject = read_subject(message);
	c->message_id = message_field(message, HEADER_MESSAGE_ID);
	size_t open = span_find_byte(c->message_id, '<', 0), close = span_rfind_byte(c->message_id, '>');
	if (open != SPAN_NPOS && close != SPAN_NPOS && open < close)
		c->message_id = span_slice(c->message_id, open + 1, close);
	struct span date = message_field(message, HEADER_DATE);
	c->has_date = date.p != NULL;
	c->date_readable = c->has_date && date_parse(date, &c->date);
}

static void add_unicode(struct unicode_facts *sum, struct unicode_facts one)
{
	sum->invisible += one.invisible;
	sum->bidi_overrides += one.bidi_overrides;
	sum->letters += one.letters;
	sum->latin += one.latin;
	sum->cyrillic += one.cyrillic;
	sum->greek += one.greek;
	sum->armenian += one.armenian;
	sum->han_kana_hangul += one.han_kana_hangul;
	sum->arabic_hebrew += one.arabic_hebrew;
	sum->other += one.other;
	sum->styled += one.styled;
	if (!sum->mixed_words)
		sum->first_mixed = one.first_mixed;
	sum->mixed_words += one.mixed_words;
}

static void read_bodies(struct message *message, struct content *c)
{
	struct arena *arena = message->arena;
	for (uint32_t i = 0; i < message->parts.n; i++) {
		const struct part *part = &message->parts.v[i];
		if ((part->kind != PART_TEXT && part->kind != PART_HTML) || part->flags & PART_ATTACHMENT)
			continue;
		struct body *body = vec_push(arena, &c->bodies);
		body->part = part->index;
		if (part->kind == PART_HTML) {
			body->html = arena_new(arena, struct html);
			html_parse(part->text, part->index, arena, &message->anomalies, body->html);
			body->text = body->html->text;
			links_from_html(body->html, part->index, 0, arena, &message->anomalies, &c->links);
		} else {
			body->text = part->text;
			links_from_text(part->text, part->index, PLACE_TEXT, arena, &message->anomalies, &c->links);
		}
		add_unicode(&c->unicode, unicode_examine(body->text));
	}
}

void content_examine(struct message *message, struct content *c)
{
	memset(c, 0, sizeof *c);
	c->message = message;
	read_fields(message, c);
	read_bodies(message, c);
	add_unicode(&c->unicode, unicode_examine(c->subject));
	attachments_inspect(message, &c->links, &c->attachments);
}
