/* facts/address_build.c - see address_build.h; how the bytes lie stands in address_format.h. */
#include "facts/address_build.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/vec.h"
#include "facts/address_why.h"
#include "facts/address_write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <xxhash.h>

enum { FIRST_SLOTS = 64 };

/* Columns: hosts of IPv4, its other networks, and those of each plane of IPv6. */
enum column { COLUMN_V4, COLUMN_V4_RANGES, COLUMN_V6, COLUMNS = COLUMN_V6 + PLANES };

struct address_build {
	struct address_column columns[COLUMNS]; /* of ranges: the networks, until they are cut */
	struct arena arena;
	VEC(struct address_class) classes;
	uint32_t *slots, n_slots; /* number of a class + 1 by the hash of what it is */
	struct address_output out;
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
	b->columns[COLUMN_V4].v4 = b->columns[COLUMN_V4_RANGES].v4 = true;
	address_build_class(b, &(struct address_class){ SPAN("none"), span_none, 0 }, &exception);
	return b;
}

void address_build_free(struct address_build *b)
{
	if (!b)
		return;
	for (unsigned i = 0; i < COLUMNS; i++)
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
	unsigned column = v4            ? bits == 128 ? COLUMN_V4 : COLUMN_V4_RANGES
			  : bits == 128 ? COLUMN_V6 + PLANE_128
			  : bits == 64  ? COLUMN_V6 + PLANE_64
					: COLUMN_V6 + PLANE_RANGES;
	address_column_push(&b->columns[column], &item);
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
	for (unsigned i = 0; i < COLUMNS; i++)
		n += b->columns[i].n;
	return n;
}

/* --- the bytes --- */

static void put_classes(struct address_build *b, struct address_header *h)
{
	h->n_classes = b->classes.n;
	for (uint32_t i = 0; i < b->classes.n; i++)
		h->texts_n += b->classes.v[i].name.n + b->classes.v[i].text.n;
	h->texts_at = address_write_more(&b->out, h->texts_n);
	h->classes_at = address_write_more(&b->out, h->n_classes * sizeof(struct address_class_record));
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
	address_write_more(&b->out, sizeof h);
	put_classes(b, &h);
	for (unsigned i = 0; i < COLUMNS; i++) {
		struct address_column *c = &b->columns[i], ranges = { .v4 = c->v4 };
		address_column_sort(c);
		h.entries += c->n;
		if (i == COLUMN_V4_RANGES || i == COLUMN_V6 + PLANE_RANGES) {
			address_column_cut(c, &ranges);
			address_column_free(c);
			*c = ranges;
		}
	}
	address_write_v4(&b->out, &b->columns[COLUMN_V4], &b->columns[COLUMN_V4_RANGES], b->classes.n, &h.v4);
	for (unsigned i = 0; i < PLANES; i++)
		address_write_plane(&b->out, i, &b->columns[COLUMN_V6 + i], b->classes.n, &h.planes[i]);
	for (unsigned i = 0; i < COLUMNS; i++)
		address_column_free(&b->columns[i]);
	h.bytes = b->out.n + sizeof(uint64_t);
	memcpy(b->out.p, &h, sizeof h);
	uint64_t checksum = XXH3_64bits(b->out.p, b->out.n), at = address_write_more(&b->out, sizeof checksum);
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
	if (err < 0)
		return address_refuse(why, err, "%s: more than %u networks and addresses", path, LIMIT_ADDRESS_ENTRIES);
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
	address_refuse(why, ERR_IO, "%s: cannot be written: %s", path, strerror(error));
	errno = error;
	return ERR_IO;
}
