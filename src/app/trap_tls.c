/* app/trap_tls.c - see trap_tls.h */
#include "app/trap_tls.h"
#include "base/clock.h"
#include "net/tls.h"
#include "net/tls_certificate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { PEM_BYTES = 16384 };

static struct span read_kept(int folder, struct arena *arena)
{
	int file = openat(folder, "trap.pem", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	uint8_t *text = arena_alloc(arena, PEM_BYTES);
	ssize_t n = file < 0 ? -1 : read(file, text, PEM_BYTES);
	if (file >= 0)
		close(file);
	return n > 0 ? span_of(text, (size_t)n) : span_none;
}

static bool write_kept(int folder, struct span text)
{
	static const char name[] = "trap.pem.new";
	unlinkat(folder, name, 0);
	int file = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool good = file >= 0 && write(file, text.p, text.n) == (ssize_t)text.n && fsync(file) == 0;
	if (file >= 0 && close(file) != 0)
		good = false;
	return good && renameat(folder, name, folder, "trap.pem") == 0;
}

static bool read_own(int folder, struct span name, struct arena *arena, struct ssl_ctx_st **ret_tls)
{
	struct span text = read_kept(folder, arena), error;
	return text.n && tls_certificate_serves(text, name, clock_now()) && tls_server_new(text, text, arena, ret_tls, &error) == ERR_OK;
}

int trap_tls_own(const char *path, struct span name, struct arena *arena, struct ssl_ctx_st **ret_tls, struct span *ret_error)
{
	int folder = path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	struct span certificate, key;
	*ret_error = span_none;
	if (folder >= 0 && read_own(folder, name, arena, ret_tls)) {
		close(folder);
		return ERR_OK;
	}
	int err = tls_certificate_make(name, clock_now(), arena, &certificate, &key);
	if (err != ERR_OK)
		*ret_error = SPAN("no key could be made");
	else
		err = tls_server_new(certificate, key, arena, ret_tls, ret_error);
	if (err == ERR_OK && path && (folder < 0 || !write_kept(folder, arena_join(arena, certificate, key))))
		*ret_error = arena_printf(arena, "cannot keep trap.pem in %s: %s", path, strerror(errno));
	if (folder >= 0)
		close(folder);
	return err;
}
