/* facts/list: the names that lists are asked by (RFC 5782), and what counts of their answers. */
#include "facts/list.h"
#include "tests/test.h"

static struct arena arena;

static struct list_code codes[] = {
	{ { { 127, 127, 0 }, { 0, 0, 0 }, { 0, 0, 0 }, { 2, 2, 0 } }, 1500, SPAN_INIT("sends spam") },
	{ { { 127, 127, 0 }, { 0, 0, 0 }, { 0, 0, 0 }, { 3, 9, 0 } }, 2500, SPAN_INIT("is hijacked") },
	{ { { 127, 127, 0 }, { 0, 0, 0 }, { 0, 0, 0 }, { 10, 10, 0 } }, -500, SPAN_INIT("is known to be good") },
};

static struct list_declaration dns_list(bool ipv6)
{
	struct list_declaration list;
	list_declaration_init(&list, SPAN("bl"));
	list.zone = SPAN("bl.example");
	list.asks = LIST_CLIENT;
	list.ipv6 = ipv6;
	list.codes = (struct list_codes){ codes, COUNT(codes) };
	return list;
}

static void addresses(void **state)
{
	static const struct {
		const char *address, *name;
	} cases[] = {
		{ "192.0.2.7", "7.2.0.192.bl.example" },
		{ "::ffff:192.0.2.7", "7.2.0.192.bl.example" },
		{ "2001:db8::1", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.bl.example" },
	};
	(void)state;
	struct list_declaration list = dns_list(true), old = dns_list(false);
	struct question question;
	struct ip ip;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_true(ip_parse(span_cstr(cases[i].address), &ip));
		assert_true(list_ask_address(&list, &ip, &arena, &question));
		assert_int_equal(question.type, QUESTION_A);
		assert_span(question.name, cases[i].name);
	}
	assert_false(list_ask_address(&old, &ip, &arena, &question));
	assert_true(list_ask_control(&list, SPAN("::ffff:7f00:2"), &arena, &question));
	assert_span(question.name, "2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.bl.example");
	assert_true(list_ask_control(&list, SPAN("127.0.0.2"), &arena, &question));
	assert_span(question.name, "2.0.0.127.bl.example");
	assert_true(list_ask_control(&list, SPAN("test"), &arena, &question));
	assert_span(question.name, "test.bl.example");
	list.zone = span_none;
	list.file = SPAN("/etc/bl");
	assert_true(list_ask_address(&list, &ip, &arena, &question));
	assert_int_equal(question.type, QUESTION_LIST);
	assert_span(question.name, "bl 2001:db8::1");
}

/* Digests: those of sha1sum, sha256sum and base32. */
static void texts(void **state)
{
	(void)state;
	struct list_declaration list = dns_list(false);
	struct question question;
	assert_true(list_ask_text(&list, SPAN("example.org."), &arena, &question));
	assert_span(question.name, "example.org.bl.example");
	assert_false(list_ask_text(&list, SPAN("a..b"), &arena, &question));
	assert_false(list_ask_text(&list, SPAN(""), &arena, &question));
	assert_false(list_ask_text(&list, SPAN("a b.example"), &arena, &question));
	uint8_t lengthy[250];
	for (size_t i = 0; i < sizeof lengthy; i++)
		lengthy[i] = i % 50 == 49 ? '.' : 'a';
	assert_false(list_ask_text(&list, span_of(lengthy, 249), &arena, &question)); /* with its zone, more than 253 */
	list.hash = LIST_SHA1;
	assert_true(list_ask_text(&list, SPAN("abc"), &arena, &question));
	assert_span(question.name, "a9993e364706816aba3e25717850c26c9cd0d89d.bl.example");
	list.digits = LIST_BASE32;
	assert_true(list_ask_text(&list, SPAN("abc"), &arena, &question));
	assert_span(question.name, "vgmt4nsha2awvor6evyxqugcnsonbwe5.bl.example");
	list.hash = LIST_SHA256;
	list.digits = LIST_HEX;
	assert_true(list_ask_text(&list, SPAN("abc"), &arena, &question) == false); /* 64 digits are no label */
	list.digits = LIST_BASE32;
	assert_true(list_ask_text(&list, SPAN("abc"), &arena, &question));
	assert_span(question.name, "xj4bnp4pahh6uqkbidpf3lrceoyagyndsylxvhfucd7wd4qacwwq.bl.example");
}

