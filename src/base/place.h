/* base/place.h - where in a message something stands, so that a sentence can point at it. */
#ifndef BASE_PLACE_H
#define BASE_PLACE_H

#include <stdint.h>

enum place_in {
	PLACE_RAW,     /* offsets into the whole message as it arrived (part is then only a hint) */
	PLACE_DECODED, /* offsets into the part's content after transfer decoding; text parts also converted to UTF-8 */
	PLACE_TEXT,    /* offsets into the part's text as a person sees it (HTML: visible text) */
};

/* Bytes [from, to). part is an index into message.parts; 0 is the whole message. */
struct place {
	uint32_t from, to;
	uint16_t part;
	uint8_t in; /* enum place_in */
};

#endif
