/* message/zip.h - the two directories of a ZIP file, read from memory (APPNOTE.TXT 4.3).
 *
 * A ZIP file names each member twice: in the local header before its data and in the central directory at the end. Programs differ in which
 * they believe, so both are read here and compared by message/archive.c.
 * Promises: names are the raw bytes; no allocation; each call moves forward; overlaps and lying offsets are harmless.
 * Does not: unpack (message/inflate.h), decrypt, or join split archives. */
#ifndef MESSAGE_ZIP_H
#define MESSAGE_ZIP_H

#include "base/span.h"

enum zip_flags {
	ZIP_ENCRYPTED = 1 << 0,
	ZIP_SIZES_FOLLOW = 1 << 3, /* the local header has no sizes: a data descriptor follows the data */
	ZIP_STRONG_ENCRYPTION = 1 << 6,
	ZIP_NAME_UTF8 = 1 << 11,
	ZIP_DIRECTORY_MASKED = 1 << 13, /* the central directory is encrypted */
};

enum zip_method { ZIP_STORED = 0, ZIP_DEFLATED = 8, ZIP_AES = 99 };

struct zip {
	struct span bytes;
	size_t directory, directory_end; /* of the central directory; both 0 without one */
	uint64_t base;                   /* what stands before the archive: self-extracting programs */
	uint64_t stated_entries;
	size_t at; /* where the next entry is read */
};

struct zip_entry {
	struct span name;          /* raw bytes */
	struct span unicode_name;  /* Info-ZIP's extra field 0x7075, which unpackers show instead of name; span_none when absent */
	uint16_t flags, method;    /* enum zip_flags, enum zip_method */
	uint64_t packed, unpacked; /* as stated */
	size_t header;             /* offset of the local header in zip.bytes */
	struct span data;          /* packed data: zip_next_local and zip_local only */
};

/* Finds the central directory. False when there is none: then zip_next_local can still walk the local headers. */
bool zip_open(struct span bytes, struct zip *ret_zip);
/* The next entry of the central directory; false at its end. */
bool zip_next(struct zip *zip, struct zip_entry *ret_entry);
/* The next local header at or after zip->at, wherever it stands; false when there is none. */
bool zip_next_local(struct zip *zip, struct zip_entry *ret_entry);
/* The local header and the data that belong to an entry of the central directory; false when there is no such header. */
bool zip_local(const struct zip *zip, const struct zip_entry *central, struct zip_entry *ret_local);

#endif
