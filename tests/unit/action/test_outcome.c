/* Outcomes: records that read back the same, the scale that old clients know, and edits carried out on the bytes. */
#include "action/outcome.h"
#include "base/err.h"
#include "tests/test.h"

static struct arena arena;

static struct outcome example(void)
{
	struct outcome o = {
		.id = SPAN("0a1b"),
		.verdict = VERDICT_QUARANTINE,
		.score = 5123,
		.thresholds = { -100, 2000, 4000, 8000, true },
		.disposition = DISPOSITION_STORE,
		.would = DISPOSITION_STORE,
		.reply_code = 550,
		.reply_status = SPAN("5.7.1"),
		.reply_text = SPAN("refused"),
		.why = SPAN("quarantine, score 5.12"),
		.message_id = SPAN("a@b"),
		.origin = SPAN("192.0.2.1"),
		.microseconds = 95,
		.waited = UINT64_MAX,
		.outgoing = true,
		.spam = true,
	};
	*(struct header_edit *)vec_push(&arena, &o.edits) = (struct header_edit){ HEADER_DELETE, 2, SPAN("X-Spam"), span_none, 10, 20 };
	*(struct header_edit *)vec_push(&arena, &o.edits) =
	    (struct header_edit){ HEADER_CHANGE, 1, SPAN("Subject"), SPAN(" a\r\n b"), 30, 45 };
	*(struct header_edit *)vec_push(&arena, &o.edits) = (struct header_edit){ HEADER_INSERT, 0, SPAN("X-A"), SPAN(" b"), 0, 0 };
	*(struct outcome_symbol *)vec_push(&arena, &o.symbols) = (struct outcome_symbol){ SPAN("a.b"), SPAN("g"), SPAN("Says"), -1200 };
	*(struct span *)vec_push(&arena, &o.withhold) = SPAN("u@example.org");
	*(struct span *)vec_push(&arena, &o.unchecked) = SPAN("nobody was asked");
	*(struct span *)vec_push(&arena, &o.hosts) = SPAN("link.example");
	*(struct span *)vec_push(&arena, &o.addresses) = SPAN("ann@example.org");
	return o;
}

static struct span written(const struct outcome *o)
{
	struct buf out;
	buf_init(&out, &arena, SIZE_MAX);
	outcome_write(o, &out);
	return buf_span(&out);
}

static void record(void **state)
{
	struct outcome o = example(), again, nothing = { .id = span_none };
	struct span bytes = written(&o);
	(void)state;
	assert_int_equal(outcome_read(bytes, &arena, &again), ERR_OK);
	assert_true(span_eq(written(&again), bytes));
	assert_span(again.id, "0a1b");
	assert_int_equal(again.score, 5123);
	assert_int_equal(again.edits.n, 3);
	assert_int_equal(again.edits.v[1].to, 45);
	assert_null(again.edits.v[0].value.p);
	assert_span(again.withhold.v[0], "u@example.org");
	assert_span(again.hosts.v[0], "link.example");
	assert_span(again.addresses.v[0], "ann@example.org");
	assert_int_equal(again.symbols.v[0].weight, -1200);
	assert_true(again.waited == UINT64_MAX && again.outgoing && again.spam);
	for (size_t i = 0; i < bytes.n; i++)
		assert_int_equal(outcome_read(span_first(bytes, i), &arena, &again), ERR_SYNTAX);
	assert_int_equal(outcome_read(arena_join(&arena, bytes, SPAN("x")), &arena, &again), ERR_SYNTAX);
	bytes = written(&nothing);
	assert_int_equal(outcome_read(bytes, &arena, &again), ERR_OK);
	assert_null(again.id.p);
}

static void refuses(void **state)
{
	struct outcome good = example(), o, again;
	(void)state;
	for (int i = 0; i < 6; i++) {
		o = good;
		o.verdict = i == 0 ? VERDICT_DEFER + 1 : o.verdict;
		o.disposition = i == 1 ? DISPOSITIONS : o.disposition;
		o.unjudged = i == 2 ? UNJUDGEDS : o.unjudged;
		o.edits.v[0].n = i == 3 ? 0 : 2;
		o.edits.v[0].from = i == 4 ? 21 : 10;
		o.edits.v[2].n = i == 5;
		assert_int_equal(outcome_read(written(&o), &arena, &again), ERR_SYNTAX);
	}
	/* A count that cannot be: no memory is taken for it. */
	struct span bytes = written(&(struct outcome){ .id = span_none });
	struct buf endless;
	buf_init(&endless, &arena, SIZE_MAX);
	buf_put(&endless, span_first(bytes, bytes.n - 6));
	for (int i = 0; i < 9; i++)
		buf_byte(&endless, 0xff);
	buf_byte(&endless, 1);
	assert_int_equal(outcome_read(buf_span(&endless), &arena, &again), ERR_SYNTAX);
}

