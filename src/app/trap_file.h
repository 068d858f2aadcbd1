/* app/trap_file.h - what is remembered of what traps caught (trap/memory.h), in the file "trap" of the data folder: written beside it and
 * renamed, with a checksum. */
#ifndef APP_TRAP_FILE_H
#define APP_TRAP_FILE_H

#include "trap/memory.h"

/* Into a new memory. ERR_NOT_FOUND: there is none; ERR_SYNTAX: damaged; ERR_IO. */
int trap_file_read(const char *data_directory, struct trap_memory *memory);
/* ERR_IO: errno says why; what stood there stays. */
int trap_file_write(const char *data_directory, const struct trap_memory *memory);

#endif
