/* message/filetype_container.h - which kind of ZIP or OLE file is it? By the names of its first members (DIRECTORY_LOOK at most).
 *
 * A Word document, an Android app and a plain archive are all ZIP files; a Word 97 document, an installer and an Outlook message are all
 * OLE files. */
#ifndef MESSAGE_FILETYPE_CONTAINER_H
#define MESSAGE_FILETYPE_CONTAINER_H

#include "message/filetype.h"

enum file_type_id filetype_container_zip(struct span bytes);
enum file_type_id filetype_container_ole(struct span bytes);

#endif
