/* message/archive.c - see archive.h */
#include "message/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <pthread.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/utf8.h"
#include "message/charset.h"

/* libarchive turns names into the locale's character set; in the C locale a name with an accent has no value at all. */
static locale_t utf8_locale;
static pthread_once_t locale_once = PTHREAD_ONCE_INIT;

static void open_locale(void) { utf8_locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0); }

void archive_warm_up(void) { pthread_once(&locale_once, open_locale); }

struct span archive_name(struct attachment_work *work, struct span raw)
{
	enum charset_fact fact;
	struct span used;
	return utf8_valid(raw) ? raw : charset_to_utf8(raw, span_none, work->arena, &fact, &used);
}

struct attachment_member *archive_add(struct attachment_work *work, struct span name, uint32_t depth)
{
	if (work->all->entries >= LIMIT_ARCHIVE_ENTRIES) {
		attachment_limit(work, ATTACHMENT_LIMIT, span_none);
		return NULL;
	}
	work->all->entries++;
	struct attachment_member *member = vec_push(work->arena, &work->attachment->members);
	member->name = name;
	member->by_name = file_type_named(name);
	member->depth = depth + 1;
	/* Unpackers written in C end a name at a NUL: "a.exe\0.txt". */
	const struct file_type *cut = file_type_named(span_first(name, span_find_byte(name, 0, 0)));
	if (file_type_danger(cut) > file_type_danger(member->by_name))
		member->by_name = cut;
	return member;
}

bool archive_head(struct attachment_work *work, uint32_t index, struct span head)
{
	struct attachment_member *member = &work->attachment->members.v[index];
	member->by_content = file_type_of(head);
	switch (member->by_content->class) {
	case FILE_ARCHIVE:
	case FILE_DOCUMENT:
	case FILE_DOCUMENT_MACRO:
	case FILE_HTML: return true;
	case FILE_EXECUTABLE:
		return member->by_content->reach == FILE_REACH_RUNS && span_starts(head, SPAN("PK")); /* jar or not: the whole tells */
	default: return false;
	}
}

uint64_t archive_left(const struct attachment_work *work)
{
	uint64_t most = LIMIT_ARCHIVE_BYTES(work->message->raw.n);
	return work->all->unpacked < most ? most - work->all->unpacked : 0;
}

bool archive_count(struct attachment_work *work, uint64_t more, uint64_t *unpacked, uint64_t packed)
{
	work->all->unpacked += more;
	*unpacked += more;
	bool bomb = *unpacked > 1024 * 1024 && *unpacked / LIMIT_ARCHIVE_RATIO > packed;
	if (!bomb && archive_left(work))
		return true;
	attachment_limit(work, bomb ? ATTACHMENT_BOMB | ATTACHMENT_LIMIT : ATTACHMENT_LIMIT, span_none);
	return false;
}

/* One compressed file, which may be a tar: the formats it may hold. "raw" takes anything. */
static void support_compressed(struct archive *a)
{
	archive_read_support_format_tar(a);
	archive_read_support_format_cpio(a);
	archive_read_support_format_raw(a);
}

static void support_rar(struct archive *a)
{
	archive_read_support_format_rar(a);
	archive_read_support_format_rar5(a);
}
#define SUPPORT(name, fn)                                                                                                                  \
	static void name(struct archive *a) { fn(a); }
SUPPORT(support_tar, archive_read_support_format_tar)
SUPPORT(support_7zip, archive_read_support_format_7zip)
SUPPORT(support_cab, archive_read_support_format_cab)
SUPPORT(support_lha, archive_read_support_format_lha)
SUPPORT(support_iso, archive_read_support_format_iso9660)
SUPPORT(support_cpio, archive_read_support_format_cpio)
SUPPORT(support_ar, archive_read_support_format_ar)
SUPPORT(filter_none, archive_read_support_filter_none)
SUPPORT(filter_gzip, archive_read_support_filter_gzip)
SUPPORT(filter_bzip2, archive_read_support_filter_bzip2)
SUPPORT(filter_xz, archive_read_support_filter_xz)
SUPPORT(filter_zstd, archive_read_support_filter_zstd)
SUPPORT(filter_lz4, archive_read_support_filter_lz4)
SUPPORT(filter_lzip, archive_read_support_filter_lzip)
SUPPORT(filter_compress, archive_read_support_filter_compress)

/* archive_read_support_filter_all would start programs for some formats, so each filter is named. */
static const struct reader {
	enum file_type_id id;
	void (*format)(struct archive *a), (*filter)(struct archive *a);
} readers[] = {
	{ FILE_TYPE_TAR, support_tar, filter_none },
	{ FILE_TYPE_RAR, support_rar, filter_none },
	{ FILE_TYPE_SEVENZIP, support_7zip, filter_none },
	{ FILE_TYPE_CAB, support_cab, filter_none },
	{ FILE_TYPE_LHA, support_lha, filter_none },
	{ FILE_TYPE_ISO, support_iso, filter_none },
	{ FILE_TYPE_CPIO, support_cpio, filter_none },
	{ FILE_TYPE_AR, support_ar, filter_none },
	{ FILE_TYPE_GZIP, support_compressed, filter_gzip },
	{ FILE_TYPE_BZIP2, support_compressed, filter_bzip2 },
	{ FILE_TYPE_XZ, support_compressed, filter_xz },
	{ FILE_TYPE_ZSTD, support_compressed, filter_zstd },
	{ FILE_TYPE_LZ4, support_compressed, filter_lz4 },
	{ FILE_TYPE_LZIP, support_compressed, filter_lzip },
	{ FILE_TYPE_COMPRESS, support_compressed, filter_compress },
};

