/* session/smtp_path: addresses in every form of RFC 5321, and those it does not have. */
#include "base/limits.h"
#include "session/smtp_path.h"
#include "tests/test.h"

static void forms(void **state)
{
	static const struct {
		const char *text, *address, *local, *domain, *rest, *route;
		bool odd, bare, quoted, literal, utf8;
	} v[] = {
		{ "<a@b.example>", "a@b.example", "a", "b.example", "", "" },
		{ " <a@b.example>  SIZE=1 X", "a@b.example", "a", "b.example", "SIZE=1 X", "" },
		{ "<>", "", "", "", "", "" },
		{ "<> SIZE=1", "", "", "", "SIZE=1", "" },
		{ "<postmaster>", "postmaster", "postmaster", "", "", "" },
		{ "a@b SIZE=1", "a@b", "a", "b", "SIZE=1", "", .bare = true },
		{ "<\"a b>@\"@c>", "\"a b>@\"@c", "\"a b>@\"", "c", "", "", .quoted = true },
		{ "<\"a\\\"b\"@c>", "\"a\\\"b\"@c", "\"a\\\"b\"", "c", "", "", .quoted = true },
		{ "<@x,@y.example:a@b>", "a@b", "a", "b", "", "@x,@y.example" },
		{ "<a@[192.0.2.1]>", "a@[192.0.2.1]", "a", "[192.0.2.1]", "", "", .literal = true },
		{ "<a@[IPv6:2001:db8::1]>", "a@[IPv6:2001:db8::1]", "a", "[IPv6:2001:db8::1]", "", "", .literal = true },
		{ "<a@[x-tag:foo]>", "a@[x-tag:foo]", "a", "[x-tag:foo]", "", "", .literal = true },
		{ "<a@[IPv6:nonsense]>", "a@[IPv6:nonsense]", "a", "[IPv6:nonsense]", "", "", .literal = true, .odd = true },
		{ "<a@[]>", "a@[]", "a", "[]", "", "", .literal = true, .odd = true },
		{ "<a@[1.2.3.4>", "a@[1.2.3.4", "a", "[1.2.3.4", "", "", .literal = true, .odd = true },
		{ "<a%b@c>", "a%b@c", "a%b", "c", "", "" },
		{ "<c!a@b>", "c!a@b", "c!a", "b", "", "" },
		{ "<a..b.@docomo.example>", "a..b.@docomo.example", "a..b.", "docomo.example", "", "" },
		{ "<\303\244@\303\244.example>", "\303\244@\303\244.example", "\303\244", "\303\244.example", "", "", .utf8 = true },
		{ "<a@b_c.example>", "a@b_c.example", "a", "b_c.example", "", "" },
		{ "<a@b@c>", "a@b@c", "a@b", "c", "", "", .odd = true },
		{ "<a@b.>", "a@b.", "a", "b.", "", "", .odd = true },
		{ "<a@-b>", "a@-b", "a", "-b", "", "", .odd = true },
		{ "<a@b..c>", "a@b..c", "a", "b..c", "", "", .odd = true },
		{ "<@b>", "@b", "", "b", "", "", .odd = true },
		{ "<a@>", "a@", "a", "", "", "", .odd = true },
		{ "<@x:>", "", "", "", "", "@x", .odd = true },
		{ "<@x y:a@b>", "a@b", "a", "b", "", "@x y", .odd = true },
		{ "<a b@c>", "a b@c", "a b", "c", "", "", .odd = true },
		{ "<a\tb@c>", "a\tb@c", "a\tb", "c", "", "", .odd = true },
		{ "<\"a\"b@c>", "\"a\"b@c", "\"a\"b", "c", "", "", .quoted = true, .odd = true },
		{ "<a,b@c>", "a,b@c", "a,b", "c", "", "", .odd = true },
	};
	static const char *const none[] = { "", "   ", "<a@b", "<a@b>c", "<\"a@b>", "<a@b>\tSIZE=1" };
	struct smtp_path path;
	(void)state;
	for (size_t i = 0; i < COUNT(v); i++) {
		struct span text = span_cstr(v[i].text);
		assert_true(smtp_path_take(&text, &path));
		assert_span(path.address, v[i].address);
		assert_span(path.local, v[i].local);
		assert_span(path.domain, v[i].domain);
		assert_span(path.route, v[i].route);
		assert_span(text, v[i].rest);
		if (path.odd != v[i].odd || path.bare != v[i].bare || path.quoted != v[i].quoted || path.literal != v[i].literal ||
		    path.utf8 != v[i].utf8)
			fail_msg("%s: odd %d bare %d quoted %d literal %d utf8 %d", v[i].text, path.odd, path.bare, path.quoted,
				 path.literal, path.utf8);
	}
	for (size_t i = 0; i < COUNT(none); i++) {
		struct span text = span_cstr(none[i]);
		assert_false(smtp_path_take(&text, &path));
	}
}

static void lengths(void **state)
{
	(void)state;
	for (size_t n = LIMIT_ENVELOPE_ADDRESS - 1; n < LIMIT_ENVELOPE_ADDRESS + 2; n++) {
		char text[LIMIT_ENVELOPE_ADDRESS + 10];
		struct smtp_path path;
		memset(text, 'a', sizeof text);
		memcpy(text + n - 2, "@b", 2);
		struct span s = span_of(text, n);
		assert_true(smtp_path_take(&s, &path));
		assert_int_equal(path.odd, n > LIMIT_ENVELOPE_ADDRESS);
	}
	char label[70];
	memset(label, 'a', sizeof label);
	assert_true(smtp_domain_valid(span_of(label, 63)));
	assert_false(smtp_domain_valid(span_of(label, 64)));
	assert_false(smtp_domain_valid(SPAN("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(forms), cmocka_unit_test(lengths) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
