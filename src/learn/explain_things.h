/* learn/explain_things.h - what is not words: header fields, links, the machine outside, attachments; what each moved the score by, and how
 * it is called.
 *
 * Lines of FIELDS are gathered to the header field they were read from, to the host they lead to, to the machine that handed the message
 * over. The line that moved most gives the name and the quote. Promises: linear. Owner: the arena. */
#ifndef LEARN_EXPLAIN_THINGS_H
#define LEARN_EXPLAIN_THINGS_H

#include "learn/view.h"

struct explain_key;

struct explain_thing {
	double nats;
	struct place at;
	const struct header *header;      /* of the message's header; NULL when it is none */
	const struct explain_key *key[2]; /* of the line that moved most, toward spam and toward good mail; NULL: none did */
	struct span value[2];
	float most[2];
	struct span id; /* in FIELDS: a host, or a whole line */
	bool is_host;
};

#define EXPLAIN_NONE UINT32_MAX
enum { EXPLAIN_SLOTS = 8192 };

struct explain_things {
	const struct view_source *source;
	const struct headers *headers;
	struct arena *arena;
	VEC(struct explain_thing) list;
	uint16_t *of_header; /* index of a thing + 1, as in slots */
	uint16_t slots[EXPLAIN_SLOTS];
	uint32_t client, link; /* indexes, or EXPLAIN_NONE; link: the one whose lines are being read */
	struct place link_at;
};

struct explain_things *explain_things_new(const struct view_source *source, struct arena *arena);
/* A line of FIELDS, where it comes from, and what it moved. */
void explain_things_line(struct explain_things *things, struct span line, struct place at, float nats);
/* Index of the field of the message's header that a place lies in, or EXPLAIN_NONE. */
uint32_t explain_things_header_at(const struct explain_things *things, const struct place *place);
/* These three are good until the next thing is made. */
struct explain_thing *explain_things_header(struct explain_things *things, uint32_t index);
struct explain_thing *explain_things_client(struct explain_things *things, struct place at);
/* The link to the host of a URL that stands in the text; NULL when there is none. */
struct explain_thing *explain_things_link(struct explain_things *things, struct span url);

/* How it is called before its quote; NULL when nothing can be said of it. telling: of 100, what it means to a person. */
const char *explain_thing_name(const struct explain_thing *thing, unsigned *ret_telling);
struct span explain_thing_quote(const struct explain_things *things, const struct explain_thing *thing);

#endif
