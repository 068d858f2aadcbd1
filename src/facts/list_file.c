/* facts/list_file.c - see list_file.h
 *
 * Networks are nested or apart, never overlapping otherwise: sorted, they are cut into ranges of which each knows its narrowest network,
 * so that a look-up is one binary search. Names stand in a table of hashes. */
#include "facts/list_file.h"
#include "base/ascii.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/vec.h"
#include "facts/address_set.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include <xxhash.h>

enum { DEPTH = 129, NOTHING = -1, STEP = 65536 };

struct entry {
	struct span text; /* as written, without "!" */
	struct span name; /* lower-case; span_none for a network */
	struct ip_net net;
	uint32_t line;
	bool exclude, alone; /* alone: not what lies below it */
};

struct range {
	struct ip from; /* to the next range's */
	int32_t entry;  /* NOTHING: no network */
};

struct list_file {
	struct arena arena;
	VEC(struct entry) entries;
	VEC(struct range) ranges;
	uint32_t *slots; /* of names: index of the entry + 1; slots_mask + 1 of them */
	uint32_t slots_mask;
	uint32_t names;
	struct address_set *set; /* NULL: it is text */
};

static bool is_name(struct span name)
{
	struct span rest = name, label;
	while (span_split(&rest, '.', &label)) {
		if (label.n == 0 || label.n > 63)
			return false;
		for (size_t i = 0; i < label.n; i++)
			if (!ascii_is_alnum(label.p[i]) && label.p[i] != '-' && label.p[i] != '_' && label.p[i] < 0x80)
				return false;
	}
	return name.n > 0 && name.n <= 253;
}

static bool is_mail_address(struct span text)
{
	size_t at = span_rfind_byte(text, '@');
	return at != SPAN_NPOS && at > 0 && is_name(span_skip(text, at + 1));
}

static bool looks_like_network(struct span text)
{
	for (size_t i = 0; i < text.n; i++)
		if (!ascii_is_digit(text.p[i]) && text.p[i] != '.' && text.p[i] != '/')
			return span_has(text, SPAN(":"));
	return true;
}

/* One entry without blanks; NULL, or what is wrong with it. */
static const char *read_entry(struct list_file *file, struct span text, uint32_t line)
{
	struct entry entry = { .line = line, .exclude = span_starts(text, SPAN("!")) };
	text = span_skip(text, entry.exclude);
	entry.text = arena_dup(&file->arena, text);
	entry.alone = span_starts(text, SPAN("="));
	text = span_skip(text, entry.alone);
	if (!entry.alone && looks_like_network(text)) {
		if (!ip_net_parse(text, &entry.net) || entry.net.exclude)
			return "this is no address and no network; write 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32";
	} else if (span_starts(text, SPAN(".")) ? !is_name(span_skip(text, 1)) : !is_name(text) && !is_mail_address(text)) {
		return "this is neither an address, a network, a domain nor a mail address";
	} else {
		entry.name = arena_lower(&file->arena, span_skip(text, span_starts(text, SPAN("."))));
		entry.alone |= span_has(text, SPAN("@"));
		file->names++;
	}
	*(struct entry *)vec_push(&file->arena, &file->entries) = entry;
	return NULL;
}

static int read_lines(struct list_file *file, struct span bytes, const char *path, struct arena *arena, struct span *ret_error)
{
	struct span rest = bytes, line;
	for (uint32_t number = 1; span_split(&rest, '\n', &line); number++) {
		struct span text = span_trim(span_first(line, span_find_byte(line, '#', 0)));
		const char *wrong = NULL;
		for (size_t i = 0; i < text.n && !wrong; i++)
			if (text.p[i] <= ' ' || text.p[i] == 0x7f)
				wrong = "one entry a line; remarks begin with #";
		if (text.n && !wrong)
			wrong = read_entry(file, text, number);
		if (wrong) {
			*ret_error = arena_printf(arena, "%s:%u: %s", path, number, wrong);
			return ERR_SYNTAX;
		}
	}
	return ERR_OK;
}

/* By first address, wider before narrower, later lines after earlier ones. */
static int compare_networks(const void *a, const void *b)
{
	const struct entry *x = *(const struct entry *const *)a, *y = *(const struct entry *const *)b;
	int order = memcmp(x->net.ip.b, y->net.ip.b, 16);
	return order ? order : x->net.bits != y->net.bits ? x->net.bits - y->net.bits : (x->line > y->line) - (x->line < y->line);
}

static struct ip first_of(const struct ip_net *net)
{
	struct ip ip = net->ip;
	for (unsigned bit = net->bits; bit < 128; bit++)
		ip.b[bit / 8] &= (uint8_t) ~(0x80u >> bit % 8);
	return ip;
}

