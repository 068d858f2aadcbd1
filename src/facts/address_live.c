/* facts/address_live.c - see address_live.h
 *
 * A page of header, a table of words (open addressing, twice as many as places), the places. A word holds half of its network's hash and
 * the number of a place; a place is written only while no word names it. So an entry changes by one store of one word: a writer that is
 * killed leaves the old word or the new one. A reader may hold a word whose place was given to another entry meanwhile: then checksum or
 * network are not what they should be, and the word is no longer what it was: it looks again. */
#include "facts/address_live.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "facts/address_why.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#define LIVE_MAGIC "postern live set"
#define GONE UINT32_MAX /* "place" of a word whose entry was dropped: a search goes on behind it */

enum {
	VERSION = 1,
	PLACES = LIMIT_ADDRESS_LIVE,
	WORDS = 2 * PLACES,
	WIDTHS = 129,
	LOOK_AGAIN = 64,     /* times that a reader does, before it takes a place for damaged */
	CLOCKS_APART = 3600, /* seconds by which those of two machines, or of one before and after it was set, may differ */
	NEIGHBOURS = 1024,   /* words that are looked at for an entry to make room */
	HEADER_BYTES = 4096  /* so that what follows begins on a page */
};

struct header {
	char magic[16];
	uint32_t version, places;
	uint64_t seed;       /* of the hashes, unknown outside: who is listed chooses its address */
	uint64_t changes;    /* odd while one is under way */
	uint64_t present[3]; /* a bit for each width of network */
	uint32_t counts[WIDTHS], used;
};
struct place {
	uint64_t checksum;
	struct address_live_entry entry;
};
struct live_file {
	union {
		struct header header;
		uint8_t page[HEADER_BYTES];
	};
	uint64_t words[WORDS]; /* 0: never used; else half of the hash, and number of the place + 1, or GONE */
	struct place places[PLACES];
};

struct address_live {
	struct live_file *file;
	int fd;                /* to lock; -1: for reading */
	uint64_t known;        /* changes when `taken` was true */
	uint32_t next;         /* where to look for a free place */
	uint8_t taken[PLACES]; /* by a word; the writer's own note */
};

/* --- reading --- */

static struct ip_net network_of(const struct ip *ip, unsigned bits)
{
	struct ip_net net = { *ip, (uint8_t)bits, false };
	unsigned whole = bits / 8;
	if (whole < 16) {
		net.ip.b[whole] &= (uint8_t)(0xff00u >> bits % 8);
		memset(net.ip.b + whole + 1, 0, 15 - whole);
	}
	return net;
}

static uint64_t hash_of(const struct live_file *f, const struct ip_net *net)
{
	uint8_t key[17];
	memcpy(key, net->ip.b, 16);
	key[16] = net->bits;
	return XXH3_64bits_withSeed(key, sizeof key, f->header.seed);
}

static uint64_t checksum_of(const struct live_file *f, const struct address_live_entry *entry)
{
	return XXH3_64bits_withSeed(entry, sizeof *entry, f->header.seed);
}

/* What the word names, if that is whole. */
static bool read_place(const struct live_file *f, uint64_t word, struct address_live_entry *ret)
{
	uint32_t number = (uint32_t)word - 1;
	if (number >= PLACES)
		return false;
	struct place place;
	memcpy(&place, &f->places[number], sizeof place);
	if (checksum_of(f, &place.entry) != place.checksum || place.entry.net.bits > 128)
		return false;
	place.entry.class[ADDRESS_CLASS_NAME] = place.entry.note[ADDRESS_LIVE_NOTE] = '\0';
	*ret = place.entry;
	return true;
}

/* The entry of a word that may change meanwhile. */
static bool read_word(const struct live_file *f, const uint64_t *at, uint64_t word, const struct ip_net *net,
		      struct address_live_entry *ret)
{
	for (unsigned i = 0; i < LOOK_AGAIN; i++) {
		if (read_place(f, word, ret) && ret->net.bits == net->bits && ip_eq(&ret->net.ip, &net->ip))
			return true;
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		uint64_t now = __atomic_load_n(at, __ATOMIC_ACQUIRE);
		if (now == word)
			return false; /* of another network with half the hash in common, or damaged */
		word = now;
	}
	return false;
}

/* Where the network's word stands; ret_free, if wanted: where it could. */
static bool find_word(const struct live_file *f, const struct ip_net *net, uint32_t *ret_at, uint32_t *ret_free,
		      struct address_live_entry *ret)
{
	uint64_t hash = hash_of(f, net);
	bool have_free = false;
	for (uint32_t i = 0, at = (uint32_t)hash & (WORDS - 1); i < WORDS; i++, at = (at + 1) & (WORDS - 1)) {
		uint64_t word = __atomic_load_n(&f->words[at], __ATOMIC_ACQUIRE);
		if (ret_free && !have_free && (word == 0 || (uint32_t)word == GONE)) {
			*ret_free = at;
			have_free = true;
		}
		if (word == 0)
			return false;
		if (word >> 32 == hash >> 32 && read_word(f, &f->words[at], word, net, ret)) {
			*ret_at = at;
			return true;
		}
	}
	return false;
}

