/* config/settings_write.c - values of options as a settings file has them, what each may be in words, and the sample file; see settings.h
 */
#include "base/buf.h"
#include "config/settings.h"

#include <stdio.h>
#include <stdlib.h>

struct span settings_option_says(const struct settings_option *option, struct arena *arena)
{
	static const char *const says[] = {
		[SETTINGS_NETWORKS] = "a list of networks; the first that matches decides, and one that begins with ! excludes",
		[SETTINGS_DOMAINS] = "a list of domain names",
		[SETTINGS_DOMAIN] = "a domain name",
		[SETTINGS_MAILBOXES] = "a list of mail addresses",
		[SETTINGS_NUMBER] = "a number with up to three decimals",
		[SETTINGS_COUNT] = "a whole number",
		[SETTINGS_SIZE] = "a size in bytes, or with K, M or G behind it in multiples of 1024",
		[SETTINGS_PATH] = "the path of a file, from / on",
		[SETTINGS_PATHS] = "a list of paths of files, each from / on",
		[SETTINGS_TEXT] = "a text",
		[SETTINGS_SECRET] = "a text, which is shown nowhere",
		[SETTINGS_YES_NO] = "yes or no",
		[SETTINGS_LISTEN] = "a list of addresses with a port and of paths behind unix:, or [] for none",
		[SETTINGS_ADDRESS] = "an address with a port, or a path behind unix:",
		[SETTINGS_LISTS] = "a list of names of the catalogue and of declarations in braces; see docs/lists.md",
		[SETTINGS_RESOLVER] = "system, none, recursive, or a list of addresses, each with @port where it is not 53",
	};
	if (option->type != SETTINGS_CHOICE)
		return span_cstr(says[option->type]);
	struct buf out;
	buf_init(&out, arena, SIZE_MAX);
	for (int64_t i = 0; settings_word(option->words, i).p; i++) {
		bool last = !settings_word(option->words, i + 1).p;
		buf_cstr(&out, i == 0 ? "" : last ? " or " : ", ");
		buf_put(&out, settings_word(option->words, i));
	}
	return buf_span(&out);
}

static void put_milli(struct buf *out, int64_t v)
{
	uint64_t u = (uint64_t)llabs(v);
	buf_printf(out, "%s%llu", v < 0 ? "-" : "", (unsigned long long)(u / 1000));
	if (u % 1000) {
		char digits[8];
		int n = snprintf(digits, sizeof digits, ".%03u", (unsigned)(u % 1000));
		while (digits[n - 1] == '0')
			n--;
		buf_put(out, span_of(digits, (size_t)n));
	}
}

static void put_net(struct buf *out, const struct ip_net *net)
{
	char text[IP_TEXT_MAX];
	ip_format(&net->ip, text);
	bool v4 = ip_is_v4(&net->ip) && net->bits >= 96;
	bool quote = net->exclude || !v4; /* YAML gives "!" and ":" a meaning of their own */
	buf_printf(out, "%s%s%s", quote ? "\"" : "", net->exclude ? "!" : "", text);
	if (net->bits != 128)
		buf_printf(out, "/%d", v4 ? net->bits - 96 : net->bits);
	buf_cstr(out, quote ? "\"" : "");
}

/* In double quotes, as JSON and YAML read it. */
static void put_text(struct buf *out, struct span path)
{
	buf_byte(out, '"');
	for (size_t i = 0; i < path.n; i++) {
		if (path.p[i] == '"' || path.p[i] == '\\')
			buf_byte(out, '\\');
		buf_byte(out, path.p[i]);
	}
	buf_byte(out, '"');
}

static void put_list(struct buf *out, enum settings_type type, const void *member)
{
	const struct settings_nets *nets = member;
	const struct settings_names *names = member;
	size_t n = type == SETTINGS_NETWORKS ? nets->n : names->n;
	buf_byte(out, '[');
	for (size_t i = 0; i < n; i++) {
		buf_cstr(out, i ? ", " : "");
		if (type == SETTINGS_NETWORKS)
			put_net(out, &nets->v[i]);
		else if (type == SETTINGS_PATHS || type == SETTINGS_MAILBOXES) /* YAML gives "@" a meaning of its own */
			put_text(out, names->v[i]);
		else
			buf_put(out, names->v[i]);
	}
	buf_byte(out, ']');
}

static void put_lists(struct buf *out, const struct settings_lists *lists)
{
	buf_byte(out, '[');
	for (size_t i = 0; i < lists->n; i++) {
		buf_cstr(out, i ? ", " : "");
		list_declaration_put(&lists->v[i], out);
	}
	buf_byte(out, ']');
}

static void put_resolver(struct buf *out, const struct settings_resolver *resolver)
{
	if (resolver->kind != RESOLVER_SERVERS) {
		buf_cstr(out, settings_resolver_name(resolver->kind));
		return;
	}
	for (size_t i = 0; i < resolver->n; i++) {
		buf_cstr(out, i ? ", " : "[");
		put_text(out, resolver->servers[i]); /* in quotes: YAML gives ":" and "@" a meaning of their own */
	}
	buf_byte(out, ']');
}

