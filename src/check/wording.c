/* check/wording.c - does it say what lures say?
 *
 * Words are weak evidence: everybody may write them, and mail about abuse quotes them. So a theme needs two phrases (or one that honest
 * mail hardly has) and four points for its full weight, its weight is small, and GROUP_WORDING caps all themes together below `mark`.
 * Subject and shown text are read once, word by word; a word's fold and hash cost the same however many phrases there are. */
#include <pthread.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>

#include "base/ascii.h"
#include "base/block.h"
#include "base/utf8.h"
#include "check/check.h"

enum {
	THEMES_MAX = 16,
	PHRASES_MAX = 1024,
	PHRASE_WORDS_MAX = 6,
	POINTS_NEEDED = 2,
	POINTS_FULL = 4,
	SLOTS = 8192,
	TEXT_BYTES_MAX = 65536,
	LATIN_END = 0x250,
	WINDOW = 64,
	SHORT = 16 /* words below it are hashed at once */
};

enum theme {
#define THEME(symbol, id, weight, says, why) THEME_##symbol,
#define PHRASES(theme, points, list)
#include "check/wording.def"
#undef THEME
#undef PHRASES
	THEMES
};

static const struct evidence_def defs[] = {
#define THEME(symbol, id, weight, says, why) { id, GROUP_WORDING, weight, 0, says, why },
#define PHRASES(theme, points, list)
#include "check/wording.def"
#undef THEME
#undef PHRASES
};

static const struct list {
	enum theme theme;
	uint8_t points;
	struct span phrases;
} lists[] = {
#define THEME(symbol, id, weight, says, why)
#define PHRASES(theme, points, list) { THEME_##theme, points, SPAN_INIT(list) },
#include "check/wording.def"
#undef THEME
#undef PHRASES
};

/* A beginning of some phrase, known by the hash of its words; phrase is set where one ends. */
struct slot {
	uint32_t hash;   /* 0: empty */
	uint16_t phrase; /* number plus 1, or 0 */
};

static struct slot slots[SLOTS];
static uint64_t starts[256], known[256]; /* first words, and all beginnings: a bit a hash, so that the slots are seldom read in vain */
static struct {
	uint8_t theme, points;
} phrases[PHRASES_MAX];
static size_t n_phrases;
static uint8_t latin[LATIN_END]; /* the plain letter below an accent, or 0 */
static pthread_once_t made = PTHREAD_ONCE_INIT;

/* Case and accents off: "É" is "e". */
static uint32_t fold(uint32_t c)
{
	if (c < LATIN_END)
		return latin[c] ? latin[c] : c;
	return (uint32_t)u_foldCase((UChar32)c, U_FOLD_CASE_DEFAULT);
}

static void make_latin(void)
{
	UErrorCode status = U_ZERO_ERROR;
	const UNormalizer2 *nfd = unorm2_getNFDInstance(&status);
	for (uint32_t c = 0; c < LATIN_END; c++) {
		UChar parts[8];
		int32_t n = U_SUCCESS(status) ? unorm2_getDecomposition(nfd, (UChar32)c, parts, 8, &status) : -1;
		uint32_t plain = n > 0 ? parts[0] : c;
		if (plain < 0x80 && ascii_is_alpha((int)plain))
			latin[c] = ascii_lower((uint8_t)plain);
		else if (c >= 0x80 && u_isalpha((UChar32)c))
			latin[c] = 0;
	}
	latin[0xDF] = 's'; /* sharp s, and letters that have no accent to take off */
	latin[0x141] = latin[0x142] = 'l';
	latin[0xD8] = latin[0xF8] = 'o';
}

/* Words are found 64 bytes at a time, by counting bits: so none waits for the one before it to be read. */
struct words {
	struct span text;
	size_t next;                 /* where no window was yet */
	const uint8_t *window;       /* the 64 bytes before it, and a short word more to read */
	uint64_t letters, wide;      /* a bit a byte: of words not read yet; beyond ASCII */
	uint8_t end[WINDOW + SHORT]; /* the window at the end of the text, and zeros */
};

/* ASCII letters in lower case and digits; 0 for bytes that part words, 1 for those that need a look at the whole character. */
static uint8_t word_bytes[256];

static void make_word_bytes(void)
{
	for (int c = 0; c < 256; c++)
		word_bytes[c] = c >= 0x80 ? 1 : ascii_is_alnum(c) ? ascii_lower((uint8_t)c) : 0;
}

/* Beyond ASCII, what parts words: no-break spaces and signs, dashes, quotes. */
static bool parts_words(uint32_t c) { return (c >= 0xA0 && c < 0xC0) || (c >= 0x2000 && c < 0x2070) || c == 0x3000; }

/* Folded letters are hashed eight bytes at a time; the last eight are filled with zeros, which no word has. */
struct word_hash {
	uint64_t state, bytes;
	unsigned n;
};

static uint64_t mix(uint64_t state, uint64_t bytes)
{
	uint64_t h = (state ^ bytes) * 0x9E3779B97F4A7C15u;
	return h ^ h >> 29;
}

