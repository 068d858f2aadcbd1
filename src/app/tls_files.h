/* app/tls_files.h - certificate and key of the settings, which master reads while it may, for front and trap, which may not.
 *
 * Each gets its own; workers and keeper never get any. Owner: the arena. */
#ifndef APP_TLS_FILES_H
#define APP_TLS_FILES_H

#include "base/err.h"
#include "config/settings.h"

struct tls_files {
	const char *prefix;           /* of the settings' names: "tls" */
	struct span certificate, key; /* paths, each followed by a NUL; empty: none */
};

/* Who vouches for the next hop: the text of next_hop_authorities, or of the system's; empty where next_hop_tls asks for no proof. */
int tls_files_authorities(const struct settings *settings, struct arena *arena, struct span *ret_text, struct span *ret_error);
/* The texts of both, empty where the settings name none; tried together. ERR_IO, ERR_SYNTAX: *ret_error says which and why. */
int tls_files_read(const struct tls_files *files, struct arena *arena, struct span *ret_certificate, struct span *ret_key,
		   struct span *ret_error);

#endif
