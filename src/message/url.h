/* message/url.h - a URL as a browser understands it (WHATWG URL Standard): browsers decide where a link goes.
 *
 * Promises: the same success, failure and host as the standard for special schemes; linear time; at most LIMIT_URL_BYTES.
 * Does not: fetch, or know the Public Suffix List (url_registrable does). */
#ifndef MESSAGE_URL_H
#define MESSAGE_URL_H

#include "base/arena.h"
#include "base/ip.h"

enum url_host {
	URL_HOST_NONE, /* mailto:, data:, javascript: ... or empty */
	URL_HOST_DOMAIN,
	URL_HOST_IPV4,
	URL_HOST_IPV6,
	URL_HOST_OPAQUE, /* non-special scheme */
};

enum url_flags {
	URL_USERINFO = 1 << 0,           /* user:password@ before the host */
	URL_NUMERIC_ODD = 1 << 1,        /* IPv4 written as one number, octal or hex */
	URL_PUNYCODE = 1 << 2,           /* host has an xn-- label */
	URL_IDN = 1 << 3,                /* host was written with non-ASCII letters */
	URL_HOST_PERCENT = 1 << 4,       /* host was percent-encoded */
	URL_BACKSLASH = 1 << 5,          /* "\" where "/" belongs */
	URL_INNER_BLANKS = 1 << 6,       /* tabs or line ends inside, which browsers drop */
	URL_ODD_PORT = 1 << 7,           /* a port that is not the scheme's default */
	URL_PATH_PERCENT_PLAIN = 1 << 8, /* plain letters percent-encoded in path or query */
	URL_NO_SLASHES = 1 << 9,         /* "http:host", "https:/host" */
};

struct url {
	struct span href;                                            /* serialised; span_none on failure */
	struct span scheme;                                          /* lower-case, without ':' */
	struct span username, password, host, path, query, fragment; /* as in href; query and fragment span_none when absent */
	int port;                                                    /* -1: none or default */
	enum url_host host_kind;
	struct ip ip;   /* host_kind IPV4 or IPV6 */
	uint32_t flags; /* enum url_flags */
};

/* input as found; base NULL or an absolute URL. 0, ERR_SYNTAX (what the standard calls failure) or ERR_LIMIT. */
int url_parse(struct span input, const struct url *base, struct arena *arena, struct url *ret_url);
/* Percent-decoded copy. */
struct span url_percent_decode(struct span text, struct arena *arena);
/* Domain to ASCII (UTS #46, non-transitional, WHATWG's settings); 0 or ERR_SYNTAX. ASCII is only lower-cased, as browsers do. */
int url_domain_to_ascii(struct span domain, struct arena *arena, struct span *ret_ascii);
/* Domain with its A-labels shown as letters, for people; the input where that cannot be. */
struct span url_domain_to_unicode(struct span domain, struct arena *arena);

/* Registrable domain by libpsl (private and ICANN rules), a slice of host; span_none for a public suffix, an address or one label.
 * host is lower-case ASCII (or UTF-8). */
struct span url_registrable(struct span host);
/* The same with the ICANN rules only: "github.io" is registrable there. */
struct span url_registrable_icann(struct span host);
/* True when both have the same registrable domain (or are equal). */
bool url_same_organisation(struct span host_a, struct span host_b);
/* Is label a top-level domain that exists ("com", "uk", "xn--p1ai"; any case, UTF-8)? By the ICANN section of the list. */
bool url_is_top_level(struct span label);
void url_warm_up(void); /* loads the Public Suffix List; call once before threads start */

#endif
