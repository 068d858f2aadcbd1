/* trap/own_address.c - see own_address.h: the tables, and the readings of the bytes that the spellings are sought in */
#include "trap/own_address.h"

#include "base/ascii.h"
#include "trap/own_parts.h"

static const struct {
	const char *name, *words;
	int32_t weight;
} spellings[] = {
#define SPELLING(symbol, name, weight, words) { name, words, weight },
#include "trap/own_spellings.def"
#undef SPELLING
};

const char *own_spelling_name(enum own_spelling spelling) { return spellings[spelling].name; }
const char *own_spelling_words(enum own_spelling spelling) { return spellings[spelling].words; }
const char *own_wrapping_words(enum own_wrapping wrapping)
{
	static const char *const words[] = {
		[OWN_PLAIN] = "", [OWN_MENDED] = "quoted or broken over lines", [OWN_BASE64] = "in base64", [OWN_ROT13] = "in rot13"
	};
	return words[wrapping];
}

/* The addresses are ours, so nobody can choose keys that collide: no secret is needed. */
static uint64_t hash(own_u128 key)
{
	uint64_t h = ((uint64_t)key ^ (uint64_t)(key >> 64) * 0xC2B2AE3D27D4EB4FULL) * 0x9E3779B97F4A7C15ULL;
	return h ^ h >> 29;
}

static void map_init(struct own_map *map, size_t entries, struct arena *arena)
{
	size_t n = 16;
	while (n < entries * 2)
		n *= 2;
	map->slots = arena_alloc(arena, n * sizeof *map->slots);
	for (size_t i = 0; i < n; i++)
		map->slots[i].which = OWN_NONE;
	map->mask = (uint32_t)(n - 1);
	memset(map->filter, 0, sizeof map->filter);
}

/* The first entry with a key stays. */
static void map_add(struct own_map *map, own_u128 key, uint32_t which, enum own_spelling spelling, unsigned digits)
{
	uint64_t h = hash(key);
	uint32_t i = (uint32_t)h & map->mask;
	for (; map->slots[i].which != OWN_NONE; i = (i + 1) & map->mask)
		if (map->slots[i].key == key)
			return;
	map->slots[i] = (struct own_slot){ key, which, (uint8_t)spelling, (uint8_t)digits };
	map->filter[h >> 56] |= 1ULL << (h >> 50 & 63);
}

const struct own_slot *own_map_find(const struct own_map *map, own_u128 key)
{
	uint64_t h = hash(key);
	if (!(map->filter[h >> 56] & 1ULL << (h >> 50 & 63)))
		return NULL;
	for (uint32_t i = (uint32_t)h & map->mask; map->slots[i].which != OWN_NONE; i = (i + 1) & map->mask)
		if (map->slots[i].key == key)
			return &map->slots[i];
	return NULL;
}

static void add_v4(struct own_set *set, uint32_t v4, uint32_t which)
{
	uint8_t o[4] = { (uint8_t)(v4 >> 24), (uint8_t)(v4 >> 16), (uint8_t)(v4 >> 8), (uint8_t)v4 };
	uint64_t padded = 0, backward = 0, plain = 0;
	unsigned digits = 0;
	for (unsigned i = 0; i < 4; i++) {
		unsigned width = o[i] > 99 ? 3 : o[i] > 9 ? 2 : 1;
		padded = padded * 1000 + o[i];
		backward = backward * 1000 + o[3 - i];
		plain = plain * (width == 3 ? 1000 : width == 2 ? 100 : 10) + o[i];
		digits += width;
	}
	map_add(&set->v4, v4, which, OWN_DOTTED, 0);
	map_add(&set->numbers, v4, which, OWN_DECIMAL, 0);
	map_add(&set->numbers, padded, which, OWN_PADDED, 12);
	map_add(&set->numbers, backward, which, OWN_REVERSED, 12);
	if (digits >= 8)
		map_add(&set->numbers, plain, which, OWN_RUN_TOGETHER, digits);
	map_add(&set->numbers, __builtin_bswap32(v4), which, OWN_DECIMAL, 0);
	set->has_v4 = true;
}

