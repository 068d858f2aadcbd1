/* message/attachment.h - what is attached, what it really is, and what hides inside it.
 *
 * Archives are listed through libarchive and, for ZIP, through both its directories; members that can run are found at any depth up to
 * LIMIT_ARCHIVE_DEPTH. Office files say whether they carry macros, PDF whether they carry scripts, launches and links.
 * Promises: limits of base/limits.h; what could not be read is said (encrypted, damaged, limit). Nothing is written to disk or run. */
#ifndef MESSAGE_ATTACHMENT_H
#define MESSAGE_ATTACHMENT_H

#include "message/filetype.h"
#include "message/link.h"
#include "message/message.h"

enum attachment_flags {
	ATTACHMENT_ENCRYPTED = 1 << 0, /* archive with encrypted members, encrypted office file or PDF */
	ATTACHMENT_DAMAGED = 1 << 1,
	ATTACHMENT_LIMIT = 1 << 2,
	ATTACHMENT_MACROS = 1 << 3,            /* VBA or XLM in OLE or OOXML */
	ATTACHMENT_EXTERNAL_TEMPLATE = 1 << 4, /* OOXML relationship to a remote template or OLE object */
	ATTACHMENT_EMBEDDED_OBJECT = 1 << 5,   /* OLE package, RTF objdata, PDF embedded file */
	ATTACHMENT_PDF_SCRIPT = 1 << 6,
	ATTACHMENT_PDF_LAUNCH = 1 << 7,
	ATTACHMENT_NAMES_DIFFER = 1 << 8,   /* ZIP: local and central names differ */
	ATTACHMENT_HTML_SMUGGLING = 1 << 9, /* HTML that builds a file: Blob/msSaveBlob/atob plus download */
	ATTACHMENT_HTML_PASSWORD_FORM = 1 << 10,
	ATTACHMENT_BOMB = 1 << 11,            /* unpacks to more than LIMIT_ARCHIVE_RATIO times its size */
	ATTACHMENT_XLM_HIDDEN = 1 << 12,      /* Excel 4 macro sheet that is hidden */
	ATTACHMENT_EXTERNAL_OBJECT = 1 << 13, /* OOXML or RTF: an object is fetched from elsewhere when opened */
	ATTACHMENT_RTF_UPDATE = 1 << 14,      /* RTF objupdate: the object is loaded without asking */
	ATTACHMENT_HTML_UNPACKS = 1 << 15,   /* HTML whose script decodes and writes itself: document.write(unescape(..)), eval(atob(..)) */
	ATTACHMENT_HTML_SCRIPT = 1 << 16,    /* SVG or HTML with a script or an event handler */
	ATTACHMENT_HIDDEN_MEMBERS = 1 << 17, /* ZIP: members that the central directory does not name */
	ATTACHMENT_PDF_OPEN_ACTION = 1 << 18, /* PDF that acts when opened: with script or launch only */
	ATTACHMENT_EQUATION = 1 << 20,        /* an object of the Equation Editor 3.0 is embedded */
	ATTACHMENT_DEEP = 1 << 19,            /* archives nested deeper than LIMIT_ARCHIVE_DEPTH */
};

struct attachment_member {
	struct span name;                   /* UTF-8, path included */
	const struct file_type *by_name;    /* NULL when unknown */
	const struct file_type *by_content; /* NULL when not unpacked */
	uint64_t bytes;                     /* as stated */
	uint32_t depth;                     /* 1 is directly inside */
	bool encrypted;
	bool hidden; /* ZIP: a local header without an entry in the directory */
};

struct attachment {
	uint16_t part;
	uint32_t flags;                     /* enum attachment_flags */
	const struct file_type *by_content; /* never NULL */
	const struct file_type *by_name;    /* most dangerous over all readings of its name; NULL when none is known */
	struct span name;                   /* the reading by_name rests on, else the shown one; span_none when unnamed */
	struct span shown_name;             /* what a person sees first */
	VEC(struct attachment_member) members;
	struct html *html;          /* HTML attachments, parsed like bodies; else NULL */
	struct span external;       /* where the first external template or object lies, or span_none */
	struct span member_telling; /* name of the archive member or stream that the flags rest on, or span_none: the file itself */
};

struct attachments {
	VEC(struct attachment) list;
	uint64_t unpacked; /* bytes, all archives together */
	uint32_t entries;  /* members, all archives together */
};

/* What archives need at run time (a UTF-8 locale for names); once per process, before threads or a sandbox. */
void attachments_warm_up(void);

/* Every leaf that is not shown as body text, and every leaf with a name. Links found inside go to *links (LINK_IN_ATTACHMENT).
 * Anomalies are recorded in message->anomalies. */
void attachments_inspect(struct message *message, struct links *links, struct attachments *ret_attachments);

#endif
