/* facts/address_value.c - see address_value.h */
#include "facts/address_value.h"
#include "base/ascii.h"
#include "base/buf.h"

/* "127.0.0.4", or "4" of it. */
static bool read_answer(struct span text, uint32_t *ret)
{
	struct ip ip;
	uint64_t last;
	if (span_to_uint(text, 255, &last))
		*ret = 0x7f000000u | (uint32_t)last;
	else if (ip_parse(text, &ip) && ip_is_v4(&ip))
		*ret = ip_v4(&ip);
	else
		return false;
	return true;
}

/* One pass: what a variable holds is not expanded again. entry: what $= stands for, or span_none. */
static void expand(const struct address_values *values, struct span text, struct span entry, struct buf *out)
{
	for (size_t i = 0; i < text.n; i++) {
		int next = text.p[i] == '$' ? span_at(text, i + 1) : -1;
		if (next >= '0' && next <= '9')
			buf_put(out, values->variables[next - '0']);
		else if (next == '=' && entry.p)
			expand(values, entry, span_none, out);
		else if (next == '$')
			buf_put(out, SPAN("$$"));
		else
			buf_byte(out, text.p[i]);
		i += (next >= '0' && next <= '9') || (next == '=' && entry.p) || next == '$';
	}
}

bool address_value_read(const struct address_values *values, struct span text, struct arena *arena, struct address_value *ret)
{
	struct address_value value = values->preset;
	text = span_trim(text);
	if (text.n == 0 || text.p[0] == '#' || text.p[0] == ';') {
		*ret = value;
		return true;
	}
	if (text.p[0] == ':') {
		size_t colon = span_find_byte(text, ':', 1);
		struct span answer = span_trim(span_slice(text, 1, colon));
		if (answer.n && !read_answer(answer, &value.answer))
			return false;
		if (colon == SPAN_NPOS) {
			*ret = value;
			return true;
		}
		text = span_trim(span_skip(text, colon + 1));
	}
	struct buf out;
	text = span_first(text, ADDRESS_CLASS_TEXT);
	buf_init(&out, arena, ADDRESS_CLASS_TEXT);
	if (values->base.p)
		expand(values, values->base, text, &out);
	else
		expand(values, text, span_none, &out);
	value.text = buf_span(&out);
	*ret = value;
	return true;
}