static void add_v6(struct own_set *set, const struct ip *ip, uint32_t which)
{
	own_u128 key = 0, mirrored = 0;
	for (unsigned i = 0; i < 16; i++) {
		key = key << 8 | ip->b[i];
		mirrored |= (own_u128)(ip->b[i] >> 4 | (ip->b[i] & 15) << 4) << (8 * i);
	}
	map_add(&set->v6, key, which, OWN_IP6_TEXT, 0);
	map_add(&set->v6, mirrored, which, OWN_IP6_REVERSED, 0);
	set->has_v6 = true;
}

int own_address_build(const struct own_address *list, size_t n, struct arena *arena, struct own_set **ret_set)
{
	if (n > LIMIT_OWN_ADDRESSES)
		return ERR_LIMIT;
	struct own_set *set = arena_new(arena, struct own_set);
	struct span *names = arena_zalloc(arena, (n + 1) * sizeof *names);
	map_init(&set->v4, n, arena);
	map_init(&set->numbers, n * 5, arena);
	map_init(&set->v6, n * 2, arena);
	for (size_t i = 0; i < n; i++) {
		if (list[i].name.n)
			names[i] = list[i].name;
		else if (ip_is_v4(&list[i].ip))
			add_v4(set, ip_v4(&list[i].ip), (uint32_t)i);
		else
			add_v6(set, &list[i].ip, (uint32_t)i);
	}
	int r = own_name_build(names, n, arena, &set->names);
	if (r == 0)
		*ret_set = set;
	return r;
}

/* ":8080" and the like behind a find. */
static uint16_t port_behind(struct span bytes, size_t to)
{
	if (span_at(bytes, to) == ']' || span_at(bytes, to) == ')')
		to++;
	int sign = span_at(bytes, to);
	if (sign != ':' && sign != ',' && sign != '#' && sign != '/' && sign != '-' && sign != '_')
		return 0;
	uint64_t port = 0;
	size_t i = ++to;
	while (ascii_is_digit(span_at(bytes, i)) && i - to < 6)
		i++;
	return span_to_uint(span_slice(bytes, to, i), 65535, &port) && !ascii_is_alnum(span_at(bytes, i)) ? (uint16_t)port : 0;
}

static size_t place_of(const struct own_text *text, size_t i)
{
	return text->base + (text->at ? text->at[i] : text->base64 ? i * 4 / 3 : i);
}

void own_search_found(struct own_search *s, uint32_t which, enum own_spelling spelling, size_t from, size_t to)
{
	struct own_finds *finds = s->finds;
	for (uint32_t i = 0; i < finds->list.n; i++) {
		struct own_find *had = &finds->list.v[i];
		/* what is plain is found again once line ends are mended: the same thing seen twice */
		if (had->which == which && had->spelling == spelling &&
		    (had->wrapping == s->text.wrapping || s->text.wrapping == OWN_MENDED)) {
			had->times += had->wrapping == s->text.wrapping;
			return;
		}
	}
	if (finds->list.n == LIMIT_OWN_FINDS)
		return;
	struct own_find *find = vec_push(s->arena, &finds->list);
	*find = (struct own_find){ .which = which,
				   .spelling = (uint8_t)spelling,
				   .wrapping = s->text.wrapping,
				   .port = port_behind(s->text.bytes, to),
				   .from = place_of(&s->text, from),
				   .to = place_of(&s->text, to - 1) + 1,
				   .times = 1,
				   .weight = spellings[spelling].weight };
}

static void scan(struct own_search *s)
{
	if (s->set->has_v4 && s->text.wrapping != OWN_ROT13)
		own_numbers_scan(s);
	if (s->set->has_v4)
		own_hex_scan(s);
	if (s->set->has_v6)
		own_ip6_scan(s);
	if (s->set->names)
		own_name_scan(s);
}

/* Readings are made in pieces of PIECE bytes that overlap by what the longest spelling may take. */
enum { PIECE = 16384, OVERLAP = 1024, BASE64_MIN = 10 };

