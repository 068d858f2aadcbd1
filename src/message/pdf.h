/* message/pdf.h - does a PDF run scripts, start programs, carry files, and where do its links lead? (ISO 32000-1 7.3, 7.5.7)
 *
 * Looks for names in everything but stream data, and in object streams, which are unpacked; "#4aavaScript" is read as "JavaScript".
 * Promises: one linear pass; at most LIMIT_PDF_OBJECTS streams and LIMIT_ARCHIVE_BYTES unpacked.
 * Does not: follow the cross-reference table, which hostile files get wrong on purpose, or decrypt. */
#ifndef MESSAGE_PDF_H
#define MESSAGE_PDF_H

#include "message/attachment_work.h"

void pdf_examine(struct attachment_work *work, struct span bytes, struct span name);

#endif
