/* app/lists_command.c - `postern lists`: which of its words is meant; opening the lists; building a generation. */
#include "app/data_folder.h"
#include "app/lists.h"
#include "app/store_file.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json_out.h"
#include "base/nearest.h"
#include "facts/address_text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static enum exit_status complain(const char *what)
{
	fprintf(stderr, "postern: %s\n", what);
	return EXIT_TROUBLE;
}

/* --- the lists of the settings --- */

struct span lists_live_path(const struct settings *settings, struct arena *arena)
{
	return arena_printf(arena, "%.*s/" ADDRESS_LIVE_FOLDER "/" ADDRESS_LIVE_NAME, SPAN_ARG(data_folder(settings, arena)));
}

/* What is damaged does not keep anybody from adding an address in need: then it is only said. */
static bool open_sets(const struct settings_names *paths, enum address_action action, bool must, struct lists *lists)
{
	char why[ADDRESS_WHY_MAX];
	for (size_t i = 0; i < paths->n; i++) {
		size_t at = lists->lists.n;
		if (at == LIMIT_ADDRESS_LISTS) {
			fprintf(stderr, "postern: block_addresses and allow_addresses together name more than %u files\n",
				LIMIT_ADDRESS_LISTS);
			return false;
		}
		if (address_set_open((const char *)paths->v[i].p, why, &lists->sets[at]) < 0) {
			complain(why);
			if (must)
				return false;
			continue;
		}
		lists->lists.v[at] = (struct address_list){ paths->v[i], action, lists->sets[at] };
		lists->lists.n++;
	}
	return true;
}

static bool open_live(struct options *o, enum address_live_mode mode, struct lists *lists)
{
	const struct settings *s = &o->pipeline.settings;
	char why[ADDRESS_WHY_MAX];
	struct span path = lists_live_path(s, &o->arena);
	if (mode == ADDRESS_LIVE_WRITE && !store_file_become_owner(store_file_folder(o)))
		return false;
	if (mode == ADDRESS_LIVE_WRITE)
		data_folder_make(arena_printf(&o->arena, "%.*s/" ADDRESS_LIVE_FOLDER, SPAN_ARG(data_folder(s, &o->arena))), &o->arena);
	int err = address_live_open((const char *)path.p, mode, why, &lists->live);
	lists->lists.live = lists->live;
	return err == 0 || (err == ERR_NOT_FOUND && mode == ADDRESS_LIVE_READ) || complain(why) == EXIT_CLEAN;
}

bool lists_open(struct options *o, enum address_live_mode mode, struct lists *ret)
{
	const struct settings *s = &o->pipeline.settings;
	bool must = mode == ADDRESS_LIVE_READ;
	*ret = (struct lists){ .now = clock_now() };
	/* Of equally narrow entries the first list's holds: what is allowed is. */
	if (open_sets(&s->allow_addresses, ADDRESS_ALLOW, must, ret) && open_sets(&s->block_addresses, ADDRESS_BLOCK, must, ret) &&
	    open_live(o, mode, ret))
		return true;
	lists_close(ret);
	return false;
}

void lists_close(struct lists *lists)
{
	for (size_t i = 0; i < lists->lists.n; i++)
		address_set_close(lists->sets[i]);
	address_live_close(lists->live);
}

/* --- build --- */

