/* tests/fuzz/attachment_input.h - hands any bytes to the readers of attachments as one attachment. */
#ifndef TESTS_FUZZ_ATTACHMENT_INPUT_H
#define TESTS_FUZZ_ATTACHMENT_INPUT_H

#include "base/limits.h"
#include "message/attachment_work.h"
#include "tests/fuzz/fuzz.h"

struct attachment_input {
	struct arena arena;
	struct message message;
	struct part part;
	struct links links;
	struct attachments all;
	struct attachment_work work;
};

static inline struct attachment *attachment_input_begin(struct attachment_input *in, const uint8_t *data, size_t size)
{
	*in = (struct attachment_input){ 0 };
	arena_init(&in->arena);
	in->message.arena = &in->arena;
	in->message.raw = span_of(data, size);
	in->message.parts.v = &in->part;
	in->message.parts.n = 1;
	struct attachment *a = vec_push(&in->arena, &in->all.list);
	a->by_content = file_type_of(span_of(data, size));
	in->work = (struct attachment_work){ .message = &in->message,
					     .links = &in->links,
					     .all = &in->all,
					     .attachment = a,
					     .bytes = span_of(data, size),
					     .arena = &in->arena,
					     .inflater = { .arena = &in->arena } };
	return a;
}

/* The limits must hold whatever the bytes were: one block of slack, because a limit is seen when it was passed. */
static inline void attachment_input_end(struct attachment_input *in)
{
	if (in->all.entries > LIMIT_ARCHIVE_ENTRIES || in->all.unpacked > LIMIT_ARCHIVE_BYTES(in->message.raw.n) + 16u * 1024 * 1024)
		__builtin_trap();
	arena_release(&in->arena);
}

#endif
