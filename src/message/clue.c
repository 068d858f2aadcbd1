/* message/clue.c - see clue.h */
#include "message/clue.h"
#include "base/ascii.h"
#include "facts/host_name.h"

/* 1995 to 2035: what a FILETIME in mail can be. */
#define FILETIME_FIRST 0x01BA0000u
#define FILETIME_LAST 0x0226A000u
#define EPOCH_FIRST 788918400
#define EPOCH_LAST 2051222400

static bool hex_number(struct span s, size_t digits, uint64_t *ret)
{
	uint64_t value = 0;
	if (s.n != digits)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		int h = ascii_hex(s.p[i]);
		if (h < 0)
			return false;
		value = value << 4 | (uint64_t)h;
	}
	*ret = value;
	return true;
}

static bool filetime_of(struct span high_text, struct span low_text, uint64_t *ret)
{
	uint64_t high, low;
	if (!hex_number(high_text, 8, &high) || !hex_number(low_text, 8, &low) || high < FILETIME_FIRST || high > FILETIME_LAST)
		return false;
	*ret = high << 32 | low;
	return true;
}

bool clue_message_id(struct span id, struct clue_message_id *ret)
{
	struct span left = span_first(id, span_find_byte(id, '@', 0)), group[3], rest = left;
	struct clue_message_id found = { 0 };
	for (int i = 0; i < 3; i++)
		if (!span_split(&rest, '$', &group[i]))
			return false;
	if (rest.p)
		return false;
	found.prefixed = group[0].n == 12;
	struct span high = found.prefixed ? span_skip(group[0], 4) : group[0];
	uint64_t address;
	if (!filetime_of(high, group[1], &found.filetime) || !hex_number(group[2], 8, &address))
		return false;
	found.ip = ip_from_v4(__builtin_bswap32((uint32_t)address));
	found.time_text = span_of(high.p, (size_t)(group[1].p + group[1].n - high.p));
	found.ip_text = group[2];
	*ret = found;
	return true;
}

bool clue_boundary(struct span boundary, uint64_t *ret_filetime, struct span *ret_text)
{
	size_t dot = span_rfind_byte(boundary, '.');
	if (dot == SPAN_NPOS || dot < 8 || boundary.n - dot < 9 || !span_has(boundary, SPAN("_NextPart_")))
		return false;
	struct span text = span_slice(boundary, dot - 8, dot + 9);
	if (!filetime_of(span_first(text, 8), span_skip(text, 9), ret_filetime))
		return false;
	*ret_text = text;
	return true;
}

static int base64_value(int c)
{
	return ascii_is_upper(c)   ? c - 'A'
	       : ascii_is_lower(c) ? c - 'a' + 26
	       : ascii_is_digit(c) ? c - '0' + 52
	       : c == '+'          ? 62
	       : c == '/'          ? 63
				   : -1;
}

bool clue_thread_index(struct span value, struct clue_thread_index *ret)
{
	uint32_t symbols = 0, padding = 0, last = 0;
	uint64_t first = 0;
	value = span_trim(value);
	for (size_t i = 0; i < value.n; i++) {
		int c = value.p[i], v = base64_value(c);
		if (ascii_is_space(c))
			continue; /* folded */
		if (c == '=') {
			padding++;
			continue;
		}
		if (v < 0 || padding)
			return false;
		if (symbols++ < 8)
			first = first << 6 | (uint64_t)v;
		last = (uint32_t)v;
	}
	if (symbols < 8)
		return false;
	uint32_t rest = symbols % 4;
	ret->bytes = symbols * 3 / 4;
	/* The head is six bytes of FILETIME, or a byte 01 and five of them (MS-OXOMSG 2.2.1.3); Zimbra fills the field with random bytes.
	 */
	ret->filetime = first >> 32 == 0x0101 ? first << 24 : first << 16;
	ret->canonical = rest != 1 && padding == (4 - rest) % 4 && (rest == 2 ? (last & 15) == 0 : rest == 3 ? (last & 3) == 0 : true);
	return true;
}

static int64_t base_number(struct span s, const char *alphabet, int base)
{
	int64_t value = 0;
	for (size_t i = 0; i < s.n; i++) {
		const char *at = s.p[i] ? strchr(alphabet, s.p[i]) : NULL;
		if (!at)
			return -1;
		value = value * base + (at - alphabet);
	}
	return value;
}

