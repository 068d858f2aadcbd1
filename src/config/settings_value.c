/* config/settings_value.c - reads the value of one option, each type by its own rule; see settings_reading.h and the table in settings.c */
#include "base/ascii.h"
#include "base/err.h"
#include "base/utf8.h"
#include "config/settings_reading.h"

#define fail(r, at, ...) settings_reading_fail((r), (at), arena_printf((r)->arena, __VA_ARGS__))

static void *member_of(struct settings_reading *r, const struct settings_option *option) { return (char *)r->settings + option->offset; }

static int out_of_range(struct settings_reading *r, const struct settings_option *option, struct span least, struct span most)
{
	return fail(r, settings_reading_place(r), "%s must lie between %.*s and %.*s", option->name, SPAN_ARG(least), SPAN_ARG(most));
}

static int set_number(struct settings_reading *r, const struct settings_option *option)
{
	int64_t value;
	struct span text = settings_reading_scalar(r);
	if (!settings_reading_milli(text, &value))
		return fail(r, settings_reading_place(r), "%s needs a number, not \"%.*s\"; write for example \"%s: %s\"", option->name,
			    SPAN_ARG(text), option->name, option->example);
	if (value < option->least || value > option->most)
		return out_of_range(r, option, settings_milli_text(option->least, r->arena), settings_milli_text(option->most, r->arena));
	*(int32_t *)member_of(r, option) = (int32_t)value;
	return ERR_OK;
}

static int set_count(struct settings_reading *r, const struct settings_option *option)
{
	uint64_t n;
	struct span text = settings_reading_scalar(r);
	if (!span_to_uint(text, UINT64_MAX, &n))
		return fail(r, settings_reading_place(r), "%s needs a whole number, not \"%.*s\"; write for example \"%s: %s\"",
			    option->name, SPAN_ARG(text), option->name, option->example);
	if (n < (uint64_t)option->least || n > (uint64_t)option->most)
		return out_of_range(r, option, arena_printf(r->arena, "%lld", (long long)option->least),
				    arena_printf(r->arena, "%lld", (long long)option->most));
	*(int32_t *)member_of(r, option) = (int32_t)n;
	return ERR_OK;
}

static int set_size(struct settings_reading *r, const struct settings_option *option)
{
	uint64_t bytes;
	struct span text = settings_reading_scalar(r);
	if (!settings_reading_size(text, &bytes))
		return fail(r, settings_reading_place(r), "%s needs a size, not \"%.*s\"; write for example \"%s: %s\"", option->name,
			    SPAN_ARG(text), option->name, option->example);
	if (bytes < (uint64_t)option->least || bytes > (uint64_t)option->most)
		return out_of_range(r, option, settings_size_text((uint64_t)option->least, r->arena),
				    settings_size_text((uint64_t)option->most, r->arena));
	*(uint64_t *)member_of(r, option) = bytes;
	return ERR_OK;
}

static int set_text(struct settings_reading *r, const struct settings_option *option)
{
	struct span text = settings_reading_scalar(r);
	if (!settings_reading_plain(text) || !utf8_valid(text))
		return fail(r, settings_reading_place(r), "%s is one line of UTF-8 without control characters", option->name);
	if (text.n > (size_t)option->most)
		return fail(r, settings_reading_place(r), "%s has %zu bytes; it may have %lld", option->name, text.n,
			    (long long)option->most);
	*(struct span *)member_of(r, option) = arena_printf(r->arena, "%.*s", SPAN_ARG(text));
	return ERR_OK;
}

static int set_choice(struct settings_reading *r, const struct settings_option *option)
{
	struct span word, says;
	for (unsigned i = 0; (word = settings_word(option->words, i)).p; i++)
		if (span_ieq(word, settings_reading_scalar(r))) {
			*(unsigned *)member_of(r, option) = i;
			return ERR_OK;
		}
	says = settings_option_says(option, r->arena);
	return fail(r, settings_reading_place(r), "%s is %.*s, not \"%.*s\"", option->name, SPAN_ARG(says),
		    SPAN_ARG(settings_reading_scalar(r)));
}

