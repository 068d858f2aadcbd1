/* tests/fuzz/auth_input.h - what the fuzzers of DKIM and ARC share: a key of their own, and a DNS that has one answer for everything. */
#ifndef TESTS_FUZZ_AUTH_INPUT_H
#define TESTS_FUZZ_AUTH_INPUT_H

#include "auth/arc.h"
#include "auth/dkim_digest.h"

#include <stdlib.h>

/* Made for these seeds, and good for nothing else. */
#define AUTH_INPUT_RECORD "v=DKIM1; k=ed25519; p=X6O632MzCGGVmqOsIzj/WGLeqrK/K/8aL8yv0qJX/NM="
#define AUTH_INPUT_KEY                                                                                                                     \
	"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIFwOpu2z17QTn5b+Ul7dFvCHKiG9ItdeCsyg9R1+0Uux\n-----END PRIVATE KEY-----\n"
#define AUTH_INPUT_NOW 1767571200

static inline struct dkim_key *auth_input_key(void)
{
	static struct dkim_key *key;
	if (!key && dkim_key_read(SPAN(AUTH_INPUT_KEY), &key))
		abort();
	return key;
}

/* Answers what was asked. */
static inline void auth_input_answer(const struct questions *questions, struct span record, struct arena *arena, struct answers *answers)
{
	for (uint32_t i = 0; i < questions->list.n; i++) {
		struct answer *answer = vec_push(arena, &answers->list);
		answer->question = questions->list.v[i];
		*(struct span *)vec_push(arena, &answer->records) = record;
	}
}

static inline struct dkim auth_input_verify(const struct message *message, struct span record, struct arena *arena)
{
	struct answers answers = { 0 };
	struct dkim_state *state = NULL;
	struct dkim_digest digest;
	struct dkim dkim;
	dkim_digest_init(&digest, message, arena);
	for (int round = 0; round < 3; round++) {
		struct questions questions = { .arena = arena };
		if (dkim_verify(&digest, AUTH_INPUT_NOW, &answers, &questions, &state, &dkim) == AUTH_DONE)
			return dkim;
		auth_input_answer(&questions, record, arena, &answers);
	}
	abort(); /* one round of questions is enough */
}

static inline struct arc auth_input_validate(const struct message *message, struct span record, struct arena *arena)
{
	struct answers answers = { 0 };
	struct arc_state *state = NULL;
	struct dkim_digest digest;
	struct arc arc;
	dkim_digest_init(&digest, message, arena);
	for (int round = 0; round < 3; round++) {
		struct questions questions = { .arena = arena };
		if (arc_validate(&digest, AUTH_INPUT_NOW, &answers, &questions, &state, &arc) == AUTH_DONE)
			return arc;
		auth_input_answer(&questions, record, arena, &answers);
	}
	abort();
}

/* Can a field be put on top without becoming part of what stands there, or pushing a field over a limit? */
static inline bool auth_input_may_sign(const struct message *message)
{
	struct span header = message_root(message)->raw_header;
	int first = span_at(header, 0);
	return first > ' ' && message->header_count < 100 && message->raw.n < 100000 && !message->envelope_line.p;
}

#endif
