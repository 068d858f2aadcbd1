/* check/listed.c - what lists say of the machine that handed the message over, of its senders and of its links.
 *
 * Which lists, what they may be asked and what their answers mean is declared in the settings (config/list_declaration.h); without any,
 * this is silent and asks nothing. Of one list only the weightiest answer counts, the others are told. A list that is muted, refuses, fails
 * its control questions or does not answer is "unchecked", with the reason. Outgoing mail is not judged by lists. */
#include "check/listed_keys.h"

enum { VOUCHED = LIST_ASKS };
#define WHY "As the list's declaration says; no list weighs more than 4, and all together no more than their group."
static const struct evidence_def defs[] = {
	{ "listed.client", GROUP_LISTS, 1500, EVIDENCE_ASKED, "The machine that handed it over, {1}, is on the list {2}: {3}", WHY },
	{ "listed.relay", GROUP_LISTS, 1500, EVIDENCE_ASKED, "A machine it passed through, {1}, is on the list {2}: {3}", WHY },
	{ "listed.client_name", GROUP_LISTS, 1500, EVIDENCE_ASKED,
	  "The name of the machine that handed it over, {1}, is on the list {2}: {3}", WHY },
	{ "listed.helo", GROUP_LISTS, 1500, EVIDENCE_ASKED, "The name that the machine gave itself, {1}, is on the list {2}: {3}", WHY },
	{ "listed.from", GROUP_LISTS, 1500, EVIDENCE_ASKED, "The sender's domain {1} is on the list {2}: {3}", WHY },
	{ "listed.reply_to", GROUP_LISTS, 1500, EVIDENCE_ASKED, "The domain that answers go to, {1}, is on the list {2}: {3}", WHY },
	{ "listed.mail_from", GROUP_LISTS, 1500, EVIDENCE_ASKED, "The domain of the envelope sender, {1}, is on the list {2}: {3}", WHY },
	{ "listed.link_domain", GROUP_LISTS, 1500, EVIDENCE_ASKED, "It links to {1}, which is on the list {2}: {3}", WHY },
	{ "listed.link_host", GROUP_LISTS, 1500, EVIDENCE_ASKED, "It links to {1}, which is on the list {2}: {3}", WHY },
	{ "listed.link_address", GROUP_LISTS, 1500, EVIDENCE_ASKED, "It links to the bare address {1}, which is on the list {2}: {3}",
	  WHY },
	{ "listed.site", GROUP_LISTS, 1500, EVIDENCE_ASKED, "A site it links to is served by {1}, which is on the list {2}: {3}", WHY },
	{ "listed.mail_address", GROUP_LISTS, 1500, EVIDENCE_ASKED, "The mail address {1} is on the list {2}: {3}", WHY },
	{ "listed.url", GROUP_LISTS, 1500, EVIDENCE_ASKED, "The link {1} is on the list {2}: {3}", WHY },
	[VOUCHED] = { "listed.vouched", GROUP_LISTS, -1000, EVIDENCE_ASKED, "{1} is on the list {2}, which speaks for it: {3}", WHY },
};

/* One list's part in one message. */
struct hearing {
	const struct check_view *view;
	const struct list_declaration *list;
	const struct answers *answers;
	struct listed_keys keys;
	const struct answer *leave; /* NULL: its questions were not put */
};

/* Puts what is to be asked of a list; false while an answer is missing. */
static bool ask(struct hearing *h, struct questions *questions)
{
	const struct list_declaration *list = h->list;
	listed_keys_collect(h->view, list, h->answers, questions, &h->keys);
	if (h->keys.waiting)
		return false;
	h->leave = NULL;
	if (!h->keys.n)
		return true;
	struct question leave = list_ask_leave(list), control;
	h->leave = question_ask(h->answers, questions, leave.type, leave.name);
	if (!h->leave)
		return false;
	if (h->leave->status != ANSWER_OK)
		return true;
	bool all = true, controlled = h->leave->records.n && span_eq(h->leave->records.v[0], SPAN("controls"));
	for (size_t i = 0; controlled && i < list->must_list.n; i++)
		if (list_ask_control(list, list->must_list.v[i], h->view->arena, &control))
			all &= question_ask(h->answers, questions, control.type, control.name) != NULL;
	for (size_t i = 0; controlled && i < list->must_not_list.n; i++)
		if (list_ask_control(list, list->must_not_list.v[i], h->view->arena, &control))
			all &= question_ask(h->answers, questions, control.type, control.name) != NULL;
	for (uint32_t i = 0; i < h->keys.n; i++)
		all &= question_ask(h->answers, questions, h->keys.v[i].question.type, h->keys.v[i].question.name) != NULL;
	return all;
}

/* The heaviest that a list could have said. */
static const struct evidence_def *could(const struct hearing *h)
{
	struct evidence_def *def = arena_new(h->view->arena, struct evidence_def);
	*def = defs[h->keys.v[0].ask];
	def->weight = list_most(h->list);
	return def->weight > 0 ? def : NULL;
}

/* how: "was not heard: its answer timed out" */
static void not_heard(const struct hearing *h, struct evidence_set *set, struct span how)
{
	struct unchecked *unchecked = evidence_unchecked(
	    set, "listed", "{1}", arena_printf(h->view->arena, "The list %.*s %.*s", SPAN_ARG(h->list->name), SPAN_ARG(how)));
	unchecked->could = could(h);
	unchecked->temporary = true;
}

