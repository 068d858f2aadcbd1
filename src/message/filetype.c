/* message/filetype.c - see filetype.h */
#include "message/filetype.h"

#include "base/ascii.h"
#include "base/cursor.h"
#include "message/filetype_container.h"

static const struct file_type types[] = {
#define FILE_TYPE(symbol, name, media, says, class, reach) { name, media, says, class, reach },
#include "message/filetypes.def"
#undef FILE_TYPE
};

const struct file_type *file_type(enum file_type_id id) { return &types[id]; }

unsigned file_type_danger(const struct file_type *type)
{
	if (!type || type->class == FILE_UNKNOWN)
		return 0;
	unsigned reach = 2 * (unsigned)type->reach + 1;
	return file_runs(type) && type->reach == FILE_REACH_RUNS ? reach + 1 : reach;
}

/* Each refiner gets the whole bytes, knowing that the row's magic is there; FILE_TYPE_UNKNOWN says that it was a chance resemblance. */
typedef enum file_type_id refine_fn(struct span bytes);

/* DOS and Windows programs: "MZ" alone is also how a text may begin, so there must be a NUL in the header. */
static enum file_type_id refine_mz(struct span s)
{
	if (span_find_byte(span_first(s, 64), 0, 0) == SPAN_NPOS)
		return FILE_TYPE_UNKNOWN;
	struct cursor c = cursor_of(s);
	cursor_seek(&c, 0x3c);
	cursor_seek(&c, cursor_u32(&c));
	return span_starts(cursor_take(&c, 4), SPAN("PE\0\0")) ? FILE_TYPE_PE : FILE_TYPE_DOS;
}

/* A Java class and a Mach-O file for several processors begin alike: a class has its version there, 45 and up, the other a small count. */
static enum file_type_id refine_cafebabe(struct span s)
{
	struct cursor c = cursor_of(s);
	cursor_seek(&c, 4);
	uint32_t n = cursor_be32(&c);
	return c.overrun ? FILE_TYPE_UNKNOWN : (n & 0xffff) >= 45 ? FILE_TYPE_CLASS : FILE_TYPE_MACHO;
}

static enum file_type_id refine_riff(struct span s)
{
	struct span form = span_slice(s, 8, 12);
	if (span_eq(form, SPAN("WAVE")))
		return FILE_TYPE_WAV;
	if (span_eq(form, SPAN("WEBP")))
		return FILE_TYPE_WEBP;
	return span_eq(form, SPAN("AVI ")) ? FILE_TYPE_AVI : FILE_TYPE_UNKNOWN;
}

/* BMP: "BM", size, and four zero bytes. */
static enum file_type_id refine_bm(struct span s)
{
	return span_eq(span_slice(s, 6, 10), SPAN("\0\0\0\0")) ? FILE_TYPE_BMP : FILE_TYPE_UNKNOWN;
}

static enum file_type_id refine_ar(struct span s)
{
	return span_starts(span_skip(s, 8), SPAN("debian-binary")) ? FILE_TYPE_DEB : FILE_TYPE_AR;
}

static enum file_type_id refine_eicar(struct span s)
{
	return span_has(span_first(s, 80), SPAN("STANDARD-ANTIVIRUS-TEST-FILE")) ? FILE_TYPE_EICAR : FILE_TYPE_UNKNOWN;
}

static enum file_type_id refine_hash_bang(struct span s)
{
	static const struct {
		struct span word;
		enum file_type_id id;
	} interpreters[] = {
		{ SPAN_INIT("python"), FILE_TYPE_PYTHON },
		{ SPAN_INIT("perl"), FILE_TYPE_PERL },
		{ SPAN_INIT("php"), FILE_TYPE_PHP },
		{ SPAN_INIT("sh"), FILE_TYPE_SHELL },
	};
	struct span line = span_first(s, 128);
	line = span_first(line, span_find_byte(line, '\n', 0));
	for (size_t i = 0; i < sizeof interpreters / sizeof *interpreters; i++)
		if (span_has(line, interpreters[i].word))
			return interpreters[i].id;
	return FILE_TYPE_SCRIPT;
}