static void scale(void **state)
{
	static const struct {
		int32_t score, mark, reject;
		int tenths;
	} cases[] = {
		{ 2000, 2000, 8000, 50 },   { 8000, 2000, 8000, 150 },      { 5000, 2000, 8000, 100 },
		{ 1999, 2000, 8000, 49 },   { 7999, 2000, 8000, 149 },      { 2001, 2000, 8000, 50 },
		{ 0, 2000, 8000, 16 },      { -1000, 2000, 8000, 0 },       { -1100, 2000, 8000, -2 },
		{ 14000, 2000, 8000, 250 }, { -90000, 2000, 8000, -999 },   { 900000, 2000, 8000, 9999 },
		{ 2000, 2000, 2000, 150 },  { 1999, 2000, 2000, 49 },       { 0, 0, 0, 150 },
		{ INT32_MAX, 0, 1, 9999 },  { INT32_MIN, 0, 100000, -999 }, { INT32_MIN, 100000, 100000, -999 },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct outcome o = { .score = cases[i].score,
				     .thresholds = { .mark = cases[i].mark, .quarantine = cases[i].mark, .reject = cases[i].reject } };
		if (outcome_client_score(&o) != cases[i].tenths)
			fail_msg("%zu: %d", i, outcome_client_score(&o));
	}
}

static void actions(void **state)
{
	static const struct {
		enum disposition disposition;
		bool spam;
		const char *action;
	} cases[] = {
		{ DISPOSITION_DELIVER, false, "no action" }, { DISPOSITION_DELIVER, true, "add header" },
		{ DISPOSITION_STORE, true, "quarantine" },   { DISPOSITION_HOLD, true, "quarantine" },
		{ DISPOSITION_REJECT, true, "reject" },      { DISPOSITION_DEFER, false, "soft reject" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct outcome o = { .disposition = cases[i].disposition, .spam = cases[i].spam };
		assert_string_equal(outcome_client_action(&o), cases[i].action);
	}
	assert_string_equal(disposition_name(DISPOSITION_HOLD), "hold");
	assert_string_equal(outcome_unjudged_name(UNJUDGED_TOO_LARGE), "too_large");
}

static void add(struct outcome *o, enum header_edit_kind kind, const char *name, const char *value, uint32_t from, uint32_t to)
{
	*(struct header_edit *)vec_push(&arena, &o->edits) =
	    (struct header_edit){ kind, kind != HEADER_INSERT, span_cstr(name), span_cstr(value), from, to };
}

static struct span edited(const struct outcome *o, const char *raw, const char *eol)
{
	struct buf out;
	buf_init(&out, &arena, SIZE_MAX);
	outcome_edit(o, span_cstr(raw), span_cstr(eol), &out);
	return buf_span(&out);
}

static void edits(void **state)
{
	struct outcome o = { .id = span_none };
	(void)state;
	assert_span(edited(&o, "a: b\n\nbody", "\n"), "a: b\n\nbody");
	add(&o, HEADER_DELETE, "c", NULL, 5, 13);
	add(&o, HEADER_CHANGE, "a", " x\r\n\ty", 0, 5);
	add(&o, HEADER_DELETE, "far", NULL, 100, 200);
	add(&o, HEADER_DELETE, "again", NULL, 3, 9);
	add(&o, HEADER_INSERT, "n", " 1", 0, 0);
	add(&o, HEADER_INSERT, "m", " 2\r\n 3", 0, 0);
	assert_span(edited(&o, "a: b\nc: d\n e\nf: g\n\nbo\rdy", "\n"), "m: 2\n 3\nn: 1\na: x\n\ty\nf: g\n\nbo\rdy");
	struct outcome top = { .id = span_none };
	add(&top, HEADER_INSERT, "n", " 1", 0, 0);
	assert_span(edited(&top, "From a Thu Jan  1\r\na: b\r\n", "\r\n"), "From a Thu Jan  1\r\nn: 1\r\na: b\r\n");
	/* What is no header must not become one below ours, nor a part of the last of them. */
	assert_span(edited(&top, "From a", "\n"), "n: 1\n\nFrom a");
	assert_span(edited(&top, " x\nX-Spam-Flag: NO\n", "\n"), "n: 1\n\n x\nX-Spam-Flag: NO\n");
	assert_span(edited(&top, "two words: a\nX-Spam-Flag: NO\n", "\n"), "n: 1\n\ntwo words: a\nX-Spam-Flag: NO\n");
	assert_span(edited(&top, "\r\nbody", "\r\n"), "n: 1\r\n\r\nbody");
	assert_span(edited(&top, "a : b\n", "\n"), "n: 1\na : b\n");
	assert_span(edited(&top, "", "\r\n"), "n: 1\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(record), cmocka_unit_test(refuses), cmocka_unit_test(scale),
					    cmocka_unit_test(actions), cmocka_unit_test(edits) };
	arena_init(&arena);
	int failed = cmocka_run_group_tests_name("action/outcome", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
