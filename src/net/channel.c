/* net/channel.c - see channel.h
 *
 * On the wire, in the byte order of the machine: struct head, the payload, and of an inline message its bytes. Descriptors ride on the
 * first byte of the record they belong to; the kernel keeps them in order. */
#include "net/channel.h"
#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

struct head {
	uint32_t payload;
	uint32_t job;
	uint64_t content; /* bytes */
	uint8_t type;
	uint8_t flags;
	uint8_t zero[6];
};
enum { CONTENT_INLINE = 1, CONTENT_FILE = 2, DESCRIPTOR = 4, FLAGS = 7 };
enum { READ_AHEAD = 64 * 1024, KEEP = 4 * 1024 * 1024, DESCRIPTORS = 16, PIECES = 64 };

/* One record on its way out. */
struct outgoing {
	struct outgoing *next;
	struct spool *content; /* held; NULL */
	int fd;                /* to ride along; -1 */
	bool close_fd;         /* a duplicate of ours */
	size_t sent, n;        /* of bytes and the inline content behind them */
	size_t n_bytes;
	uint8_t bytes[];
};

struct channel {
	int fd;
	uint64_t queue_limit, queued;
	struct outgoing *first, **last;
	uint8_t *in; /* [in_from, in_to) is not used yet */
	size_t in_from, in_to, in_capacity;
	int fds[DESCRIPTORS];
	unsigned n_fds;
};

struct channel *channel_new(int fd, uint64_t queue_limit)
{
	struct channel *c = calloc(1, sizeof *c);
	if (!c)
		abort();
	c->fd = fd;
	c->queue_limit = queue_limit;
	c->last = &c->first;
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	return c;
}

static void drop_outgoing(struct outgoing *o)
{
	spool_drop(o->content);
	if (o->close_fd)
		close(o->fd);
	free(o);
}

void channel_free(struct channel *c)
{
	if (!c)
		return;
	while (c->first) {
		struct outgoing *o = c->first;
		c->first = o->next;
		drop_outgoing(o);
	}
	while (c->n_fds)
		close(c->fds[--c->n_fds]);
	close(c->fd);
	free(c->in);
	free(c);
}

int channel_fd(const struct channel *c) { return c->fd; }

uint64_t channel_queued(const struct channel *c) { return c->queued; }

/* What is left of one record, in at most two pieces. */
static size_t pieces_of(const struct outgoing *o, struct iovec *iov)
{
	size_t n = 0;
	if (o->sent < o->n_bytes)
		iov[n++] = (struct iovec){ (void *)(o->bytes + o->sent), o->n_bytes - o->sent };
	if (o->n > o->n_bytes) {
		size_t from = o->sent < o->n_bytes ? 0 : o->sent - o->n_bytes;
		struct span content = spool_span(o->content);
		iov[n++] = (struct iovec){ (void *)(content.p + from), content.n - from };
	}
	return n;
}

/* The first record and those behind it, up to the next that has a descriptor: that must be the first of its call. */
static ssize_t send_some(const struct channel *c)
{
	const struct outgoing *o = c->first;
	struct iovec iov[PIECES];
	size_t n = pieces_of(o, iov);
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	for (const struct outgoing *next = o->next; next && next->fd < 0 && n + 2 <= PIECES; next = next->next)
		n += pieces_of(next, iov + n);
	struct msghdr message = { .msg_iov = iov, .msg_iovlen = n };
	if (o->fd >= 0 && o->sent == 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = sizeof control.bytes;
		struct cmsghdr *cmsg = CMSG_FIRSTHDR(&message);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(cmsg), &o->fd, sizeof(int));
	}
	return sendmsg(c->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void note_sent(struct channel *c, size_t n)
{
	while (n) {
		struct outgoing *o = c->first;
		size_t part = o->n - o->sent < n ? o->n - o->sent : n;
		o->sent += part;
		n -= part;
		if (o->sent < o->n)
			return;
		c->first = o->next;
		if (!c->first)
			c->last = &c->first;
		drop_outgoing(o);
	}
}

int channel_flush(struct channel *c)
{
	while (c->first) {
		ssize_t n = send_some(c);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN || errno == EWOULDBLOCK ? 1 : ERR_IO;
		c->queued -= (uint64_t)n;
		note_sent(c, (size_t)n);
	}
	return ERR_OK;
}

int channel_queue(struct channel *c, uint8_t type, uint32_t job, struct span payload, struct spool *content, int fd)
{
	struct head head = { .payload = (uint32_t)payload.n, .job = job, .type = type };
	bool file = content && spool_fd(content) >= 0;
	if (content) {
		head.content = spool_bytes(content);
		head.flags |= file ? CONTENT_FILE : CONTENT_INLINE;
	}
	if (fd >= 0)
		head.flags |= DESCRIPTOR;
	size_t n = sizeof head + payload.n + (content && !file ? head.content : 0);
	if (payload.n > LIMIT_CHANNEL_PAYLOAD || (c->queued && c->queued + n > c->queue_limit))
		return ERR_LIMIT;
	struct outgoing *o = calloc(1, sizeof *o + sizeof head + payload.n);
	if (!o)
		return ERR_LIMIT;
	o->fd = file ? spool_fd(content) : -1;
	if (fd >= 0) {
		o->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
		o->close_fd = true;
		if (o->fd < 0) {
			free(o);
			return ERR_IO;
		}
	}
	o->content = content ? spool_hold(content) : NULL;
	o->n_bytes = sizeof head + payload.n;
	o->n = n;
	memcpy(o->bytes, &head, sizeof head);
	if (payload.n)
		memcpy(o->bytes + sizeof head, payload.p, payload.n);
	*c->last = o;
	c->last = &o->next;
	c->queued += n;
	return ERR_OK;
}

int channel_send(struct channel *c, uint8_t type, uint32_t job, struct span payload, struct spool *content, int fd)
{
	int err = channel_queue(c, type, job, payload, content, fd);
	if (err == ERR_OK)
		err = channel_flush(c);
	return err < 0 ? err : ERR_OK;
}

/* Takes what the socket has, once. 1: something came; 0: nothing there; else an error. */
static int read_some(struct channel *c, size_t room)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int) * DESCRIPTORS)];
	} control;
	if (c->in_from == c->in_to)
		c->in_from = c->in_to = 0;
	if (c->in_capacity - c->in_to < room) {
		if (c->in_from)
			memmove(c->in, c->in + c->in_from, c->in_to - c->in_from);
		c->in_to -= c->in_from;
		c->in_from = 0;
		if (c->in_capacity < c->in_to + room) {
			uint8_t *grown = realloc(c->in, c->in_to + room);
			if (!grown)
				return ERR_IO;
			c->in = grown;
			c->in_capacity = c->in_to + room;
		}
	}
	struct iovec iov = { c->in + c->in_to, c->in_capacity - c->in_to };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control };
	ssize_t n = recvmsg(c->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (n < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? 0 : errno == ECONNRESET ? ERR_NOT_FOUND : ERR_IO;
	bool too_many = message.msg_flags & MSG_CTRUNC;
	for (struct cmsghdr *cmsg = CMSG_FIRSTHDR(&message); cmsg; cmsg = CMSG_NXTHDR(&message, cmsg)) {
		if (cmsg->cmsg_level != SOL_SOCKET || cmsg->cmsg_type != SCM_RIGHTS)
			continue;
		size_t count = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < count; i++) {
			int fd;
			memcpy(&fd, CMSG_DATA(cmsg) + i * sizeof(int), sizeof fd);
			if (c->n_fds < DESCRIPTORS)
				c->fds[c->n_fds++] = fd;
			else {
				close(fd);
				too_many = true;
			}
		}
	}
	if (too_many)
		return ERR_SYNTAX;
	c->in_to += (size_t)n;
	return n == 0 ? ERR_NOT_FOUND : 1;
}