/* Windows and OS/2 cursors and icons: reserved 0, type 1, and a plausible count. */
static enum file_type_id refine_ico(struct span s)
{
	int count = span_at(s, 4);
	return count > 0 && count < 64 && span_at(s, 5) == 0 ? FILE_TYPE_ICO : FILE_TYPE_UNKNOWN;
}

/* Windows enhanced metafile: record type 1 and " EMF" at 40. */
static enum file_type_id refine_emf(struct span s)
{
	return span_eq(span_slice(s, 40, 44), SPAN(" EMF")) ? FILE_TYPE_EMF : FILE_TYPE_UNKNOWN;
}

static enum file_type_id refine_ftyp_jp2(struct span s)
{
	return span_eq(span_slice(s, 4, 8), SPAN("jP  ")) ? FILE_TYPE_JP2 : FILE_TYPE_UNKNOWN;
}

/* DER: SEQUENCE { OBJECT IDENTIFIER 1.2.840.113549.1.7.* ...: PKCS #7; other sequences are not told apart. */
static enum file_type_id refine_der(struct span s)
{
	return span_has(span_first(s, 24), SPAN("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07")) ? FILE_TYPE_PKCS7 : FILE_TYPE_UNKNOWN;
}

#define MAGIC(bytes, symbol, fn)                                                                                                           \
	{                                                                                                                                  \
		SPAN_INIT(bytes), FILE_TYPE_##symbol, fn                                                                                   \
	}