/* One for a time that begins only later was written by a clock that ran ahead: it would be in force until the clock gets there again. */
static bool in_force(const struct address_live_entry *entry, int64_t now)
{
	return entry->expires == CLOCK_NONE || (entry->expires > now && entry->since <= now + CLOCKS_APART);
}

bool address_live_find(const struct address_live *live, const struct ip *ip, int64_t now, struct address_live_entry *ret)
{
	const struct live_file *f = live->file;
	bool v4 = ip_is_v4(ip);
	struct address_live_entry entry;
	uint32_t at;
	for (int i = 2; i >= (v4 ? 1 : 0); i--) {
		uint64_t present = __atomic_load_n(&f->header.present[i], __ATOMIC_ACQUIRE) & (i == 2 ? 1 : UINT64_MAX);
		if (v4 && i == 1)
			present &= ~(uint64_t)0 << 32; /* of IPv4: 96 to 128 */
		while (present) {
			unsigned bit = 63u - (unsigned)__builtin_clzll(present);
			struct ip_net net = network_of(ip, (unsigned)i * 64 + bit);
			if (find_word(f, &net, &at, NULL, &entry) && in_force(&entry, now)) {
				*ret = entry;
				return true;
			}
			present ^= (uint64_t)1 << bit;
		}
	}
	return false;
}

bool address_live_get(const struct address_live *live, const struct ip_net *net, struct address_live_entry *ret)
{
	struct ip_net clean = network_of(&net->ip, net->bits);
	uint32_t at;
	return find_word(live->file, &clean, &at, NULL, ret);
}

uint32_t address_live_count(const struct address_live *live) { return __atomic_load_n(&live->file->header.used, __ATOMIC_RELAXED); }
uint64_t address_live_changes(const struct address_live *live) { return __atomic_load_n(&live->file->header.changes, __ATOMIC_ACQUIRE); }

bool address_live_each(const struct address_live *live, bool (*visit)(void *context, const struct address_live_entry *entry), void *context)
{
	const struct live_file *f = live->file;
	struct address_live_entry entry;
	for (uint32_t at = 0; at < WORDS; at++) {
		uint64_t word = __atomic_load_n(&f->words[at], __ATOMIC_ACQUIRE);
		if (word && read_place(f, word, &entry) && !visit(context, &entry))
			return false;
	}
	return true;
}

/* --- writing: under the lock --- */

static void count_width(struct header *h, unsigned bits, int by)
{
	h->counts[bits] += (uint32_t)by;
	h->used += (uint32_t)by;
	uint64_t bit = (uint64_t)1 << bits % 64;
	if (h->counts[bits])
		__atomic_fetch_or(&h->present[bits / 64], bit, __ATOMIC_RELEASE);
	else
		__atomic_fetch_and(&h->present[bits / 64], ~bit, __ATOMIC_RELEASE);
}

static void forget_word(struct address_live *live, uint32_t at)
{
	struct live_file *f = live->file;
	/* Nothing lies behind it in a search: neither it nor what was dropped before it has to be passed any more. */
	bool last = f->words[(at + 1) & (WORDS - 1)] == 0;
	__atomic_store_n(&f->words[at], last ? 0 : (uint64_t)GONE, __ATOMIC_RELEASE);
	for (at = (at - 1) & (WORDS - 1); last && (uint32_t)f->words[at] == GONE; at = (at - 1) & (WORDS - 1))
		__atomic_store_n(&f->words[at], 0, __ATOMIC_RELEASE);
}

/* Counts anew after others wrote, or were killed while they did; words that name nothing whole go. */
static void take_stock(struct address_live *live)
{
	struct live_file *f = live->file;
	struct address_live_entry entry;
	uint32_t counts[WIDTHS] = { 0 }, used = 0;
	memset(live->taken, 0, sizeof live->taken);
	for (uint32_t at = 0; at < WORDS; at++) {
		uint32_t number = (uint32_t)f->words[at] - 1;
		if (f->words[at] == 0 || (uint32_t)f->words[at] == GONE)
			continue;
		if (!read_place(f, f->words[at], &entry) || live->taken[number]) {
			forget_word(live, at);
			continue;
		}
		live->taken[number] = 1;
		counts[entry.net.bits]++;
		used++;
	}
	for (unsigned bits = 0; bits < WIDTHS; bits++) {
		f->header.counts[bits] = counts[bits];
		count_width(&f->header, bits, 0);
	}
	f->header.used = used;
}

