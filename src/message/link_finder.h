/* message/link_finder.h - what the finders of links (HTML, text, obfuscated, inside other links) share. Private to message/link*.c.
 *
 * Owner: the caller; the links and all text made for them live in the arena. */
#ifndef MESSAGE_LINK_FINDER_H
#define MESSAGE_LINK_FINDER_H

#include "message/link.h"

struct link_finder {
	struct arena *arena;
	struct anomalies *anomalies; /* may be NULL */
	struct links *links;
	uint16_t part;
	uint8_t in;       /* enum place_in */
	uint32_t flags;   /* added to each link */
	uint32_t carrier; /* index + 1 of the link in whose parameters we look; 0: none */
};

/* True when no more links are taken; says so (LINK_LIMIT) when that is new. */
bool link_finder_full(struct link_finder *finder);
/* Says that a limit was met at [from, to), once a message. */
void link_finder_say(struct link_finder *finder, enum anomaly_kind limit, uint32_t from, uint32_t to);
/* Appends a link whose URL stands, with the links inside its parameters. raw: as found, scheme added. */
void link_finder_add(struct link_finder *finder, enum link_kind kind, uint32_t flags, struct span raw, const struct url *url, uint32_t from,
		     uint32_t to);
/* The obfuscated links of text[from, to): "[.]", " dot ", fullwidth dots. hxxp:// and " . com" are found by link_text.c, which meets them.
 */
void link_obfuscated_find(struct link_finder *finder, struct span text, size_t from, size_t to);
/* Reads a host whose dots may be written "[.]", "(dot)", " dot ", " . " or fullwidth, at text[at, to): the plain host, where it ends, and
 * whether some dot was disguised. False when no label stands there. */
bool link_obfuscated_host(struct span text, size_t at, size_t to, struct arena *arena, struct span *ret_host, size_t *ret_end,
			  bool *ret_disguised);
/* The obfuscated link whose disguised dot is at dot; nothing before floor belongs to it. Returns where to go on, or dot + 1. */
size_t link_obfuscated_at(struct link_finder *finder, struct span text, size_t floor, size_t dot, size_t to);
/* Where a URL that began before at ends in running text: at the first byte that no mail program takes into a link, less what is
 * punctuation of the sentence. */
size_t link_text_extent(struct span text, size_t at, size_t to);
/* Is this a host that a mail program makes clickable without a scheme: labels in form, a top-level domain that exists? */
bool link_text_host_plausible(struct span host, bool needs_real_top);
/* The links inside the path, query and fragment of links->list.v[index]. */
void link_inner_find(struct link_finder *finder, uint32_t index);

#endif
