/* session/http_answer: an outcome as rspamd's JSON, old and new, and as our own; always JSON that others can read. */
#include "base/limits.h"
#include "session/http_answer.h"
#include "tests/test.h"

#include <jansson.h>

static struct arena arena;

static struct header_edit edits[] = {
	{ HEADER_DELETE, 1, SPAN_INIT("X-Spam-Flag"), { 0 }, 10, 20 },
	{ HEADER_DELETE, 2, SPAN_INIT("x-spam-flag"), { 0 }, 20, 30 },
	{ HEADER_DELETE, 3, SPAN_INIT("Authentication-Results"), { 0 }, 30, 40 },
	{ HEADER_CHANGE, 1, SPAN_INIT("Subject"), SPAN_INIT(" [spam] hello"), 50, 60 },
	{ HEADER_INSERT, 0, SPAN_INIT("X-Spam-Flag"), SPAN_INIT(" YES"), 0, 0 },
	{ HEADER_INSERT, 0, SPAN_INIT("X-Postern-Why"), SPAN_INIT(" one\r\n two"), 0, 0 },
	{ HEADER_INSERT, 0, SPAN_INIT("X-Postern-Why"), SPAN_INIT(" three"), 0, 0 },
};
static struct outcome_symbol symbols[] = {
	{ SPAN_INIT("link.x"), SPAN_INIT("links"), SPAN_INIT("A \"link\" \xc3\xa9"), 1200 },
	{ SPAN_INIT("few.y"), SPAN_INIT("form"), SPAN_INIT("Few \xff words"), -600 },
	{ SPAN_INIT("link.x"), SPAN_INIT("links"), SPAN_INIT("Another"), 600 },
};
static struct span unchecked[] = { SPAN_INIT("Whether it is listed") };
static struct span hosts[] = { SPAN_INIT("link.example"), SPAN_INIT("other.example") };
static struct span addresses[] = { SPAN_INIT("ann@example.org") };

static struct outcome example(void)
{
	struct outcome o = { .id = SPAN("7f3a"),
			     .verdict = VERDICT_REJECT,
			     .score = 8600,
			     .thresholds = { .mark = 2000, .quarantine = 4000, .reject = 8000 },
			     .disposition = DISPOSITION_REJECT,
			     .reply_code = 550,
			     .reply_status = SPAN("5.7.1"),
			     .reply_text = SPAN("Refused: write to postmaster"),
			     .why = SPAN("reject: a link"),
			     .message_id = SPAN("<1@example.net>"),
			     .origin = SPAN("192.0.2.7"),
			     .spam = true,
			     .microseconds = 1500 };
	o.edits.v = edits;
	o.edits.n = COUNT(edits);
	o.symbols.v = symbols;
	o.symbols.n = COUNT(symbols);
	o.unchecked.v = unchecked;
	o.unchecked.n = 1;
	o.hosts.v = hosts;
	o.hosts.n = COUNT(hosts);
	o.addresses.v = addresses;
	o.addresses.n = COUNT(addresses);
	return o;
}

