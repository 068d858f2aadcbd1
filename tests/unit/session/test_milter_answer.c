/* session/milter_answer: each disposition and edit as packets. */
#include "base/limits.h"
#include "session/milter_answer.h"
#include "tests/test.h"

static struct arena arena;

/* The packets, one after the other: letter(data) with NUL shown as | and LF as ~. */
static struct span shown(struct span packets)
{
	struct buf out;
	buf_init(&out, &arena, 1 << 20);
	while (packets.n) {
		assert_true(packets.n >= 5);
		size_t n = (size_t)packets.p[0] << 24 | (size_t)packets.p[1] << 16 | (size_t)packets.p[2] << 8 | packets.p[3];
		assert_true(n >= 1 && packets.n >= 4 + n);
		struct span data = span_slice(packets, 5, 4 + n);
		buf_byte(&out, packets.p[4]);
		buf_byte(&out, '(');
		if (packets.p[4] == 'i' || packets.p[4] == 'm') {
			buf_printf(&out, "%u,", (unsigned)data.p[3]);
			data = span_skip(data, 4);
		}
		for (size_t i = 0; i < data.n; i++)
			buf_byte(&out, data.p[i] == 0 ? '|' : data.p[i] == '\n' ? '~' : data.p[i]);
		buf_byte(&out, ')');
		packets = span_skip(packets, 4 + n);
	}
	return buf_span(&out);
}

static struct span answer(const struct milter_engine *engine, const struct outcome *outcome)
{
	struct buf out;
	buf_init(&out, &arena, 1 << 20);
	milter_answer_outcome(&out, engine, outcome, &arena);
	return shown(buf_span(&out));
}

static const struct milter_engine v6 = { .version = 6, .actions = 0x139, .steps = MILTER_LEADING_SPACE };
static const struct milter_engine v2 = { .version = 2, .actions = 0x39 };

static void edits_and_recipients(void **state)
{
	(void)state;
	struct header_edit edits[] = {
		{ HEADER_DELETE, 1, SPAN_INIT("X-Spam-Flag"), { 0 }, 10, 20 },
		{ HEADER_INSERT, 0, SPAN_INIT("X-Spam-Flag"), SPAN_INIT(" NO"), 0, 0 },
		{ HEADER_CHANGE, 1, SPAN_INIT("Subject"), SPAN_INIT(" [spam]\r\n hello"), 30, 40 },
		{ HEADER_DELETE, 2, SPAN_INIT("X-Spam-Flag"), { 0 }, 50, 60 },
		{ HEADER_INSERT, 0, SPAN_INIT("X-Postern-Why"), SPAN_INIT(" a\r\n b%"), 0, 0 },
	};
	struct span withhold[] = { SPAN_INIT("b@example.org"), SPAN_INIT("") };
	struct outcome outcome = { .disposition = DISPOSITION_DELIVER };
	outcome.edits.v = edits;
	outcome.edits.n = COUNT(edits);
	outcome.withhold.v = withhold;
	outcome.withhold.n = COUNT(withhold);
	assert_span(answer(&v6, &outcome), "m(2,X-Spam-Flag||)m(1,Subject| [spam]~ hello|)m(1,X-Spam-Flag||)i(0,X-Spam-Flag| NO|)"
					   "i(0,X-Postern-Why| a~ b%|)-(<b@example.org>|)-(<>|)a()");
	/* The mail server puts the space there itself. */
	assert_span(answer(&v2, &outcome), "m(2,X-Spam-Flag||)m(1,Subject|[spam]~ hello|)m(1,X-Spam-Flag||)h(X-Spam-Flag|NO|)"
					   "h(X-Postern-Why|a~ b%|)-(<b@example.org>|)-(<>|)a()");
	outcome.disposition = DISPOSITION_STORE;
	assert_span(answer(&v6, &outcome), "d()");
}

static void dispositions(void **state)
{
	(void)state;
	struct outcome o = { .disposition = DISPOSITION_HOLD, .why = SPAN("caf\xc3\xa9\nis 100% spam") };
	struct milter_engine no_quarantine = v6;
	no_quarantine.actions &= ~(uint32_t)MILTER_QUARANTINE;
	assert_span(answer(&v6, &o), "q(caf?? is 100% spam|)a()");
	assert_span(answer(&no_quarantine, &o), "a()");
	o = (struct outcome){ .disposition = DISPOSITION_REJECT,
			      .reply_code = 554,
			      .reply_status = SPAN("5.7.9"),
			      .reply_text = SPAN("50% of it\r\n250 is spam") };
	assert_span(answer(&v6, &o), "y(554 5.7.9 50%% of it  250 is spam|)");
	/* A code that does not fit what is to be done would not be passed on by the mail server. */
	o.disposition = DISPOSITION_DEFER;
	assert_span(answer(&v6, &o), "y(451 4.7.1 50%% of it  250 is spam|)");
	o = (struct outcome){ .disposition = DISPOSITION_REJECT };
	assert_span(answer(&v6, &o), "y(550 5.7.1 This message was not accepted|)");
	uint8_t *text = arena_alloc(&arena, LIMIT_REPLY_TEXT + 1);
	memset(text, 'x', LIMIT_REPLY_TEXT + 1);
	o.reply_text = span_of(text, LIMIT_REPLY_TEXT + 1);
	assert_int_equal(answer(&v6, &o).n, 3 + strlen("550 5.7.1 ") + LIMIT_REPLY_TEXT + 1);
}

static void nothing_slips_into_a_packet(void **state)
{
	(void)state;
	struct header_edit edits[] = { { HEADER_INSERT, 0, SPAN_INIT("X\0Y"), SPAN_INIT(" a\0b\rc"), 0, 0 } };
	struct outcome outcome = { .disposition = DISPOSITION_DELIVER };
	outcome.edits.v = edits;
	outcome.edits.n = 1;
	assert_span(answer(&v6, &outcome), "i(0,XY| ab\rc|)a()");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edits_and_recipients),
		cmocka_unit_test(dispositions),
		cmocka_unit_test(nothing_slips_into_a_packet),
	};
	return cmocka_run_group_tests_name("session/milter_answer", tests, NULL, NULL);
}
