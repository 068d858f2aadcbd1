/* net/dns_files.h - the files that asking the DNS needs, read while a process may open files, for one that may not: the name servers of
 * /etc/resolv.conf, and the keys from which DNSSEC is checked.
 *
 * Owner: texts live in the arena. */
#ifndef NET_DNS_FILES_H
#define NET_DNS_FILES_H

#include "base/buf.h"
#include "base/vec.h"
#include "config/settings.h"

struct dns_files {
	VEC(struct span) servers; /* as resolver_options.servers has them */
	struct span keys;         /* as resolver_options.keys has them */
};

/* Of the settings' resolver and trust_anchors. Where there is no resolv.conf the machine itself is asked (resolv.conf(5)); root's keys are
 * the system's, or else those built in. ERR_IO: trust_anchors cannot be read; *ret_error says which file and why. */
int dns_files_read(const struct settings *settings, struct arena *arena, struct dns_files *ret_files, struct span *ret_error);

/* The parts of it, of the texts of such files. Servers: the first DNS_FILES_SERVERS lines "nameserver ADDRESS". */
enum { DNS_FILES_SERVERS = 3 }; /* MAXNS of resolv.conf(5) */
void dns_files_servers(struct span resolv_conf, struct arena *arena, struct dns_files *files);
/* Records of a zone file (RFC 1035 5.1), one a line: comments cut, what stands in parentheses joined, directives left out. */
struct span dns_files_keys(struct span zone_file, struct arena *arena);

/* As master sends them. ERR_SYNTAX. */
void dns_files_write(const struct dns_files *files, struct buf *out);
int dns_files_parse(struct span record, struct arena *arena, struct dns_files *ret_files);

#endif
