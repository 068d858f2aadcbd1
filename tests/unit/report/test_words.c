/* report/words: times, delays and machines as a person reads them. */
#include "report/words.h"
#include "tests/test.h"

static struct arena arena;

static struct buf fresh(void)
{
	struct buf out;
	buf_init(&out, &arena, 4096);
	return out;
}

static void times_and_delays(void **state)
{
	static const struct {
		int64_t seconds;
		const char *says;
	} delays[] = {
		{ 0, "0 s" },      { 119, "119 s" },          { 120, "2 min" },        { 7199, "119 min" },
		{ 7200, "2 h" },   { 2 * 86400 - 1, "47 h" }, { 2 * 86400, "2 days" }, { -30, "-30 s" },
		{ -7200, "-2 h" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(delays); i++) {
		struct buf out = fresh();
		words_delay(&out, delays[i].seconds);
		assert_span(buf_span(&out), delays[i].says);
	}
	struct buf out = fresh();
	words_time(&out, 1223792021);
	assert_span(buf_span(&out), "2008-10-12 06:13:41 UTC");
}

static void grouped(void **state)
{
	static const struct {
		uint64_t n;
		const char *says;
	} cases[] = {
		{ 0, "0" }, { 999, "999" }, { 1000, "1,000" }, { 1234567, "1,234,567" }, { UINT64_MAX, "18,446,744,073,709,551,615" }
	};
	char text[32];
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(words_grouped(cases[i].n, text), cases[i].says);
}

static void clients(void **state)
{
	static const struct {
		const char *ip, *rdns, *helo, *says;
	} cases[] = {
		{ "192.0.2.1", "", "", "192.0.2.1" },
		{ "192.0.2.1", "a.example", "A.example", "192.0.2.1 (known as a.example)" },
		{ "192.0.2.1", "a.example", "b.example", "192.0.2.1 (known as a.example, calling itself b.example)" },
		{ "192.0.2.1", "", "b.example", "192.0.2.1 (calling itself b.example)" },
		{ "192.0.2.1", "", "192.0.2.1", "192.0.2.1" },
		{ "2001:db8::1", "", "", "2001:db8::1" },
		{ NULL, "", "x\x1b[2J", "a machine without an address (calling itself x\\e[2J)" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct hop hop = { .received = { .rdns = span_cstr(cases[i].rdns), .helo = span_cstr(cases[i].helo) } };
		struct buf out = fresh();
		hop.received.has_ip = cases[i].ip && ip_parse(span_cstr(cases[i].ip), &hop.received.ip);
		words_client(&out, &hop);
		assert_span(buf_span(&out), cases[i].says);
	}
}

static void origins(void **state)
{
	struct message message;
	struct content content = { 0 };
	struct path path = { 0 };
	struct judgement j = { .message = &message, .content = &content, .path = &path };
	struct cite cite = { .message = &message, .content = &content, .arena = &arena };
	(void)state;
	message_parse(SPAN("Received: x\n\n"), &arena, &message);
	struct buf out = fresh();
	words_origin(&j, &cite, &out);
	assert_span(buf_span(&out), "It carries no trace of its way, so its origin cannot be told.");

	struct hop *hop = vec_push(&arena, &path.hops);
	*hop = (struct hop){ .n = 1, .source = HOP_RECEIVED, .header = header_first(message_headers(&message), HEADER_RECEIVED) };
	hop->received.has_ip = ip_parse(SPAN("192.0.2.1"), &hop->received.ip);
	hop->received.by = SPAN("mx.example.com");
	path.origin = (struct origin){ .has_ip = true, .ip = hop->received.ip, .hop = 1, .confidence = 970, .role = ORIGIN_ORIGIN };
	static const struct {
		uint32_t confidence;
		const char *begins;
	} sure[] = {
		{ 1000, "It certainly comes from 192.0.2.1" },
		{ 969, "It very likely comes from" },
		{ 650, "It probably comes from" },
		{ 400, "It may come from" },
		{ 0, "It might come from" },
	};
	for (size_t i = 0; i < COUNT(sure); i++) {
		path.origin.confidence = sure[i].confidence;
		out = fresh();
		words_origin(&j, &cite, &out);
		assert_true(span_starts(buf_span(&out), span_cstr(sure[i].begins)));
	}
	path.origin.role = ORIGIN_RELAY;
	out = fresh();
	words_origin(&j, &cite, &out);
	assert_span(buf_span(&out),
		    "The last machine on its way that can be proven is 192.0.2.1, which handed it to mx.example.com (line 1). "
		    "What lies behind it only the other side knows.");
	assert_ptr_equal(words_hop(&path, 1), hop);
	assert_null(words_hop(&path, 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(times_and_delays), cmocka_unit_test(grouped), cmocka_unit_test(clients),
					    cmocka_unit_test(origins) };
	arena_init(&arena);
	int failed = cmocka_run_group_tests_name("report/words", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
