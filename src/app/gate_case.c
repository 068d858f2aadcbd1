/* app/gate_case.c - see gate_case.h */
#include "app/gate_case.h"
#include "action/outcome.h"
#include "base/clock.h"
#include "base/visible.h"
#include "facts/answers_record.h"

static struct span shown(struct span text, struct arena *arena) { return text.p ? visible_text(text, CASEFILE_SHOWN, arena) : span_none; }

/* The name in the DNS, where it was asked. */
static struct span reverse_name(const struct gate_facts *facts)
{
	const struct answer *name =
	    facts->answers ? answers_find(facts->answers, QUESTION_PTR, question_ptr_name(&facts->visit->ip, facts->arena)) : NULL;
	return name && name->status == ANSWER_OK && name->records.n ? shown(name->records.v[0], facts->arena) : span_none;
}

void gate_case(const struct gate_facts *facts, const struct gate_findings *findings, const struct gate_decision *decision, struct span id,
	       struct span door, const struct casefile_generations *generations, struct casefile *ret)
{
	const struct gate_visit *visit = facts->visit;
	*ret = (struct casefile){
		.id = id,
		.door = door,
		.reference_time = CLOCK_NONE,
		.has_ip = true,
		.ip = visit->ip,
		.rdns = reverse_name(facts),
		.helo = shown(visit->helo, facts->arena),
		.mail_from = visit->mail_from,
		.evidence = findings->set,
		.verdict = decision->verdict,
		.disposition = decision->answer == GATE_REFUSE ? DISPOSITION_REJECT : DISPOSITION_DEFER,
		.generations = *generations,
	};
	if (visit->recipient.n)
		((struct casefile_recipient *)vec_push(facts->arena, &ret->recipients))->address = visit->recipient;
	if (facts->answers) {
		struct buf answers;
		buf_init(&answers, facts->arena, SIZE_MAX);
		answers_record_write(facts->answers, &answers);
		ret->answers = buf_span(&answers);
	}
}