/* The address behind its last; false when there is none. */
static bool behind(const struct ip_net *net, struct ip *ret)
{
	struct ip ip = net->ip;
	for (unsigned bit = net->bits; bit-- > 0;) {
		uint8_t one = (uint8_t)(0x80u >> bit % 8);
		ip.b[bit / 8] ^= one;
		if (ip.b[bit / 8] & one) {
			*ret = ip;
			return true;
		}
	}
	return false;
}

static void add_range(struct list_file *file, const struct ip *from, const struct entry *entry)
{
	int32_t index = entry ? (int32_t)(entry - file->entries.v) : NOTHING;
	if (file->ranges.n && ip_eq(&file->ranges.v[file->ranges.n - 1].from, from))
		file->ranges.n--; /* a narrower one begins at the same address */
	*(struct range *)vec_push(&file->arena, &file->ranges) = (struct range){ *from, index };
}

/* Networks of the stack that end at or before `at` are over: what surrounds them goes on behind them. */
static void close_until(struct list_file *file, const struct entry **stack, unsigned *depth, const struct ip *at)
{
	struct ip end;
	while (*depth && behind(&stack[*depth - 1]->net, &end) && (!at || memcmp(end.b, at->b, 16) <= 0)) {
		--*depth;
		add_range(file, &end, *depth ? stack[*depth - 1] : NULL);
	}
}

static void build_ranges(struct list_file *file)
{
	const struct entry **sorted = arena_alloc(&file->arena, (file->entries.n + 1) * sizeof *sorted), *stack[DEPTH];
	size_t n = 0;
	unsigned depth = 0;
	for (uint32_t i = 0; i < file->entries.n; i++)
		if (!file->entries.v[i].name.p) {
			file->entries.v[i].net.ip = first_of(&file->entries.v[i].net);
			sorted[n++] = &file->entries.v[i];
		}
	qsort(sorted, n, sizeof *sorted, compare_networks);
	for (size_t i = 0; i < n; i++) {
		close_until(file, stack, &depth, &sorted[i]->net.ip);
		if (depth && stack[depth - 1]->net.bits == sorted[i]->net.bits && ip_eq(&stack[depth - 1]->net.ip, &sorted[i]->net.ip))
			depth--; /* the same again: the later line decides */
		add_range(file, &sorted[i]->net.ip, sorted[i]);
		stack[depth++] = sorted[i];
	}
	close_until(file, stack, &depth, NULL);
}

static uint32_t *slot_of(const struct list_file *file, struct span name)
{
	for (uint64_t at = XXH3_64bits(name.p, name.n);; at++) {
		uint32_t *slot = &file->slots[at & file->slots_mask];
		if (!*slot || span_eq(file->entries.v[*slot - 1].name, name))
			return slot;
	}
}

static void build_names(struct list_file *file)
{
	uint32_t size = 16;
	while (size < file->names * 2)
		size *= 2;
	file->slots = arena_zalloc(&file->arena, size * sizeof *file->slots);
	file->slots_mask = size - 1;
	for (uint32_t i = 0; i < file->entries.n; i++)
		if (file->entries.v[i].name.p)
			*slot_of(file, file->entries.v[i].name) = i + 1;
}

static struct list_file *new_file(void)
{
	struct list_file *file = calloc(1, sizeof *file);
	if (!file)
		abort();
	arena_init(&file->arena);
	return file;
}

int list_file_parse(struct span bytes, const char *path, struct arena *arena, struct list_file **ret_file, struct span *ret_error)
{
	if (bytes.n > LIMIT_LIST_FILE_BYTES) {
		*ret_error = arena_printf(arena, "%s: more than %u bytes of list", path, LIMIT_LIST_FILE_BYTES);
		return ERR_LIMIT;
	}
	struct list_file *file = new_file();
	int err = read_lines(file, bytes, path, arena, ret_error);
	if (err) {
		list_file_free(file);
		return err;
	}
	build_ranges(file);
	build_names(file);
	*ret_file = file;
	return ERR_OK;
}

static int map_built(int fd, const char *path, struct arena *arena, struct list_file **ret_file, struct span *ret_error)
{
	char why[ADDRESS_WHY_MAX];
	struct address_set *set;
	int err = address_set_open_fd(fd, path, why, &set);
	if (err < 0) {
		*ret_error = arena_dup(arena, span_cstr(why));
		return err;
	}
	*ret_file = new_file();
	(*ret_file)->set = set;
	return ERR_OK;
}