/* The name a gzip file carries (RFC 1952 2.3), or the archive's own without its ending. */
static struct span compressed_name(struct span bytes, struct span outer)
{
	struct cursor c = cursor_of(bytes);
	if (cursor_be16(&c) == 0x1f8b && cursor_u8(&c) == 8) {
		uint8_t flags = cursor_u8(&c);
		cursor_skip(&c, 6);
		if (flags & 4)
			cursor_skip(&c, cursor_u16(&c));
		struct span rest = span_first(span_skip(bytes, c.at), 1024);
		size_t end = flags & 8 ? span_find_byte(rest, 0, 0) : SPAN_NPOS;
		if (end != SPAN_NPOS)
			return span_first(rest, end);
	}
	struct span extension = file_extension(outer);
	return extension.n ? span_first(outer, (size_t)(extension.p - outer.p) - 1) : outer;
}

static struct span entry_name(struct attachment_work *work, struct archive_entry *entry)
{
	const char *name = archive_entry_pathname_utf8(entry);
	if (!name)
		name = archive_entry_pathname(entry);
	return name ? archive_name(work, arena_dup(work->arena, span_cstr(name))) : span_none;
}

/* Reads one member's data: its head, the whole where that is wanted; all of it is counted, because skipping unpacks as well.
 * False when a limit ends the archive. */
static bool read_member(struct attachment_work *work, struct archive *a, uint32_t index, struct span packed, uint64_t *unpacked,
			uint32_t depth)
{
	struct buf head, whole;
	buf_init(&head, work->arena, ARCHIVE_HEAD);
	buf_init(&whole, work->arena, (size_t)archive_left(work));
	bool typed = false, wanted = false, within = true;
	const void *block;
	size_t n;
	la_int64_t offset;
	int state;
	while (within && (state = archive_read_data_block(a, &block, &n, &offset)) >= ARCHIVE_WARN && state != ARCHIVE_EOF) {
		struct span bytes = span_of(block, n);
		within = archive_count(work, n, unpacked, packed.n);
		if (!typed) {
			size_t first = bytes.n < ARCHIVE_HEAD - head.n ? bytes.n : ARCHIVE_HEAD - head.n;
			buf_put(&head, span_first(bytes, first));
			bytes = span_skip(bytes, first);
			typed = head.n == ARCHIVE_HEAD;
			if (typed && (wanted = archive_head(work, index, buf_span(&head))))
				buf_put(&whole, buf_span(&head));
		}
		if (wanted)
			buf_put(&whole, bytes);
	}
	if (!typed && head.n)
		wanted = archive_head(work, index, buf_span(&head));
	struct span content = typed ? buf_span(&whole) : buf_span(&head);
	if (wanted && content.n) {
		const struct file_type *type = file_type_of(content);
		work->attachment->members.v[index].by_content = type;
		attachment_examine(work, content, type, work->attachment->members.v[index].name, depth + 1);
	}
	return within;
}

static void read_entries(struct attachment_work *work, struct archive *a, struct span bytes, struct span outer, uint32_t depth)
{
	uint64_t unpacked = 0;
	struct archive_entry *entry;
	int state;
	while ((state = archive_read_next_header(a, &entry)) >= ARCHIVE_WARN && state != ARCHIVE_EOF) {
		bool raw = archive_format(a) == ARCHIVE_FORMAT_RAW;
		struct span name = raw ? archive_name(work, compressed_name(bytes, outer)) : entry_name(work, entry);
		struct attachment_member *member = archive_add(work, name, depth);
		if (!member)
			return;
		member->bytes = archive_entry_size_is_set(entry) ? (uint64_t)archive_entry_size(entry) : 0;
		member->encrypted = archive_entry_is_encrypted(entry);
		if (member->encrypted)
			attachment_flag(work, ATTACHMENT_ENCRYPTED, name);
		else if (!read_member(work, a, work->attachment->members.n - 1, bytes, &unpacked, depth))
			return;
	}
	if (archive_read_has_encrypted_entries(a) > 0)
		attachment_flag(work, ATTACHMENT_ENCRYPTED, span_none);
	else if (state < ARCHIVE_WARN)
		attachment_flag(work, ATTACHMENT_DAMAGED, span_none);
}

static void read_archive(struct attachment_work *work, const struct reader *reader, struct span bytes, struct span outer, uint32_t depth)
{
	struct archive *a = archive_read_new();
	if (!a)
		return;
	archive_warm_up();
	locale_t before = utf8_locale ? uselocale(utf8_locale) : (locale_t)0;
	reader->filter(a);
	reader->format(a);
	if (archive_read_open_memory(a, bytes.p, bytes.n) == ARCHIVE_OK)
		read_entries(work, a, bytes, outer, depth);
	else
		attachment_flag(work, ATTACHMENT_DAMAGED, span_none);
	archive_read_free(a);
	if (before)
		uselocale(before);
}

void archive_list(struct attachment_work *work, struct span bytes, const struct file_type *type, struct span name, uint32_t depth)
{
	for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
		if (file_type(readers[i].id) == type) {
			read_archive(work, &readers[i], bytes, name, depth);
			return;
		}
}
