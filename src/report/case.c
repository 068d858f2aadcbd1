/* report/case.c - see case.h */
#include "report/case.h"
#include "report/json.h"
#include "report/story.h"
#include "report/words.h"

#include <stdio.h>

enum { NAMED = 5, LINE_SUBJECT = 60, LINE_ADDRESS = 40 };

static struct arena *arena_of(const struct store_case *found) { return found->casefile.evidence.arena; }

static int64_t time_of(const struct casefile *c)
{
	uint64_t milliseconds = 0;
	casefile_id_time(c->id, &milliseconds);
	return (int64_t)(milliseconds / 1000);
}

static struct span safe(struct span text, const struct store_case *found) { return style_safe(text, arena_of(found)); }

static struct span sender_of(const struct casefile *c)
{
	return c->from_address.n ? c->from_address : c->mail_from.n ? c->mail_from : c->mail_from.p ? SPAN("<>") : SPAN("?");
}

/* Whole characters. */
static struct span cut(struct span text, size_t most, struct arena *arena)
{
	if (text.n <= most)
		return text;
	while (most && (text.p[most] & 0xc0) == 0x80)
		most--;
	return arena_join(arena, span_first(text, most), SPAN("..."));
}

static enum style_kind colour_of(enum verdict_action action)
{
	return action == VERDICT_ACCEPT ? STYLE_GOOD : action == VERDICT_QUARANTINE || action == VERDICT_REJECT ? STYLE_BAD : STYLE_WARN;
}

static const char *held_name(enum store_held held)
{
	static const char *const names[] = {
		[STORE_NOT_HELD] = NULL, [STORE_HELD] = "held", [STORE_RELEASED] = "released", [STORE_DELETED] = "deleted"
	};
	return names[held <= STORE_DELETED ? held : STORE_NOT_HELD];
}

static const char *learned_name(enum store_learned learned)
{
	return learned == STORE_LEARNED_SPAM ? "spam" : learned == STORE_LEARNED_HAM ? "ham" : NULL;
}

static struct span client_words(const struct store_case *found)
{
	const struct casefile *c = &found->casefile;
	struct buf out;
	char text[IP_TEXT_MAX];
	buf_init(&out, arena_of(found), 4096);
	if (c->has_ip)
		buf_put(&out, span_of(text, ip_format(&c->ip, text)));
	if (c->rdns.n)
		buf_printf(&out, " (%.*s)", SPAN_ARG(safe(c->rdns, found)));
	if (c->helo.n)
		buf_printf(&out, ", calling itself %.*s", SPAN_ARG(safe(c->helo, found)));
	if (c->auth_user.n)
		buf_printf(&out, ", logged in as %.*s", SPAN_ARG(safe(c->auth_user, found)));
	return buf_span(&out);
}

void report_case_line(const struct store_case *found, const struct style *style, struct buf *out)
{
	const struct casefile *c = &found->casefile;
	struct arena *arena = arena_of(found);
	char time[CLOCK_TEXT_MAX];
	bool again = casefile_at_door(c) && c->verdict.action == VERDICT_MARK; /* greylisted */
	const char *verdict = verdict_action_name(again ? VERDICT_DEFER : c->verdict.action);
	buf_put(out, span_of(time, clock_format(time_of(c), time) - sizeof " UTC" + 1));
	buf_cstr(out, "  ");
	style_put(style, out, colour_of(c->verdict.action), span_cstr(verdict));
	buf_printf(out, "%*s%6.1f  ", (int)(sizeof "quarantine" - 1 - strlen(verdict)), "", c->verdict.score / 1000.0);
	buf_put(out, cut(safe(sender_of(c), found), LINE_ADDRESS, arena));
	buf_cstr(out, " -> ");
	buf_put(out, c->recipients.n ? cut(safe(c->recipients.v[0].address, found), LINE_ADDRESS, arena) : SPAN("?"));
	if (c->recipients.n > 1)
		buf_printf(out, " and %u more", c->recipients.n - 1);
	if (casefile_at_door(c))
		buf_printf(out, "  (%.*s, at the door)  ", SPAN_ARG(client_words(found)));
	else
		buf_printf(out, "  \"%.*s\"  ", SPAN_ARG(cut(safe(c->subject, found), LINE_SUBJECT, arena)));
	if (found->held)
		buf_printf(out, "(%s)  ", held_name(found->held));
	if (found->learned)
		buf_printf(out, "(learned as %s)  ", learned_name(found->learned));
	style_put(style, out, STYLE_DIM, c->id);
	buf_byte(out, '\n');
}

