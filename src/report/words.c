/* report/words.c - see words.h */
#include "report/words.h"
#include "base/visible.h"
#include "facts/network.h"

#include <inttypes.h>
#include <stdio.h>

enum { NAME_SHOWN = 80 };

/* "It <adverb> comes from ..." */
static const char *comes_from(uint32_t confidence)
{
	static const struct {
		uint32_t least;
		const char *words;
	} table[] = {
		{ 970, "It certainly comes from " }, { 850, "It very likely comes from " }, { 650, "It probably comes from " },
		{ 400, "It may come from " },        { 0, "It might come from " },
	};
	size_t i = 0;
	while (confidence < table[i].least)
		i++;
	return table[i].words;
}

void words_time(struct buf *out, int64_t seconds)
{
	char text[CLOCK_TEXT_MAX];
	buf_put(out, span_of(text, clock_format(seconds, text)));
}

const char *words_grouped(uint64_t n, char text[32])
{
	char digits[24];
	int len = snprintf(digits, sizeof digits, "%" PRIu64, n), at = 0;
	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			text[at++] = ',';
		text[at++] = digits[i];
	}
	text[at] = '\0';
	return text;
}

void words_delay(struct buf *out, int64_t seconds)
{
	static const struct {
		int64_t least, unit;
		const char *name;
	} table[] = { { 2 * 86400, 86400, " days" }, { 2 * 3600, 3600, " h" }, { 120, 60, " min" }, { 0, 1, " s" } };
	size_t i = 0;
	if (seconds < 0)
		buf_byte(out, '-');
	if (seconds < 0)
		seconds = -seconds;
	while (seconds < table[i].least)
		i++;
	buf_printf(out, "%lld%s", (long long)(seconds / table[i].unit), table[i].name);
}

static void put_ip(struct buf *out, const struct ip *ip)
{
	char text[IP_TEXT_MAX];
	buf_put(out, span_of(text, ip_format(ip, text)));
}

void words_client(struct buf *out, const struct hop *hop)
{
	const struct received *r = &hop->received;
	if (r->has_ip)
		put_ip(out, &r->ip);
	else
		buf_cstr(out, "a machine without an address");
	struct ip literal;
	bool helo = r->helo.n && !span_ieq(r->helo, r->rdns) && !(ip_parse(r->helo, &literal) && r->has_ip && ip_eq(&literal, &r->ip));
	if (r->rdns.n || helo)
		buf_cstr(out, " (");
	if (r->rdns.n) {
		buf_cstr(out, "known as ");
		visible_put(out, r->rdns, NAME_SHOWN);
	}
	if (helo) {
		buf_cstr(out, r->rdns.n ? ", calling itself " : "calling itself ");
		visible_put(out, r->helo, NAME_SHOWN);
	}
	if (r->rdns.n || helo)
		buf_byte(out, ')');
}

const struct hop *words_hop(const struct path *path, uint32_t n)
{
	for (uint32_t i = 0; i < path->hops.n; i++)
		if (path->hops.v[i].n == n)
			return &path->hops.v[i];
	return NULL;
}

struct place words_hop_place(const struct judgement *judgement, const struct hop *hop)
{
	return hop && hop->header ? header_place(judgement->message->raw, hop->header) : (struct place){ 0 };
}

static void put_receiver(struct buf *out, const struct hop *hop)
{
	if (hop->source == HOP_CONNECTION) {
		buf_cstr(out, " to you, on the connection that is being judged");
		return;
	}
	if (hop->received.by.n) {
		buf_cstr(out, " to ");
		visible_put(out, hop->received.by, NAME_SHOWN);
	}
	if (hop->received.has_time) {
		buf_cstr(out, " on ");
		words_time(out, hop->received.time.seconds);
	}
}

/* " Its address is run today by Example Networks (AS64500, NZ)."; of one that nobody routes, " Its address is given out in NZ." */
static void put_network(struct buf *out, struct span record)
{
	struct network_entry entry;
	if (!network_record(record, &entry) || (!entry.as && !entry.country[0]))
		return;
	if (!entry.as) {
		buf_printf(out, " Its address is given out in %s.", entry.country);
		return;
	}
	buf_cstr(out, " Its address is run today by ");
	visible_put(out, entry.name.n ? entry.name : SPAN("a network without a name"), NAME_SHOWN);
	buf_printf(out, " (AS%u%s", entry.as, entry.country[0] ? ", " : "");
	buf_printf(out, "%s).", entry.country);
}

void words_origin(const struct judgement *judgement, struct cite *cite, struct buf *out)
{
	const struct origin *o = &judgement->path->origin;
	const struct hop *hop = o->has_ip ? words_hop(judgement->path, o->hop) : NULL;
	if (!hop) {
		buf_cstr(out, judgement->path->hops.n ? "No line of its way names a machine outside, so its origin cannot be told."
						      : "It carries no trace of its way, so its origin cannot be told.");
		return;
	}
	struct place at = words_hop_place(judgement, hop);
	buf_cstr(out, o->role == ORIGIN_RELAY ? "The last machine on its way that can be proven is " : comes_from(o->confidence));
	words_client(out, hop);
	if (hop->source == HOP_ORIGINATING_IP) {
		buf_cstr(out, ", as the field of the server that accepted it says");
	} else {
		buf_cstr(out, ", which handed it");
		put_receiver(out, hop);
	}
	cite_put(cite, out, &at, hop->header ? 1 : 0);
	buf_cstr(out, o->role == ORIGIN_RELAY ? ". What lies behind it only the other side knows." : ".");
	if (o->has_relay) {
		buf_cstr(out, " That line was written outside, so nothing proves it; what is proven is that ");
		put_ip(out, &o->relay);
		buf_cstr(out, " delivered the message.");
	}
	put_network(out, judgement->origin_network);
}
