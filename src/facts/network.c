/* facts/network.c - see network.h */
#include "facts/network.h"
#include "base/err.h"
#include "base/limits.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Sizes and places of version 1, big-endian. */
enum {
	MAGIC_BYTES = 8,
	HEADER_AS = MAGIC_BYTES + 20, /* behind when, vendor, description and licence: offset and length of each table */
	HEADER_DATA = HEADER_AS + 8,
	HEADER_TREE = HEADER_DATA + 8,
	HEADER_POOL = HEADER_TREE + 16,
	HEADER_END = HEADER_POOL + 8,
	AS_BYTES = 8,    /* number, name */
	DATA_BYTES = 12, /* country, 2 unused, AS, flags, 2 unused */
	NODE_BYTES = 12, /* zero, one, network */
	NAME_MOST = 200,
};
static const uint32_t no_network = UINT32_MAX;
static const uint8_t magic[MAGIC_BYTES] = { 'L', 'O', 'C', 'D', 'B', 'X', 'X', 1 };

struct network {
	struct span file, as, data, tree, pool;
	uint32_t n_nodes, n_data, n_as;
	uint32_t v4_node;    /* of ::ffff:0:0/96 */
	uint32_t v4_network; /* the narrowest above it */
	uint8_t v4_bits;
};

static uint32_t number_at(struct span s, size_t at)
{
	uint32_t value;
	memcpy(&value, s.p + at, sizeof value);
	return be32toh(value);
}

static bool table(struct span file, size_t at, struct span *ret)
{
	uint64_t offset = number_at(file, at), length = number_at(file, at + 4);
	if (offset > file.n || length > file.n - offset)
		return false;
	*ret = span_of(file.p + offset, length);
	return true;
}

/* Where a walk through the tree stands. */
struct walk {
	uint32_t node, network;
	uint8_t depth, bits; /* bits: of the network met last */
};

static void walk_down(const struct network *n, const struct ip *ip, struct walk *walk, unsigned to)
{
	for (;;) {
		const uint8_t *node = n->tree.p + (size_t)walk->node * NODE_BYTES;
		uint32_t here[3];
		memcpy(here, node, sizeof here);
		if (here[2] != no_network) {
			walk->network = be32toh(here[2]);
			walk->bits = walk->depth;
		}
		if (walk->depth >= to)
			return;
		unsigned bit = ip->b[walk->depth / 8] >> (7 - walk->depth % 8) & 1;
		uint32_t next = be32toh(here[bit]);
		if (next == 0 || next >= n->n_nodes)
			return;
		walk->node = next;
		walk->depth++;
	}
}

static bool read_header(struct network *n)
{
	if (n->file.n < HEADER_END || memcmp(n->file.p, magic, sizeof magic) || !table(n->file, HEADER_AS, &n->as) ||
	    !table(n->file, HEADER_DATA, &n->data) || !table(n->file, HEADER_TREE, &n->tree) || !table(n->file, HEADER_POOL, &n->pool))
		return false;
	n->n_as = (uint32_t)(n->as.n / AS_BYTES);
	n->n_data = (uint32_t)(n->data.n / DATA_BYTES);
	n->n_nodes = (uint32_t)(n->tree.n / NODE_BYTES);
	if (!n->n_nodes)
		return false;
	struct ip mapped = ip_from_v4(0);
	struct walk walk = { 0, no_network, 0, 0 };
	walk_down(n, &mapped, &walk, 96);
	n->v4_node = walk.depth == 96 ? walk.node : no_network;
	n->v4_network = walk.network;
	n->v4_bits = walk.bits;
	return true;
}