static int read_text(int fd, const char *path, struct arena *arena, struct list_file **ret_file, struct span *ret_error)
{
	struct arena scratch;
	struct buf bytes;
	ssize_t got = 0;
	arena_init(&scratch);
	buf_init(&bytes, &scratch, LIMIT_LIST_FILE_BYTES + STEP);
	while (buf_room(&bytes, STEP) && (got = read(fd, bytes.p + bytes.n, STEP)) > 0)
		bytes.n += (size_t)got;
	int err = ERR_IO;
	if (got < 0)
		*ret_error = arena_printf(arena, "%s: cannot read the list: %s", path, strerror(errno));
	else
		err = list_file_parse(bytes.full ? span_of(bytes.p, LIMIT_LIST_FILE_BYTES + 1) : buf_span(&bytes), path, arena, ret_file,
				      ret_error);
	arena_release(&scratch);
	return err;
}

int list_file_read_fd(int fd, const char *path, struct arena *arena, struct list_file **ret_file, struct span *ret_error)
{
	uint8_t first[16];
	ssize_t n = pread(fd, first, sizeof first, 0);
	bool built = n > 0 && address_set_begins(span_of(first, (size_t)n));
	return built ? map_built(fd, path, arena, ret_file, ret_error) : read_text(fd, path, arena, ret_file, ret_error);
}

int list_file_read(const char *path, struct arena *arena, struct list_file **ret_file, struct span *ret_error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		*ret_error = arena_printf(arena, "%s: cannot read the list: %s", path, strerror(errno));
		return ERR_IO;
	}
	int err = list_file_read_fd(fd, path, arena, ret_file, ret_error);
	close(fd);
	return err;
}

void list_file_free(struct list_file *file)
{
	if (!file)
		return;
	address_set_close(file->set);
	arena_release(&file->arena);
	free(file);
}

static const struct entry *find_address(const struct list_file *file, const struct ip *ip)
{
	size_t low = 0, high = file->ranges.n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (memcmp(file->ranges.v[middle].from.b, ip->b, 16) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	int32_t index = low ? file->ranges.v[low - 1].entry : NOTHING;
	return index == NOTHING ? NULL : &file->entries.v[index];
}

static const struct entry *find_exact(const struct list_file *file, struct span name)
{
	uint32_t slot = *slot_of(file, name);
	return slot ? &file->entries.v[slot - 1] : NULL;
}

/* The name, then what it lies below, label by label. A mail address: itself, then its domain. */
static const struct entry *find_name(const struct list_file *file, struct span name)
{
	uint8_t text[512];
	if (name.n > sizeof text)
		return NULL;
	for (size_t i = 0; i < name.n; i++)
		text[i] = ascii_lower(name.p[i]);
	name = span_of(text, name.n);
	const struct entry *entry = find_exact(file, name);
	size_t at = span_rfind_byte(name, '@');
	if (entry)
		return entry;
	if (at != SPAN_NPOS) {
		name = span_skip(name, at + 1);
		if ((entry = find_exact(file, name)))
			return entry;
	}
	while ((at = span_find_byte(name, '.', 0)) != SPAN_NPOS) {
		name = span_skip(name, at + 1);
		if ((entry = find_exact(file, name)) && !entry->alone)
			return entry;
	}
	return NULL;
}

static bool built_has(const struct address_set *set, const struct ip *ip, struct arena *arena, struct span *ret_entry)
{
	struct address_match match;
	if (!address_set_find(set, ip, &match) || match.class == ADDRESS_EXCEPTION)
		return false;
	struct ip_net net = { *ip, match.bits, false };
	char text[IP_TEXT_MAX];
	net.ip = first_of(&net);
	size_t n = ip_format(&net.ip, text);
	struct span class = address_set_class(set, match.class).name;
	*ret_entry = match.bits == 128
			 ? arena_printf(arena, "%.*s (%.*s)", (int)n, text, SPAN_ARG(class))
			 : arena_printf(arena, "%.*s/%u (%.*s)", (int)n, text, match.bits - (ip_is_v4(ip) ? 96u : 0), SPAN_ARG(class));
	return true;
}

bool list_file_has(const struct list_file *file, struct span key, struct arena *arena, struct span *ret_entry, uint32_t *ret_line)
{
	struct ip ip;
	bool is_address = ip_parse(key, &ip);
	*ret_line = 0;
	if (file->set)
		return is_address && built_has(file->set, &ip, arena, ret_entry);
	const struct entry *entry = is_address ? find_address(file, &ip) : find_name(file, key);
	if (!entry || entry->exclude)
		return false;
	*ret_entry = entry->text;
	*ret_line = entry->line;
	return true;
}
