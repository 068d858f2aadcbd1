/* facts/address_set.c - see address_set.h; how the bytes lie stands in address_format.h. */
#include "base/err.h"
#include "facts/address_plane.h"
#include "facts/address_v4.h"
#include "facts/address_why.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

struct address_set {
	struct address_v4 v4;
	struct address_plane planes[PLANES];
	const struct address_class_record *classes;
	const uint8_t *texts;
	uint32_t n_classes;
	struct address_set_size size;
	void *map; /* ours to unmap, or NULL */
	size_t map_n;
};

/* --- a look-up --- */

static __attribute__((noinline)) bool find_v6(const struct address_plane *planes, const struct ip *ip, struct address_match *ret)
{
	address_key key = address_key_of(ip, false);
	struct address_code code, host;
	bool found = address_plane_host(&planes[PLANE_128], key, &code);
	if (!found) {
		found = address_plane_range(&planes[PLANE_RANGES], key, &code);
		if ((!found || code.bits < 64) && address_plane_host(&planes[PLANE_64], key & address_mask(64), &host)) {
			found = true;
			code = host;
		}
	}
	if (found)
		*ret = (struct address_match){ code.class, code.bits };
	return found;
}

bool address_set_find(const struct address_set *set, const struct ip *ip, struct address_match *ret)
{
	if (__builtin_expect(!ip_is_v4(ip), 0))
		return find_v6(set->planes, ip, ret);
	uint32_t v4 = ip_v4(ip);
	struct address_code code = address_v4_find(&set->v4, address_v4_place(&set->v4, v4), v4);
	*ret = (struct address_match){ code.class, code.bits };
	return code.class != ADDRESS_NOTHING;
}

/* What a look-up reads first. */
static void fetch_place(const struct address_set *set, const struct ip *ip)
{
	if (ip_is_v4(ip)) {
		__builtin_prefetch(address_v4_place(&set->v4, ip_v4(ip)));
	} else {
		address_key key = address_key_of(ip, false);
		__builtin_prefetch(address_plane_place(&set->planes[PLANE_64], key));
		__builtin_prefetch(address_plane_place(&set->planes[PLANE_RANGES], key));
	}
}

/* And what then. */
static void fetch_rest(const struct address_set *set, const struct ip *ip)
{
	if (ip_is_v4(ip)) {
		address_v4_fetch(&set->v4, address_v4_place(&set->v4, ip_v4(ip)));
	} else {
		address_key key = address_key_of(ip, false);
		address_plane_fetch(&set->planes[PLANE_64], address_plane_place(&set->planes[PLANE_64], key));
		address_plane_fetch(&set->planes[PLANE_RANGES], address_plane_place(&set->planes[PLANE_RANGES], key));
	}
}

