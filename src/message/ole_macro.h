/* message/ole_macro.h - do an OLE file's streams carry macros, hidden macro sheets, embedded programs or encryption? Presence only. */
#ifndef MESSAGE_OLE_MACRO_H
#define MESSAGE_OLE_MACRO_H

#include "message/attachment_work.h"

void ole_macro_examine(struct attachment_work *work, struct span bytes, struct span name);

#endif
