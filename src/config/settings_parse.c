/* config/settings_parse.c - reads a settings file into the options of the table in settings.c.
 *
 * YAML by libyaml's event parser, one mapping of option to value; JSON is YAML, so it may be written as JSON. Tags, anchors and aliases
 * are refused: nobody needs them here, and an unquoted "!10.1.2.3" is a tag to YAML, which would silently lose the exclusion.
 * Every error names file and line, says what is wrong and what to write instead. The file is trusted, but bounded all the same. */
#include "base/ascii.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/nearest.h"
#include "base/vec.h"
#include "config/settings_reading.h"

#include <errno.h>
#include <stdio.h>

/* Records "path:line: ..." and answers ERR_SYNTAX. */
#define fail(r, line, ...) settings_reading_fail((r), (line), arena_printf((r)->arena, __VA_ARGS__))

static int set_number(struct settings_reading *r, const struct settings_option *option)
{
	int64_t value;
	struct span text = settings_reading_scalar(r);
	if (!settings_reading_milli(text, &value))
		return fail(r, settings_reading_line(r), "%s needs a number, not \"%.*s\"; write for example \"%s: %s\"", option->name,
			    SPAN_ARG(text), option->name, option->example);
	if (value < option->least || value > option->most)
		return fail(r, settings_reading_line(r), "%s must lie between %lld and %lld", option->name, (long long)option->least / 1000,
			    (long long)option->most / 1000);
	*(int32_t *)(void *)((char *)r->settings + option->offset) = (int32_t)value;
	return ERR_OK;
}

static int set_path(struct settings_reading *r, const struct settings_option *option)
{
	struct span path = settings_reading_scalar(r);
	if (path.n && (path.p[0] != '/' || memchr(path.p, '\0', path.n)))
		return fail(r, settings_reading_line(r),
			    "%s needs a path that begins with /, not \"%.*s\": what runs postern may stand in any folder", option->name,
			    SPAN_ARG(path));
	*(struct span *)(void *)((char *)r->settings + option->offset) = arena_printf(r->arena, "%.*s", SPAN_ARG(path));
	return ERR_OK;
}

static int set_yes_no(struct settings_reading *r, const struct settings_option *option)
{
	bool yes;
	struct span text = settings_reading_scalar(r);
	if (!settings_reading_yes_no(text, &yes))
		return fail(r, settings_reading_line(r), "%s is yes or no, not \"%.*s\"", option->name, SPAN_ARG(text));
	*(bool *)(void *)((char *)r->settings + option->offset) = yes;
	return ERR_OK;
}

typedef VEC(struct ip_net) net_list;
typedef VEC(struct span) name_list;

static int add_net(struct settings_reading *r, const struct settings_option *option, struct span word, net_list *nets)
{
	struct ip_net net;
	if (!ip_net_parse(word, &net))
		return fail(r, settings_reading_line(r),
			    "%s: \"%.*s\" is no network; write an address, or a network as 192.0.2.0/24 or 2001:db8::/32", option->name,
			    SPAN_ARG(word));
	*(struct ip_net *)vec_push(r->arena, nets) = net;
	return ERR_OK;
}

static int read_name(struct settings_reading *r, const struct settings_option *option, struct span word, struct span *ret)
{
	struct span name = span_ends(word, SPAN(".")) ? span_first(word, word.n - 1) : word;
	if (!settings_reading_domain(name))
		return fail(r, settings_reading_line(r),
			    "%s: \"%.*s\" is no domain name; write it as example.org (%sletters beyond ASCII as xn--)", option->name,
			    SPAN_ARG(word), option->type == SETTINGS_DOMAINS ? "subdomains are included; " : "");
	*ret = arena_lower(r->arena, name);
	return ERR_OK;
}

static int add_name(struct settings_reading *r, const struct settings_option *option, struct span word, name_list *names)
{
	struct span name;
	int err = read_name(r, option, word, &name);
	if (!err)
		*(struct span *)vec_push(r->arena, names) = name;
	return err;
}

static int set_name(struct settings_reading *r, const struct settings_option *option)
{
	struct span *member = (struct span *)(void *)((char *)r->settings + option->offset);
	if (settings_reading_scalar(r).n)
		return read_name(r, option, settings_reading_scalar(r), member);
	*member = span_none;
	return ERR_OK;
}

bool settings_server_ok(struct span server)
{
	struct span rest = server, address;
	struct ip ip;
	uint64_t port = 53;
	span_split(&rest, '@', &address);
	return address.n < IP_TEXT_MAX && !span_has(address, SPAN("[")) && ip_parse(address, &ip) &&
	       (!rest.p || (span_to_uint(rest, 65535, &port) && port > 0));
}

