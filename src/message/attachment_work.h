/* message/attachment_work.h - what the readers of attachments share while one message is looked at; inner header of message/attachment*.c,
 * archive.c, ooxml.c, pdf.c and rtf.c. */
#ifndef MESSAGE_ATTACHMENT_WORK_H
#define MESSAGE_ATTACHMENT_WORK_H

#include "base/limits.h"
#include "message/attachment.h"
#include "message/inflate.h"

struct attachment_work {
	struct message *message;
	struct links *links;
	struct attachments *all;
	struct attachment *attachment; /* the one being looked at */
	struct span bytes;             /* its decoded bytes, for places */
	struct arena *arena;
	struct inflater inflater;
};

/* Looks into one file by its kind; name and depth are those of the archive member it came from (depth 0: the attachment itself). */
void attachment_examine(struct attachment_work *work, struct span bytes, const struct file_type *type, struct span name, uint32_t depth);
/* Adds a flag, and remembers the member it rests on. */
void attachment_flag(struct attachment_work *work, uint32_t flag, struct span member);
/* Says that a limit ended the reading (flag is ATTACHMENT_LIMIT, perhaps with more), as an anomaly once an attachment. */
void attachment_limit(struct attachment_work *work, uint32_t flag, struct span member);
/* Collects a link found inside (LINK_IN_ATTACHMENT), which stands at bytes [from, to) of the decoded content. */
void attachment_link(struct attachment_work *work, struct span url, size_t from, size_t to);
/* A place in the attachment: bytes [from, to) of its decoded content. */
struct place attachment_place(const struct attachment_work *work, size_t from, size_t to);

#endif
