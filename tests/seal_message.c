/* tests/seal_message.c - seal_message KEY DOMAIN SELECTOR ZONE < MESSAGE: the message with one more ARC set on top, for the suite
 * dkim_peer.
 *
 * postern itself seals only where it forwards mail, so there is no command for it. */
#include "auth/arc.h"
#include "auth/dkim_digest.h"
#include "facts/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { BYTES_MAX = 1 << 20 };

static struct span read_all(FILE *f, struct arena *arena)
{
	uint8_t *bytes = arena_alloc(arena, BYTES_MAX);
	return f ? span_of(bytes, fread(bytes, 1, BYTES_MAX, f)) : span_none;
}

static struct arc validated(const struct message *message, const struct zone *zone, struct arena *arena)
{
	struct answers answers = { 0 };
	struct arc_state *state = NULL;
	struct dkim_digest digest;
	struct arc arc;
	dkim_digest_init(&digest, message, arena);
	for (;;) {
		struct questions questions = { .arena = arena };
		if (arc_validate(&digest, (int64_t)time(NULL), &answers, &questions, &state, &arc) == AUTH_DONE)
			return arc;
		for (uint32_t i = 0; i < questions.list.n; i++) {
			struct answer *answer = vec_push(arena, &answers.list);
			answer->question = questions.list.v[i];
			zone_answer(zone, arena, answer);
		}
	}
}

int main(int argc, char **argv)
{
	struct arena arena;
	struct dkim_key *key;
	struct zone *zone;
	struct message message;
	struct span error, fields;
	arena_init(&arena);
	FILE *pem = argc == 5 ? fopen(argv[1], "r") : NULL;
	if (!pem || dkim_key_read(read_all(pem, &arena), &key) || zone_load(argv[4], &arena, &zone, &error)) {
		fprintf(stderr, "usage: seal_message KEY DOMAIN SELECTOR ZONE < MESSAGE\n");
		return 2;
	}
	fclose(pem);
	message_parse(read_all(stdin, &arena), &arena, &message);
	struct arc arc = validated(&message, zone, &arena);
	struct dkim_signing signing = { .key = key,
					.domain = span_cstr(argv[2]),
					.selector = span_cstr(argv[3]),
					.header = DKIM_RELAXED,
					.body = DKIM_RELAXED,
					.now = (int64_t)time(NULL) };
	int err =
	    arc_seal(&message, &arc, &signing, span_cstr(argv[2]), SPAN("spf=pass smtp.mailfrom=example.org; arc=pass"), &arena, &fields);
	if (!err) {
		fwrite(fields.p, 1, fields.n, stdout);
		fwrite(message.raw.p, 1, message.raw.n, stdout);
	}
	dkim_key_free(key);
	zone_free(zone);
	arena_release(&arena);
	return err ? 1 : 0;
}
