/* base/file.c - see file.h */
#include "base/file.h"
#include "base/buf.h"
#include "base/err.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { STEP = 4096 };

int file_read(const char *path, size_t most, struct arena *arena, struct span *ret)
{
	struct buf out;
	ssize_t n = -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC), why;
	if (fd < 0)
		return ERR_IO;
	buf_init(&out, arena, most + STEP);
	while (out.n <= most && buf_room(&out, STEP) && (n = read(fd, out.p + out.n, STEP)) > 0)
		out.n += (size_t)n;
	why = out.n > most ? EFBIG : errno;
	close(fd);
	errno = why;
	if (n < 0 || out.n > most)
		return ERR_IO;
	*ret = buf_span(&out);
	return ERR_OK;
}
