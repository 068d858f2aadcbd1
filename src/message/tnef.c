/* message/tnef.c - see tnef.h */
#include "message/tnef.h"

#include "base/cursor.h"
#include "message/archive.h"

enum { ATTRIBUTE_TITLE = 0x8010, ATTRIBUTE_DATA = 0x800f };

void tnef_examine(struct attachment_work *work, struct span bytes, uint32_t depth)
{
	struct cursor c = cursor_of(bytes);
	struct span data = span_none;
	cursor_skip(&c, 6); /* signature, key */
	while (cursor_left(&c) >= 11) {
		cursor_skip(&c, 1); /* level: message or attachment */
		uint16_t id = (uint16_t)(cursor_u32(&c) & 0xffff);
		struct span value = cursor_take(&c, cursor_u32(&c));
		cursor_skip(&c, 2); /* checksum */
		if (id == ATTRIBUTE_DATA)
			data = value;
		if (id != ATTRIBUTE_TITLE)
			continue;
		/* Outlook writes the data of an attachment before its name. */
		struct span name = span_first(value, span_find_byte(value, 0, 0));
		if (!archive_add(work, archive_name(work, name), depth))
			return;
		uint32_t index = work->attachment->members.n - 1;
		work->attachment->members.v[index].bytes = data.n;
		if (data.n && archive_head(work, index, data))
			attachment_examine(work, data, work->attachment->members.v[index].by_content,
					   work->attachment->members.v[index].name, depth + 1);
		data = span_none;
	}
	if (c.overrun)
		attachment_flag(work, ATTACHMENT_DAMAGED, span_none);
}
