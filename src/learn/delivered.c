/* learn/delivered.c - see delivered.h */
#include "learn/delivered.h"

/* A name in full, or the beginning of many. */
struct name {
	struct span head;
	bool more;
};

#define NAME(text)                                                                                                                         \
	{                                                                                                                                  \
		SPAN_INIT(text), false                                                                                                     \
	}
#define NAMES(text)                                                                                                                        \
	{                                                                                                                                  \
		SPAN_INIT(text), true                                                                                                      \
	}

static const struct name added[] = {
	NAME("authentication-results"),
	NAME("content-length"),
	NAME("delivered-to"),
	NAME("delivery-date"),
	NAME("envelope-to"),
	NAME("lines"),
	NAME("received-spf"),
	NAME("return-path"),
	NAME("status"),
	NAME("x-account-key"),
	NAME("x-bogosity"),
	NAME("x-delivered-to"),
	NAMES("x-dspam-"),
	NAMES("x-envelope-"),
	NAMES("x-evolution"),
	NAME("x-gm-thrid"),
	NAME("x-gmail-labels"),
	NAME("x-imapbase"),
	NAME("x-keywords"),
	NAMES("x-mozilla-"),
	NAME("x-original-to"),
	NAMES("x-postern-"),
	NAME("x-resolved-to"),
	NAMES("x-rspamd-"),
	NAME("x-sieve"),
	NAMES("x-spam-"),
	NAMES("x-spamd-"),
	NAME("x-status"),
	NAME("x-uid"),
	NAME("x-uidl"),
};
static const struct name opaque[] = {
	NAMES("arc-"),
	NAME("dkim-signature"),
	NAME("domainkey-signature"),
	NAMES("x-forefront-"),
	NAMES("x-gm-"),
	NAMES("x-google-"),
	NAMES("x-microsoft-antispam"),
	NAMES("x-ms-exchange-antispam"),
	NAMES("x-ms-exchange-crosstenant"),
	NAME("x-received"),
};

/* Asked of every field: the third letter tells nearly all apart, those that begin with "X-" as well. None listed is shorter. */
static bool named(struct span name, const struct name *names, size_t n)
{
	if (name.n < 3)
		return false;
	for (size_t i = 0; i < n; i++) {
		struct span head = names[i].head;
		if (((name.p[2] ^ head.p[2]) & 0xDF) == 0 && (names[i].more ? span_istarts(name, head) : span_ieq(name, head)))
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
