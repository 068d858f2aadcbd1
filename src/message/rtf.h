/* message/rtf.h - does an RTF document embed objects, load them by itself, or fetch a template? ([MS-RTF] 2.2; control words only) */
#ifndef MESSAGE_RTF_H
#define MESSAGE_RTF_H

#include "message/attachment_work.h"

/* One linear pass. */
void rtf_examine(struct attachment_work *work, struct span bytes, struct span name);

#endif
