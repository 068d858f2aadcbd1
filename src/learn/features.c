/* learn/features.c - see features.h
 *
 * Speed decides how much of a message can be read: a text is folded once, with a bit for each byte that words are made of, so that words
 * are found by counting bits and hashed eight bytes at a time; hashes are one multiplication; what was met is a bitmap that the first cache
 * holds. */
#include "learn/features.h"
#include "base/ascii.h"
#include "base/block.h"

#include <endian.h>
#include <stdlib.h>

enum { WORD_BYTES = 60, LINE_WORDS = 60, WORDS_MOST = 1500, FIELD_FEATURES = 8192, READ_MOST = VIEW_FIELDS_BYTES };

/* Where a view's cells will be read. */
struct table {
	const uint8_t *cells;
	size_t stride;
};

struct features_scratch {
	uint64_t met[FEATURES_CELLS / 64]; /* a bit a cell, of one view at a time */
	struct table table[FEATURES_VIEWS];
	/* What words are read from: the text in lower case, and a bit for each byte where a word begins or has just ended. */
	uint8_t text[READ_MOST + sizeof(block)];
	uint64_t edges[READ_MOST / 64 + 1];
	size_t n;
	/* Of lines "key:value": a bit for each colon and each line end. */
	uint64_t colons[READ_MOST / 64 + 1], ends[READ_MOST / 64 + 1];
};

struct features_scratch *features_scratch_new(void)
{
	struct features_scratch *scratch = calloc(1, sizeof *scratch);
	if (!scratch)
		abort();
	for (unsigned v = 0; v < FEATURES_VIEWS; v++)
		features_expect(scratch, v, scratch, 0);
	return scratch;
}

void features_expect(struct features_scratch *scratch, enum feature_view view, const void *cells, size_t stride)
{
	scratch->table[view] = (struct table){ cells, stride };
}

void features_scratch_free(struct features_scratch *scratch) { free(scratch); }

/* ---- lists ---- */

static inline bool meet(struct features_scratch *scratch, uint32_t cell)
{
	uint64_t *word = &scratch->met[cell >> 6], before = *word;
	*word = before | (uint64_t)1 << (cell & 63);
	return !(before >> (cell & 63) & 1);
}

static void forget(struct features_scratch *scratch, const struct feature_list *list)
{
	for (uint32_t i = 0; i < list->n; i++)
		scratch->met[list->cell[i] >> 6] = 0;
}

/* A bit a word of `met` tells which hold something: one in ten does. */
void features_sort(struct features_scratch *scratch, struct feature_list *list)
{
	uint64_t used[FEATURES_CELLS / 64 / 64] = { 0 };
	uint32_t *cells = list->cell, k = 0;
	if (list->sorted)
		return;
	for (uint32_t i = 0; i < list->n; i++) {
		scratch->met[cells[i] >> 6] |= (uint64_t)1 << (cells[i] & 63);
		used[cells[i] >> 12] |= (uint64_t)1 << (cells[i] >> 6 & 63);
	}
	for (uint32_t u = 0; u < sizeof used / sizeof *used; u++)
		for (; used[u]; used[u] &= used[u] - 1) {
			uint32_t w = u << 6 | (uint32_t)__builtin_ctzll(used[u]);
			for (uint64_t met = scratch->met[w]; met; met &= met - 1)
				cells[k++] = w << 6 | (uint32_t)__builtin_ctzll(met);
			scratch->met[w] = 0;
		}
	list->sorted = true;
	list->at = NULL;
}

static struct feature_list list_of(struct arena *arena, size_t most)
{
	return (struct feature_list){ .cell = arena_alloc(arena, (most + 1) * sizeof(uint32_t)),
				      .at = arena_alloc(arena, (most + 1) * sizeof(uint32_t)) };
}

/* The list always has room for one more; it only grows when the cell is new. Cells lie all over tables that no first cache holds: asked for
 * now, they are there when they are read. */
static inline void add(struct features_scratch *scratch, struct table table, struct feature_list *list, uint32_t cell, uint32_t at)
{
	__builtin_prefetch(table.cells + cell * table.stride);
	list->cell[list->n] = cell;
	list->at[list->n] = at;
	list->n += meet(scratch, cell);
}

/* ---- hashes: the highest bits of a product are what all lower bits make ---- */

#define ODD_32 0x9E3779B1u
static const uint64_t odd_1 = 0x9E3779B97F4A7C15u, odd_2 = 0xC2B2AE3D27D4EB4Fu, odd_3 = 0x165667B19E3779F9u;

static inline uint32_t cell_of(uint64_t hash) { return (uint32_t)(hash >> (64 - FEATURES_BITS)); }
static inline uint64_t mix(uint64_t h) { return (h * odd_1) ^ (h * odd_1) >> 32; }

static inline uint64_t load(const uint8_t *p)
{
	uint64_t bytes;
	memcpy(&bytes, p, sizeof bytes);
	return le64toh(bytes);
}