static void answers(void **state)
{
	static const struct {
		enum answer_status status;
		const char *records; /* blank-separated */
		enum list_says says;
		const char *means;
	} cases[] = {
		{ ANSWER_NXDOMAIN, "", LIST_SAYS_NOTHING, NULL },
		{ ANSWER_NODATA, "", LIST_SAYS_NOTHING, NULL },
		{ ANSWER_TIMEOUT, "", LIST_SAYS_FAILED, NULL },
		{ ANSWER_SERVFAIL, "", LIST_SAYS_FAILED, NULL },
		{ ANSWER_UNAVAILABLE, "", LIST_SAYS_FAILED, NULL },
		{ ANSWER_OK, "127.0.0.2", LIST_SAYS_LISTED, "sends spam" },
		{ ANSWER_OK, "127.0.0.2 127.0.0.4", LIST_SAYS_LISTED, "is hijacked" },
		{ ANSWER_OK, "127.0.0.10", LIST_SAYS_LISTED, "is known to be good" },
		{ ANSWER_OK, "127.0.0.11", LIST_SAYS_NOTHING, NULL },      /* not declared */
		{ ANSWER_OK, "127.255.255.254", LIST_SAYS_REFUSED, NULL }, /* a public resolver asked */
		{ ANSWER_OK, "127.0.0.2 127.255.255.255", LIST_SAYS_REFUSED, NULL },
		{ ANSWER_OK, "203.0.113.5", LIST_SAYS_REFUSED, NULL }, /* the zone is parked */
		{ ANSWER_OK, "nonsense", LIST_SAYS_REFUSED, NULL },
	};
	(void)state;
	struct list_declaration list = dns_list(false);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct answer answer = { .status = cases[i].status };
		const struct list_code *code = NULL;
		struct span entry, rest = span_cstr(cases[i].records), record;
		while (span_split(&rest, ' ', &record))
			if (record.n)
				*(struct span *)vec_push(&arena, &answer.records) = record;
		enum list_says says = list_read(&list, &answer, &arena, &code, &entry);
		if (says != cases[i].says || (cases[i].means && !span_eq(code->means, span_cstr(cases[i].means))))
			fail_msg("case %zu: %d", i, says);
	}
}

static void control(struct answers *answers, const char *name, enum answer_status status)
{
	struct answer *answer = vec_push(&arena, &answers->list);
	*answer = (struct answer){ .question = { QUESTION_A, span_cstr(name) }, .status = status };
	if (status == ANSWER_OK)
		*(struct span *)vec_push(&arena, &answer->records) = SPAN("127.0.0.2");
}

static void controls(void **state)
{
	static const struct {
		enum answer_status innocent, test;
		enum list_controls want;
	} cases[] = {
		{ ANSWER_NXDOMAIN, ANSWER_OK, LIST_CONTROLS_RIGHT },
		{ ANSWER_NXDOMAIN, ANSWER_NXDOMAIN, LIST_CONTROLS_MISSED },
		{ ANSWER_OK, ANSWER_OK, LIST_CONTROLS_LISTED },
		{ ANSWER_OK, ANSWER_TIMEOUT, LIST_CONTROLS_LISTED },
		{ ANSWER_NXDOMAIN, ANSWER_TIMEOUT, LIST_CONTROLS_UNANSWERED },
		{ ANSWER_SERVFAIL, ANSWER_OK, LIST_CONTROLS_UNANSWERED },
	};
	(void)state;
	struct list_declaration list = dns_list(false);
	list_declaration_complete(&list, &arena);
	struct answers none = { 0 };
	assert_int_equal(list_controls(&list, &none, &arena), LIST_CONTROLS_NOT_PUT);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct answers put = { 0 };
		control(&put, "1.0.0.127.bl.example", cases[i].innocent);
		control(&put, "2.0.0.127.bl.example", cases[i].test);
		assert_int_equal(list_controls(&list, &put, &arena), cases[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(addresses), cmocka_unit_test(texts), cmocka_unit_test(answers),
					    cmocka_unit_test(controls) };
	arena_init(&arena);
	int failed = cmocka_run_group_tests_name("facts/list", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
