/* message/path_judge.c - see path_judge.h
 *
 * Real mail is untidy: names differ between the line that a host writes and the line that is written about it, clocks run wrong. So a break
 * or a clock error leaves a line UNPROVEN. FALSE is only what contradicts itself or the proven hand-over, and what no honest server writes.
 */
#include "message/path_judge.h"
#include "base/ascii.h"
#include "facts/host_name.h"
#include "message/clue.h"
#include "message/url.h"

enum { DAY = 86400, CLOCK_SLACK = 300 };

static void give(const struct message *message, struct hop *hop, enum hop_reason reason)
{
	static const bool proves[] = {
#define HOP_REASON(symbol, id, proves_false, says) proves_false,
#include "message/hop_reasons.def"
#undef HOP_REASON
	};
	*(uint8_t *)vec_push(message->arena, &hop->reasons) = (uint8_t)reason;
	if (proves[reason] && hop->verdict != HOP_TRUE)
		hop->verdict = HOP_FALSE;
}

bool path_same_operator(struct span a, struct span b)
{
	static const struct span operators[][4] = {
		{ SPAN_INIT(".google.com"), SPAN_INIT(".googlemail.com"), SPAN_INIT(".gmail.com"), SPAN_INIT(".1e100.net") },
		{ SPAN_INIT(".outlook.com"), SPAN_INIT(".office365.com"), SPAN_INIT(".exchangelabs.com"), SPAN_INIT(".hotmail.com") },
	};
	if (a.n == 0 || b.n == 0)
		return false;
	if (span_ieq(a, b) || url_same_organisation(a, b))
		return true;
	for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
		bool has_a = false, has_b = false;
		for (size_t k = 0; k < 4; k++) {
			has_a |= span_iends(a, operators[i][k]);
			has_b |= span_iends(b, operators[i][k]);
		}
		if (has_a && has_b)
			return true;
	}
	return false;
}

/* Is the host that wrote this line the client of the newer one? */
static bool continues(const struct received *newer, const struct received *older)
{
	if (older->has_by_ip && newer->has_ip && ip_eq(&older->by_ip, &newer->ip))
		return true;
	return path_same_operator(older->by, newer->rdns) || path_same_operator(older->by, newer->helo);
}

/* The newer line that a line must continue: skips lines that are no hand-over. */
static const struct hop *newer_relay(const struct path *path, uint32_t i)
{
	while (i-- > 0)
		if (path->hops.v[i].received.class == RECEIVED_RELAY)
			return &path->hops.v[i];
	return NULL;
}

static bool is_public(const struct received *r) { return r->has_ip && !ip_is_private(&r->ip); }

/* The line directly below the boundary says that a stranger's host took the message from the machine that handed it to us. */
static bool same_client(const struct path *path, uint32_t i)
{
	if (path->boundary >= path->hops.n || i <= path->boundary)
		return false;
	const struct received *client = &path->hops.v[path->boundary].received, *r = &path->hops.v[i].received;
	for (uint32_t k = path->boundary + 1; k < i; k++)
		if (path->hops.v[k].verdict != HOP_FALSE)
			return false;
	if (!is_public(client) || !is_public(r) || !ip_eq(&client->ip, &r->ip) || span_find_byte(r->by, '.', 0) == SPAN_NPOS)
		return false;
	return !continues(client, r) && !(r->has_by_ip && (ip_eq(&r->by_ip, &client->ip) || ip_is_private(&r->by_ip)));
}

static bool says_nothing_more(const struct received *r)
{
	return r->with.n == 0 && r->id.n == 0 && r->writer == RECEIVED_BY_UNKNOWN && r->auth.n == 0 && r->recipient.n == 0 &&
	       r->envelope_from.n == 0;
}

/* "from example.net ([7.174.185.152]) by 78.97.173.51; Fri, 03 Jul 2009 19:39:18 +0300", handed over by 78.97.173.51 itself. */
static bool by_client_address(const struct path *path, const struct hop *hop)
{
	if (path->boundary >= path->hops.n || !says_nothing_more(&hop->received))
		return false;
	const struct received *client = &path->hops.v[path->boundary].received;
	return hop->received.by.n && hop->received.by.p[0] != '[' && hop->received.has_by_ip && is_public(client) &&
	       ip_eq(&hop->received.by_ip, &client->ip);
}

/* "from [178.88.101.204] by 23.128.96.18", handed by another machine to 23.128.96.18: the line claims to be written by the server that only
 * then received the message, and calls it by its bare address. */