/* the head of a story */

static void put_line(struct buf *out, const char *name, struct span value)
{
	if (value.n)
		buf_printf(out, "%-12s%.*s\n", name, SPAN_ARG(value));
}

static struct span recipients_words(const struct store_case *found)
{
	const struct casefile *c = &found->casefile;
	struct buf out;
	buf_init(&out, arena_of(found), 8192);
	for (uint32_t i = 0; i < c->recipients.n && i < NAMED; i++)
		buf_printf(&out, "%s%.*s%s", i ? ", " : "", SPAN_ARG(safe(c->recipients.v[i].address, found)),
			   c->recipients.v[i].withheld ? " (withheld)" : "");
	if (c->recipients.n > NAMED)
		buf_printf(&out, " and %u more", c->recipients.n - NAMED);
	return buf_span(&out);
}

static void put_since(const struct store_case *found, struct buf *out)
{
	char time[CLOCK_TEXT_MAX];
	if (found->held == STORE_RELEASED || found->held == STORE_DELETED)
		buf_printf(out, ", %s %.*s", held_name(found->held), (int)clock_format(found->held_time, time), time);
	if (found->learned)
		buf_printf(out, ", learned as %s %.*s", learned_name(found->learned), (int)clock_format(found->learned_time, time), time);
}

static void put_head(const struct store_case *found, const char *done, const struct style *style, struct buf *out)
{
	const struct casefile *c = &found->casefile;
	struct arena *arena = arena_of(found);
	char time[CLOCK_TEXT_MAX];
	struct buf became;
	style_put(style, out, STYLE_BOLD, c->id);
	buf_byte(out, '\n');
	buf_init(&became, arena, 1024);
	buf_cstr(&became, done);
	put_since(found, &became);
	put_line(out, "Arrived",
		 arena_printf(arena, "%.*s through %.*s%s%.*s", (int)clock_format(time_of(c), time), time, SPAN_ARG(safe(c->door, found)),
			      c->queue_id.n ? ", queue id " : "", SPAN_ARG(safe(c->queue_id, found))));
	put_line(out, "From", safe(c->from, found));
	put_line(out, "Subject", safe(c->subject, found));
	put_line(out, "Message-ID", safe(c->message_id, found));
	put_line(out, "Client", client_words(found));
	if (c->mail_from.p)
		put_line(out, "Envelope", arena_printf(arena, "<%.*s>", SPAN_ARG(safe(c->mail_from, found))));
	put_line(out, "To", recipients_words(found));
	put_line(out, "Became", buf_span(&became));
	put_line(out, casefile_at_door(c) ? "Decided by" : "Judged by",
		 arena_printf(arena, "postern %.*s, settings %016llx, what was learned as of change %llu",
			      SPAN_ARG(safe(c->generations.build, found)), (unsigned long long)c->generations.settings,
			      (unsigned long long)c->generations.model));
	buf_byte(out, '\n');
}

void report_case(const struct store_case *found, const char *done, const struct style *style, struct buf *out)
{
	put_head(found, done, style, out);
	report_story_of_case(&found->casefile, style, out);
}

/* JSON */

static void member_time(struct json_out *j, const char *key, int64_t seconds)
{
	char text[CLOCK_TEXT_MAX];
	if (seconds == CLOCK_NONE)
		json_null(j, key);
	else
		json_text(j, key, span_of(text, clock_format_rfc3339(seconds, text)));
}

static void member_word(struct json_out *j, const char *key, const char *word)
{
	if (word)
		json_cstr(j, key, word);
	else
		json_null(j, key);
}

static void member_client(struct json_out *j, const struct casefile *c)
{
	json_object(j, "client");
	report_json_ip(j, "ip", c->has_ip ? &c->ip : NULL);
	json_text_or_null(j, "rdns", c->rdns);
	json_text_or_null(j, "helo", c->helo);
	json_text_or_null(j, "user", c->auth_user);
	json_close(j);
}

static void member_envelope(struct json_out *j, const struct casefile *c)
{
	json_object(j, "envelope");
	json_text_or_null(j, "from", c->mail_from);
	json_array(j, "to");
	for (uint32_t i = 0; i < c->recipients.n; i++)
		json_text(j, NULL, c->recipients.v[i].address);
	json_close(j);
	json_array(j, "withheld");
	for (uint32_t i = 0; i < c->recipients.n; i++)
		if (c->recipients.v[i].withheld)
			json_text(j, NULL, c->recipients.v[i].address);
	json_close(j);
	json_close(j);
}

