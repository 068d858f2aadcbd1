/* state/weights_record.c - see weights_record.h */
#include "state/weights_record.h"

#include "base/cursor.h"
#include "base/limits.h"

#include <endian.h>
#include <xxhash.h>

static const struct span magic = SPAN_INIT("pstnjrnl");
enum { VERSION = 1, SUM_HEAD = 32, SOURCE_BYTES = 24, GROUP_HEAD_MAX = 5 + 5 + 1 + 5 };

static void put32(uint8_t *p, uint32_t v)
{
	v = htole32(v);
	memcpy(p, &v, sizeof v);
}

static void put64(uint8_t *p, uint64_t v)
{
	v = htole64(v);
	memcpy(p, &v, sizeof v);
}

static struct weights_id take_id(struct cursor *c)
{
	struct weights_id id = { { 0 } };
	struct span s = cursor_take(c, sizeof id.b);
	if (s.n)
		memcpy(id.b, s.p, sizeof id.b);
	return id;
}

void weights_record_write_header(const struct weights_record_header *header, uint8_t ret[WEIGHTS_RECORD_HEADER])
{
	memset(ret, 0, WEIGHTS_RECORD_HEADER);
	memcpy(ret, magic.p, magic.n);
	put32(ret + 8, VERSION);
	put32(ret + 12, header->format);
	put32(ret + 16, header->n_cells);
	put32(ret + 20, header->keep);
	put64(ret + 24, header->epoch);
	memcpy(ret + 32, header->store.b, sizeof header->store.b);
	put64(ret + 56, XXH3_64bits(ret, 56));
}

int weights_record_read_header(struct span journal, struct weights_record_header *ret)
{
	struct span s = span_first(journal, WEIGHTS_RECORD_HEADER);
	struct cursor c = cursor_of(s);
	cursor_skip(&c, magic.n);
	uint32_t version = cursor_u32(&c);
	struct weights_record_header h = { .format = cursor_u32(&c) };
	h.n_cells = cursor_u32(&c);
	h.keep = cursor_u32(&c);
	h.epoch = cursor_u64(&c);
	h.store = take_id(&c);
	cursor_skip(&c, 8);
	uint64_t checksum = cursor_u64(&c);
	if (c.overrun || !span_starts(s, magic) || version != VERSION || checksum != XXH3_64bits(s.p, 56))
		return ERR_SYNTAX;
	*ret = h;
	return 0;
}

/* Bits, lowest first, into memory that has 8 bytes to spare at the end. */
struct bits_out {
	uint8_t *p;
	uint64_t word;
	unsigned n;
};

/* n at most 56; seven bits at most wait, so a word holds all. */
static inline void bits_put(struct bits_out *b, uint64_t value, unsigned n)
{
	b->word |= value << b->n;
	b->n += n;
	put64(b->p, b->word);
	unsigned whole = b->n >> 3;
	b->p += whole;
	b->word >>= 8 * whole;
	b->n &= 7;
}

static inline uint8_t *varint_put(uint8_t *p, uint32_t v)
{
	for (; v >= 0x80; v >>= 7)
		*p++ = (uint8_t)(v | 0x80);
	*p++ = (uint8_t)v;
	return p;
}

static uint32_t varint_take(struct cursor *c)
{
	uint64_t v = 0;
	for (unsigned shift = 0; shift < 35; shift += 7) {
		uint8_t byte = cursor_u8(c);
		v |= (uint64_t)(byte & 0x7F) << shift;
		if (!(byte & 0x80)) {
			c->overrun |= v > UINT32_MAX;
			return (uint32_t)v;
		}
	}
	c->overrun = true;
	return 0;
}

/* Logarithm of the mean gap: the best Rice parameter for cells that a hash scattered, and with it the quotients take under 2 bits each. */
static unsigned rice_parameter(const struct weights_group *g)
{
	uint32_t mean = g->n ? (uint32_t)(((uint64_t)g->at[g->n - 1] + 1 - g->n) / g->n) : 0;
	return mean ? 31u - (unsigned)__builtin_clz(mean) : 0;
}

static bool sorted(const struct weights_group *g, uint32_t n_cells)
{
	bool good = g->n == 0 || g->at[g->n - 1] < n_cells;
	for (uint32_t i = 1; i < g->n; i++)
		good &= g->at[i - 1] < g->at[i];
	return good;
}

