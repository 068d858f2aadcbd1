/* message/filetype.h - what a file is, by its content and by its name. About 60 types, no library, no allocation. */
#ifndef MESSAGE_FILETYPE_H
#define MESSAGE_FILETYPE_H

#include "base/span.h"

/* What a file can do to the one who opens it. */
enum file_class {
	FILE_UNKNOWN,
	FILE_TEXT, FILE_IMAGE, FILE_AUDIO, FILE_VIDEO, FILE_FONT,
	FILE_DOCUMENT,        /* PDF, office, RTF: may carry active content */
	FILE_DOCUMENT_MACRO,  /* by extension: docm, xlsm ... */
	FILE_HTML,            /* HTML, SVG, XHTML: scripts when opened from disk */
	FILE_ARCHIVE,         /* zip, rar, 7z, gzip, cab, iso, vhd ... */
	FILE_EXECUTABLE,      /* PE, ELF, Mach-O, MSI, class, jar, apk, scr, com, pif ... */
	FILE_SCRIPT,          /* js, vbs, ps1, bat, hta, sh, py ... */
	FILE_SHORTCUT,        /* lnk, url, desktop, settingcontent-ms, library-ms ... */
	FILE_MAIL,            /* eml, msg, TNEF */
	FILE_CERTIFICATE, FILE_SIGNATURE,
	FILE_DATA,
};

struct file_type {
	const char *name;     /* "pe", "zip", "docx", "ole", "elf", "javascript" ...; "unknown" */
	const char *media;    /* "application/zip" */
	const char *says;     /* "a Windows program" */
	enum file_class class;
};

/* By content: the first bytes (and for ZIP and OLE, what they contain). Never NULL. HTML and scripts are told from text by their first words only. */
const struct file_type *file_type_of(struct span bytes);
/* By the last extension of a name, as Windows decides what to start; NULL when the name has none or it is not known.
 * Trailing dots and blanks are ignored, as Windows does. */
const struct file_type *file_type_named(struct span name);
/* The last extension in lower case without the dot, a slice of name; empty when none. */
struct span file_extension(struct span name);
/* True for types that Windows, macOS or Linux desktops run when double-clicked. */
static inline bool file_runs(const struct file_type *type)
{
	return type && (type->class == FILE_EXECUTABLE || type->class == FILE_SCRIPT || type->class == FILE_SHORTCUT);
}

#endif
