/* message/link.h - every link of a message: in HTML attributes, in plain text as mail programs linkify it, and obfuscated.
 *
 * Owner: the arena. The order is that of the parts, then of the source. */
#ifndef MESSAGE_LINK_H
#define MESSAGE_LINK_H

#include "message/html.h"
#include "message/url.h"

enum link_kind {
	LINK_ATTRIBUTE,  /* HTML attribute: goes where url says */
	LINK_TEXT,       /* a mail program would make it clickable */
	LINK_OBFUSCATED, /* hxxp, [.], " dot ", blanks: only a person follows it */
};

enum link_flags {
	LINK_REDIRECTED = 1 << 0,   /* found inside another link's parameters (inside names it) */
	LINK_SCHEME_ADDED = 1 << 1, /* "www.example.com" */
	LINK_MAILTO = 1 << 2,
	LINK_IMAGE = 1 << 3, /* loaded, not clicked: images, sheets, frames, scripts */
	LINK_FORM = 1 << 4,
	LINK_REFRESH = 1 << 5,
	LINK_HIDDEN = 1 << 6,
	LINK_IN_ATTACHMENT = 1 << 7, /* HTML or PDF attachment */
	LINK_BROKEN = 1 << 8,        /* URL parsing failed: raw only */
};

struct link {
	enum link_kind kind;
	uint32_t flags;     /* enum link_flags */
	struct span raw;    /* as found, scheme added where a mail program adds it */
	struct url url;     /* href is span_none when broken */
	struct span domain; /* registrable, or span_none */
	struct span shown;  /* text a person sees for it: anchors only */
	uint32_t inside;    /* index of the link that carried it, or LINK_NONE */
	struct place at;
};

#define LINK_NONE UINT32_MAX

struct links {
	VEC(struct link) list;
};

/* Does it lead to a host (no mailto:, javascript:, broken ones)? */
static inline bool link_has_host(const struct link *link)
{
	return !(link->flags & (LINK_BROKEN | LINK_MAILTO)) && link->url.host_kind != URL_HOST_NONE && link->url.host.n;
}
/* May a reader follow it with a click (what is only loaded, and what only a person can decode, left out)? */
static inline bool link_is_clicked(const struct link *link)
{
	return link_has_host(link) && !(link->flags & LINK_IMAGE) && link->kind != LINK_OBFUSCATED;
}

/* The links of plain text, as mail programs make them clickable, plus the obfuscated ones. in is PLACE_TEXT or PLACE_DECODED. */
void links_from_text(struct span text, uint16_t part, uint8_t in, struct arena *arena, struct anomalies *anomalies, struct links *links);
/* The same for text[from, to), with places in the whole text; extra flags are added to each. */
void links_from_text_range(struct span text, size_t from, size_t to, uint16_t part, uint8_t in, uint32_t extra_flags, struct arena *arena,
			   struct anomalies *anomalies, struct links *links);
/* The links of parsed HTML; visible text is linkified too where it is outside anchors. extra flags are added to each. */
void links_from_html(const struct html *html, uint16_t part, uint32_t extra_flags, struct arena *arena, struct anomalies *anomalies,
		     struct links *links);

#endif
