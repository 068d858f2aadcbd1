/* session/envelope: rspamd's header lines, those that make no sense, and too many of them. */
#include "base/limits.h"
#include "session/envelope.h"
#include "tests/test.h"

static void all_of_them(void **state)
{
	static const struct {
		const char *name, *value;
	} lines[] = {
		{ "ip", " 192.0.2.7" },
		{ "Helo", "a.example" },
		{ "Hostname", "b.example" },
		{ "From", "<a@example.net>" },
		{ "Rcpt", "<b@example.org>" },
		{ "RCPT", "c@example.org" },
		{ "Deliver-To", "d@example.org" },
		{ "User", "ann" },
		{ "Queue-Id", "4F1" },
		{ "Unknown", "x" },
	};
	struct arena arena;
	struct envelope e = { 0 };
	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < COUNT(lines); i++)
		envelope_note(&e, &arena, span_cstr(lines[i].name), span_cstr(lines[i].value));
	envelope_finish(&e, &arena);
	assert_true(e.connection.has_ip);
	assert_span(e.connection.helo, "a.example");
	assert_span(e.connection.rdns, "b.example");
	assert_span(e.connection.mail_from, "a@example.net");
	assert_int_equal(e.connection.n_recipients, 2);
	assert_span(e.connection.recipients[0], "b@example.org");
	assert_span(e.connection.recipients[1], "c@example.org");
	assert_span(e.connection.auth_user, "ann");
	assert_span(e.queue_id, "4F1");
	arena_release(&arena);
}

static void nonsense_and_nothing(void **state)
{
	static const struct {
		const char *name, *value;
	} lines[] = {
		{ "IP", "300.1.1.1" }, { "Helo", "" }, { "Hostname", "[192.0.2.7]" }, { "From", "<>" }, { "Deliver-To", "d@example.org" },
		{ "User", "" }
	};
	struct arena arena;
	struct envelope e = { 0 };
	(void)state;
	arena_init(&arena);
	assert_null(e.connection.mail_from.p);
	for (size_t i = 0; i < COUNT(lines); i++)
		envelope_note(&e, &arena, span_cstr(lines[i].name), span_cstr(lines[i].value));
	envelope_note(&e, &arena, SPAN("Hostname"), SPAN("Unknown"));
	envelope_finish(&e, &arena);
	assert_false(e.connection.has_ip);
	assert_null(e.connection.helo.p);
	assert_null(e.connection.rdns.p);
	assert_null(e.connection.auth_user.p);
	assert_non_null(e.connection.mail_from.p);
	assert_int_equal(e.connection.mail_from.n, 0);
	assert_int_equal(e.connection.n_recipients, 1); /* at least whom it is delivered to */
	arena_release(&arena);
}

static void too_many_and_too_long(void **state)
{
	struct arena arena;
	struct envelope e = { 0 };
	uint8_t name[LIMIT_ENVELOPE_ADDRESS + 1];
	(void)state;
	arena_init(&arena);
	memset(name, 'a', sizeof name);
	assert_int_equal(envelope_address(&arena, span_of(name, sizeof name)).n, LIMIT_ENVELOPE_ADDRESS);
	for (uint32_t i = 0; i <= LIMIT_ENVELOPE_RECIPIENTS; i++)
		envelope_note(&e, &arena, SPAN("Rcpt"), SPAN("a@example.org"));
	envelope_finish(&e, &arena);
	assert_int_equal(e.connection.n_recipients, LIMIT_ENVELOPE_RECIPIENTS);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(all_of_them), cmocka_unit_test(nonsense_and_nothing),
					    cmocka_unit_test(too_many_and_too_long) };
	return cmocka_run_group_tests_name("session/envelope", tests, NULL, NULL);
}