static int add_server(struct settings_reading *r, const struct settings_option *option, struct span word, name_list *servers)
{
	if (!settings_server_ok(word))
		return fail(r, settings_reading_line(r),
			    "%s: \"%.*s\" is neither system, none or recursive nor an address; write a list as [192.0.2.53, "
			    "\"2001:db8::53@5353\"]",
			    option->name, SPAN_ARG(word));
	*(struct span *)vec_push(r->arena, servers) = arena_dup(r->arena, word);
	return ERR_OK;
}

/* One of the words, alone; false when it is none. */
static bool set_resolver_kind(struct settings_reading *r, const struct settings_option *option)
{
	static const enum resolver_kind kinds[] = { RESOLVER_SYSTEM, RESOLVER_NONE, RESOLVER_RECURSIVE };
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (span_ieq(settings_reading_scalar(r), span_cstr(settings_resolver_name(kinds[i])))) {
			*(struct settings_resolver *)(void *)((char *)r->settings + option->offset) =
			    (struct settings_resolver){ .kind = kinds[i] };
			return true;
		}
	return false;
}

/* One scalar, which may hold several words as SpamAssassin's files have them: "10/8 192.168/16". */
static int add_words(struct settings_reading *r, const struct settings_option *option, net_list *nets, name_list *names)
{
	struct span text = settings_reading_scalar(r);
	for (size_t at = 0, end; at < text.n; at = end + 1) {
		for (end = at; end < text.n && !ascii_is_space(text.p[end]) && text.p[end] != ','; end++)
			;
		struct span word = span_slice(text, at, end);
		int err = word.n == 0                         ? ERR_OK
			  : option->type == SETTINGS_NETWORKS ? add_net(r, option, word, nets)
			  : option->type == SETTINGS_RESOLVER ? add_server(r, option, word, names)
							      : add_name(r, option, word, names);
		if (err)
			return err;
	}
	return ERR_OK;
}

static int set_list(struct settings_reading *r, const struct settings_option *option)
{
	net_list nets = { 0 };
	name_list names = { 0 };
	int err;
	if (r->event.type == YAML_SCALAR_EVENT) {
		if (option->type == SETTINGS_RESOLVER && set_resolver_kind(r, option))
			return ERR_OK;
		if ((err = add_words(r, option, &nets, &names)))
			return err;
	} else {
		for (;;) {
			if ((err = settings_reading_next(r)))
				return err;
			if (r->event.type == YAML_SEQUENCE_END_EVENT)
				break;
			if (r->event.type != YAML_SCALAR_EVENT)
				return fail(r, settings_reading_line(r), "%s is one flat list; write for example \"%s: %s\"", option->name,
					    option->name, option->example);
			if ((err = add_words(r, option, &nets, &names)))
				return err;
		}
	}
	void *member = (char *)r->settings + option->offset;
	if (option->type == SETTINGS_RESOLVER)
		*(struct settings_resolver *)member =
		    (struct settings_resolver){ names.n ? RESOLVER_SERVERS : RESOLVER_NONE, names.v, names.n };
	else if (option->type == SETTINGS_NETWORKS)
		*(struct settings_nets *)member = (struct settings_nets){ nets.v, nets.n };
	else
		*(struct settings_names *)member = (struct settings_names){ names.v, names.n };
	return ERR_OK;
}

static int set_lists(struct settings_reading *r, const struct settings_option *option)
{
	return settings_reading_lists(r, (struct settings_lists *)(void *)((char *)r->settings + option->offset));
}

/* The event is the key. */
static int set_option(struct settings_reading *r)
{
	if (r->event.type != YAML_SCALAR_EVENT)
		return fail(r, settings_reading_line(r), "the name of an option is expected here");
	struct span name = settings_reading_scalar(r);
	const struct settings_option *option = settings_find(name);
	if (!option) {
		const char *near = nearest_word(name, &settings_options[0].name, sizeof settings_options[0], settings_options_n);
		return near ? fail(r, settings_reading_line(r), "there is no option \"%.*s\"; did you mean \"%s\"?", SPAN_ARG(name), near)
			    : fail(r, settings_reading_line(r), "there is no option \"%.*s\"; `postern config sample` lists all",
				   SPAN_ARG(name));
	}
	uint32_t *line = &r->lines[option - settings_options];
	if (*line)
		return fail(r, settings_reading_line(r), "%s is set twice; line %u sets it already", option->name, *line);
	*line = settings_reading_line(r);
	int err = settings_reading_next(r);
	if (err)
		return err;
	static int (*const set[])(struct settings_reading *, const struct settings_option *) = {
		[SETTINGS_NETWORKS] = set_list, [SETTINGS_DOMAINS] = set_list,  [SETTINGS_DOMAIN] = set_name,
		[SETTINGS_NUMBER] = set_number, [SETTINGS_PATH] = set_path,     [SETTINGS_YES_NO] = set_yes_no,
		[SETTINGS_LISTS] = set_lists,   [SETTINGS_RESOLVER] = set_list,
	};
	bool list = set[option->type] == set_list || set[option->type] == set_lists;
	if (r->event.type != YAML_SCALAR_EVENT && !(list && r->event.type == YAML_SEQUENCE_START_EVENT))
		return fail(r, settings_reading_line(r), "%s is %s; write for example \"%s: %s\"", option->name,
			    settings_type_says(option->type), option->name, option->example);
	return set[option->type](r, option);
}

