/* facts/address_build.c - see address_build.h; how the bytes lie stands in address_format.h. */
#include "facts/address_build.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/vec.h"
#include "facts/address_column.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <xxhash.h>

enum {
	FIRST_SLOTS = 64,
	DIRECTORY_MAX = 28, /* bits: a gigabyte */
	WIDTHS = 129,
};

/* Items may have these sizes, for their bits; and of each size so many may be in a bucket on average, that a look-up is one step. */
static const struct {
	uint8_t bytes, bits, of_bucket;
} item_sizes[] = { { 2, 16, 48 }, { 4, 32, 8 }, { 8, 64, 4 }, { ADDRESS_ITEM_WIDE, 160, 4 } };

struct address_build {
	struct address_column columns[PLANES]; /* of ranges: the networks, until they are cut */
	struct arena arena;
	VEC(struct address_class) classes;
	uint32_t *slots, n_slots; /* number of a class + 1 by the hash of what it is */
	struct {
		uint8_t *p;
		uint64_t n;
	} out;
};

static void *need(void *p)
{
	if (!p)
		abort();
	return p;
}

struct address_build *address_build_new(void)
{
	struct address_build *b = need(calloc(1, sizeof *b));
	uint16_t exception;
	arena_init(&b->arena);
	b->n_slots = FIRST_SLOTS;
	b->slots = need(calloc(b->n_slots, sizeof *b->slots));
	for (unsigned i = 0; i < PLANES; i++)
		b->columns[i].v4 = address_plane_kinds[i].v4;
	address_build_class(b, &(struct address_class){ SPAN("none"), span_none, 0 }, &exception);
	return b;
}

void address_build_free(struct address_build *b)
{
	if (!b)
		return;
	for (unsigned i = 0; i < PLANES; i++)
		address_column_free(&b->columns[i]);
	arena_release(&b->arena);
	free(b->slots);
	free(b->out.p);
	free(b);
}

/* --- entries --- */

static uint32_t *slot_of(struct address_build *b, const struct address_class *class)
{
	uint64_t hash =
	    XXH3_64bits_withSeed(class->text.p, class->text.n, XXH3_64bits_withSeed(class->name.p, class->name.n, class->answer));
	for (;; hash++) {
		uint32_t *slot = &b->slots[hash & (b->n_slots - 1)];
		const struct address_class *c = *slot ? &b->classes.v[*slot - 1] : NULL;
		if (!c || (c->answer == class->answer && span_eq(c->name, class->name) && span_eq(c->text, class->text)))
			return slot;
	}
}

static void more_slots(struct address_build *b)
{
	free(b->slots);
	b->n_slots *= 2;
	b->slots = need(calloc(b->n_slots, sizeof *b->slots));
	for (uint32_t i = 0; i < b->classes.n; i++)
		*slot_of(b, &b->classes.v[i]) = i + 1;
}

int address_build_class(struct address_build *b, const struct address_class *class, uint16_t *ret)
{
	uint32_t *slot = slot_of(b, class);
	if (!*slot) {
		if (b->classes.n == ADDRESS_CLASSES)
			return ERR_LIMIT;
		struct address_class *c = vec_push(&b->arena, &b->classes);
		*c = (struct address_class){ arena_dup(&b->arena, class->name), arena_dup(&b->arena, class->text), class->answer };
		*slot = b->classes.n;
		if (b->classes.n * 2 > b->n_slots)
			more_slots(b);
		*ret = (uint16_t)(b->classes.n - 1);
		return 0;
	}
	*ret = (uint16_t)(*slot - 1);
	return 0;
}

static void add(struct address_build *b, address_key key, bool v4, unsigned bits, uint16_t class)
{
	struct address_item item = { key & address_mask(bits - (v4 ? 96 : 0)), class, (uint8_t)bits };
	enum address_plane_id plane = v4            ? bits == 128 ? PLANE_V4_32 : PLANE_V4_RANGES
				      : bits == 128 ? PLANE_V6_128
				      : bits == 64  ? PLANE_V6_64
						    : PLANE_V6_RANGES;
	address_column_push(&b->columns[plane], &item);
}

void address_build_add(struct address_build *b, const struct ip_net *net, uint16_t class)
{
	bool v4 = net->bits >= 96 && ip_is_v4(&net->ip);
	add(b, address_key_of(&net->ip, v4), v4, net->bits, net->exclude ? ADDRESS_EXCEPTION : class);
}

bool address_build_add_range(struct address_build *b, const struct ip *first_ip, const struct ip *last_ip, uint16_t class)
{
	bool v4 = ip_is_v4(first_ip);
	address_key first = address_key_of(first_ip, v4), last = address_key_of(last_ip, v4) | address_low_mask(v4 ? 96 : 0), end;
	if (ip_is_v4(last_ip) != v4 || first > last)
		return false;
	do {
		unsigned bits = address_key_widest(first, last, v4);
		add(b, first, v4, bits + (v4 ? 96 : 0), class);
		end = first | address_low_mask(128 - bits);
		first = end + 1;
	} while (end != last);
	return true;
}