/* May read seven bytes beyond: the scratch has them. */
static inline uint64_t hash_bytes(uint64_t seed, const uint8_t *p, size_t n)
{
	uint64_t h = seed + n;
	for (; n > 8; p += 8, n -= 8)
		h = mix(h ^ load(p));
	return mix(h ^ (n ? load(p) & UINT64_MAX >> (64 - 8 * n) : 0));
}

/* ---- four bytes in a row ---- */

/* Of the grams a part is read, which their first two bytes decide. Neighbours share three bytes, so what one says that is not read, others
 * say: to read half of them ranks no stream worse (docs/learning.md). A bit for each of the sixteen that begin in p[0, 16). */
static inline uint64_t grams_read(const uint8_t *p)
{
	enum { OF_256 = 128 };
	block first = block_load(p), second = block_load(p + 1);
	return block_bits((block)((block)(5 * first + 11 * second) < OF_256));
}

static inline void add_gram(const uint8_t *text, size_t at, struct features_scratch *scratch, struct table table, struct feature_list *list)
{
	uint32_t gram;
	memcpy(&gram, text + at, sizeof gram);
	add(scratch, table, list, le32toh(gram) * ODD_32 >> (32 - FEATURES_BITS), (uint32_t)at);
}

static void take_grams(struct span text, enum feature_view view, struct features_scratch *scratch, struct arena *arena,
		       struct feature_list *ret)
{
	const struct table table = scratch->table[view];
	struct feature_list list = list_of(arena, text.n); /* on its own, so that its length stays in a register */
	uint8_t last[2 * sizeof(block)] = { 0 };
	size_t n = text.n < 4 ? 0 : text.n - 3, i = 0;
	for (; i + 64 < n; i += 64) {
		uint64_t read = 0;
		for (size_t k = 0; k < 64; k += sizeof(block))
			read |= grams_read(text.p + i + k) << k;
		for (; read; read &= read - 1)
			add_gram(text.p, i + (size_t)__builtin_ctzll(read), scratch, table, &list);
	}
	for (; i < n; i += sizeof(block)) {
		size_t left = n - i < sizeof(block) ? n - i : sizeof(block);
		memcpy(last, text.p + i, left + 1);
		for (uint64_t read = grams_read(last) & ((1u << left) - 1); read; read &= read - 1)
			add_gram(text.p, i + (size_t)__builtin_ctzll(read), scratch, table, &list);
	}
	forget(scratch, &list);
	*ret = list;
}

/* ---- words ---- */

static block in_word(block c)
{
	return (block)(c - 'a' < 26) | (block)(c - '0' < 10) | (block)(c >= 0x80) | (block)(c == '!') | (block)(c == '$') |
	       (block)(c == '\'') | (block)(c == '-');
}

static void read_words(struct features_scratch *s, struct span text)
{
	uint64_t before = 0; /* the highest bit: whether the byte before belongs to a word */
	s->n = text.n < READ_MOST ? text.n : READ_MOST;
	if (s->n)
		memcpy(s->text, text.p, s->n);
	memset(s->text + s->n, 0, sizeof(block));
	for (size_t i = 0; i <= s->n; i += 64) {
		uint64_t words = 0;
		for (size_t k = 0; k < 64 && i + k < s->n; k += sizeof(block)) {
			block c = block_load(s->text + i + k);
			c += (block)(c - 'A' < 26) & 0x20;
			memcpy(s->text + i + k, &c, sizeof c);
			words |= block_bits(in_word(c)) << k;
		}
		s->edges[i / 64] = words ^ (words << 1 | before >> 63);
		before = words;
	}
}

/* Goes from edge to edge: the next one at or after where it was put. */
struct edges {
	uint64_t bits;
	size_t at;
};

static inline struct edges edges_from(const struct features_scratch *s, size_t at)
{
	return (struct edges){ s->edges[at / 64] & UINT64_MAX << at % 64, at / 64 * 64 };
}

/* The end when there is none. */
static inline size_t next_edge(const struct features_scratch *s, struct edges *e)
{
	while (!e->bits) {
		e->at += 64;
		if (e->at > s->n)
			return s->n;
		e->bits = s->edges[e->at / 64];
	}
	size_t at = e->at + (size_t)__builtin_ctzll(e->bits);
	e->bits &= e->bits - 1;
	return at;
}

struct word {
	uint64_t hash;
	uint32_t at;
};

/* The next word that begins before end; false when there is none. Longer ones than WORD_BYTES are no words. */
static inline bool next_word(const struct features_scratch *s, struct edges *edges, size_t end, struct word *ret)
{
	for (;;) {
		size_t from = next_edge(s, edges);
		if (from >= end)
			return false;
		size_t to = next_edge(s, edges);
		if (to - from <= WORD_BYTES) {
			*ret = (struct word){ hash_bytes(0, s->text + from, to - from), (uint32_t)from };
			return true;
		}
	}
}

