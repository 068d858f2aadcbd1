/* message/unicode.c - see unicode.h
 *
 * ASCII never reaches ICU. ICU's objects are opened once and only read afterwards, so any thread may use them. */
#include "message/unicode.h"
#include "base/ascii.h"
#include "base/utf8.h"

#include <pthread.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>

enum {
	SKELETON_MAX = 4096, /* bytes that are folded */
	EXPANSION = 18,      /* NFKC: one character becomes 18 at most (U+FDFA) */
	MIXED_WORD_MIN = 4,  /* letters: shorter words are formulas and units */
	BLOCK = 32,
};

static pthread_once_t opened = PTHREAD_ONCE_INIT;
static const UNormalizer2 *nfkc_casefold;
static USpoofChecker *spoof;
static char ascii_skeleton[128][4]; /* of each lower-case ASCII character, NUL-terminated */

/* UTS #39 keeps "O" and "o", "I" and "i" apart; case is gone here, so what looks like either case of a letter falls together. */
static uint8_t last_fold(uint8_t c)
{
	c = ascii_lower(c);
	return c == 'i' ? 'l' : c;
}

static void open_all(void)
{
	UErrorCode status = U_ZERO_ERROR;
	nfkc_casefold = unorm2_getNFKCCasefoldInstance(&status);
	spoof = uspoof_open(&status);
	for (int c = 1; c < 128; c++) {
		char in = (char)ascii_lower((uint8_t)c);
		status = U_ZERO_ERROR;
		int32_t n = uspoof_getSkeletonUTF8(spoof, 0, &in, 1, ascii_skeleton[c], 4, &status);
		if (U_FAILURE(status) || n > 3) {
			ascii_skeleton[c][0] = in;
			n = 1;
		}
		for (int32_t i = 0; i < n; i++)
			ascii_skeleton[c][i] = (char)last_fold((uint8_t)ascii_skeleton[c][i]);
		ascii_skeleton[c][n] = 0;
	}
}

void unicode_warm_up(void) { pthread_once(&opened, open_all); }

static struct span fold_ascii(struct span text, struct arena *arena)
{
	size_t i = 0;
	while (i < text.n && !ascii_is_upper(text.p[i]))
		i++;
	if (i == text.n)
		return text;
	uint8_t *out = arena_alloc(arena, text.n);
	for (i = 0; i < text.n; i++)
		out[i] = ascii_lower(text.p[i]);
	return span_of(out, text.n);
}

/* NFKC_Casefold as UTF-16; NULL when ICU refuses. */
static UChar *fold_utf16(struct span text, struct arena *arena, int32_t *ret_n)
{
	UErrorCode status = U_ZERO_ERROR;
	int32_t n = 0, folded_n;
	UChar *wide = arena_alloc(arena, (text.n + 1) * sizeof *wide);
	u_strFromUTF8WithSub(wide, (int32_t)text.n + 1, &n, (const char *)text.p, (int32_t)text.n, (UChar32)UTF8_REPLACEMENT, NULL,
			     &status);
	int32_t room = n * 2 + 64;
	UChar *folded = arena_alloc(arena, (size_t)room * sizeof *folded);
	folded_n = unorm2_normalize(nfkc_casefold, wide, n, folded, room, &status);
	if (status == U_BUFFER_OVERFLOW_ERROR) { /* ICU says how much it needs: at most EXPANSION times */
		status = U_ZERO_ERROR;
		room = folded_n;
		folded = arena_alloc(arena, (size_t)room * sizeof *folded);
		folded_n = unorm2_normalize(nfkc_casefold, wide, n, folded, room, &status);
	}
	*ret_n = folded_n;
	return U_SUCCESS(status) ? folded : NULL;
}

static struct span to_utf8(const UChar *wide, int32_t n, struct arena *arena, struct span otherwise)
{
	UErrorCode status = U_ZERO_ERROR;
	int32_t out_n = 0;
	char *out = arena_alloc(arena, (size_t)n * 3 + 1);
	u_strToUTF8WithSub(out, n * 3 + 1, &out_n, wide, n, (UChar32)UTF8_REPLACEMENT, NULL, &status);
	return U_SUCCESS(status) ? span_of(out, (size_t)out_n) : otherwise;
}

