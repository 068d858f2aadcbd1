/* auth/dkim_tags.c - see dkim_tags.h
 *
 * One table says which tag may stand in which field and who reads it. Readers go on after a problem, so that a result can still name the
 * domain of a signature that is broken elsewhere. */
#include "auth/dkim_tags.h"
#include "auth/dkim_base64.h"
#include "auth/tag_list.h"
#include "base/ascii.h"
#include "base/clock.h"
#include "base/limits.h"
#include "message/url_host.h"

enum { NAME_MAX_BYTES = 253, LABEL_MAX_BYTES = 63 }; /* RFC 1035 2.3.4, without the dots at the ends */

struct reading {
	enum dkim_field kind;
	struct span field; /* its whole value */
	struct arena *arena;
	struct dkim_tags *tags;
};

static void wrong(struct reading *r, const char *problem)
{
	if (!r->tags->problem)
		r->tags->problem = problem;
}

/* Labels of letters, digits, hyphens and underscores, one at least, none empty. */
static bool is_name(struct span name)
{
	struct span rest = name, label;
	if (name.n == 0 || name.n > NAME_MAX_BYTES)
		return false;
	while (span_split(&rest, '.', &label)) {
		if (label.n == 0 || label.n > LABEL_MAX_BYTES)
			return false;
		for (size_t i = 0; i < label.n; i++)
			if (!ascii_is_alnum(label.p[i]) && label.p[i] != '-' && label.p[i] != '_')
				return false;
	}
	return true;
}

/* Lower-case, and in the form the DNS knows: mail with UTF-8 in its header writes "bücher.example" (RFC 8616 4). */
bool dkim_tags_name(struct span text, struct arena *arena, struct span *ret)
{
	struct buf name;
	buf_init(&name, arena, NAME_MAX_BYTES + 1);
	bool ascii = true;
	for (size_t i = 0; i < text.n; i++) {
		buf_byte(&name, ascii_lower(text.p[i]));
		ascii &= text.p[i] < 0x80;
	}
	struct url_host_facts facts;
	if (!ascii) {
		buf_init(&name, arena, NAME_MAX_BYTES + 1);
		if (text.n > 4 * NAME_MAX_BYTES || url_host_parse(text, true, &name, &facts))
			return false;
	}
	if (name.full || !is_name(buf_span(&name)))
		return false;
	*ret = buf_span(&name);
	return true;
}

static void read_algorithm(struct reading *r, struct span value)
{
	for (enum dkim_algorithm a = DKIM_RSA_SHA256; a < DKIM_ALGORITHM_UNKNOWN; a++)
		if (span_eq(value, span_cstr(dkim_algorithm_name(a)))) {
			r->tags->algorithm = a;
			return;
		}
	wrong(r, "its algorithm (a=) is not one of DKIM");
}

static void read_signature(struct reading *r, struct span value)
{
	size_t from = (size_t)(value.p - r->field.p), to = from + value.n;
	while (from && r->field.p[from - 1] != '=')
		from--;
	while (ascii_is_space(span_at(r->field, to)))
		to++;
	r->tags->b_text = span_slice(r->field, from, to);
	if (dkim_base64_decode(value, r->arena, &r->tags->b))
		wrong(r, "its signature (b=) is not base64");
}

static void read_body_hash(struct reading *r, struct span value)
{
	if (dkim_base64_decode(value, r->arena, &r->tags->bh))
		wrong(r, "its hash of the body (bh=) is not base64");
}

static bool read_form(struct span word, enum dkim_canonical *ret)
{
	*ret = span_eq(word, SPAN("relaxed")) ? DKIM_RELAXED : DKIM_SIMPLE;
	return *ret == DKIM_RELAXED || span_eq(word, SPAN("simple"));
}

static void read_canonical(struct reading *r, struct span value)
{
	struct span body = value, header;
	span_split(&body, '/', &header);
	r->tags->body = DKIM_SIMPLE;
	if (!read_form(header, &r->tags->header) || (body.p && !read_form(body, &r->tags->body)))
		wrong(r, "its canonicalisation (c=) is not one of DKIM");
}

static void read_domain(struct reading *r, struct span value)
{
	if (!dkim_tags_name(value, r->arena, &r->tags->domain) || span_find_byte(r->tags->domain, '.', 0) == SPAN_NPOS)
		wrong(r, "its domain (d=) is not a domain name");
}

static void read_selector(struct reading *r, struct span value)
{
	if (!dkim_tags_name(value, r->arena, &r->tags->selector))
		wrong(r, "its selector (s=) is not a name");
}

