/* gate/test_lists.c - what the lists of the settings say of the client's address (facts/list.h), and the questions for everything the door
 * asks. Where nobody is asked over the network, those in files answer all the same. A list that is muted, refuses, fails its control
 * questions or does not answer is "unchecked", with the reason. */
#include "facts/list.h"
#include "gate/tests.h"

static bool concerns(const struct list_declaration *list) { return list->asks & LIST_CLIENT && !list->hash; }

/* Has everything been answered that was to be asked of this list? */
static void ask_list(const struct gate_facts *facts, const struct list_declaration *list, struct questions *questions)
{
	struct question question, control, leave = list_ask_leave(list);
	const struct list_texts *controls[] = { &list->must_list, &list->must_not_list };
	if (!list_ask_address(list, &facts->visit->ip, facts->arena, &question))
		return;
	const struct answer *may = question_ask(facts->answers, questions, leave.type, leave.name);
	if (!may || may->status != ANSWER_OK)
		return;
	question_ask(facts->answers, questions, question.type, question.name);
	bool controlled = may->records.n && span_eq(may->records.v[0], SPAN("controls"));
	for (size_t k = 0; controlled && k < 2; k++)
		for (size_t i = 0; i < controls[k]->n; i++)
			if (list_ask_control(list, controls[k]->v[i], facts->arena, &control))
				question_ask(facts->answers, questions, control.type, control.name);
}

bool gate_ask(const struct gate_facts *facts, struct questions *questions)
{
	const struct settings *s = facts->settings;
	uint32_t before = questions->list.n;
	bool alone = s->resolver.kind == RESOLVER_NONE;
	for (size_t i = 0; i < s->lists.n && s->gate.mode[GATE_TEST_DNS_LISTS]; i++)
		if (concerns(&s->lists.v[i]) && (!alone || s->lists.v[i].file.n))
			ask_list(facts, &s->lists.v[i], questions);
	if (alone)
		return questions->list.n > before;
	if (!s->gate.mode[GATE_TEST_NO_NAME] && !s->gate.mode[GATE_TEST_FALSE_NAME] && !s->gate.mode[GATE_TEST_ACCESS_LINE])
		return questions->list.n > before;
	gate_ask_name(facts, questions);
	return questions->list.n > before;
}

static void unheard(const struct gate_facts *facts, struct gate_findings *findings, const struct list_declaration *list, struct span how)
{
	struct unchecked *u = evidence_unchecked(&findings->set, gate_test_def(GATE_TEST_DNS_LISTS)->id, "{1}",
						 arena_join(facts->arena, SPAN("The list "), list->name, SPAN(" was not heard: "), how));
	struct evidence_def *could = arena_new(facts->arena, struct evidence_def);
	*could = *gate_test_def(GATE_TEST_DNS_LISTS);
	could->weight = list_most(list);
	u->could = could->weight > 0 ? could : NULL;
	u->temporary = true;
}

static struct span unsound(const struct gate_facts *facts, const struct list_declaration *list, const struct answer *may)
{
	if (may->status != ANSWER_OK)
		return may->records.n ? may->records.v[0] : answer_says(may);
	switch (list_controls(list, facts->answers, facts->arena)) {
	case LIST_CONTROLS_LISTED: return SPAN("it lists a test address that no list may hold");
	case LIST_CONTROLS_MISSED: return SPAN("it does not list the test address that every list holds");
	case LIST_CONTROLS_UNANSWERED: return SPAN("its test questions were not answered");
	default: return span_none;
	}
}

static void hear(const struct gate_facts *facts, struct gate_findings *findings, const struct list_declaration *list, struct span ip)
{
	struct question question, leave = list_ask_leave(list);
	const struct list_code *code;
	struct span entry;
	if (!list_ask_address(list, &facts->visit->ip, facts->arena, &question))
		return;
	const struct answer *may = answers_find(facts->answers, leave.type, leave.name);
	const struct answer *answer = answers_find(facts->answers, question.type, question.name);
	struct span why = may ? unsound(facts, list, may) : span_none;
	if (why.n)
		unheard(facts, findings, list, why);
	if (why.n || !answer)
		return;
	switch (list_read(list, answer, facts->arena, &code, &entry)) {
	case LIST_SAYS_LISTED: gate_find(facts, findings, GATE_TEST_DNS_LISTS, code->weight, ip, list->name, code->means); break;
	case LIST_SAYS_REFUSED: unheard(facts, findings, list, SPAN("it does not serve this server")); break;
	case LIST_SAYS_FAILED: unheard(facts, findings, list, answer_says(answer)); break;
	case LIST_SAYS_NOTHING: break;
	}
}

void gate_test_lists(const struct gate_facts *facts, struct gate_findings *findings)
{
	const struct settings_lists *lists = &facts->settings->lists;
	char text[IP_TEXT_MAX];
	struct span ip = arena_dup(facts->arena, span_of(text, ip_format(&facts->visit->ip, text)));
	for (size_t i = 0; i < lists->n && facts->answers; i++)
		if (concerns(&lists->v[i]))
			hear(facts, findings, &lists->v[i], ip);
}
