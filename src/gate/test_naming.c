/* gate/test_naming.c - what the client calls itself: in the DNS, and in its greeting (RFC 5321 sections 4.1.1.1 and 4.1.3). */
#include "facts/host_name.h"
#include "gate/tests.h"

static struct span address_text(const struct gate_facts *facts)
{
	char text[IP_TEXT_MAX];
	return arena_dup(facts->arena, span_of(text, ip_format(&facts->visit->ip, text)));
}

static const struct answer *answer_of(const struct gate_facts *facts, enum question_type type, struct span name)
{
	return facts->answers ? answers_find(facts->answers, type, name) : NULL;
}

static enum question_type address_type(const struct ip *ip) { return ip_is_v4(ip) ? QUESTION_A : QUESTION_AAAA; }

/* The name in the DNS; span_none: there is none, or it is not known. */
static struct span reverse_name(const struct gate_facts *facts, const struct answer **ret_answer)
{
	*ret_answer = answer_of(facts, QUESTION_PTR, question_ptr_name(&facts->visit->ip, facts->arena));
	return *ret_answer && (*ret_answer)->status == ANSWER_OK && (*ret_answer)->records.n ? (*ret_answer)->records.v[0] : span_none;
}

static bool leads_back(const struct answer *answer, const struct ip *ip)
{
	struct ip found;
	for (uint32_t i = 0; i < answer->records.n; i++)
		if (ip_parse(answer->records.v[i], &found) && ip_eq(&found, ip))
			return true;
	return false;
}

enum gate_name gate_name_of(const struct gate_facts *facts, struct span *ret_name)
{
	const struct answer *reverse;
	struct span name = *ret_name = reverse_name(facts, &reverse);
	if (!name.n)
		return reverse && !answer_failed(reverse) ? GATE_NAME_NONE : GATE_NAME_UNKNOWN;
	const struct answer *forward = answer_of(facts, address_type(&facts->visit->ip), name);
	if (!forward || answer_failed(forward))
		return GATE_NAME_UNKNOWN;
	return leads_back(forward, &facts->visit->ip) ? GATE_NAME_CONFIRMED : GATE_NAME_FALSE;
}

bool gate_ask_name(const struct gate_facts *facts, struct questions *questions)
{
	const struct ip *ip = &facts->visit->ip;
	uint32_t before = questions->list.n;
	const struct answer *name = question_ask(facts->answers, questions, QUESTION_PTR, question_ptr_name(ip, facts->arena));
	if (name && name->status == ANSWER_OK && name->records.n)
		question_ask(facts->answers, questions, address_type(ip), name->records.v[0]);
	return questions->list.n > before;
}

static void unchecked(struct gate_findings *findings, enum gate_test test, const char *why, const struct answer *answer)
{
	struct unchecked *u = evidence_unchecked(&findings->set, gate_test_def(test)->id, why, answer_says(answer));
	u->could = gate_test_def(test);
	u->temporary = true;
}

static void test_reverse(const struct gate_facts *facts, struct gate_findings *findings)
{
	const struct answer *reverse, *forward;
	struct span ip = address_text(facts), name = reverse_name(facts, &reverse);
	if (!reverse)
		return;
	if (answer_failed(reverse)) {
		unchecked(findings, GATE_TEST_NO_NAME, "What its address is called in the DNS could not be found out: the question {1}",
			  reverse);
		return;
	}
	if (!name.n) {
		gate_find(facts, findings, GATE_TEST_NO_NAME, 0, ip, span_none, span_none);
		return;
	}
	enum host_class class = host_name_class(name);
	if (class == HOST_RESIDENTIAL || class == HOST_DYNAMIC)
		gate_find(facts, findings, GATE_TEST_ACCESS_LINE, 0, name, span_cstr(host_class_says(class)), span_none);
	forward = answer_of(facts, address_type(&facts->visit->ip), name);
	if (forward && answer_failed(forward))
		unchecked(findings, GATE_TEST_FALSE_NAME, "Whether its name leads back to it could not be found out: the question {1}",
			  forward);
	else if (forward && !leads_back(forward, &facts->visit->ip))
		gate_find(facts, findings, GATE_TEST_FALSE_NAME, 0, ip, name, span_none);
}

static bool is_ours(const struct gate_facts *facts, struct span helo)
{
	const struct settings *s = facts->settings;
	struct ip ip;
	if (ip_parse(helo, &ip))
		return facts->visit->own && ip_eq(&ip, facts->visit->own);
	return (s->hostname.n && span_ieq(helo, s->hostname)) || settings_names_have(&s->local_domains, helo);
}

static bool is_nonsense(struct span helo)
{
	struct ip ip;
	if (helo.n && helo.p[0] == '[')
		return !ip_parse(helo, &ip) || ip_is_private(&ip) || ip_is_loopback(&ip);
	return ip_parse(helo, &ip) || span_find_byte(helo, '.', 0) == SPAN_NPOS || span_ieq(helo, SPAN("localhost.localdomain")) ||
	       span_iends(helo, SPAN(".local")) || span_iends(helo, SPAN(".lan"));
}

static void test_helo(const struct gate_facts *facts, struct gate_findings *findings)
{
	struct span helo = facts->visit->helo;
	struct ip ip;
	if (is_ours(facts, helo))
		gate_find(facts, findings, GATE_TEST_HELO_OURS, 0, helo, span_none, span_none);
	else if (is_nonsense(helo))
		gate_find(facts, findings, GATE_TEST_HELO_NONSENSE, 0, helo, span_none, span_none);
	else if (ip_parse(helo, &ip) && !ip_eq(&ip, &facts->visit->ip))
		gate_find(facts, findings, GATE_TEST_HELO_FOREIGN_ADDRESS, 0, helo, address_text(facts), span_none);
}

void gate_test_naming(const struct gate_facts *facts, struct gate_findings *findings)
{
	test_reverse(facts, findings);
	if (facts->visit->helo.p)
		test_helo(facts, findings);
}
