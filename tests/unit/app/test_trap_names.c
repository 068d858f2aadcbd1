/* app/trap_names: what is known holds for its time, what waits is let go when it is known or late, in order, and within its bounds. */
#include "app/trap_names.h"

#include "tests/test.h"

enum { SECOND = 1000000, BEGIN = 5000 };

static struct ip ip_of(uint32_t n) { return ip_from_v4(0xC0000200 + n); }

static void known_for_its_time(void **state)
{
	(void)state;
	struct trap_names *names = trap_names_new();
	struct wire_known known = { ip_of(1), GATE_NAME_CONFIRMED, SPAN("mail.client.example"), true };
	assert_null(trap_names_find(names, &known.ip, BEGIN));
	trap_names_learn(names, &known, BEGIN);
	const struct trap_known *found = trap_names_find(names, &known.ip, BEGIN + 3599ull * SECOND);
	assert_non_null(found);
	assert_true(found->listed && found->name == GATE_NAME_CONFIRMED);
	assert_string_equal(found->text, "mail.client.example");
	assert_null(trap_names_find(names, &known.ip, BEGIN + 3600ull * SECOND));
	known.name = GATE_NAME_UNKNOWN; /* asked again soon */
	trap_names_learn(names, &known, BEGIN);
	assert_non_null(trap_names_find(names, &known.ip, BEGIN + 59ull * SECOND));
	assert_null(trap_names_find(names, &known.ip, BEGIN + 60ull * SECOND));
	char many[1000];
	memset(many, 'x', sizeof many);
	known.text = span_of(many, sizeof many);
	trap_names_learn(names, &known, BEGIN);
	assert_int_equal(strlen(trap_names_find(names, &known.ip, BEGIN)->text), TRAP_NAME_TEXT - 1);
	trap_names_free(names);
}

static void wait(struct trap_names *names, uint32_t who, const char *what, uint64_t now)
{
	struct ip ip = ip_of(who);
	assert_true(trap_names_wait(names, &ip, WIRE_HIT, span_cstr(what), NULL, now));
}

static void next_is(struct trap_names *names, uint64_t now, const char *what)
{
	struct trap_waiting *waiting = NULL;
	assert_true(trap_names_next(names, now, &waiting));
	assert_span(span_of(waiting->payload, waiting->n), what);
	trap_names_done(waiting);
}

static void waits_and_goes_on(void **state)
{
	(void)state;
	struct trap_names *names = trap_names_new();
	struct trap_waiting *waiting;
	struct ip one = ip_of(1), two = ip_of(2);
	wait(names, 1, "1a", BEGIN);
	wait(names, 2, "2a", BEGIN + 10);
	wait(names, 1, "1b", BEGIN + 20);
	assert_true(trap_names_busy(names) && trap_names_waits(names, &one) && !trap_names_next(names, BEGIN + 30, &waiting));
	trap_names_learn(names, &(struct wire_known){ .ip = two, .name = GATE_NAME_NONE }, BEGIN + 40);
	next_is(names, BEGIN + 50, "2a");
	assert_false(trap_names_next(names, BEGIN + 50, &waiting));
	wait(names, 3, "3a", BEGIN + 60);
	next_is(names, BEGIN + TRAP_NAMES_WAIT, "1a"); /* nobody answered: what is behind it need not wait any longer */
	next_is(names, BEGIN + TRAP_NAMES_WAIT, "1b");
	assert_int_equal(trap_names_find(names, &one, BEGIN + TRAP_NAMES_WAIT)->name, GATE_NAME_UNKNOWN);
	assert_true(trap_names_busy(names) && !trap_names_waits(names, &one));
	next_is(names, BEGIN + 60 + TRAP_NAMES_WAIT, "3a");
	assert_false(trap_names_busy(names));
	trap_names_free(names);
}

static void bounded(void **state)
{
	(void)state;
	struct trap_names *names = trap_names_new();
	struct ip ip = ip_of(1);
	for (unsigned i = 0; i < TRAP_NAMES_WAITING; i++)
		wait(names, i, "x", BEGIN);
	assert_false(trap_names_wait(names, &ip, WIRE_HIT, SPAN("x"), NULL, BEGIN));
	for (unsigned i = 0; i < TRAP_NAMES_WAITING; i++)
		next_is(names, BEGIN + TRAP_NAMES_WAIT, "x");
	wait(names, 1, "again", BEGIN);
	struct spool *spool = spool_new(); /* what waits holds its message, and lets it go */
	assert_int_equal(spool_add(spool, SPAN("message")), 0);
	assert_int_equal(spool_seal(spool), 0);
	assert_true(trap_names_wait(names, &ip, WIRE_HIT, SPAN("x"), spool, BEGIN));
	spool_drop(spool);
	static uint8_t large[TRAP_NAMES_BYTES];
	assert_false(trap_names_wait(names, &ip, WIRE_HIT, span_of(large, sizeof large), NULL, BEGIN));
	trap_names_free(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(known_for_its_time), cmocka_unit_test(waits_and_goes_on),
					    cmocka_unit_test(bounded) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