static void take_words(struct span text, struct features_scratch *scratch, struct arena *arena, struct feature_list *ret)
{
	const struct table table = scratch->table[FEATURES_WORDS];
	struct feature_list list = list_of(arena, 2 * WORDS_MOST);
	struct word word;
	uint64_t before = 0;
	read_words(scratch, text);
	struct edges edges = edges_from(scratch, 0);
	for (unsigned n = 0; n < WORDS_MOST && next_word(scratch, &edges, scratch->n, &word); n++) {
		add(scratch, table, &list, cell_of(word.hash), word.at);
		if (n > 0)
			add(scratch, table, &list, cell_of(before * odd_2 + word.hash), word.at);
		before = word.hash;
	}
	forget(scratch, &list);
	*ret = list;
}

/* ---- lines "key:value" ---- */

static void read_lines(struct features_scratch *s)
{
	for (size_t i = 0; i <= s->n; i += 64) {
		uint64_t colons = 0, ends = 0;
		for (size_t k = 0; k < 64 && i + k < s->n; k += sizeof(block)) {
			block c = block_load(s->text + i + k);
			colons |= block_bits((block)(c == ':')) << k;
			ends |= block_bits((block)(c == '\n')) << k;
		}
		s->colons[i / 64] = colons;
		s->ends[i / 64] = ends;
	}
}

/* The first bit set at or after at; end when there is none before it. */
static inline size_t next_bit(const uint64_t *bits, size_t at, size_t end)
{
	size_t i = at / 64;
	uint64_t found = bits[i] & UINT64_MAX << at % 64;
	while (!found && (i + 1) * 64 < end)
		found = bits[++i];
	size_t hit = found ? i * 64 + (size_t)__builtin_ctzll(found) : end;
	return hit < end ? hit : end;
}

static void take_line(size_t from, size_t end, struct features_scratch *scratch, struct feature_list *list)
{
	const struct table table = scratch->table[FEATURES_FIELDS];
	const uint8_t *text = scratch->text;
	size_t colon = next_bit(scratch->colons, from, end), at = colon + 1;
	struct word word;
	if (colon == end)
		return;
	struct edges edges = edges_from(scratch, at);
	uint64_t key = hash_bytes(1, text + from, colon - from), before = 0;
	add(scratch, table, list, cell_of(key), (uint32_t)from);
	add(scratch, table, list, cell_of(hash_bytes(key, text + at, end - at)), (uint32_t)from);
	for (unsigned n = 0; n < LINE_WORDS && list->n < FIELD_FEATURES && next_word(scratch, &edges, end, &word); n++) {
		uint64_t here = key * odd_2 + word.hash;
		add(scratch, table, list, cell_of(here), word.at);
		if (n > 0)
			add(scratch, table, list, cell_of(before * odd_3 + here), word.at);
		before = word.hash;
	}
}

static void take_fields(struct span text, struct features_scratch *scratch, struct arena *arena, struct feature_list *ret)
{
	struct feature_list list = list_of(arena, FIELD_FEATURES + 4);
	read_words(scratch, text);
	read_lines(scratch);
	for (size_t at = 0, end; at < scratch->n && list.n < FIELD_FEATURES; at = end + 1) {
		end = next_bit(scratch->ends, at, scratch->n);
		take_line(at, end, scratch, &list);
	}
	forget(scratch, &list);
	*ret = list;
}

/* The cell of the first line of that key, whole; false when there is none. */
static bool line_of(const struct features_scratch *s, struct span key, uint32_t *ret_cell)
{
	struct span rest = span_of(s->text, s->n);
	for (struct span line; span_split(&rest, '\n', &line);)
		if (span_starts(line, key) && span_at(line, key.n) == ':') {
			*ret_cell = cell_of(hash_bytes(hash_bytes(1, line.p, key.n), line.p + key.n + 1, line.n - key.n - 1));
			return true;
		}
	return false;
}

void features_take(const struct views *views, unsigned wanted, struct features_scratch *scratch, struct arena *arena, struct features *ret)
{
	*ret = (struct features){ .sender = FEATURES_NOBODY };
	if (wanted & 1u << FEATURES_RAW)
		take_grams(buf_span(&views->raw.text), FEATURES_RAW, scratch, arena, &ret->of[FEATURES_RAW]);
	if (wanted & 1u << FEATURES_TEXT)
		take_grams(buf_span(&views->text.text), FEATURES_TEXT, scratch, arena, &ret->of[FEATURES_TEXT]);
	if (wanted & 1u << FEATURES_WORDS)
		take_words(buf_span(&views->text.text), scratch, arena, &ret->of[FEATURES_WORDS]);
	if (!(wanted & 1u << FEATURES_FIELDS))
		return;
	take_fields(buf_span(&views->fields.text), scratch, arena, &ret->of[FEATURES_FIELDS]);
	if (!line_of(scratch, SPAN("from.addr"), &ret->sender))
		line_of(scratch, SPAN("ip"), &ret->sender);
}
