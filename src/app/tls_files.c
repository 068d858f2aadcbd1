/* app/tls_files.c - see tls_files.h */
#include "app/tls_files.h"
#include "base/buf.h"
#include "base/limits.h"
#include "net/tls.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static int read_file(struct span path, struct arena *arena, struct span *ret_text, struct span *ret_error)
{
	struct buf out;
	int fd = open((const char *)path.p, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : 0;
	buf_init(&out, arena, LIMIT_SETTINGS_BYTES);
	while (fd >= 0 && buf_room(&out, 4096) && (n = read(fd, out.p + out.n, 4096)) > 0)
		out.n += (size_t)n;
	int why = out.full ? EFBIG : errno;
	if (fd >= 0)
		close(fd);
	if (n < 0 || out.full) {
		*ret_error = arena_printf(arena, "cannot read %.*s: %s", SPAN_ARG(path), strerror(why));
		return ERR_IO;
	}
	*ret_text = buf_span(&out);
	return ERR_OK;
}

int tls_files_read(const struct settings *s, struct arena *arena, struct span *ret_certificate, struct span *ret_key,
		   struct span *ret_error)
{
	struct ssl_ctx_st *tls;
	struct span certificate = span_none, key = span_none;
	if (s->tls_certificate.n == 0 && s->tls_key.n == 0) {
		*ret_certificate = *ret_key = SPAN("");
		return ERR_OK;
	}
	if (s->tls_certificate.n == 0 || s->tls_key.n == 0) {
		*ret_error = SPAN("tls_certificate and tls_key belong together: one of them is not set");
		return ERR_SYNTAX;
	}
	int err = read_file(s->tls_certificate, arena, &certificate, ret_error);
	if (err == ERR_OK)
		err = read_file(s->tls_key, arena, &key, ret_error);
	if (err == ERR_OK)
		err = tls_server_new(certificate, key, arena, &tls, ret_error);
	if (err != ERR_OK)
		return err;
	tls_server_free(tls);
	*ret_certificate = certificate;
	*ret_key = key;
	return ERR_OK;
}
