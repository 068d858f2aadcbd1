/* message/archive.h - what an archive holds: every member by name and, where it can be unpacked, by its first bytes.
 *
 * ZIP is read by message/zip.h, both its directories; everything else by libarchive from memory, with only the format enabled that the
 * bytes show (and never a filter that would start a program).
 * Promises: at most LIMIT_ARCHIVE_ENTRIES members and LIMIT_ARCHIVE_BYTES unpacked a message; an archive that grows more than
 * LIMIT_ARCHIVE_RATIO times is given up; archives inside are read down to LIMIT_ARCHIVE_DEPTH. Whatever was not read is said in flags. */
#ifndef MESSAGE_ARCHIVE_H
#define MESSAGE_ARCHIVE_H

#include "message/attachment_work.h"

enum { ARCHIVE_HEAD = 512 }; /* bytes of a member that tell its type */

/* Lists an archive of the given type; its members have depth + 1. name is the archive's own (a gzip file without a name borrows it). */
void archive_list(struct attachment_work *work, struct span bytes, const struct file_type *type, struct span name, uint32_t depth);
/* The same for ZIP. */
void archive_list_zip(struct attachment_work *work, struct span bytes, uint32_t depth);

/* For the two readers. A new member under the limits, or NULL when the limit of entries is met (and said). */
struct attachment_member *archive_add(struct attachment_work *work, struct span name, uint32_t depth);
/* Name to UTF-8. */
struct span archive_name(struct attachment_work *work, struct span raw);
/* Sets by_content of a member, and says whether its whole content is wanted. */
bool archive_head(struct attachment_work *work, uint32_t member, struct span head);
/* Counts unpacked bytes; false when a limit ends this archive. unpacked counts this archive alone, packed is its size. */
bool archive_count(struct attachment_work *work, uint64_t more, uint64_t *unpacked, uint64_t packed);
/* Bytes that may still be unpacked. */
uint64_t archive_left(const struct attachment_work *work);
void archive_warm_up(void);

#endif
