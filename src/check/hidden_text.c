/* check/hidden_text.c - does it carry text that a person is not meant to see?
 *
 * Honest mail hides a lot: the line that feeds the inbox preview, second copies for telephones, padding of zero-width characters. It hides
 * them with display:none, small fonts and zero heights, and mostly it hides what it also shows. So those techniques count only
 * when the hidden words are many, new and more than the shown ones; the ways no layout needs (ink in the colour of the paper,
 * text moved out of the window, transparent text) count sooner. */
#include "base/ascii.h"
#include "check/check.h"

enum {
	COLOUR_BYTES_MIN = 20, /* less is a spacer or a forgotten full stop */
	COLOUR_SHARE = 20,     /* at least 1/20 of the shown text */
	AWAY_BYTES_MIN = 40,
	BULK_BYTES_MIN = 400,
	BULK_WORDS_MIN = 30, /* words that are not also shown */
	SPLIT_MIN = 5,
	SPLIT_SHARE = 10, /* at least every tenth word */
	TAG_SPLIT_SHARE = 20,
	STYLED_MIN = 5,
	WORD_BITS = 14,
	WORD_BYTES_MIN = 3,
};

enum { COLOUR, AWAY, BULK, SPLIT_HIDDEN, SPLIT_TAGS, BIDI, MIXED, STYLED };

static const struct evidence_def defs[] = {
	[COLOUR] = { "hidden.colour", GROUP_HIDDEN, 1700, 0,
		     "It carries text in the colour of its background, which a person cannot see: {1}",
		     "Feeds a filter words that nobody reads. Wrong for pages whose dark background comes from an image or a rule that is "
		     "not "
		     "understood; those have little such text beside what they show." },
	[AWAY] = { "hidden.out_of_sight", GROUP_HIDDEN, 1700, 0, "It carries text that is transparent or placed outside the window: {1}",
		   "No mail layout needs this; web pages do it for screen readers, with a few words." },
	[BULK] = { "hidden.more_than_shown", GROUP_HIDDEN, 1200, 0, "It hides more text than it shows, and other words: {1}",
		   "Second copies for small screens repeat what is shown; this does not." },
	[SPLIT_HIDDEN] = { "hidden.letters_parted", GROUP_HIDDEN, 2000, 0,
			   "Many words are cut by characters or text that cannot be seen, which only hides them from filters ({1})",
			   "Newsletters part a few words (to stop phone numbers from becoming links), never every tenth." },
	[SPLIT_TAGS] = { "hidden.letters_parted_by_tags", GROUP_HIDDEN, 2000, 0,
			 "Many words are cut by empty tags or comments between their letters, which only hides them from filters ({1})",
			 "Template engines leave a comment in a word now and then, never in every twentieth." },
	[BIDI] = { "hidden.direction", GROUP_HIDDEN, 1500, 0,
		   "Its text changes the direction of writing although it is in no language that needs it",
		   "Text is stored in another order than it is shown. Honest only beside Arabic or Hebrew, which silences this." },
	[MIXED] = { "hidden.mixed_alphabets", GROUP_HIDDEN, 1700, 0, "Words mix letters of different alphabets that look alike: {1}",
		    "Looks right, reads differently for a program. A slip of the keyboard makes one such word, rarely." },
	[STYLED] = { "hidden.styled_letters", GROUP_HIDDEN, 1500, 0,
		     "Its words are written in mathematical or enclosed letters, which programs do not read as words",
		     "Some people decorate a line in social media this way; business mail does not." },
};

static uint32_t word_bit(struct span word)
{
	uint32_t h = (uint32_t)word.n;
	for (size_t i = 0; i < word.n; i++)
		h = (h ^ (word.p[i] | 0x20u)) * 16777619u;
	return (h ^ h >> 15) & ((1u << WORD_BITS) - 1);
}

/* The next run of letters, at least WORD_BYTES_MIN long. */
static bool next_word(struct span text, size_t *at, struct span *ret_word)
{
	size_t i = *at;
	while (i < text.n) {
		while (i < text.n && !ascii_is_alpha(text.p[i]) && text.p[i] < 0x80)
			i++;
		size_t begin = i;
		while (i < text.n && (ascii_is_alpha(text.p[i]) || text.p[i] >= 0x80))
			i++;
		if (i - begin >= WORD_BYTES_MIN) {
			*ret_word = span_slice(text, begin, i);
			*at = i;
			return true;
		}
	}
	*at = i;
	return false;
}

static uint32_t count_words(struct span text)
{
	struct span word;
	uint32_t n = 0;
	for (size_t at = 0; next_word(text, &at, &word);)
		n++;
	return n;
}

/* Words of hidden that shown does not have. */
static uint32_t count_new_words(struct span hidden, struct span shown)
{
	uint64_t seen[(1u << WORD_BITS) / 64] = { 0 };
	struct span word;
	uint32_t n = 0;
	for (size_t at = 0; next_word(shown, &at, &word);)
		seen[word_bit(word) / 64] |= 1ull << (word_bit(word) % 64);
	for (size_t at = 0; next_word(hidden, &at, &word);)
		n += !(seen[word_bit(word) / 64] >> (word_bit(word) % 64) & 1);
	return n;
}

