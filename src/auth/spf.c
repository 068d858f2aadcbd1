/* auth/spf.c - see spf.h
 *
 * The evaluation starts anew in each round and goes as far as the answers reach. Nothing is kept between two rounds: reading a record takes
 * less time than finding it. */
#include "auth/spf_macro.h"
#include "auth/spf_mechanism.h"
#include "base/ascii.h"
#include "base/err.h"
#include "base/limits.h"
#include "message/url.h"

/* What check_host() found for one domain. */
struct judged {
	enum spf_result result;
	struct span domain; /* whose record decided: another one after a redirect */
	struct span mechanism, record, explanation;
};

static bool check_host(struct spf_walk *walk, struct span domain, struct judged *ret);

static bool ends(enum spf_match match, struct judged *j)
{
	if (match != SPF_MATCH_TEMPERROR && match != SPF_MATCH_PERMERROR)
		return false;
	j->result = match == SPF_MATCH_TEMPERROR ? SPF_TEMPERROR : SPF_PERMERROR;
	return true;
}

/* The one SPF record of a domain (4.4, 4.5). YES with *ret_record; NO: there is none. */
static enum spf_match find_record(struct spf_walk *walk, struct span domain, struct span *ret_record)
{
	const struct answer *txt = question_ask(walk->answers, walk->questions, QUESTION_TXT, domain);
	uint32_t n = 0;
	if (!txt)
		return SPF_MATCH_MISSING;
	if (answer_failed(txt))
		return spf_walk_temperror(walk, txt);
	for (uint32_t i = 0; i < txt->records.n; i++)
		if (spf_record_is(txt->records.v[i]) && n++ == 0)
			*ret_record = txt->records.v[i];
	if (n > 1)
		return spf_walk_permerror(walk, "%.*s has %u SPF records, where one is allowed", SPAN_ARG(domain), n);
	return n ? SPF_MATCH_YES : SPF_MATCH_NO;
}

/* RFC 7208 5.2: pass matches, an error is one, no record is a permanent error. */
static enum spf_match match_include(struct spf_walk *walk, const struct spf_term *term, struct span domain)
{
	struct judged inner;
	struct span name;
	if (spf_walk_count(walk, term->text) == SPF_MATCH_PERMERROR)
		return SPF_MATCH_PERMERROR;
	if (spf_mechanism_name(walk, term->domain, domain, &name) == SPF_MATCH_MISSING || !check_host(walk, name, &inner))
		return SPF_MATCH_MISSING;
	switch (inner.result) {
	case SPF_PASS: return SPF_MATCH_YES;
	case SPF_TEMPERROR: return SPF_MATCH_TEMPERROR;
	case SPF_PERMERROR: return SPF_MATCH_PERMERROR;
	case SPF_NONE:
		return spf_walk_permerror(walk, "the record of %.*s has \"%.*s\", where no SPF record is", SPAN_ARG(domain),
					  SPAN_ARG(span_first(term->text, LIMIT_EVIDENCE_DETAIL)));
	default: return SPF_MATCH_NO;
	}
}

/* The first mechanism that matches decides; without one the result stays neutral (4.7). False: answers are missing. */
static bool judge_terms(struct spf_walk *walk, const struct spf_record *record, struct span domain, struct judged *j, bool *ret_decided)
{
	spf_mechanism_ask_ahead(walk, record, domain);
	for (uint32_t i = 0; i < record->terms.n; i++) {
		const struct spf_term *term = &record->terms.v[i];
		enum spf_match match =
		    term->mechanism == SPF_INCLUDE ? match_include(walk, term, domain) : spf_mechanism_match(walk, term, domain);
		if (match == SPF_MATCH_MISSING)
			return false;
		*ret_decided = match != SPF_MATCH_NO;
		if (ends(match, j))
			return true;
		if (match == SPF_MATCH_YES) {
			j->result = term->result;
			j->mechanism = term->text;
			return true;
		}
	}
	j->result = SPF_NEUTRAL;
	return true;
}

/* RFC 7208 6.1; *domain becomes the one to go on with. */
static enum spf_match follow_redirect(struct spf_walk *walk, struct span redirect, struct span *domain)
{
	struct span from = *domain;
	if (spf_walk_count(walk, redirect) == SPF_MATCH_PERMERROR)
		return SPF_MATCH_PERMERROR;
	if (spf_mechanism_name(walk, redirect, from, domain) == SPF_MATCH_MISSING)
		return SPF_MATCH_MISSING;
	return SPF_MATCH_NO;
}