void address_set_find_many(const struct address_set *set, const struct ip *ips, size_t n, struct address_match *matches, bool *found)
{
	enum { AHEAD = 12, FAR_AHEAD = 2 * AHEAD }; /* about as many reads of memory as a processor has under way */
	for (size_t i = 0; i < n + FAR_AHEAD; i++) {
		if (i < n)
			fetch_place(set, &ips[i]);
		if (i >= AHEAD && i - AHEAD < n)
			fetch_rest(set, &ips[i - AHEAD]);
		if (i >= FAR_AHEAD)
			found[i - FAR_AHEAD] = address_set_find(set, &ips[i - FAR_AHEAD], &matches[i - FAR_AHEAD]);
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

struct visit {
	bool (*visit)(void *context, const struct ip_net *net, uint16_t class);
	void *context;
	struct open_networks open;
};

static bool visit_key(struct visit *v, struct ip at, bool v4, bool host, struct address_code code)
{
	struct ip_net net = { at, code.bits, false };
	if (!host) {
		address_key key = address_key_of(&at, v4) & address_mask(code.bits - (v4 ? 96u : 0));
		net.ip = address_key_ip(key, v4);
		if (code.class == ADDRESS_NOTHING || seen_before(&v->open, &net, &at))
			return true;
	}
	return v->visit(v->context, &net, code.class);
}

static bool visit_v4(void *visit, uint32_t ip, struct address_code code)
{
	return visit_key(visit, ip_from_v4(ip), true, code.bits == 128, code);
}

static bool visit_host(void *visit, address_key key, struct address_code code)
{
	return visit_key(visit, address_key_ip(key, false), false, true, code);
}

static bool visit_range(void *visit, address_key key, struct address_code code)
{
	return visit_key(visit, address_key_ip(key, false), false, false, code);
}

bool address_set_each(const struct address_set *set, bool (*visit)(void *context, const struct ip_net *net, uint16_t class), void *context)
{
	struct visit v4 = { .visit = visit, .context = context }, v6 = v4;
	return address_v4_each(&set->v4, visit_v4, &v4) && address_plane_each(&set->planes[PLANE_RANGES], visit_range, &v6) &&
	       address_plane_each(&set->planes[PLANE_64], visit_host, &v6) && address_plane_each(&set->planes[PLANE_128], visit_host, &v6);
}

/* --- opening: nothing of what follows is believed --- */

static bool read_classes(const struct address_header *h, struct address_set *set)
{
	if (h->n_classes == 0 || h->n_classes > ADDRESS_CLASSES || !address_lies_within(h, h->texts_at, h->texts_n, 1) ||
	    !address_lies_within(h, h->classes_at, h->n_classes, sizeof *set->classes))
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

bool address_set_begins(struct span bytes) { return span_starts(bytes, span_of((const uint8_t *)ADDRESS_MAGIC, sizeof ADDRESS_MAGIC - 1)); }

int address_set_read(struct span bytes, const char *name, char why[ADDRESS_WHY_MAX], struct address_set **ret_set)
{
	const struct address_header *h = (const struct address_header *)bytes.p;
	uint64_t checksum;
	if (bytes.n < sizeof *h + sizeof checksum || memcmp(h->magic, ADDRESS_MAGIC, sizeof h->magic) != 0)
		return address_refuse(why, ERR_SYNTAX, "%s: is no list that `postern lists build` made", name);
	if (h->version != ADDRESS_VERSION)
		return address_refuse(why, ERR_UNSUPPORTED,
				      "%s: was made by another version of postern (format %u, this one reads %d): build it again", name,
				      h->version, ADDRESS_VERSION);
	if (h->bytes != bytes.n || bytes.n % 8)
		return address_refuse(why, ERR_SYNTAX, "%s: is damaged: it should have %llu bytes and has %zu", name,
				      (unsigned long long)h->bytes, bytes.n);
	memcpy(&checksum, bytes.p + bytes.n - sizeof checksum, sizeof checksum);
	if (XXH3_64bits(bytes.p, bytes.n - sizeof checksum) != checksum)
		return address_refuse(why, ERR_SYNTAX, "%s: is damaged: its checksum is wrong", name);
	struct address_set *set = calloc(1, sizeof *set);
	if (!set)
		abort();
	set->size = (struct address_set_size){ h->entries, h->bytes, h->made, checksum };
	bool sound = read_classes(h, set) && address_v4_read(h, &set->v4);
	for (unsigned i = 0; i < PLANES && sound; i++)
		sound = address_plane_read(h, i, &set->planes[i]);
	if (!sound) {
		free(set);
		return address_refuse(why, ERR_SYNTAX, "%s: is damaged: its parts do not fit together", name);
	}
	*ret_set = set;
	return 0;
}

int address_set_open_fd(int fd, const char *name, char why[ADDRESS_WHY_MAX], struct address_set **ret_set)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return address_refuse(why, ERR_IO, "%s: cannot be read: %s", name, strerror(errno));
	if (!S_ISREG(st.st_mode) || st.st_size == 0)
		return address_refuse(why, ERR_SYNTAX, "%s: is %s", name, S_ISREG(st.st_mode) ? "empty" : "no file");
	size_t n = (size_t)st.st_size;
	void *map = mmap(NULL, n, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
	if (map == MAP_FAILED)
		return address_refuse(why, ERR_IO, "%s: cannot be mapped: %s", name, strerror(errno));
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
		return address_refuse(why, ERR_IO, "%s: cannot be opened: %s", path, strerror(errno));
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
