/* config/settings.h - what the user may set, one row an option; parsed from YAML, checked against type and range.
 *
 * The table in settings.c holds name, type, offset, range, default, unit and help; parser, `postern config`, the sample file and the manual
 * derive from it. YAML through libyaml: no tags, no aliases. Errors name file, line, column and what to do. Beside FILE stands its override
 * folder FILE.d: what its *.yaml files set, in the order of their names, holds instead.
 * Owner: the arena given to settings_load or settings_parse. */
#ifndef CONFIG_SETTINGS_H
#define CONFIG_SETTINGS_H

#include "base/arena.h"
#include "base/ip.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/vec.h"
#include "config/list_declaration.h"

/* Where the service's settings stand, unless it is told otherwise. */
#define SETTINGS_FILE "/etc/postern/postern.yaml"

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

struct settings_address {
	struct span path; /* of a Unix socket, followed by a NUL; span_none: an address of the internet */
	struct ip ip;
	uint16_t port; /* to listen on: 0 takes any that is free */
};
struct settings_listen {
	struct settings_address v[LIMIT_LISTEN];
	size_t n;
};
/* A test of the door (config/gate_tests.def): watch says what enforce would have done. */
enum gate_mode { GATE_OFF, GATE_WATCH, GATE_ENFORCE };
enum gate_test {
#define GATE_TEST(symbol, name, mode, group, weight, says, help) GATE_TEST_##symbol,
#include "config/gate_tests.def"
#undef GATE_TEST
	GATE_TESTS
};
struct settings_gate {
	enum gate_mode mode[GATE_TESTS];
	int32_t grey, refuse;                /* thousandths of a nat */
	int32_t greet_delay, greylist_delay; /* milliseconds; written in seconds */
	int32_t rate, crowd;                 /* connections of an address a minute, and at once; 0: any number */
	int32_t unknown_recipients;          /* in one connection */
	struct span contact;                 /* how to get in touch, told in refusals */
};

enum next_hop_tls { NEXT_HOP_TLS_OFF, NEXT_HOP_TLS_MAY, NEXT_HOP_TLS_REQUIRE, NEXT_HOP_TLS_VERIFY };
enum next_hop_auth { NEXT_HOP_AUTH_OFF, NEXT_HOP_AUTH_TLS, NEXT_HOP_AUTH_ANY };
enum on_failure { ON_FAILURE_TEMPFAIL, ON_FAILURE_ACCEPT };
enum trap_personality { TRAP_POSTFIX, TRAP_EXIM, TRAP_EXCHANGE };
enum quarantine_in { QUARANTINE_IN_STORE, QUARANTINE_IN_HOLD, QUARANTINE_IN_MARK };

struct settings {
	struct settings_nets trusted_networks, internal_networks, msa_networks;
	struct settings_names local_domains;
	struct span hostname, authserv_id;       /* lower-case; empty: not told, see settings_authserv_id */
	int32_t prior, mark, quarantine, reject; /* thousandths of a nat; written in nats in the file */
	int32_t reject_loss;                     /* thousandths of a percent of good mail */
	struct span model;                       /* path, followed by a NUL; empty: the user's own place (app/model_file.h) */
	bool shipped_prior;
	struct settings_resolver resolver;
	struct span trust_anchors; /* path, followed by a NUL; empty: the root's keys, where resolver is recursive */
	int32_t dns_deadline;      /* milliseconds; written in seconds */
	bool defer_unchecked;
	struct settings_names trusted_sealers;
	struct settings_lists lists;
	struct span network_database; /* path, followed by a NUL; empty: the packaged one, if there is one */

	/* postern serve */
	struct settings_listen listen_milter, listen_spamd, listen_http, listen_policy;
	struct span user;           /* followed by a NUL, as all texts */
	int32_t workers;            /* 0: one a core */
	struct span data_directory; /* path, followed by a NUL; empty: the user's own place */
	uint64_t message_bytes;
	int32_t message_deadline; /* milliseconds; written in seconds */
	enum on_failure on_failure;
	bool enforce;
	enum quarantine_in quarantine_in;
	struct span subject_mark; /* UTF-8 */
	struct settings_names allow_domains;
	int32_t history_days, content_days;
	uint64_t content_bytes;
	struct settings_listen listen_smtp, listen_lmtp, listen_trap;
	unsigned trap_personality;              /* TRAP_POSTFIX ... */
	struct span trap_certificate, trap_key; /* paths, each followed by a NUL; empty: none */
	struct span trap_hostname;              /* lower-case; empty: hostname */
	struct settings_names trap_recipients;  /* lower-case; "@example.org": everybody there */
	struct span plant_secret;               /* empty: nothing was planted */
	bool trap_learn;
	bool trap_release;
	struct settings_listen listen_dns;
	struct span dns_zone;  /* empty: none is served */
	int32_t dns_zone_rate; /* questions a second; 0: any number */
	struct settings_address next_hop, next_hop_lmtp;
	enum next_hop_tls next_hop_tls;
	enum next_hop_auth next_hop_auth;
	struct span next_hop_name;        /* lower-case; empty: its address */
	struct span next_hop_authorities; /* path, followed by a NUL; empty: the system's */
	struct settings_nets proxy_protocol_from, xclient_from;
	struct span tls_certificate, tls_key; /* paths, each followed by a NUL; empty: none */
	struct settings_address release_to;
	struct span password;
	struct settings_names block_addresses, allow_addresses; /* paths, each followed by a NUL */
	struct settings_gate gate;
	enum log_target log;
	enum log_format log_format;
};

