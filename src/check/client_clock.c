/* check/client_clock.c - do the times that Microsoft's programs hide in a message agree with its Date?
 *
 * Outlook, Outlook Express and CDO write the Windows clock (FILETIME: 100 ns since 1601, UTC) into Message-IDs ("%4x" of a counter, then
 * high and low half), into boundaries (local time or UTC, version by version), and Outlook and Exchange into the head of Thread-Index.
 * Ratware prints random digits of that shape, one value in both places, or local time where Windows writes UTC. Real-world example:
 * <01c92c39$ff9ce480$e284815d@60GC7Q> says 07:13:17 UTC, its Date 07:13:17 +0100, its boundary 01C92C39.FF9CE480. */
#include "base/ascii.h"
#include "check/check.h"
#include "check/client_shape.h"

enum { ID_CLOCK, ID_ZONE, ID_BOUNDARY_SAME, BOUNDARY_CLOCK, BOUNDARY_BROKEN, THREAD_CLOCK, THREAD_CODE };
static const struct evidence_def defs[] = {
	[ID_CLOCK] = { "client.message_id_clock", GROUP_CLIENT, 3500, EVIDENCE_PROOF,
		       "The Windows clock inside its Message-ID says {1}, its Date says {2}: random digits in the shape of an Outlook "
		       "Message-ID",
		       "The same program writes both within minutes. 30 hours are allowed for drafts, zones and dead batteries." },
	[ID_ZONE] = { "client.message_id_local_time", GROUP_CLIENT, 3000, EVIDENCE_PROOF,
		      "The Windows clock inside its Message-ID says {1}, exactly the local time of its Date ({2}): Windows writes "
		      "universal time there",
		      "Off by the zone to the minute. A clock set to the wrong zone makes the Date wrong too, so no honest program shows "
		      "this." },
	[ID_BOUNDARY_SAME] = { "client.message_id_is_boundary", GROUP_CLIENT, 3000, EVIDENCE_PROOF,
			       "Message-ID and the line that divides its parts carry the same clock value, {1}: honest programs read the "
			       "clock twice",
			       "The clock counts 100 ns; the two are made at different instants. SpamAssassin measured 13.5 % of spam, "
			       "0.0006 % of good mail." },
	[BOUNDARY_CLOCK] = { "client.boundary_clock", GROUP_CLIENT, 2800, EVIDENCE_PROOF,
			     "The Windows clock inside the line that divides its parts says {1}, its Date says {2}",
			     "As for the Message-ID; a message kept as a draft for days gets its boundary when it is sent." },
	[BOUNDARY_BROKEN] = { "client.boundary_imitated", GROUP_CLIENT, 2800, EVIDENCE_PROOF,
			      "The line that divides its parts, \"--{1}\", imitates Microsoft's form but has the wrong number of digits",
			      "Digits come from fixed-width numbers, so no version writes another count." },
	[THREAD_CLOCK] = { "client.thread_index_clock", GROUP_CLIENT, 2500, EVIDENCE_PROOF,
			   "Its Thread-Index began a conversation on {1}, its Date says {2}, and it is no reply: copied from an old "
			   "message",
			   "Outlook makes the value when a message is begun, and adds to it with each reply. Old templates reopened "
			   "explain some days, not months." },
	[THREAD_CODE] = { "client.thread_index_code", GROUP_CLIENT, 2000, 0,
			  "Its Thread-Index, \"{1}\", is no proper base64: no encoder leaves bits behind the end",
			  "Encoders pad with zero bits (RFC 4648 3.5). Invented text does not." },
};

enum { TOLERANCE = 30 * 3600, ZONE_TOLERANCE = 120, THREAD_TOLERANCE = 60 * 86400, THREAD_BYTES = 22 };

struct stamp {
	bool there;
	uint64_t filetime;
	int64_t seconds;
	struct place at;
};

static uint64_t hex(struct span s)
{
	uint64_t value = 0;
	for (size_t i = 0; i < s.n; i++)
		value = value << 4 | (unsigned)ascii_hex(s.p[i]);
	return value;
}

static struct stamp stamp_of(struct span high, struct span low, struct place at)
{
	uint64_t filetime = hex(high) << 32 | hex(low);
	return (struct stamp){ true, filetime, clock_from_filetime(filetime), at };
}

static struct stamp id_stamp(const struct check_view *view)
{
	struct span id = view->content->message_id;
	size_t dollar = span_find_byte(span_first(id, 20), '$', 0);
	if (dollar == SPAN_NPOS || !client_shape(id, "%8x$%8x$%8x|%12-16x$%8x$%8x"))
		return (struct stamp){ 0 };
	return stamp_of(span_slice(id, dollar - 8, dollar), span_slice(id, dollar + 1, dollar + 9),
			header_place(view->message->raw, header_first(message_headers(view->message), HEADER_MESSAGE_ID)));
}

static struct stamp boundary_stamp(struct span boundary, struct place at)
{
	size_t dot = span_rfind_byte(boundary, '.');
	if (!client_shape(boundary, "----=_NextPart_%3X_%3-6X_%8X.%8X%."))
		return (struct stamp){ 0 };
	return stamp_of(span_slice(boundary, dot - 8, dot), span_slice(boundary, dot + 1, dot + 9), at);
}

