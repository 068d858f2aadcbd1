/* facts/address_set.c - see address_set.h; how the bytes lie stands in address_format.h. */
#include "base/err.h"
#include "facts/address_format.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

struct plane {
	const uint32_t *directory;
	const uint8_t *items;
	const struct address_code *codes;
	uint64_t n;
	uint64_t near_bits, near_mask; /* of narrow ones: the first 64 bits of these */
	address_key head_bits, head_mask;
	uint64_t item_mask, code_mask, suffix_mask; /* of narrow ones */
	uint8_t head, suffix, code, item, shift;    /* item: bytes */
	bool narrow;                                /* what tells keys apart is in their first 64 bits, and so is an item */
};

struct address_set {
	struct plane planes[PLANES];
	const struct address_class_record *classes;
	const uint8_t *texts;
	uint32_t n_classes;
	struct address_set_size size;
	void *map; /* ours to unmap, or NULL */
	size_t map_n;
};

/* --- a look-up --- */

/* How many of n sorted items are at or before last. As long as n is at most twice the window there is no branch to guess wrong, so that the
 * processor is at the next look-ups while this one waits for its memory. */
typedef uint16_t lanes16 __attribute__((vector_size(16)));
typedef uint32_t lanes32 __attribute__((vector_size(16)));

static inline uint64_t count16(const uint16_t *items, uint64_t n, uint16_t last)
{
	static const lanes16 ordinals[] = {
		{ 0, 1, 2, 3, 4, 5, 6, 7 },
		{ 8, 9, 10, 11, 12, 13, 14, 15 },
		{ 16, 17, 18, 19, 20, 21, 22, 23 },
		{ 24, 25, 26, 27, 28, 29, 30, 31 },
	};
	enum { WINDOW = 32, LANES = 8 };
	const uint16_t *v = items;
	while (__builtin_expect(n > 2 * WINDOW, 0)) {
		v += n / 2 & -(uint64_t)(v[n / 2 - 1] <= last);
		n -= n / 2;
	}
	uint64_t over = n > WINDOW ? n - WINDOW : 0;
	v += over & -(uint64_t)(v[over - (over > 0)] <= last);
	uint16_t within = (uint16_t)(n - over);
	lanes16 counts = { 0 }, item;
	for (unsigned i = 0; i < WINDOW / LANES; i++) {
		memcpy(&item, v + i * LANES, sizeof item);
		counts -= (lanes16)(item <= last) & (lanes16)(ordinals[i] < within);
	}
	uint64_t halves[2];
	memcpy(halves, &counts, sizeof halves);
	return (uint64_t)(v - items) + ((halves[0] + halves[1]) * 0x0001000100010001u >> 48);
}

static inline uint64_t count32(const uint32_t *items, uint64_t n, uint32_t last)
{
	static const lanes32 ordinals[] = { { 0, 1, 2, 3 }, { 4, 5, 6, 7 } };
	enum { WINDOW = 8, LANES = 4 };
	const uint32_t *v = items;
	while (__builtin_expect(n > 2 * WINDOW, 0)) {
		v += n / 2 & -(uint64_t)(v[n / 2 - 1] <= last);
		n -= n / 2;
	}
	uint64_t over = n > WINDOW ? n - WINDOW : 0;
	v += over & -(uint64_t)(v[over - (over > 0)] <= last);
	uint32_t within = (uint32_t)(n - over);
	lanes32 counts = { 0 }, item;
	for (unsigned i = 0; i < WINDOW / LANES; i++) {
		memcpy(&item, v + i * LANES, sizeof item);
		counts -= (lanes32)(item <= last) & (lanes32)(ordinals[i] < within);
	}
	uint64_t halves[2];
	memcpy(halves, &counts, sizeof halves);
	return (uint64_t)(v - items) + ((halves[0] + halves[1]) * 0x0000000100000001u >> 32);
}

static inline uint64_t count64(const uint64_t *items, uint64_t n, uint64_t last)
{
	const uint64_t *v = items;
	for (uint64_t half; n; n -= half) {
		half = (n + 1) / 2;
		v += half & -(uint64_t)(v[half - 1] <= last);
	}
	return (uint64_t)(v - items);
}

