/* config/settings.h - what the user may set, one row an option; parsed from YAML, checked against type and range.
 *
 * The table in settings.c holds name, type, offset, range, default, unit and help; parser, `postern config`, the sample file and the manual
 * derive from it. YAML through libyaml: no tags, no aliases. Errors name file, line and what to do.
 * Owner: the arena given to settings_load. */
#ifndef CONFIG_SETTINGS_H
#define CONFIG_SETTINGS_H

#include "base/arena.h"
#include "base/ip.h"
#include "config/list_declaration.h"

struct settings_nets {
	struct ip_net *v;
	size_t n;
};
struct settings_names {
	struct span *v; /* lower-case */
	size_t n;
};

struct settings_lists {
	struct list_declaration *v;
	size_t n;
};
enum resolver_kind {
	RESOLVER_NONE,      /* nobody */
	RESOLVER_SYSTEM,    /* those of /etc/resolv.conf */
	RESOLVER_RECURSIVE, /* the root servers and down, with DNSSEC */
	RESOLVER_SERVERS,   /* those of servers */
};
struct settings_resolver {
	enum resolver_kind kind;
	struct span *servers; /* "192.0.2.53", "192.0.2.53@5353" */
	size_t n;
};

struct settings {
	struct settings_nets trusted_networks, internal_networks, msa_networks;
	struct settings_names local_domains;
	struct span hostname, authserv_id;       /* lower-case; empty: not told, see settings_authserv_id */
	int32_t prior, mark, quarantine, reject; /* thousandths of a nat; written in nats in the file */
	int32_t reject_loss;                     /* thousandths of a percent of good mail */
	struct span model;                       /* path, followed by a NUL; empty: the user's own place (app/model_file.h) */
	bool shipped_prior;
	struct settings_resolver resolver;
	int32_t dns_deadline; /* milliseconds; written in seconds */
	bool defer_unchecked;
	struct settings_names trusted_sealers;
	struct settings_lists lists;
	struct span network_database; /* path, followed by a NUL; empty: the packaged one, if there is one */
};

enum settings_type {
	SETTINGS_NETWORKS,
	SETTINGS_DOMAINS,
	SETTINGS_DOMAIN,
	SETTINGS_NUMBER,
	SETTINGS_PATH,
	SETTINGS_YES_NO,
	SETTINGS_LISTS,
	SETTINGS_RESOLVER
};

struct settings_option {
	const char *name;
	enum settings_type type;
	size_t offset;
	int64_t least, most, preset; /* numbers: thousandths; yes or no: 1 or 0 */
	const char *unit;
	const char *help;    /* one or two sentences */
	const char *example; /* a value that makes sense, as YAML */
};

extern const struct settings_option settings_options[];
extern const size_t settings_options_n;

void settings_defaults(struct settings *ret_settings);
/* 0, ERR_IO, ERR_SYNTAX; on failure *ret_settings is untouched and *ret_error is "file:line: what is wrong and what to write instead". */
int settings_load(const char *path, struct arena *arena, struct settings *ret_settings, struct span *ret_error);
/* The same; lines[i] gets the line that sets settings_options[i], 0 when it keeps its default. */
int settings_load_lines(const char *path, struct arena *arena, struct settings *ret_settings, uint32_t *ret_lines, struct span *ret_error);
/* The row of that name, or NULL. */
const struct settings_option *settings_find(struct span name);
/* The value of one option as YAML ("[10.0.0.0/8, \"!10.1.2.3\"]", "2.5"), and its default. */
struct span settings_value(const struct settings *settings, const struct settings_option *option, struct arena *arena);
struct span settings_preset(const struct settings_option *option, struct arena *arena);
/* How this host signs its Authentication-Results (RFC 8601 2.5): authserv_id, or else hostname. */
static inline struct span settings_authserv_id(const struct settings *settings)
{
	return settings->authserv_id.n ? settings->authserv_id : settings->hostname;
}
const char *settings_type_says(enum settings_type type);     /* "a list of networks" */
bool settings_server_ok(struct span server);                 /* "192.0.2.53", "2001:db8::53@5353" */
const char *settings_resolver_name(enum resolver_kind kind); /* "system"; NULL for RESOLVER_SERVERS */
/* A file that sets nothing and explains everything. */
struct span settings_sample(struct arena *arena);

#endif
