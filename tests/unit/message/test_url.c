/* URLs as browsers read them: own cases, then every case of the WHATWG suites in ../shared. */
#include "base/err.h"
#include "base/limits.h"
#include "message/url.h"
#include "tests/test.h"

#include <jansson.h>
#include <stdlib.h>

static struct arena arena;

static void hosts_that_hide(void **state)
{
	static const struct {
		const char *in, *host, *href;
		uint32_t flags;
	} cases[] = {
		{ "http://example.com", "example.com", "http://example.com/", 0 },
		{ "HTTP://Example.COM:80/A", "example.com", "http://example.com/A", 0 },
		{ "http:\\\\good.example\\@evil.example", "good.example", "http://good.example/@evil.example", URL_BACKSLASH },
		{ "http://good.example@evil.example/", "evil.example", NULL, URL_USERINFO },
		{ "http://3221226219/", "192.0.2.235", NULL, URL_NUMERIC_ODD },
		{ "http://0xC0.0.0x2.0353/", "192.0.2.235", NULL, URL_NUMERIC_ODD },
		{ "http://192.0.2.235/", "192.0.2.235", NULL, 0 },
		{ "http://%65xample.com/", "example.com", NULL, URL_HOST_PERCENT },
		{ "http://exa\tmp\nle.com/", "example.com", NULL, URL_INNER_BLANKS },
		{ "http://b\xC3\xBC"
		  "cher.example/",
		  "xn--bcher-kva.example", NULL, URL_IDN | URL_PUNYCODE },
		{ "http://xn--bcher-kva.example/", "xn--bcher-kva.example", NULL, URL_PUNYCODE },
		{ "http://example\xE3\x80\x82"
		  "com/",
		  "example.com", NULL, URL_IDN },
		{ "https://example.com:8443/", "example.com", NULL, URL_ODD_PORT },
		{ "http:example.com", "example.com", NULL, URL_NO_SLASHES },
		{ "http://example.com/%61dmin", "example.com", NULL, URL_PATH_PERCENT_PLAIN },
		{ "http://example.com/a%20b", "example.com", NULL, 0 },
		{ "http://[2001:DB8:0:0::1]/", "[2001:db8::1]", NULL, 0 },
		{ "javascript:alert(1)", "", "javascript:alert(1)", 0 },
		{ "mailto:someone@example.com", "", NULL, 0 },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct url url;
		arena_reset(&arena);
		assert_int_equal(url_parse(span_cstr(cases[i].in), NULL, &arena, &url), 0);
		assert_span(url.host, cases[i].host);
		if (cases[i].href)
			assert_span(url.href, cases[i].href);
		if (url.flags != cases[i].flags)
			print_error("%s: flags %x, want %x\n", cases[i].in, url.flags, cases[i].flags);
		assert_int_equal(url.flags, cases[i].flags);
	}
}

static void failures(void **state)
{
	static const char *const cases[] = {
		"",
		"example.com",
		"http://",
		"http://user@/",
		"http://a b/",
		"http://1.2.3.4.5/",
		"http://256.256.256.256/",
		"http://[::1",
		"http://example.com:65536/",
		"http://a<b/",
		"http://xn--\xC3\xBC/",
		"http://%00/",
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct url url = { .port = 7 };
		arena_reset(&arena);
		assert_int_equal(url_parse(span_cstr(cases[i]), NULL, &arena, &url), ERR_SYNTAX);
		assert_int_equal(url.port, 7);
	}
}

static void pieces(void **state)
{
	struct url url, relative;
	(void)state;
	arena_reset(&arena);
	assert_int_equal(url_parse(SPAN("https://me:secret@example.com:444/a/./b/../c?q='x'#f"), NULL, &arena, &url), 0);
	assert_span(url.href, "https://me:secret@example.com:444/a/c?q=%27x%27#f");
	assert_span(url.scheme, "https");
	assert_span(url.username, "me");
	assert_span(url.password, "secret");
	assert_span(url.path, "/a/c");
	assert_span(url.query, "q=%27x%27");
	assert_span(url.fragment, "f");
	assert_int_equal(url.port, 444);
	assert_int_equal(url_parse(SPAN("../d"), &url, &arena, &relative), 0);
	assert_span(relative.href, "https://me:secret@example.com:444/d");
	assert_null(relative.query.p);
}

static void too_long(void **state)
{
	struct url url;
	(void)state;
	arena_reset(&arena);
	uint8_t *long_url = arena_alloc(&arena, LIMIT_URL_BYTES + 1);
	memset(long_url, 'a', LIMIT_URL_BYTES + 1);
	memcpy(long_url, "http://a/", 9);
	assert_int_equal(url_parse(span_of(long_url, LIMIT_URL_BYTES), NULL, &arena, &url), 0);
	assert_int_equal(url_parse(span_of(long_url, LIMIT_URL_BYTES + 1), NULL, &arena, &url), ERR_LIMIT);
	/* Every byte of the path must be encoded. */
	memset(long_url + 9, 0x80, LIMIT_URL_BYTES - 9);
	assert_int_equal(url_parse(span_of(long_url, LIMIT_URL_BYTES), NULL, &arena, &url), 0);
	assert_int_equal(url.path.n, 1 + 3 * (LIMIT_URL_BYTES - 9));
}