static inline uint64_t narrow_item(const struct plane *p, uint64_t i)
{
	uint64_t word;
	memcpy(&word, p->items + i * p->item, sizeof word);
	return word & p->item_mask;
}

static inline uint64_t count_items(const struct plane *p, uint64_t from, uint64_t n, uint64_t last)
{
	switch (p->item) {
	case sizeof(uint16_t): return count16((const uint16_t *)p->items + from, n, (uint16_t)last);
	case sizeof(uint32_t): return count32((const uint32_t *)p->items + from, n, (uint32_t)last);
	default: return count64((const uint64_t *)p->items + from, n, last);
	}
}

/* How many items of the plane are at or before the key; *ret_exact: the last of them is the key. */
static inline uint64_t search_narrow(const struct plane *p, uint64_t key, bool *ret_exact)
{
	if (__builtin_expect((key & p->near_mask) != p->near_bits, 0)) {
		*ret_exact = false;
		return key < p->near_bits ? 0 : p->n;
	}
	uint64_t value = key << p->head >> p->shift;
	const uint32_t *bounds = &p->directory[value >> p->suffix];
	uint64_t wanted = (value & p->suffix_mask) << p->code, last = wanted | p->code_mask, from = bounds[0];
	uint64_t count = count_items(p, from, bounds[1] - from, last);
	*ret_exact = (count > 0) & (narrow_item(p, from + count - (count > 0)) >= wanted);
	return from + count;
}

static address_key wide_suffix(const struct plane *p, uint64_t i)
{
	address_key low, high = 0;
	const uint8_t *bytes = p->items + i * p->item;
	memcpy(&low, bytes, sizeof low);
	memcpy(&high, bytes + sizeof low, 4);
	low = low >> p->code | (p->code ? high << (128 - p->code) : 0);
	return low & address_low_mask(p->suffix);
}

static uint64_t search_wide(const struct plane *p, address_key key, bool *ret_exact)
{
	*ret_exact = false;
	if ((key & p->head_mask) != p->head_bits)
		return key < p->head_bits ? 0 : p->n;
	address_key value = key << p->head >> p->shift, wanted = value & address_low_mask(p->suffix), found = 0;
	const uint32_t *bounds = &p->directory[(uint64_t)(value >> p->suffix)];
	uint64_t from = bounds[0], at = from, n = bounds[1] - from;
	while (n) {
		uint64_t half = (n + 1) / 2;
		address_key item = wide_suffix(p, at + half - 1);
		if (item <= wanted) {
			at += half;
			found = item;
		}
		n -= half;
	}
	*ret_exact = at > from && found == wanted;
	return at;
}

static inline uint64_t search(const struct plane *p, address_key key, bool *ret_exact)
{
	return p->narrow ? search_narrow(p, (uint64_t)(key >> 64), ret_exact) : search_wide(p, key, ret_exact);
}

static inline struct address_code code_of(const struct plane *p, uint64_t i)
{
	uint32_t word;
	memcpy(&word, p->items + i * p->item, sizeof word);
	return p->codes[word & p->code_mask];
}

static inline bool find_host(const struct plane *p, address_key key, struct address_match *ret)
{
	bool exact;
	uint64_t at = search(p, key, &exact);
	if (!exact)
		return false;
	struct address_code code = code_of(p, at - 1);
	*ret = (struct address_match){ code.class, code.bits };
	return true;
}

static inline bool find_range(const struct plane *p, address_key key, struct address_match *ret)
{
	bool exact;
	uint64_t at = search(p, key, &exact);
	if (at == 0)
		return false;
	struct address_code code = code_of(p, at - 1);
	*ret = (struct address_match){ code.class, code.bits };
	return code.class != ADDRESS_NOTHING;
}

bool address_set_find(const struct address_set *set, const struct ip *ip, struct address_match *ret)
{
	const struct plane *planes = set->planes;
	if (ip_is_v4(ip)) {
		address_key key = (address_key)ip_v4(ip) << 96;
		return find_host(&planes[PLANE_V4_32], key, ret) || find_range(&planes[PLANE_V4_RANGES], key, ret);
	}
	address_key key = address_key_of(ip, false);
	struct address_match range;
	if (find_host(&planes[PLANE_V6_128], key, ret))
		return true;
	bool found = find_range(&planes[PLANE_V6_RANGES], key, &range);
	if ((!found || range.bits < 64) && find_host(&planes[PLANE_V6_64], key & address_mask(64), ret))
		return true;
	if (found)
		*ret = range;
	return found;
}