bool settings_address_parse(struct span text, struct settings_address *ret)
{
	enum { SOCKET_PATH = 107 }; /* unix(7): sun_path with its NUL has 108 bytes */
	struct settings_address address = { .path = span_none };
	uint64_t port;
	if (span_starts(text, SPAN("unix:"))) {
		address.path = span_skip(text, 5);
		if (span_at(address.path, 0) != '/' || address.path.n > SOCKET_PATH || !settings_reading_plain(address.path))
			return false;
		*ret = address;
		return true;
	}
	size_t colon = span_rfind_byte(text, ':');
	struct span host = span_first(text, colon == SPAN_NPOS ? 0 : colon);
	bool bracketed = span_starts(host, SPAN("[")) && span_ends(host, SPAN("]"));
	if (!ip_parse(host, &address.ip) || !span_to_uint(span_skip(text, colon + 1), 65535, &port))
		return false;
	if (bracketed == (span_find_byte(host, ':', 0) == SPAN_NPOS)) /* IPv6 and only that stands in brackets, so that its port is told */
		return false;
	address.port = (uint16_t)port;
	*ret = address;
	return true;
}

/* Its path with a NUL behind it. */
static bool read_address(struct settings_reading *r, struct span word, struct settings_address *ret)
{
	if (!settings_address_parse(word, ret))
		return false;
	if (ret->path.p)
		ret->path = arena_printf(r->arena, "%.*s", SPAN_ARG(ret->path));
	return true;
}

static int set_address(struct settings_reading *r, const struct settings_option *option)
{
	struct settings_address address;
	struct span word = settings_reading_scalar(r);
	if (!read_address(r, word, &address) || (!address.path.p && !address.port))
		return fail(
		    r, settings_reading_place(r),
		    "%s: \"%.*s\" is neither an address with a port nor a path; write it as 127.0.0.1:25, \"[::1]:25\" or unix:/path",
		    option->name, SPAN_ARG(word));
	*(struct settings_address *)member_of(r, option) = address;
	return ERR_OK;
}

static int read_path(struct settings_reading *r, const struct settings_option *option, struct span *ret)
{
	struct span path = settings_reading_scalar(r);
	if (path.n && (path.p[0] != '/' || memchr(path.p, '\0', path.n)))
		return fail(r, settings_reading_place(r),
			    "%s needs a path that begins with /, not \"%.*s\": what runs postern may stand in any folder", option->name,
			    SPAN_ARG(path));
	*ret = arena_printf(r->arena, "%.*s", SPAN_ARG(path));
	return ERR_OK;
}

static int set_path(struct settings_reading *r, const struct settings_option *option) { return read_path(r, option, member_of(r, option)); }

static int set_yes_no(struct settings_reading *r, const struct settings_option *option)
{
	bool yes;
	struct span text = settings_reading_scalar(r);
	if (!settings_reading_yes_no(text, &yes))
		return fail(r, settings_reading_place(r), "%s is yes or no, not \"%.*s\"", option->name, SPAN_ARG(text));
	*(bool *)member_of(r, option) = yes;
	return ERR_OK;
}

/* A list on its way. */
struct words {
	VEC(struct ip_net) nets;
	VEC(struct span) names;
	struct settings_listen listen;
};

static int add_net(struct settings_reading *r, const struct settings_option *option, struct span word, struct words *words)
{
	struct ip_net net;
	if (!ip_net_parse(word, &net))
		return fail(r, settings_reading_place(r),
			    "%s: \"%.*s\" is no network; write an address, or a network as 192.0.2.0/24 or 2001:db8::/32", option->name,
			    SPAN_ARG(word));
	*(struct ip_net *)vec_push(r->arena, &words->nets) = net;
	return ERR_OK;
}

static int read_name(struct settings_reading *r, const struct settings_option *option, struct span word, struct span *ret)
{
	struct span name = span_ends(word, SPAN(".")) ? span_first(word, word.n - 1) : word;
	if (!settings_reading_domain(name))
		return fail(r, settings_reading_place(r),
			    "%s: \"%.*s\" is no domain name; write it as example.org (%sletters beyond ASCII as xn--)", option->name,
			    SPAN_ARG(word), option->type == SETTINGS_DOMAINS ? "subdomains are included; " : "");
	*ret = arena_lower(r->arena, name);
	return ERR_OK;
}

