/* base/file.h - a small file, read whole. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/arena.h"

/* At most `most` bytes. ERR_IO: errno says why, EFBIG of one that is larger. */
int file_read(const char *path, size_t most, struct arena *arena, struct span *ret_text);

#endif
