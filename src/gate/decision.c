/* gate/decision.c - see decision.h */
#include "gate/decision.h"
#include "base/buf.h"

#include <stdio.h>

static const char *const causes[GATE_CAUSES] = {
	[GATE_BY_NOTHING] = "nothing", [GATE_BY_LIST] = "list",   [GATE_BY_TRAP] = "trap",
	[GATE_BY_LOAD] = "load",       [GATE_BY_SCORE] = "score", [GATE_BY_GREYLIST] = "greylist",
};
const char *gate_cause_name(enum gate_cause cause) { return causes[cause]; }

void gate_examine(const struct gate_facts *facts, struct gate_findings *findings)
{
	static void (*const tests[])(const struct gate_facts *, struct gate_findings *) = {
		gate_test_known, gate_test_load, gate_test_manners, gate_test_naming, gate_test_lists,
	};
	const struct gate_visit *visit = facts->visit;
	if (visit->trusted || visit->auth_user.n || facts->known.listed == GATE_LISTED_ALLOW)
		return;
	for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
		tests[i](facts, findings);
}

static struct verdict judge(const struct gate_facts *facts, const struct evidence_set *set)
{
	const struct settings_gate *s = &facts->settings->gate;
	struct verdict_thresholds thresholds = { .mark = s->grey, .quarantine = s->refuse, .reject = s->refuse };
	return verdict_judge(set, &thresholds);
}

static bool found(const struct gate_findings *findings, enum gate_test test, bool watched, uint32_t *ret_at)
{
	for (uint32_t i = 0; i < findings->set.list.n; i++) {
		const struct evidence *e = &findings->set.list.v[i];
		if (e->def == gate_test_def(test) && (watched || !findings->watched[i])) {
			*ret_at = i;
			return true;
		}
	}
	return false;
}

static uint32_t heaviest(const struct gate_findings *findings)
{
	uint32_t best = 0;
	for (uint32_t i = 1; i < findings->set.list.n; i++)
		if (findings->set.list.v[i].weight > findings->set.list.v[best].weight)
			best = i;
	return best;
}

/* Limits weigh nothing, so watching them shows in the mode alone. */
static bool over_limit(const struct gate_facts *facts, const struct gate_findings *findings, bool watched, uint32_t *ret_at)
{
	static const enum gate_test limits[] = { GATE_TEST_RATE, GATE_TEST_CROWD };
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
		if ((watched || gate_mode(facts, limits[i]) == GATE_ENFORCE) && found(findings, limits[i], true, ret_at))
			return true;
	return false;
}

static enum gate_answer decide(const struct gate_facts *facts, const struct gate_findings *findings, const struct verdict *verdict,
			       enum gate_stage stage, enum greylist_says greylist, bool watched, enum gate_cause *ret_cause,
			       uint32_t *ret_leading)
{
	*ret_leading = heaviest(findings);
	*ret_cause = GATE_BY_NOTHING;
	if (stage == GATE_RCPT && gate_is_role(facts->visit->recipient))
		return GATE_PASS;
	if (found(findings, GATE_TEST_BLOCKED, watched, ret_leading)) {
		*ret_cause = GATE_BY_LIST;
		return GATE_REFUSE;
	}
	if (found(findings, GATE_TEST_TRAP, watched, ret_leading)) {
		*ret_cause = GATE_BY_TRAP;
		return GATE_REFUSE;
	}
	if (stage == GATE_CONNECT && over_limit(facts, findings, watched, ret_leading)) {
		*ret_cause = GATE_BY_LOAD;
		return GATE_CLOSE;
	}
	*ret_leading = heaviest(findings);
	bool foreign = facts->visit->manners & (GATE_FOREIGN_COMMAND | GATE_FOREIGN_BYTES);
	if (stage != GATE_RCPT && !foreign)
		return GATE_PASS;
	if (verdict->action == VERDICT_REJECT && (findings->hard || findings->lists > 1 || watched)) {
		*ret_cause = GATE_BY_SCORE;
		return GATE_REFUSE;
	}
	bool comes_again = greylist == GREYLIST_NEW || greylist == GREYLIST_EARLY;
	if (stage == GATE_RCPT && verdict->action != VERDICT_ACCEPT && comes_again &&
	    (watched || gate_mode(facts, GATE_TEST_GREYLIST) == GATE_ENFORCE)) {
		*ret_cause = GATE_BY_GREYLIST;
		return GATE_DEFER;
	}
	return GATE_PASS;
}

