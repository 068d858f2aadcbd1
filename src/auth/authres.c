/* auth/authres.c - reading; see authres.h. authres_write.c writes. */
#include "auth/authres.h"
#include "base/ascii.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"

struct reader {
	struct span text;
	size_t at;
	struct arena *arena;
	bool bad; /* a comment or quote that does not end, a control character */
};

static int peek(const struct reader *r) { return span_at(r->text, r->at); }

/* Blanks and comments, which nest (RFC 5322 3.2.2). */
static void skip(struct reader *r)
{
	size_t depth = 0;
	for (; peek(r) >= 0; r->at++) {
		int c = peek(r);
		if (c == '(')
			depth++;
		else if (depth && c == '\\')
			r->at++;
		else if (depth && c == ')')
			depth--;
		else if (!depth && !ascii_is_space(c))
			return;
	}
	r->bad |= depth > 0;
}

static bool take(struct reader *r, int c)
{
	skip(r);
	if (peek(r) != c)
		return false;
	r->at++;
	return true;
}

/* A keyword: "dkim", "x-google-dkim", "header". Empty when there is none. */
static struct span keyword(struct reader *r)
{
	skip(r);
	size_t from = r->at;
	while (ascii_is_alnum(peek(r)) || peek(r) == '-' || peek(r) == '_')
		r->at++;
	return span_slice(r->text, from, r->at);
}

/* From '"' to behind the closing one; what is between, unescaped, goes to out. */
static void quoted(struct reader *r, struct buf *out)
{
	for (r->at++; peek(r) >= 0 && peek(r) != '"'; r->at++) {
		if (peek(r) == '\\')
			r->at++;
		if (peek(r) >= 0)
			buf_byte(out, (uint8_t)peek(r));
	}
	r->bad |= peek(r) != '"';
	r->at++;
}

/* A word, a quoted string, or both together ("odd one"@example.org); to the next blank, semicolon or comment. */
static struct span value(struct reader *r)
{
	skip(r);
	size_t from = r->at, end = from;
	while (end < r->text.n && !ascii_is_space(r->text.p[end]) && !strchr(";(\"", r->text.p[end]))
		end++;
	r->at = end;
	if (peek(r) != '"')
		return span_slice(r->text, from, end);
	struct buf out;
	buf_init(&out, r->arena, r->text.n);
	buf_put(&out, span_slice(r->text, from, end));
	while (peek(r) >= 0 && !ascii_is_space(peek(r)) && peek(r) != ';' && peek(r) != '(')
		if (peek(r) == '"')
			quoted(r, &out);
		else
			buf_byte(&out, r->text.p[r->at++]);
	return buf_span(&out);
}

static bool is_text(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((s.p[i] < ' ' && !ascii_is_space(s.p[i])) || s.p[i] == 0x7f)
			return false;
	return true;
}

/* "header.d=example.org", "reason=..." or "action=none". */
static int read_property(struct reader *r, struct authres_method *method)
{
	struct authres_property property = { .type = span_none, .name = keyword(r) };
	if (property.name.n && take(r, '.')) {
		property.type = property.name;
		property.name = keyword(r);
	}
	if (property.name.n == 0 || !take(r, '='))
		return ERR_SYNTAX;
	property.value = value(r);
	if (!property.type.p && span_ieq(property.name, SPAN("reason")) && !method->reason.p)
		method->reason = property.value;
	else if (method->properties.n == LIMIT_AUTHRES_METHODS)
		return ERR_LIMIT;
	else
		*(struct authres_property *)vec_push(r->arena, &method->properties) = property;
	return ERR_OK;
}

/* "dkim/1=pass reason=... header.d=..." */
static int read_method(struct reader *r, struct authres *results)
{
	struct authres_method method = { .method = arena_lower(r->arena, keyword(r)) };
	if (take(r, '/'))
		keyword(r);
	if (method.method.n == 0 || !take(r, '='))
		return ERR_SYNTAX;
	method.result = arena_lower(r->arena, keyword(r));
	if (method.result.n == 0)
		return ERR_SYNTAX;
	for (skip(r); peek(r) >= 0 && peek(r) != ';'; skip(r)) {
		int err = read_property(r, &method);
		if (err)
			return err;
	}
	if (results->methods.n == LIMIT_AUTHRES_METHODS)
		return ERR_LIMIT;
	*(struct authres_method *)vec_push(r->arena, &results->methods) = method;
	return ERR_OK;
}

/* "; none" */
static bool is_none(const struct reader *r)
{
	struct reader ahead = *r;
	if (!span_ieq(keyword(&ahead), SPAN("none")))
		return false;
	skip(&ahead);
	return peek(&ahead) < 0 && !ahead.bad;
}

