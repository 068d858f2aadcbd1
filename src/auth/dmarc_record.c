/* auth/dmarc_record.c - see dmarc_record.h */
#include "auth/dmarc_record.h"
#include "base/ascii.h"
#include "base/limits.h"

struct reading {
	struct dmarc_record *record;
	uint32_t seen; /* a bit for each row of tags[]: of a tag that comes twice the first counts */
	bool wrong;    /* a policy that does not exist */
	bool has_p, has_sp, has_np;
};

static void read_policy(struct reading *r, struct span value, bool *has, enum dmarc_policy *policy)
{
	for (int p = DMARC_POLICY_NONE; p <= DMARC_POLICY_REJECT; p++)
		if (span_ieq(value, span_cstr(dmarc_policy_name((enum dmarc_policy)p)))) {
			*policy = (enum dmarc_policy)p;
			*has = true;
			return;
		}
	r->wrong = true;
}

static void read_p(struct reading *r, struct span value) { read_policy(r, value, &r->has_p, &r->record->p); }
static void read_sp(struct reading *r, struct span value) { read_policy(r, value, &r->has_sp, &r->record->sp); }
static void read_np(struct reading *r, struct span value) { read_policy(r, value, &r->has_np, &r->record->np); }
static void read_adkim(struct reading *r, struct span value) { r->record->strict_dkim = span_ieq(value, SPAN("s")); }
static void read_aspf(struct reading *r, struct span value) { r->record->strict_spf = span_ieq(value, SPAN("s")); }
static void read_t(struct reading *r, struct span value) { r->record->testing |= span_ieq(value, SPAN("y")); }

/* RFC 7489's share of mail; of it only "none of it" lives on, as what t=y says now. */
static void read_pct(struct reading *r, struct span value)
{
	uint64_t share;
	r->record->testing |= span_to_uint(value, 100, &share) && share == 0;
}

static void read_psd(struct reading *r, struct span value)
{
	r->record->psd = span_ieq(value, SPAN("y")) ? DMARC_PSD_YES : span_ieq(value, SPAN("n")) ? DMARC_PSD_NO : DMARC_PSD_UNKNOWN;
}

static void read_rua(struct reading *r, struct span value) { r->record->rua = value; }

static const struct {
	struct span name;
	void (*read)(struct reading *r, struct span value);
} tags[] = {
	{ SPAN_INIT("p"), read_p },         { SPAN_INIT("sp"), read_sp },     { SPAN_INIT("np"), read_np },
	{ SPAN_INIT("adkim"), read_adkim }, { SPAN_INIT("aspf"), read_aspf }, { SPAN_INIT("t"), read_t },
	{ SPAN_INIT("pct"), read_pct },     { SPAN_INIT("psd"), read_psd },   { SPAN_INIT("rua"), read_rua },
};

static void read_tag(struct reading *r, struct span name, struct span value)
{
	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
		if (span_ieq(name, tags[i].name) && !(r->seen & 1u << i)) {
			r->seen |= 1u << i;
			tags[i].read(r, value);
		}
}

/* At least one address of the form scheme:something. */
static bool has_address(struct span rua)
{
	struct span rest = rua, one;
	while (span_split(&rest, ',', &one)) {
		one = span_trim(one);
		size_t colon = span_find_byte(one, ':', 0);
		if (colon != SPAN_NPOS && colon > 0 && colon + 1 < one.n && ascii_is_alpha(one.p[0]))
			return true;
	}
	return false;
}

bool dmarc_record_read(struct span text, struct dmarc_record *ret)
{
	struct dmarc_record record = { .text = text };
	struct reading r = { .record = &record };
	struct span rest = span_first(text, LIMIT_DMARC_RECORD_BYTES), one;
	for (bool first = true; span_split(&rest, ';', &one); first = false) {
		size_t equals = span_find_byte(one, '=', 0);
		struct span name = span_trim(span_first(one, equals)),
			    value = span_trim(span_skip(one, equals == SPAN_NPOS ? one.n : equals + 1));
		if (!first)
			read_tag(&r, name, value);
		else if (!span_ieq(name, SPAN("v")) || !span_eq(value, SPAN("DMARC1")) || span_at(text, 0) == ' ')
			return false;
	}
	if (!text.n)
		return false;
	record.usable = (r.has_p && !r.wrong) || has_address(record.rua);
	if (!r.has_p || r.wrong)
		record.p = record.sp = record.np = DMARC_POLICY_NONE;
	else if (!r.has_sp)
		record.sp = record.p;
	if (!r.wrong && !r.has_np)
		record.np = record.sp;
	*ret = record;
	return true;
}