static void put_byte(struct word_hash *h, uint64_t byte)
{
	h->bytes |= byte << (8 * h->n);
	if (++h->n == 8) {
		h->state = mix(h->state, h->bytes);
		h->bytes = h->n = 0;
	}
}

static uint32_t hash_end(uint64_t state) { return (uint32_t)(state >> 32) | 1; }

/* The length of the character at `at` when it belongs to a word, else 0; folds it into the hash. */
static size_t take_character(struct span text, size_t at, struct word_hash *hash)
{
	uint32_t c = word_bytes[text.p[at]];
	size_t n = 1;
	if (c == 1) {
		n = utf8_decode(text, at, &c);
		if (parts_words(c))
			return 0;
		c = fold(c);
	}
	if (!c)
		return 0;
	if (c < 0x80)
		put_byte(hash, c);
	else
		for (unsigned bits = 0; bits < 21; bits += 7)
			put_byte(hash, (c >> bits & 0x7F) | 0x80);
	return n;
}

/* The first n bytes (up to eight) at p, letters small: 0x20 leaves digits alone. There must be eight to read. */
static uint64_t small_letters(const uint8_t *p, unsigned n)
{
	uint64_t bytes;
	memcpy(&bytes, p, sizeof bytes);
	return (bytes | 0x2020202020202020u) & (n < 8 ? (1ull << 8 * n) - 1 : UINT64_MAX);
}

/* ASCII, below SHORT bytes. */
static uint32_t hash_short(const uint8_t *p, unsigned n)
{
	uint64_t state = mix(0, small_letters(p, n));
	return hash_end(n >= 8 ? mix(state, small_letters(p + 8, n - 8)) : state);
}

/* Puts the window at `at`; false at the end of the text. */
static bool look(struct words *w, size_t at)
{
	if (at >= w->text.n)
		return false;
	size_t left = w->text.n - at;
	w->window = w->text.p + at;
	w->next = at + WINDOW;
	w->letters = w->wide = 0;
	if (left < sizeof w->end) {
		memset(w->end, 0, sizeof w->end);
		memcpy(w->end, w->window, left < WINDOW ? left : WINDOW);
		w->window = w->end;
	}
	for (unsigned k = 0; k < WINDOW; k += sizeof(block)) {
		block c = block_load(w->window + k), lower = c | 0x20;
		w->wide |= block_bits((block)(c >= 0x80)) << k;
		w->letters |= block_bits((block)(lower - 'a' < 26) | (block)(c - '0' < 10)) << k;
	}
	w->letters |= w->wide;
	return true;
}

/* The next word at or after `at`, one character at a time; 0 at the end. Apart, so that next_word is short enough to stand in the loops
 * that call it. */
static __attribute__((noinline)) uint32_t next_long_word(struct words *w, size_t at, struct span *ret_word)
{
	struct span t = w->text;
	uint32_t hash = 0;
	while (at < t.n && !hash) {
		struct word_hash h = { 0 };
		size_t begin = at, n;
		while (at < t.n && (n = take_character(t, at, &h)) != 0)
			at += n;
		if (at > begin) {
			*ret_word = span_slice(t, begin, at);
			hash = hash_end(mix(h.state, h.bytes));
		} else {
			at += t.p[at] < 0x80 ? 1 : t.p[at] < 0xE0 ? 2 : 3; /* what parts words lies below U+10000 */
		}
	}
	if (at < w->next) {
		w->letters &= UINT64_MAX << (at + WINDOW - w->next);
	} else {
		w->letters = 0;
		w->next = at;
	}
	return hash;
}

/* The hash of the next word, folded; 0 at the end. Nearly all are ASCII and short: then no byte is looked at alone, and no branch depends
 * on the length of words. */
static inline uint32_t next_word(struct words *w, struct span *ret_word)
{
	for (;;) {
		while (!w->letters)
			if (!look(w, w->next))
				return 0;
		unsigned begin = (unsigned)__builtin_ctzll(w->letters);
		size_t at = w->next - WINDOW + begin;
		uint64_t behind = w->letters + (1ull << begin); /* the bits of the word become one behind it */
		if (!behind && begin) {
			look(w, at); /* it may go on behind the window */
			continue;
		}
		unsigned n = behind ? (unsigned)__builtin_ctzll(behind) - begin : WINDOW;
		if (n >= SHORT || (w->wide >> begin & ((1u << n) - 1)))
			return next_long_word(w, at, ret_word);
		w->letters &= behind;
		*ret_word = span_of(w->text.p + at, n);
		return hash_short(w->window + begin, n);
	}
}

/* The hash of a beginning and one more word. */
static uint32_t join(uint32_t beginning, uint32_t word)
{
	uint32_t h = (beginning ^ beginning >> 15) * 0x85EBCA6Bu ^ word;
	return (h ^ h >> 13) | 1;
}

static bool has(const uint64_t bits[256], uint32_t hash) { return bits[hash >> 24] >> (hash >> 18 & 63) & 1; }
static void put(uint64_t bits[256], uint32_t hash) { bits[hash >> 24] |= 1ull << (hash >> 18 & 63); }