static void say(struct evidence_set *set, int which, const struct body *body, struct span detail, const struct html_hidden_run *run)
{
	struct evidence *e = evidence_add(set, &defs[which], detail, span_none, span_none);
	evidence_at(e, run ? (struct place){ run->from, run->to, body->part, PLACE_DECODED }
			   : (struct place){ 0, (uint32_t)body->text.n, body->part, PLACE_TEXT });
}

/* Bytes hidden for the reasons in the mask; the longest such run. */
static size_t hidden_bytes(const struct html *html, uint32_t reasons, const struct html_hidden_run **ret_longest)
{
	size_t bytes = 0;
	*ret_longest = NULL;
	for (uint32_t i = 0; i < html->hidden_runs.n; i++) {
		const struct html_hidden_run *run = &html->hidden_runs.v[i];
		if (!(reasons >> run->why & 1))
			continue;
		bytes += run->text.n;
		if (!*ret_longest || run->text.n > (*ret_longest)->text.n)
			*ret_longest = run;
	}
	return bytes;
}

static void check_runs(const struct body *body, struct evidence_set *set)
{
	const struct html *html = body->html;
	const struct html_hidden_run *run;
	size_t bytes = hidden_bytes(html, 1u << HTML_HIDDEN_COLOUR, &run);
	if (bytes >= COLOUR_BYTES_MIN && bytes * COLOUR_SHARE >= body->text.n)
		say(set, COLOUR, body, run->text, run);
	bytes = hidden_bytes(html, 1u << HTML_HIDDEN_OFFSCREEN | 1u << HTML_HIDDEN_OPACITY | 1u << HTML_HIDDEN_VISIBILITY, &run);
	if (bytes >= AWAY_BYTES_MIN)
		say(set, AWAY, body, run->text, run);
	bytes = hidden_bytes(html, 1u << HTML_HIDDEN_DISPLAY | 1u << HTML_HIDDEN_TINY, &run);
	if (bytes >= BULK_BYTES_MIN && html->hidden.n > body->text.n && count_new_words(html->hidden, body->text) >= BULK_WORDS_MIN)
		say(set, BULK, body, run->text, run);
}

static void check_split_words(const struct check_view *view, const struct body *body, struct evidence_set *set)
{
	const struct html_counts *counts = &body->html->counts;
	if (counts->words_split_by_hidden < SPLIT_MIN && counts->words_split_by_tags < SPLIT_MIN)
		return;
	uint32_t words = count_words(body->text);
	if (counts->words_split_by_hidden >= SPLIT_MIN && counts->words_split_by_hidden * SPLIT_SHARE >= words)
		say(set, SPLIT_HIDDEN, body, arena_printf(view->arena, "%u cuts in %u words", counts->words_split_by_hidden, words), NULL);
	if (counts->words_split_by_tags >= SPLIT_MIN && counts->words_split_by_tags * TAG_SPLIT_SHARE >= words)
		say(set, SPLIT_TAGS, body, arena_printf(view->arena, "%u cuts in %u words", counts->words_split_by_tags, words), NULL);
}

/* Letters in disguise, anywhere in the shown text. Only the whole message is counted, so the place is its first body. */
static void check_letters(const struct check_view *view, struct evidence_set *set)
{
	const struct content *content = view->content;
	const struct unicode_facts *u = &content->unicode;
	if (!content->bodies.n)
		return;
	const struct body *body = &content->bodies.v[0];
	for (uint32_t i = 0; i < content->bodies.n; i++)
		if (span_within(content->bodies.v[i].text, u->first_mixed))
			body = &content->bodies.v[i];
	uint32_t bidi = u->bidi_overrides;
	if (bidi && !u->arabic_hebrew)
		say(set, BIDI, body, span_none, NULL);
	if (u->mixed_words) {
		struct evidence *e = evidence_add(set, &defs[MIXED], u->first_mixed, span_none, span_none);
		if (span_within(body->text, u->first_mixed)) {
			uint32_t from = (uint32_t)(u->first_mixed.p - body->text.p);
			evidence_at(e, (struct place){ from, from + (uint32_t)u->first_mixed.n, body->part, PLACE_TEXT });
		}
	}
	if (u->styled >= STYLED_MIN)
		say(set, STYLED, body, span_none, NULL);
}

static void examine(const struct check_view *view, struct evidence_set *set)
{
	for (uint32_t i = 0; i < view->content->bodies.n; i++) {
		const struct body *body = &view->content->bodies.v[i];
		if (!body->html)
			continue;
		check_runs(body, set);
		check_split_words(view, body, set);
	}
	check_letters(view, set);
}

const struct check check_hidden_text = {
	.name = "hidden_text",
	.purpose = "Does it carry text that a person is not meant to see, or letters that are not what they look like?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.examine = examine,
};
