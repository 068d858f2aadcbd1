/* session/smtp_parameters.c - see smtp_parameters.h */
#include "session/smtp_parameters.h"
#include "base/ascii.h"
#include "base/limits.h"

typedef bool read_value(struct smtp_parameters *p, struct span value);

static bool on_size(struct smtp_parameters *p, struct span value)
{
	p->has_size = true;
	return value.n <= 20 && span_to_uint(value, UINT64_MAX / 16, &p->size);
}

static bool on_body(struct smtp_parameters *p, struct span value)
{
	p->body = span_ieq(value, SPAN("8BITMIME")) ? SMTP_BODY_8BITMIME : span_ieq(value, SPAN("7BIT")) ? SMTP_BODY_7BIT : SMTP_BODY_NONE;
	return p->body != SMTP_BODY_NONE;
}

static bool on_binary_body(struct smtp_parameters *p, struct span value)
{
	if (!span_ieq(value, SPAN("BINARYMIME")))
		return on_body(p, value);
	p->body = SMTP_BODY_BINARYMIME;
	return true;
}

static bool on_utf8(struct smtp_parameters *p, struct span value)
{
	p->utf8 = true;
	return value.p == NULL;
}

static bool is_xtext(struct span value)
{
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] <= ' ' || value.p[i] == '=' || value.p[i] == 0x7f)
			return false;
		if (value.p[i] == '+' && (ascii_hex(span_at(value, i + 1)) < 0 || ascii_hex(span_at(value, i + 2)) < 0))
			return false;
	}
	return value.n > 0;
}

static bool on_auth(struct smtp_parameters *p, struct span value)
{
	p->auth = value;
	return is_xtext(value);
}

static bool on_ret(struct smtp_parameters *p, struct span value)
{
	p->ret = value;
	return span_ieq(value, SPAN("FULL")) || span_ieq(value, SPAN("HDRS"));
}

static bool on_envid(struct smtp_parameters *p, struct span value)
{
	p->envid = value;
	return is_xtext(value);
}

static bool on_notify(struct smtp_parameters *p, struct span value)
{
	struct span word;
	bool never = false;
	unsigned n = 0;
	p->notify = value;
	for (; span_split(&value, ',', &word); n++) {
		never |= span_ieq(word, SPAN("NEVER"));
		if (!span_ieq(word, SPAN("NEVER")) && !span_ieq(word, SPAN("SUCCESS")) && !span_ieq(word, SPAN("FAILURE")) &&
		    !span_ieq(word, SPAN("DELAY")))
			return false;
	}
	return n > 0 && (!never || n == 1);
}

static bool on_orcpt(struct smtp_parameters *p, struct span value)
{
	size_t semicolon = span_find_byte(value, ';', 0);
	p->orcpt = value;
	return semicolon != SPAN_NPOS && semicolon > 0 && is_xtext(span_skip(value, semicolon + 1));
}

static const struct {
	struct span name;
	uint32_t offer;
	bool rcpt;
	read_value *read;
} known[] = {
	{ SPAN_INIT("BODY"), SMTP_BINARYMIME, false, on_binary_body },
	{ SPAN_INIT("SIZE"), SMTP_SIZE, false, on_size },
	{ SPAN_INIT("BODY"), SMTP_8BITMIME, false, on_body },
	{ SPAN_INIT("SMTPUTF8"), SMTP_UTF8, false, on_utf8 },
	{ SPAN_INIT("AUTH"), SMTP_AUTH, false, on_auth },
	{ SPAN_INIT("RET"), SMTP_DSN, false, on_ret },
	{ SPAN_INIT("ENVID"), SMTP_DSN, false, on_envid },
	{ SPAN_INIT("NOTIFY"), SMTP_DSN, true, on_notify },
	{ SPAN_INIT("ORCPT"), SMTP_DSN, true, on_orcpt },
};

enum smtp_reply smtp_parameters_parse(struct span text, bool rcpt, uint32_t offers, struct smtp_parameters *ret_parameters)
{
	struct smtp_parameters p = { 0 };
	struct span word;
	uint32_t seen = 0;
	while (span_split(&text, ' ', &word)) {
		size_t equals = span_find_byte(word, '=', 0), i = 0;
		struct span name = span_first(word, equals), value = equals == SPAN_NPOS ? span_none : span_skip(word, equals + 1);
		if (word.n == 0)
			continue;
		while (i < sizeof known / sizeof *known &&
		       (known[i].rcpt != rcpt || !(known[i].offer & offers) || !span_ieq(name, known[i].name)))
			i++;
		if (i == sizeof known / sizeof *known)
			return SMTP_REPLY_PARAMETER_UNKNOWN;
		if (seen & 1u << i || !known[i].read(&p, value))
			return SMTP_REPLY_PARAMETER_SYNTAX;
		seen |= 1u << i;
	}
	*ret_parameters = p;
	return SMTP_REPLY_NONE;
}

bool smtp_attribute_next(struct span *rest, struct span *ret_name, struct span *ret_value, bool *ret_bad)
{
	struct span word = span_none;
	*ret_bad = false;
	while (word.n == 0)
		if (!span_split(rest, ' ', &word))
			return false;
	size_t equals = span_find_byte(word, '=', 0);
	*ret_bad = equals == SPAN_NPOS || equals == 0;
	*ret_name = span_first(word, equals);
	*ret_value = equals == SPAN_NPOS ? span_none : span_skip(word, equals + 1);
	return !*ret_bad;
}

bool smtp_xtext_decode(struct span text, struct buf *out)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] != '+') {
			buf_byte(out, text.p[i]);
			continue;
		}
		int high = ascii_hex(span_at(text, i + 1)), low = ascii_hex(span_at(text, i + 2));
		if (high < 0 || low < 0)
			return false;
		buf_byte(out, (uint8_t)(high << 4 | low));
		i += 2;
	}
	return true;
}

void smtp_xtext_encode(struct span text, struct buf *out)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] <= ' ' || text.p[i] == '+' || text.p[i] == '=' || text.p[i] >= 0x7f)
			buf_printf(out, "+%02X", text.p[i]);
		else
			buf_byte(out, text.p[i]);
}