/* RFC 8617 4.1.2: a signature of ARC need not sign From, and must not sign seals, which come after it. */
static void read_names(struct reading *r, struct span value)
{
	struct span rest = value, name;
	bool arc = r->kind == DKIM_FIELD_ARC_MESSAGE, found = false;
	r->tags->names = value;
	while (!found && span_split(&rest, ':', &name))
		found = span_ieq(span_trim(name), arc ? SPAN("ARC-Seal") : SPAN("From"));
	r->tags->from_unsigned = !arc && !found;
	if (arc && found)
		wrong(r, "it signs a seal (h=), which it must not");
	if (!arc && !found)
		wrong(r, "it does not sign From, the sender that readers see");
}

static void forbidden(struct reading *r, struct span value)
{
	(void)value;
	wrong(r, "a seal must not have the tag h=");
}

static void read_instance(struct reading *r, struct span value)
{
	uint64_t instance;
	if (value.n <= 2 && span_to_uint(value, LIMIT_ARC_SETS, &instance) && instance)
		r->tags->instance = (uint32_t)instance;
	else
		wrong(r, "its instance (i=) is not a number from 1 to 50");
}

/* White space left out, "=40" read as the byte it stands for (RFC 6376 2.11). */
static struct span quoted_printable(struct span value, struct arena *arena)
{
	struct buf out;
	buf_init(&out, arena, value.n);
	for (size_t i = 0; i < value.n; i++) {
		int high = ascii_hex(span_at(value, i + 1)), low = ascii_hex(span_at(value, i + 2));
		if (value.p[i] == '=' && high >= 0 && low >= 0) {
			buf_byte(&out, (uint8_t)(high << 4 | low));
			i += 2;
		} else if (!ascii_is_space(value.p[i])) {
			buf_byte(&out, value.p[i]);
		}
	}
	return buf_span(&out);
}

/* Who signed, within the domain; checked against it when both are known. */
static void read_identity(struct reading *r, struct span value)
{
	struct span whole = quoted_printable(value, r->arena), domain;
	size_t at = span_rfind_byte(whole, '@');
	for (size_t i = 0; i < whole.n; i++)
		if (whole.p[i] < ' ')
			at = SPAN_NPOS;
	if (at == SPAN_NPOS || !dkim_tags_name(span_skip(whole, at + 1), r->arena, &domain))
		wrong(r, "its identity (i=) is not an address");
	else
		r->tags->identity = arena_join(r->arena, span_first(whole, at), SPAN("@"), domain);
}

static void read_length(struct reading *r, struct span value)
{
	if (value.n == 0 || value.n > 76)
		wrong(r, "its length of the body (l=) is not a number");
	else if (!span_to_uint(value, DKIM_WHOLE_BODY - 1, &r->tags->length)) {
		for (size_t i = 0; i < value.n; i++)
			if (!ascii_is_digit(value.p[i]))
				wrong(r, "its length of the body (l=) is not a number");
		r->tags->length = DKIM_WHOLE_BODY - 1; /* more than any body has */
	}
}

/* We ask the DNS for TXT records; "dns" is how drafts said it. */
static void read_query(struct reading *r, struct span value)
{
	struct span rest = value, method;
	while (span_split(&rest, ':', &method)) {
		method = span_trim(method);
		if (span_eq(method, SPAN("dns/txt")) || span_eq(method, SPAN("dns")))
			return;
	}
	wrong(r, "its key is not in the DNS (q=)");
}

static bool read_time(struct span value, int64_t *ret)
{
	uint64_t seconds;
	if (!span_to_uint(value, INT64_MAX, &seconds))
		return false;
	*ret = (int64_t)seconds;
	return true;
}

static void read_signed_at(struct reading *r, struct span value)
{
	if (!read_time(value, &r->tags->signed_at))
		wrong(r, "its time of signing (t=) is not a number of seconds");
}

static void read_expires(struct reading *r, struct span value)
{
	if (!read_time(value, &r->tags->expires))
		wrong(r, "its time of expiry (x=) is not a number of seconds");
}

static void read_version(struct reading *r, struct span value)
{
	r->tags->draft = span_eq(value, SPAN("0.5"));
	if (!r->tags->draft && !span_eq(value, SPAN("1")))
		wrong(r, "its version (v=) is not 1");
}

