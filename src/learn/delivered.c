/* learn/delivered.c - see delivered.h */
#include "learn/delivered.h"

/* Names in lower case; a final * stands for anything. */
static const char *const added[] = {
	"authentication-results", "delivered-to", "envelope-to", "lines",         "received-spf", "return-path",   "status",
	"x-account-key",          "x-envelope-*", "x-evolution*", "x-keywords",   "x-mozilla-*",  "x-original-to", "x-postern-*",
	"x-spam-*",               "x-status",     "x-uid",        "x-uidl",
};
static const char *const opaque[] = {
	"arc-*",    "dkim-signature",       "domainkey-signature",     "x-google-*",     "x-gm-*",
	"x-forefront-*", "x-microsoft-antispam*", "x-ms-exchange-antispam*", "x-ms-exchange-crosstenant*", "x-received",
};

static bool named(struct span name, const char *const *patterns, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct span p = span_cstr(patterns[i]);
		if (p.p[p.n - 1] == '*' ? span_istarts(name, span_first(p, p.n - 1)) : span_ieq(name, p))
			return true;
	}
	return false;
}

void delivered_begin(const struct path *path, struct delivered *ret)
{
	memset(ret, 0, sizeof *ret);
	if (path->boundary >= path->hops.n) {
		ret->all_own = true;
		return;
	}
	const struct hop *hop = &path->hops.v[path->boundary];
	if (hop->source == HOP_RECEIVED)
		ret->last_own = hop->header;
	else
		ret->all_own = hop->source == HOP_ORIGINATING_IP;
}

bool delivered_field(struct delivered *d, const struct header *field)
{
	if (field->id != HEADER_RECEIVED)
		return named(field->name, added, sizeof added / sizeof *added);
	if (d->all_own)
		return true;
	bool own = d->last_own && !d->below;
	d->below = d->below || field == d->last_own;
	return own;
}

bool delivered_opaque(const struct header *field) { return named(field->name, opaque, sizeof opaque / sizeof *opaque); }