static void names_for_people(void **state)
{
	(void)state;
	arena_reset(&arena);
	assert_span(url_domain_to_unicode(SPAN("xn--bcher-kva.example"), &arena), "b\xC3\xBC"
										  "cher.example");
	assert_span(url_domain_to_unicode(SPAN("example.com"), &arena), "example.com");
	assert_span(url_domain_to_unicode(SPAN("xn--999999999.example"), &arena), "xn--999999999.example");
	assert_span(url_percent_decode(SPAN("a%40b%zz%4"), &arena), "a@b%zz%4");
}

/* The suite as text; lone surrogates, which jansson refuses, become U+FFFD, as browsers make of them. NULL when absent. */
static json_t *suite(const char *name)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/../shared/suites/url/%s", getenv("POSTERN_ROOT") ? getenv("POSTERN_ROOT") : ".", name);
	FILE *f = fopen(path, "rb");
	if (!f)
		return NULL;
	static char text[1 << 20];
	size_t n = fread(text, 1, sizeof text - 1, f);
	fclose(f);
	text[n] = '\0';
	for (char *at = text; (at = strstr(at, "\\u")); at += 6) {
		unsigned unit = (unsigned)strtoul((char[]){ at[2], at[3], at[4], at[5], 0 }, NULL, 16);
		bool high = unit >= 0xD800 && unit < 0xDC00, low = unit >= 0xDC00 && unit < 0xE000;
		if (high && (at[6] == '\\' && at[7] == 'u' && (at[8] | 0x20) == 'd' && strchr("cdefCDEF", at[9])))
			at += 6;
		else if (high || low)
			memcpy(at + 2, "FFFD", 4);
	}
	json_error_t error;
	json_t *json = json_loads(text, JSON_ALLOW_NUL, &error);
	if (!json)
		print_error("%s:%d: %s\n", path, error.line, error.text);
	assert_non_null(json);
	return json;
}

static struct span text_of(const json_t *object, const char *key)
{
	const json_t *text = json_object_get(object, key);
	return json_is_string(text) ? span_of(json_string_value(text), json_string_length(text)) : span_none;
}

static bool agrees(const json_t *one)
{
	struct span input = text_of(one, "input"), base_text = text_of(one, "base");
	struct url base, url;
	arena_reset(&arena);
	bool has_base = base_text.p && url_parse(base_text, NULL, &arena, &base) == 0;
	int err = base_text.p && !has_base ? ERR_SYNTAX : url_parse(input, has_base ? &base : NULL, &arena, &url);
	if (json_is_true(json_object_get(one, "failure")) || err)
		return json_is_true(json_object_get(one, "failure")) == (err != 0);
	struct span want_query = text_of(one, "search"), want_hash = text_of(one, "hash"), scheme = text_of(one, "protocol");
	return span_eq(url.host, text_of(one, "hostname")) && span_eq(url.href, text_of(one, "href")) &&
	       span_eq(url.path, text_of(one, "pathname")) && span_eq(url.username, text_of(one, "username")) &&
	       span_eq(url.password, text_of(one, "password")) && span_eq(url.query, span_skip(want_query, 1)) &&
	       span_eq(url.fragment, span_skip(want_hash, 1)) && span_eq(url.scheme, span_first(scheme, scheme.n - 1));
}

/* The standard's own tests: all schemes, every piece. */
static void whatwg(void **state)
{
	json_t *cases = suite("urltestdata.json");
	unsigned wrong = 0, ran = 0;
	(void)state;
	if (!cases)
		skip();
	for (size_t i = 0; i < json_array_size(cases); i++) {
		const json_t *one = json_array_get(cases, i);
		if (!json_is_object(one))
			continue;
		ran++;
		if (agrees(one))
			continue;
		char *dump = json_dumps(one, JSON_COMPACT);
		struct url url = { 0 };
		struct url base;
		struct span base_text = text_of(one, "base");
		bool has_base = base_text.p && url_parse(base_text, NULL, &arena, &base) == 0;
		int err = url_parse(text_of(one, "input"), has_base ? &base : NULL, &arena, &url);
		print_error("%s\n   got %d \"%.*s\"\n", dump, err, SPAN_ARG(url.href));
		free(dump);
		wrong++;
	}
	json_decref(cases);
	assert_true(ran > 800);
	assert_int_equal(wrong, 0);
}

static void domain_to_ascii(void **state)
{
	json_t *cases = suite("toascii.json");
	unsigned wrong = 0;
	(void)state;
	if (!cases)
		skip();
	for (size_t i = 0; i < json_array_size(cases); i++) {
		const json_t *one = json_array_get(cases, i);
		if (!json_is_object(one))
			continue;
		struct url url;
		struct span input = text_of(one, "input"), output = text_of(one, "output");
		arena_reset(&arena);
		int err = url_parse(arena_printf(&arena, "https://%.*s/x", SPAN_ARG(input)), NULL, &arena, &url);
		if ((err != 0) == (output.p == NULL) && (err || span_eq(url.host, output)))
			continue;
		print_error("\"%.*s\": got \"%.*s\", want \"%.*s\"\n", SPAN_ARG(input), SPAN_ARG(err ? SPAN("failure") : url.host),
			    SPAN_ARG(output));
		wrong++;
	}
	json_decref(cases);
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hosts_that_hide), cmocka_unit_test(failures),         cmocka_unit_test(pieces),
		cmocka_unit_test(too_long),        cmocka_unit_test(names_for_people), cmocka_unit_test(whatwg),
		cmocka_unit_test(domain_to_ascii),
	};
	arena_init(&arena);
	int failed = cmocka_run_group_tests_name("message/url", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
