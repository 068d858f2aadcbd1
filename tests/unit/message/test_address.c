/* Mailboxes as people and hostile senders write them; then the cases of isemail from ../shared. */
#include "base/limits.h"
#include "message/address.h"
#include "tests/test.h"

#include <stdlib.h>

static struct arena arena;

/* "display|local|domain" of each mailbox, blank-separated by " ; ". */
static struct span summary(const struct addresses *all)
{
	struct span text = SPAN("");
	for (uint32_t i = 0; i < all->list.n; i++) {
		const struct address *a = &all->list.v[i];
		text = arena_printf(&arena, "%.*s%s%.*s|%.*s|%.*s", SPAN_ARG(text), i ? " ; " : "", SPAN_ARG(a->display),
				    SPAN_ARG(a->local), SPAN_ARG(a->domain));
	}
	return text;
}

static void readings(void **state)
{
	static const struct {
		const char *in, *want;
		unsigned ambiguous;
	} cases[] = {
		{ "a@b.example", "|a|b.example", 0 },
		{ "<a@b.example>", "|a|b.example", 0 },
		{ "Ann Other <a@B.Example.>", "Ann Other|a|b.example", 0 },
		{ "\"Other, Ann\" <a@b.example>", "Other, Ann|a|b.example", 0 },
		{ "Other, Ann <a@b.example>", "Other, Ann|a|b.example", 0 },
		{ "Other, Ann <a@b.example>, c@d.example", "Other, Ann|a|b.example ; |c|d.example", 0 },
		{ "a@b.example (Ann Other)", "Ann Other|a|b.example", 0 },
		{ "a@b.example, Bob <b@c.example>", "|a|b.example ; Bob|b|c.example", 0 },
		{ "Ann (at work) Other <a@b.example>", "Ann Other|a|b.example", 0 },
		{ "\"Ann \\\"A\\\" Other\" <a@b.example>", "Ann \"A\" Other|a|b.example", 0 },
		{ "\"bank@paypal.example\" <evil@b.example>", "bank@paypal.example|evil|b.example", 0 },
		{ "bank@paypal.example <evil@b.example>", "bank@paypal.example|evil|b.example", 0 },
		{ "Ann Other a@b.example", "Ann Other|a|b.example", 0 },
		{ "team: a@b.example, Bob <b@c.example>;", "|a|b.example ; Bob|b|c.example", 0 },
		{ "undisclosed-recipients:;", "", 0 },
		{ "Re: hello <a@b.example>", "Re: hello|a|b.example", 0 },
		{ "<@x.example,@y.example:a@b.example>", "|a|b.example", 0 },
		{ "\"a b\"@c.example", "|a b|c.example", 0 },
		{ "\"a@b\"@c.example", "|a@b|c.example", 0 },
		{ "a . b @ c . example", "|a.b|c.example", 0 },
		{ "a@[192.0.2.1]", "|a|[192.0.2.1]", 0 },
		{ "Ann <a@[IPv6:2001:db8::1]>", "Ann|a|[ipv6:2001:db8::1]", 0 },
		{ "a@b\xC3\xBC"
		  "cher.example",
		  "|a|xn--bcher-kva.example", 0 },
		{ "<>", "||", 0 },
		{ "", "", 0 },
		{ "root", "|root|", 0 },
		{ "Mail Delivery System", "Mail Delivery System||", 0 },
		{ "System <System>", "System|System|", 0 },
		{ "a@b.example; c@d.example", "|a|b.example ; |c|d.example", 0 },
		/* more than one reading */
		{ "<<a@b.example>>", "|a|b.example", 1 },
		{ "<a@b.example> <c@d.example>", "|a|b.example ; |c|d.example", 1 },
		{ "Ann <a@b.example", "Ann|a|b.example", 1 },
		{ "a@b@c.example", "|a@b|c.example", 1 },
		{ "Ann <a@good.example(.x).evil.example>", "Ann|a|good.example.evil.example", 1 },
		{ "\"Ann <a@b.example>", "\"Ann|a|b.example", 1 },
		{ "Ann (a <a@b.example>", "Ann (a|a|b.example", 1 },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct addresses got;
		arena_reset(&arena);
		struct span text = arena_printf(&arena, "From: %s\n", cases[i].in);
		struct header header = { .name = span_first(text, 4), .value = span_slice(text, 5, text.n - 1), .raw = text };
		struct anomalies anomalies = { 0 };
		addresses_parse(text, &header, &arena, &anomalies, &got);
		struct span sum = summary(&got);
		if (!span_eq(sum, span_cstr(cases[i].want)))
			print_error("%s: %.*s\n", cases[i].in, SPAN_ARG(sum));
		assert_span(sum, cases[i].want);
		if (anomalies.count[ANOMALY_ADDRESS_AMBIGUOUS] != cases[i].ambiguous)
			print_error("%s: ambiguous %u\n", cases[i].in, anomalies.count[ANOMALY_ADDRESS_AMBIGUOUS]);
		assert_int_equal(anomalies.count[ANOMALY_ADDRESS_AMBIGUOUS], cases[i].ambiguous);
	}
}

static void nul_is_ambiguous(void **state)
{
	struct addresses got;
	(void)state;
	arena_reset(&arena);
	addresses_parse_text(span_of("a@good.example\0.evil.example", 28), &arena, &got);
	assert_int_equal(got.list.n, 1);
	assert_true(got.list.v[0].flags & ADDRESS_INVALID);
}