/* "a.keller@example.org", or "@example.org" for everybody there. */
static int add_mailbox(struct settings_reading *r, const struct settings_option *option, struct span word, struct words *words)
{
	size_t at = span_rfind_byte(word, '@');
	if (at == SPAN_NPOS || at > 64 || !settings_reading_plain(word) || !settings_reading_domain(span_skip(word, at + 1)))
		return fail(r, settings_reading_place(r),
			    "%s: \"%.*s\" is no mail address; write it as a.keller@example.org, or \"@example.org\" for everybody there",
			    option->name, SPAN_ARG(word));
	*(struct span *)vec_push(r->arena, &words->names) = arena_lower(r->arena, word);
	return ERR_OK;
}

static int add_name(struct settings_reading *r, const struct settings_option *option, struct span word, struct words *words)
{
	struct span name;
	int err = read_name(r, option, word, &name);
	if (!err)
		*(struct span *)vec_push(r->arena, &words->names) = name;
	return err;
}

static int set_name(struct settings_reading *r, const struct settings_option *option)
{
	struct span *member = member_of(r, option);
	if (settings_reading_scalar(r).n)
		return read_name(r, option, settings_reading_scalar(r), member);
	*member = span_none;
	return ERR_OK;
}

enum { SCOPE_BYTES = 16 }; /* "%" and the name of an interface, as IF_NAMESIZE bounds it */

bool settings_server_ok(struct span server)
{
	struct span rest = server, address;
	struct ip ip;
	uint64_t port = 53;
	span_split(&rest, '@', &address);
	size_t scope = span_find_byte(address, '%', 0); /* of a link-local address: "fe80::1%eth0" (RFC 4007 11) */
	if (scope != SPAN_NPOS && scope + 1 < address.n && address.n - scope <= SCOPE_BYTES)
		address = span_first(address, scope);
	return address.n < IP_TEXT_MAX && !span_has(address, SPAN("[")) && ip_parse(address, &ip) &&
	       (!rest.p || (span_to_uint(rest, 65535, &port) && port > 0));
}

static int add_server(struct settings_reading *r, const struct settings_option *option, struct span word, struct words *words)
{
	if (!settings_server_ok(word))
		return fail(r, settings_reading_place(r),
			    "%s: \"%.*s\" is neither system, none or recursive nor an address; write a list as [192.0.2.53, "
			    "\"2001:db8::53@5353\"]",
			    option->name, SPAN_ARG(word));
	*(struct span *)vec_push(r->arena, &words->names) = arena_dup(r->arena, word);
	return ERR_OK;
}

static int add_listener(struct settings_reading *r, const struct settings_option *option, struct span word, struct words *words)
{
	struct settings_listen *listen = &words->listen;
	if (listen->n == LIMIT_LISTEN)
		return fail(r, settings_reading_place(r), "%s: more than %u addresses", option->name, LIMIT_LISTEN);
	if (!read_address(r, word, &listen->v[listen->n]))
		return fail(r, settings_reading_place(r),
			    "%s: \"%.*s\" is neither an address with a port nor a path; write 127.0.0.1:11332, \"[::1]:11332\" or "
			    "unix:/run/postern/socket",
			    option->name, SPAN_ARG(word));
	listen->n++;
	return ERR_OK;
}

/* One of the words, alone; false when it is none. */
static bool set_resolver_kind(struct settings_reading *r, const struct settings_option *option)
{
	static const enum resolver_kind kinds[] = { RESOLVER_SYSTEM, RESOLVER_NONE, RESOLVER_RECURSIVE };
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (span_ieq(settings_reading_scalar(r), span_cstr(settings_resolver_name(kinds[i])))) {
			*(struct settings_resolver *)member_of(r, option) = (struct settings_resolver){ .kind = kinds[i] };
			return true;
		}
	return false;
}

