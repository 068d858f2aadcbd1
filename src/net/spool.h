/* net/spool.h - a message on its way in: grows in memory, then in a sealed file in memory that another process can read without a copy.
 *
 * Up to SPOOL_INLINE bytes it is a plain buffer; beyond, a memfd. Once sealed it never changes (F_SEAL_WRITE, _GROW, _SHRINK): what was
 * judged is what is stored. Counted: the bytes of all spools of a process are bounded by spool_limit; beyond it spool_add fails, and the
 * client is told to come again.
 * Owner: counted references; whoever was handed one drops it. Not thread-safe. */
#ifndef NET_SPOOL_H
#define NET_SPOOL_H

#include "base/err.h"
#include "base/span.h"

enum { SPOOL_INLINE = 1024 * 1024 };

struct spool;

void spool_limit(uint64_t bytes); /* of all spools of this process together */
struct spool *spool_new(void);
struct spool *spool_hold(struct spool *spool);
void spool_drop(struct spool *spool); /* NULL allowed */
/* ERR_LIMIT: the bound of all; ERR_IO. Not after spool_seal. */
int spool_add(struct spool *spool, struct span bytes);
uint64_t spool_bytes(const struct spool *spool);
/* No more is added. ERR_IO. */
int spool_seal(struct spool *spool);
/* All of it, good as long as the spool; after spool_seal. span_none: it could not be mapped. */
struct span spool_span(struct spool *spool);
/* The file to hand to another process; -1: it is inline, send the bytes. Stays the spool's. */
int spool_fd(const struct spool *spool);
/* What another process handed over; takes fd. ERR_SYNTAX: not a sealed memory file, or not of that size. */
int spool_of_fd(int fd, uint64_t bytes, struct spool **ret_spool);

#endif