static json_t *read_json(const struct buf *out)
{
	json_error_t error;
	json_t *json = json_loadb((const char *)out->p, out->n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
	if (!json)
		print_error("%s\n%.*s\n", error.text, SPAN_ARG(buf_span(out)));
	assert_non_null(json);
	return json;
}

/* The member at "a.b.c"; the names of ours hold dots, so they are separated by slashes. */
static json_t *at(json_t *json, const char *path)
{
	struct span rest = span_cstr(path), name;
	while (span_split(&rest, '/', &name)) {
		char text[100];
		snprintf(text, sizeof text, "%.*s", SPAN_ARG(name));
		json = json_is_array(json) ? json_array_get(json, (size_t)atoi(text)) : json_object_get(json, text);
		if (!json)
			print_error("no %s of %s\n", text, path);
		assert_non_null(json);
	}
	return json;
}

#define TEXT(path, want) assert_string_equal(json_string_value(at(json, (path))), (want))
#define NUMBER(path, want)                                                                                                                 \
	assert_true(json_number_value(at(json, (path))) > (want)-0.0001 && json_number_value(at(json, (path))) < (want) + 0.0001)

static void rspamd(void **state)
{
	struct outcome o = example();
	struct buf out;
	(void)state;
	buf_init(&out, &arena, 100000);
	symbols[1].says = SPAN("Few words");
	http_answer_rspamd(&out, &o, false);
	json_t *json = read_json(&out);
	assert_true(json_is_false(at(json, "is_skipped")));
	NUMBER("score", 16.0);
	NUMBER("required_score", 15.0);
	TEXT("action", "reject");
	TEXT("symbols/link.x/name", "link.x");
	NUMBER("symbols/link.x/score", 3.0);
	NUMBER("symbols/link.x/metric_score", 3.0);
	TEXT("symbols/link.x/description", "A \"link\" \xc3\xa9");
	TEXT("symbols/link.x/options/1", "Another");
	NUMBER("symbols/few.y/score", -1.0);
	TEXT("messages/smtp_message", "Refused: write to postmaster");
	TEXT("message-id", "<1@example.net>");
	NUMBER("time_real", 0.0015);
	TEXT("subject", "[spam] hello");
	TEXT("milter/add_headers/X-Spam-Flag/value", "YES");
	TEXT("milter/add_headers/X-Postern-Why/0/value", "one\n two");
	TEXT("milter/add_headers/X-Postern-Why/1/value", "three");
	NUMBER("milter/remove_headers/X-Spam-Flag", 0);
	NUMBER("milter/remove_headers/Authentication-Results", 3);
	TEXT("urls/1", "other.example");
	TEXT("emails/0", "ann@example.org");
	json_decref(json);
}

static void legacy(void **state)
{
	struct outcome o = example();
	struct buf out;
	(void)state;
	o.unjudged = UNJUDGED_TOO_BUSY;
	buf_init(&out, &arena, 100000);
	http_answer_rspamd(&out, &o, true);
	json_t *json = read_json(&out);
	assert_true(json_is_true(at(json, "default/is_skipped")));
	assert_true(json_is_true(at(json, "default/is_spam")));
	NUMBER("default/score", 16.0);
	NUMBER("default/link.x/score", 3.0);
	TEXT("message-id", "<1@example.net>");
	json_decref(json);
}

static void our_own(void **state)
{
	struct outcome o = example();
	struct buf out;
	(void)state;
	buf_init(&out, &arena, 100000);
	http_answer_scan(&out, &o);
	json_t *json = read_json(&out);
	TEXT("id", "7f3a");
	TEXT("verdict", "reject");
	NUMBER("score", 8.6);
	TEXT("disposition", "reject");
	TEXT("why", "reject: a link");
	NUMBER("reply/code", 550);
	TEXT("reply/text", "Refused: write to postmaster");
	NUMBER("thresholds/mark", 2.0);
	TEXT("evidence/2/id", "link.x");
	NUMBER("evidence/1/weight", -0.6);
	TEXT("unchecked/0", "Whether it is listed");
	TEXT("origin", "192.0.2.7");
	TEXT("headers/0/do", "delete");
	TEXT("headers/3/value", "[spam] hello");
	NUMBER("headers/2/n", 3);
	NUMBER("microseconds", 1500);
	json_decref(json);
	o = (struct outcome){ .unjudged = UNJUDGED_CRASHED };
	buf_init(&out, &arena, 100000);
	http_answer_scan(&out, &o);
	json = read_json(&out);
	assert_true(json_is_null(at(json, "id")));
	assert_true(json_is_null(at(json, "origin")));
	TEXT("verdict", "unjudged");
	json_decref(json);
	buf_init(&out, &arena, 100000);
	http_answer_error(&out, SPAN("a \"b\""));
	assert_span(buf_span(&out), "{\"error\":\"a \\\"b\\\"\"}\n");
}

/* More than any message has: told as far as it goes. */
static void too_many(void **state)
{
	struct outcome o = example();
	struct buf out;
	(void)state;
	o.edits.n = 0;
	o.edits.v = NULL;
	for (uint32_t i = 0; i < LIMIT_CLIENT_EDITS + 50; i++)
		*(struct header_edit *)vec_push(&arena, &o.edits) =
		    (struct header_edit){ .kind = HEADER_INSERT, .name = arena_printf(&arena, "X-%u", i), .value = SPAN(" x") };
	o.symbols.n = 0;
	o.symbols.cap = 0;
	for (uint32_t i = 0; i < LIMIT_EVIDENCE + 50; i++)
		*(struct outcome_symbol *)vec_push(&arena, &o.symbols) = (struct outcome_symbol){ .id = arena_printf(&arena, "a.%u", i) };
	buf_init(&out, &arena, 1 << 20);
	http_answer_rspamd(&out, &o, false);
	json_t *json = read_json(&out);
	assert_int_equal(json_object_size(at(json, "milter/add_headers")), LIMIT_CLIENT_EDITS);
	assert_int_equal(json_object_size(at(json, "symbols")), LIMIT_EVIDENCE);
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(rspamd), cmocka_unit_test(legacy), cmocka_unit_test(our_own),
					    cmocka_unit_test(too_many) };
	return cmocka_run_group_tests_name("session/http_answer", tests, NULL, NULL);
}
