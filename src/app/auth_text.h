/* app/auth_text.h - what `postern auth` found, in words. */
#ifndef APP_AUTH_TEXT_H
#define APP_AUTH_TEXT_H

#include "auth/authentication.h"
#include "report/style.h"

void auth_text(const struct authentication *judged, const struct style *style, struct buf *out);

#endif
