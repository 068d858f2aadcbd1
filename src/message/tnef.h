/* message/tnef.h - the attachments inside Outlook's winmail.dat ([MS-OXTNEF] 2.1): names and first bytes. */
#ifndef MESSAGE_TNEF_H
#define MESSAGE_TNEF_H

#include "message/attachment_work.h"

/* Adds each as a member of the attachment. */
void tnef_examine(struct attachment_work *work, struct span bytes, uint32_t depth);

#endif
