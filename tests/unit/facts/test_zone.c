/* The --dns file: every form of record, what failures and missing names mean, and that mistakes are refused with name and line. */
#include "base/err.h"
#include "base/limits.h"
#include "facts/zone.h"
#include "tests/test.h"

#include <stdlib.h>
#include <unistd.h>

static struct arena arena;

static int load(const char *json, struct zone **zone, struct span *error)
{
	char path[] = "/tmp/postern-zone-XXXXXX";
	int fd = mkstemp(path);
	assert_int_equal(write(fd, json, strlen(json)), (ssize_t)strlen(json));
	close(fd);
	int err = zone_load(path, &arena, zone, error);
	unlink(path);
	return err;
}

static const char zone_json[] =
    "{\"A.example.ORG.\": [{\"A\": \"192.0.2.1\", \"ttl\": 60}, {\"a\": \"192.0.2.2\"}, {\"MX\": [10, \"Mail.Example.org.\"]}],\n"
    " \"t.example\": [{\"TXT\": [\"v=spf1 \", \"-all\"]}, \"bare \\u00e9\\u20ac\", {\"TXT\": \"\"}],\n"
    " \"slow.example\": [{\"A\": \"192.0.2.9\"}, \"TIMEOUT\"],\n"
    " \"sick.example\": \"SERVFAIL\",\n"
    " \"alias.example\": [{\"CNAME\": \"a.example.org\"}],\n"
    " \"dangling.example\": [{\"CNAME\": \"nowhere.example\"}],\n"
    " \"loop.example\": [{\"CNAME\": \"loop.example.\"}],\n"
    " \"empty.example\": [],\n"
    " \"later.example\": [{\"A\": \"192.0.2.3\", \"delay\": 300}, {\"A\": \"192.0.2.4\", \"DELAY\": 200}, {\"TXT\": \"x\"}],\n"
    " \"later-alias.example\": [{\"CNAME\": \"later.example\", \"delay\": 400, \"ttl\": 5}],\n"
    " \"192.0.2.1\": [{\"NETWORK\": \"AS64500 NZ 192.0.2.0/24 Example Net.\"}],\n"
    " \"own 192.0.2.1\": [{\"LIST\": \"192.0.2.0/24 A note.\"}],\n"
    " \"six.example\": [{\"AAAA\": \"2001:DB8::1\"}],\n"
    " \"1.2.0.192.in-addr.arpa\": [{\"PTR\": \"A.Example.org.\"}]}";

static void answers(void **state)
{
	static const struct {
		const char *name;
		enum question_type type;
		enum answer_status status;
		const char *records; /* joined by | */
	} cases[] = {
		{ "a.example.org", QUESTION_A, ANSWER_OK, "192.0.2.1|192.0.2.2" },
		{ "A.EXAMPLE.ORG.", QUESTION_MX, ANSWER_OK, "10 mail.example.org" },
		{ "a.example.org", QUESTION_AAAA, ANSWER_NODATA, "" },
		{ "b.example.org", QUESTION_A, ANSWER_NXDOMAIN, "" },
		{ "t.example", QUESTION_TXT, ANSWER_OK, "v=spf1 -all|bare \xe9\xe2\x82\xac|" },
		{ "slow.example", QUESTION_A, ANSWER_TIMEOUT, "" },
		{ "slow.example", QUESTION_MX, ANSWER_TIMEOUT, "" },
		{ "sick.example", QUESTION_TXT, ANSWER_SERVFAIL, "" },
		{ "alias.example", QUESTION_A, ANSWER_OK, "192.0.2.1|192.0.2.2" },
		{ "alias.example", QUESTION_CNAME, ANSWER_OK, "a.example.org" },
		{ "alias.example", QUESTION_TXT, ANSWER_NODATA, "" },
		{ "dangling.example", QUESTION_A, ANSWER_NXDOMAIN, "" },
		{ "loop.example", QUESTION_A, ANSWER_SERVFAIL, "" },
		{ "empty.example", QUESTION_A, ANSWER_NODATA, "" },
		{ "192.0.2.1", QUESTION_NETWORK, ANSWER_OK, "AS64500 NZ 192.0.2.0/24 Example Net." },
		{ "Own 192.0.2.1", QUESTION_LIST, ANSWER_OK, "192.0.2.0/24 A note." },
		{ "six.example", QUESTION_AAAA, ANSWER_OK, "2001:DB8::1" },
		{ "1.2.0.192.in-addr.arpa", QUESTION_PTR, ANSWER_OK, "a.example.org" },
	};
	struct zone *zone;
	struct span error;
	(void)state;
	assert_int_equal(load(zone_json, &zone, &error), ERR_OK);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct answer answer = { .question = { cases[i].type, span_cstr(cases[i].name) } };
		char joined[200] = "";
		zone_answer(zone, &arena, &answer);
		for (uint32_t k = 0; k < answer.records.n; k++) {
			strcat(joined, k ? "|" : "");
			if (answer.records.v[k].n)
				strncat(joined, (const char *)answer.records.v[k].p, answer.records.v[k].n);
		}
		if (answer.status != cases[i].status || strcmp(joined, cases[i].records) != 0)
			fail_msg("%s %s: status %d, records %s", cases[i].name, question_type_name(cases[i].type), answer.status, joined);
		if (i == 0)
			assert_int_equal(answer.ttl, 60);
	}
	zone_free(zone);
}