static bool in_epoch(int64_t seconds) { return seconds >= EPOCH_FIRST && seconds <= EPOCH_LAST; }

/* "n9FDq2hT021873": year modulo 60 since 1900, month, day, hour, minute, second; UTC. */
static bool sendmail_time(struct span id, int64_t near, int64_t *ret)
{
	static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwx";
	int64_t f[6];
	if (id.n < 13 || id.n > 15)
		return false;
	for (size_t i = 0; i < 6; i++)
		f[i] = base_number(span_slice(id, i, i + 1), alphabet, 60);
	for (size_t i = 8; i < id.n; i++)
		if (!ascii_is_digit(id.p[i]))
			return false;
	if (f[0] < 0 || f[1] < 0 || f[1] > 11 || f[2] < 1 || f[2] > 31 || f[3] < 0 || f[3] > 23 || f[4] < 0 || f[5] < 0)
		return false;
	struct civil c = { (int)f[0] + 1960, (int)f[1] + 1, (int)f[2], (int)f[3], (int)f[4], (int)f[5] }, now;
	clock_to_civil(near, &now);
	while (c.year + 30 < now.year)
		c.year += 60;
	*ret = clock_from_civil(&c);
	return in_epoch(*ret);
}

/* "p9si123.45.2009.10.20.05.20.31": California's local time. */
static bool gmail_time(struct span id, int64_t *ret)
{
	struct civil c = { 0 };
	int *fields[] = { &c.second, &c.minute, &c.hour, &c.day, &c.month, &c.year };
	size_t end = id.n;
	for (int i = 0; i < 6; i++) {
		size_t dot = span_rfind_byte(span_first(id, end), '.');
		uint64_t value;
		if (dot == SPAN_NPOS || !span_to_uint(span_slice(id, dot + 1, end), 9999, &value)) {
			/* older: "h5cs12345wxn.12.1255012345678", milliseconds */
			uint64_t milliseconds;
			if (i > 0 || dot == SPAN_NPOS || end - dot != 14 ||
			    !span_to_uint(span_slice(id, dot + 1, end), INT64_MAX, &milliseconds))
				return false;
			*ret = (int64_t)(milliseconds / 1000);
			return in_epoch(*ret);
		}
		*fields[i] = (int)value;
		end = dot;
	}
	if (c.month < 1 || c.month > 12 || c.day < 1 || c.day > 31)
		return false;
	*ret = clock_from_civil(&c) + 7 * 3600 + 1800; /* half-way between summer and winter time */
	return in_epoch(*ret);
}

