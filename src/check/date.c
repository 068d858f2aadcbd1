/* check/date.c - dates that cannot be: missing, unreadable, of no day or no zone of this world, or far from when the message came.
 *
 * Compared with the reference time (newest trusted Received line, the clock for live mail). Lists and dead queues delay honest mail by
 * days, and clocks of honest machines run wrong, so distance alone is weak; a zone of -1600 is no clock's error. */
#include "check/check.h"

enum { MISSING, UNREADABLE, BAD_ZONE, NO_ZONE, WRONG_WEEKDAY, OUT_OF_RANGE, FUTURE, PAST };
static const struct evidence_def defs[] = {
	[MISSING] = { "date.missing", GROUP_DATE, 750, 0, "It has no date",
		      "RFC 5322 3.6 demands one, and every mail program writes it; some scripts do not. SpamAssassin's mass check: 3.3 % "
		      "of spam, 0.03 % of good mail." },
	[UNREADABLE] = { "date.unreadable", GROUP_DATE, 1500, 0, "Its date cannot be read: {1}",
			 "Mass mailers build dates by hand. So do a few scripts." },
	[BAD_ZONE] = { "date.bad_zone", GROUP_DATE, 2500, 0, "Its date names a time zone that does not exist: {1}",
		       "Zones reach from -1200 to +1400. A mail program takes its zone from the system, a forger from a random number." },
	[NO_ZONE] = { "date.no_zone", GROUP_DATE, 750, 0, "Its date names no time zone: {1}",
		      "RFC 5322 3.3 demands one; few honest programs forget it." },
	[WRONG_WEEKDAY] = { "date.wrong_weekday", GROUP_DATE, 1400, 0, "Its date names the wrong day of the week: {1}",
			    "Programs compute it; hands and templates get it wrong." },
	[OUT_OF_RANGE] = { "date.impossible", GROUP_DATE, 2000, 0, "Its date cannot be: {1}", "No clock shows such a day or hour." },
	[FUTURE] = { "date.future", GROUP_DATE, 1500, 0, "It is dated {1}, after it came ({2})",
		     "Dated ahead it stays on top of the mailbox. A clock that is days ahead is rare. SpamAssassin's mass check, four "
		     "days: 1.25 % of spam, 0.006 % of good." },
	[PAST] = { "date.past", GROUP_DATE, 750, 0, "It is dated {1}, long before it came ({2})",
		   "Dead queues and moderated lists delay by days, not months; wrong clocks do it too." },
};

enum { DAY = 86400 };

static struct span time_text(const struct check_view *view, int64_t seconds)
{
	char text[CLOCK_TEXT_MAX];
	return arena_dup(view->arena, span_of(text, clock_format(seconds, text)));
}

static void judge_distance(const struct check_view *view, struct place at, struct evidence_set *set)
{
	const struct date *date = &view->content->date;
	int64_t came = view->path->reference_time != CLOCK_NONE ? view->path->reference_time : view->now;
	if (came == CLOCK_NONE)
		return;
	int64_t ahead = date->seconds - came;
	int kind = ahead > 2 * DAY ? FUTURE : ahead < -60 * DAY ? PAST : -1;
	if (kind >= 0)
		evidence_at(evidence_add(set, &defs[kind], time_text(view, date->seconds), time_text(view, came), span_none), at);
}

static void examine(const struct check_view *view, struct evidence_set *set)
{
	static const struct {
		uint32_t flag;
		int kind;
	} odd[] = { { DATE_OUT_OF_RANGE, OUT_OF_RANGE },
		    { DATE_BAD_ZONE, BAD_ZONE },
		    { DATE_WRONG_WEEKDAY, WRONG_WEEKDAY },
		    { DATE_NO_ZONE, NO_ZONE } };
	const struct header *h = header_first(message_headers(view->message), HEADER_DATE);
	if (!h) {
		evidence_add(set, &defs[MISSING], span_none, span_none, span_none);
		return;
	}
	struct span value = header_unfolded(h, view->arena);
	struct place at = header_place(view->message->raw, h);
	if (!view->content->date_readable) {
		evidence_at(evidence_add(set, &defs[UNREADABLE], value, span_none, span_none), at);
		return;
	}
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		if (view->content->date.flags & odd[i].flag) {
			evidence_at(evidence_add(set, &defs[odd[i].kind], value, span_none, span_none), at);
			break;
		}
	}
	if (!(view->content->date.flags & DATE_OUT_OF_RANGE))
		judge_distance(view, at, set);
}

const struct check check_date = {
	.name = "date",
	.purpose = "Is it dated as mail is?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.examine = examine,
};