static struct slot *find_slot(uint32_t hash)
{
	size_t at = (hash >> 3) % SLOTS;
	while (slots[at].hash && slots[at].hash != hash)
		at = (at + 1) % SLOTS;
	return &slots[at];
}

static void add_phrase(const struct list *list, struct span text)
{
	struct words words = { .text = text };
	struct slot *slot = NULL;
	struct span word;
	uint32_t state = 0, h;
	while ((h = next_word(&words, &word)) != 0) {
		if (!state)
			put(starts, h);
		state = join(state, h);
		put(known, state);
		slot = find_slot(state);
		slot->hash = state;
	}
	if (!slot || n_phrases == PHRASES_MAX)
		return;
	phrases[n_phrases].theme = (uint8_t)list->theme;
	phrases[n_phrases].points = list->points;
	slot->phrase = (uint16_t)++n_phrases;
}

static void make_tables(void)
{
	make_latin();
	make_word_bytes();
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		struct span rest = lists[i].phrases, phrase;
		while (span_split(&rest, '|', &phrase))
			add_phrase(&lists[i], phrase);
	}
}

struct theme_hits {
	uint32_t points, n;
	struct span text[3]; /* as found, for the sentence */
	struct place at[LIMIT_EVIDENCE_PLACES];
	uint32_t n_at;
};

struct hits {
	uint64_t seen[PHRASES_MAX / 64];
	struct theme_hits themes[THEMES];
};

static void hit(struct hits *hits, uint16_t phrase, struct span text, const struct place *at)
{
	if (hits->seen[phrase / 64] >> (phrase % 64) & 1)
		return;
	hits->seen[phrase / 64] |= 1ull << (phrase % 64);
	struct theme_hits *theme = &hits->themes[phrases[phrase].theme];
	theme->points += phrases[phrase].points;
	if (theme->n < 3)
		theme->text[theme->n++] = text;
	if (at && theme->n_at < LIMIT_EVIDENCE_PLACES)
		theme->at[theme->n_at++] = *at;
}

/* One pass; part NULL: the text has no place of its own (a header, decoded). */
static void read_text(struct hits *hits, struct span text, const struct body *body)
{
	struct words words = { .text = span_first(text, TEXT_BYTES_MAX) };
	struct {
		uint32_t state;
		size_t from;
	} open[PHRASE_WORDS_MAX];
	unsigned n_open = 0;
	struct span word;
	uint32_t h;
	while ((h = next_word(&words, &word)) != 0) {
		size_t from = (size_t)(word.p - text.p);
		unsigned kept = 0;
		if (has(starts, h) && n_open < PHRASE_WORDS_MAX) {
			open[n_open].state = 0;
			open[n_open++].from = from;
		}
		for (unsigned i = 0; i < n_open; i++) {
			uint32_t state = join(open[i].state, h);
			const struct slot *slot = has(known, state) ? find_slot(state) : NULL;
			if (!slot || !slot->hash)
				continue;
			if (slot->phrase) {
				struct place at = { (uint32_t)open[i].from, (uint32_t)(from + word.n), body ? body->part : 0, PLACE_TEXT };
				hit(hits, (uint16_t)(slot->phrase - 1), span_slice(text, open[i].from, from + word.n), body ? &at : NULL);
			}
			open[kept].state = slot->hash;
			open[kept++].from = open[i].from;
		}
		n_open = kept;
	}
}

static struct span quote(const struct theme_hits *theme, struct arena *arena)
{
	if (theme->n == 1)
		return theme->text[0];
	if (theme->n == 2)
		return arena_join(arena, theme->text[0], SPAN(", "), theme->text[1]);
	return arena_join(arena, theme->text[0], SPAN(", "), theme->text[1], SPAN(", "), theme->text[2]);
}

static void examine(const struct check_view *view, struct evidence_set *set)
{
	struct hits hits = { 0 };
	pthread_once(&made, make_tables);
	read_text(&hits, view->content->subject, NULL);
	for (uint32_t i = 0; i < view->content->bodies.n; i++)
		read_text(&hits, view->content->bodies.v[i].text, &view->content->bodies.v[i]);
	for (int theme = 0; theme < THEMES; theme++) {
		const struct theme_hits *t = &hits.themes[theme];
		if (t->points < POINTS_NEEDED)
			continue;
		struct evidence *e = evidence_add(set, &defs[theme], quote(t, view->arena), span_none, span_none);
		if (t->points < POINTS_FULL) /* a slip of the tongue rather than a speech */
			e->weight = e->weight * 2 / 3;
		for (uint32_t i = 0; i < t->n_at; i++)
			evidence_at(e, t->at[i]);
		const struct header *subject = header_first(message_headers(view->message), HEADER_SUBJECT);
		if (!t->n_at && subject)
			evidence_at(e, message_place(view->message, subject->value));
	}
}

const struct check check_wording = {
	.name = "wording",
	.purpose = "Does it say what lures say?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.examine = examine,
};
