/* trap/recipient: those that are named, whole domains, and planted ones by their secret; nobody else. */
#include "trap/recipient.h"

#include "base/arena.h"
#include "tests/test.h"

static const struct span names[] = { SPAN_INIT("a.keller@ours.example"), SPAN_INIT("@unused.example") };

static void named(void **state)
{
	(void)state;
	const struct trap_recipients traps = { names, COUNT(names), span_none };
	static const struct {
		const char *address;
		enum trap_recipient is;
	} cases[] = {
		{ "a.keller@ours.example", TRAP_RECIPIENT_NAMED },
		{ "A.KELLER@ours.EXAMPLE", TRAP_RECIPIENT_NAMED },
		{ "x@unused.example", TRAP_RECIPIENT_NAMED },
		{ "\"x@y\"@unused.example", TRAP_RECIPIENT_NAMED },
		{ "@unused.example", TRAP_RECIPIENT_NAMED },
		{ "keller@ours.example", TRAP_RECIPIENT_NONE },
		{ "x@sub.unused.example", TRAP_RECIPIENT_NONE },
		{ "unused.example", TRAP_RECIPIENT_NONE },
		{ "Postmaster@unused.example", TRAP_RECIPIENT_NONE },
		{ "abuse@unused.example", TRAP_RECIPIENT_NONE },
		{ "", TRAP_RECIPIENT_NONE },
		{ "@", TRAP_RECIPIENT_NONE },
	};
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(trap_recipient_find(&traps, span_cstr(cases[i].address), NULL), cases[i].is);
	assert_int_equal(trap_recipient_find(&(struct trap_recipients){ 0 }, SPAN("a.keller@ours.example"), NULL), TRAP_RECIPIENT_NONE);
}

static void planted(void **state)
{
	(void)state;
	struct arena arena;
	struct planted visit = { .visitor = ip_from_v4(0xCB007109), .time = 1778065200 }, read = { 0 };
	uint8_t key[PLANTED_KEY];
	char local[PLANTED_TEXT];
	arena_init(&arena);
	trap_recipient_key(SPAN("zither"), key);
	planted_make(key, &visit, local);
	struct span address = arena_printf(&arena, "%s@ours.example", local);
	const struct trap_recipients traps = { NULL, 0, SPAN("zither") }, others = { NULL, 0, SPAN("zither2") };
	assert_int_equal(trap_recipient_find(&traps, address, &read), TRAP_RECIPIENT_PLANTED);
	assert_true(ip_eq(&read.visitor, &visit.visitor));
	assert_int_equal(read.time, visit.time);
	assert_int_equal(trap_recipient_find(&others, address, NULL), TRAP_RECIPIENT_NONE);
	assert_int_equal(trap_recipient_find(&(struct trap_recipients){ 0 }, address, NULL), TRAP_RECIPIENT_NONE);
	assert_int_equal(trap_recipient_find(&traps, span_cstr(local), NULL), TRAP_RECIPIENT_NONE);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(named), cmocka_unit_test(planted) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
