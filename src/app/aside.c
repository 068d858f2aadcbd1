/* app/aside.c - see aside.h */
#include "app/aside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static unsigned files_in(const char *folder)
{
	DIR *dir = opendir(folder);
	unsigned n = 0;
	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

static int put(const char *folder, uint64_t name, const char *kind, struct span bytes)
{
	char path[PATH_MAX];
	snprintf(path, sizeof path, "%s/%" PRIu64 ".%s", folder, name, kind);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return ERR_IO;
	int err = ERR_OK;
	while (bytes.n && err == 0) {
		ssize_t n = write(fd, bytes.p, bytes.n);
		if (n > 0)
			bytes = span_skip(bytes, (size_t)n);
		else if (errno != EINTR)
			err = ERR_IO;
	}
	close(fd);
	return err;
}

int aside_keep(const char *data_directory, struct span message, struct span why, uint64_t microseconds)
{
	char folder[PATH_MAX];
	snprintf(folder, sizeof folder, "%s/aside", data_directory);
	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return ERR_IO;
	if (files_in(folder) >= 2 * ASIDE_MOST)
		return ERR_LIMIT;
	int err = put(folder, microseconds, "eml", message);
	return err ? err : put(folder, microseconds, "why", why);
}