static void read_chain(struct reading *r, struct span value)
{
	r->tags->chain = value;
	if (!span_eq(value, SPAN("none")) && !span_eq(value, SPAN("pass")) && !span_eq(value, SPAN("fail")))
		wrong(r, "its status of the chain (cv=) is not none, pass or fail");
}

enum {
	SIGNATURE = 1 << DKIM_FIELD_SIGNATURE,
	ARC_MESSAGE = 1 << DKIM_FIELD_ARC_MESSAGE,
	SEAL = 1 << DKIM_FIELD_ARC_SEAL,
	MESSAGE = SIGNATURE | ARC_MESSAGE,
	ALL = MESSAGE | SEAL,
};

static const struct tag_reader {
	const char *name;
	unsigned fields, required; /* where it is read, and must be */
	void (*read)(struct reading *r, struct span value);
	const char *missing;
} readers[] = {
	{ "d", ALL, ALL, read_domain, "it names no domain (d=)" },
	{ "s", ALL, ALL, read_selector, "it names no selector (s=)" },
	{ "a", ALL, ALL, read_algorithm, "it names no algorithm (a=)" },
	{ "i", ARC_MESSAGE | SEAL, ARC_MESSAGE | SEAL, read_instance, "it has no instance (i=)" },
	{ "i", SIGNATURE, 0, read_identity, NULL },
	{ "v", SIGNATURE, 0, read_version, NULL },
	{ "b", ALL, ALL, read_signature, "it has no signature (b=)" },
	{ "bh", MESSAGE, MESSAGE, read_body_hash, "it has no hash of the body (bh=)" },
	{ "h", MESSAGE, MESSAGE, read_names, "it does not say which fields are signed (h=)" },
	{ "h", SEAL, 0, forbidden, NULL },
	{ "c", MESSAGE, 0, read_canonical, NULL },
	{ "l", MESSAGE, 0, read_length, NULL },
	{ "q", SIGNATURE, 0, read_query, NULL },
	{ "t", ALL, 0, read_signed_at, NULL },
	{ "x", MESSAGE, 0, read_expires, NULL },
	{ "cv", SEAL, SEAL, read_chain, "it does not tell the status of the chain (cv=)" },
};

/* What no single tag can tell. */
static void look_at_all(struct reading *r, const struct tag_list *list)
{
	struct dkim_tags *t = r->tags;
	if (r->kind == DKIM_FIELD_SIGNATURE && !tag_list_find(list, "v").p)
		t->draft = true;
	if (t->domain.n && t->selector.n) {
		t->key_name = arena_join(r->arena, t->selector, SPAN("._domainkey."), t->domain);
		if (t->key_name.n > NAME_MAX_BYTES)
			wrong(r, "its selector and domain make a name too long for the DNS");
	}
	if (t->identity.n && t->domain.n) {
		struct span at = span_skip(t->identity, span_rfind_byte(t->identity, '@') + 1);
		if (!span_eq(at, t->domain) && !span_ends(at, arena_join(r->arena, SPAN("."), t->domain)))
			wrong(r, "its identity (i=) is not of the domain that signs (d=)");
	}
	if (t->expires != CLOCK_NONE && t->signed_at != CLOCK_NONE && t->expires <= t->signed_at)
		wrong(r, "it expired (x=) before it was made (t=)");
}

void dkim_tags_read(enum dkim_field kind, struct span value, struct arena *arena, struct dkim_tags *ret)
{
	struct reading r = { kind, value, arena, ret };
	struct tag_list list;
	memset(ret, 0, sizeof *ret);
	ret->algorithm = DKIM_ALGORITHM_UNKNOWN;
	ret->length = DKIM_WHOLE_BODY;
	/* Without c= DKIM is simple (RFC 6376 3.5); sealers of ARC who leave it out mean what all others write. */
	ret->header = ret->body = kind == DKIM_FIELD_SIGNATURE ? DKIM_SIMPLE : DKIM_RELAXED;
	ret->signed_at = ret->expires = CLOCK_NONE;
	if (value.n > LIMIT_HEADER_VALUE) {
		wrong(&r, "it is longer than we read");
		return;
	}
	if (tag_list_parse(value, arena, &list)) {
		wrong(&r, "it is not a list of tags, each once");
		return;
	}
	for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
		const struct tag_reader *reader = &readers[i];
		if (!(reader->fields & 1u << kind))
			continue;
		struct span text = tag_list_find(&list, reader->name);
		if (text.p)
			reader->read(&r, text);
		else if (reader->required & 1u << kind)
			wrong(&r, reader->missing);
	}
	look_at_all(&r, &list);
}
