/* check/learned.c - see learned.h */
#include "check/learned.h"
#include "base/visible.h"
#include "learn/exact.h"

enum { LEANS = 500, FEW = 10, TOLD = 3, OTHERS = 2, QUOTE = 72, SAYS_MAX = 4096 };

enum { SPAM, HAM, LESS, MORE };
static const struct evidence_def defs[] = {
	[SPAM] = { "learned.spam", GROUP_LEARNED, 0, 0, "It is like mail that was spam before",
		   "The weight is the model's own: what mail of known kind taught, as far as the checks have not said it already. The "
		   "sentence "
		   "quotes what moved it most. It is wrong where good mail of a new kind shares words and habits with spam: `postern learn "
		   "ham` "
		   "puts that right." },
	[HAM] = { "learned.ham", GROUP_LEARNED, 0, 0, "It is like mail that was good before",
		  "The weight is the model's own: what mail of known kind taught, as far as the checks have not said it already. The "
		  "sentence "
		  "quotes what moved it most. It is wrong where spam imitates mail that is welcome here: `postern learn spam` puts that "
		  "right." },
	[LESS] = { "learned.less", GROUP_LEARNED, 0, 0, "In mail of known kind, findings like these meant less than they say",
		   "The model learns how far the checks can be believed beside what it knows itself, so that what both see counts once. "
		   "The weight "
		   "takes away what counts too much." },
	[MORE] = { "learned.more", GROUP_LEARNED, 0, 0, "In mail of known kind, findings like these meant more than they say",
		   "The model learns how far the checks can be believed beside what it knows itself. The weight adds what they say too "
		   "cautiously." },
};

static int32_t size_of(int32_t weight) { return weight < 0 ? -weight : weight; }

static void put_fact(struct buf *out, const struct explain_fact *fact)
{
	struct buf line;
	buf_cstr(out, fact->name);
	buf_cstr(out, *fact->name ? " \"" : "\"");
	/* Line ends and runs of blanks are one blank to a reader. */
	buf_init(&line, out->arena, SAYS_MAX);
	for (size_t i = 0; i < fact->quote.n; i++) {
		uint8_t c = fact->quote.p[i];
		bool blank = c == ' ' || c == '\n' || c == '\r' || c == '\t';
		if (!blank)
			buf_byte(&line, c);
		else if (line.n && line.p[line.n - 1] != ' ')
			buf_byte(&line, ' ');
	}
	visible_put(out, span_trim(buf_span(&line)), QUOTE);
	buf_byte(out, '"');
}

/* How much mail it rests on, while that is little. */
static void put_experience(struct buf *out, const struct model_score *score)
{
	if (score->seen_ham >= FEW && score->seen_spam >= FEW)
		return;
	if (score->trust == 0) {
		buf_cstr(out, ", elsewhere (too little was learned here)");
		return;
	}
	buf_printf(out, ", as far as %u good message%s and %u of spam can tell", score->seen_ham, score->seen_ham == 1 ? "" : "s",
		   score->seen_spam);
}

static bool one_word(struct span quote)
{
	return span_find_byte(quote, ' ', 0) == SPAN_NPOS && span_find_byte(quote, '\n', 0) == SPAN_NPOS;
}

/* Words of the text first: they have no name before them, and would seem to belong to what has. */
static void quote(struct evidence *e, struct buf *says, const struct explain_list *list, uint32_t n)
{
	uint32_t told = 0;
	for (int named = 0; named < 2; named++)
		for (uint32_t i = 0; i < n; i++) {
			const struct explain_fact *fact = &list->fact[i];
			if ((*fact->name != 0) != named)
				continue;
			buf_cstr(says, told == 0 ? ": " : told + 1 == n ? " and " : ", ");
			buf_cstr(says, told > 0 || named ? "" : one_word(fact->quote) ? "the word " : "the words ");
			put_fact(says, fact);
			evidence_at(e, fact->at);
			told++;
		}
}

static void detail(struct evidence *e, struct evidence_detail *details, const struct explain_fact *fact, const char *direction,
		   struct arena *arena)
{
	struct buf says;
	buf_init(&says, arena, SAYS_MAX);
	buf_cstr(&says, direction);
	put_fact(&says, fact);
	details[e->n_details++] = (struct evidence_detail){ buf_span(&says), fact->at };
}

/* Three reasons in the sentence; beneath it what is left of them, and what speaks the other way. */
static void give_reasons(struct evidence *e, struct buf *says, bool spam, bool leans, const struct explanation *reasons,
			 struct arena *arena)
{
	const struct explain_list *same = spam ? &reasons->spam : &reasons->ham, *other = spam ? &reasons->ham : &reasons->spam;
	uint32_t told = leans ? 1 : TOLD;
	if (told > same->n)
		told = same->n;
	quote(e, says, same, told);
	if (leans)
		return;
	struct evidence_detail *details = arena_alloc(arena, 2 * EXPLAIN_FACTS * sizeof *details);
	e->details = details;
	for (uint32_t i = told; i < same->n; i++)
		detail(e, details, &same->fact[i], spam ? "also like spam: " : "also like good mail: ", arena);
	for (uint32_t i = 0; i < other->n && i < OTHERS; i++)
		detail(e, details, &other->fact[i], spam ? "but like good mail: " : "but like spam: ", arena);
}

void learned_add(const struct model_score *score, int32_t structural, const struct explanation *reasons, struct evidence_set *set)
{
	int32_t weight = exact_round(score->log_odds * 1000) - structural;
	int32_t checks = exact_round(score->share[MODEL_CHECKS] * 1000) - structural, model = weight - checks;
	if (!weight)
		return;
	/* Which of the two parts the weight rests on: the one that has its sign, and more of it. */
	bool spam = weight > 0, by_model = spam ? model >= checks : model <= checks, leans = size_of(weight) < LEANS;
	unsigned which = by_model ? (spam ? SPAM : HAM) : (spam == (structural > 0) ? MORE : LESS);
	struct evidence *e = evidence_add(set, &defs[which], span_none, span_none, span_none);
	e->weight = weight;
	if (!by_model)
		return;
	struct buf says;
	buf_init(&says, set->arena, SAYS_MAX);
	buf_cstr(&says, leans ? "It is a little like mail that was " : "It is like mail that was ");
	buf_cstr(&says, spam ? "spam before" : "good before");
	put_experience(&says, score);
	if (reasons)
		give_reasons(e, &says, spam, leans, reasons, set->arena);
	e->says = buf_span(&says);
}

/* The model is consulted when all checks are done: learned_add. */
static enum check_step step(const struct check_view *view, const struct answers *answers, struct questions *questions,
			    struct evidence_set *set)
{
	(void)view, (void)answers, (void)questions, (void)set;
	return CHECK_DONE;
}

const struct check check_learned = {
	.name = "learned",
	.purpose = "Is it like mail that was spam before, or like mail that was good?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.step = step,
};
