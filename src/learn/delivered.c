/* learn/delivered.c - see delivered.h */
#include "learn/delivered.h"
#include "base/ascii.h"

/* A name in full, or the beginning of many, in lower case. Its third letter stands beside it: asked of every field, it tells nearly all
 * apart, those that begin with "X-" as well. */
struct name {
	uint8_t third;
	bool more;
	struct span head;
};

#define NAME(text)                                                                                                                         \
	{                                                                                                                                  \
		text[2], false, SPAN_INIT(text)                                                                                            \
	}
#define NAMES(text)                                                                                                                        \
	{                                                                                                                                  \
		text[2], true, SPAN_INIT(text)                                                                                             \
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

/* Of the fields known by number, those whose names are listed above. */
static const bool listed[HEADER_IDS + 1] = {
	[HEADER_RETURN_PATH] = true,   [HEADER_RECEIVED_SPF] = true,   [HEADER_DELIVERED_TO] = true,
	[HEADER_X_ORIGINAL_TO] = true, [HEADER_ENVELOPE_TO] = true,    [HEADER_AUTHENTICATION_RESULTS] = true,
	[HEADER_ARC_SEAL] = true,      [HEADER_DKIM_SIGNATURE] = true, [HEADER_DOMAINKEY_SIGNATURE] = true,
	[HEADER_OTHER] = true,
};

static bool named(const struct header *field, const struct name *names, size_t n)
{
	struct span name = field->name;
	if (!listed[field->id] || name.n < 3) /* none listed is shorter */
		return false;
	uint8_t third = ascii_lower(name.p[2]);
	for (size_t i = 0; i < n; i++)
		if (names[i].third == third && (names[i].more ? span_istarts(name, names[i].head) : span_ieq(name, names[i].head)))
			return true;
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
		return named(field, added, sizeof added / sizeof *added);
	if (d->all_own)
		return true;
	bool own = d->last_own && !d->below;
	d->below = d->below || field == d->last_own;
	return own;
}

bool delivered_opaque(const struct header *field) { return named(field, opaque, sizeof opaque / sizeof *opaque); }
