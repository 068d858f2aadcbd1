/* message/filetype.h - what a file is, by its content and by its name.
 *
 * Promises: some 100 types (filetypes.def) and 330 extensions (extensions.def); no library, no allocation; by content it looks at the first
 * 64 kB at most, and for ZIP and OLE at the names of the first members. Types are static and may be compared by pointer.
 * Does not: unpack (message/attachment.c does), or trust what the sender says. */
#ifndef MESSAGE_FILETYPE_H
#define MESSAGE_FILETYPE_H

#include "base/span.h"

/* What a file can do to the one who opens it. */
enum file_class {
	FILE_UNKNOWN,
	FILE_TEXT,
	FILE_IMAGE,
	FILE_AUDIO,
	FILE_VIDEO,
	FILE_FONT,
	FILE_DOCUMENT,       /* PDF, office, RTF: may carry active content */
	FILE_DOCUMENT_MACRO, /* by extension: docm, xlsm ... */
	FILE_HTML,           /* HTML, SVG, XHTML: scripts when opened from disk */
	FILE_ARCHIVE,        /* zip, rar, 7z, gzip, cab, iso, vhd ... */
	FILE_EXECUTABLE,     /* PE, ELF, Mach-O, MSI, class, jar, apk, scr, com, pif ... */
	FILE_SCRIPT,         /* js, vbs, ps1, bat, hta, sh, py ... */
	FILE_SHORTCUT,       /* lnk, url, desktop, settingcontent-ms, library-ms ... */
	FILE_MAIL,           /* eml, msg, TNEF */
	FILE_CERTIFICATE,
	FILE_SIGNATURE,
	FILE_DATA,
};

/* How far a file reaches when somebody double-clicks it. Developers send each other scripts all day: those are no reason for alarm. */
enum file_reach {
	FILE_REACH_NONE,   /* shown, played or unpacked */
	FILE_REACH_SOURCE, /* runs only where somebody means to run it: shell, Python, ELF without the executable bit, deb ... */
	FILE_REACH_ACTIVE, /* shown by a program that may run what is inside: macros, scripts of HTML, disk images that mount themselves */
	FILE_REACH_RUNS,   /* starts at once: exe, js, vbs, hta, lnk, jar ... */
};

struct file_type {
	const char *name;  /* "pe", "zip", "docx", "ole", "elf", "javascript" ...; "unknown" */
	const char *media; /* "application/zip" */
	const char *says;  /* "a Windows program" */
	enum file_class class;
	enum file_reach reach;
};

/* The rows of filetypes.def, for comparing: file_type(FILE_TYPE_PE). */
enum file_type_id {
#define FILE_TYPE(symbol, name, media, says, class, reach) FILE_TYPE_##symbol,
#include "message/filetypes.def"
#undef FILE_TYPE
	FILE_TYPES
};
const struct file_type *file_type(enum file_type_id id);

/* By content: the first bytes (and for ZIP and OLE, what they contain). Never NULL. HTML and scripts are told from text by their first
 * words only. */
const struct file_type *file_type_of(struct span bytes);
/* By the last extension of a name, as Windows decides what to start; NULL when the name has none or it is not known.
 * Trailing dots and blanks are ignored, as Windows does. */
const struct file_type *file_type_named(struct span name);
/* The last extension as written, without the dot, a slice of name; empty when none. */
struct span file_extension(struct span name);
/* True for types that Windows, macOS or Linux desktops run when double-clicked. */
static inline bool file_runs(const struct file_type *type)
{
	return type && (type->class == FILE_EXECUTABLE || type->class == FILE_SCRIPT || type->class == FILE_SHORTCUT);
}
/* True for those of them that start at once. */
static inline bool file_starts(const struct file_type *type) { return type && type->reach == FILE_REACH_RUNS; }
/* Larger is more dangerous to open; 0 for NULL. */
unsigned file_type_danger(const struct file_type *type);

#endif
