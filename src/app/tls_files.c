/* app/tls_files.c - see tls_files.h */
#include "app/tls_files.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "net/tls.h"

#include <errno.h>

static int read_file(struct span path, struct arena *arena, struct span *ret_text, struct span *ret_error)
{
	int err = file_read((const char *)path.p, LIMIT_SETTINGS_BYTES, arena, ret_text);
	if (err != ERR_OK)
		*ret_error = arena_printf(arena, "cannot read %.*s: %s", SPAN_ARG(path), strerror(errno));
	return err;
}

int tls_files_read(const struct tls_files *files, struct arena *arena, struct span *ret_certificate, struct span *ret_key,
		   struct span *ret_error)
{
	struct ssl_ctx_st *tls;
	struct span certificate = span_none, key = span_none;
	if (files->certificate.n == 0 && files->key.n == 0) {
		*ret_certificate = *ret_key = SPAN("");
		return ERR_OK;
	}
	if (files->certificate.n == 0 || files->key.n == 0) {
		*ret_error =
		    arena_printf(arena, "%s_certificate and %s_key belong together: one of them is not set", files->prefix, files->prefix);
		return ERR_SYNTAX;
	}
	int err = read_file(files->certificate, arena, &certificate, ret_error);
	if (err == ERR_OK)
		err = read_file(files->key, arena, &key, ret_error);
	if (err != ERR_OK)
		return err;
	err = tls_server_new(certificate, key, arena, &tls, ret_error);
	if (err != ERR_OK) {
		*ret_error = arena_printf(arena, "%s_%.*s", files->prefix, SPAN_ARG(*ret_error));
		return err;
	}
	tls_server_free(tls);
	*ret_certificate = certificate;
	*ret_key = key;
	return ERR_OK;
}
