/* session/smtp_exim_address: what Exim takes, and which fault it finds in what it does not. */
#include "session/smtp_exim_address.h"
#include "tests/test.h"

static const struct smtp_exim_reading plain = { .equals = SPAN_NPOS }, sender = { .empty = true, .equals = SPAN_NPOS };

static void taken(void **state)
{
	static const struct {
		const char *text, *address, *local, *domain, *route;
	} v[] = {
		{ "<a@b.example>", "a@b.example", "a", "b.example", "" },
		{ "a@b.example", "a@b.example", "a", "b.example", "" },
		{ "<a>", "a", "a", "", "" },
		{ "(who) <a@b>(x (y))", "a@b", "a", "b", "" },
		{ "\"Firma Meier\" und Co. <a@b>", "a@b", "a", "b", "" },
		{ "<\"a b\"@c>", "\"a b\"@c", "\"a b\"", "c", "" },
		{ "<a..b.@c>", "a..b.@c", "a..b.", "c", "" },
		{ "<.a@c>", ".a@c", ".a", "c", "" },
		{ "<a\\@b@c>", "a\\@b@c", "a\\@b", "c", "" },
		{ "<@x,@y.z:a@b>", "a@b", "a", "b", "@x,@y.z" },
		{ "@x:a@b", "a@b", "a", "b", "@x" },
		{ "<a@b(x)>", "a@b", "a", "b", "" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(v); i++) {
		struct smtp_exim_address a;
		assert_true(smtp_exim_address_read(span_cstr(v[i].text), &plain, &a));
		assert_true(span_eq(a.address, span_cstr(v[i].address)));
		assert_true(span_eq(a.local, span_cstr(v[i].local)));
		assert_true(span_eq(a.domain, span_cstr(v[i].domain)));
		assert_true(span_eq(a.route, span_cstr(v[i].route)));
	}
}

static void faults(void **state)
{
	static const struct {
		const char *text, *fault;
	} v[] = {
		{ "", "empty address" },
		{ "(x)", "empty address" },
		{ "<>", "missing or malformed local part" },
		{ "<<a@b>>", "missing or malformed local part" },
		{ "<a@b", "'>' missing at end of address" },
		{ "<\"a@b>", "unmatched doublequote in local part" },
		{ "a b@c", "missing or malformed local part (expected word or \"<\")" },
		{ "a \"b", "unmatched doublequote in local part (expected word or \"<\")" },
		{ "<a@[192.0.2.1]>", "domain literals not allowed" },
		{ "<a@-b>", "domain missing or malformed" },
		{ "<a@b..c>", "domain missing or malformed" },
		{ "<a@\303\251>", "domain missing or malformed" },
		{ "<@a>", "no local part" },
		{ "<@a,@b>", "colon expected after route list" },
		{ "<@a:b>", "domain missing in source-routed address" },
		{ "<a:b@c>", "\"@\" or \".\" expected after \"%2\"" },
		{ "<a@b>x", "malformed address: %2 may not follow %3" },
		{ "a@b@c", "malformed address: %2 may not follow %3" },
	};
	(void)state;
	struct smtp_exim_address a;
	for (size_t i = 0; i < COUNT(v); i++) {
		assert_false(smtp_exim_address_read(span_cstr(v[i].text), &plain, &a));
		assert_string_equal(a.fault, v[i].fault);
	}
	assert_false(smtp_exim_address_read(SPAN("<a@b_0123456789012345678901234567890123456789>"), &plain, &a));
	assert_span(a.details[0], "_0123456789012345678901234567890");
	assert_span(a.details[1], "<a@b");
}

static void readings(void **state)
{
	const struct smtp_exim_reading utf8 = { .utf8 = true, .equals = SPAN_NPOS }, put_back = { .equals = 2 };
	struct smtp_exim_address a;
	(void)state;
	assert_true(smtp_exim_address_read(SPAN("<>"), &sender, &a));
	assert_int_equal(a.address.n, 0);
	assert_non_null(a.address.p);
	assert_true(smtp_exim_address_read(SPAN("<a@\303\251>"), &utf8, &a));
	assert_false(smtp_exim_address_read(SPAN("<a b@c>"), &plain, &a));
	assert_true(smtp_exim_address_read(SPAN("<a b@c>"), &put_back, &a));
}

/* Nested, unclosed and endless things are read once. */
static void hostile(void **state)
{
	static char text[1000000];
	static const char *const pieces[] = { "(", "\"", ".", "@", "\\", "<", "@a,", "a ", "(a) ", "((" };
	struct smtp_exim_address a;
	(void)state;
	for (size_t i = 0; i < COUNT(pieces); i++) {
		size_t n = strlen(pieces[i]);
		for (size_t at = 0; at + n <= sizeof text; at += n)
			memcpy(text + at, pieces[i], n);
		smtp_exim_address_read(span_of(text, sizeof text / n * n), &plain, &a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(taken), cmocka_unit_test(faults), cmocka_unit_test(readings),
					    cmocka_unit_test(hostile) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
