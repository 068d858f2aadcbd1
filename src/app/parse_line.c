/* app/parse_line.c - what is in a Received line, a line of text with links, a line of addresses. */
#include "app/parse.h"
#include "base/json_out.h"
#include "message/address.h"
#include "message/link.h"
#include "message/received.h"

/* "  name: value", when there is one. */
static void put_field(struct buf *out, const char *name, struct span value, struct arena *arena)
{
	if (!value.p)
		return;
	buf_printf(out, "  %-10s ", name);
	buf_put(out, style_safe(value, arena));
	buf_byte(out, '\n');
}

/* Flags as words: bit i is names[i]. */
static void json_flags(struct json_out *j, uint32_t flags, const char *const *names, size_t n)
{
	json_array(j, "flags");
	for (size_t i = 0; i < n; i++)
		if (flags & 1u << i)
			json_cstr(j, NULL, names[i]);
	json_close(j);
}

static struct span flags_text(uint32_t flags, const char *const *names, size_t n, struct arena *arena)
{
	struct buf out;
	buf_init(&out, arena, 4096);
	for (size_t i = 0; i < n; i++)
		if (flags & 1u << i)
			buf_printf(&out, "%s%s", out.n ? " " : "", names[i]);
	return out.n ? buf_span(&out) : span_none;
}

struct named_value {
	const char *name;
	struct span value;
};

void parse_received_line(const struct parse_line *line, bool json, struct arena *arena, struct buf *out)
{
	struct received r;
	struct span text = line->text;
	char ip[IP_TEXT_MAX], time[CLOCK_TEXT_MAX];
	if (span_istarts(text, SPAN("Received:")))
		text = span_skip(text, 9);
	received_parse(span_trim(text), arena, &r);
	const struct named_value fields[] = {
		{ "ip", r.has_ip ? span_of(ip, ip_format(&r.ip, ip)) : span_none },
		{ "rdns", r.rdns },
		{ "helo", r.helo },
		{ "by", r.by },
		{ "with", r.with },
		{ "id", r.id },
		{ "ident", r.ident },
		{ "envfrom", r.envelope_from },
		{ "auth", r.auth },
		{ "for", r.recipient },
		{ "time", r.has_time ? span_of(time, clock_format_rfc3339(r.time.seconds, time)) : span_none },
	};
	struct json_out j;
	json_init(&j, out);
	if (json) {
		json_object(&j, NULL);
		json_cstr(&j, "class", received_class_name(r.class));
	} else {
		buf_printf(out, "%llu: %s, written by %s\n", (unsigned long long)line->number, received_class_name(r.class),
			   received_writer_name(r.writer));
	}
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		if (json)
			json_text_or_null(&j, fields[i].name, fields[i].value);
		else
			put_field(out, fields[i].name, fields[i].value, arena);
	}
	if (json) {
		json_close(&j);
		buf_byte(out, '\n');
	}
}

static const char *const link_flag_names[] = { "redirected", "scheme_added", "mailto",        "image", "form",
					       "refresh",    "hidden",       "in_attachment", "broken" };
static const char *const url_flag_names[] = { "userinfo",     "numeric_odd", "punycode",           "idn",       "host_percent", "backslash",
					      "inner_blanks", "odd_port",    "path_percent_plain", "no_slashes" };
enum { LINK_FLAGS = sizeof link_flag_names / sizeof *link_flag_names, URL_FLAGS = sizeof url_flag_names / sizeof *url_flag_names };

static const char *link_kind_name(enum link_kind kind)
{
	static const char *const names[] = { [LINK_ATTRIBUTE] = "attribute", [LINK_TEXT] = "text", [LINK_OBFUSCATED] = "obfuscated" };
	return names[kind];
}

