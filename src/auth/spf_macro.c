/* auth/spf_macro.c - see spf_macro.h */
#include "auth/spf_macro.h"
#include "base/ascii.h"
#include "base/limits.h"

#include <inttypes.h>

enum { NAME_MAX_BYTES = 253 };

/* One step through a macro-string: bytes as they are, or a macro. */
struct token {
	struct span literal;
	uint8_t letter;         /* lower-case; 0: literal */
	bool escape, reverse;   /* an upper-case letter; "r" */
	uint32_t keep;          /* right-hand parts; 0: all */
	struct span delimiters; /* empty: "." */
	bool short_form;        /* %%, %_ or %-: literal is what it stands for */
};

static bool is_delimiter(int c) { return c > 0 && strchr(".-+,/_=", c); }

/* "%{" letter digits r delimiters "}" */
static bool read_macro(struct span text, size_t *at, struct token *token)
{
	size_t i = *at + 2;
	int letter = span_at(text, i++);
	token->escape = ascii_is_upper(letter);
	token->letter = ascii_is_alpha(letter) ? ascii_lower((uint8_t)letter) : 0;
	if (!token->letter || !strchr("slodiphcrtv", token->letter))
		return false;
	size_t digits = i;
	for (; ascii_is_digit(span_at(text, i)); i++)
		token->keep = token->keep > 1000 ? token->keep : token->keep * 10 + (uint32_t)(text.p[i] - '0');
	if (i > digits && token->keep == 0)
		return false;
	token->reverse = (span_at(text, i) | 0x20) == 'r';
	i += token->reverse;
	size_t begin = i;
	while (is_delimiter(span_at(text, i)))
		i++;
	token->delimiters = span_slice(text, begin, i);
	*at = i + 1;
	return span_at(text, i) == '}';
}

/* False: no macro-string from here on. */
static bool next_token(struct span text, size_t *at, struct token *ret)
{
	static const char shown[] = "%_-", meant[] = "%\0 \0%20";
	*ret = (struct token){ .literal = span_none };
	if (text.p[*at] != '%') {
		size_t end = span_find_byte(text, '%', *at);
		ret->literal = span_slice(text, *at, end);
		*at = end == SPAN_NPOS ? text.n : end;
		return true;
	}
	int second = span_at(text, *at + 1);
	if (second == '{')
		return read_macro(text, at, ret);
	const char *found = second > 0 ? strchr(shown, second) : NULL;
	if (!found)
		return false;
	ret->short_form = true;
	ret->literal = span_cstr(meant + 2 * (found - shown));
	*at += 2;
	return true;
}

static bool is_literal(struct span s, bool blanks)
{
	for (size_t i = 0; i < s.n; i++)
		if (!(s.p[i] > 0x20 && s.p[i] < 0x7f) && !(blanks && s.p[i] == ' '))
			return false;
	return true;
}

bool spf_macro_valid(struct span text, enum spf_macro_place place, bool *ret_ends_in_macro)
{
	struct token token = { .letter = 0 };
	for (size_t at = 0; at < text.n;) {
		if (!next_token(text, &at, &token))
			return false;
		if (token.letter && place == SPF_MACRO_RECORD && strchr("crt", token.letter))
			return false;
		if (!token.letter && !token.short_form && !is_literal(token.literal, place == SPF_MACRO_EXPLANATION))
			return false;
	}
	*ret_ends_in_macro = token.letter || token.short_form;
	return true;
}

bool spf_macro_wants_name(struct span text)
{
	struct token token;
	for (size_t at = 0; at < text.n && next_token(text, &at, &token);)
		if (token.letter == 'p')
			return true;
	return false;
}

static struct span local_part(struct span sender)
{
	size_t at = span_rfind_byte(sender, '@');
	return at == SPAN_NPOS || at == 0 ? SPAN("postmaster") : span_first(sender, at);
}

static struct span sender_domain(struct span sender)
{
	size_t at = span_rfind_byte(sender, '@');
	return at == SPAN_NPOS ? sender : span_skip(sender, at + 1);
}