struct piece {
	uint8_t bytes[PIECE];
	uint32_t at[PIECE]; /* from base */
	size_t n, base;
};

static void scan_piece(struct own_search *s, const struct piece *piece, enum own_wrapping wrapping)
{
	s->text = (struct own_text){ .bytes = span_of(piece->bytes, piece->n), .wrapping = wrapping, .base = piece->base, .at = piece->at };
	scan(s);
}

/* What the end of a piece began, the next can finish. */
static void keep_overlap(struct piece *piece)
{
	size_t from = piece->n - OVERLAP, shift = piece->at[from];
	memmove(piece->bytes, piece->bytes + from, OVERLAP);
	for (size_t i = 0; i < OVERLAP; i++)
		piece->at[i] = (uint32_t)(piece->at[from + i] - shift);
	piece->base += shift;
	piece->n = OVERLAP;
}

static void put(struct own_search *s, struct piece *piece, enum own_wrapping wrapping, uint8_t byte, size_t at)
{
	if (at - piece->base > UINT32_MAX) {
		/* four gigabytes of nothing but line ends: what stood before is far away */
		piece->n = 0;
		piece->base = at;
	}
	if (piece->n == PIECE) {
		scan_piece(s, piece, wrapping);
		keep_overlap(piece);
	}
	piece->at[piece->n] = (uint32_t)(at - piece->base);
	piece->bytes[piece->n++] = byte;
}

/* With %31 and =31 read, and without line ends, the "=" that hides one (RFC 2045 section 6.7) and the blanks that begin the next line. */
static void scan_mended(struct own_search *s, struct span bytes, struct piece *piece)
{
	*piece = (struct piece){ .n = 0 };
	bool changed = false;
	for (size_t i = 0; i < bytes.n;) {
		uint8_t c = bytes.p[i];
		bool soft = c == '=' && (span_at(bytes, i + 1) == '\r' || span_at(bytes, i + 1) == '\n');
		int high = c == '%' || c == '=' ? ascii_hex(span_at(bytes, i + 1)) : -1,
		    low = high < 0 ? -1 : ascii_hex(span_at(bytes, i + 2));
		if (low >= 0) {
			put(s, piece, OWN_MENDED, (uint8_t)(high << 4 | low), i);
			i += 3;
		} else if (soft || c == '\r' || c == '\n') {
			i += soft;
			while (ascii_is_space(span_at(bytes, i)))
				i++;
		} else {
			put(s, piece, OWN_MENDED, c, i++);
			continue;
		}
		changed = true;
	}
	if (changed)
		scan_piece(s, piece, OWN_MENDED);
}

/* Digits stay as they are, so only names and hex can hide in it. */
static void scan_rot13(struct own_search *s, struct span bytes, struct piece *piece)
{
	*piece = (struct piece){ .n = 0 };
	for (size_t i = 0; i < bytes.n; i++) {
		uint8_t c = bytes.p[i], turned = c;
		if (c < 0x80 && ascii_is_alpha(c))
			turned = (uint8_t)((c | 0x20) >= 'n' ? c - 13 : c + 13);
		put(s, piece, OWN_ROT13, turned, i);
	}
	scan_piece(s, piece, OWN_ROT13);
}

