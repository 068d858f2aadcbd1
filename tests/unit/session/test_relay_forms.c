/* session/relay_forms: templates, what answers mean, and a table that keeps its promises: many forms, told apart, all for one mailbox. */
#include "session/relay_forms.h"
#include "tests/test.h"

static struct arena arena;

static const struct relay_names names = { .from_local = SPAN_INIT("ann"),
					  .from_domain = SPAN_INIT("home.example"),
					  .to_local = SPAN_INIT("ben"),
					  .to_domain = SPAN_INIT("elsewhere.example"),
					  .server = SPAN_INIT("mx.example"),
					  .ip = { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1 } } };

static void templates(void **state)
{
	static const struct {
		const char *template, *written;
	} cases[] = {
		{ "", "" },
		{ "{f}@{F}", "ann@home.example" },
		{ "{to}%{T}@{S}", "ben%elsewhere.example@mx.example" },
		{ "@{IP}:{to}@{T}", "@[192.0.2.1]:ben@elsewhere.example" },
		{ "x@{ip} {v6}", "x@192.0.2.1 [IPv6:::ffff:192.0.2.1]" },
		{ "{nothing} {to", "{nothing} {to" },
		{ "{T}!{to}", "elsewhere.example!ben" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_span(relay_form_write(cases[i].template, &names, &arena), cases[i].written);
	struct relay_names v6 = names;
	assert_true(ip_parse(SPAN("2001:db8::1"), &v6.ip));
	assert_span(relay_form_write("{IP} {v6} {ip}", &v6, &arena), "[IPv6:2001:db8::1] [IPv6:2001:db8::1] 2001:db8::1");
}

/* Every form is another; all lead to ben at elsewhere.example and to nobody else; what it lands on is what stands behind the last @. */
static void table(void **state)
{
	(void)state;
	assert_true(relay_forms_n >= 40);
	for (size_t i = 0; i < relay_forms_n; i++) {
		const struct relay_form *f = &relay_forms[i];
		struct span from = relay_form_write(f->mail_from, &names, &arena), to = relay_form_write(f->rcpt_to, &names, &arena);
		assert_true(f->name[0] && f->sentence[0]);
		assert_false(span_has(from, SPAN("{")) || span_has(to, SPAN("{")));
		assert_true(span_has(to, SPAN("ben")) && span_has(to, SPAN("elsewhere.example")));
		for (size_t at = 0; at < to.n; at++)
			assert_true(to.p[at] >= ' ' && to.p[at] != 0x7f);
		size_t last = span_rfind_byte(to, '@');
		struct span domain = last == SPAN_NPOS ? span_none : span_skip(to, last + 1);
		bool quoted = span_ends(to, SPAN("\""));
		enum relay_lands lands = span_starts(to, SPAN("mx.example!"))      ? RELAY_NAME
					 : quoted || !domain.n                     ? RELAY_BARE
					 : span_eq(domain, SPAN("[]"))             ? RELAY_EMPTY
					 : span_starts(domain, SPAN("mx.example")) ? RELAY_NAME
					 : span_starts(domain, SPAN("["))          ? RELAY_LITERAL
					 : span_eq(domain, SPAN("192.0.2.1"))      ? RELAY_ADDRESS
					 : span_eq(domain, SPAN("localhost"))      ? RELAY_LOCALHOST
										   : RELAY_FOREIGN;
		if (lands != f->lands)
			fail_msg("%s lands elsewhere", f->name);
		for (size_t other = 0; other < i; other++) {
			const struct relay_form *o = &relay_forms[other];
			assert_false(span_eq(span_cstr(f->name), span_cstr(o->name)));
			assert_false(span_eq(span_cstr(f->mail_from), span_cstr(o->mail_from)) &&
				     span_eq(span_cstr(f->rcpt_to), span_cstr(o->rcpt_to)));
		}
	}
	for (int lands = 0; lands < RELAY_LANDS; lands++)
		assert_int_equal(relay_control((enum relay_lands)lands) == NULL, lands == RELAY_FOREIGN);
}

static void addresses(void **state)
{
	static const struct {
		const char *address;
		bool taken;
	} cases[] = {
		{ "ben@elsewhere.example", true },
		{ "b.en+x_y=z-1@e.x", true },
		{ "ben", false },
		{ "@elsewhere.example", false },
		{ "ben@", false },
		{ "ben@elsewhere", false },
		{ "ben%x@e.x", false },
		{ "e!ben@e.x", false },
		{ "\"ben\"@e.x", false },
		{ "ben@a@e.x", false },
		{ "ben@[192.0.2.1]", false },
		{ "b\xc3\xa9@e.x", false },
		{ "ben\r\n@e.x", false },
		{ "ben@e.x ", false },
		{ "{T}@e.x", false },
	};
	struct span local, domain;
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (relay_address(span_cstr(cases[i].address), &local, &domain) != cases[i].taken)
			fail_msg("%s", cases[i].address);
	assert_true(relay_address(SPAN("ben@e.x"), &local, &domain));
	assert_span(local, "ben");
	assert_span(domain, "e.x");
	assert_true(relay_domain(SPAN("mx.example")));
	assert_false(relay_domain(SPAN("[192.0.2.1]")) || relay_domain(SPAN("localhost")) || relay_domain(SPAN("")));
}

static void judgements(void **state)
{
	static const struct {
		struct relay_answer answer;
		bool any;
		enum relay_verdict verdict;
		enum relay_state says;
	} cases[] = {
		{ { RELAY_AT_NOTHING, 0 }, false, RELAY_NOT_TRIED, RELAY_UNSURE },
		{ { RELAY_AT_CONNECT, 0 }, false, RELAY_NO_ANSWER, RELAY_UNSURE },
		{ { RELAY_AT_CONNECT, 554 }, false, RELAY_NO_ANSWER, RELAY_UNSURE },
		{ { RELAY_AT_CONNECT, 421 }, false, RELAY_COME_AGAIN, RELAY_UNSURE },
		{ { RELAY_AT_OFFER, 0 }, true, RELAY_REFUSED, RELAY_CLOSED },
		{ { RELAY_AT_MAIL, 553 }, false, RELAY_SENDER_REFUSED, RELAY_CLOSED },
		{ { RELAY_AT_MAIL, 450 }, false, RELAY_COME_AGAIN, RELAY_UNSURE },
		{ { RELAY_AT_MAIL, 0 }, false, RELAY_NO_ANSWER, RELAY_UNSURE },
		{ { RELAY_AT_RCPT, 554 }, true, RELAY_REFUSED, RELAY_CLOSED },
		{ { RELAY_AT_RCPT, 451 }, true, RELAY_COME_AGAIN, RELAY_UNSURE },
		{ { RELAY_AT_RCPT, 0 }, false, RELAY_NO_ANSWER, RELAY_UNSURE },
		{ { RELAY_AT_RCPT, 354 }, false, RELAY_NO_ANSWER, RELAY_UNSURE },
		{ { RELAY_AT_RCPT, 250 }, false, RELAY_OPEN, RELAY_IS_OPEN },
		{ { RELAY_AT_RCPT, 251 }, false, RELAY_OPEN, RELAY_IS_OPEN },
		{ { RELAY_AT_RCPT, 250 }, true, RELAY_ANY_NAME, RELAY_UNSURE },
		{ { RELAY_AT_DATA, 554 }, false, RELAY_LATE, RELAY_IS_OPEN },
		{ { RELAY_AT_DATA, 0 }, false, RELAY_OPEN, RELAY_IS_OPEN },
		{ { RELAY_AT_END, 250 }, false, RELAY_OPEN_MESSAGE, RELAY_IS_OPEN },
		{ { RELAY_AT_END, 250 }, true, RELAY_ANY_NAME, RELAY_UNSURE },
		{ { RELAY_AT_END, 550 }, false, RELAY_LATE, RELAY_IS_OPEN },
		{ { RELAY_AT_END, 451 }, false, RELAY_LATE, RELAY_IS_OPEN },
		{ { RELAY_AT_END, 0 }, false, RELAY_OPEN, RELAY_IS_OPEN },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		enum relay_verdict verdict = relay_judge(&cases[i].answer, cases[i].any);
		assert_int_equal(verdict, cases[i].verdict);
		assert_int_equal(relay_verdict_state(verdict), cases[i].says);
		assert_true(relay_verdict_word(verdict)[0] && relay_verdict_sentence(verdict)[0]);
	}
}

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(templates), cmocka_unit_test(table), cmocka_unit_test(addresses),
					    cmocka_unit_test(judgements) };
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
