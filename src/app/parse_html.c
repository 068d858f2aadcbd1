/* app/parse_html.c - what a person sees of HTML, what is hidden from him and how, and where its links lead. */
#include "app/parse.h"
#include "base/ascii.h"
#include "base/json_out.h"
#include "message/charset.h"
#include "message/content.h"

static const char *hidden_name(enum html_hidden why)
{
	static const char *const names[HTML_HIDDEN_KINDS] = {
		[HTML_HIDDEN_DISPLAY] = "display",     [HTML_HIDDEN_VISIBILITY] = "visibility", [HTML_HIDDEN_TINY] = "tiny",
		[HTML_HIDDEN_COLOUR] = "colour",       [HTML_HIDDEN_OFFSCREEN] = "offscreen",   [HTML_HIDDEN_OPACITY] = "opacity",
		[HTML_HIDDEN_PREHEADER] = "preheader",
	};
	return names[why];
}

static const char *link_name(enum html_link_kind kind)
{
	static const char *const names[HTML_LINK_KINDS] = {
		[HTML_LINK_ANCHOR] = "anchor", [HTML_LINK_FORM] = "form",     [HTML_LINK_IMAGE] = "image", [HTML_LINK_REFRESH] = "refresh",
		[HTML_LINK_FRAME] = "frame",   [HTML_LINK_SCRIPT] = "script", [HTML_LINK_SHEET] = "sheet",
	};
	return names[kind];
}

static const struct count {
	const char *name;
	size_t offset;
} counts[] = {
#define COUNTED(member)                                                                                                                    \
	{                                                                                                                                  \
#member, offsetof(struct html_counts, member)                                                                              \
	}
	COUNTED(tags),
	COUNTED(comments),
	COUNTED(images),
	COUNTED(images_tiny),
	COUNTED(forms),
	COUNTED(inputs),
	COUNTED(passwords),
	COUNTED(scripts),
	COUNTED(event_handlers),
	COUNTED(words_split_by_tags),
	COUNTED(words_split_by_hidden),
	COUNTED(invisible_characters),
	COUNTED(bidi_overrides),
	COUNTED(entities_needless),
#undef COUNTED
};
enum { COUNTS = sizeof counts / sizeof *counts };

static uint32_t count_of(const struct html *html, size_t i)
{
	return *(const uint32_t *)(const void *)((const char *)&html->counts + counts[i].offset);
}

static void json_html(const struct html *html, struct span part, struct buf *out)
{
	struct json_out j;
	json_init(&j, out);
	json_object(&j, NULL);
	json_text_or_null(&j, "part", part);
	json_text_or_null(&j, "title", html->title);
	json_text_or_null(&j, "base", html->base);
	json_text(&j, "text", html->text);
	json_array(&j, "hidden");
	for (uint32_t i = 0; i < html->hidden_runs.n; i++) {
		json_object(&j, NULL);
		json_cstr(&j, "why", hidden_name(html->hidden_runs.v[i].why));
		json_text(&j, "text", html->hidden_runs.v[i].text);
		json_int(&j, "from", html->hidden_runs.v[i].from);
		json_int(&j, "to", html->hidden_runs.v[i].to);
		json_close(&j);
	}
	json_close(&j);
	json_array(&j, "links");
	for (uint32_t i = 0; i < html->links.n; i++) {
		const struct html_link *link = &html->links.v[i];
		json_object(&j, NULL);
		json_cstr(&j, "kind", link_name(link->kind));
		json_text(&j, "href", link->href);
		json_text_or_null(&j, "shown", link->shown);
		json_bool(&j, "hidden", link->hidden);
		json_int(&j, "from", link->from);
		json_int(&j, "to", link->to);
		json_close(&j);
	}
	json_close(&j);
	json_object(&j, "counts");
	for (size_t i = 0; i < COUNTS; i++)
		json_int(&j, counts[i].name, count_of(html, i));
	json_close(&j);
	json_close(&j);
	buf_byte(out, '\n');
}

/* Text of several lines, each made harmless and set in. */
static void put_lines(struct span text, struct arena *arena, struct buf *out)
{
	struct span line;
	while (span_split(&text, '\n', &line)) {
		buf_cstr(out, "  ");
		buf_put(out, style_safe(line, arena));
		buf_byte(out, '\n');
	}
}

static void text_html(const struct html *html, struct span part, struct arena *arena, struct buf *out)
{
	if (part.p)
		buf_printf(out, "part %.*s\n", SPAN_ARG(part));
	if (html->title.p) {
		buf_cstr(out, "title\n");
		put_lines(html->title, arena, out);
	}
	buf_cstr(out, "what a person sees\n");
	put_lines(html->text, arena, out);
	for (uint32_t i = 0; i < html->hidden_runs.n; i++) {
		buf_printf(out, "hidden (%s)\n", hidden_name(html->hidden_runs.v[i].why));
		put_lines(html->hidden_runs.v[i].text, arena, out);
	}
	buf_cstr(out, html->links.n ? "links\n" : "");
	for (uint32_t i = 0; i < html->links.n; i++) {
		const struct html_link *link = &html->links.v[i];
		struct span href = style_safe(link->href, arena), shown = style_safe(link->shown, arena);
		buf_printf(out, "  %-8s %.*s%s%.*s%s\n", link_name(link->kind), SPAN_ARG(href), shown.n ? "  shown as: " : "",
			   SPAN_ARG(shown), link->hidden ? "  (hidden)" : "");
	}
	buf_cstr(out, "counts\n");
	for (size_t i = 0; i < COUNTS; i++)
		if (count_of(html, i))
			buf_printf(out, "  %-22s %u\n", counts[i].name, count_of(html, i));
}

/* Bare HTML begins with a tag; a message with a header field. */
static bool looks_like_html(struct span raw)
{
	struct span text = span_trim(span_first(raw, 4096));
	if (span_starts(text, SPAN("\xef\xbb\xbf")))
		text = span_trim(span_skip(text, 3));
	return span_starts(text, SPAN("<")) && (ascii_is_alpha(span_at(text, 1)) || span_at(text, 1) == '!' || span_at(text, 1) == '?');
}

static void put(const struct html *html, struct span part, bool json, struct arena *arena, struct buf *out)
{
	if (json)
		json_html(html, part, out);
	else
		text_html(html, part, arena, out);
}

void parse_html_message(struct span raw, bool json, struct arena *arena, struct buf *out)
{
	struct message message;
	struct content content;
	if (looks_like_html(raw)) {
		struct html html;
		struct anomalies anomalies = { 0 };
		enum charset_fact fact;
		struct span charset;
		html_parse(charset_to_utf8(raw, span_none, arena, &fact, &charset), 0, arena, &anomalies, &html);
		put(&html, span_none, json, arena, out);
		return;
	}
	message_parse(raw, arena, &message);
	content_examine(&message, &content);
	for (uint32_t i = 0; i < content.bodies.n; i++)
		if (content.bodies.v[i].html)
			put(content.bodies.v[i].html, message.parts.v[content.bodies.v[i].part].number, json, arena, out);
	for (uint32_t i = 0; i < content.attachments.list.n; i++)
		if (content.attachments.list.v[i].html)
			put(content.attachments.list.v[i].html, message.parts.v[content.attachments.list.v[i].part].number, json, arena,
			    out);
}