static void groups_and_flags(void **state)
{
	struct addresses got;
	(void)state;
	arena_reset(&arena);
	addresses_parse_text(SPAN("\"The team\": a@b.example; \"q\"@c.example"), &arena, &got);
	assert_int_equal(got.list.n, 2);
	assert_span(got.list.v[0].group, "The team");
	assert_int_equal(got.list.v[0].flags, ADDRESS_IN_GROUP | ADDRESS_NO_ANGLE);
	assert_int_equal(got.list.v[1].flags, ADDRESS_QUOTED_LOCAL | ADDRESS_NO_ANGLE);
	assert_null(got.list.v[1].group.p);
}

static void places(void **state)
{
	struct addresses got;
	struct span text = SPAN("To: Ann <a@b.example>, c@d.example\n");
	struct header header = { .name = span_first(text, 2), .value = span_slice(text, 4, text.n - 1), .raw = text };
	(void)state;
	arena_reset(&arena);
	addresses_parse(text, &header, &arena, NULL, &got);
	assert_int_equal(got.list.n, 2);
	assert_span(span_slice(text, got.list.v[0].at.from, got.list.v[0].at.to), "Ann <a@b.example>");
	assert_span(span_slice(text, got.list.v[1].at.from, got.list.v[1].at.to), "c@d.example");
}

static void paths(void **state)
{
	struct address a;
	(void)state;
	arena_reset(&arena);
	assert_true(address_parse_path(SPAN("<a@B.example>"), &arena, &a));
	assert_span(a.spec, "a@B.example");
	assert_span(a.domain, "b.example");
	assert_true(address_parse_path(SPAN(" a@b.example\r\n"), &arena, &a));
	assert_true(address_parse_path(SPAN("<>"), &arena, &a));
	assert_int_equal(a.spec.n, 0);
	assert_non_null(a.spec.p);
	assert_false(address_parse_path(SPAN(""), &arena, &a));
	assert_false(address_parse_path(SPAN("a@b, c@d"), &arena, &a));
}

/* Repeats of what opens and never closes: each must cost one pass. A quadratic reading of these would run for hours. */
static void hostile_is_linear(void **state)
{
	static const char *const units[] = { "\"", "\\\"", "(",     "<",  "@[", "a@b,",     "<a@b>", "=?utf-8?q?x@y?=,",
					     "()", "((",   "\"a\"", ":;", "a:", "a,b <c@d>" };
	enum { BYTES = 1 << 20 };
	(void)state;
	for (size_t i = 0; i < COUNT(units); i++) {
		struct addresses got;
		arena_reset(&arena);
		uint8_t *text = arena_alloc(&arena, BYTES);
		size_t n = strlen(units[i]);
		for (size_t at = 0; at + n <= BYTES; at += n)
			memcpy(text + at, units[i], n);
		addresses_parse_text(span_of(text, BYTES - BYTES % n), &arena, &got);
		assert_true(got.list.n <= LIMIT_ADDRESSES);
	}
}

/* The text of an element of isemail's file, references decoded; U+24xx stands for a control character there. */
static size_t xml_text(const char *from, const char *open, const char *close, char *ret, size_t room)
{
	const char *at = strstr(from, open), *end = at ? strstr(at, close) : NULL;
	size_t n = 0;
	if (!at)
		return 0;
	for (at += strlen(open); at < end && n < room; at++) {
		static const struct {
			const char *name;
			char c;
		} entities[] = { { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' } };
		size_t i = 0;
		while (i < COUNT(entities) && strncmp(at, entities[i].name, strlen(entities[i].name)) != 0)
			i++;
		if (i < COUNT(entities)) {
			ret[n++] = entities[i].c;
			at += strlen(entities[i].name) - 1;
		} else if (strncmp(at, "&#x24", 5) == 0) {
			ret[n++] = (char)strtoul((char[]){ at[5], at[6], 0 }, NULL, 16);
			at += 7;
		} else if (strncmp(at, "&#x", 3) == 0) {
			char *after;
			unsigned long c = strtoul(at + 3, &after, 16);
			if (c >= 0x80)
				ret[n++] = (char)(0xC0 | c >> 6);
			ret[n++] = (char)(c >= 0x80 ? 0x80 | (c & 0x3F) : c);
			at = after;
		} else {
			ret[n++] = *at;
		}
	}
	return n;
}

static void isemail(void **state)
{
	char path[4096];
	static char text[1 << 17];
	unsigned wrong = 0, ran = 0;
	(void)state;
	snprintf(path, sizeof path, "%s/../shared/suites/url/isemail_tests.xml", getenv("POSTERN_ROOT") ? getenv("POSTERN_ROOT") : ".");
	FILE *f = fopen(path, "rb");
	if (!f)
		skip();
	text[fread(text, 1, sizeof text - 1, f)] = '\0';
	fclose(f);
	for (char *at = strstr(text, "<test id="), *next; at; at = next, ran++) {
		char address[1024], category[64];
		if ((next = strstr(at + 1, "<test id=")))
			next[-1] = '\0';
		unsigned id = (unsigned)strtoul(at + strlen("<test id=\""), NULL, 10);
		size_t n = xml_text(at, "<address>", "</address>", address, sizeof address);
		size_t n_category = xml_text(at, "<category>", "</category>", category, sizeof category);
		bool want = !span_eq(span_of(category, n_category), SPAN("ISEMAIL_ERR"));
		if (address_spec_valid(span_of(address, n)) != want) {
			print_error("isemail %u: \"%.*s\", %s\n", id, (int)n, address, want ? "valid" : "not valid");
			wrong++;
		}
	}
	assert_true(ran > 150);
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(readings),
		cmocka_unit_test(nul_is_ambiguous),
		cmocka_unit_test(groups_and_flags),
		cmocka_unit_test(places),
		cmocka_unit_test(paths),
		cmocka_unit_test(hostile_is_linear),
		cmocka_unit_test(isemail),
	};
	arena_init(&arena);
	int failed = cmocka_run_group_tests_name("message/address", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
