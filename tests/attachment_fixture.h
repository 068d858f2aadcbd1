/* tests/attachment_fixture.h - one attachment from bytes, for the tests of its readers. */
#ifndef TESTS_ATTACHMENT_FIXTURE_H
#define TESTS_ATTACHMENT_FIXTURE_H

#include "message/attachment_work.h"
#include "tests/test.h"

struct attachment_fixture {
	struct arena arena;
	struct message message;
	struct part part;
	struct links links;
	struct attachments all;
	struct attachment_work work;
};

/* Examines the bytes as an attachment of that name. The result lives until attachment_fixture_end. */
static inline struct attachment *attachment_fixture_begin(struct attachment_fixture *f, struct span bytes, const char *name)
{
	*f = (struct attachment_fixture){ 0 };
	arena_init(&f->arena);
	f->message.arena = &f->arena;
	f->message.raw = bytes;
	f->message.parts.v = &f->part;
	f->message.parts.n = 1;
	struct attachment *a = vec_push(&f->arena, &f->all.list);
	a->by_content = file_type_of(bytes);
	f->work = (struct attachment_work){ .message = &f->message,
					    .links = &f->links,
					    .all = &f->all,
					    .attachment = a,
					    .bytes = bytes,
					    .arena = &f->arena,
					    .inflater = { .arena = &f->arena } };
	attachment_examine(&f->work, bytes, a->by_content, span_cstr(name), 0);
	return a;
}

static inline void attachment_fixture_end(struct attachment_fixture *f) { arena_release(&f->arena); }

#endif