struct span unicode_fold(struct span text, struct arena *arena)
{
	if (utf8_is_ascii(text))
		return fold_ascii(text, arena);
	unicode_warm_up();
	text = span_first(text, INT32_MAX / EXPANSION / 3);
	int32_t n;
	UChar *folded = fold_utf16(text, arena, &n);
	return folded ? to_utf8(folded, n, arena, text) : text;
}

static struct span skeleton_ascii(struct span text, struct arena *arena)
{
	size_t i = 0, n = 0;
	while (i < text.n && ascii_skeleton[text.p[i]][0] == (char)text.p[i] && !ascii_skeleton[text.p[i]][1])
		i++;
	if (i == text.n)
		return text;
	uint8_t *out = arena_alloc(arena, text.n * 3);
	for (i = 0; i < text.n; i++)
		for (const char *s = ascii_skeleton[text.p[i]]; *s; s++)
			out[n++] = (uint8_t)*s;
	return span_of(out, n);
}

struct span unicode_skeleton(struct span text, struct arena *arena)
{
	unicode_warm_up();
	text = span_first(text, SKELETON_MAX);
	if (utf8_is_ascii(text))
		return skeleton_ascii(text, arena);
	int32_t n;
	UChar *folded = fold_utf16(text, arena, &n);
	if (!folded)
		return text;
	UErrorCode status = U_ZERO_ERROR;
	int32_t room = n * 4 + 64;
	UChar *bare = arena_alloc(arena, (size_t)room * sizeof *bare);
	int32_t bare_n = uspoof_getSkeleton(spoof, 0, folded, n, bare, room, &status);
	if (U_FAILURE(status))
		return text;
	for (int32_t i = 0; i < bare_n; i++)
		if (bare[i] < 0x80)
			bare[i] = last_fold((uint8_t)bare[i]);
	return to_utf8(bare, bare_n, arena, text);
}

bool unicode_is_invisible(uint32_t c)
{
	if (c < 0xAD)
		return false;
	return c == 0xAD || c == 0x34F || c == 0x61C || c == 0x115F || c == 0x1160 || c == 0x17B4 || c == 0x17B5 ||
	       (c >= 0x180B && c <= 0x180E) || (c >= 0x200B && c <= 0x200F) || (c >= 0x2060 && c <= 0x2064) ||
	       (c >= 0x206A && c <= 0x206F) || c == 0x2800 || c == 0x3164 || c == 0xFEFF || c == 0xFFA0 || (c >= 0xE0000 && c <= 0xE007F);
}

bool unicode_is_bidi(uint32_t c) { return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069); }

/* Mathematical, enclosed and squared letters: in mail they are text that wants to be read by people only. */
static bool is_styled(uint32_t c)
{
	return (c >= 0x1D400 && c <= 0x1D7CB) || (c >= 0x24B6 && c <= 0x24E9) || (c >= 0x1F110 && c <= 0x1F189);
}

enum script { NO_LETTER, LATIN, CYRILLIC, GREEK, ARMENIAN, CHEROKEE, EAST, RIGHT_TO_LEFT, OTHER };

static enum script script_by_icu(uint32_t c)
{
	UErrorCode status = U_ZERO_ERROR;
	if (!u_isalpha((UChar32)c))
		return NO_LETTER;
	switch (uscript_getScript((UChar32)c, &status)) {
	case USCRIPT_LATIN: return LATIN;
	case USCRIPT_CYRILLIC: return CYRILLIC;
	case USCRIPT_GREEK: return GREEK;
	case USCRIPT_ARMENIAN: return ARMENIAN;
	case USCRIPT_CHEROKEE: return CHEROKEE;
	case USCRIPT_HAN:
	case USCRIPT_HIRAGANA:
	case USCRIPT_KATAKANA:
	case USCRIPT_HANGUL:
	case USCRIPT_BOPOMOFO: return EAST;
	case USCRIPT_ARABIC:
	case USCRIPT_HEBREW: return RIGHT_TO_LEFT;
	default: return OTHER;
	}
}