/* What files begin with, sorted by the first byte: the search begins at the first row of that byte. */
static const struct magic {
	struct span bytes;
	enum file_type_id id;
	refine_fn *refine;
} magics[] = {
	MAGIC("\0\0\1\0", ICO, refine_ico),
	MAGIC("\0\0\0\x0cjP  ", JP2, refine_ftyp_jp2),
	MAGIC("\0\0\1\xba", MPEG, NULL),
	MAGIC("\0\0\1\xb3", MPEG, NULL),
	MAGIC("\0\1\0\0Standard ", ACCESS, NULL),
	MAGIC("\0\1\0\0\0", FONT, NULL),
	MAGIC("\0asm", WASM, NULL),
	MAGIC("\1\0\0\0", EMF, refine_emf),
	MAGIC("\4\"M\x18", LZ4, NULL),
	MAGIC("\x1a\x45\xdf\xa3", WEBM, NULL),
	MAGIC("\x1f\x8b", GZIP, NULL),
	MAGIC("\x1f\x9d", COMPRESS, NULL),
	MAGIC("!<arch>\n", AR, refine_ar),
	MAGIC("#!AMR", AMR, NULL),
	MAGIC("#!", SCRIPT, refine_hash_bang),
	MAGIC("#@~^", SCRIPT_ENCODED, NULL),
	MAGIC("%!PS", POSTSCRIPT, NULL),
	MAGIC("%PDF-", PDF, NULL),
	MAGIC("(\xb5/\xfd", ZSTD, NULL),
	MAGIC("0&\xb2u\x8e"
	      "f\xcf\x11",
	      ASF, NULL),
	MAGIC("070701", CPIO, NULL),
	MAGIC("070707", CPIO, NULL),
	MAGIC("0\x80\x06\x09", PKCS7, refine_der),
	MAGIC("0\x82", CERTIFICATE, refine_der),
	MAGIC("0\x83", CERTIFICATE, refine_der),
	MAGIC("7z\xbc\xaf\x27\x1c", SEVENZIP, NULL),
	MAGIC("8BPS", PSD, NULL),
	MAGIC("BM", BMP, refine_bm),
	MAGIC("BZh", BZIP2, NULL),
	MAGIC("CWS", FLASH, NULL),
	MAGIC("FLV\1", FLV, NULL),
	MAGIC("FWS", FLASH, NULL),
	MAGIC("GIF87a", GIF, NULL),
	MAGIC("GIF89a", GIF, NULL),
	MAGIC("ID3", MP3, NULL),
	MAGIC("ID;P", SYLK, NULL),
	MAGIC("II*\0", TIFF, NULL),
	MAGIC("ITSF", CHM, NULL),
	MAGIC("KDMV", DISK_IMAGE, NULL),
	MAGIC("L\0\0\0\1\x14\2\0", LNK, NULL),
	MAGIC("LZIP", LZIP, NULL),
	MAGIC("MM\0*", TIFF, NULL),
	MAGIC("MSCF\0\0\0\0", CAB, NULL),
	MAGIC("MSWIM\0\0\0", DISK_IMAGE, NULL),
	MAGIC("MThd", MIDI, NULL),
	MAGIC("MZ", DOS, refine_mz),
	MAGIC("OTTO", FONT, NULL),
	MAGIC("OggS", OGG, NULL),
	MAGIC("PK\3\4", ZIP, filetype_container_zip),
	MAGIC("PK\5\6", ZIP, NULL),
	MAGIC("PK\7\10PK\3\4", ZIP, filetype_container_zip),
	MAGIC("RIFF", WAV, refine_riff),
	MAGIC("Rar!\x1a\7", RAR, NULL),
	MAGIC("SQLite format 3\0", SQLITE, NULL),
	MAGIC("X5O!P%@AP[4", EICAR, refine_eicar),
	MAGIC("ZWS", FLASH, NULL),
	MAGIC("`\xea", ARJ, NULL),
	MAGIC("conectix", DISK_IMAGE, NULL),
	MAGIC("d8:announce", TORRENT, NULL),
	MAGIC("dex\n03", DEX, NULL),
	MAGIC("fLaC", FLAC, NULL),
	MAGIC("vhdxfile", DISK_IMAGE, NULL),
	MAGIC("wOF2", FONT, NULL),
	MAGIC("wOFF", FONT, NULL),
	MAGIC("x\x9f>\"", TNEF, NULL),
	MAGIC("xar!\0", MAC_PACKAGE, NULL),
	MAGIC("{\\rt", RTF, NULL),
	MAGIC("\x7f"
	      "ELF",
	      ELF, NULL),
	MAGIC("\x89PNG\r\n\x1a\n", PNG, NULL),
	MAGIC("\xca\xfe\xba\xbe", CLASS, refine_cafebabe),
	MAGIC("\xce\xfa\xed\xfe", MACHO, NULL),
	MAGIC("\xcf\xfa\xed\xfe", MACHO, NULL),
	MAGIC("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE, filetype_container_ole),
	MAGIC("\xd7\xcd\xc6\x9a", WMF, NULL),
	MAGIC("\xe4R\\{\x8c\xd8\xa7M", ONENOTE, NULL),
	MAGIC("\xed\xab\xee\xdb", RPM, NULL),
	MAGIC("\xfd"
	      "7zXZ\0",
	      XZ, NULL),
	MAGIC("\xff\xd8\xff", JPEG, NULL),
	MAGIC("\xff\xfb", MP3, NULL),
};
enum { N_MAGICS = sizeof magics / sizeof *magics };

static enum file_type_id by_first_bytes(struct span s)
{
	size_t low = 0, high = N_MAGICS;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (magics[middle].bytes.p[0] < s.p[0])
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < N_MAGICS && magics[low].bytes.p[0] == s.p[0]; low++) {
		if (!span_starts(s, magics[low].bytes))
			continue;
		enum file_type_id id = magics[low].refine ? magics[low].refine(s) : magics[low].id;
		if (id != FILE_TYPE_UNKNOWN)
			return id;
	}
	return FILE_TYPE_UNKNOWN;
}