/* A whole file: mapped where that is possible, else read. */
static bool read_input(const char *path, struct arena *arena, struct span *ret)
{
	struct stat st;
	int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
	bool good = fd >= 0 && fstat(fd, &st) == 0;
	if (good && S_ISREG(st.st_mode) && st.st_size > 0) {
		void *map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		good = map != MAP_FAILED;
		*ret = span_of(map, (size_t)st.st_size);
	} else if (good) {
		struct buf bytes;
		ssize_t n;
		buf_init(&bytes, arena, SIZE_MAX);
		while ((good = buf_room(&bytes, 65536)) && (n = read(fd, bytes.p + bytes.n, 65536)) != 0) {
			if (n < 0 && errno != EINTR)
				break;
			bytes.n += n > 0 ? (size_t)n : 0;
		}
		good = good && n == 0;
		*ret = buf_span(&bytes);
	}
	if (!good)
		fprintf(stderr, "postern: %s: cannot be read: %s\n", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return good;
}

/* "CLASS=PATH", or PATH. */
static struct span split_input(const char *argument, const char *preset, const char **ret_path)
{
	struct span text = span_cstr(argument), class = span_first(text, span_find_byte(text, '=', 0));
	bool has_class = class.n < text.n && address_text_class_ok(class);
	*ret_path = argument + (has_class ? class.n + 1 : 0);
	return has_class ? class : span_cstr(preset ? preset : "block");
}

static bool find_format(const char *name, enum address_text_format *ret)
{
	for (unsigned i = 0; i < ADDRESS_TEXT_FORMATS; i++)
		if (!name || strcmp(name, address_text_formats[i]) == 0) {
			*ret = i;
			return true;
		}
	fprintf(stderr, "postern: lists build reads the formats plain, ip4set, ip4trie, ip6trie, drop and drop-json, not \"%s\"\n", name);
	return false;
}

static bool read_inputs(struct options *o, char **arguments, size_t n, struct address_build *build)
{
	for (size_t i = 0; i < n; i++) {
		struct address_text_source source;
		struct span error;
		if (!find_format(o->lists_command.format, &source.format))
			return false;
		source.class = split_input(arguments[i], o->lists_command.class, &source.path);
		if (!read_input(source.path, &o->arena, &source.bytes))
			return false;
		if (address_text_read(&source, build, &o->arena, &error) < 0) {
			fprintf(stderr, "postern: %.*s\n", SPAN_ARG(error));
			return false;
		}
	}
	return true;
}

static void tell_json(struct options *o, const char *path, const struct address_set_size *size, uint64_t microseconds)
{
	struct buf out;
	struct json_out j;
	buf_init(&out, &o->arena, LIMIT_REPORT_BYTES);
	json_init(&j, &out);
	json_object(&j, NULL);
	json_cstr(&j, "file", path);
	json_int(&j, "entries", (int64_t)size->entries);
	json_int(&j, "bytes", (int64_t)size->bytes);
	json_int(&j, "microseconds", (int64_t)microseconds);
	json_close(&j);
	printf("%.*s\n", SPAN_ARG(buf_span(&out)));
}

enum exit_status lists_build(struct options *o, char **arguments, size_t n)
{
	const char *out = o->lists_command.out;
	char why[ADDRESS_WHY_MAX];
	struct address_set *set;
	if (!out || !n)
		return complain("lists build needs lists to read, and the file to make: postern lists build -o FILE LIST...");
	uint64_t began = clock_microseconds();
	struct address_build *build = address_build_new();
	bool good = read_inputs(o, arguments, n, build);
	good = good && (address_build_write(build, out, clock_now(), why) == 0 || complain(why) == EXIT_CLEAN);
	address_build_free(build);
	if (!good)
		return EXIT_TROUBLE;
	if (address_set_open(out, why, &set) < 0)
		return complain(why);
	struct address_set_size size = address_set_size(set);
	address_set_close(set);
	if (o->json)
		tell_json(o, out, &size, clock_microseconds() - began);
	else
		printf("%s: %llu networks and addresses in %llu bytes (%.1f bits each)\n", out, (unsigned long long)size.entries,
		       (unsigned long long)size.bytes, size.entries ? (double)size.bytes * 8 / (double)size.entries : 0);
	return EXIT_CLEAN;
}

/* --- its words --- */

static const struct verb {
	const char *name;
	enum exit_status (*run)(struct options *, char **, size_t);
} verbs[] = {
	{ "build", lists_build }, { "add", lists_add }, { "remove", lists_remove }, { "look", lists_look }, { "export", lists_export },
};

enum exit_status lists_run(struct options *o)
{
	enum { VERBS = sizeof verbs / sizeof *verbs };
	const char *word = o->n_paths ? o->paths[0] : NULL;
	for (size_t i = 0; word && i < VERBS; i++)
		if (strcmp(word, verbs[i].name) == 0)
			return verbs[i].run(o, o->paths + 1, o->n_paths - 1);
	const char *near = word ? nearest_word(span_cstr(word), &verbs[0].name, sizeof *verbs, VERBS) : NULL;
	if (!near)
		return complain("lists needs to know what to do first: build, add, remove, look or export");
	fprintf(stderr, "postern: lists cannot %s; did you mean `postern lists %s`?\n", word, near);
	return EXIT_TROUBLE;
}