static struct span words(int64_t seconds, struct arena *arena)
{
	char text[CLOCK_TEXT_MAX];
	struct civil civil;
	clock_to_civil(seconds, &civil);
	if (civil.year > 9999)
		return SPAN("a year beyond 9999");
	return arena_dup(arena, span_of(text, clock_format(seconds, text)));
}

static int64_t distance(int64_t a, int64_t b) { return a > b ? a - b : b - a; }

static void judge_id(const struct check_view *view, const struct stamp *id, const struct header *date, struct evidence_set *set)
{
	const struct date *d = &view->content->date;
	int64_t local = d->seconds + d->zone_minutes * 60;
	int kind;
	if (distance(id->seconds, d->seconds) > TOLERANCE)
		kind = ID_CLOCK;
	else if (distance(d->zone_minutes, 0) >= 30 && distance(id->seconds, local) <= ZONE_TOLERANCE)
		kind = ID_ZONE;
	else
		return;
	struct span written = kind == ID_CLOCK ? words(d->seconds, view->arena) : header_unfolded(date, view->arena);
	struct evidence *e = evidence_add(set, &defs[kind], words(id->seconds, view->arena), written, span_none);
	evidence_at(e, id->at);
	evidence_at(e, header_place(view->message->raw, date));
}

static void judge_boundary(const struct check_view *view, const struct stamp *id, const struct header *date, struct evidence_set *set)
{
	const struct headers *headers = message_headers(view->message);
	const struct header *type = header_first(headers, HEADER_CONTENT_TYPE);
	struct span text = field_value_get(&message_root(view->message)->type, SPAN("boundary"));
	if (!type || !text.n)
		return;
	struct place at = header_place(view->message->raw, type);
	struct stamp boundary = boundary_stamp(text, at);
	if (!boundary.there) {
		if (client_shape(text, "----=_NextPart_%3X_%4X_%1-12X.%1-12X%."))
			evidence_at(evidence_add(set, &defs[BOUNDARY_BROKEN], text, span_none, span_none), at);
		return;
	}
	if (id->there && id->filetime == boundary.filetime) {
		struct evidence *e = evidence_add(set, &defs[ID_BOUNDARY_SAME], words(id->seconds, view->arena), span_none, span_none);
		evidence_at(e, id->at);
		evidence_at(e, at);
	}
	if (date && distance(boundary.seconds, view->content->date.seconds) > TOLERANCE) {
		struct evidence *e = evidence_add(set, &defs[BOUNDARY_CLOCK], words(boundary.seconds, view->arena),
						  words(view->content->date.seconds, view->arena), span_none);
		evidence_at(e, at);
		evidence_at(e, header_place(view->message->raw, date));
	}
}

static bool is_reply(const struct check_view *view)
{
	const struct headers *headers = message_headers(view->message);
	size_t colon = span_find_byte(span_first(view->content->subject, 8), ':', 0);
	return header_first(headers, HEADER_IN_REPLY_TO) || header_first(headers, HEADER_REFERENCES) || (colon != SPAN_NPOS && colon <= 5);
}

/* Only the form Microsoft writes: 01 and five bytes of the clock, or 01, 01 and so on; others fill the field with random bytes (Zimbra). */
static void judge_thread(const struct check_view *view, const struct header *thread, const struct header *date, struct evidence_set *set)
{
	struct span text = header_unfolded(thread, view->arena);
	struct transfer_facts facts;
	struct span bytes = base64_decode(text, view->arena, &facts);
	if (bytes.n != THREAD_BYTES || bytes.p[0] != 1 || text.n != 32)
		return;
	uint64_t filetime = 0;
	for (unsigned i = 0; i < 6; i++)
		filetime = filetime << 8 | bytes.p[i];
	filetime <<= bytes.p[1] == 1 ? 24 : 16;
	int64_t began = clock_from_filetime(filetime);
	if (date && view->content->date.seconds - began > THREAD_TOLERANCE && !is_reply(view)) {
		struct evidence *e = evidence_add(set, &defs[THREAD_CLOCK], words(began, view->arena),
						  words(view->content->date.seconds, view->arena), span_none);
		evidence_at(e, header_place(view->message->raw, thread));
		evidence_at(e, header_place(view->message->raw, date));
	}
	/* 22 bytes end in two letters, the second with four zero bits, and "==". */
	if (span_ends(text, SPAN("==")) && !strchr("AQgw", text.p[29]))
		evidence_at(evidence_add(set, &defs[THREAD_CODE], text, span_none, span_none), header_place(view->message->raw, thread));
}

static void examine(const struct check_view *view, struct evidence_set *set)
{
	const struct headers *headers = message_headers(view->message);
	const struct content *content = view->content;
	bool trusted = content->date_readable && !(content->date.flags & (DATE_BAD_ZONE | DATE_NO_ZONE | DATE_OUT_OF_RANGE));
	const struct header *date = trusted ? header_first(headers, HEADER_DATE) : NULL;
	const struct header *thread = header_first(headers, HEADER_THREAD_INDEX);
	struct stamp id = id_stamp(view);
	if (id.there && date)
		judge_id(view, &id, date, set);
	judge_boundary(view, &id, date, set);
	if (thread)
		judge_thread(view, thread, date, set);
}

const struct check check_client_clock = {
	.name = "client_clock",
	.purpose = "Do the times that Microsoft's programs hide in Message-ID, boundary and Thread-Index agree with the Date?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.examine = examine,
};
