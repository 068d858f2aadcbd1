/* check/subject.c - does the subject shout, hide a serial number, or say nothing?
 *
 * Words are other checks' work (wording.c); here only its form. Subjects of answers and of lists ("Re:", "[list]") are looked at without
 * that. Real-world example: "FREE ADULT SITES            xkvqz", where the tail makes each copy look different to a filter. */
#include "base/ascii.h"
#include "base/buf.h"
#include "check/check.h"

enum { CAPITALS, TAIL, EMPTY, EXCLAIMED };
static const struct evidence_def defs[] = {
	[CAPITALS] = { "subject.capitals", GROUP_WORDING, 900, 0, "Its subject is written in capitals: \"{1}\"",
		       "People shout now and then, shops at sales; fraud and advance-fee letters do it by habit." },
	[TAIL] = { "subject.tail", GROUP_FORM, 1800, 0, "Its subject hides \"{1}\" behind a run of {2} blanks, out of the reader's sight",
		   "A serial number that makes each copy differ. Broken folding by old gateways leaves such runs, too." },
	[EMPTY] = { "subject.empty", GROUP_WORDING, 500, 0, "Its subject is empty",
		    "People forget it; bulk tools leave it empty to arouse curiosity." },
	[EXCLAIMED] = { "subject.exclaimed", GROUP_WORDING, 450, 0, "Its subject cries out: \"{1}\"",
			"Advertising does it; people rarely." },
};

enum { CAPITALS_LEAST = 10, BLANKS_LEAST = 5, TAIL_MOST = 20 };

static bool is_blank(int c) { return c == ' ' || c == '\t'; }

/* Without "Re:", "Fwd:", "[list]" and the like at the start. */
static struct span bare(struct span s)
{
	static const struct span answers[] = { SPAN_INIT("re:"), SPAN_INIT("fw:"), SPAN_INIT("fwd:"),
					       SPAN_INIT("aw:"), SPAN_INIT("wg:"), SPAN_INIT("sv:") };
	for (;;) {
		struct span before = s = span_trim(s);
		size_t close = span_at(s, 0) == '[' ? span_find_byte(s, ']', 0) : SPAN_NPOS;
		if (close != SPAN_NPOS)
			s = span_skip(s, close + 1);
		for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
			if (span_istarts(s, answers[i]))
				s = span_skip(s, answers[i].n);
		if (s.n == before.n)
			return s;
	}
}

/* Several words in capitals, none in small letters. */
static bool in_capitals(struct span s)
{
	unsigned capitals = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (ascii_is_lower(s.p[i]) || s.p[i] >= 0x80)
			return false;
		capitals += ascii_is_upper(s.p[i]);
	}
	return capitals >= CAPITALS_LEAST && span_find_byte(s, ' ', 0) != SPAN_NPOS;
}

/* One short word behind a long run of blanks at the end. */
static bool has_tail(struct span s, struct span *ret_tail, size_t *ret_blanks)
{
	size_t word = s.n;
	while (word > 0 && !is_blank(s.p[word - 1]))
		word--;
	size_t run = word;
	while (run > 0 && is_blank(s.p[run - 1]))
		run--;
	*ret_tail = span_skip(s, word);
	*ret_blanks = word - run;
	return run > 0 && word - run >= BLANKS_LEAST && ret_tail->n > 0 && ret_tail->n <= TAIL_MOST;
}

static void examine(const struct check_view *view, struct evidence_set *set)
{
	const struct header *field = header_first(message_headers(view->message), HEADER_SUBJECT);
	if (!field)
		return;
	struct place at = header_place(view->message->raw, field);
	struct span subject = bare(view->content->subject), tail;
	size_t blanks;
	if (subject.n == 0)
		evidence_at(evidence_add(set, &defs[EMPTY], span_none, span_none, span_none), at);
	if (in_capitals(subject))
		evidence_at(evidence_add(set, &defs[CAPITALS], subject, span_none, span_none), at);
	if (has_tail(subject, &tail, &blanks))
		evidence_at(evidence_add(set, &defs[TAIL], tail, arena_printf(view->arena, "%zu", blanks), span_none), at);
	if (span_has(subject, SPAN("!!")))
		evidence_at(evidence_add(set, &defs[EXCLAIMED], subject, span_none, span_none), at);
}

const struct check check_subject = {
	.name = "subject",
	.purpose = "Does the subject shout, hide a serial number, or say nothing?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.examine = examine,
};
