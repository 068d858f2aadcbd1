/* net/dns_files.c - see dns_files.h */
#include "net/dns_files.h"
#include "base/ascii.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/record.h"

#include <errno.h>

/* The root's keys of 2017 and 2024 (https://data.iana.org/root-anchors/), for where the system keeps none that are kept up to date. */
static const char root_keys[] = ". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n"
				". IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16\n";
static const char system_root_keys[] = "/usr/share/dns/root.key", resolv_conf[] = "/etc/resolv.conf";

void dns_files_servers(struct span text, struct arena *arena, struct dns_files *files)
{
	struct span line, word = SPAN("nameserver");
	while (files->servers.n < DNS_FILES_SERVERS && span_split(&text, '\n', &line)) {
		if (!span_starts(line, word) || !ascii_is_space(span_at(line, word.n)))
			continue;
		struct span address = span_trim(span_skip(line, word.n));
		size_t end = 0;
		while (end < address.n && !ascii_is_space(address.p[end]))
			end++;
		address = span_first(address, end);
		if (settings_server_ok(address))
			*(struct span *)vec_push(arena, &files->servers) = address;
	}
}

struct span dns_files_keys(struct span text, struct arena *arena)
{
	struct buf out;
	struct span line;
	unsigned depth = 0; /* of parentheses: a record goes on */
	buf_init(&out, arena, 2 * text.n + 1);
	while (span_split(&text, '\n', &line)) {
		line = span_first(line, span_find_byte(line, ';', 0));
		if (!depth && (!span_trim(line).n || line.p[0] == '$'))
			continue;
		for (size_t i = 0; i < line.n; i++) {
			bool opens = line.p[i] == '(', closes = line.p[i] == ')';
			depth += opens;
			depth -= closes && depth;
			buf_byte(&out, opens || closes || line.p[i] == '\r' ? ' ' : line.p[i]);
		}
		buf_byte(&out, depth ? ' ' : '\n');
	}
	return buf_span(&out);
}

int dns_files_read(const struct settings *s, struct arena *arena, struct dns_files *ret, struct span *ret_error)
{
	struct dns_files files = { 0 };
	struct span text;
	if (s->resolver.kind == RESOLVER_SYSTEM && file_read(resolv_conf, LIMIT_SETTINGS_BYTES, arena, &text) == ERR_OK)
		dns_files_servers(text, arena, &files);
	if (s->resolver.kind == RESOLVER_SYSTEM && !files.servers.n)
		*(struct span *)vec_push(arena, &files.servers) = SPAN("127.0.0.1");
	for (size_t i = 0; s->resolver.kind == RESOLVER_SERVERS && i < s->resolver.n; i++)
		*(struct span *)vec_push(arena, &files.servers) = s->resolver.servers[i];
	if (s->trust_anchors.n && s->resolver.kind != RESOLVER_NONE) {
		const char *path = (const char *)s->trust_anchors.p;
		if (file_read(path, LIMIT_SETTINGS_BYTES, arena, &text) != ERR_OK) {
			*ret_error = arena_printf(arena, "trust_anchors: cannot read %s: %s", path, strerror(errno));
			return ERR_IO;
		}
		files.keys = dns_files_keys(text, arena);
	} else if (s->resolver.kind == RESOLVER_RECURSIVE) {
		bool kept = file_read(system_root_keys, LIMIT_SETTINGS_BYTES, arena, &text) == ERR_OK;
		files.keys = dns_files_keys(kept ? text : span_cstr(root_keys), arena);
	}
	*ret = files;
	return ERR_OK;
}

void dns_files_write(const struct dns_files *files, struct buf *out)
{
	record_put_number(out, files->servers.n);
	for (uint32_t i = 0; i < files->servers.n; i++)
		record_put_text(out, files->servers.v[i]);
	record_put_text(out, files->keys);
}

int dns_files_parse(struct span record, struct arena *arena, struct dns_files *ret)
{
	struct cursor c = cursor_of(record);
	struct dns_files files = { 0 };
	for (uint64_t n = record_count(&c); n; n--)
		*(struct span *)vec_push(arena, &files.servers) = record_text(&c);
	files.keys = record_text(&c);
	if (c.overrun)
		return ERR_SYNTAX;
	*ret = files;
	return ERR_OK;
}