void settings_address_put(const struct settings_address *address, struct buf *out)
{
	char text[IP_TEXT_MAX];
	if (address->path.p) {
		buf_cstr(out, "unix:");
		buf_put(out, address->path);
		return;
	}
	ip_format(&address->ip, text);
	buf_printf(out, ip_is_v4(&address->ip) ? "%s:%u" : "[%s]:%u", text, address->port);
}

static void put_address(struct buf *out, const struct settings_address *address)
{
	struct buf text;
	buf_init(&text, out->arena, SIZE_MAX);
	settings_address_put(address, &text);
	put_text(out, buf_span(&text));
}

static void put_listen(struct buf *out, const struct settings_listen *listen)
{
	buf_byte(out, '[');
	for (size_t i = 0; i < listen->n; i++) {
		buf_cstr(out, i ? ", " : "");
		put_address(out, &listen->v[i]);
	}
	buf_byte(out, ']');
}

/* With the largest unit that leaves a whole number. */
static void put_size(struct buf *out, uint64_t bytes)
{
	static const char units[] = "KMG";
	int unit = -1;
	while (bytes && bytes % 1024 == 0 && unit < 2) {
		bytes /= 1024;
		unit++;
	}
	buf_printf(out, "%llu", (unsigned long long)bytes);
	if (unit >= 0)
		buf_byte(out, (uint8_t)units[unit]);
}

struct span settings_milli_text(int64_t thousandths, struct arena *arena)
{
	struct buf out;
	buf_init(&out, arena, SIZE_MAX);
	put_milli(&out, thousandths);
	return buf_span(&out);
}

struct span settings_size_text(uint64_t bytes, struct arena *arena)
{
	struct buf out;
	buf_init(&out, arena, SIZE_MAX);
	put_size(&out, bytes);
	return buf_span(&out);
}

struct span settings_value(const struct settings *settings, const struct settings_option *option, struct arena *arena)
{
	const void *member = (const char *)settings + option->offset;
	struct buf out;
	buf_init(&out, arena, SIZE_MAX);
	switch (option->type) {
	case SETTINGS_NUMBER: put_milli(&out, *(const int32_t *)member); break;
	case SETTINGS_COUNT: buf_printf(&out, "%d", *(const int32_t *)member); break;
	case SETTINGS_SIZE: put_size(&out, *(const uint64_t *)member); break;
	case SETTINGS_CHOICE: buf_put(&out, settings_word(option->words, *(const unsigned *)member)); break;
	case SETTINGS_SECRET: buf_cstr(&out, ((const struct span *)member)->n ? "(set, not shown)" : "\"\""); break;
	case SETTINGS_LISTEN: put_listen(&out, member); break;
	case SETTINGS_ADDRESS: put_address(&out, member); break;
	case SETTINGS_DOMAIN:
	case SETTINGS_TEXT:
	case SETTINGS_PATH: put_text(&out, *(const struct span *)member); break;
	case SETTINGS_YES_NO: buf_cstr(&out, *(const bool *)member ? "yes" : "no"); break;
	case SETTINGS_LISTS: put_lists(&out, member); break;
	case SETTINGS_RESOLVER: put_resolver(&out, member); break;
	case SETTINGS_NETWORKS:
	case SETTINGS_PATHS:
	case SETTINGS_MAILBOXES:
	case SETTINGS_DOMAINS: put_list(&out, option->type, member); break;
	case SETTINGS_TYPES: break;
	}
	return buf_span(&out);
}

struct span settings_preset(const struct settings_option *option, struct arena *arena)
{
	struct settings defaults;
	settings_defaults(&defaults);
	return settings_value(&defaults, option, arena);
}

/* Words of text as comment lines of at most 78 columns. */
static void put_comment(struct buf *out, struct span text)
{
	size_t column = 0;
	struct span word;
	while (span_split(&text, ' ', &word)) {
		if (column == 0 || column + 1 + word.n > 78) {
			buf_cstr(out, column ? "\n#" : "#");
			column = 1;
		}
		buf_byte(out, ' ');
		buf_put(out, word);
		column += 1 + word.n;
	}
	buf_byte(out, '\n');
}

struct span settings_sample(struct arena *arena)
{
	struct buf out;
	buf_init(&out, arena, SIZE_MAX);
	buf_cstr(&out, "# Settings of postern. Every option is optional; remove the # before those you want to set.\n"
		       "# Test the file with: postern config test FILE. Scores are natural log-odds (nats): 2 is odds of 7 to 1, 4 of 55, "
		       "8 of 3000.\n");
	for (size_t i = 0; i < settings_options_n; i++) {
		const struct settings_option *option = &settings_options[i];
		buf_byte(&out, '\n');
		put_comment(&out, span_cstr(option->help));
		struct span preset = settings_preset(option, arena);
		struct span says = settings_option_says(option, arena);
		put_comment(&out, arena_printf(arena, "It is %.*s; default %.*s.", SPAN_ARG(says), SPAN_ARG(preset)));
		buf_printf(&out, "#%s: %s\n", option->name, option->example);
	}
	return buf_span(&out);
}
