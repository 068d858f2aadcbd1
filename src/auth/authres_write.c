/* auth/authres_write.c - Authentication-Results as this host writes them; see authres.h */
#include "auth/authres.h"
#include "base/ascii.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"

/* RFC 2045 token without what other readers stumble over, and '@' as RFC 8601 2.2 allows in an address. */
static bool is_plain(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_alnum(s.p[i]) && !strchr("-._+@~!#$&*", s.p[i]))
			return false;
	return s.n > 0 && s.p[0] != '@' && span_find_byte(s, 0, 0) == SPAN_NPOS;
}

/* Plain, or quoted with what cannot stand in quotes made harmless. */
static void put_value(struct buf *out, struct span text)
{
	text = span_first(text, LIMIT_AUTHRES_VALUE);
	if (is_plain(text)) {
		buf_put(out, text);
		return;
	}
	bool utf8 = utf8_valid(text);
	buf_byte(out, '"');
	for (size_t i = 0; i < text.n; i++) {
		uint8_t c = text.p[i];
		if (c == '"' || c == '\\')
			buf_byte(out, '\\');
		buf_byte(out, ascii_is_print(c) || (c >= 0x80 && utf8) ? c : '?');
	}
	buf_byte(out, '"');
}

struct span authres_value(struct span text, struct arena *arena)
{
	struct buf out;
	buf_init(&out, arena, LIMIT_HEADER_VALUE);
	put_value(&out, text);
	return buf_span(&out);
}

struct writer {
	struct buf *out;
	struct span between;
};

static void begin(struct writer *w, const char *method, const char *result, struct span problem)
{
	if (w->out->n)
		buf_put(w->out, w->between);
	buf_printf(w->out, "%s=%s", method, result);
	if (problem.n) {
		buf_cstr(w->out, " reason=");
		put_value(w->out, problem);
	}
}

/* " header.d=example.org"; nothing when there is no value. */
static void put(struct writer *w, const char *name, struct span text)
{
	if (!text.n)
		return;
	buf_printf(w->out, " %s=", name);
	put_value(w->out, text);
}

static void put_spf(struct writer *w, const struct authentication *a)
{
	if (!a->has_client)
		return;
	if (a->client.mail_from.n) {
		begin(w, "spf", spf_result_name(a->mail_from.result), a->mail_from.problem);
		put(w, "smtp.mailfrom", a->client.mail_from);
	}
	if (a->client.helo.n) {
		begin(w, "spf", spf_result_name(a->helo.result), a->helo.problem);
		put(w, "smtp.helo", a->client.helo);
	}
}

static void put_dkim(struct writer *w, const struct dkim *dkim)
{
	if (dkim->list.n == 0)
		begin(w, "dkim", "none", span_none);
	for (uint32_t i = 0; i < dkim->list.n; i++) {
		const struct dkim_signature *s = &dkim->list.v[i];
		begin(w, "dkim", dkim_result_name(s->result), s->problem);
		put(w, "header.d", s->domain);
		put(w, "header.s", s->selector);
		if (s->algorithm != DKIM_ALGORITHM_UNKNOWN)
			put(w, "header.a", span_cstr(dkim_algorithm_name(s->algorithm)));
		put(w, "header.b", s->b);
	}
}

static void put_arc(struct writer *w, const struct authentication *a)
{
	char ip[IP_TEXT_MAX];
	if (a->arc.cv == ARC_NONE)
		return;
	begin(w, "arc", arc_result_name(a->arc.cv), a->arc.problem);
	if (a->arc.cv == ARC_PASS) /* RFC 8617 10.2 */
		buf_printf(w->out, " header.oldest-pass=%u", a->arc.oldest_pass);
	if (a->has_client)
		put(w, "smtp.remote-ip", span_of(ip, ip_format(&a->client.ip, ip)));
}

struct span authres_write(const struct authentication *a, struct span between, struct arena *arena)
{
	struct buf out;
	struct writer w = { &out, between };
	buf_init(&out, arena, LIMIT_HEADER_VALUE);
	put_spf(&w, a);
	if (a->has_message) {
		put_dkim(&w, &a->dkim);
		begin(&w, "dmarc", dmarc_result_name(a->dmarc.result), a->dmarc.problem);
		put(&w, "header.from", a->dmarc.domain);
		put_arc(&w, a);
	}
	return out.n ? buf_span(&out) : SPAN("none");
}