/* check_host() (4.1) without what comes before the first record. False: answers are missing. */
static bool check_host(struct spf_walk *walk, struct span domain, struct judged *ret)
{
	struct span problem, redirected_by = span_none, first_record = span_none;
	for (;;) {
		struct judged j = { .result = SPF_NONE, .domain = domain };
		struct spf_record record;
		bool decided = false;
		struct span text = span_none;
		enum spf_match found = domain.p ? find_record(walk, domain, &text) : SPF_MATCH_NO;
		j.record = redirected_by.p ? first_record : (first_record = text);
		*ret = j;
		if (found == SPF_MATCH_MISSING)
			return false;
		if (found == SPF_MATCH_NO && redirected_by.p)
			found = spf_walk_permerror(walk, "the record of %.*s hands over to a domain that has no SPF record",
						   SPAN_ARG(redirected_by));
		if (ends(found, ret) || found == SPF_MATCH_NO)
			return true;
		if (spf_record_parse(text, walk->arena, &record, &problem) != 0)
			return ends(spf_walk_permerror(walk, "the record of %.*s %.*s", SPAN_ARG(domain), SPAN_ARG(problem)), ret);
		if (!judge_terms(walk, &record, domain, ret, &decided))
			return false;
		ret->explanation = record.explanation;
		if (decided || !record.redirect.p)
			return true;
		redirected_by = domain;
		enum spf_match next = follow_redirect(walk, record.redirect, &domain);
		if (next == SPF_MATCH_MISSING)
			return false;
		if (ends(next, ret))
			return true;
	}
}

/* What the domain says to those it refuses (6.2): any error, and there is nothing. False: answers are missing. */
static bool explain(struct spf_walk *walk, const struct judged *j, struct span *ret_text)
{
	struct spf_macro_values values = { .query = walk->query, .domain = j->domain };
	struct span name;
	bool ignored;
	if (j->result != SPF_FAIL || !j->explanation.p)
		return true;
	if (spf_mechanism_name(walk, j->explanation, j->domain, &name) == SPF_MATCH_MISSING)
		return false;
	if (!name.p)
		return true;
	const struct answer *txt = question_ask(walk->answers, walk->questions, QUESTION_TXT, name);
	if (!txt)
		return false;
	if (txt->records.n != 1 || !spf_macro_valid(txt->records.v[0], SPF_MACRO_EXPLANATION, &ignored))
		return true;
	if (spf_macro_wants_name(txt->records.v[0]) && spf_mechanism_client_name(walk, j->domain, &values.validated) == SPF_MATCH_MISSING)
		return false;
	struct buf text;
	buf_init(&text, walk->arena, LIMIT_SPF_EXPLANATION);
	spf_macro_expand(txt->records.v[0], &values, &text);
	for (size_t i = 0; i < text.n; i++)
		if (!ascii_is_print(text.p[i])) /* came in by a macro */
			return true;
	*ret_text = buf_span(&text);
	return true;
}

/* Of several labels, as mail is sent from (4.3); a literal address is no domain. */
static bool can_be_judged(struct span domain)
{
	return spf_mechanism_is_name(domain) && domain.p[0] != '[' && span_find_byte(domain, '.', 0) < domain.n - 1;
}

/* Without final dot; letters beyond ASCII as A-labels (4.3). span_none when that cannot be. */
static struct span normal_domain(struct span domain, struct arena *arena)
{
	struct span ascii = span_none;
	if (span_ends(domain, SPAN(".")))
		domain.n--;
	for (size_t i = 0; i < domain.n; i++)
		if (domain.p[i] >= 0x80)
			return url_domain_to_ascii(domain, arena, &ascii) == 0 ? ascii : span_none;
	return domain;
}

enum auth_step spf_check(const struct spf_query *query, const struct answers *answers, struct questions *questions, struct arena *arena,
			 struct spf *ret)
{
	struct spf_walk walk = { .query = query, .answers = answers, .questions = questions, .arena = arena };
	struct spf spf = { .result = SPF_NONE, .domain = normal_domain(query->domain, arena) };
	struct judged j = { .result = SPF_NONE };
	if (can_be_judged(spf.domain) && (!check_host(&walk, spf.domain, &j) || !explain(&walk, &j, &spf.explanation)))
		return AUTH_MORE;
	spf.result = j.result;
	spf.mechanism = j.mechanism;
	spf.record = j.record;
	spf.problem = j.result == SPF_TEMPERROR || j.result == SPF_PERMERROR ? walk.problem : span_none;
	spf.lookups = walk.lookups;
	*ret = spf;
	return AUTH_DONE;
}

const char *spf_result_name(enum spf_result result)
{
	static const char *const names[] = {
		[SPF_NONE] = "none",         [SPF_NEUTRAL] = "neutral",     [SPF_PASS] = "pass",           [SPF_FAIL] = "fail",
		[SPF_SOFTFAIL] = "softfail", [SPF_TEMPERROR] = "temperror", [SPF_PERMERROR] = "permerror",
	};
	return names[result];
}
