/* check/phrases.c - see phrases.h */
#include "check/phrases.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/ascii.h"
#include "base/utf8.h"
#include "message/unicode.h"

enum form { FORM_PLAIN, FORM_ASCII, FORM_SKELETON };

/* Digits and capitals that pass for small letters in most fonts: "PayPa1", "C0STC0", "WaImart". */
static uint8_t look_alike(uint8_t c)
{
	switch (c) {
	case 'I':
	case '1':
	case '|': return 'l';
	case '0': return 'o';
	case '5':
	case '$': return 's';
	case '3': return 'e';
	case '4':
	case '@': return 'a';
	default: return ascii_lower(c);
	}
}

struct words {
	struct span v[PHRASE_TEXT_WORDS];
	uint32_t n;
};

/* The length of the character at i, and whether it is part of a word. Beyond ASCII everything is, but the signs that people put between
 * words: U+00A0..U+00BF (C2), U+2000..U+2BFF but letter-like ones (E2 80, E2 84..AF), CJK punctuation (E3 80), emoji (F0 9F). */
static size_t step(struct span s, size_t i, bool look_alikes, bool *ret_word)
{
	uint8_t c = s.p[i], next = i + 1 < s.n ? s.p[i + 1] : 0;
	if (c < 0x80) {
		*ret_word = ascii_is_alnum(c) || (look_alikes && (c == '|' || c == '$' || c == '@'));
		return 1;
	}
	size_t n = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC2 ? 2 : 1;
	*ret_word =
	    !(c == 0xC2 || (c == 0xE2 && (next == 0x80 || next >= 0x84)) || (c == 0xE3 && next == 0x80) || (c == 0xF0 && next == 0x9F));
	return n < s.n - i ? n : s.n - i;
}

static void split(struct span text, bool look_alikes, struct words *ret)
{
	size_t from = 0, i = 0;
	ret->n = 0;
	while (i < text.n && ret->n < PHRASE_TEXT_WORDS) {
		bool word;
		size_t n = step(text, i, look_alikes, &word);
		if (!word) {
			if (i > from)
				ret->v[ret->n++] = span_slice(text, from, i);
			from = i + n;
		}
		i += n;
	}
	if (i > from && ret->n < PHRASE_TEXT_WORDS)
		ret->v[ret->n++] = span_slice(text, from, i);
}

static uint8_t fold(uint8_t c, enum form form) { return form == FORM_PLAIN ? ascii_lower(c) : look_alike(c); }

/* Appends one folded word; false when the phrase would be too long. */
static bool append(uint8_t *buf, size_t *n, struct span word, enum form form)
{
	if (*n + word.n + 1 > PHRASE_BYTES)
		return false;
	if (*n)
		buf[(*n)++] = ' ';
	for (size_t i = 0; i < word.n; i++)
		buf[(*n)++] = fold(word.p[i], form);
	return true;
}

static uint64_t hash_of(const uint8_t *buf, size_t n, enum form form)
{
	uint64_t hash = XXH3_64bits_withSeed(buf, n, form);
	return hash ? hash : 1;
}

static size_t start_of(struct span word, enum form form)
{
	return (size_t)(fold(word.p[0], form) & 31) << 5 | (word.n > 1 ? fold(word.p[1], form) & 31 : 0);
}

static uint16_t length_bit(struct span word) { return (uint16_t)(1u << (word.n < 15 ? word.n : 15)); }

static void add_form(struct phrase_table *t, struct span phrase, uint16_t id, enum form form)
{
	struct words words;
	uint8_t buf[PHRASE_BYTES];
	size_t n = 0;
	split(phrase, form != FORM_PLAIN, &words);
	if (words.n == 0 || words.n > PHRASE_WORDS || t->used * 2 >= PHRASE_SLOTS)
		return;
	for (uint32_t i = 0; i < words.n; i++) {
		if (!append(buf, &n, words.v[i], form))
			return;
		if (i == 0)
			t->starts[start_of(words.v[0], form)] |= length_bit(words.v[0]);
	}
	uint64_t hash = hash_of(buf, n, form);
	size_t at = hash % PHRASE_SLOTS;
	while (t->slots[at].hash && t->slots[at].hash != hash)
		at = (at + 1) % PHRASE_SLOTS;
	if (!t->slots[at].hash)
		t->used++;
	t->slots[at] = (struct phrase_slot){ hash, id, (uint8_t)form };
}