static void delays(void **state)
{
	static const struct {
		const char *name;
		enum question_type type;
		uint32_t delay, ttl;
	} cases[] = {
		{ "a.example.org", QUESTION_A, 0, 60 },         { "later.example", QUESTION_A, 300, 3600 },
		{ "later.example", QUESTION_TXT, 0, 3600 },     { "later-alias.example", QUESTION_A, 400, 5 },
		{ "later-alias.example", QUESTION_MX, 400, 0 }, { "slow.example", QUESTION_A, 0, 0 },
	};
	struct zone *zone;
	struct span error;
	(void)state;
	assert_int_equal(load(zone_json, &zone, &error), ERR_OK);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct answer answer = { .question = { cases[i].type, span_cstr(cases[i].name) } };
		assert_int_equal(zone_answer(zone, &arena, &answer), cases[i].delay);
		assert_int_equal(answer.ttl, cases[i].ttl);
	}
	zone_free(zone);
}

static void mistakes(void **state)
{
	static const struct {
		const char *json, *says;
	} cases[] = {
		{ "{\n\"a\": [{\"A\": \"1.2.3\"}]}", ":2: a: an A record is an IPv4 address" },
		{ "{\"a\": [{\"A\": \"::1\"}]}", ":1: a: an A record" },
		{ "{\"a\": [{\"AAAA\": \"1.2.3.4\"}]}", "an AAAA record" },
		{ "{\"a\": [{\"MX\": \"h\"}]}", "an MX record" },
		{ "{\"a\": [{\"MX\": [70000, \"h\"]}]}", "an MX record" },
		{ "{\"a\": [{\"SRV\": \"x\"}]}", "the types known here" },
		{ "{\"a\": [{\"TXT\": 3}]}", "a TXT record is a string" },
		{ "{\"a\": [{\"TXT\": [3]}]}", "the pieces of a TXT record" },
		{ "{\"a\": [{\"A\": \"192.0.2.1\", \"PTR\": \"x\"}]}", "one record holds one type" },
		{ "{\"a\": [{\"ttl\": 3}]}", "a record needs a type" },
		{ "{\"a\": [{\"A\": \"192.0.2.1\", \"ttl\": \"x\"}]}", "ttl is a number of seconds" },
		{ "{\"a\": [{\"A\": \"192.0.2.1\", \"delay\": -1}]}", "delay is a number of milliseconds" },
		{ "{\"a\": [{\"LIST\": 1}]}", "LIST and NETWORK records are strings" },
		{ "{\"a\": [7]}", "a record is an object" },
		{ "{\"a\": [], \"A.\": []}", "a stands there twice" },
		{ "[]", "an object is expected" },
		{ "{\"a\": [}", ":1: this is not JSON" },
		{ "", ":1: this is not JSON" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct zone *zone = NULL;
		struct span error = span_none;
		if (load(cases[i].json, &zone, &error) != ERR_SYNTAX || !span_has(error, span_cstr(cases[i].says)))
			fail_msg("%s: %.*s", cases[i].json, SPAN_ARG(error));
	}
	struct zone *zone;
	struct span error;
	assert_int_equal(zone_load("/nonexistent", &arena, &zone, &error), ERR_IO);
	assert_true(span_has(error, SPAN("/nonexistent: cannot read")));
}

/* As many aliases as resolvers follow, and one more. */
static void chains(void **state)
{
	char json[4000] = "{\"c0.example\": [{\"A\": \"192.0.2.1\"}]";
	(void)state;
	for (unsigned i = 1; i <= LIMIT_CNAMES + 1; i++)
		sprintf(json + strlen(json), ", \"c%u.example\": [{\"CNAME\": \"c%u.example\"}]", i, i - 1);
	strcat(json, "}");
	struct zone *zone;
	struct span error;
	assert_int_equal(load(json, &zone, &error), ERR_OK);
	for (unsigned i = 0; i <= LIMIT_CNAMES + 1; i++) {
		struct answer answer = { .question = { QUESTION_A, arena_printf(&arena, "c%u.example", i) } };
		zone_answer(zone, &arena, &answer);
		assert_int_equal(answer.status, i <= LIMIT_CNAMES ? ANSWER_OK : ANSWER_SERVFAIL);
	}
	zone_free(zone);
}

static void too_large(void **state)
{
	char path[] = "/tmp/postern-zone-XXXXXX";
	struct zone *zone;
	struct span error;
	int fd = mkstemp(path);
	(void)state;
	assert_int_equal(ftruncate(fd, (off_t)LIMIT_ZONE_BYTES + 1), 0); /* takes no room on the disk */
	close(fd);
	int err = zone_load(path, &arena, &zone, &error);
	unlink(path);
	assert_true(err < 0);
	assert_true(error.n > 0);
}

static void reverse_names(void **state)
{
	struct ip ip;
	(void)state;
	ip_parse(SPAN("192.0.2.1"), &ip);
	assert_span(question_ptr_name(&ip, &arena), "1.2.0.192.in-addr.arpa");
	ip_parse(SPAN("2001:db8::1"), &ip);
	assert_span(question_ptr_name(&ip, &arena), "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(answers), cmocka_unit_test(delays),    cmocka_unit_test(mistakes),
					    cmocka_unit_test(chains),  cmocka_unit_test(too_large), cmocka_unit_test(reverse_names) };
	arena_init(&arena);
	int failed = cmocka_run_group_tests_name("facts/zone", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