/* Types whose mark stands further on. */
static enum file_type_id by_later_bytes(struct span s)
{
	if (span_eq(span_slice(s, 257, 262), SPAN("ustar")))
		return FILE_TYPE_TAR;
	if (span_eq(span_slice(s, 32769, 32774), SPAN("CD001")) || span_eq(span_slice(s, 32769, 32774), SPAN("BEA01")))
		return FILE_TYPE_ISO;
	if (span_eq(span_slice(s, 7, 14), SPAN("**ACE**")))
		return FILE_TYPE_ACE;
	if (span_eq(span_slice(s, 2, 5), SPAN("-lh")) || span_eq(span_slice(s, 2, 5), SPAN("-lz")))
		return FILE_TYPE_LHA;
	if (span_eq(span_slice(s, 4, 8), SPAN("ftyp"))) {
		struct span brand = span_slice(s, 8, 12);
		if (span_starts(brand, SPAN("hei")) || span_starts(brand, SPAN("avi")) || span_starts(brand, SPAN("mif")))
			return FILE_TYPE_HEIF;
		return span_starts(brand, SPAN("M4A")) ? FILE_TYPE_M4A : FILE_TYPE_MP4;
	}
	/* Readers accept a PDF that begins anywhere in the first 1024 bytes, and senders of malware know it. */
	if (span_has(span_first(s, 1024), SPAN("%PDF-1.")))
		return FILE_TYPE_PDF;
	return FILE_TYPE_UNKNOWN;
}

static const struct {
	struct span head;
	enum file_type_id id;
} first_words[] = {
	{ SPAN_INIT("<!doctype html"), FILE_TYPE_HTML },
	{ SPAN_INIT("<html"), FILE_TYPE_HTML },
	{ SPAN_INIT("<head"), FILE_TYPE_HTML },
	{ SPAN_INIT("<body"), FILE_TYPE_HTML },
	{ SPAN_INIT("<script"), FILE_TYPE_HTML },
	{ SPAN_INIT("<meta "), FILE_TYPE_HTML },
	{ SPAN_INIT("<title"), FILE_TYPE_HTML },
	{ SPAN_INIT("<iframe"), FILE_TYPE_HTML },
	{ SPAN_INIT("<form"), FILE_TYPE_HTML },
	{ SPAN_INIT("<table"), FILE_TYPE_HTML },
	{ SPAN_INIT("<hta:"), FILE_TYPE_HTA },
	{ SPAN_INIT("<svg"), FILE_TYPE_SVG },
	{ SPAN_INIT("<job"), FILE_TYPE_WSF },
	{ SPAN_INIT("<package"), FILE_TYPE_WSF },
	{ SPAN_INIT("<?php"), FILE_TYPE_PHP },
	{ SPAN_INIT("<?xml"), FILE_TYPE_XML },
	{ SPAN_INIT("@echo off"), FILE_TYPE_BATCH },
	{ SPAN_INIT("[internetshortcut]"), FILE_TYPE_URL_SHORTCUT },
	{ SPAN_INIT("[desktop entry]"), FILE_TYPE_DESKTOP },
	{ SPAN_INIT("windows registry editor"), FILE_TYPE_REGISTRY },
	{ SPAN_INIT("regedit4"), FILE_TYPE_REGISTRY },
	{ SPAN_INIT("web\r\n1"), FILE_TYPE_IQY },
	{ SPAN_INIT("begin:vcalendar"), FILE_TYPE_CALENDAR },
	{ SPAN_INIT("begin:vcard"), FILE_TYPE_VCARD },
	{ SPAN_INIT("-----begin pgp "), FILE_TYPE_OPENPGP },
	{ SPAN_INIT("-----begin pkcs7"), FILE_TYPE_PKCS7 },
	{ SPAN_INIT("-----begin certificate"), FILE_TYPE_CERTIFICATE },
	{ SPAN_INIT("mime-version: 1.0"), FILE_TYPE_MAIL },
	{ SPAN_INIT("received: "), FILE_TYPE_MAIL },
	{ SPAN_INIT("return-path: "), FILE_TYPE_MAIL },
};