enum settings_type {
	SETTINGS_NETWORKS,
	SETTINGS_DOMAINS,
	SETTINGS_DOMAIN,
	SETTINGS_MAILBOXES,
	SETTINGS_NUMBER,
	SETTINGS_COUNT,
	SETTINGS_SIZE,
	SETTINGS_PATH,
	SETTINGS_PATHS,
	SETTINGS_TEXT,
	SETTINGS_SECRET,
	SETTINGS_CHOICE,
	SETTINGS_YES_NO,
	SETTINGS_LISTEN,
	SETTINGS_ADDRESS,
	SETTINGS_LISTS,
	SETTINGS_RESOLVER,
	SETTINGS_TYPES
};

struct settings_option {
	const char *name;
	enum settings_type type;
	size_t offset;
	int64_t least, most, preset; /* numbers: thousandths; sizes: bytes; texts: most bytes; yes or no: 1 or 0; choices: which word */
	const char *words;           /* choices: the words, with blanks between; texts and addresses: the default; else NULL */
	const char *unit;
	const char *help;    /* one or two sentences */
	const char *example; /* a value that makes sense, as YAML */
};

extern const struct settings_option settings_options[];
extern const size_t settings_options_n;

/* Where an option was set. */
struct settings_origin {
	struct span file; /* span_none: it keeps its default */
	uint32_t line, column;
};
/* What reading settings found out, besides them. */
struct settings_report {
	struct settings_origin *origins; /* one for each row of settings_options */
	VEC(struct span) errors;         /* "file:line:column: what is wrong and what to write instead", at most LIMIT_SETTINGS_ERRORS */
};

void settings_defaults(struct settings *ret_settings);
/* 0, ERR_IO, ERR_SYNTAX; on failure *ret_settings is untouched and *ret_error is the first error. */
int settings_load(const char *path, struct arena *arena, struct settings *ret_settings, struct span *ret_error);

struct settings_file {
	struct span path, text;
};
/* Settings as their files hold them: FILE, then those of FILE.d. */
struct settings_files {
	VEC(struct settings_file) list;
};
/* ERR_IO, ERR_SYNTAX (too large): *ret_error says which and why. */
int settings_files_read(const char *path, struct arena *arena, struct settings_files *ret_files, struct span *ret_error);
/* As bytes for a child process that may open no file, and back; ERR_SYNTAX: no such bytes. What is read borrows them. */
void settings_files_write(const struct settings_files *files, struct buf *out);
int settings_files_parse(struct span record, struct arena *arena, struct settings_files *ret_files);
/* ERR_SYNTAX when ret_report->errors has any; the report is filled in any case, the settings only on success. No file: the defaults. */
int settings_parse(const struct settings_files *files, struct arena *arena, struct settings *ret_settings,
		   struct settings_report *ret_report);

/* The row of that name, or NULL. */
const struct settings_option *settings_find(struct span name);
/* The value of one option as YAML ("[10.0.0.0/8, \"!10.1.2.3\"]", "2.5"), and its default. Of a secret, only that it is set. */
struct span settings_value(const struct settings *settings, const struct settings_option *option, struct arena *arena);
struct span settings_preset(const struct settings_option *option, struct arena *arena);
/* How this host signs its Authentication-Results (RFC 8601 2.5): authserv_id, or else hostname. */
static inline struct span settings_authserv_id(const struct settings *settings)
{
	return settings->authserv_id.n ? settings->authserv_id : settings->hostname;
}
/* "a list of networks"; "one of store, hold and mark" */
struct span settings_option_says(const struct settings_option *option, struct arena *arena);
/* "127.0.0.1:11332", "[::1]:11332", "unix:/run/postern/milter". */
bool settings_address_parse(struct span text, struct settings_address *ret_address);
void settings_address_put(const struct settings_address *address, struct buf *out);
struct span settings_milli_text(int64_t thousandths, struct arena *arena); /* "2.5" */
struct span settings_size_text(uint64_t bytes, struct arena *arena);       /* "50M" */
/* The n-th of words with blanks between, or span_none. */
struct span settings_word(const char *words, int64_t n);
bool settings_server_ok(struct span server); /* "192.0.2.53", "2001:db8::53@5353" */
/* Is domain one of the names, or below one? */
bool settings_names_have(const struct settings_names *names, struct span domain);
const char *settings_resolver_name(enum resolver_kind kind); /* "system"; NULL for RESOLVER_SERVERS */
/* A file that sets nothing and explains everything. */
struct span settings_sample(struct arena *arena);

#endif
