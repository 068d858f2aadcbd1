/* auth/dkim_base64.h - base64 as tags carry it: white space anywhere, the padding optional (RFC 6376 2.10), every other byte refused. */
#ifndef AUTH_DKIM_BASE64_H
#define AUTH_DKIM_BASE64_H

#include "base/arena.h"

/* 0 or ERR_SYNTAX: another byte, a lone last character, or nothing at all. */
int dkim_base64_decode(struct span text, struct arena *arena, struct span *ret_bytes);
struct span dkim_base64_encode(struct span bytes, struct arena *arena);

#endif