uint64_t address_build_added(const struct address_build *b)
{
	uint64_t n = 0;
	for (unsigned i = 0; i < PLANES; i++)
		n += b->columns[i].n;
	return n;
}

/* --- the bytes --- */

/* n zeroed bytes at the end, rounded up to 8; returns their offset. */
static uint64_t more(struct address_build *b, uint64_t n)
{
	uint64_t at = b->out.n;
	n = (n + 7) / 8 * 8;
	b->out.p = need(realloc(b->out.p, at + n));
	memset(b->out.p + at, 0, n);
	b->out.n += n;
	return at;
}

static unsigned bits_for(uint64_t n) { return n <= 1 ? 0 : 64u - (unsigned)__builtin_clzll(n - 1); }

static unsigned zeros_before(address_key key)
{
	return key >> 64       ? (unsigned)__builtin_clzll((uint64_t)(key >> 64))
	       : (uint64_t)key ? 64u + (unsigned)__builtin_clzll((uint64_t)key)
			       : 128;
}

static unsigned zeros_behind(address_key key)
{
	return (uint64_t)key ? (unsigned)__builtin_ctzll((uint64_t)key)
	       : key >> 64   ? 64u + (unsigned)__builtin_ctzll((uint64_t)(key >> 64))
			     : 128;
}

static unsigned at_most(unsigned n, unsigned most) { return n < most ? n : most; }

/* How the bits of sorted keys are shared out (address_format.h): so that directory and items together are smallest, and buckets not large.
 */
static void share_out(const struct address_column *c, const struct address_plane_kind *kind, struct address_plane_record *r)
{
	unsigned width = kind->v4 ? 32 : 128, same = 0;
	address_key all = 0, first = c->n ? address_column_get(c, 0).key : 0;
	if (kind->bits) {
		width = kind->bits - (kind->v4 ? 96u : 0);
	} else {
		for (uint64_t i = 0; i < c->n; i++)
			all |= address_column_get(c, i).key;
		width = 128 - at_most(zeros_behind(all), 127);
	}
	if (c->n)
		same = zeros_before(first ^ address_column_get(c, c->n - 1).key);
	r->n = c->n;
	r->head = (uint8_t)at_most(same, at_most(width - 1, 63));
	address_key head = first & address_mask(r->head);
	r->head_high = (uint64_t)(head >> 64);
	r->head_low = (uint64_t)head;
	unsigned rest = width - r->head;
	uint64_t smallest = UINT64_MAX;
	for (unsigned d = 1; d <= at_most(rest, DIRECTORY_MAX); d++) {
		unsigned size = 0;
		while (rest - d + r->code > item_sizes[size].bits)
			size++;
		uint64_t bytes = ((uint64_t)4 << d) + c->n * item_sizes[size].bytes;
		if (bytes >= smallest || (c->n >> d > item_sizes[size].of_bucket && d < at_most(rest, DIRECTORY_MAX)))
			continue;
		smallest = bytes;
		r->directory = (uint8_t)d;
		r->suffix = (uint8_t)(rest - d);
		r->item = item_sizes[size].bytes;
	}
}

/* The place of a pair of class and width in a table of all pairs. */
static size_t pair_of(const struct address_build *b, const struct address_item *item)
{
	size_t class = item->class == ADDRESS_NOTHING ? b->classes.n : item->class;
	return class * WIDTHS + item->bits;
}

/* Numbers the pairs that occur, in the order in which they do; returns the number of each pair, + 1. */
static uint32_t *number_codes(struct address_build *b, const struct address_column *c, unsigned bits, struct address_plane_record *r)
{
	uint32_t *numbers = need(calloc((b->classes.n + 1) * (size_t)WIDTHS, sizeof *numbers)), n = 0;
	struct address_code *codes = need(malloc(sizeof *codes));
	uint64_t room = 1;
	for (uint64_t i = 0; i < c->n; i++) {
		struct address_item item = address_column_get(c, i);
		uint32_t *number = &numbers[pair_of(b, &item)];
		if (*number)
			continue;
		if (n == room)
			codes = need(realloc(codes, (room *= 2) * sizeof *codes));
		codes[n] = (struct address_code){ item.class, item.bits, 0 };
		*number = ++n;
	}
	r->code = (uint8_t)bits_for(n);
	uint64_t places = (uint64_t)1 << r->code; /* numbers that do not occur repeat the first */
	r->codes_at = more(b, places * sizeof *codes);
	struct address_code unused = { ADDRESS_EXCEPTION, (uint8_t)(bits ? bits : 128), 0 };
	for (uint64_t i = 0; i < places; i++)
		memcpy(b->out.p + r->codes_at + i * sizeof *codes, i < n ? &codes[i] : n ? codes : &unused, sizeof *codes);
	free(codes);
	return numbers;
}