/* n * (k + 1) bits, and the quotients: their sum is at most the range over 2^k, which rice_parameter keeps under 2 n. */
static size_t group_room(const struct weights_group *g) { return GROUP_HEAD_MAX + ((size_t)g->n * (rice_parameter(g) + 3) + 7) / 8 + 16; }

static uint8_t *group_put(uint8_t *p, const struct weights_group *g)
{
	unsigned k = rice_parameter(g);
	p = varint_put(p, (uint32_t)g->by << 1 ^ (g->by < 0 ? UINT32_MAX : 0));
	p = varint_put(p, g->n);
	*p++ = (uint8_t)k;
	uint8_t *length = p; /* five bytes are kept for it; the bits then move down, which is cheaper than counting them first */
	struct bits_out out = { .p = p + 5 };
	uint32_t next = 0;
	for (uint32_t i = 0; i < g->n; i++) {
		uint32_t gap = g->at[i] - next, quotient = gap >> k;
		next = g->at[i] + 1;
		for (; quotient >= 24; quotient -= 24)
			bits_put(&out, 0, 24);
		bits_put(&out, (uint64_t)1 << quotient | (uint64_t)(gap & ((1u << k) - 1)) << (quotient + 1), quotient + 1 + k);
	}
	size_t n = (size_t)(out.p - length - 5) + (out.n > 0);
	p = varint_put(p, (uint32_t)n);
	memmove(p, length + 5, n);
	return p + n;
}

static void seal(uint8_t *record, const struct weights_record *head, size_t bytes, uint32_t n_groups)
{
	put32(record + 8, (uint32_t)bytes);
	record[12] = (uint8_t)head->kind;
	record[13] = (uint8_t)head->label;
	record[14] = (uint8_t)n_groups;
	record[15] = (uint8_t)(n_groups >> 8);
	put64(record + 16, 0);
	put64(record + 24, (uint64_t)head->time);
	memcpy(record + 32, head->id.b, sizeof head->id.b);
	put64(record + 48, head->tag);
	put64(record, XXH3_64bits(record + 8, bytes - 8));
}

int weights_record_check(const struct weights_group *groups, uint32_t n_groups, uint32_t n_cells)
{
	uint64_t cells = 0;
	if (n_groups > LIMIT_LESSON_GROUPS)
		return ERR_LIMIT;
	for (uint32_t i = 0; i < n_groups; i++) {
		if ((cells += groups[i].n) > LIMIT_LESSON_CELLS)
			return ERR_LIMIT;
		if (!sorted(&groups[i], n_cells))
			return ERR_USAGE;
	}
	return 0;
}

int weights_record_write(struct arena *arena, const struct weights_record *head, const struct weights_group *groups, uint32_t n_groups,
			 uint32_t n_cells, struct span *ret)
{
	int err = weights_record_check(groups, n_groups, n_cells);
	if (err < 0)
		return err;
	size_t room = WEIGHTS_RECORD_HEAD;
	for (uint32_t i = 0; i < n_groups; i++)
		room += group_room(&groups[i]);
	uint8_t *record = arena_alloc(arena, room), *p = record + WEIGHTS_RECORD_HEAD;
	for (uint32_t i = 0; i < n_groups; i++)
		p = group_put(p, &groups[i]);
	seal(record, head, (size_t)(p - record), n_groups);
	*ret = span_of(record, (size_t)(p - record));
	return 0;
}

struct span weights_record_write_sum(struct arena *arena, const struct weights_record *head, const struct weights_sum *sum,
				     uint32_t n_cells)
{
	size_t bytes = WEIGHTS_RECORD_HEAD + SUM_HEAD + (size_t)sum->n_sources * SOURCE_BYTES + (size_t)n_cells * 4;
	uint8_t *record = arena_alloc(arena, bytes), *p = record + WEIGHTS_RECORD_HEAD;
	put64(p, sum->spam);
	put64(p + 8, sum->ham);
	put64(p + 16, sum->forgotten);
	put32(p + 24, sum->n_sources);
	put32(p + 28, 0);
	p += SUM_HEAD;
	for (uint32_t i = 0; i < sum->n_sources; i++, p += SOURCE_BYTES) {
		memcpy(p, sum->sources[i].store.b, sizeof sum->sources[i].store.b);
		put64(p + 16, sum->sources[i].mark);
	}
	for (uint32_t i = 0; i < n_cells; i++, p += 4)
		put32(p, (uint32_t)sum->cells[i]);
	seal(record, head, bytes, 0);
	return span_of(record, bytes);
}

