/* app/auth_text.h - what `postern auth` found, in words. */
#ifndef APP_AUTH_TEXT_H
#define APP_AUTH_TEXT_H

#include "auth/authentication.h"
#include "report/style.h"

struct auth_story {
	const struct authentication *judged;
	bool has_message;
	struct style style; /* of stdout */
};

void auth_text(const struct auth_story *story, struct buf *out);

#endif