static void put_link(const struct link *link, uint64_t number, bool json, struct arena *arena, struct buf *out)
{
	struct span host = link->url.host_kind == URL_HOST_NONE ? span_none : link->url.host;
	if (!json) {
		buf_printf(out, "%llu: %s\n", (unsigned long long)number, link_kind_name(link->kind));
		put_field(out, "raw", link->raw, arena);
		put_field(out, "url", link->url.href, arena);
		put_field(out, "host", host, arena);
		put_field(out, "domain", link->domain, arena);
		put_field(out, "flags", flags_text(link->flags, link_flag_names, LINK_FLAGS, arena), arena);
		put_field(out, "oddities", flags_text(link->url.flags, url_flag_names, URL_FLAGS, arena), arena);
		return;
	}
	struct json_out j;
	json_init(&j, out);
	json_object(&j, NULL);
	json_int(&j, "line", (int64_t)number);
	json_text(&j, "raw", link->raw);
	json_text_or_null(&j, "url", link->url.href);
	json_text_or_null(&j, "host", host);
	json_text_or_null(&j, "domain", link->domain);
	json_cstr(&j, "kind", link_kind_name(link->kind));
	json_array(&j, "flags");
	for (size_t i = 0; i < LINK_FLAGS; i++)
		if (link->flags & 1u << i)
			json_cstr(&j, NULL, link_flag_names[i]);
	for (size_t i = 0; i < URL_FLAGS; i++)
		if (link->url.flags & 1u << i)
			json_cstr(&j, NULL, url_flag_names[i]);
	json_close(&j);
	json_close(&j);
	buf_byte(out, '\n');
}

void parse_urls_line(const struct parse_line *line, bool json, struct arena *arena, struct buf *out)
{
	struct links links = { 0 };
	struct anomalies anomalies = { 0 };
	links_from_text(line->text, 0, PLACE_TEXT, arena, &anomalies, &links);
	for (uint32_t i = 0; i < links.list.n; i++)
		put_link(&links.list.v[i], line->number, json, arena, out);
}

static const char *const address_flag_names[] = { "in_group", "no_angle", "quoted_local", "literal_domain", "no_domain", "invalid" };
enum { ADDRESS_FLAGS = sizeof address_flag_names / sizeof *address_flag_names };

static void json_address(struct json_out *j, const struct address *address)
{
	json_object(j, NULL);
	json_text_or_null(j, "display", address->display);
	json_text(j, "address", address->spec);
	json_text(j, "local", address->local);
	json_text(j, "domain", address->domain);
	json_text_or_null(j, "group", address->group);
	json_flags(j, address->flags, address_flag_names, ADDRESS_FLAGS);
	json_close(j);
}

static void text_address(struct buf *out, const struct address *address, struct arena *arena)
{
	put_field(out, "display", address->display, arena);
	put_field(out, "address", address->spec, arena);
	put_field(out, "group", address->group, arena);
	put_field(out, "flags", flags_text(address->flags, address_flag_names, ADDRESS_FLAGS, arena), arena);
}

void parse_addresses_line(const struct parse_line *line, bool json, struct arena *arena, struct buf *out)
{
	struct addresses addresses;
	addresses_parse_text(line->text, arena, &addresses);
	bool valid = address_spec_valid(line->text);
	if (json) {
		struct json_out j;
		json_init(&j, out);
		json_object(&j, NULL);
		json_int(&j, "line", (int64_t)line->number);
		json_bool(&j, "valid", valid);
		json_array(&j, "addresses");
		for (uint32_t i = 0; i < addresses.list.n; i++)
			json_address(&j, &addresses.list.v[i]);
		json_close(&j);
		json_close(&j);
		buf_byte(out, '\n');
		return;
	}
	buf_printf(out, "%llu: %s, %u mailbox%s\n", (unsigned long long)line->number,
		   valid ? "an address as RFC 5321 allows it" : "not one bare address", addresses.list.n,
		   addresses.list.n == 1 ? "" : "es");
	for (uint32_t i = 0; i < addresses.list.n; i++)
		text_address(out, &addresses.list.v[i], arena);
}
