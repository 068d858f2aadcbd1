/* app/tls_files.c - see tls_files.h */
#include "app/tls_files.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "net/tls.h"

#include <errno.h>

#define SYSTEM_AUTHORITIES "/etc/ssl/certs/ca-certificates.crt"

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
	tls_free(tls);
	*ret_certificate = certificate;
	*ret_key = key;
	return ERR_OK;
}

int tls_files_authorities(const struct settings *s, struct arena *arena, struct span *ret_text, struct span *ret_error)
{
	struct ssl_ctx_st *tls;
	struct span text, path = s->next_hop_authorities.n ? s->next_hop_authorities : SPAN(SYSTEM_AUTHORITIES);
	if (s->next_hop_tls != NEXT_HOP_TLS_VERIFY) {
		*ret_text = SPAN("");
		return ERR_OK;
	}
	int err = read_file(path, arena, &text, ret_error);
	if (err != ERR_OK)
		*ret_error = arena_join(arena, *ret_error,
					SPAN("; next_hop_tls: verify needs authorities: install ca-certificates, or set "
					     "next_hop_authorities"));
	if (err == ERR_OK && text.n == 0) {
		*ret_error = arena_join(arena, path, SPAN(" is empty: nobody could vouch for next_hop"));
		err = ERR_SYNTAX;
	}
	if (err == ERR_OK)
		err = tls_client_new(text, arena, &tls, ret_error);
	if (err != ERR_OK)
		return err;
	tls_free(tls);
	*ret_text = text;
	return ERR_OK;
}