static int first_fd(struct channel *c)
{
	if (c->n_fds == 0)
		return -1;
	int fd = c->fds[0];
	memmove(c->fds, c->fds + 1, --c->n_fds * sizeof *c->fds);
	return fd;
}

static bool head_ok(const struct head *head)
{
	bool content = head->flags & (CONTENT_INLINE | CONTENT_FILE);
	if (head->payload > LIMIT_CHANNEL_PAYLOAD || head->flags & ~FLAGS || (head->content && !content))
		return false;
	/* one descriptor at most */
	if (head->flags & CONTENT_FILE && head->flags & (CONTENT_INLINE | DESCRIPTOR))
		return false;
	return head->content <= (head->flags & CONTENT_INLINE ? (uint64_t)SPOOL_INLINE : LIMIT_MESSAGE_BYTES);
}

/* The record whose bytes are all there. */
static int take(struct channel *c, const struct head *head, struct channel_record *ret)
{
	struct channel_record record = { .type = head->type, .job = head->job, .fd = -1 };
	const uint8_t *at = c->in + c->in_from + sizeof *head;
	record.payload = span_of(at, head->payload);
	int fd = head->flags & (CONTENT_FILE | DESCRIPTOR) ? first_fd(c) : -1;
	if (head->flags & (CONTENT_FILE | DESCRIPTOR) && fd < 0)
		return ERR_SYNTAX;
	if (head->flags & CONTENT_FILE && spool_of_fd(fd, head->content, &record.content) != 0)
		return ERR_SYNTAX;
	if (head->flags & DESCRIPTOR)
		record.fd = fd;
	c->in_from += sizeof *head + head->payload;
	if (head->flags & CONTENT_INLINE) {
		record.content = spool_new();
		int err = spool_add(record.content, span_of(at + head->payload, head->content));
		if (err == 0)
			err = spool_seal(record.content);
		if (err != 0) {
			spool_drop(record.content);
			if (record.fd >= 0)
				close(record.fd);
			return err;
		}
		c->in_from += head->content;
	}
	*ret = record;
	return 1;
}

int channel_receive(struct channel *c, struct channel_record *ret)
{
	if (c->in_from == c->in_to && c->in_capacity > KEEP) { /* one large record must not be paid for ever after */
		free(c->in);
		c->in = NULL;
		c->in_from = c->in_to = c->in_capacity = 0;
	}
	for (;;) {
		struct head head;
		size_t have = c->in_to - c->in_from, need = sizeof head;
		if (have >= sizeof head) {
			memcpy(&head, c->in + c->in_from, sizeof head);
			if (!head_ok(&head))
				return ERR_SYNTAX;
			need += head.payload + (head.flags & CONTENT_INLINE ? head.content : 0);
			if (have >= need)
				return take(c, &head, ret);
		}
		size_t room = need - have > READ_AHEAD ? need - have : READ_AHEAD;
		int err = read_some(c, room);
		if (err <= 0)
			return err;
	}
}

int channel_wait(struct channel *c, struct channel_record *ret)
{
	int err;
	while ((err = channel_receive(c, ret)) == 0)
		poll(&(struct pollfd){ c->fd, POLLIN, 0 }, 1, -1);
	return err;
}
