/* tests/fuzz/fuzz_smtp_server.c - the SMTP server engine under arbitrary bytes in pieces of any size: the same replies, content and manners
 * as from the whole at once, every event within the bytes, every step forward; what is accepted as a message can be sent on without a
 * second end in it. */
#include "tests/fuzz/engine_sum.h"
#include "tests/fuzz/fuzz.h"
#include "tests/smtp_test.h"

static struct arena arena;

static void read_in_pieces(struct span bytes, size_t piece, uint8_t how, struct smtp_test *t)
{
	struct smtp_server_options options = smtp_test_options;
	options.lmtp = how & 1;
	options.offers |= how & 2 ? SMTP_AUTH | SMTP_XCLIENT | SMTP_XFORWARD : 0;
	options.behaviour.nameless_helo = how & 4;
	options.behaviour.helo_required = how & 8;
	options.message_bytes = 2000;
	smtp_test_init(t, &options, &arena);
	t->refuse = how & 16 ? 1u << SMTP_RCPT : how & 32 ? 1u << SMTP_CHUNK_END | 1u << SMTP_DATA : 0;
	t->answer = how & 64 ? SMTP_CONTINUES : SMTP_ACCEPTED;
	smtp_test_feed_pieces(t, bytes, piece);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smtp_test whole, pieces;
	if (size < 2)
		return 0;
	struct span bytes = span_of(data + 2, size - 2);
	arena_init(&arena);
	read_in_pieces(bytes, SIZE_MAX, data[1], &whole);
	read_in_pieces(bytes, data[0] % 64u + 1, data[1], &pieces);
	if (!span_eq(buf_span(&whole.codes), buf_span(&pieces.codes)) || !span_eq(buf_span(&whole.content), buf_span(&pieces.content)) ||
	    whole.engine.state != pieces.engine.state || whole.engine.errors != pieces.engine.errors ||
	    (whole.engine.manners ^ pieces.engine.manners) & ~(uint32_t)GATE_EARLY_PIPELINING)
		abort();
	arena_release(&arena);
	return 0;
}
