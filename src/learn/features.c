/* learn/features.c - see features.h */
#include "learn/features.h"
#include "base/ascii.h"

#include <stdlib.h>

enum { WORD_BYTES = 60, LINE_WORDS = 60, WORDS_MOST = 1500, FIELD_FEATURES = 8192 };
#define FNV 2166136261u /* FNV-1a begins with it */

struct features_scratch {
	uint64_t met[1u << (FEATURES_RAW_BITS - 6)]; /* a bit a cell, of one view at a time */
};

static const uint8_t bits_of[FEATURES_VIEWS] = {
	[FEATURES_RAW] = FEATURES_RAW_BITS,       [FEATURES_TEXT] = FEATURES_TEXT_BITS,       [FEATURES_WORDS] = FEATURES_WORDS_BITS,
	[FEATURES_FIELDS] = FEATURES_FIELDS_BITS, [FEATURES_COUNTED] = FEATURES_COUNTED_BITS,
};
_Static_assert(FEATURES_TEXT_BITS <= FEATURES_RAW_BITS && FEATURES_WORDS_BITS <= FEATURES_RAW_BITS &&
		   FEATURES_FIELDS_BITS <= FEATURES_RAW_BITS && FEATURES_COUNTED_BITS <= FEATURES_RAW_BITS,
	       "the scratch has room for the largest view");

unsigned features_bits(enum feature_view view) { return bits_of[view]; }

struct features_scratch *features_scratch_new(void)
{
	struct features_scratch *scratch = calloc(1, sizeof *scratch);
	if (!scratch)
		abort();
	return scratch;
}

void features_scratch_free(struct features_scratch *scratch) { free(scratch); }

static inline uint32_t mix(uint32_t h)
{
	h ^= h >> 16;
	h *= 0x7FEB352Du;
	h ^= h >> 15;
	h *= 0x846CA68Bu;
	return h ^ h >> 16;
}

static inline bool meet(struct features_scratch *scratch, uint32_t cell)
{
	uint64_t bit = (uint64_t)1 << (cell & 63), *word = &scratch->met[cell >> 6];
	bool first = !(*word & bit);
	*word |= bit;
	return first;
}

static void forget(struct features_scratch *scratch, const uint32_t *cells, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		scratch->met[cells[i] >> 6] = 0;
}

void features_sort(struct features_scratch *scratch, enum feature_view view, uint32_t *cells, uint32_t n)
{
	uint32_t words = 1u << (bits_of[view] - 6), k = 0;
	for (uint32_t i = 0; i < n; i++)
		meet(scratch, cells[i]);
	for (uint32_t w = 0; w < words && k < n; w++) {
		for (uint64_t met = scratch->met[w]; met; met &= met - 1)
			cells[k++] = w << 6 | (uint32_t)__builtin_ctzll(met);
		scratch->met[w] = 0;
	}
}

static void list_room(struct arena *arena, struct feature_list *list, size_t most)
{
	list->cell = arena_alloc(arena, (most + 1) * sizeof *list->cell);
	list->at = arena_alloc(arena, (most + 1) * sizeof *list->at);
	list->n = 0;
}

/* The list always has room for one more; it only grows when the cell is new. */
static inline void add(struct features_scratch *scratch, struct feature_list *list, uint32_t cell, uint32_t at)
{
	list->cell[list->n] = cell;
	list->at[list->n] = at;
	list->n += meet(scratch, cell);
}

static void take_grams(struct span text, uint32_t salt, unsigned bits, struct features_scratch *scratch, struct arena *arena,
		       struct feature_list *list)
{
	struct feature_list found; /* on its own, so that its length stays in a register */
	list_room(arena, &found, text.n);
	for (size_t i = 0; i + 4 <= text.n; i++) {
		const uint8_t *p = text.p + i;
		uint32_t gram = p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
		add(scratch, &found, mix(gram ^ salt) >> (32 - bits), (uint32_t)i);
	}
	forget(scratch, found.cell, found.n);
	*list = found;
}

/* Not 0 for the bytes of words: what to set in them so that case is gone. */
__extension__ static const uint8_t word_byte[256] = {
	['!'] = 0x20,         ['$'] = 0x20,         ['\''] = 0x20,        ['-'] = 0x20,
	['0' ... '9'] = 0x20, ['A' ... 'Z'] = 0x20, ['a' ... 'z'] = 0x20, [0x80 ... 0xFF] = 0x80,
};

/* The next word of text at or after *at, without case; false when there is none. Longer ones than WORD_BYTES are no words. */
static bool next_word(struct span text, size_t *at, uint32_t *ret_hash, uint32_t *ret_from)
{
	size_t i = *at;
	while (i < text.n) {
		while (i < text.n && !word_byte[text.p[i]])
			i++;
		size_t from = i;
		uint32_t h = FNV;
		for (uint8_t fold; i < text.n && (fold = word_byte[text.p[i]]) != 0; i++)
			h = (h ^ (text.p[i] | fold)) * 16777619u;
		if (i > from && i - from <= WORD_BYTES) {
			*at = i;
			*ret_hash = mix(h);
			*ret_from = (uint32_t)from;
			return true;
		}
	}
	*at = i;
	return false;
}

static inline uint32_t counted_cell(uint32_t hash) { return mix(hash ^ 0x9E3779B9u) >> (32 - FEATURES_COUNTED_BITS); }

/* A feature that is weighed in list, and counted too when it is new there; where: FEATURES_IN_FIELDS or 0. */
static inline void add_counted(struct features_scratch *scratch, struct feature_list *list, struct feature_list *counted, uint32_t hash,
			       unsigned bits, uint32_t at, uint32_t where)
{
	uint32_t before = list->n;
	add(scratch, list, hash >> (32 - bits), at);
	counted->at[counted->n] = at | where;
	counted->cell[counted->n] = counted_cell(hash);
	counted->n += list->n - before;
}