void phrase_table_add(struct phrase_table *t, struct span phrases, uint16_t id, struct arena *arena)
{
	struct span phrase;
	while (span_split(&phrases, '|', &phrase)) {
		struct span folded = utf8_is_ascii(phrase) ? phrase : unicode_fold(phrase, arena);
		add_form(t, folded, id, FORM_PLAIN);
		add_form(t, folded, id, FORM_ASCII);
		add_form(t, unicode_skeleton(phrase, arena), id, FORM_SKELETON);
	}
}

static const struct phrase_slot *look_up(const struct phrase_table *t, uint64_t hash)
{
	for (size_t at = hash % PHRASE_SLOTS; t->slots[at].hash; at = (at + 1) % PHRASE_SLOTS)
		if (t->slots[at].hash == hash)
			return &t->slots[at];
	return NULL;
}

/* The longest phrase that begins at word i. */
static const struct phrase_slot *longest(const struct phrase_table *t, const struct words *words, uint32_t i, enum form form,
					 uint16_t *ret_words)
{
	uint8_t buf[PHRASE_BYTES];
	const struct phrase_slot *best = NULL;
	size_t n = 0;
	if (!(t->starts[start_of(words->v[i], form)] & length_bit(words->v[i])))
		return NULL;
	for (uint32_t k = 0; k < PHRASE_WORDS && i + k < words->n; k++) {
		if (!append(buf, &n, words->v[i + k], form))
			break;
		uint64_t h = hash_of(buf, n, form);
		const struct phrase_slot *slot = look_up(t, h);
		if (slot) {
			best = slot;
			*ret_words = (uint16_t)(k + 1);
		}
	}
	return best;
}

static void find(const struct phrase_table *t, struct span text, enum form form, struct phrase_hits *ret)
{
	struct words words;
	split(text, form != FORM_PLAIN, &words);
	ret->words = words.n;
	for (uint32_t i = 0; i < words.n && ret->n < sizeof ret->v / sizeof *ret->v; i++) {
		uint16_t n = 0;
		const struct phrase_slot *slot = longest(t, &words, i, form, &n);
		if (!slot)
			continue;
		struct span first = words.v[i], last = words.v[i + n - 1];
		ret->v[ret->n++] = (struct phrase_hit){ .id = slot->id,
							.disguised = form != FORM_PLAIN,
							.first = (uint16_t)i,
							.words = n,
							.text = span_of(first.p, (size_t)(last.p + last.n - first.p)) };
		i += n - 1u;
	}
}

/* A digit, or a capital I after a small letter, inside a word with letters. */
static bool has_look_alikes(struct span text)
{
	for (size_t i = 1; i < text.n; i++) {
		uint8_t c = text.p[i], before = text.p[i - 1];
		if ((ascii_is_digit(c) || c == 'I' || c == '|' || c == '$' || c == '@') && ascii_is_alpha(before))
			return true;
		if ((ascii_is_digit(before) || before == 'I' || before == '|') && ascii_is_alpha(c))
			return true;
	}
	return false;
}

void phrases_find(const struct phrase_table *t, struct span text, bool dressed_up, struct arena *arena, struct phrase_hits *ret)
{
	memset(ret, 0, sizeof *ret);
	bool ascii = utf8_is_ascii(text);
	find(t, text, FORM_PLAIN, ret); /* before folding, which makes letters of signs: U+2122 becomes "tm" */
	if (!ret->n && !ascii)
		find(t, unicode_fold(text, arena), FORM_PLAIN, ret);
	if (ret->n || !dressed_up)
		return;
	if (has_look_alikes(text))
		find(t, text, FORM_ASCII, ret);
	if (ret->n || ascii)
		return;
	find(t, unicode_skeleton(text, arena), FORM_SKELETON, ret);
	for (uint32_t i = 0; i < ret->n; i++)
		ret->v[i].text = text; /* the skeleton is nobody's spelling: quote what stands there */
}