static int begin(struct address_live *live)
{
	struct header *h = &live->file->header;
	while (flock(live->fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return ERR_IO;
	bool stale = h->changes != live->known || h->changes & 1;
	__atomic_store_n(&h->changes, h->changes | 1, __ATOMIC_RELEASE);
	if (stale)
		take_stock(live);
	return 0;
}

static void end(struct address_live *live)
{
	struct header *h = &live->file->header;
	live->known = h->changes + 1;
	__atomic_store_n(&h->changes, live->known, __ATOMIC_RELEASE);
	flock(live->fd, LOCK_UN);
}

static void drop_at(struct address_live *live, uint32_t at, const struct address_live_entry *entry)
{
	live->taken[(uint32_t)live->file->words[at] - 1] = 0;
	forget_word(live, at);
	count_width(&live->file->header, entry->net.bits, -1);
}

/* Of some entries from a word on: drops the expired ones, or else the one that expires first. */
static bool drop_some(struct address_live *live, uint32_t from, uint32_t n, int64_t now)
{
	const struct live_file *f = live->file;
	struct address_live_entry entry, first = { .expires = INT64_MAX };
	uint32_t first_at = 0;
	bool dropped = false;
	for (uint32_t i = 0, at = from; i < n; i++, at = (at + 1) & (WORDS - 1)) {
		if (f->words[at] == 0 || !read_place(f, f->words[at], &entry) || entry.expires == CLOCK_NONE)
			continue;
		if (!in_force(&entry, now)) {
			drop_at(live, at, &entry);
			dropped = true;
		} else if (entry.expires < first.expires) {
			first = entry;
			first_at = at;
		}
	}
	if (!dropped && first.expires != INT64_MAX) {
		drop_at(live, first_at, &first);
		dropped = true;
	}
	return dropped;
}

static void copy_text(char *to, const char *from, size_t most)
{
	size_t n = strnlen(from, most);
	for (size_t i = 0; i < n; i++)
		to[i] = (uint8_t)from[i] < ' ' || from[i] == 0x7f ? ' ' : from[i];
}

static struct address_live_entry clean_entry(const struct address_live_entry *entry)
{
	struct address_live_entry clean;
	memset(&clean, 0, sizeof clean); /* what lies between the fields counts in the checksum */
	struct ip_net net = network_of(&entry->net.ip, entry->net.bits);
	memcpy(clean.net.ip.b, net.ip.b, sizeof net.ip.b);
	clean.net.bits = net.bits;
	clean.net.exclude = entry->net.exclude;
	copy_text(clean.class, entry->class, ADDRESS_CLASS_NAME);
	copy_text(clean.note, entry->note, ADDRESS_LIVE_NOTE);
	clean.since = entry->since;
	clean.expires = entry->expires;
	clean.hits = entry->hits;
	return clean;
}

static void write_place(struct address_live *live, uint32_t number, const struct address_live_entry *entry)
{
	struct place *place = &live->file->places[number];
	memcpy(&place->entry, entry, sizeof *entry);
	place->checksum = checksum_of(live->file, &place->entry);
	live->taken[number] = 1;
}

/* There is one. */
static uint32_t free_place(struct address_live *live)
{
	const uint8_t *found = memchr(live->taken + live->next, 0, PLACES - live->next);
	if (!found)
		found = memchr(live->taken, 0, PLACES);
	live->next = (uint32_t)(found - live->taken);
	return live->next;
}

int address_live_put(struct address_live *live, const struct address_live_entry *entry, int64_t now)
{
	if (live->fd < 0 || entry->net.bits > 128)
		return ERR_USAGE;
	struct address_live_entry clean = clean_entry(entry), old;
	struct live_file *f = live->file;
	uint64_t hash = hash_of(f, &clean.net);
	uint32_t at = 0, free_at = 0, from = (uint32_t)hash & (WORDS - 1);
	if (begin(live) < 0)
		return ERR_IO;
	/* One place stays free, for the next change of an entry there is. */
	bool known = find_word(f, &clean.net, &at, NULL, &old);
	if (!known && f->header.used >= PLACES - 1 && !drop_some(live, from, NEIGHBOURS, now) && !drop_some(live, from, WORDS, now)) {
		end(live);
		return ERR_LIMIT;
	}
	uint32_t number = free_place(live);
	if (!known && !find_word(f, &clean.net, &at, &free_at, &old))
		at = free_at;
	uint32_t before = known ? (uint32_t)f->words[at] - 1 : 0;
	write_place(live, number, &clean);
	if (!known)
		count_width(&f->header, clean.net.bits, 1);
	__atomic_store_n(&f->words[at], hash >> 32 << 32 | (number + 1), __ATOMIC_RELEASE);
	if (known)
		live->taken[before] = 0;
	end(live);
	return 0;
}

int address_live_drop(struct address_live *live, const struct ip_net *net)
{
	struct ip_net clean = network_of(&net->ip, net->bits > 128 ? 128 : net->bits);
	struct address_live_entry entry;
	uint32_t at;
	if (live->fd < 0)
		return ERR_USAGE;
	if (begin(live) < 0)
		return ERR_IO;
	bool known = find_word(live->file, &clean, &at, NULL, &entry);
	if (known)
		drop_at(live, at, &entry);
	end(live);
	return known ? 0 : ERR_NOT_FOUND;
}

/* --- the file --- */

static int map(int fd, const char *name, int protection, char why[ADDRESS_WHY_MAX], struct live_file **ret)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return address_refuse(why, ERR_IO, "%s: cannot be read: %s", name, strerror(errno));
	if (st.st_size != sizeof(struct live_file))
		return address_refuse(why, ERR_SYNTAX, "%s: is damaged: it should have %zu bytes", name, sizeof(struct live_file));
	struct live_file *f = mmap(NULL, sizeof *f, protection, MAP_SHARED, fd, 0);
	if (f == MAP_FAILED)
		return address_refuse(why, ERR_IO, "%s: cannot be mapped: %s", name, strerror(errno));
	if (memcmp(f->header.magic, LIVE_MAGIC, sizeof f->header.magic) == 0 && f->header.version == VERSION &&
	    f->header.places == PLACES) {
		*ret = f;
		return 0;
	}
	munmap(f, sizeof *f);
	return address_refuse(why, ERR_SYNTAX, "%s: is damaged, or another version's", name);
}

static struct address_live *new_live(struct live_file *file, int fd)
{
	struct address_live *live = calloc(1, sizeof *live);
	if (!live)
		abort();
	live->file = file;
	live->fd = fd;
	live->known = 1; /* never true: the first change takes stock */
	return live;
}

/* An empty set in that place; one that somebody else made meanwhile stays, unless it is to be replaced. All its bytes are taken from the
 * disk now, for later there would be no way to say that it is full. */
static bool make(const char *path, bool replace)
{
	struct header header = { .magic = LIVE_MAGIC, .version = VERSION, .places = PLACES };
	char beside[4096];
	int n = snprintf(beside, sizeof beside, "%s.%ld.new", path, (long)getpid());
	errno = ENAMETOOLONG;
	int fd = (size_t)n < sizeof beside ? open(beside, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640) : -1;
	if (fd < 0)
		return false;
	int error = posix_fallocate(fd, 0, sizeof(struct live_file));
	errno = error;
	bool good = error == 0 && getrandom(&header.seed, sizeof header.seed, 0) == sizeof header.seed &&
		    pwrite(fd, &header, sizeof header, 0) == sizeof header && fsync(fd) == 0 &&
		    (replace ? rename(beside, path) == 0 : link(beside, path) == 0 || errno == EEXIST);
	error = errno;
	close(fd);
	unlink(beside);
	errno = error;
	return good;
}

int address_live_open_fd(int fd, const char *name, char why[ADDRESS_WHY_MAX], struct address_live **ret)
{
	struct live_file *file;
	int err = map(fd, name, PROT_READ, why, &file);
	if (err < 0)
		return err;
	*ret = new_live(file, -1);
	return 0;
}

static int open_to_write(const char *path, char why[ADDRESS_WHY_MAX], struct address_live **ret)
{
	for (unsigned i = 0; i < 3; i++) {
		int fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0 && errno != ENOENT)
			return address_refuse(why, ERR_IO, "%s: cannot be opened: %s", path, strerror(errno));
		struct live_file *file;
		int err = fd < 0 ? ERR_NOT_FOUND : map(fd, path, PROT_READ | PROT_WRITE, why, &file);
		if (err == 0) {
			*ret = new_live(file, fd);
			return 0;
		}
		if (fd >= 0)
			close(fd);
		if (err == ERR_IO)
			return err;
		if (!make(path, err == ERR_SYNTAX))
			return address_refuse(why, ERR_IO, "%s: cannot be made: %s", path, strerror(errno));
	}
	return address_refuse(why, ERR_IO, "%s: cannot be made", path);
}

int address_live_open(const char *path, enum address_live_mode mode, char why[ADDRESS_WHY_MAX], struct address_live **ret)
{
	if (mode == ADDRESS_LIVE_WRITE)
		return open_to_write(path, why, ret);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return address_refuse(why, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: cannot be opened: %s", path, strerror(errno));
	int err = address_live_open_fd(fd, path, why, ret);
	close(fd);
	return err;
}

void address_live_close(struct address_live *live)
{
	if (!live)
		return;
	munmap(live->file, sizeof *live->file);
	if (live->fd >= 0)
		close(live->fd);
	free(live);
}