static void put_plane(struct address_build *b, unsigned id, const struct address_column *c, struct address_plane_record *r)
{
	uint32_t *numbers = number_codes(b, c, address_plane_kinds[id].bits, r);
	share_out(c, &address_plane_kinds[id], r);
	uint64_t buckets = (uint64_t)1 << r->directory;
	unsigned skip = 128u - r->head - r->directory - r->suffix;
	r->directory_at = more(b, (buckets + 1) * sizeof(uint32_t));
	r->items_at = more(b, c->n * r->item + ADDRESS_SPARE);
	uint32_t *directory = (uint32_t *)(b->out.p + r->directory_at);
	uint8_t *items = b->out.p + r->items_at;
	for (uint64_t i = 0; i < c->n; i++) {
		struct address_item item = address_column_get(c, i);
		address_key value = item.key << r->head >> r->head >> skip, suffix = value & address_low_mask(r->suffix);
		address_key low = suffix << r->code | (numbers[pair_of(b, &item)] - 1);
		uint32_t high = r->code ? (uint32_t)(suffix >> (128 - r->code)) : 0;
		directory[(uint64_t)(value >> r->suffix) + 1]++;
		memcpy(items + i * r->item, &low, at_most(r->item, sizeof low));
		if (r->item > sizeof low)
			memcpy(items + i * r->item + sizeof low, &high, r->item - sizeof low);
	}
	for (uint64_t i = 0; i < buckets; i++)
		directory[i + 1] += directory[i];
	free(numbers);
}

static void put_classes(struct address_build *b, struct address_header *h)
{
	h->n_classes = b->classes.n;
	for (uint32_t i = 0; i < b->classes.n; i++)
		h->texts_n += b->classes.v[i].name.n + b->classes.v[i].text.n;
	h->texts_at = more(b, h->texts_n);
	h->classes_at = more(b, h->n_classes * sizeof(struct address_class_record));
	struct address_class_record *records = (struct address_class_record *)(b->out.p + h->classes_at);
	uint8_t *texts = b->out.p + h->texts_at;
	uint32_t at = 0;
	for (uint32_t i = 0; i < b->classes.n; i++) {
		const struct address_class *c = &b->classes.v[i];
		uint32_t text_at = at + (uint32_t)c->name.n;
		records[i] = (struct address_class_record){ at, text_at, c->answer, (uint8_t)c->name.n, (uint8_t)c->text.n, { 0 } };
		memcpy(texts + at, c->name.p, c->name.n);
		if (c->text.n)
			memcpy(texts + text_at, c->text.p, c->text.n);
		at = text_at + (uint32_t)c->text.n;
	}
}

int address_build_finish(struct address_build *b, int64_t made, struct span *ret)
{
	struct address_header h = { .magic = ADDRESS_MAGIC, .version = ADDRESS_VERSION, .made = made };
	if (address_build_added(b) > LIMIT_ADDRESS_ENTRIES)
		return ERR_LIMIT;
	if (b->out.n) {
		*ret = span_of(b->out.p, b->out.n);
		return 0;
	}
	more(b, sizeof h);
	put_classes(b, &h);
	for (unsigned i = 0; i < PLANES; i++) {
		struct address_column *c = &b->columns[i], ranges = { .v4 = c->v4 };
		address_column_sort(c);
		h.entries += c->n;
		if (address_plane_kinds[i].bits == 0) {
			address_column_cut(c, &ranges);
			address_column_free(c);
			*c = ranges;
		}
		put_plane(b, i, c, &h.planes[i]);
		address_column_free(c);
	}
	h.bytes = b->out.n + sizeof(uint64_t);
	memcpy(b->out.p, &h, sizeof h);
	uint64_t checksum = XXH3_64bits(b->out.p, b->out.n), at = more(b, sizeof checksum);
	memcpy(b->out.p + at, &checksum, sizeof checksum);
	*ret = span_of(b->out.p, b->out.n);
	return 0;
}

/* --- the file --- */

static bool write_all(int fd, struct span bytes)
{
	while (bytes.n) {
		ssize_t n = write(fd, bytes.p, bytes.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		bytes = span_skip(bytes, (size_t)n);
	}
	return fsync(fd) == 0;
}

/* What names the file must last, too. */
static bool sync_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char folder[4096] = ".";
	if (slash)
		snprintf(folder, sizeof folder, "%.*s", (int)(slash == path ? 1 : slash - path), path);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool good = fd >= 0 && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	return good;
}

int address_build_write(struct address_build *b, const char *path, int64_t made, char why[ADDRESS_WHY_MAX])
{
	struct span bytes;
	char beside[4096];
	int err = address_build_finish(b, made, &bytes);
	if (err < 0) {
		snprintf(why, ADDRESS_WHY_MAX, "%s: more than %u networks and addresses", path, LIMIT_ADDRESS_ENTRIES);
		return err;
	}
	int n = snprintf(beside, sizeof beside, "%s.%ld.new", path, (long)getpid());
	errno = ENAMETOOLONG;
	int fd = (size_t)n < sizeof beside ? open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644) : -1;
	bool good = fd >= 0 && write_all(fd, bytes);
	if (fd >= 0)
		good = close(fd) == 0 && good;
	good = good && rename(beside, path) == 0 && sync_folder(path);
	if (good)
		return 0;
	int error = errno;
	if (fd >= 0)
		unlink(beside);
	snprintf(why, ADDRESS_WHY_MAX, "%s: cannot be written: %s", path, strerror(error));
	errno = error;
	return ERR_IO;
}