static bool by_receiver(const struct path *path, uint32_t i)
{
	const struct received *r = &path->hops.v[i].received;
	const struct hop *newer = newer_relay(path, i);
	if (!newer || !r->has_by_ip || r->by.n == 0 || !ascii_is_digit(r->by.p[0]) || ip_is_private(&r->by_ip) || !newer->received.has_ip ||
	    ip_eq(&newer->received.ip, &r->by_ip) || ip_is_private(&newer->received.ip))
		return false;
	if (newer->received.has_by_ip && ip_eq(&newer->received.by_ip, &r->by_ip))
		return true;
	const struct hop *writer = newer_relay(path, (uint32_t)(newer - path->hops.v));
	return writer && writer->received.has_ip && ip_eq(&writer->received.ip, &r->by_ip);
}

/* Providers whose servers have always named the protocol. */
static bool provider_grammar(const struct received *r)
{
	static const struct span providers[] = { SPAN_INIT(".hotmail.com"), SPAN_INIT(".google.com"), SPAN_INIT(".outlook.com"),
						 SPAN_INIT(".yahoo.com"), SPAN_INIT(".aol.com") };
	if (!says_nothing_more(r))
		return false;
	for (size_t i = 0; i < sizeof providers / sizeof *providers; i++)
		if (span_iends(r->by, providers[i]))
			return true;
	return false;
}

static bool all(struct span s, bool (*is)(int))
{
	for (size_t i = 0; i < s.n; i++)
		if (!is(s.p[i]))
			return false;
	return true;
}

static bool is_upper_hex(int c) { return ascii_is_digit(c) || (c >= 'A' && c <= 'F'); }

static bool is_base52(int c) { return ascii_is_alnum(c) && !memchr("AEIOUaeiou", c, 10); }

/* Only where the program says its name in the line, with the id that its source code makes. */
static bool writer_grammar(const struct received *r)
{
	struct span id = r->id;
	if (id.n == 0)
		return false;
	switch (r->writer) {
	case RECEIVED_BY_POSTFIX: /* hexadecimal, or base 52 with a 'z' when enable_long_queue_ids */
		return !(all(id, is_upper_hex) && id.n >= 5 && id.n <= 16) && !(all(id, is_base52) && id.n >= 10);
	case RECEIVED_BY_EXIM: /* 6-6-2 or, from 4.97 on, 6-11-4 symbols */
		return !(all(id, ascii_is_alnum)) &&
		       !((id.n == 16 && id.p[6] == '-' && id.p[13] == '-') || (id.n == 23 && id.p[6] == '-' && id.p[18] == '-'));
	default: return false;
	}
}

static bool id_time(const struct received *r)
{
	int64_t time, slack;
	if (!r->has_time || !clue_received_id(r, &time, &slack))
		return false;
	return r->time.seconds - time > slack || time - r->time.seconds > slack;
}

/* "[300.1.2.3]", or an address that no packet can come from. */
static bool bad_address(const struct received *r)
{
	if (r->has_ip)
		return ip_is_v4(&r->ip) && r->ip.b[12] >= 224;
	size_t open = span_find_byte(r->from_clause, '[', 0);
	size_t close = open == SPAN_NPOS ? SPAN_NPOS : span_find_byte(r->from_clause, ']', open);
	if (close == SPAN_NPOS)
		return false;
	struct span rest = span_slice(r->from_clause, open + 1, close), octet;
	uint64_t value;
	int n = 0;
	bool beyond = false;
	while (span_split(&rest, '.', &octet)) {
		if (++n > 4 || !span_to_uint(octet, 999, &value))
			return false;
		beyond |= value > 255;
	}
	return n == 4 && beyond;
}

static bool name_other_address(const struct received *r)
{
	struct host_address host;
	return r->has_ip && r->rdns.n && !host_name_spells(r->rdns, &r->ip, &host) && host_name_address(r->rdns, &host) &&
	       !ip_eq(&host.ip, &r->ip);
}

static int64_t time_of(const struct hop *hop) { return hop->received.has_time ? hop->received.time.seconds : CLOCK_NONE; }