/* Most text needs no look-up. */
static enum script script_of(uint32_t c)
{
	if (c < 0x80)
		return ascii_is_alpha((int)c) ? LATIN : NO_LETTER;
	if (c >= 0xC0 && c < 0x250)
		return c == 0xD7 || c == 0xF7 ? NO_LETTER : LATIN;
	if (c >= 0x400 && c < 0x482)
		return CYRILLIC;
	if (c >= 0x4E00 && c < 0xA000)
		return EAST;
	if (c >= 0x2000 && c < 0x2070)
		return NO_LETTER;
	return script_by_icu(c);
}

static void count_letter(struct unicode_facts *f, enum script script)
{
	uint32_t *const counters[] = { [LATIN] = &f->latin,
				       [CYRILLIC] = &f->cyrillic,
				       [GREEK] = &f->greek,
				       [ARMENIAN] = &f->armenian,
				       [CHEROKEE] = &f->other,
				       [EAST] = &f->han_kana_hangul,
				       [RIGHT_TO_LEFT] = &f->arabic_hebrew,
				       [OTHER] = &f->other };
	f->letters++;
	++*counters[script];
}

struct word {
	size_t from;
	uint32_t letters, scripts; /* a bit an enum script */
};

static void end_word(struct unicode_facts *f, struct span text, size_t at, struct word *word)
{
	const uint32_t foreign = 1u << CYRILLIC | 1u << GREEK | 1u << ARMENIAN | 1u << CHEROKEE;
	if (word->letters >= MIXED_WORD_MIN && word->scripts & 1u << LATIN && word->scripts & foreign) {
		if (!f->mixed_words++)
			f->first_mixed = span_slice(text, word->from, at);
	}
	word->letters = word->scripts = 0;
}

/* Letters of BLOCK ASCII bytes, or -1 when one is not ASCII; the compiler makes vectors of this. */
static int count_ascii_block(const uint8_t *p)
{
	uint8_t high = 0, letters = 0;
	for (int i = 0; i < BLOCK; i++) {
		high |= p[i];
		letters += (uint8_t)((p[i] | 0x20) - 'a') < 26;
	}
	return high & 0x80 ? -1 : letters;
}

static void examine_character(struct unicode_facts *f, struct span text, size_t at, uint32_t c, struct word *word)
{
	if (unicode_is_invisible(c)) { /* does not end the word it stands in */
		f->invisible++;
		return;
	}
	f->bidi_overrides += unicode_is_bidi(c);
	f->styled += is_styled(c);
	enum script script = script_of(c);
	if (script == NO_LETTER) {
		end_word(f, text, at, word);
		return;
	}
	if (!word->letters++)
		word->from = at;
	word->scripts |= 1u << script;
	count_letter(f, script);
}

struct unicode_facts unicode_examine(struct span text)
{
	struct unicode_facts f = { 0 };
	struct word word = { 0 };
	for (size_t at = 0; at < text.n;) {
		/* A block of ASCII that follows a word's end and precedes one holds no mixed word. */
		if (!word.letters && text.n - at > BLOCK && text.p[at + BLOCK] < 0x80) {
			int letters = count_ascii_block(text.p + at);
			if (letters >= 0) {
				size_t n = BLOCK;
				if (ascii_is_alpha(text.p[at + BLOCK])) /* leave the word that goes on for the next round */
					while (n && ascii_is_alpha(text.p[at + n - 1])) {
						n--;
						letters--;
					}
				if (n) {
					f.letters += (uint32_t)letters;
					f.latin += (uint32_t)letters;
					at += n;
					continue;
				}
			}
		}
		uint32_t c = text.p[at];
		size_t n = c < 0x80 ? 1 : utf8_decode(text, at, &c);
		examine_character(&f, text, at, c, &word);
		at += n;
	}
	end_word(&f, text, text.n, &word);
	return f;
}