/* IPv6 as 32 nibbles, which can be reversed as labels. */
static struct span dotted_ip(const struct ip *ip, struct arena *arena)
{
	static const char hex[] = "0123456789ABCDEF";
	if (ip_is_v4(ip))
		return arena_printf(arena, "%u.%u.%u.%u", ip->b[12], ip->b[13], ip->b[14], ip->b[15]);
	uint8_t *out = arena_alloc(arena, 64);
	for (size_t i = 0; i < 32; i++) {
		out[2 * i] = (uint8_t)hex[i % 2 ? ip->b[i / 2] & 15 : ip->b[i / 2] >> 4];
		out[2 * i + 1] = '.';
	}
	return span_of(out, 63);
}

static struct span value_of(uint8_t letter, const struct spf_macro_values *values, struct arena *arena)
{
	const struct spf_query *q = values->query;
	char ip[IP_TEXT_MAX];
	switch (letter) {
	case 's':
		return arena_printf(arena, "%.*s@%.*s", SPAN_ARG(span_first(local_part(q->sender), LIMIT_SPF_MACRO)),
				    SPAN_ARG(span_first(sender_domain(q->sender), LIMIT_SPF_MACRO)));
	case 'l': return local_part(q->sender);
	case 'o': return sender_domain(q->sender);
	case 'd': return values->domain;
	case 'i': return dotted_ip(&q->ip, arena);
	case 'p': return values->validated.n ? values->validated : SPAN("unknown");
	case 'v': return ip_is_v4(&q->ip) ? SPAN("in-addr") : SPAN("ip6");
	case 'h': return q->helo;
	case 'c': return arena_dup(arena, span_of(ip, ip_format(&q->ip, ip)));
	case 'r': return q->receiver.n ? q->receiver : SPAN("unknown");
	default: return arena_printf(arena, "%" PRId64, q->now);
	}
}

static void put_part(struct span part, bool escape, struct buf *out)
{
	if (!escape) {
		buf_put(out, part);
		return;
	}
	for (size_t i = 0; i < part.n; i++) {
		uint8_t c = part.p[i];
		if (ascii_is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~')
			buf_byte(out, c);
		else
			buf_printf(out, "%%%02X", c);
	}
}

static bool splits(const struct token *token, uint8_t c)
{
	return token->delimiters.n ? span_find_byte(token->delimiters, c, 0) != SPAN_NPOS : c == '.';
}

/* Splits at the delimiters, reverses, keeps the right-hand parts, joins with dots (7.3). */
static void put_macro(const struct token *token, struct span value, struct arena *arena, struct buf *out)
{
	VEC(struct span) parts = { 0 };
	value = span_first(value, LIMIT_SPF_MACRO);
	for (size_t i = 0, begin = 0; i <= value.n; i++)
		if (i == value.n || splits(token, value.p[i])) {
			*(struct span *)vec_push(arena, &parts) = span_slice(value, begin, i);
			begin = i + 1;
		}
	uint32_t left_out = token->keep && token->keep < parts.n ? parts.n - token->keep : 0;
	for (uint32_t i = left_out; i < parts.n; i++) {
		if (i > left_out)
			buf_byte(out, '.');
		put_part(parts.v[token->reverse ? parts.n - 1 - i : i], token->escape, out);
	}
}

void spf_macro_expand(struct span text, const struct spf_macro_values *values, struct buf *out)
{
	struct token token;
	for (size_t at = 0; at < text.n && !out->full && next_token(text, &at, &token);)
		if (token.letter)
			put_macro(&token, value_of(token.letter, values, out->arena), out->arena, out);
		else
			buf_put(out, token.literal);
}

struct span spf_macro_expand_domain(struct span text, const struct spf_macro_values *values, struct arena *arena)
{
	struct buf out;
	buf_init(&out, arena, LIMIT_SPF_RECORD_BYTES);
	spf_macro_expand(text, values, &out);
	struct span name = out.full ? span_none : buf_span(&out);
	if (span_ends(name, SPAN(".")))
		name.n--;
	while (name.n > NAME_MAX_BYTES) {
		size_t dot = span_find_byte(name, '.', 0);
		if (dot == SPAN_NPOS)
			break;
		name = span_skip(name, dot + 1);
	}
	return name;
}
