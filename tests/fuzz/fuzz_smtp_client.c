/* tests/fuzz/fuzz_smtp_client.c - the SMTP client engine under arbitrary replies in pieces of any size: the same events and the same
 * commands as from the whole at once; and content of any kind, which as it is sent ends once. */
#include "session/smtp_client_engine.h"
#include "session/smtp_content.h"
#include "tests/fuzz/engine_sum.h"
#include "tests/fuzz/fuzz.h"

static struct arena arena;
static const struct smtp_origin origin = { .has_ip = true, .port = 1, .helo = SPAN_INIT("a\r\nb"), .esmtp = true };

/* After each answer the next of these; the bytes of the input say which. */
static void next_command(struct smtp_client_engine *e, uint64_t n, struct buf *out)
{
	static const struct smtp_parameters p = { .has_size = true, .ret = SPAN_INIT("HDRS"), .notify = SPAN_INIT("NEVER") };
	if (e->state != SMTP_CLIENT_IDLE)
		return;
	switch (n % 6) {
	case 0: smtp_client_mail(e, SPAN("a@b"), &p, out); break;
	case 1: smtp_client_rcpt(e, SPAN("c@d"), &p, out); break;
	case 2: smtp_client_data(e, out); break;
	case 3: smtp_client_chunk(e, 7, out); break;
	case 4: smtp_client_xforward(e, out); break;
	default: smtp_client_rset(e, out); break;
	}
}

static uint64_t read_in_pieces(struct span bytes, size_t piece, uint8_t how, struct buf *out)
{
	struct smtp_client_options options = { .lmtp = how & 1, .tls = how >> 1 & 1 ? SMTP_TLS_OFFERED : SMTP_TLS_NEVER };
	struct smtp_client_engine e;
	uint64_t sum = 1, n = 0;
	size_t from = 0, have = 0;
	options.origin = how & 4 ? &origin : NULL;
	smtp_client_init(&e, &options);
	while (have < bytes.n) {
		have = bytes.n - have < piece ? bytes.n : have + piece;
		for (size_t used = 1; used;) {
			struct smtp_client_event event;
			struct span in = span_slice(bytes, from, have);
			enum smtp_client_step step = smtp_client_step(&e, in, &used, &event, out);
			if (step == SMTP_CLIENT_BAD)
				return sum;
			from += used;
			if (step != SMTP_CLIENT_EVENT)
				continue;
			sum_number(&sum, event.kind + event.to * 16u + event.code * 1000u);
			sum_span(&sum, bytes, event.reply);
			if (event.kind == SMTP_CLIENT_SECURE)
				smtp_client_secured(&e, out);
			next_command(&e, n++ + how, out);
		}
	}
	return sum;
}

/* What a server reads of it: one message, no fault, and nothing left over. */
static void send_content(struct span content)
{
	struct smtp_stuffing s = { .middle = false };
	struct smtp_content reader;
	struct buf out;
	struct span piece, text;
	size_t used, from = 0;
	buf_init(&out, &arena, SIZE_MAX);
	smtp_stuffing_add(&s, content);
	while (smtp_stuffing_next(&s, &piece))
		buf_put(&out, piece);
	buf_put(&out, smtp_stuffing_end(&s));
	smtp_content_init(&reader);
	enum smtp_content_step step;
	while ((step = smtp_content_step(&reader, span_skip(buf_span(&out), from), &used, &text)) == SMTP_CONTENT_TEXT)
		from += used;
	if (step != SMTP_CONTENT_END || from + used != out.n || reader.faults & (SMTP_BARE_LF | SMTP_BARE_CR))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole, pieces;
	if (size < 2)
		return 0;
	struct span bytes = span_of(data + 2, size - 2);
	arena_init(&arena);
	buf_init(&whole, &arena, SIZE_MAX);
	uint64_t sum = read_in_pieces(bytes, SIZE_MAX, data[1], &whole);
	buf_init(&pieces, &arena, SIZE_MAX);
	if (read_in_pieces(bytes, data[0] % 64u + 1, data[1], &pieces) != sum || !span_eq(buf_span(&whole), buf_span(&pieces)))
		abort();
	send_content(bytes);
	arena_release(&arena);
	return 0;
}