/* Bits back: shifted in as far as they are there, zeros after the end. */
struct bits_in {
	struct span s;
	size_t at;     /* next byte to take into word */
	uint64_t word; /* n good bits, zeros above */
	unsigned n;
};

static inline void bits_fill(struct bits_in *b)
{
	if (b->s.n - b->at >= 8) {
		uint64_t next;
		memcpy(&next, b->s.p + b->at, 8);
		b->word |= le64toh(next) << b->n;
		b->at += (63 - b->n) >> 3;
		b->n |= 56;
		return;
	}
	for (; b->n <= 56 && b->at < b->s.n; b->n += 8)
		b->word |= (uint64_t)b->s.p[b->at++] << b->n;
}

/* One gap; false when the bits end before it does, or it is beyond max. */
static inline bool rice_take(struct bits_in *b, unsigned k, uint64_t max, uint64_t *ret)
{
	uint64_t quotient = 0;
	bits_fill(b);
	while ((b->word & (((uint64_t)1 << 24) - 1)) == 0) { /* at least 24 zeros, or the end */
		if (b->n < 24)
			return false;
		quotient += 24;
		if (quotient << k > max)
			return false;
		b->word >>= 24;
		b->n -= 24;
		bits_fill(b);
	}
	unsigned zeros = (unsigned)__builtin_ctzll(b->word);
	quotient += zeros;
	b->word >>= zeros + 1;
	if (zeros + 1 + k > b->n)
		return false;
	*ret = quotient << k | (b->word & (((uint64_t)1 << k) - 1));
	b->word >>= k;
	b->n -= zeros + 1 + k;
	return *ret <= max;
}

static int group_take(struct cursor *c, uint32_t n_cells, struct arena *arena, struct weights_group *ret)
{
	uint32_t zigzag = varint_take(c), n = varint_take(c);
	unsigned k = cursor_u8(c);
	struct bits_in bits = { .s = cursor_take(c, varint_take(c)) };
	/* A gap takes k + 1 bits at least: so many cells as are claimed fit, or nothing is allocated for them. */
	if (c->overrun || k > 28 || (uint64_t)n * (k + 1) > 8 * (uint64_t)bits.s.n)
		return ERR_SYNTAX;
	if (n > LIMIT_LESSON_CELLS)
		return ERR_LIMIT;
	uint32_t *at = arena_alloc(arena, n * sizeof *at);
	uint64_t next = 0, gap;
	for (uint32_t i = 0; i < n; i++) {
		if (next >= n_cells || !rice_take(&bits, k, n_cells - 1 - next, &gap))
			return ERR_SYNTAX;
		at[i] = (uint32_t)(next + gap);
		next += gap + 1;
	}
	*ret = (struct weights_group){ (int32_t)(zigzag >> 1 ^ (zigzag & 1 ? UINT32_MAX : 0)), n, at };
	return 0;
}

static size_t record_max(uint32_t n_cells)
{
	size_t sum = WEIGHTS_RECORD_HEAD + SUM_HEAD + (size_t)LIMIT_WEIGHTS_SOURCES * SOURCE_BYTES + (size_t)n_cells * 4;
	size_t lesson = WEIGHTS_RECORD_HEAD + (size_t)LIMIT_LESSON_GROUPS * (GROUP_HEAD_MAX + 16) + (size_t)LIMIT_LESSON_CELLS * 4;
	return sum > lesson ? sum : lesson;
}

int weights_record_peek(struct span bytes, uint32_t n_cells, struct weights_record *ret)
{
	struct cursor c = cursor_of(bytes);
	cursor_skip(&c, 8);
	struct weights_record r = { .bytes = cursor_u32(&c) };
	uint8_t kind = cursor_u8(&c), label = cursor_u8(&c);
	r.n_groups = cursor_u16(&c);
	cursor_skip(&c, 8);
	r.time = (int64_t)cursor_u64(&c);
	r.id = take_id(&c);
	r.tag = cursor_u64(&c);
	if (c.overrun || r.bytes < WEIGHTS_RECORD_HEAD || r.bytes > record_max(n_cells) || kind < WEIGHTS_RECORD_LESSON ||
	    kind > WEIGHTS_RECORD_SUM || label > WEIGHTS_SPAM || r.n_groups > LIMIT_LESSON_GROUPS)
		return ERR_SYNTAX;
	r.kind = (enum weights_record_kind)kind;
	r.label = (enum weights_label)label;
	*ret = r;
	return 0;
}