/* Of each byte one more than its value, both alphabets of RFC 4648; 0: it is in none. */
static const uint8_t base64_values[256] = {
	['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,  ['I'] = 9,  ['J'] = 10, ['K'] = 11,
	['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16, ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22,
	['W'] = 23, ['X'] = 24, ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32, ['g'] = 33,
	['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40, ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44,
	['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48, ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55,
	['3'] = 56, ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63, ['-'] = 63, ['/'] = 64, ['_'] = 64,
};
static int base64_value(uint8_t c) { return base64_values[c] - 1; }

/* From byte from on; returns the number of bytes. */
static size_t decode(struct span bytes, size_t from, size_t to, uint8_t *out)
{
	uint32_t bits = 0;
	size_t n = 0;
	for (size_t i = from; i < to; i++) {
		bits = bits << 6 | (uint32_t)base64_value(bytes.p[i]);
		if ((i - from) % 4 == 3) {
			out[n++] = (uint8_t)(bits >> 16);
			out[n++] = (uint8_t)(bits >> 8);
			out[n++] = (uint8_t)bits;
			bits = 0;
		}
	}
	size_t left = (to - from) % 4;
	if (left >= 2)
		out[n++] = (uint8_t)(bits >> (left == 2 ? 4 : 10));
	if (left == 3)
		out[n++] = (uint8_t)(bits >> 2);
	return n;
}

/* The four or sixteen bytes of an address and nothing else: "wAACAQ==". */
static void raw_base64(struct own_search *s, struct span bytes, size_t from, size_t to)
{
	uint8_t out[18];
	size_t n = to - from == 6 || to - from == 22 ? decode(bytes, from, to, out) : 0;
	own_u128 key = 0;
	for (size_t i = 0; i < n; i++)
		key = key << 8 | out[i];
	const struct own_slot *slot = n == 4 ? own_map_find(&s->set->v4, key) : n == 16 ? own_map_find(&s->set->v6, key) : NULL;
	if (!slot || (n == 16 && slot->spelling != OWN_IP6_TEXT))
		return;
	s->text = (struct own_text){ .bytes = bytes, .wrapping = OWN_BASE64 };
	own_search_found(s, slot->which, OWN_RAW_BASE64, from, to);
}

/* A whole line of encoded data, as every program breaks it: what it holds begins where it begins. */
static bool is_whole_line(struct span bytes, size_t from, size_t to)
{
	int before = from ? bytes.p[from - 1] : '\n', after = span_at(bytes, to);
	return to - from >= 60 && (to - from) % 4 == 0 && before == '\n' && (after == '\r' || after == '\n');
}

/* One run of the alphabet: the text in it may begin at any of four places. */
static void scan_base64_run(struct own_search *s, struct span bytes, size_t from, size_t to, struct piece *piece)
{
	unsigned starts = is_whole_line(bytes, from, to) ? 1 : 4;
	enum { STEP = (PIECE - OVERLAP) / 3 * 4 - 64, BACK = OVERLAP / 3 * 4 };
	for (size_t at = from; at < to; at += STEP) {
		size_t begin = at >= from + BACK ? at - BACK : from, end = to - at > STEP ? at + STEP : to;
		for (unsigned k = 0; k < starts && begin + k + BASE64_MIN <= end; k++) {
			size_t n = decode(bytes, begin + k, end, piece->bytes);
			s->text = (struct own_text){
				.bytes = span_of(piece->bytes, n), .wrapping = OWN_BASE64, .base = begin + k, .base64 = true
			};
			scan(s);
		}
	}
}

static void scan_base64(struct own_search *s, struct span bytes, struct piece *piece)
{
	for (size_t i = 0; i < bytes.n;) {
		size_t from = i;
		while (i < bytes.n && base64_value(bytes.p[i]) >= 0)
			i++;
		if (i - from >= BASE64_MIN)
			scan_base64_run(s, bytes, from, i, piece);
		if (i - from == 6 || i - from == 22)
			raw_base64(s, bytes, from, i);
		i += i == from;
	}
}

void own_address_find(const struct own_set *set, struct span bytes, struct arena *arena, struct own_finds *finds)
{
	if (!set->has_v4 && !set->has_v6 && !set->names)
		return;
	struct own_search s = { .set = set, .arena = arena, .finds = finds, .text = { .bytes = bytes } };
	struct piece *piece = arena_alloc(arena, sizeof *piece);
	scan(&s);
	scan_mended(&s, bytes, piece);
	scan_rot13(&s, bytes, piece);
	scan_base64(&s, bytes, piece);
}

const struct own_find *own_address_best(const struct own_finds *finds)
{
	const struct own_find *best = NULL;
	for (uint32_t i = 0; i < finds->list.n; i++)
		if (!best || finds->list.v[i].weight > best->weight)
			best = &finds->list.v[i];
	return best;
}
