/* message/ooxml.h - do the members of an Office Open XML file carry macros, embedded objects, or fetch something from elsewhere? (ECMA-376)
 *
 * Reads the names of all members and the relationship files; unpacked bytes count against the limits of archives. */
#ifndef MESSAGE_OOXML_H
#define MESSAGE_OOXML_H

#include "message/attachment_work.h"

void ooxml_examine(struct attachment_work *work, struct span bytes, struct span name);
/* The same for a document in one XML file (Word 2003 XML, flat OPC): presence of macros only. */
void ooxml_examine_flat(struct attachment_work *work, struct span bytes, struct span name);

#endif
