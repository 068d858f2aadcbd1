/* gate/greylist: who is new, early, back in time, and known. */
#include "gate/greylist.h"
#include "tests/test.h"

enum { NOW = 2000000000, DELAY = 240 };

static void looks(void **state)
{
	static const struct {
		const char *name;
		int64_t tried, passed; /* seconds ago; -1: no record */
		enum greylist_says want;
		int64_t wait;
	} cases[] = {
		{ "never seen", -1, -1, GREYLIST_NEW, DELAY },
		{ "a second ago", 1, -1, GREYLIST_EARLY, DELAY - 1 },
		{ "just before it may", DELAY - 1, -1, GREYLIST_EARLY, 1 },
		{ "just when it may", DELAY, -1, GREYLIST_PASSES, DELAY },
		{ "hours later", 5 * 3600, -1, GREYLIST_PASSES, DELAY },
		{ "the clock ran backwards", -100, -1, GREYLIST_NEW, DELAY },
		{ "known", -1, 30 * 86400, GREYLIST_KNOWN, DELAY },
		{ "known, another message", 1, 5, GREYLIST_KNOWN, DELAY - 1 },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tuple tried = { .first = NOW - cases[i].tried }, passed = { .first = NOW - cases[i].passed };
		const struct tuple *t = cases[i].tried == -1 ? NULL : &tried, *p = cases[i].passed == -1 ? NULL : &passed;
		enum greylist_says says = greylist_look(t, p, NOW, DELAY);
		int64_t wait = greylist_wait(t, NOW, DELAY);
		if (says != cases[i].want || wait != cases[i].wait)
			fail_msg("%s: %d, wait %lld", cases[i].name, says, (long long)wait);
	}
}

/* A pool of senders that SPF vouches for is one; without, neighbours are; and no two lists of parts share a key. */
static void who_is_responsible(void **state)
{
	struct arena arena;
	struct ip a = ip_from_v4(0xc0000207), b = ip_from_v4(0xc00002fe), c = ip_from_v4(0xc0000307);
	(void)state;
	arena_init(&arena);
	assert_true(span_eq(greylist_responsible(&a, SPAN("Big.Example"), &arena), greylist_responsible(&c, SPAN("big.example"), &arena)));
	assert_true(span_eq(greylist_responsible(&a, span_none, &arena), greylist_responsible(&b, span_none, &arena)));
	assert_false(span_eq(greylist_responsible(&a, span_none, &arena), greylist_responsible(&c, span_none, &arena)));
	struct span x = greylist_tried_key(SPAN("r"), SPAN("a"), SPAN("bc"), &arena);
	struct span y = greylist_tried_key(SPAN("r"), SPAN("ab"), SPAN("c"), &arena);
	assert_false(span_eq(x, y));
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(looks), cmocka_unit_test(who_is_responsible) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