bool gate_is_grey(const struct gate_facts *facts, const struct gate_findings *findings)
{
	return judge(facts, &findings->set).action != VERDICT_ACCEPT;
}

void gate_decide(const struct gate_facts *facts, const struct gate_findings *findings, enum gate_stage stage, enum greylist_says greylist,
		 struct gate_decision *ret)
{
	struct evidence_set all = findings->set;
	enum gate_cause cause;
	uint32_t leading;
	ret->verdict = judge(facts, &findings->set);
	ret->answer = decide(facts, findings, &ret->verdict, stage, greylist, false, &ret->cause, &ret->leading);
	ret->would = ret->answer;
	bool watches = gate_mode(facts, GATE_TEST_GREYLIST) == GATE_WATCH;
	for (uint32_t i = 0; i < all.list.n; i++)
		watches |= findings->watched[i] != 0 || all.list.v[i].def->group == GROUP_LOAD;
	if (!watches)
		return;
	struct evidence *copy = arena_alloc(facts->arena, all.list.n * sizeof *copy);
	for (uint32_t i = 0; i < all.list.n; i++) {
		copy[i] = all.list.v[i];
		copy[i].weight += findings->watched[i];
	}
	all.list.v = copy;
	struct verdict would = judge(facts, &all);
	ret->would = decide(facts, findings, &would, stage, greylist, true, &cause, &leading);
}

bool gate_is_role(struct span recipient)
{
	size_t at = span_find_byte(recipient, '@', 0);
	struct span local = at == SPAN_NPOS ? recipient : span_first(recipient, at);
	return span_ieq(local, SPAN("postmaster")) || span_ieq(local, SPAN("abuse"));
}

/* The reply. */

static const struct {
	uint16_t code;
	const char *enhanced, *begins;
} replies[GATE_CAUSES] = {
	[GATE_BY_LIST] = { 554, "5.7.1", "Refused: " },
	[GATE_BY_TRAP] = { 554, "5.7.1", "Refused: " },
	[GATE_BY_LOAD] = { 421, "4.7.0", "Please come again later: " },
	[GATE_BY_SCORE] = { 554, "5.7.1", "Refused: " },
	[GATE_BY_GREYLIST] = { 450, "4.7.1", "Please come again" },
};

static void put(struct buf *text, struct span s)
{
	for (size_t i = 0; i < s.n; i++) /* RFC 5321 section 4.2: printable US-ASCII */
		buf_byte(text, s.p[i] >= ' ' && s.p[i] < 0x7f ? s.p[i] : '?');
}

void gate_reply_write(const struct gate_facts *facts, const struct gate_findings *findings, const struct gate_decision *decision,
		      struct span id, int64_t wait, struct gate_reply *ret)
{
	char number[32];
	struct buf text;
	struct span contact = facts->settings->gate.contact;
	memset(ret, 0, sizeof *ret);
	ret->answer = decision->answer;
	if (decision->answer == GATE_PASS)
		return;
	ret->code = replies[decision->cause].code;
	memcpy(ret->enhanced, replies[decision->cause].enhanced, strlen(replies[decision->cause].enhanced));
	buf_init(&text, facts->arena, GATE_TEXT_MAX);
	put(&text, span_cstr(replies[decision->cause].begins));
	if (decision->cause == GATE_BY_GREYLIST) {
		snprintf(number, sizeof number, " in %lld seconds", (long long)wait);
		put(&text, span_cstr(number));
		put(&text, SPAN(": this server does not know you yet"));
	} else
		put(&text, findings->set.list.v[decision->leading].says);
	if (id.n) {
		put(&text, SPAN("; case "));
		put(&text, id);
	}
	if (contact.n) {
		put(&text, SPAN("; if this is a mistake: "));
		put(&text, contact);
	} else if (decision->cause == GATE_BY_SCORE)
		put(&text, SPAN("; if this is a mistake, write to postmaster here"));
	ret->text = buf_span(&text);
}
