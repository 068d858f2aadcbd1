/* Registrable domains: own cases, then the Public Suffix List's own tests from ../shared. */
#include "message/url.h"
#include "tests/test.h"

#include <stdlib.h>

static void registrable(void **state)
{
	static const struct {
		const char *host, *all, *icann;
	} cases[] = {
		{ "example.com", "example.com", "example.com" },
		{ "a.b.example.co.nz", "example.co.nz", "example.co.nz" },
		{ "me.github.io", "me.github.io", "github.io" },
		{ "github.io", NULL, "github.io" },
		{ "com", NULL, NULL },
		{ "localhost", NULL, NULL },
		{ "", NULL, NULL },
		{ "192.0.2.1", NULL, NULL },
		{ "[2001:db8::1]", NULL, NULL },
		{ "example.com.", NULL, NULL },
		{ "a.b.c.d.e.f.g.h.i.j.example.com", "example.com", "example.com" },
		{ "this-is-a-rather-long-label-for-a-host.and-one-more-of-that-kind.example.org", "example.org", "example.org" },
	};
	(void)state;
	for (unsigned again = 0; again < 2; again++)
		for (size_t i = 0; i < COUNT(cases); i++) {
			assert_span(url_registrable(span_cstr(cases[i].host)), cases[i].all);
			assert_span(url_registrable_icann(span_cstr(cases[i].host)), cases[i].icann);
		}
}

static void same_organisation(void **state)
{
	(void)state;
	assert_true(url_same_organisation(SPAN("www.example.com"), SPAN("mail.example.com")));
	assert_false(url_same_organisation(SPAN("a.github.io"), SPAN("b.github.io")));
	assert_true(url_same_organisation(SPAN("192.0.2.1"), SPAN("192.0.2.1")));
	assert_false(url_same_organisation(SPAN("192.0.2.1"), SPAN("192.0.2.2")));
}

/* One line checkPublicSuffix('HOST', 'DOMAIN'); either may be null. */
static bool line_agrees(char *line)
{
	char host[256] = "", domain[256] = "";
	if (sscanf(line, "checkPublicSuffix('%255[^']', '%255[^']'", host, domain) < 1)
		return true;
	for (char *c = host; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c | 0x20);
	struct span got = url_registrable(span_cstr(host));
	if (span_eq(got, span_cstr(domain)))
		return true;
	print_error("%s   got %.*s\n", line, SPAN_ARG(got));
	return false;
}

static void list_tests(void **state)
{
	char path[4096], line[1024];
	unsigned ran = 0, right = 0;
	(void)state;
	snprintf(path, sizeof path, "%s/../shared/suites/url/test_psl.txt", getenv("POSTERN_ROOT") ? getenv("POSTERN_ROOT") : ".");
	FILE *f = fopen(path, "r");
	if (!f)
		skip();
	while (fgets(line, sizeof line, f))
		if (strncmp(line, "checkPublicSuffix(", 18) == 0) {
			ran++;
			right += line_agrees(line);
		}
	fclose(f);
	assert_int_equal(ran, 78);
	assert_int_equal(right, ran);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(registrable), cmocka_unit_test(same_organisation),
					    cmocka_unit_test(list_tests) };
	return cmocka_run_group_tests_name("message/public_suffix", tests, NULL, NULL);
}
