/* app/address_files.h - master's side of the lists of addresses, and of lists in files that are asked about clients: opens their files for
 * the front, which can open none, and again whenever one is another file than it was.
 *
 * So a generation that `postern lists build` renames over the old one is in use a second later, without a reload. A file that is not there
 * is told as such; what is damaged is the reader's to say, who keeps the one before.
 * Owner: master. */
#ifndef APP_ADDRESS_FILES_H
#define APP_ADDRESS_FILES_H

#include "app/wire.h"
#include "base/limits.h"
#include "net/channel.h"

#include <sys/types.h>

enum { ADDRESS_FILES = LIMIT_ADDRESS_LISTS + 1 + LIMIT_LISTS }; /* lists of addresses, the live set, other lists */

struct address_files {
	struct {
		uint64_t inode, changed; /* nanoseconds; 0: it was not there */
		bool told;
	} file[ADDRESS_FILES];
};

/* Everything is told again: to a front that was started anew, or after a reload. */
void address_files_forget(struct address_files *files);
/* Sends what has changed. data: the data folder; keeper: whose file the live set must be. */
void address_files_tell(struct address_files *files, const struct settings *settings, const char *data, uid_t keeper,
			struct channel *front);

#endif
