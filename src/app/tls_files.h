/* app/tls_files.h - certificate and key of the settings, which master reads while it may, for the front, which may not.
 *
 * Workers and keeper never get them. Owner: the arena. */
#ifndef APP_TLS_FILES_H
#define APP_TLS_FILES_H

#include "config/settings.h"

/* The texts of both, empty where the settings name none; tried together. ERR_IO, ERR_SYNTAX: *ret_error says which and why. */
int tls_files_read(const struct settings *settings, struct arena *arena, struct span *ret_certificate, struct span *ret_key,
		   struct span *ret_error);

#endif