/* XML says what it is by its first element; HTML applications and SVG also stand behind other first words. */
static enum file_type_id refine_markup(struct span s, enum file_type_id id)
{
	struct span head = span_first(s, 2048);
	if (id == FILE_TYPE_HTML)
		return span_ihas(head, SPAN("<hta:application")) ? FILE_TYPE_HTA : FILE_TYPE_HTML;
	if (span_has(head, SPAN("mso-application")))
		return FILE_TYPE_OFFICE_XML;
	if (span_ihas(head, SPAN("<svg")))
		return FILE_TYPE_SVG;
	if (span_ihas(head, SPAN("<html")))
		return FILE_TYPE_HTML;
	if (span_ihas(head, SPAN("<job")) || span_ihas(head, SPAN("<component")) || span_ihas(head, SPAN("<scriptlet")))
		return FILE_TYPE_WSF;
	return id;
}

/* Text is what has no control characters in its first 512 bytes but those of text. */
static enum file_type_id by_text(struct span s)
{
	if (span_starts(s, SPAN("\xef\xbb\xbf")))
		s = span_skip(s, 3);
	if (span_starts(s, SPAN("\xff\xfe")) || span_starts(s, SPAN("\xfe\xff")))
		return FILE_TYPE_TEXT;
	struct span head = span_first(s, 512);
	for (size_t i = 0; i < head.n; i++)
		if (head.p[i] < 0x20 && head.p[i] != '\t' && head.p[i] != '\n' && head.p[i] != '\r' && head.p[i] != '\f' &&
		    head.p[i] != 0x1b)
			return FILE_TYPE_UNKNOWN;
	size_t skip = 0;
	while (skip < head.n && ascii_is_space(head.p[skip]))
		skip++;
	s = span_skip(s, skip);
	for (int comments = 0; comments < 4 && span_starts(s, SPAN("<!--")); comments++) {
		size_t end = span_find(span_first(s, 4096), SPAN("-->"), 4);
		if (end == SPAN_NPOS)
			break;
		s = span_skip(s, end + 3);
		while (s.n && ascii_is_space(*s.p))
			s = span_skip(s, 1);
	}
	for (size_t i = 0; i < sizeof first_words / sizeof *first_words; i++)
		if (span_istarts(s, first_words[i].head))
			return span_at(s, 0) == '<' ? refine_markup(s, first_words[i].id) : first_words[i].id;
	return FILE_TYPE_TEXT;
}

const struct file_type *file_type_of(struct span s)
{
	enum file_type_id id = FILE_TYPE_UNKNOWN;
	if (s.n) {
		id = by_first_bytes(s);
		if (id == FILE_TYPE_UNKNOWN)
			id = by_later_bytes(s);
		if (id == FILE_TYPE_UNKNOWN)
			id = by_text(s);
	}
	return &types[id];
}

static const struct {
	struct span extension;
	enum file_type_id id;
} extensions[] = {
#define EXTENSION(extension, symbol) { SPAN_INIT(extension), FILE_TYPE_##symbol },
#include "message/extensions.def"
#undef EXTENSION
};

struct span file_extension(struct span name)
{
	while (name.n && (name.p[name.n - 1] == '.' || ascii_is_space(name.p[name.n - 1]) || name.p[name.n - 1] == 0))
		name.n--;
	size_t dot = span_rfind_byte(name, '.');
	if (dot == SPAN_NPOS)
		return span_first(name, 0);
	struct span extension = span_skip(name, dot + 1);
	if (span_find_byte(extension, '/', 0) != SPAN_NPOS || span_find_byte(extension, '\\', 0) != SPAN_NPOS)
		return span_first(name, 0);
	return extension;
}

const struct file_type *file_type_named(struct span name)
{
	struct span extension = file_extension(name);
	size_t low = 0, high = sizeof extensions / sizeof *extensions;
	if (extension.n == 0 || extension.n > 24)
		return NULL;
	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = span_icmp(extensions[middle].extension, extension);
		if (order == 0)
			return &types[extensions[middle].id];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}