static void take_words(struct span text, struct features_scratch *scratch, struct arena *arena, struct feature_list *list,
		       struct feature_list *counted)
{
	list_room(arena, list, 3 * WORDS_MOST);
	uint32_t hash, from, before[2] = { 0 };
	size_t at = 0;
	for (unsigned n = 0; n < WORDS_MOST && next_word(text, &at, &hash, &from); n++) {
		add_counted(scratch, list, counted, mix(hash * 31 + 7), FEATURES_WORDS_BITS, from, 0);
		if (n > 0)
			add_counted(scratch, list, counted, mix(before[0] * 0x9E3779B1u + hash * 3), FEATURES_WORDS_BITS, from, 0);
		if (n > 1)
			add(scratch, list, mix(before[1] * 0x9E3779B1u + hash * 5) >> (32 - FEATURES_WORDS_BITS), from);
		before[1] = before[0];
		before[0] = hash;
	}
	forget(scratch, list->cell, list->n);
}

static uint32_t hash_bytes(uint32_t h, struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		h = (h ^ s.p[i]) * 16777619u;
	return h;
}

/* One line "key:value". */
static void take_line(struct span line, uint32_t at, struct features_scratch *scratch, struct feature_list *list,
		      struct feature_list *counted)
{
	const uint8_t *colon = memchr(line.p, ':', line.n);
	if (!colon)
		return;
	size_t key_n = (size_t)(colon - line.p);
	struct span value = span_skip(line, key_n + 1);
	uint32_t key = FNV;
	for (size_t i = 0; i < key_n; i++)
		key = (key ^ ascii_lower(line.p[i])) * 16777619u;
	add_counted(scratch, list, counted, mix(key), FEATURES_FIELDS_BITS, at, FEATURES_IN_FIELDS);
	add_counted(scratch, list, counted, mix(hash_bytes(key, value)), FEATURES_FIELDS_BITS, at, FEATURES_IN_FIELDS);
	uint32_t hash, from, before = key;
	size_t i = 0;
	for (unsigned n = 0; n < LINE_WORDS && list->n < FIELD_FEATURES && next_word(value, &i, &hash, &from); n++) {
		uint32_t here = at + (uint32_t)key_n + 1 + from;
		add_counted(scratch, list, counted, mix(key * 0x9E3779B1u + hash), FEATURES_FIELDS_BITS, here, FEATURES_IN_FIELDS);
		add_counted(scratch, list, counted, mix(key * 0x9E3779B1u + before * 0x85EBCA6Bu + hash * 3), FEATURES_FIELDS_BITS, here,
			    FEATURES_IN_FIELDS);
		before = hash;
	}
}

static void take_fields(struct span text, struct features_scratch *scratch, struct arena *arena, struct feature_list *list,
			struct feature_list *counted)
{
	list_room(arena, list, FIELD_FEATURES + 4);
	for (size_t at = 0; at < text.n && list->n < FIELD_FEATURES;) {
		const uint8_t *lf = memchr(text.p + at, '\n', text.n - at);
		size_t end = lf ? (size_t)(lf - text.p) : text.n;
		take_line(span_slice(text, at, end), (uint32_t)at, scratch, list, counted);
		at = end + 1;
	}
	forget(scratch, list->cell, list->n);
}

/* The counted cell of the first line of that key; false when there is none. */
static bool counted_line(struct span fields, struct span key, uint32_t *ret_cell)
{
	for (struct span line; span_split(&fields, '\n', &line);)
		if (span_starts(line, key) && span_at(line, key.n) == ':') {
			*ret_cell = counted_cell(mix(hash_bytes(hash_bytes(FNV, key), span_skip(line, key.n + 1))));
			return true;
		}
	return false;
}

void features_take(const struct views *views, unsigned wanted, struct features_scratch *scratch, struct arena *arena, struct features *ret)
{
	struct span text = buf_span(&views->text.text);
	struct feature_list all;
	*ret = (struct features){ .sender = FEATURES_NOBODY };
	list_room(arena, &all, 3 * WORDS_MOST + FIELD_FEATURES + 4);
	if (wanted & 1u << FEATURES_RAW)
		take_grams(buf_span(&views->raw.text), 0, FEATURES_RAW_BITS, scratch, arena, &ret->of[FEATURES_RAW]);
	if (wanted & 1u << FEATURES_TEXT)
		take_grams(text, 0x5BD1E995u, FEATURES_TEXT_BITS, scratch, arena, &ret->of[FEATURES_TEXT]);
	if (wanted & (1u << FEATURES_WORDS | 1u << FEATURES_COUNTED))
		take_words(text, scratch, arena, &ret->of[FEATURES_WORDS], &all);
	if (wanted & (1u << FEATURES_FIELDS | 1u << FEATURES_COUNTED))
		take_fields(buf_span(&views->fields.text), scratch, arena, &ret->of[FEATURES_FIELDS], &all);
	if (!(wanted & 1u << FEATURES_COUNTED))
		return;

	/* Two features may share a cell among the counted ones. */
	struct feature_list *counted = &ret->of[FEATURES_COUNTED];
	*counted = (struct feature_list){ .cell = all.cell, .at = all.at };
	for (uint32_t i = 0; i < all.n; i++) {
		counted->cell[counted->n] = all.cell[i];
		counted->at[counted->n] = all.at[i];
		counted->n += meet(scratch, all.cell[i]);
	}
	forget(scratch, counted->cell, counted->n);

	struct span fields = buf_span(&views->fields.text);
	if (!counted_line(fields, SPAN("from.addr"), &ret->sender))
		counted_line(fields, SPAN("ip"), &ret->sender);
}