/* One scalar, which may hold several words as SpamAssassin's files have them: "10/8 192.168/16". */
static int add_words(struct settings_reading *r, const struct settings_option *option, struct words *words)
{
	static int (*const add[SETTINGS_TYPES])(struct settings_reading *, const struct settings_option *, struct span, struct words *) = {
		[SETTINGS_NETWORKS] = add_net,    [SETTINGS_DOMAINS] = add_name,    [SETTINGS_MAILBOXES] = add_mailbox,
		[SETTINGS_RESOLVER] = add_server, [SETTINGS_LISTEN] = add_listener,
	};
	struct span text = settings_reading_scalar(r);
	if (option->type == SETTINGS_PATHS) /* a path may hold blanks */
		return text.n ? read_path(r, option, vec_push(r->arena, &words->names)) : ERR_OK;
	for (size_t at = 0, end; at < text.n; at = end + 1) {
		for (end = at; end < text.n && !ascii_is_space(text.p[end]) && text.p[end] != ','; end++)
			;
		int err = end > at ? add[option->type](r, option, span_slice(text, at, end), words) : ERR_OK;
		if (err)
			return err;
	}
	return ERR_OK;
}

static int set_list(struct settings_reading *r, const struct settings_option *option)
{
	struct words words = { .listen = { .n = 0 } };
	bool sequence = r->event.type == YAML_SEQUENCE_START_EVENT;
	int err = ERR_OK;
	if (!sequence && option->type == SETTINGS_RESOLVER && set_resolver_kind(r, option))
		return ERR_OK;
	if (!sequence)
		err = add_words(r, option, &words);
	while (sequence && !err && !(err = settings_reading_next(r)) && r->event.type != YAML_SEQUENCE_END_EVENT)
		err = r->event.type == YAML_SCALAR_EVENT
			  ? add_words(r, option, &words)
			  : fail(r, settings_reading_place(r), "%s is one flat list; write for example \"%s: %s\"", option->name,
				 option->name, option->example);
	if (err)
		return err;
	void *member = member_of(r, option);
	if (option->type == SETTINGS_RESOLVER)
		*(struct settings_resolver *)member =
		    (struct settings_resolver){ words.names.n ? RESOLVER_SERVERS : RESOLVER_NONE, words.names.v, words.names.n };
	else if (option->type == SETTINGS_NETWORKS)
		*(struct settings_nets *)member = (struct settings_nets){ words.nets.v, words.nets.n };
	else if (option->type == SETTINGS_LISTEN)
		*(struct settings_listen *)member = words.listen;
	else
		*(struct settings_names *)member = (struct settings_names){ words.names.v, words.names.n };
	return ERR_OK;
}

static int set_lists(struct settings_reading *r, const struct settings_option *option)
{
	return settings_reading_lists(r, member_of(r, option));
}

int settings_reading_value(struct settings_reading *r, const struct settings_option *option)
{
	static int (*const set[SETTINGS_TYPES])(struct settings_reading *, const struct settings_option *) = {
		[SETTINGS_NETWORKS] = set_list, [SETTINGS_DOMAINS] = set_list,    [SETTINGS_DOMAIN] = set_name,
		[SETTINGS_NUMBER] = set_number, [SETTINGS_COUNT] = set_count,     [SETTINGS_SIZE] = set_size,
		[SETTINGS_PATH] = set_path,     [SETTINGS_PATHS] = set_list,      [SETTINGS_TEXT] = set_text,
		[SETTINGS_SECRET] = set_text,   [SETTINGS_CHOICE] = set_choice,   [SETTINGS_YES_NO] = set_yes_no,
		[SETTINGS_LISTEN] = set_list,   [SETTINGS_ADDRESS] = set_address, [SETTINGS_LISTS] = set_lists,
		[SETTINGS_RESOLVER] = set_list, [SETTINGS_MAILBOXES] = set_list,
	};
	bool list = set[option->type] == set_list || set[option->type] == set_lists;
	struct span says = settings_option_says(option, r->arena);
	if (r->event.type != YAML_SCALAR_EVENT && !(list && r->event.type == YAML_SEQUENCE_START_EVENT))
		return fail(r, settings_reading_place(r), "%s is %.*s; write for example \"%s: %s\"", option->name, SPAN_ARG(says),
			    option->name, option->example);
	return set[option->type](r, option);
}