int network_open(const char *path, struct arena *arena, struct network **ret_network, struct span *ret_error)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	void *mapped = MAP_FAILED;
	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size >= HEADER_END && (uint64_t)st.st_size <= LIMIT_NETWORK_DATABASE_BYTES)
		mapped = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	else if (fd >= 0)
		errno = EINVAL;
	int error = errno;
	if (fd >= 0)
		close(fd);
	if (mapped == MAP_FAILED) {
		*ret_error = error == EINVAL ? arena_printf(arena, "%s: this is no location database", path)
					     : arena_printf(arena, "%s: cannot read the location database: %s", path, strerror(error));
		return error == EINVAL ? ERR_SYNTAX : ERR_IO;
	}
	struct network *network = calloc(1, sizeof *network);
	if (!network)
		abort();
	network->file = span_of(mapped, (size_t)st.st_size);
	if (!read_header(network)) {
		network_close(network);
		*ret_error = arena_printf(arena, "%s: this is no location database of version 1", path);
		return ERR_SYNTAX;
	}
	*ret_network = network;
	return ERR_OK;
}

void network_close(struct network *network)
{
	if (!network)
		return;
	munmap((void *)(uintptr_t)network->file.p, network->file.n);
	free(network);
}

/* The table is sorted by number; names end in a NUL. */
static struct span name_of(const struct network *n, uint32_t as)
{
	uint32_t low = 0, high = n->n_as;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (number_at(n->as, (size_t)middle * AS_BYTES) < as)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == n->n_as || number_at(n->as, (size_t)low * AS_BYTES) != as)
		return span_none;
	struct span name = span_first(span_skip(n->pool, number_at(n->as, (size_t)low * AS_BYTES + 4)), NAME_MOST);
	return span_first(name, span_find_byte(name, 0, 0));
}

static struct ip_net net_of(const struct ip *ip, uint8_t bits)
{
	struct ip_net net = { *ip, bits, false };
	for (unsigned bit = bits; bit < 128; bit++)
		net.ip.b[bit / 8] &= (uint8_t) ~(0x80u >> bit % 8);
	return net;
}

static bool is_letter(uint8_t c) { return c >= 'A' && c <= 'Z'; }

bool network_find(const struct network *n, const struct ip *ip, struct network_entry *ret)
{
	struct walk walk = { 0, no_network, 0, 0 };
	bool v4 = ip_is_v4(ip);
	if (v4)
		walk = (struct walk){ n->v4_node, n->v4_network, 96, n->v4_bits };
	if (walk.node != no_network)
		walk_down(n, ip, &walk, 128);
	if (walk.network >= n->n_data)
		return false;
	size_t at = (size_t)walk.network * DATA_BYTES;
	*ret = (struct network_entry){ .as = number_at(n->data, at + 4), .net = net_of(ip, walk.bits) };
	if (is_letter(n->data.p[at]) && is_letter(n->data.p[at + 1]))
		memcpy(ret->country, n->data.p + at, 2);
	ret->name = ret->as ? name_of(n, ret->as) : span_none;
	return true;
}

void network_answer(const void *context, struct arena *arena, struct answer *answer)
{
	struct network_entry entry;
	struct ip ip;
	char text[IP_TEXT_MAX];
	answer->status = ANSWER_NXDOMAIN;
	if (!ip_parse(answer->question.name, &ip) || !network_find(context, &ip, &entry))
		return;
	bool v4 = ip_is_v4(&ip) && entry.net.bits >= 96;
	ip_format(&entry.net.ip, text);
	answer->status = ANSWER_OK;
	*(struct span *)vec_push(arena, &answer->records) =
	    arena_printf(arena, "AS%u %s %s/%d %.*s", entry.as, entry.country[0] ? entry.country : "--", text,
			 v4 ? entry.net.bits - 96 : entry.net.bits, SPAN_ARG(entry.name));
}

bool network_record(struct span record, struct network_entry *ret)
{
	struct network_entry entry = { 0 };
	struct span rest = record, as, country, net;
	uint64_t number;
	if (!span_split(&rest, ' ', &as) || !span_split(&rest, ' ', &country) || !span_split(&rest, ' ', &net) ||
	    !span_starts(as, SPAN("AS")) || !span_to_uint(span_skip(as, 2), UINT32_MAX, &number) || country.n != 2 ||
	    !ip_net_parse(net, &entry.net))
		return false;
	entry.as = (uint32_t)number;
	if (is_letter(country.p[0]) && is_letter(country.p[1]))
		memcpy(entry.country, country.p, 2);
	entry.name = rest;
	*ret = entry;
	return true;
}
