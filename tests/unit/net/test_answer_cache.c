/* Answers that are kept: as long as they hold and no longer, that there is nothing too, failures never, and never more than there is room
 * for. */
#include "net/answer_cache.h"
#include "tests/test.h"

enum { SECOND = 1000000 };

static struct arena arena;

static struct answer made(enum question_type type, const char *name, enum answer_status status, uint32_t ttl, const char *records)
{
	struct answer answer = { .question = { type, span_cstr(name) }, .status = status, .ttl = ttl };
	struct span rest = records ? span_cstr(records) : span_none, one;
	while (span_split(&rest, '|', &one))
		*(struct span *)vec_push(&arena, &answer.records) = one;
	return answer;
}

/* "192.0.2.1|192.0.2.2 300", "no data 60", "no name 60"; "" when it is not known. */
static struct span found(struct answer_cache *cache, uint64_t now, enum question_type type, const char *name)
{
	struct answer answer = { .question = { type, span_cstr(name) }, .status = ANSWER_UNAVAILABLE };
	struct span text = span_none;
	if (!answer_cache_find(cache, now, &arena, &answer)) {
		assert_int_equal(answer.status, ANSWER_UNAVAILABLE);
		return SPAN("");
	}
	if (answer.status != ANSWER_OK)
		text = answer.status == ANSWER_NODATA ? SPAN("no data") : SPAN("no name");
	for (uint32_t i = 0; i < answer.records.n; i++)
		text = i ? arena_join(&arena, text, SPAN("|"), answer.records.v[i]) : answer.records.v[i];
	return arena_printf(&arena, "%.*s %u", SPAN_ARG(text), answer.ttl);
}

static void put(struct answer_cache *cache, uint64_t now, struct answer answer) { answer_cache_put(cache, now, &answer); }

static void holds_as_long_as_it_holds(void **state)
{
	struct answer_cache *cache = answer_cache_new();
	(void)state;
	put(cache, 5, made(QUESTION_A, "A.Example", ANSWER_OK, 300, "192.0.2.1|192.0.2.2"));
	put(cache, 5, made(QUESTION_TXT, "a.example.", ANSWER_OK, 7, "v=spf1 -all||x"));
	put(cache, 5, made(QUESTION_MX, "a.example", ANSWER_NODATA, 60, NULL));
	put(cache, 5, made(QUESTION_A, "gone.example", ANSWER_NXDOMAIN, 60, NULL));
	assert_span(found(cache, 5, QUESTION_A, "a.example"), "192.0.2.1|192.0.2.2 300");
	assert_span(found(cache, 6, QUESTION_A, "a.eXAMPLE."), "192.0.2.1|192.0.2.2 300");
	assert_span(found(cache, 5 + SECOND, QUESTION_A, "a.example"), "192.0.2.1|192.0.2.2 299");
	assert_span(found(cache, 4 + 300ull * SECOND, QUESTION_A, "a.example"), "192.0.2.1|192.0.2.2 1");
	assert_span(found(cache, 5 + 300ull * SECOND, QUESTION_A, "a.example"), "");
	assert_span(found(cache, 6 * SECOND, QUESTION_TXT, "a.example"), "v=spf1 -all||x 2");
	assert_span(found(cache, 8 * SECOND, QUESTION_TXT, "a.example"), "");
	assert_span(found(cache, 59 * SECOND, QUESTION_MX, "a.example"), "no data 2");
	assert_span(found(cache, 59 * SECOND, QUESTION_A, "gone.example"), "no name 2");
	assert_span(found(cache, 61 * SECOND, QUESTION_A, "gone.example"), "");
	assert_span(found(cache, 6, QUESTION_AAAA, "a.example"), "");
	assert_span(found(cache, 6, QUESTION_A, "b.example"), "");
	assert_span(found(cache, 6, QUESTION_A, ""), "");
	put(cache, 10, made(QUESTION_A, "a.example", ANSWER_OK, 100000000, "192.0.2.9")); /* the newer one; at most a day */
	assert_span(found(cache, 10, QUESTION_A, "a.example"), "192.0.2.9 86400");
	answer_cache_free(cache);
	answer_cache_free(NULL);
}

static void what_is_not_kept(void **state)
{
	struct answer_cache *cache = answer_cache_new();
	char long_text[ANSWER_CACHE_BYTES];
	(void)state;
	memset(long_text, 'x', sizeof long_text - 1);
	long_text[sizeof long_text - 1] = '\0';
	put(cache, 1, made(QUESTION_A, "zero.example", ANSWER_OK, 0, "192.0.2.1"));
	put(cache, 1, made(QUESTION_A, "unsaid.example", ANSWER_NXDOMAIN, 0, NULL));
	put(cache, 1, made(QUESTION_A, "sick.example", ANSWER_SERVFAIL, 60, NULL));
	put(cache, 1, made(QUESTION_A, "late.example", ANSWER_TIMEOUT, 60, NULL));
	put(cache, 1, made(QUESTION_A, "nobody.example", ANSWER_UNAVAILABLE, 60, NULL));
	put(cache, 1, made(QUESTION_TXT, "long.example", ANSWER_OK, 60, long_text));
	assert_span(found(cache, 1, QUESTION_A, "zero.example"), "");
	assert_span(found(cache, 1, QUESTION_A, "unsaid.example"), "");
	assert_span(found(cache, 1, QUESTION_A, "sick.example"), "");
	assert_span(found(cache, 1, QUESTION_A, "late.example"), "");
	assert_span(found(cache, 1, QUESTION_A, "nobody.example"), "");
	assert_span(found(cache, 1, QUESTION_TXT, "long.example"), "");
	long_text[1900] = '\0';
	put(cache, 1, made(QUESTION_TXT, "long.example", ANSWER_OK, 60, long_text));
	assert_int_equal(found(cache, 1, QUESTION_TXT, "long.example").n, 1903);
	answer_cache_free(cache);
}

/* Ten times as many names as there is room for: what is in use stays, the rest is forgotten. */
static void full(void **state)
{
	struct answer_cache *cache = answer_cache_new();
	unsigned known = 0;
	(void)state;
	for (unsigned i = 0; i < 10 * ANSWER_CACHE_SLOTS; i++) {
		arena_reset(&arena);
		put(cache, i, made(QUESTION_A, (const char *)arena_printf(&arena, "n%u.example", i).p, ANSWER_OK, 3600, "192.0.2.1"));
		if (i == 0 || i % 64 == 0)
			assert_true(found(cache, i, QUESTION_A, "n0.example").n > 0);
	}
	for (unsigned i = 0; i < 10 * ANSWER_CACHE_SLOTS; i++) {
		arena_reset(&arena);
		known += found(cache, i, QUESTION_A, (const char *)arena_printf(&arena, "n%u.example", i).p).n > 0;
	}
	assert_true(known <= ANSWER_CACHE_SLOTS && known > ANSWER_CACHE_SLOTS / 2);
	answer_cache_free(cache);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(holds_as_long_as_it_holds), cmocka_unit_test(what_is_not_kept),
					    cmocka_unit_test(full) };
	arena_init(&arena);
	int failed = cmocka_run_group_tests_name("net/answer_cache", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
