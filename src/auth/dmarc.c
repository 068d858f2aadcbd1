/* auth/dmarc.c - see dmarc.h */
#include "auth/dmarc_author.h"
#include "auth/dmarc_tree.h"

/* Signatures that verify and yet do not cover what the reader is shown: others may have added to it. */
enum { SIGNED_IN_PART = DKIM_BODY_LENGTH | DKIM_HEADER_ADDED | DKIM_FROM_UNSIGNED };

struct judging {
	const struct answers *answers;
	struct questions *questions;
	struct arena *arena;
	struct span author;
	struct dmarc_tree tree;
	bool missing;
	bool unsure; /* somebody may be aligned who could not be checked */
};

/* Would an answer that did not come perhaps have put the organisation further down, and so apart from others? One further up only widens
 * it. */
static bool may_split(const struct dmarc_tree *tree) { return tree->failed && tree->unknown_from.n > tree->organisational.n; }

/* Does an authenticated domain belong to the author's organisation (4.10.2)? */
static bool is_aligned(struct judging *j, struct span domain, bool strict)
{
	struct dmarc_tree tree;
	if (!dmarc_author_is_domain(domain))
		return false;
	if (span_ieq(domain, j->author))
		return true;
	if (strict)
		return false;
	if (!dmarc_tree_within(domain, j->tree.organisational)) {
		j->unsure |= j->tree.failed && dmarc_tree_within(domain, j->tree.unknown_to);
		return false;
	}
	if (dmarc_tree_walk(domain, j->answers, j->questions, j->arena, &tree) == AUTH_MORE) {
		j->missing = true;
		return false;
	}
	bool same = span_ieq(tree.organisational, j->tree.organisational), sure = !may_split(&tree) && !may_split(&j->tree);
	j->unsure |= !sure;
	return same && sure;
}

static void judge_spf(struct judging *j, const struct dmarc_source *source, struct dmarc *d)
{
	const struct spf *spf = source->null_sender ? source->helo : source->mail_from;
	if (!spf || (spf->result != SPF_PASS && spf->result != SPF_TEMPERROR) || !is_aligned(j, spf->domain, j->tree.record.strict_spf))
		return;
	if (spf->result == SPF_TEMPERROR) {
		j->unsure = true;
		return;
	}
	d->spf_aligned = true;
	d->aligned_by = spf->domain;
}

static void judge_dkim(struct judging *j, const struct dmarc_source *source, struct dmarc *d)
{
	for (uint32_t i = 0; i < source->dkim->list.n; i++) {
		const struct dkim_signature *s = &source->dkim->list.v[i];
		if (s->result != DKIM_TEMPERROR && (s->result != DKIM_PASS || s->flags & SIGNED_IN_PART))
			continue;
		if (!is_aligned(j, s->domain, j->tree.record.strict_dkim))
			continue;
		j->unsure |= s->result == DKIM_TEMPERROR;
		if (s->result == DKIM_PASS && !d->dkim_aligned) {
			d->dkim_aligned = true;
			d->aligned_by = s->domain; /* says more than an address of a machine: it survives forwarding */
		}
	}
}

/* np is for names that do not exist (RFC 8020), sp for those that do, p for the domain that states it. */
static bool choose_policy(struct judging *j, struct dmarc *d)
{
	const struct dmarc_record *record = &j->tree.record;
	d->policy = record->p;
	if (span_eq(j->tree.policy_domain, j->author))
		return true;
	d->policy = record->sp;
	if (record->np == record->sp)
		return true;
	const struct answer *exists = question_ask(j->answers, j->questions, QUESTION_A, j->author);
	if (exists && exists->status == ANSWER_NXDOMAIN)
		d->policy = record->np;
	return exists;
}

static struct span failed_says(const struct answer *answer, struct arena *arena)
{
	return arena_join(arena, SPAN("the look-up of "), answer->question.name, SPAN(" "), answer_says(answer));
}

static void conclude(struct judging *j, struct dmarc *d)
{
	const struct answer *failed = j->tree.failed;
	bool has_policy = j->tree.policy_domain.p && j->tree.record.usable;
	bool own_unknown = failed && span_eq(j->tree.unknown_from, j->author);
	if (has_policy && !own_unknown && (d->spf_aligned || d->dkim_aligned)) {
		d->result = DMARC_PASS;
	} else if (own_unknown || (failed && !has_policy) || (has_policy && j->unsure)) {
		d->result = DMARC_TEMPERROR;
		d->problem = failed ? failed_says(failed, j->arena)
				    : arena_printf(j->arena, "what %.*s says about its mail could not be looked up", SPAN_ARG(j->author));
	} else if (has_policy) {
		d->result = DMARC_FAIL;
		d->disposition = d->policy;
		if (d->testing && d->disposition > DMARC_POLICY_NONE)
			d->disposition--;
	} else if (j->tree.policy_domain.p) {
		d->result = DMARC_PERMERROR;
		d->problem =
		    arena_printf(j->arena, "the DMARC record of %.*s states no policy that exists", SPAN_ARG(j->tree.policy_domain));
	}
}

enum auth_step dmarc_judge(const struct dmarc_source *source, const struct answers *answers, struct questions *questions,
			   struct arena *arena, struct dmarc *ret)
{
	struct judging j = { .answers = answers, .questions = questions, .arena = arena, .author = source->author };
	struct dmarc d = { .result = DMARC_NONE, .domain = source->author, .problem = source->author_problem };
	if (!j.author.p) {
		d.result = DMARC_PERMERROR;
		*ret = d;
		return AUTH_DONE;
	}
	if (dmarc_tree_walk(j.author, answers, questions, arena, &j.tree) == AUTH_MORE)
		return AUTH_MORE;
	d.organisational = j.tree.organisational;
	d.policy_domain = j.tree.policy_domain;
	d.record = j.tree.record.text;
	d.testing = j.tree.record.testing;
	d.rua = j.tree.record.rua;
	judge_spf(&j, source, &d);
	judge_dkim(&j, source, &d);
	if (j.tree.policy_domain.p && !choose_policy(&j, &d))
		return AUTH_MORE;
	if (j.missing)
		return AUTH_MORE;
	conclude(&j, &d);
	*ret = d;
	return AUTH_DONE;
}

void dmarc_ask_ahead(struct span author, const struct answers *answers, struct questions *questions, struct arena *arena)
{
	struct dmarc_tree ignored;
	if (author.p)
		dmarc_tree_walk(author, answers, questions, arena, &ignored);
}

const char *dmarc_result_name(enum dmarc_result result)
{
	static const char *const names[] = {
		[DMARC_NONE] = "none",           [DMARC_PASS] = "pass",           [DMARC_FAIL] = "fail",
		[DMARC_TEMPERROR] = "temperror", [DMARC_PERMERROR] = "permerror",
	};
	return names[result];
}

const char *dmarc_policy_name(enum dmarc_policy policy)
{
	static const char *const names[] = {
		[DMARC_POLICY_NONE] = "none",
		[DMARC_POLICY_QUARANTINE] = "quarantine",
		[DMARC_POLICY_REJECT] = "reject",
	};
	return names[policy];
}