int weights_record_read(struct span bytes, uint32_t n_cells, struct weights_record *ret)
{
	struct weights_record r;
	if (weights_record_peek(bytes, n_cells, &r) < 0 || r.bytes > bytes.n)
		return ERR_SYNTAX;
	struct span whole = span_first(bytes, r.bytes);
	struct cursor c = cursor_of(whole);
	if (cursor_u64(&c) != XXH3_64bits(whole.p + 8, whole.n - 8))
		return ERR_SYNTAX;
	r.payload = span_skip(whole, WEIGHTS_RECORD_HEAD);
	*ret = r;
	return 0;
}

int weights_record_groups(const struct weights_record *record, uint32_t n_cells, struct arena *arena, struct weights_group **ret)
{
	if (record->kind == WEIGHTS_RECORD_SUM)
		return ERR_SYNTAX;
	struct cursor c = cursor_of(record->payload);
	struct weights_group *groups = arena_alloc(arena, record->n_groups * sizeof *groups);
	uint64_t cells = 0;
	for (uint32_t i = 0; i < record->n_groups; i++) {
		int err = group_take(&c, n_cells, arena, &groups[i]);
		if (err < 0)
			return err;
		if ((cells += groups[i].n) > LIMIT_LESSON_CELLS)
			return ERR_LIMIT;
	}
	if (cursor_left(&c))
		return ERR_SYNTAX;
	*ret = groups;
	return 0;
}

struct weights_sum weights_record_counts(const struct weights_record *record)
{
	struct cursor c = cursor_of(record->payload);
	struct weights_sum sum = { .spam = cursor_u64(&c) };
	sum.ham = cursor_u64(&c);
	sum.forgotten = cursor_u64(&c);
	return sum;
}

int weights_record_sources(const struct weights_record *record, struct weights_source sources[], uint32_t *n)
{
	struct cursor c = cursor_of(record->payload);
	cursor_skip(&c, 24);
	uint32_t more = cursor_u32(&c);
	cursor_skip(&c, 4);
	if (more > LIMIT_WEIGHTS_SOURCES)
		return ERR_SYNTAX;
	for (uint32_t i = 0, j; i < more && !c.overrun; i++) {
		struct weights_source source = { .store = take_id(&c) };
		source.mark = cursor_u64(&c);
		for (j = 0;
		     j < *n && (sources[j].mark != source.mark || memcmp(&sources[j].store, &source.store, sizeof source.store) != 0);)
			j++;
		if (j < *n)
			continue;
		if (*n == LIMIT_WEIGHTS_SOURCES)
			return ERR_LIMIT;
		sources[(*n)++] = source;
	}
	return c.overrun ? ERR_SYNTAX : 0;
}

int weights_record_sum(const struct weights_record *record, uint32_t n_cells, struct arena *arena, struct weights_sum *ret)
{
	struct weights_sum sum = weights_record_counts(record);
	struct cursor c = cursor_of(record->payload);
	cursor_skip(&c, 24);
	sum.n_sources = cursor_u32(&c);
	cursor_skip(&c, 4);
	if (record->kind != WEIGHTS_RECORD_SUM || c.overrun || sum.n_sources > LIMIT_WEIGHTS_SOURCES ||
	    cursor_left(&c) != (size_t)sum.n_sources * SOURCE_BYTES + (size_t)n_cells * 4)
		return ERR_SYNTAX;
	sum.sources = arena_alloc(arena, sum.n_sources * sizeof *sum.sources);
	for (uint32_t i = 0; i < sum.n_sources; i++) {
		sum.sources[i].store = take_id(&c);
		sum.sources[i].mark = cursor_u64(&c);
	}
	sum.cells = arena_alloc(arena, (size_t)n_cells * sizeof *sum.cells);
	for (uint32_t i = 0; i < n_cells; i++)
		sum.cells[i] = (int32_t)cursor_u32(&c);
	*ret = sum;
	return 0;
}
