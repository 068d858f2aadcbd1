/* app/auth_text.c - see auth_text.h */
#include "app/auth_text.h"
#include "base/limits.h"

struct story {
	const struct authentication *judged;
	const struct style *style;
};

/* One row: who is asked, the result in the field's word, and what it means. */
static void put_row(const struct story *story, struct buf *out, const char *what, const char *result, enum style_kind kind,
		    struct span says)
{
	enum { INDENT = 25 };
	buf_printf(out, "%-13s", what);
	style_put(story->style, out, kind, arena_printf(out->arena, "%-9s", result));
	buf_cstr(out, "   ");
	struct span safe = style_safe(says, out->arena);
	style_wrap(story->style, out, INDENT, safe);
	buf_byte(out, '\n');
}

static enum style_kind spf_style(enum spf_result result)
{
	switch (result) {
	case SPF_PASS: return STYLE_GOOD;
	case SPF_FAIL: return STYLE_BAD;
	case SPF_NONE:
	case SPF_NEUTRAL: return STYLE_PLAIN;
	default: return STYLE_WARN;
	}
}

static struct span spf_says(const struct authentication *a, const struct spf *spf, struct arena *arena)
{
	static const char *const may[] = {
		[SPF_NEUTRAL] = "may or may not send its mail",
		[SPF_PASS] = "may send its mail",
		[SPF_FAIL] = "may not send its mail",
		[SPF_SOFTFAIL] = "should not send its mail, but perhaps does",
	};
	char ip[IP_TEXT_MAX];
	struct buf out;
	ip_format(&a->client.ip, ip);
	buf_init(&out, arena, LIMIT_REPORT_BYTES);
	struct span domain = spf->domain.n ? spf->domain : SPAN("an empty domain");
	if (spf->problem.p)
		buf_put(&out, spf->problem);
	else if (spf->result == SPF_NONE)
		buf_printf(&out, "%.*s does not say which machines send its mail", SPAN_ARG(domain));
	else
		buf_printf(&out, "%.*s says that %s %s", SPAN_ARG(domain), ip, may[spf->result]);
	if (spf->mechanism.p)
		buf_printf(&out, " (\"%.*s\")", SPAN_ARG(spf->mechanism));
	if (spf->explanation.p)
		buf_printf(&out, "; in its own words: \"%.*s\"", SPAN_ARG(spf->explanation));
	return buf_span(&out);
}

static void put_spf(const struct story *story, const char *what, const struct spf *spf, struct buf *out)
{
	put_row(story, out, what, spf_result_name(spf->result), spf_style(spf->result), spf_says(story->judged, spf, out->arena));
}

static void put_client(const struct story *story, struct buf *out)
{
	const struct authentication *a = story->judged;
	if (!a->has_client)
		put_row(story, out, "SPF", "none", STYLE_PLAIN, SPAN("it is not known which machine handed the message over"));
	else if (!a->client.helo.p && !a->client.mail_from.p)
		put_row(story, out, "SPF", "none", STYLE_PLAIN, SPAN("neither HELO nor MAIL FROM is known"));
	if (a->has_client && a->client.mail_from.p && !a->null_sender)
		put_spf(story, "SPF from", &a->mail_from, out);
	if (a->has_client && a->client.helo.p)
		put_spf(story, "SPF helo", &a->helo, out);
}

static void put_dkim(const struct story *story, struct buf *out)
{
	const struct dkim *dkim = &story->judged->dkim;
	if (dkim->list.n == 0)
		put_row(story, out, "DKIM", "none", STYLE_PLAIN, SPAN("it is not signed"));
	for (uint32_t i = 0; i < dkim->list.n; i++) {
		const struct dkim_signature *s = &dkim->list.v[i];
		struct span by = SPAN("a signature that names no domain");
		if (s->domain.n)
			by = arena_printf(out->arena, "signed by %.*s, key %.*s, %s", SPAN_ARG(s->domain), SPAN_ARG(s->selector),
					  dkim_algorithm_name(s->algorithm));
		if (s->problem.p)
			by = arena_printf(out->arena, "%.*s; it did not pass: %.*s", SPAN_ARG(by), SPAN_ARG(s->problem));
		enum style_kind kind = s->result == DKIM_PASS ? STYLE_GOOD : s->result == DKIM_FAIL ? STYLE_BAD : STYLE_WARN;
		put_row(story, out, "DKIM", dkim_result_name(s->result), kind, by);
	}
}

static struct span dmarc_says(const struct dmarc *dmarc, struct arena *arena)
{
	static const char *const wishes[] = {
		[DMARC_POLICY_NONE] = "only reports",
		[DMARC_POLICY_QUARANTINE] = "such mail to be put aside",
		[DMARC_POLICY_REJECT] = "such mail to be refused",
	};
	if (dmarc->problem.p)
		return dmarc->problem;
	if (dmarc->result == DMARC_PASS)
		return arena_printf(arena, "it is from %.*s, and %.*s vouches for it", SPAN_ARG(dmarc->domain),
				    SPAN_ARG(dmarc->aligned_by));
	if (!dmarc->record.p)
		return arena_printf(arena, "%.*s does not say how to treat mail that nobody vouches for", SPAN_ARG(dmarc->domain));
	return arena_printf(arena, "it says that it is from %.*s, which nothing proves; %.*s wants %s", SPAN_ARG(dmarc->domain),
			    SPAN_ARG(dmarc->policy_domain), wishes[dmarc->disposition]);
}

static void put_dmarc(const struct story *story, struct buf *out)
{
	static const enum style_kind kinds[] = {
		[DMARC_NONE] = STYLE_PLAIN,     [DMARC_PASS] = STYLE_GOOD,      [DMARC_FAIL] = STYLE_BAD,
		[DMARC_TEMPERROR] = STYLE_WARN, [DMARC_PERMERROR] = STYLE_WARN,
	};
	const struct dmarc *dmarc = &story->judged->dmarc;
	put_row(story, out, "DMARC", dmarc_result_name(dmarc->result), kinds[dmarc->result], dmarc_says(dmarc, out->arena));
}

static void put_arc(const struct story *story, struct buf *out)
{
	const struct arc *arc = &story->judged->arc;
	struct span says = SPAN("no forwarder says what it saw");
	if (arc->problem.p)
		says = arena_printf(out->arena, "the chain is broken: %.*s", SPAN_ARG(arc->problem));
	else if (arc->sets.n)
		says =
		    arena_printf(out->arena, "sealed %u times, last by %.*s", arc->sets.n, SPAN_ARG(arc->sets.v[arc->sets.n - 1].domain));
	enum style_kind kind = arc->cv == ARC_PASS ? STYLE_GOOD : arc->cv == ARC_NONE ? STYLE_PLAIN : STYLE_BAD;
	put_row(story, out, "ARC", arc_result_name(arc->cv), kind, says);
}

void auth_text(const struct authentication *judged, const struct style *style, struct buf *out)
{
	struct story story = { judged, style };
	put_client(&story, out);
	if (!judged->has_message)
		return;
	put_dkim(&story, out);
	put_dmarc(&story, out);
	put_arc(&story, out);
}
