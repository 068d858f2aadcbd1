/* net/channel.h - records between two processes of postern over a socket pair, with messages and descriptors beside them.
 *
 * A record is a type, the number of the job it belongs to, a payload (base/record.h), and where it has one a message: inline up to
 * SPOOL_INLINE bytes, beyond as a sealed file in memory that is not copied. Nothing here waits: what the socket does not take is queued, up
 * to a bound, and sent by channel_flush when it takes more.
 * The other end is not trusted: it may have been taken over by the mail it read. Every length is bounded; what is no record ends the
 * channel.
 * Owner: the caller owns the channel, the channel its descriptor. Not thread-safe. */
#ifndef NET_CHANNEL_H
#define NET_CHANNEL_H

#include "net/spool.h"

struct channel;

struct channel_record {
	uint8_t type;
	uint32_t job;
	struct span payload;   /* good until the next channel_receive */
	struct spool *content; /* NULL, or the receiver's to drop */
	int fd;                /* -1, or the receiver's to close */
};

/* fd: one end of a stream socket pair; becomes non-blocking and the channel's. queue_limit: bytes that may wait to be sent. */
struct channel *channel_new(int fd, uint64_t queue_limit);
void channel_free(struct channel *channel); /* NULL allowed; what waits is lost */
int channel_fd(const struct channel *channel);

/* Sends or queues one record. content is held while it waits; fd is duplicated; NULL and -1: none. ERR_LIMIT: too much waits already or
 * the payload is over LIMIT_CHANNEL_PAYLOAD, and nothing was queued. ERR_IO: the other end is gone. */
int channel_send(struct channel *channel, uint8_t type, uint32_t job, struct span payload, struct spool *content, int fd);
/* The same, but nothing is sent before channel_flush or the next channel_send: many records then cost one call of the system. */
int channel_queue(struct channel *channel, uint8_t type, uint32_t job, struct span payload, struct spool *content, int fd);
/* Sends what waits: 0, nothing waits any more; 1, more when the descriptor can be written again; ERR_IO. */
int channel_flush(struct channel *channel);
uint64_t channel_queued(const struct channel *channel);
/* 1: a record; 0: none yet, wait until the descriptor can be read; ERR_NOT_FOUND: the other end has closed; ERR_SYNTAX: what came is no
 * record; ERR_IO. */
int channel_receive(struct channel *channel, struct channel_record *ret_record);
/* The same, but waits until there is one: for the first record of a process that has nothing else to do yet. */
int channel_wait(struct channel *channel, struct channel_record *ret_record);

#endif