/* Why nothing that it says counts; false when it does. */
static bool unsound(const struct hearing *h, struct evidence_set *set)
{
	static const char *const says[] = {
		[LIST_CONTROLS_LISTED] = "was not heard: it lists a test address that no list may hold",
		[LIST_CONTROLS_MISSED] = "was not heard: it does not list the test address that every list holds",
		[LIST_CONTROLS_UNANSWERED] = "was not heard: its test questions were not answered",
	};
	if (h->leave->status != ANSWER_OK) {
		if (h->leave->records.n)
			not_heard(h, set, answer_says(h->leave));
		else
			check_unanswered(h->view, set, "listed", "What the list {1} says", h->list->name, h->leave, could(h));
		return true;
	}
	enum list_controls controls = list_controls(h->list, h->answers, h->view->arena);
	if (controls == LIST_CONTROLS_RIGHT || controls == LIST_CONTROLS_NOT_PUT)
		return false;
	const struct answer *first = answers_find(h->answers, h->keys.v[0].question.type, h->keys.v[0].question.name);
	if (controls == LIST_CONTROLS_UNANSWERED && first->status == ANSWER_UNAVAILABLE)
		check_unanswered(h->view, set, "listed", "What the list {1} says", h->list->name, first, could(h));
	else
		not_heard(h, set, span_cstr(says[controls]));
	return true;
}

struct finding {
	const struct listed_key *key;
	const struct list_code *code;
	struct span entry;
};

static void add_finding(const struct hearing *h, struct evidence_set *set, const struct finding *finding, bool counts)
{
	const struct listed_key *key = finding->key;
	const struct list_code *code = finding->code;
	struct span means =
	    h->list->file.n ? arena_printf(h->view->arena, "%.*s: %.*s", SPAN_ARG(code->means), SPAN_ARG(finding->entry)) : code->means;
	struct evidence *evidence = evidence_add(set, &defs[code->weight < 0 ? VOUCHED : key->ask], key->text, h->list->name, means);
	evidence->weight = counts ? code->weight : 0;
	if (key->at.to > key->at.from)
		evidence_at(evidence, key->at);
}

/* All findings are told; the weightiest counts. */
static void hear(const struct hearing *h, struct evidence_set *set)
{
	struct finding found[LIST_PER_MESSAGE_MOST];
	unsigned n = 0, heaviest = 0;
	for (uint32_t i = 0; i < h->keys.n; i++) {
		struct question question = h->keys.v[i].question;
		const struct answer *answer = answers_find(h->answers, question.type, question.name);
		struct finding *finding = &found[n];
		enum list_says says = list_read(h->list, answer, h->view->arena, &finding->code, &finding->entry);
		if (says == LIST_SAYS_REFUSED) {
			not_heard(
			    h, set,
			    arena_printf(h->view->arena, "was not heard: it answered %.*s, which is a refusal", SPAN_ARG(finding->entry)));
			return;
		}
		if (says == LIST_SAYS_FAILED && answer->status != ANSWER_UNAVAILABLE)
			not_heard(h, set, arena_printf(h->view->arena, "was not heard: its answer %s", answer_status_says(answer->status)));
		else if (says == LIST_SAYS_FAILED)
			check_unanswered(h->view, set, "listed", "What the list {1} says", h->list->name, answer, could(h));
		if (says != LIST_SAYS_LISTED)
			continue;
		finding->key = &h->keys.v[i];
		int32_t weight = finding->code->weight, most = found[heaviest].code->weight;
		if (n && (weight < 0 ? -weight : weight) > (most < 0 ? -most : most))
			heaviest = n;
		n++;
	}
	for (unsigned i = 0; i < n; i++)
		add_finding(h, set, &found[i], i == heaviest);
	if (h->keys.more) {
		struct unchecked *unchecked = evidence_unchecked(
		    set, "listed", "{1}",
		    arena_printf(h->view->arena,
				 "The list %.*s was asked %u questions, as many as it may be for one message; there was more",
				 SPAN_ARG(h->list->name), h->keys.n));
		unchecked->could = could(h);
	}
}

static enum check_step step(const struct check_view *view, const struct answers *answers, struct questions *questions,
			    struct evidence_set *set)
{
	const struct check_settings *settings = view->settings;
	if (!settings->n_lists || view->path->outgoing)
		return CHECK_DONE;
	struct hearing *hearings = arena_alloc(view->arena, settings->n_lists * sizeof *hearings);
	bool all = true;
	for (size_t i = 0; i < settings->n_lists; i++) {
		hearings[i].view = view;
		hearings[i].list = &settings->lists[i];
		hearings[i].answers = answers;
		all &= ask(&hearings[i], questions);
	}
	if (!all)
		return CHECK_MORE;
	for (size_t i = 0; i < settings->n_lists; i++)
		if (hearings[i].leave && !unsound(&hearings[i], set))
			hear(&hearings[i], set);
	return CHECK_DONE;
}

const struct check check_listed = {
	.name = "listed",
	.purpose = "Do the lists that the settings name hold its sender, the machine that sent it, or what it links to?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.step = step,
};
