/* message/zip.c - see zip.h */
#include "message/zip.h"

#include "base/cursor.h"

enum {
	END_BYTES = 22,
	END_COMMENT = 65535, /* end of central directory record */
	CENTRAL_BYTES = 46,
	LOCAL_BYTES = 30,
};
#define END_SIGN SPAN("PK\5\6")
#define END64_SIGN SPAN("PK\6\6")
#define LOCATOR64_SIGN SPAN("PK\6\7")
#define CENTRAL_SIGN SPAN("PK\1\2")
#define LOCAL_SIGN SPAN("PK\3\4")

/* The last end record: searched backwards through the longest comment there can be. */
static size_t find_end(struct span s)
{
	if (s.n < END_BYTES)
		return SPAN_NPOS;
	size_t lowest = s.n > END_BYTES + END_COMMENT ? s.n - END_BYTES - END_COMMENT : 0;
	for (size_t at = s.n - END_BYTES + 1; at-- > lowest;)
		if (s.p[at] == 'P' && span_starts(span_skip(s, at), END_SIGN))
			return at;
	return SPAN_NPOS;
}

/* ZIP64: a locator just before the end record points at a longer end record. */
static void read_end64(struct span s, size_t end, uint64_t *size, uint64_t *offset, uint64_t *entries)
{
	if (end < 20 || !span_starts(span_skip(s, end - 20), LOCATOR64_SIGN))
		return;
	struct cursor c = cursor_of(s);
	cursor_seek(&c, end - 12);
	uint64_t at = cursor_u64(&c);
	if (at >= s.n || !span_starts(span_skip(s, (size_t)at), END64_SIGN))
		return;
	cursor_seek(&c, (size_t)at);
	cursor_skip(&c, 32);
	uint64_t n = cursor_u64(&c), bytes = cursor_u64(&c), from = cursor_u64(&c);
	if (c.overrun)
		return;
	*entries = n;
	*size = bytes;
	*offset = from;
}

bool zip_open(struct span s, struct zip *zip)
{
	*zip = (struct zip){ .bytes = s };
	size_t end = find_end(s);
	if (end == SPAN_NPOS)
		return false;
	struct cursor c = cursor_of(s);
	cursor_seek(&c, end + 10);
	uint64_t entries = cursor_u16(&c), size = cursor_u32(&c), offset = cursor_u32(&c);
	if (offset == UINT32_MAX || size == UINT32_MAX || entries == UINT16_MAX)
		read_end64(s, end, &size, &offset, &entries);
	/* The directory ends where the end record begins, whatever its offset says; bytes put in front move everything. */
	if (size <= end && offset <= end - size && span_starts(span_skip(s, end - (size_t)size), CENTRAL_SIGN)) {
		zip->directory = end - (size_t)size;
		zip->base = zip->directory - offset;
	} else if (offset < end && span_starts(span_skip(s, (size_t)offset), CENTRAL_SIGN)) {
		zip->directory = (size_t)offset;
	} else {
		return false;
	}
	zip->directory_end = end;
	zip->stated_entries = entries;
	zip->at = zip->directory;
	return true;
}

enum { EXTRA_ZIP64 = 1, EXTRA_UNICODE_PATH = 0x7075 };

/* ZIP64 sizes and offset: only those that did not fit, in this order. */
static void read_sizes64(struct cursor field, struct zip_entry *entry, uint64_t *offset)
{
	if (entry->unpacked == UINT32_MAX)
		entry->unpacked = cursor_u64(&field);
	if (entry->packed == UINT32_MAX)
		entry->packed = cursor_u64(&field);
	if (*offset == UINT32_MAX)
		*offset = cursor_u64(&field);
}

static void read_extra(struct span extra, struct zip_entry *entry, uint64_t *offset)
{
	struct cursor c = cursor_of(extra);
	while (cursor_left(&c) >= 4) {
		uint16_t id = cursor_u16(&c), n = cursor_u16(&c);
		struct cursor field = cursor_of(cursor_take(&c, n));
		if (id == EXTRA_ZIP64)
			read_sizes64(field, entry, offset);
		else if (id == EXTRA_UNICODE_PATH && n > 5)
			entry->unicode_name = span_skip(field.s, 5); /* version, CRC-32 of the plain name */
	}
}

bool zip_next(struct zip *zip, struct zip_entry *entry)
{
	*entry = (struct zip_entry){ 0 };
	if (zip->at + CENTRAL_BYTES > zip->directory_end || !span_starts(span_skip(zip->bytes, zip->at), CENTRAL_SIGN))
		return false;
	struct cursor c = cursor_of(span_first(zip->bytes, zip->directory_end));
	cursor_seek(&c, zip->at + 8);
	entry->flags = cursor_u16(&c);
	entry->method = cursor_u16(&c);
	cursor_skip(&c, 8); /* time, date, CRC-32 */
	entry->packed = cursor_u32(&c);
	entry->unpacked = cursor_u32(&c);
	uint16_t name = cursor_u16(&c), extra = cursor_u16(&c), comment = cursor_u16(&c);
	cursor_skip(&c, 8); /* disk, attributes */
	uint64_t offset = cursor_u32(&c);
	entry->name = cursor_take(&c, name);
	read_extra(cursor_take(&c, extra), entry, &offset);
	cursor_skip(&c, comment);
	uint64_t header = zip->base + offset;
	entry->header = header < zip->bytes.n ? (size_t)header : zip->bytes.n;
	zip->at = c.at;
	return true;
}

/* The local header at an offset; false when the bytes there are none. */
static bool read_local(struct span s, size_t at, struct zip_entry *entry)
{
	*entry = (struct zip_entry){ .header = at };
	if (at > s.n || !span_starts(span_skip(s, at), LOCAL_SIGN))
		return false;
	struct cursor c = cursor_of(s);
	cursor_seek(&c, at + 6);
	entry->flags = cursor_u16(&c);
	entry->method = cursor_u16(&c);
	cursor_skip(&c, 8);
	entry->packed = cursor_u32(&c);
	entry->unpacked = cursor_u32(&c);
	uint16_t name = cursor_u16(&c), extra = cursor_u16(&c);
	uint64_t offset = 0;
	entry->name = cursor_take(&c, name);
	read_extra(cursor_take(&c, extra), entry, &offset);
	if (c.overrun)
		return false;
	entry->data = span_skip(s, c.at);
	return true;
}

bool zip_next_local(struct zip *zip, struct zip_entry *entry)
{
	size_t at = span_find(zip->bytes, LOCAL_SIGN, zip->at);
	while (at != SPAN_NPOS && !read_local(zip->bytes, at, entry))
		at = span_find(zip->bytes, LOCAL_SIGN, at + 4);
	if (at == SPAN_NPOS)
		return false;
	bool sized = entry->packed > 0 && !(entry->flags & ZIP_SIZES_FOLLOW) && entry->packed <= entry->data.n;
	if (sized)
		entry->data.n = (size_t)entry->packed;
	zip->at = sized ? (size_t)(entry->data.p - zip->bytes.p) + entry->data.n : (size_t)(entry->data.p - zip->bytes.p);
	return true;
}

bool zip_local(const struct zip *zip, const struct zip_entry *central, struct zip_entry *local)
{
	if (!read_local(zip->bytes, central->header, local))
		return false;
	/* Unpackers take the size of the directory; it is the one that is always there. */
	if (central->packed < local->data.n)
		local->data.n = (size_t)central->packed;
	return true;
}
