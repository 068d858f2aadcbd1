/* learn/explain_words.h - the words of a view, what each moved the score by, and the phrases they make.
 *
 * Promises: linear. Owner: the arena. */
#ifndef LEARN_EXPLAIN_WORDS_H
#define LEARN_EXPLAIN_WORDS_H

#include "learn/view.h"

/* Letters and digits, a host name, an address, or a whole URL. */
struct explain_word {
	uint32_t from, to; /* in the view */
	uint32_t hash;     /* without case */
	float nats;
	bool begins; /* a sentence, a line that is not just wrapped, another part: no phrase reaches over this */
	bool url;
};

struct explain_words {
	const struct view *view;
	struct explain_word *v;
	uint32_t n;
	uint16_t *slots; /* index of a word + 1, by hash; see explain_words_find */
	uint32_t mask;
};

/* Words of [from, to) of a view. */
void explain_words_read(const struct view *view, uint32_t from, uint32_t to, struct arena *arena, struct explain_words *ret_words);
/* byte[i]: what moved at byte i of the view. A word gets what stands before the next one. */
void explain_words_weigh(struct explain_words *words, const float *byte);
/* Makes explain_words_find possible. */
void explain_words_index(struct explain_words *words, struct arena *arena);
/* The first word with that hash, NULL when there is none. Two words of one hash are rare, and only share what is known of both. */
struct explain_word *explain_words_find(const struct explain_words *words, uint32_t hash);
/* No phrase shall have this word, wherever it stands. */
void explain_words_drop(struct explain_words *words, struct span name);

struct explain_phrase {
	uint32_t from, to; /* in the view */
	double nats;
	bool url;
};

/* The next phrase at or after word *at, which advances; false when there is none. noise: words that moved less do not carry a phrase. */
bool explain_phrase_next(const struct explain_words *words, float noise, uint32_t *at, struct explain_phrase *ret_phrase);
float explain_words_noise(const struct explain_words *words);

#endif