static void member_fingerprint(struct json_out *j, const struct casefile *c)
{
	char text[2 * CASEFILE_FINGERPRINT + 1];
	for (size_t i = 0; i < CASEFILE_FINGERPRINT; i++)
		snprintf(text + 2 * i, 3, "%02x", c->fingerprint[i]);
	json_text(j, "fingerprint", span_of(text, 2 * CASEFILE_FINGERPRINT));
}

void report_case_members(struct json_out *j, const struct store_case *found, const char *disposition)
{
	const struct casefile *c = &found->casefile;
	json_text(j, "id", c->id);
	member_time(j, "time", time_of(c));
	json_cstr(j, "verdict", verdict_action_name(c->verdict.action));
	json_milli(j, "score", c->verdict.score);
	json_double(j, "probability", c->verdict.probability, 6);
	json_cstr(j, "disposition", disposition);
	member_word(j, "quarantine", held_name(found->held));
	member_word(j, "learned", learned_name(found->learned));
	json_text(j, "door", c->door);
	json_text(j, "queue_id", c->queue_id);
	member_client(j, c);
	member_envelope(j, c);
	json_text_or_null(j, "from", c->from);
	json_text_or_null(j, "subject", c->subject);
	json_text_or_null(j, "message_id", c->message_id);
	report_json_ip(j, "origin", c->has_origin ? &c->origin : NULL);
	json_bool(j, "outgoing", c->outgoing);
	json_int(j, "bytes", c->bytes);
	member_fingerprint(j, c);
	json_array(j, "found");
	for (uint32_t i = 0; i < c->evidence.list.n; i++)
		json_cstr(j, NULL, c->evidence.list.v[i].def->id);
	json_close(j);
}

static struct span part_number(const struct casefile *c, uint16_t index)
{
	for (uint32_t i = 0; i < c->parts.n; i++)
		if (c->parts.v[i].index == index)
			return c->parts.v[i].number;
	return SPAN("0");
}

void report_case_place(struct json_out *j, const struct casefile *c, const struct place *place)
{
	static const char *const in[] = { [PLACE_RAW] = "raw", [PLACE_DECODED] = "decoded", [PLACE_TEXT] = "text" };
	json_object(j, NULL);
	json_text(j, "part", part_number(c, place->part));
	json_cstr(j, "in", in[place->in]);
	json_int(j, "from", place->from);
	json_int(j, "to", place->to);
	json_close(j);
}

static void member_evidence(struct json_out *j, const struct casefile *c)
{
	json_array(j, "evidence");
	for (uint32_t i = 0; i < c->evidence.list.n; i++) {
		const struct evidence *e = &c->evidence.list.v[i];
		json_object(j, NULL);
		json_cstr(j, "id", e->def->id);
		json_cstr(j, "group", evidence_group_name(e->def->group));
		json_milli(j, "weight", e->weight);
		json_text(j, "says", e->says);
		json_array(j, "at");
		for (uint32_t k = 0; k < e->n_at; k++)
			report_case_place(j, c, &e->at[k]);
		json_close(j);
		json_close(j);
	}
	json_close(j);
	json_array(j, "unchecked");
	for (uint32_t i = 0; i < c->evidence.unchecked.n; i++) {
		json_object(j, NULL);
		json_cstr(j, "check", c->evidence.unchecked.v[i].check);
		json_text(j, "why", c->evidence.unchecked.v[i].why);
		json_close(j);
	}
	json_close(j);
}

void report_case_story_members(struct json_out *j, const struct store_case *found)
{
	const struct casefile *c = &found->casefile;
	const struct verdict_thresholds *t = &c->verdict.thresholds;
	member_evidence(j, c);
	json_object(j, "thresholds");
	json_milli(j, "prior", t->prior);
	json_milli(j, "mark", t->mark);
	json_milli(j, "quarantine", t->quarantine);
	json_milli(j, "reject", t->reject);
	json_bool(j, "reject_is_bound", c->bound);
	json_bool(j, "defer", t->defer);
	json_close(j);
	json_object(j, "generations");
	json_text(j, "build", c->generations.build);
	json_text(j, "settings", arena_printf(arena_of(found), "%016llx", (unsigned long long)c->generations.settings));
	json_int(j, "model", (int64_t)c->generations.model);
	json_text(j, "lists", arena_printf(arena_of(found), "%016llx", (unsigned long long)c->generations.lists));
	json_close(j);
	report_story_of_case_members(j, c);
	json_int(j, "microseconds", (int64_t)c->microseconds);
}