int authres_parse(struct span text, struct arena *arena, struct authres *ret)
{
	struct reader r = { .text = span_first(text, LIMIT_HEADER_VALUE), .arena = arena };
	struct authres results = { .authserv_id = span_none };
	if (!is_text(r.text))
		return ERR_SYNTAX;
	struct span id = value(&r);
	if (id.n == 0 || span_find_byte(id, '=', 0) != SPAN_NPOS)
		return ERR_SYNTAX;
	results.authserv_id = arena_lower(arena, id);
	skip(&r);
	while (ascii_is_digit(peek(&r))) /* authres-version */
		r.at++;
	bool first = true;
	for (skip(&r); peek(&r) >= 0; skip(&r), first = false) {
		if (!take(&r, ';'))
			return ERR_SYNTAX;
		skip(&r);
		if (peek(&r) < 0 || peek(&r) == ';' || (first && is_none(&r)))
			r.at = peek(&r) == ';' ? r.at : r.text.n;
		else {
			int err = read_method(&r, &results);
			if (err)
				return err;
		}
	}
	if (r.bad || first)
		return ERR_SYNTAX;
	*ret = results;
	return ERR_OK;
}

/* Without comments, quotes and blanks: what a reader makes of it who takes such things out first. */
static struct span without_ornaments(struct span text, struct arena *arena)
{
	struct buf out;
	size_t depth = 0;
	buf_init(&out, arena, text.n);
	for (size_t i = 0; i < text.n; i++) {
		uint8_t c = text.p[i];
		if (c == '(')
			depth++;
		else if (c == ')')
			depth -= depth > 0;
		else if (!depth && c != '"' && c != '\\' && !ascii_is_space(c))
			buf_byte(&out, c);
	}
	return buf_span(&out);
}

bool authres_claims(struct span field, struct span text, struct span authserv_id, struct arena *arena)
{
	struct reader r = { .text = span_first(text, LIMIT_HEADER_VALUE), .arena = arena };
	if (authserv_id.n == 0 || !span_ieq(span_trim(field), SPAN("Authentication-Results")))
		return false;
	struct span whole = value(&r), rest = whole, id;
	span_split(&rest, '/', &id); /* "mx.example.org/4Xy7Zz": some filters add the number of the job */
	if (span_ends(id, SPAN(".")))
		id.n--;
	if (span_ieq(id, authserv_id) || span_ieq(whole, authserv_id))
		return true;
	skip(&r);
	if (!r.bad && (peek(&r) < 0 || peek(&r) == ';' || ascii_is_digit(peek(&r))))
		return false; /* plainly somebody else's */
	struct span head = r.bad ? r.text : span_first(r.text, span_find_byte(r.text, ';', 0));
	return span_ihas(head, authserv_id) || span_ihas(without_ornaments(head, arena), authserv_id);
}

struct span authres_property(const struct authres_method *method, const char *type, const char *name)
{
	for (uint32_t i = 0; i < method->properties.n; i++) {
		const struct authres_property *p = &method->properties.v[i];
		if (span_ieq(p->type, span_cstr(type)) && span_ieq(p->name, span_cstr(name)))
			return p->value;
	}
	return span_none;
}

static bool is_spf_result(struct span word)
{
	for (int result = SPF_NONE; result <= SPF_PERMERROR; result++)
		if (span_ieq(word, span_cstr(spf_result_name((enum spf_result)result))))
			return true;
	return false;
}

int received_spf_parse(struct span text, struct arena *arena, struct received_spf *ret)
{
	struct reader r = { .text = span_first(text, LIMIT_HEADER_VALUE), .arena = arena };
	struct received_spf spf = { .result = span_none };
	const struct {
		struct span key;
		struct span *value;
	} keys[] = {
		{ SPAN("receiver"), &spf.receiver }, { SPAN("client-ip"), &spf.client_ip }, { SPAN("envelope-from"), &spf.envelope_from },
		{ SPAN("helo"), &spf.helo },         { SPAN("identity"), &spf.identity },
	};
	struct span word = keyword(&r);
	if (!is_text(r.text) || !is_spf_result(word))
		return ERR_SYNTAX;
	spf.result = arena_lower(arena, word);
	for (skip(&r); peek(&r) >= 0; skip(&r)) {
		if (take(&r, ';'))
			continue;
		struct span key = keyword(&r);
		if (key.n == 0 || !take(&r, '='))
			return ERR_SYNTAX;
		struct span found = value(&r);
		for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
			if (span_ieq(key, keys[i].key) && !keys[i].value->p)
				*keys[i].value = found;
	}
	if (r.bad)
		return ERR_SYNTAX;
	*ret = spf;
	return ERR_OK;
}