bool clue_received_id(const struct received *r, int64_t *ret_time, int64_t *ret_slack)
{
	static const char base62[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	static const char base52[] = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";
	struct span id = r->id;
	int64_t time;
	switch (r->writer) {
	case RECEIVED_BY_EXIM:
		if (id.n < 16 || id.p[6] != '-' || !in_epoch(time = base_number(span_first(id, 6), base62, 62)))
			return false;
		break;
	case RECEIVED_BY_POSTFIX:
		if (id.n < 13 || id.n > 20 || !memchr(id.p + 10, 'z', id.n - 10) ||
		    !in_epoch(time = base_number(span_first(id, 6), base52, 52)))
			return false;
		break;
	case RECEIVED_BY_SENDMAIL:
		if (!r->has_time || !sendmail_time(id, r->time.seconds, &time))
			return false;
		break;
	case RECEIVED_BY_GMAIL:
		if (!gmail_time(id, &time))
			return false;
		break;
	default: return false;
	}
	*ret_time = time;
	*ret_slack = 26 * 3600; /* a message may take hours to come in, and old servers stamp local time */
	return true;
}

static struct clue *add(const struct message *message, struct path *path, const char *from, enum clue_kind kind, struct span text,
			struct place at)
{
	struct clue *clue = path->clues.n < CLUES_MAX ? vec_push(message->arena, &path->clues) : arena_new(message->arena, struct clue);
	*clue = (struct clue){ .from = from, .kind = kind, .time = CLOCK_NONE, .text = text, .at = at };
	return clue;
}

static void add_time(const struct message *message, struct path *path, const char *from, uint64_t filetime, struct span text,
		     struct place at)
{
	struct clue *clue = add(message, path, from, CLUE_TIME, text, at);
	clue->filetime = filetime;
	clue->time = clock_from_filetime(filetime);
}

/* "1255012345.12345@", "12345.1255012345678.JavaMail@": seconds or milliseconds since 1970. */
static void epoch_in_message_id(const struct message *message, struct span id, struct place at, struct path *path)
{
	struct span left = span_first(id, span_find_byte(id, '@', 0));
	for (size_t i = 0; i < left.n;) {
		size_t from = i;
		while (i < left.n && ascii_is_digit(left.p[i]))
			i++;
		uint64_t value;
		struct span run = span_slice(left, from, i);
		if ((run.n == 10 || run.n == 13) && span_to_uint(run, INT64_MAX, &value)) {
			int64_t time = (int64_t)(run.n == 13 ? value / 1000 : value);
			if (in_epoch(time))
				add(message, path, "Message-ID", CLUE_TIME, run, at)->time = time;
			return;
		}
		i += i == from;
	}
}

static void from_message_id(const struct message *message, const struct content *content, struct path *path)
{
	const struct header *h = header_first(message_headers(message), HEADER_MESSAGE_ID);
	struct clue_message_id id;
	struct host_address host;
	if (!h || content->message_id.n == 0)
		return;
	struct place at = header_place(message->raw, h);
	if (clue_message_id(content->message_id, &id)) {
		add_time(message, path, "Message-ID", id.filetime, id.time_text, at);
		if (ip_v4(&id.ip) > 0xffffff)
			add(message, path, "Message-ID", CLUE_ADDRESS, id.ip_text, at)->ip = id.ip;
	} else {
		epoch_in_message_id(message, content->message_id, at, path);
	}
	size_t at_sign = span_rfind_byte(content->message_id, '@');
	struct span right = at_sign == SPAN_NPOS ? span_none : span_skip(content->message_id, at_sign + 1);
	if (host_name_address(right, &host))
		add(message, path, "Message-ID", CLUE_ADDRESS, right, at)->ip = host.ip;
}

static void from_boundaries(const struct message *message, struct path *path)
{
	for (uint32_t i = 0; i < message->parts.n && i < CLUES_MAX; i++) {
		const struct part *part = &message->parts.v[i];
		const struct header *h = header_first(&part->headers, HEADER_CONTENT_TYPE);
		uint64_t filetime;
		struct span text;
		if (h && part->boundary.n && clue_boundary(part->boundary, &filetime, &text))
			add_time(message, path, "MIME boundary", filetime, text, header_place(message->raw, h));
	}
}

static void from_thread_index(const struct message *message, struct path *path)
{
	const struct header *h = header_first(message_headers(message), HEADER_THREAD_INDEX);
	struct clue_thread_index index;
	if (!h)
		return;
	struct span value = header_unfolded(h, message->arena);
	if (clue_thread_index(value, &index) && index.filetime >> 32 >= FILETIME_FIRST && index.filetime >> 32 <= FILETIME_LAST)
		add_time(message, path, "Thread-Index", index.filetime, span_first(value, 8), header_place(message->raw, h));
}

static void from_hops(const struct message *message, struct path *path)
{
	for (uint32_t i = 0; i < path->hops.n; i++) {
		const struct hop *hop = &path->hops.v[i];
		const struct received *r = &hop->received;
		struct host_address host;
		if (!hop->header || r->class != RECEIVED_RELAY)
			continue;
		struct place at = header_place(message->raw, hop->header);
		if (hop->source == HOP_ORIGINATING_IP) {
			add(message, path, "X-Originating-IP", CLUE_ADDRESS, r->ip_text, at)->ip = r->ip;
			continue;
		}
		struct span names[] = { r->rdns, r->helo };
		for (int k = 0; k < 2; k++) {
			if (names[k].n && names[k].p[0] != '[' &&
			    (host_name_spells(names[k], &r->ip, &host) || host_name_address(names[k], &host))) {
				add(message, path, "host name", CLUE_ADDRESS, names[k], at)->ip = host.ip;
				break;
			}
		}
		int64_t time, slack;
		if (clue_received_id(r, &time, &slack))
			add(message, path, "Received id", CLUE_TIME, r->id, at)->time = time;
	}
}

void clues_find(const struct message *message, const struct content *content, struct path *path)
{
	from_message_id(message, content, path);
	from_boundaries(message, path);
	from_thread_index(message, path);
	from_hops(message, path);
}