static void judge_line(const struct message *message, struct path *path, uint32_t i)
{
	struct hop *hop = &path->hops.v[i];
	const struct received *r = &hop->received;
	const struct hop *newer = newer_relay(path, i);
	give(message, hop, HOP_REASON_BELOW_BOUNDARY);
	if (hop->source != HOP_RECEIVED)
		return;
	if (r->class == RECEIVED_RELAY && newer && newer->source == HOP_RECEIVED)
		give(message, hop, continues(&newer->received, r) ? HOP_REASON_CONTINUES : HOP_REASON_CHAIN_BREAK);
	if (i > 0 && time_of(hop) != CLOCK_NONE && time_of(&path->hops.v[i - 1]) != CLOCK_NONE &&
	    time_of(hop) - time_of(&path->hops.v[i - 1]) > CLOCK_SLACK)
		give(message, hop, HOP_REASON_CLOCK_BACKWARDS);
	if (r->has_time && path->reference_time != CLOCK_NONE && r->time.seconds - path->reference_time > 2 * DAY)
		give(message, hop, HOP_REASON_FUTURE);
	if (same_client(path, i))
		give(message, hop, HOP_REASON_SAME_CLIENT);
	if (by_client_address(path, hop))
		give(message, hop, HOP_REASON_BY_CLIENT_ADDRESS);
	if (by_receiver(path, i))
		give(message, hop, HOP_REASON_BY_RECEIVER);
	if (provider_grammar(r))
		give(message, hop, HOP_REASON_PROVIDER_GRAMMAR);
	if (writer_grammar(r))
		give(message, hop, HOP_REASON_WRITER_GRAMMAR);
	if (id_time(r))
		give(message, hop, HOP_REASON_ID_TIME);
	if (r->has_time && r->time.flags & (DATE_WRONG_WEEKDAY | DATE_OUT_OF_RANGE))
		give(message, hop, HOP_REASON_BAD_DATE);
	if (bad_address(r))
		give(message, hop, HOP_REASON_BAD_ADDRESS);
	if (r->class == RECEIVED_RELAY && says_nothing_more(r))
		give(message, hop, HOP_REASON_BARE);
	if (name_other_address(r))
		give(message, hop, HOP_REASON_NAME_OTHER_ADDRESS);
}

/* Follows unproven lines down as long as each continues the one above. Returns the index of the last hop reached; *ret_loose is set when
 * lines remain below that do not. */
static uint32_t follow(const struct path *path, bool *ret_loose)
{
	uint32_t at = path->boundary;
	*ret_loose = false;
	for (uint32_t i = at + 1; i < path->hops.n; i++) {
		const struct hop *hop = &path->hops.v[i];
		if (hop->received.class != RECEIVED_RELAY || hop->verdict == HOP_FALSE)
			continue;
		if (hop->source == HOP_ORIGINATING_IP) {
			if (is_public(&hop->received) && !*ret_loose)
				at = i;
			continue;
		}
		if (*ret_loose || !continues(&path->hops.v[at].received, &hop->received)) {
			*ret_loose = true;
			continue;
		}
		at = i;
	}
	return at;
}

static enum host_class client_class(const struct received *r) { return host_name_class(r->rdns.n ? r->rdns : r->helo); }

/* The newest public address at or above hop i that is not above the boundary. */
static uint32_t public_above(const struct path *path, uint32_t i)
{
	while (i > path->boundary && (path->hops.v[i].received.class != RECEIVED_RELAY || path->hops.v[i].verdict == HOP_FALSE ||
				      !is_public(&path->hops.v[i].received)))
		i--;
	return i;
}

static void name_origin(struct path *path)
{
	if (path->boundary >= path->hops.n)
		return;
	struct origin *o = &path->origin;
	const struct hop *client = &path->hops.v[path->boundary];
	bool loose;
	uint32_t reached = follow(path, &loose), at = public_above(path, reached);
	const struct hop *hop = &path->hops.v[at];
	enum host_class class = client_class(&client->received);
	*o = (struct origin){ .has_ip = hop->received.has_ip, .ip = hop->received.ip, .hop = hop->n };
	if (class == HOST_DYNAMIC || (class == HOST_RESIDENTIAL && (at == path->boundary || loose))) {
		/* An access line relays nothing: whatever stands below was made on it. */
		*o = (struct origin){
			.has_ip = true, .ip = client->received.ip, .hop = client->n, .confidence = 900, .role = ORIGIN_ORIGIN
		};
	} else if (at == path->boundary) {
		o->role = loose ? ORIGIN_RELAY : ORIGIN_ORIGIN;
		o->confidence = loose ? 500 : 850;
	} else {
		o->role = ORIGIN_ORIGIN;
		o->confidence = 700;
		for (uint32_t i = path->boundary + 1; i < at && o->confidence > 200; i++)
			o->confidence = o->confidence * 9 / 10;
		o->has_relay = true;
		o->relay = client->received.ip;
	}
	/* A clue that names the same machine settles it. */
	for (uint32_t i = 0; i < path->clues.n; i++)
		if (path->clues.v[i].kind == CLUE_ADDRESS && strcmp(path->clues.v[i].from, "Message-ID") == 0 &&
		    ip_eq(&path->clues.v[i].ip, &o->ip))
			o->confidence = o->confidence + (1000 - o->confidence) / 2;
}

void path_judge(const struct message *message, const struct content *content, struct path *path)
{
	(void)content;
	for (uint32_t i = 0; i < path->hops.n; i++) {
		struct hop *hop = &path->hops.v[i];
		if (hop->verdict != HOP_TRUE) {
			judge_line(message, path, i);
			continue;
		}
		bool ours = i == 0 || path->hops.v[i - 1].received.class != RECEIVED_RELAY;
		give(message, hop, ours ? HOP_REASON_WRITTEN_BY_US : HOP_REASON_INSIDE);
	}
	name_origin(path);
}