enum { BATCH = 16, LINE = 64 };

/* Where a plane's directory tells of the key; its first entry, where nothing has to be known. */
static inline const uint32_t *bounds_of(const struct plane *p, uint64_t key)
{
	bool inside = p->narrow && (key & p->near_mask) == p->near_bits;
	return &p->directory[inside ? key << p->head >> p->shift >> p->suffix : 0];
}

static inline void fetch_items(const struct plane *p, const uint32_t *bounds)
{
	const uint8_t *items = p->items + (uint64_t)*bounds * p->item;
	__builtin_prefetch(items);
	__builtin_prefetch(items + LINE);
}

void address_set_find_many(const struct address_set *set, const struct ip *ips, size_t n, struct address_match *matches, bool *found)
{
	static const enum address_plane_id hosts[] = { [false] = PLANE_V6_64, [true] = PLANE_V4_32 };
	static const enum address_plane_id ranges[] = { [false] = PLANE_V6_RANGES, [true] = PLANE_V4_RANGES };
	for (size_t from = 0; from < n; from += BATCH) {
		size_t count = n - from < BATCH ? n - from : BATCH;
		const struct plane *host[BATCH], *range[BATCH];
		const uint32_t *host_bounds[BATCH], *range_bounds[BATCH];
		for (size_t i = 0; i < count; i++) {
			bool v4 = ip_is_v4(&ips[from + i]);
			uint64_t key = (uint64_t)(address_key_of(&ips[from + i], v4) >> 64);
			host[i] = &set->planes[hosts[v4]];
			range[i] = &set->planes[ranges[v4]];
			__builtin_prefetch(host_bounds[i] = bounds_of(host[i], key));
			__builtin_prefetch(range_bounds[i] = bounds_of(range[i], key));
		}
		for (size_t i = 0; i < count; i++) {
			fetch_items(host[i], host_bounds[i]);
			fetch_items(range[i], range_bounds[i]);
		}
		for (size_t i = from; i < from + count; i++)
			found[i] = address_set_find(set, &ips[i], &matches[i]);
	}
}

/* --- what stands in it --- */

struct address_class address_set_class(const struct address_set *set, uint16_t n)
{
	const struct address_class_record *c = &set->classes[n];
	return (struct address_class){ span_of(set->texts + c->name_at, c->name_n), span_of(set->texts + c->text_at, c->text_n),
				       c->answer };
}

uint32_t address_set_classes(const struct address_set *set) { return set->n_classes; }
struct address_set_size address_set_size(const struct address_set *set) { return set->size; }

/* The key of an item whose bucket is known. */
static address_key key_at(const struct plane *p, uint64_t bucket, uint64_t i)
{
	address_key value = (address_key)bucket << p->suffix | wide_suffix(p, i);
	unsigned shift = p->narrow ? p->shift + 64u : p->shift;
	return p->head_bits | value << shift >> p->head;
}

/* Networks that lie around where we are, the widest first. A network was seen when its first range was. */
struct open_networks {
	struct ip_net v[129];
	unsigned n;
};

static bool seen_before(struct open_networks *open, const struct ip_net *net, const struct ip *at)
{
	while (open->n && !ip_net_has(&open->v[open->n - 1], at))
		open->n--;
	const struct ip_net *last = open->n ? &open->v[open->n - 1] : NULL;
	if (last && last->bits == net->bits)
		return true;
	if (open->n < sizeof open->v / sizeof *open->v)
		open->v[open->n++] = *net;
	return false;
}

static bool each_of_plane(const struct plane *p, bool v4, bool ranges, bool (*visit)(void *, const struct ip_net *, uint16_t),
			  void *context)
{
	struct open_networks open = { .n = 0 };
	for (uint64_t i = 0, bucket = 0; i < p->n; i++) {
		struct address_code code = code_of(p, i);
		while (p->directory[bucket + 1] <= i)
			bucket++;
		address_key key = key_at(p, bucket, i);
		struct ip at = address_key_ip(key, v4);
		struct ip_net net = { address_key_ip(key & address_mask(code.bits - (v4 ? 96u : 0)), v4), code.bits, false };
		if (code.class == ADDRESS_NOTHING || (ranges && seen_before(&open, &net, &at)))
			continue;
		if (!visit(context, &net, code.class))
			return false;
	}
	return true;
}

