/* message/archive_zip.c - ZIP files by both their directories; see archive.h */
#include "message/archive.h"

#include <stdlib.h>

#include "message/zip.h"

/* Where a member that the directory names lies. */
struct extent {
	size_t header, end;
};
struct extents {
	VEC(struct extent) list;
};

static int by_header(const void *a, const void *b)
{
	size_t x = ((const struct extent *)a)->header, y = ((const struct extent *)b)->header;
	return (x > y) - (x < y);
}

/* More is never taken than what one member may grow to, and than what is left for the message. */
static size_t room(const struct attachment_work *work, size_t packed)
{
	uint64_t left = archive_left(work), grown = (uint64_t)packed * LIMIT_ARCHIVE_RATIO + 1024 * 1024 + 1;
	return (size_t)(grown < left ? grown : left);
}

/* Looks at what a member holds. False when a limit ends the archive. */
static bool look_inside(struct attachment_work *work, uint32_t index, const struct zip_entry *entry, uint64_t *unpacked, size_t packed,
			uint32_t depth)
{
	uint8_t first[ARCHIVE_HEAD];
	struct span content = entry->data;
	if (entry->method == ZIP_DEFLATED)
		content = span_of(first, inflate_head(&work->inflater, INFLATE_RAW, entry->data, first, sizeof first));
	else if (entry->method != ZIP_STORED)
		return true;
	if (content.n == 0)
		return true;
	bool wanted = archive_head(work, index, span_first(content, ARCHIVE_HEAD));
	if (!wanted)
		return archive_count(work, content.n < ARCHIVE_HEAD ? content.n : ARCHIVE_HEAD, unpacked, packed);
	bool within = true;
	if (entry->method == ZIP_DEFLATED) {
		enum inflate_end end;
		content = inflate_all(&work->inflater, INFLATE_RAW, entry->data, room(work, entry->data.n), &end);
		within = archive_count(work, content.n, unpacked, entry->data.n) && end != INFLATE_FULL;
		if (end == INFLATE_BROKEN)
			attachment_flag(work, ATTACHMENT_DAMAGED, work->attachment->members.v[index].name);
	} else {
		within = archive_count(work, content.n, unpacked, packed);
	}
	const struct file_type *type = file_type_of(content);
	work->attachment->members.v[index].by_content = type;
	attachment_examine(work, content, type, work->attachment->members.v[index].name, depth + 1);
	return within;
}

/* The reading of a member's name that is most dangerous to open. */
static struct span worst_name(struct attachment_work *work, const struct zip_entry *central, const struct zip_entry *local)
{
	struct span name = archive_name(work, central->name);
	struct span others[] = { central->unicode_name, local->name, local->unicode_name };
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (others[i].n && file_type_danger(file_type_named(others[i])) > file_type_danger(file_type_named(name)))
			name = archive_name(work, others[i]);
	return name;
}

static void directory_differs(struct attachment_work *work, uint32_t flag, struct span name, size_t at)
{
	if (!(work->attachment->flags & flag))
		anomaly_add(&work->message->anomalies, work->arena, ANOMALY_ARCHIVE_DIRECTORY_DIFFERS, attachment_place(work, at, at + 30));
	attachment_flag(work, flag, name);
}

/* One member that the directory names. False when a limit ends the archive. */
static bool list_entry(struct attachment_work *work, struct zip *zip, const struct zip_entry *entry, struct extents *known,
		       uint64_t *unpacked, uint32_t depth)
{
	struct zip_entry local;
	bool has_local = zip_local(zip, entry, &local);
	struct span name = worst_name(work, entry, &local);
	struct attachment_member *member = archive_add(work, name, depth);
	if (!member)
		return false;
	member->bytes = entry->unpacked;
	member->encrypted = ((entry->flags | local.flags) & ZIP_ENCRYPTED) || entry->method == ZIP_AES;
	if (member->encrypted)
		attachment_flag(work, ATTACHMENT_ENCRYPTED, name);
	if (!has_local) {
		attachment_flag(work, ATTACHMENT_DAMAGED, name);
		return true;
	}
	*(struct extent *)vec_push(work->arena, &known->list) =
	    (struct extent){ entry->header, (size_t)(local.data.p - zip->bytes.p) + local.data.n };
	if (!(entry->flags & ZIP_DIRECTORY_MASKED) && !span_eq(entry->name, local.name))
		directory_differs(work, ATTACHMENT_NAMES_DIFFER, name, entry->header);
	return member->encrypted || look_inside(work, work->attachment->members.n - 1, &local, unpacked, zip->bytes.n, depth);
}

/* Chance bytes that look like a header, as self-extracting programs hold them, are none. */
static bool plausible(const struct zip_entry *local)
{
	return local->name.n > 0 && local->name.n <= 1024 && local->method <= ZIP_AES && span_find_byte(local->name, 0, 0) == SPAN_NPOS;
}

static bool list_local(struct attachment_work *work, const struct zip_entry *local, size_t packed, bool hidden, uint64_t *unpacked,
		       uint32_t depth)
{
	struct attachment_member *member = archive_add(work, archive_name(work, local->name), depth);
	if (!member)
		return false;
	member->bytes = local->unpacked;
	member->hidden = hidden;
	member->encrypted = (local->flags & ZIP_ENCRYPTED) || local->method == ZIP_AES;
	if (member->encrypted) {
		attachment_flag(work, ATTACHMENT_ENCRYPTED, member->name);
		return true;
	}
	return look_inside(work, work->attachment->members.n - 1, local, unpacked, packed, depth);
}

/* Members between those the directory names: a second archive put in front, or an entry taken out of the directory only. */
static void list_hidden(struct attachment_work *work, struct zip *zip, struct extents *known, uint64_t *unpacked, uint32_t depth)
{
	size_t i = 0;
	struct zip_entry local;
	if (known->list.n > 1)
		qsort(known->list.v, known->list.n, sizeof *known->list.v, by_header);
	zip->at = 0;
	while (zip_next_local(zip, &local) && local.header < zip->directory) {
		size_t end = 0;
		for (; i < known->list.n && known->list.v[i].header <= local.header; i++)
			if (known->list.v[i].end > end)
				end = known->list.v[i].end;
		if (end > local.header) { /* the entry itself, or something inside its data */
			zip->at = end;
			continue;
		}
		if (!plausible(&local)) {
			zip->at = local.header + 4;
			continue;
		}
		directory_differs(work, ATTACHMENT_HIDDEN_MEMBERS, archive_name(work, local.name), local.header);
		if (!list_local(work, &local, zip->bytes.n, true, unpacked, depth))
			return;
	}
}

void archive_list_zip(struct attachment_work *work, struct span bytes, uint32_t depth)
{
	struct zip zip;
	struct zip_entry entry;
	struct extents known = { 0 };
	uint64_t unpacked = 0;
	if (zip_open(bytes, &zip)) {
		while (zip_next(&zip, &entry))
			if (!list_entry(work, &zip, &entry, &known, &unpacked, depth))
				return;
		list_hidden(work, &zip, &known, &unpacked, depth);
		return;
	}
	attachment_flag(work, ATTACHMENT_DAMAGED, span_none);
	while (zip_next_local(&zip, &entry))
		if (plausible(&entry) && !list_local(work, &entry, bytes.n, false, &unpacked, depth))
			return;
}
