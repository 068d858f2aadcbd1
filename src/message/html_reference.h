/* message/html_reference.h - character references: &amp; &#38; &#x26; (WHATWG HTML 13.2.5.72-80). */
#ifndef MESSAGE_HTML_REFERENCE_H
#define MESSAGE_HTML_REFERENCE_H

#include "base/arena.h"

struct html_entity {
	char name[32]; /* without '&' and ';' */
	char value[8]; /* UTF-8 */
	uint8_t n_name, n_value;
	bool legacy; /* also without ';' */
};

#define HTML_ENTITIES 2125
#define HTML_ENTITY_SLOTS 4096
extern const struct html_entity html_entities[HTML_ENTITIES]; /* sorted by name */
extern const uint16_t html_entity_slots[HTML_ENTITY_SLOTS];

struct html_reference {
	size_t n; /* bytes of source it takes, '&' and ';' included */
	uint8_t utf8[8];
	uint8_t n_utf8;
	bool needless; /* a plain ASCII letter or digit, written as a number */
};

/* text begins with '&'; false when that is only an ampersand. */
bool html_reference_read(struct span text, bool in_attribute, struct html_reference *ret_reference);

#endif