bool address_set_each(const struct address_set *set, bool (*visit)(void *context, const struct ip_net *net, uint16_t class), void *context)
{
	for (unsigned i = 0; i < PLANES; i++)
		if (!each_of_plane(&set->planes[i], address_plane_kinds[i].v4, address_plane_kinds[i].bits == 0, visit, context))
			return false;
	return true;
}

/* --- opening: nothing of what follows is believed --- */

static int refuse(char why[ADDRESS_WHY_MAX], int err, const char *format, ...) __attribute__((format(printf, 3, 4)));
static int refuse(char why[ADDRESS_WHY_MAX], int err, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(why, ADDRESS_WHY_MAX, format, arguments);
	va_end(arguments);
	return err;
}

/* n things of that size at an aligned offset of the file. */
static bool lies_within(const struct address_header *h, uint64_t at, uint64_t n, uint64_t size)
{
	return at % 8 == 0 && at >= sizeof *h && at <= h->bytes - 8 && n <= (h->bytes - 8 - at) / size;
}

static bool codes_fit(const struct plane *p, const struct address_plane_kind *kind, uint32_t n_classes)
{
	for (uint64_t i = 0; i <= p->code_mask; i++) {
		struct address_code code = p->codes[i];
		bool nothing = code.class == ADDRESS_NOTHING && kind->bits == 0;
		if (!nothing && code.class >= n_classes)
			return false;
		if (code.bits > 128 || code.bits < (kind->v4 ? 96 : 0) || (kind->bits && code.bits != kind->bits))
			return false;
	}
	return true;
}

static bool directory_rises(const struct plane *p, unsigned bits)
{
	uint64_t n = (uint64_t)1 << bits;
	bool rises = p->directory[0] == 0 && p->directory[n] == p->n;
	for (uint64_t i = 0; i < n; i++)
		rises &= p->directory[i] <= p->directory[i + 1];
	return rises;
}

static bool read_plane(const struct address_header *h, unsigned id, struct plane *p)
{
	const struct address_plane_record *r = &h->planes[id];
	const struct address_plane_kind *kind = &address_plane_kinds[id];
	const uint8_t *bytes = (const uint8_t *)h;
	unsigned key_bits = r->head + r->directory + r->suffix, family_bits = kind->v4 ? 32 : 128;
	bool item_known = r->item == 2 || r->item == 4 || r->item == 8 || r->item == ADDRESS_ITEM_WIDE;
	if (r->n > UINT32_MAX || !item_known || r->directory < 1 || r->directory > 32 || key_bits > family_bits || r->head > 63 ||
	    r->code > 23 || r->item * 8 < r->suffix + r->code)
		return false;
	p->narrow = key_bits <= 64 && r->item <= 8;
	p->n = r->n;
	p->head = r->head;
	p->suffix = r->suffix;
	p->code = r->code;
	p->item = r->item;
	p->shift = (uint8_t)((p->narrow ? 64 : 128) - r->directory - r->suffix);
	p->head_mask = address_mask(r->head);
	p->head_bits = ((address_key)r->head_high << 64 | r->head_low);
	p->code_mask = ((uint64_t)1 << r->code) - 1;
	p->suffix_mask = p->narrow ? ((uint64_t)1 << r->suffix) - 1 : 0;
	p->item_mask = p->narrow ? (uint64_t)address_low_mask(p->item * 8u) : 0;
	p->near_mask = (uint64_t)(p->head_mask >> 64);
	p->near_bits = (uint64_t)(p->head_bits >> 64);
	if ((p->head_bits & ~p->head_mask) || (kind->v4 && !p->narrow) ||
	    !lies_within(h, r->directory_at, ((uint64_t)1 << r->directory) + 1, sizeof *p->directory) ||
	    !lies_within(h, r->items_at, r->n * p->item + ADDRESS_SPARE, 1) ||
	    !lies_within(h, r->codes_at, p->code_mask + 1, sizeof *p->codes))
		return false;
	p->directory = (const uint32_t *)(bytes + r->directory_at);
	p->items = bytes + r->items_at;
	p->codes = (const struct address_code *)(bytes + r->codes_at);
	return directory_rises(p, r->directory) && codes_fit(p, kind, h->n_classes);
}