static int check_order(struct settings_reading *r)
{
	const struct settings *s = r->settings;
	if (s->mark <= s->quarantine && s->quarantine <= s->reject)
		return ERR_OK;
	uint32_t line = 1;
	for (size_t i = 0; i < settings_options_n; i++)
		if (r->lines[i] && strcmp(settings_options[i].unit, "nats") == 0)
			line = r->lines[i];
	return fail(
	    r, line,
	    "mark, quarantine and reject must not fall: here mark is %d.%03d, quarantine %d.%03d, reject %d.%03d; raise the later ones",
	    s->mark / 1000, s->mark % 1000, s->quarantine / 1000, s->quarantine % 1000, s->reject / 1000, s->reject % 1000);
}

static int read_document(struct settings_reading *r)
{
	int err;
	while (!(err = settings_reading_next(r)) &&
	       (r->event.type == YAML_STREAM_START_EVENT || r->event.type == YAML_DOCUMENT_START_EVENT))
		;
	if (err || r->event.type == YAML_STREAM_END_EVENT)
		return err; /* an empty file sets nothing */
	if (r->event.type == YAML_SCALAR_EVENT && r->event.data.scalar.length == 0)
		return ERR_OK;
	if (r->event.type != YAML_MAPPING_START_EVENT)
		return fail(r, settings_reading_line(r), "options are expected; write one \"option: value\" a line");
	while (!(err = settings_reading_next(r)) && r->event.type != YAML_MAPPING_END_EVENT)
		if ((err = set_option(r)))
			return err;
	while (!err && r->event.type != YAML_STREAM_END_EVENT)
		if (!(err = settings_reading_next(r)) && r->event.type == YAML_DOCUMENT_START_EVENT)
			return fail(r, settings_reading_line(r),
				    "a second document begins here; remove the --- line, all options stand in one");
	return err ? err : check_order(r);
}

static int read_file(const char *path, struct arena *arena, struct span *ret_bytes, struct span *ret_error)
{
	FILE *f = fopen(path, "rb");
	uint8_t *bytes = f ? arena_alloc(arena, LIMIT_SETTINGS_BYTES + 1) : NULL;
	size_t n = f ? fread(bytes, 1, LIMIT_SETTINGS_BYTES + 1, f) : 0;
	if (!f || ferror(f)) {
		*ret_error = arena_printf(arena, "%s: cannot read the settings: %s", path, strerror(errno));
		if (f)
			fclose(f);
		return ERR_IO;
	}
	fclose(f);
	if (n > LIMIT_SETTINGS_BYTES) {
		*ret_error = arena_printf(arena, "%s: more than %u bytes; this is no settings file", path, LIMIT_SETTINGS_BYTES);
		return ERR_SYNTAX;
	}
	*ret_bytes = span_of(bytes, n);
	return ERR_OK;
}

int settings_load_lines(const char *path, struct arena *arena, struct settings *ret_settings, uint32_t *ret_lines, struct span *ret_error)
{
	struct span bytes;
	int err = read_file(path, arena, &bytes, ret_error);
	if (err)
		return err;
	struct settings settings;
	settings_defaults(&settings);
	struct settings_reading r;
	if (settings_reading_open(&r, path, bytes, arena)) {
		*ret_error = arena_printf(arena, "%s: out of memory", path);
		return ERR_IO;
	}
	r.settings = &settings;
	r.lines = arena_zalloc(arena, settings_options_n * sizeof *r.lines);
	err = read_document(&r);
	settings_reading_close(&r);
	if (err) {
		*ret_error = r.error;
		return err;
	}
	*ret_settings = settings;
	if (ret_lines)
		memcpy(ret_lines, r.lines, settings_options_n * sizeof *ret_lines);
	return ERR_OK;
}

int settings_load(const char *path, struct arena *arena, struct settings *ret_settings, struct span *ret_error)
{
	return settings_load_lines(path, arena, ret_settings, NULL, ret_error);
}
