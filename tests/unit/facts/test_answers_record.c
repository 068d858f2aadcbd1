/* Answers written down and read back: all that was known comes again, in few bytes; what is damaged is refused. */
#include "base/err.h"
#include "base/limits.h"
#include "facts/answers_record.h"
#include "tests/test.h"

static struct arena arena;

static struct answer *add(struct answers *answers, enum question_type type, const char *name, enum answer_status status, int64_t time)
{
	struct question question = { type, span_cstr(name) };
	struct answer *answer = answers_add(answers, &arena, &question);
	answer->status = status;
	answer->time = time;
	return answer;
}

static void put(struct answer *answer, struct span record) { *(struct span *)vec_push(&arena, &answer->records) = record; }

static struct span written(const struct answers *answers)
{
	struct buf out;
	buf_init(&out, &arena, 1u << 24);
	answers_record_write(answers, &out);
	return buf_span(&out);
}

static struct answers some_answers(void)
{
	struct answers answers = { 0 };
	add(&answers, QUESTION_A, "not.asked", ANSWER_UNAVAILABLE, 1000000000)->why = SPAN("was not asked: too late");
	struct answer *a = add(&answers, QUESTION_TXT, "a.example", ANSWER_OK, 1800000000);
	a->ttl = 3600;
	put(a, SPAN("v=spf1 -all"));
	put(a, span_of("\0\xff", 2));
	put(a, SPAN(""));
	add(&answers, QUESTION_MX, "A.example", ANSWER_TIMEOUT, 1799999999);
	add(&answers, QUESTION_PTR, "1.2.0.192.in-addr.arpa", ANSWER_SERVFAIL, INT64_MIN);
	add(&answers, QUESTION_SOA, "nx.example", ANSWER_NXDOMAIN, INT64_MAX);
	add(&answers, QUESTION_NETWORK, "192.0.2.1", ANSWER_NODATA, 0);
	add(&answers, QUESTION_A, "also.not.asked", ANSWER_UNAVAILABLE, 0)->why = SPAN("was not asked: too late");
	add(&answers, QUESTION_LIST, "own 192.0.2.1", ANSWER_UNAVAILABLE, 7)->why = SPAN("was not asked: no such list");
	add(&answers, QUESTION_LIST, "two 192.0.2.1", ANSWER_UNAVAILABLE, 7);
	a = add(&answers, QUESTION_AAAA, "b.example", ANSWER_OK, 5);
	a->ttl = UINT32_MAX;
	return answers;
}

static void comes_back(void **state)
{
	struct answers answers = some_answers(), again;
	(void)state;
	assert_int_equal(answers_record_read(written(&answers), &arena, &again), 0);
	assert_span(again.unused, "was not asked: too late");
	assert_null(answers_find(&again, QUESTION_A, SPAN("not.asked"))); /* goes without saying */
	assert_int_equal(again.list.n, answers.list.n - 2);
	for (uint32_t i = 0; i < answers.list.n; i++) {
		const struct answer *was = &answers.list.v[i], *is = answers_find(&again, was->question.type, was->question.name);
		if (!is) {
			assert_true(span_eq(was->why, again.unused));
			continue;
		}
		assert_true(span_eq(is->question.name, was->question.name));
		assert_int_equal(is->status, was->status);
		assert_true(is->time == was->time && is->ttl == was->ttl && span_eq(is->why, was->why));
		assert_int_equal(is->records.n, was->records.n);
		for (uint32_t k = 0; k < was->records.n; k++)
			assert_true(span_eq(is->records.v[k], was->records.v[k]));
	}
	assert_true(span_eq(written(&again), written(&answers)));
}

static void is_short(void **state)
{
	struct answers answers = { 0 }, again;
	(void)state;
	assert_int_equal(written(&answers).n, 3);
	assert_int_equal(answers_record_read(written(&answers), &arena, &again), 0);
	assert_int_equal(again.list.n, 0);
	for (unsigned i = 0; i < LIMIT_QUESTIONS; i++)
		add(&answers, QUESTION_A, (const char *)arena_printf(&arena, "n%u.example", i).p, ANSWER_UNAVAILABLE, 1);
	assert_int_equal(written(&answers).n, 3); /* nobody was asked: that is all there is to say */
	struct answer *a = add(&answers, QUESTION_A, "example.org", ANSWER_OK, 1800000000);
	a->ttl = 300;
	put(a, SPAN("192.0.2.1"));
	assert_true(written(&answers).n <= 3 + 2 + 11 + 5 + 2 + 1 + 10);
}

static void damaged(void **state)
{
	struct answers answers = some_answers(), again = { 0 };
	struct span good = written(&answers);
	(void)state;
	for (size_t n = 0; n < good.n; n++) {
		struct span cut = arena_dup(&arena, span_first(good, n));
		assert_int_equal(answers_record_read(cut, &arena, &again), ERR_SYNTAX);
	}
	assert_int_equal(answers_record_read(SPAN("\2\0\0"), &arena, &again), ERR_UNSUPPORTED);
	static const struct {
		const char *bytes;
		size_t n;
	} cases[] = {
#define BYTES(literal) { literal, sizeof(literal) - 1 }
		BYTES("\1\0\0\0"),                                     /* more bytes than answers */
		BYTES("\1\0\1\xff\1a\0"),                              /* a type that is none */
		BYTES("\1\0\1\7\1a\0"),                                /* a status that is none */
		BYTES("\1\0\2\1\1a\0\1\1A\0"),                         /* one question twice */
		BYTES("\1\0\1\0\1a\0\5\xff\xff\xff\x7f"),              /* more records than bytes */
		BYTES("\1\0\1\0\1a\0\xff\xff\xff\xff\x7f\0"),          /* a TTL beyond 32 bits */
		BYTES("\1\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0"), /* a number without end */
		BYTES("\1\0\xff\xff\3"),                               /* more answers than LIMIT_ANSWERS_KEPT */
	};
	for (size_t i = 0; i < COUNT(cases); i++)
		if (answers_record_read(span_of(cases[i].bytes, cases[i].n), &arena, &again) != ERR_SYNTAX)
			fail_msg("case %zu was read", i);
	assert_int_equal(again.list.n, 0);
}

/* What cannot be kept was not asked anyway. */
static void too_many(void **state)
{
	struct answers answers = { 0 }, again;
	(void)state;
	for (unsigned i = 0; i < LIMIT_ANSWERS_KEPT + 100; i++)
		add(&answers, QUESTION_A, (const char *)arena_printf(&arena, "n%u.example", i).p, ANSWER_NXDOMAIN, 1);
	assert_int_equal(answers_record_read(written(&answers), &arena, &again), 0);
	assert_int_equal(again.list.n, LIMIT_ANSWERS_KEPT);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(comes_back), cmocka_unit_test(is_short), cmocka_unit_test(damaged),
					    cmocka_unit_test(too_many) };
	arena_init(&arena);
	int failed = cmocka_run_group_tests_name("facts/answers_record", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
