/* check/brands: names and their shapes, domains and who owns them, labels one slip away; the table's own promises. */
#include "check/brands.h"
#include "message/unicode.h"
#include "message/url.h"
#include "tests/test.h"

static void names(void **state)
{
	static const struct {
		const char *text, *title;
		bool whole, disguised;
	} cases[] = {
		{ "PayPal", "PayPal", true, false },
		{ "The PayPal Security Team", "PayPal", true, false },
		{ "my paypal story", "PayPal", false, false },
		{ "Apple Support", "Apple", true, false },
		{ "Apple Valley", NULL, false, false },
		{ "Chase Miller", NULL, false, false },
		{ "Chase Bank", "Chase", true, false },
		{ "WaImart", "Walmart", true, true },
		{ "Sam's Club Rewards", "Sam's Club", true, false },
		{ "Anna Schmidt", NULL, false, false },
		{ "\xd0\xa1\xd0\xb1\xd0\xb5\xd1\x80\xd0\xb1\xd0\xb0\xd0\xbd\xd0\xba", "Sberbank", true, false },
	};
	struct arena arena;
	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct brand_hit hit = brands_find(span_cstr(cases[i].text), true, &arena);
		if (!hit.brand != !cases[i].title)
			fail_msg("%s", cases[i].text);
		if (!hit.brand)
			continue;
		assert_span(hit.brand->title, cases[i].title);
		if (hit.whole != cases[i].whole || hit.disguised != cases[i].disguised)
			fail_msg("%s: whole %d disguised %d", cases[i].text, hit.whole, hit.disguised);
	}
	arena_release(&arena);
}

static void domains(void **state)
{
	const struct brand *paypal = brands_of_domain(SPAN("paypal.com"));
	(void)state;
	assert_non_null(paypal);
	assert_span(paypal->title, "PayPal");
	assert_true(brands_owns(paypal, SPAN("www.paypal.co.uk")));
	assert_true(brands_owns(paypal, SPAN("paypal-communication.com")));
	assert_false(brands_owns(paypal, SPAN("paypal.com.evil.example")));
	assert_false(brands_owns(paypal, SPAN("notpaypal.com")));
	assert_false(brands_owns(paypal, span_none));
	assert_null(brands_of_domain(SPAN("example.org")));
}

static void labels(void **state)
{
	struct arena arena;
	bool disguised;
	(void)state;
	arena_init(&arena);
	assert_non_null(brands_of_label(SPAN("paypa1"), &arena, &disguised));
	assert_true(disguised);
	assert_non_null(brands_of_label(SPAN("bankofamerica"), &arena, &disguised));
	assert_false(disguised);
	assert_non_null(brands_near_label(SPAN("paypall")));
	assert_non_null(brands_near_label(SPAN("micorsoft")));
	assert_null(brands_near_label(SPAN("example")));
	assert_null(brands_near_label(SPAN("appel")));
	assert_true(brands_service_word(SPAN("login"), &arena));
	assert_false(brands_service_word(SPAN("forum"), &arena));
	assert_false(brands_service_word(SPAN("log\x9Ain"), &arena));
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(names), cmocka_unit_test(domains), cmocka_unit_test(labels) };
	unicode_warm_up();
	url_warm_up();
	return cmocka_run_group_tests_name("check/brands", tests, NULL, NULL);
}
