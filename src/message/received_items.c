/* message/received_items.c - see received_items.h */
#include "message/received_items.h"
#include "base/ascii.h"

/* Offset behind the parenthesis that closes the one at from, or SPAN_NPOS. */
static size_t close_comment(struct span line, size_t from)
{
	int depth = 0;
	for (size_t i = from; i < line.n; i++) {
		if (line.p[i] == '\\') {
			i++;
		} else if (line.p[i] == '(') {
			depth++;
		} else if (line.p[i] == ')' && --depth == 0) {
			return i + 1;
		}
	}
	return SPAN_NPOS;
}

static size_t word_end(struct span line, size_t i)
{
	static const bool ends_word[256] = { [' '] = true, ['\t'] = true, ['\r'] = true, ['\n'] = true, [';'] = true, ['('] = true };
	while (i < line.n && !ends_word[line.p[i]])
		i++;
	return i;
}

/* Delimiters whose end was looked for and is not there; each is searched in vain once only, so that the whole stays linear. */
struct unclosed {
	bool comment, angle, quote, bracket;
};

static size_t find_close(struct span line, size_t at, uint8_t close, bool *unclosed)
{
	if (*unclosed)
		return SPAN_NPOS;
	size_t end = span_find_byte(line, close, at + 1);
	*unclosed = end == SPAN_NPOS;
	return end;
}

static void cut_one(struct span line, size_t at, struct unclosed *unclosed, struct received_item *item)
{
	size_t end;
	*item = (struct received_item){ .from = at };
	switch (line.p[at]) {
	case '(':
		if (!unclosed->comment && (end = close_comment(line, at)) != SPAN_NPOS) {
			item->kind = ITEM_COMMENT;
			item->to = end;
			item->text = span_trim(span_slice(line, at + 1, end - 1));
			return;
		}
		unclosed->comment = true;
		item->to = at + 1 + (word_end(line, at + 1) - at - 1);
		item->text = span_slice(line, at + 1, item->to);
		return;
	case '<':
		if ((end = find_close(line, at, '>', &unclosed->angle)) != SPAN_NPOS) {
			item->kind = ITEM_ANGLE;
			item->to = word_end(line, end);
			item->text = span_slice(line, at + 1, end);
			while (item->text.n && item->text.p[0] == '<')
				item->text = span_skip(item->text, 1);
			return;
		}
		break;
	case '"':
		if ((end = find_close(line, at, '"', &unclosed->quote)) != SPAN_NPOS && span_at(line, end + 1) != '@') {
			item->kind = ITEM_QUOTED;
			item->to = end + 1;
			item->text = span_slice(line, at + 1, end);
			return;
		}
		break;
	case '[':
		if ((end = find_close(line, at, ']', &unclosed->bracket)) != SPAN_NPOS) {
			item->kind = ITEM_BRACKET;
			item->to = word_end(line, end);
			item->text = span_slice(line, at, item->to);
			return;
		}
		break;
	case ';':
		item->kind = ITEM_SEMICOLON;
		item->to = at + 1;
		item->text = span_slice(line, at, at + 1);
		return;
	}
	item->to = word_end(line, at);
	item->text = span_slice(line, at, item->to);
	while (item->text.n && (item->text.p[item->text.n - 1] == ',' || item->text.p[item->text.n - 1] == ')'))
		item->text.n--;
}

void received_items_cut(struct span line, struct received_items *ret)
{
	struct unclosed unclosed = { 0 };
	size_t at = 0;
	ret->n = 0;
	while (ret->n < RECEIVED_ITEMS) {
		size_t before = at;
		while (at < line.n && (ascii_is_space(line.p[at]) || line.p[at] == ','))
			at++;
		if (at >= line.n)
			break;
		struct received_item *item = &ret->v[ret->n++];
		cut_one(line, at, &unclosed, item);
		item->glued = before == at && at > 0;
		at = item->to;
	}
}

bool received_item_is(const struct received_item *item, struct span word) { return item->kind == ITEM_WORD && span_ieq(item->text, word); }

bool received_address(struct span text, struct ip *ret_ip, struct span *ret_text)
{
	text = span_trim(text);
	size_t close;
	if (text.n && text.p[0] == '[' && (close = span_find_byte(text, ']', 0)) != SPAN_NPOS)
		text = span_slice(text, 1, close);
	text = span_trim(text);
	if (text.n < 3 || text.n > 70)
		return false;
	if (span_istarts(text, SPAN("IPv6:")))
		text = span_skip(text, 5);
	unsigned dots = 0, colons = 0;
	size_t last_dot = 0, first_colon = 0;
	for (size_t i = 0; i < text.n; i++) {
		int c = text.p[i];
		if (c == '.') {
			dots++;
			last_dot = i;
		} else if (c == ':') {
			if (colons++ == 0)
				first_colon = i;
		} else if (ascii_hex(c) < 0 && colons < 2) {
			return false;
		}
	}
	if (colons == 1 && dots == 3)
		text = span_first(text, first_colon);
	else if (colons == 0 && dots == 4)
		text = span_first(text, last_dot);
	if ((dots < 3 && colons < 2) || !ip_parse(text, ret_ip))
		return false;
	*ret_text = text;
	return true;
}