static bool read_classes(const struct address_header *h, struct address_set *set)
{
	if (h->n_classes == 0 || h->n_classes > ADDRESS_CLASSES || !lies_within(h, h->texts_at, h->texts_n, 1) ||
	    !lies_within(h, h->classes_at, h->n_classes, sizeof *set->classes))
		return false;
	set->n_classes = h->n_classes;
	set->texts = (const uint8_t *)h + h->texts_at;
	set->classes = (const struct address_class_record *)((const uint8_t *)h + h->classes_at);
	for (uint32_t i = 0; i < h->n_classes; i++) {
		const struct address_class_record *c = &set->classes[i];
		if ((uint64_t)c->name_at + c->name_n > h->texts_n || (uint64_t)c->text_at + c->text_n > h->texts_n ||
		    c->name_n > ADDRESS_CLASS_NAME)
			return false;
	}
	return true;
}

int address_set_read(struct span bytes, const char *name, char why[ADDRESS_WHY_MAX], struct address_set **ret_set)
{
	const struct address_header *h = (const struct address_header *)bytes.p;
	uint64_t checksum;
	if (bytes.n < sizeof *h + sizeof checksum || memcmp(h->magic, ADDRESS_MAGIC, sizeof h->magic) != 0)
		return refuse(why, ERR_SYNTAX, "%s: is no list that `postern lists build` made", name);
	if (h->version != ADDRESS_VERSION)
		return refuse(why, ERR_UNSUPPORTED,
			      "%s: was made by another version of postern (format %u, this one reads %d): build it again", name, h->version,
			      ADDRESS_VERSION);
	if (h->bytes != bytes.n || bytes.n % 8)
		return refuse(why, ERR_SYNTAX, "%s: is damaged: it should have %llu bytes and has %zu", name, (unsigned long long)h->bytes,
			      bytes.n);
	memcpy(&checksum, bytes.p + bytes.n - sizeof checksum, sizeof checksum);
	if (XXH3_64bits(bytes.p, bytes.n - sizeof checksum) != checksum)
		return refuse(why, ERR_SYNTAX, "%s: is damaged: its checksum is wrong", name);
	struct address_set *set = calloc(1, sizeof *set);
	if (!set)
		abort();
	set->size = (struct address_set_size){ h->entries, h->bytes, h->made, checksum };
	bool sound = read_classes(h, set);
	for (unsigned i = 0; i < PLANES && sound; i++)
		sound = read_plane(h, i, &set->planes[i]);
	if (!sound) {
		free(set);
		return refuse(why, ERR_SYNTAX, "%s: is damaged: its parts do not fit together", name);
	}
	*ret_set = set;
	return 0;
}

int address_set_open_fd(int fd, const char *name, char why[ADDRESS_WHY_MAX], struct address_set **ret_set)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return refuse(why, ERR_IO, "%s: cannot be read: %s", name, strerror(errno));
	if (!S_ISREG(st.st_mode) || st.st_size == 0)
		return refuse(why, ERR_SYNTAX, "%s: is %s", name, S_ISREG(st.st_mode) ? "empty" : "no file");
	size_t n = (size_t)st.st_size;
	void *map = mmap(NULL, n, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
	if (map == MAP_FAILED)
		return refuse(why, ERR_IO, "%s: cannot be mapped: %s", name, strerror(errno));
	int err = address_set_read(span_of(map, n), name, why, ret_set);
	if (err < 0) {
		munmap(map, n);
		return err;
	}
	(*ret_set)->map = map;
	(*ret_set)->map_n = n;
	return 0;
}

int address_set_open(const char *path, char why[ADDRESS_WHY_MAX], struct address_set **ret_set)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return refuse(why, ERR_IO, "%s: cannot be opened: %s", path, strerror(errno));
	int err = address_set_open_fd(fd, path, why, ret_set);
	int error = errno;
	close(fd);
	errno = error;
	return err;
}

void address_set_close(struct address_set *set)
{
	if (!set)
		return;
	if (set->map)
		munmap(set->map, set->map_n);
	free(set);
}
