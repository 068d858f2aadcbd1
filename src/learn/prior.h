/* learn/prior.h - what ships with the program: weights that let the model speak before the user has taught it anything.
 *
 * Made from public mail by tools/make-prior, which says how; the file src/learn/prior.bin is embedded in the program.
 * It stays apart from what the user teaches: never written into a model's file, never merged, switched off by leaving it out.
 *
 *	file    "POSTERN\0", MODEL_FORMAT, number of views; a view: which, bits, unit, number of cells,
 *	        then for each cell with a weight, ascending: cells left out since the last one (LEB128), weight (one signed byte);
 *	        XXH3 of all this. Numbers are 32 bits (the hash 64), little-endian.
 *
 * Promises: bytes are not trusted; reading is one pass, under a millisecond for the shipped one.
 * Owner: who reads a prior releases it; the shipped one belongs to the program. */
#ifndef LEARN_PRIOR_H
#define LEARN_PRIOR_H

#include "base/buf.h"
#include "learn/model.h"

/* ERR_SYNTAX: no prior, or damaged. ERR_UNSUPPORTED: of another MODEL_FORMAT, it must be made again. */
int prior_read(struct span file, struct model_prior *ret_prior);
void prior_release(struct model_prior *prior);
void prior_write(const struct model_prior *prior, struct buf *out);

/* Read at the first call, which may come from any thread. NULL: it belongs to another MODEL_FORMAT than this program. */
const struct model_prior *prior_shipped(void);
size_t prior_bytes(const struct model_prior *prior); /* in memory */

#endif
