/* tests/unit/auth/test_dkim_tags.c - what signature fields say of themselves, and what is wrong with them. */
#include "auth/dkim_tags.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "tests/test.h"

#define SIG "v=1; a=rsa-sha256; d=example.org; s=k; h=from; bh=AAAA; b=AAAA"
#define AMS "i=2; a=rsa-sha256; d=example.org; s=k; h=to; bh=AAAA; b=AAAA"
#define SEAL "i=2; a=rsa-sha256; d=example.org; s=k; cv=pass; b=AAAA"

static const struct problem_case {
	const char *name;
	enum dkim_field kind;
	const char *value;
	const char *problem; /* part of it; NULL: none */
} problem_cases[] = {
	{ "plain", DKIM_FIELD_SIGNATURE, SIG, NULL },
	{ "folded, a semicolon at the end", DKIM_FIELD_SIGNATURE,
	  "v=1; a=rsa-sha256;\r\n\td=example.org; s=k; h=a :\r\n from;\n bh=AA AA;\n b=AA\n AA;\n", NULL },
	{ "all tags", DKIM_FIELD_SIGNATURE, SIG "; c=simple/relaxed; l=12; q=x/y:dns/txt; t=1; x=2; i=@sub.example.org; z=From:a", NULL },
	{ "no tags", DKIM_FIELD_SIGNATURE, "hello", "not a list of tags" },
	{ "nothing", DKIM_FIELD_SIGNATURE, "", "not a list of tags" },
	{ "a tag twice", DKIM_FIELD_SIGNATURE, SIG "; s=l", "not a list of tags" },
	{ "version", DKIM_FIELD_SIGNATURE, "v=2; a=rsa-sha256; d=example.org; s=k; h=from; bh=AAAA; b=AAAA", "version" },
	{ "no algorithm", DKIM_FIELD_SIGNATURE, "v=1; d=example.org; s=k; h=from; bh=AAAA; b=AAAA", "no algorithm" },
	{ "algorithm unknown", DKIM_FIELD_SIGNATURE, "v=1; a=rsa-md5; d=example.org; s=k; h=from; bh=AAAA; b=AAAA", "(a=) is not" },
	{ "algorithm in capitals", DKIM_FIELD_SIGNATURE, "v=1; a=RSA-SHA256; d=example.org; s=k; h=from; bh=AAAA; b=AAAA", "(a=) is not" },
	{ "no domain", DKIM_FIELD_SIGNATURE, "v=1; a=rsa-sha256; s=k; h=from; bh=AAAA; b=AAAA", "no domain" },
	{ "domain of one label", DKIM_FIELD_SIGNATURE, "v=1; a=rsa-sha256; d=org; s=k; h=from; bh=AAAA; b=AAAA", "not a domain name" },
	{ "domain with a dot too many", DKIM_FIELD_SIGNATURE, "v=1; a=rsa-sha256; d=example.org.; s=k; h=from; bh=AAAA; b=AAAA",
	  "not a domain name" },
	{ "domain with a blank", DKIM_FIELD_SIGNATURE, "v=1; a=rsa-sha256; d=exa mple.org; s=k; h=from; bh=AAAA; b=AAAA",
	  "not a domain name" },
	{ "domain with another in it", DKIM_FIELD_SIGNATURE, "v=1; a=rsa-sha256; d=example.org(.example.com; s=k; h=from; bh=AAAA; b=AAAA",
	  "not a domain name" },
	{ "empty selector", DKIM_FIELD_SIGNATURE, "v=1; a=rsa-sha256; d=example.org; s=; h=from; bh=AAAA; b=AAAA", "(s=) is not a name" },
	{ "selector of two labels", DKIM_FIELD_SIGNATURE, "v=1; a=rsa-sha256; d=example.org; s=a.b; h=from; bh=AAAA; b=AAAA", NULL },
	{ "no names", DKIM_FIELD_SIGNATURE, "v=1; a=rsa-sha256; d=example.org; s=k; bh=AAAA; b=AAAA", "(h=)" },
	{ "no From", DKIM_FIELD_SIGNATURE, "v=1; a=rsa-sha256; d=example.org; s=k; h=to:fromx:x-from; bh=AAAA; b=AAAA",
	  "does not sign From" },
	{ "no bh", DKIM_FIELD_SIGNATURE, "v=1; a=rsa-sha256; d=example.org; s=k; h=from; b=AAAA", "(bh=)" },
	{ "bh of another alphabet", DKIM_FIELD_SIGNATURE, "v=1; a=rsa-sha256; d=example.org; s=k; h=from; bh=A-_A; b=AAAA",
	  "(bh=) is not base64" },
	{ "empty b", DKIM_FIELD_SIGNATURE, "v=1; a=rsa-sha256; d=example.org; s=k; h=from; bh=AAAA; b=", "(b=) is not base64" },
	{ "canonicalisation", DKIM_FIELD_SIGNATURE, SIG "; c=nofws", "(c=)" },
	{ "canonicalisation of the body", DKIM_FIELD_SIGNATURE, SIG "; c=simple/", "(c=)" },
	{ "length", DKIM_FIELD_SIGNATURE, SIG "; l=-1", "(l=)" },
	{ "empty length", DKIM_FIELD_SIGNATURE, SIG "; l=", "(l=)" },
	{ "query", DKIM_FIELD_SIGNATURE, SIG "; q=http", "(q=)" },
	{ "time", DKIM_FIELD_SIGNATURE, SIG "; t=today", "(t=)" },
	{ "time beyond all", DKIM_FIELD_SIGNATURE, SIG "; t=99999999999999999999", "(t=)" },
	{ "expiry", DKIM_FIELD_SIGNATURE, SIG "; x=", "(x=)" },
	{ "expiry before signing", DKIM_FIELD_SIGNATURE, SIG "; t=2; x=2", "expired (x=) before" },
	{ "identity elsewhere", DKIM_FIELD_SIGNATURE, SIG "; i=a@example.com", "not of the domain" },
	{ "identity above", DKIM_FIELD_SIGNATURE, SIG "; i=a@org", "not of the domain" },
	{ "no identity", DKIM_FIELD_SIGNATURE, SIG "; i=a", "not an address" },
	{ "identity with NUL", DKIM_FIELD_SIGNATURE, SIG "; i=a=00@example.org", "not an address" },
	{ "of ARC", DKIM_FIELD_ARC_MESSAGE, AMS, NULL },
	{ "of ARC, no instance", DKIM_FIELD_ARC_MESSAGE, "a=rsa-sha256; d=example.org; s=k; h=to; bh=AAAA; b=AAAA", "no instance" },
	{ "of ARC, instance 0", DKIM_FIELD_ARC_SEAL, "i=0; a=rsa-sha256; d=example.org; s=k; cv=pass; b=AAAA", "(i=) is not a number" },
	{ "of ARC, instance 51", DKIM_FIELD_ARC_SEAL, "i=51; a=rsa-sha256; d=example.org; s=k; cv=pass; b=AAAA", "(i=) is not a number" },
	{ "of ARC, instance 001", DKIM_FIELD_ARC_SEAL, "i=001; a=rsa-sha256; d=example.org; s=k; cv=pass; b=AAAA", "(i=) is not a number" },
	{ "of ARC, signs seals", DKIM_FIELD_ARC_MESSAGE, "i=1; a=rsa-sha256; d=example.org; s=k; h=to:ARC-Seal; bh=AAAA; b=AAAA",
	  "signs a seal" },
	{ "a seal", DKIM_FIELD_ARC_SEAL, SEAL, NULL },
	{ "a seal with h=", DKIM_FIELD_ARC_SEAL, SEAL "; h=from", "h=" },
	{ "a seal without cv=", DKIM_FIELD_ARC_SEAL, "i=1; a=rsa-sha256; d=example.org; s=k; b=AAAA", "(cv=)" },
	{ "a seal with another cv=", DKIM_FIELD_ARC_SEAL, "i=1; a=rsa-sha256; d=example.org; s=k; cv=Pass; b=AAAA", "(cv=)" },
};

static void test_problems(void **state)
{
	(void)state;
	struct arena arena;
	arena_init(&arena);
	for (size_t i = 0; i < COUNT(problem_cases); i++) {
		const struct problem_case *c = &problem_cases[i];
		struct dkim_tags tags;
		dkim_tags_read(c->kind, span_cstr(c->value), &arena, &tags);
		bool good = c->problem ? tags.problem && strstr(tags.problem, c->problem) : !tags.problem;
		if (!good)
			print_error("%s: %s\n", c->name, tags.problem ? tags.problem : "no problem");
		assert_true(good);
	}
	arena_release(&arena);
}

static void test_values(void **state)
{
	(void)state;
	struct arena arena;
	struct dkim_tags t;
	arena_init(&arena);
	struct span value = SPAN(" v=1; a=ed25519-sha256; c=relaxed; d=Example.ORG; s=S.One; i=a=20b@x.example.org; h=From : To;\r\n"
				 " bh=aGVsbG8=; b= aGVs\r\n\tbG8= ; l=77; t=5; x=9");
	dkim_tags_read(DKIM_FIELD_SIGNATURE, value, &arena, &t);
	assert_null(t.problem);
	assert_span(t.domain, "example.org");
	assert_span(t.selector, "s.one");
	assert_span(t.key_name, "s.one._domainkey.example.org");
	assert_span(t.identity, "a b@x.example.org");
	assert_span(t.names, "From : To");
	assert_span(t.bh, "hello");
	assert_span(t.b, "hello");
	assert_span(t.b_text, " aGVs\r\n\tbG8= ");
	assert_int_equal(t.algorithm, DKIM_ED25519_SHA256);
	assert_int_equal(t.header, DKIM_RELAXED);
	assert_int_equal(t.body, DKIM_SIMPLE);
	assert_int_equal(t.length, 77);
	assert_int_equal(t.signed_at, 5);
	assert_int_equal(t.expires, 9);
	assert_false(t.draft);

	dkim_tags_read(DKIM_FIELD_SIGNATURE,
		       SPAN("a=rsa-sha1; d=b\xc3\xbc"
			    "cher.example; s=k; h=from; bh=AAAA; b=AAAA"),
		       &arena, &t);
	assert_null(t.problem);
	assert_span(t.key_name, "k._domainkey.xn--bcher-kva.example");
	assert_true(t.draft);
	assert_int_equal(t.header, DKIM_SIMPLE);
	assert_true(t.length == DKIM_WHOLE_BODY);
	assert_true(t.signed_at == CLOCK_NONE);

	dkim_tags_read(DKIM_FIELD_ARC_SEAL, SPAN(SEAL), &arena, &t);
	assert_int_equal(t.instance, 2);
	assert_span(t.chain, "pass");
	/* What is broken in one place still says who it claims to be. */
	dkim_tags_read(DKIM_FIELD_SIGNATURE, SPAN("v=1; a=rsa-sha256; d=example.org; s=k; h=from; bh=?; b=?"), &arena, &t);
	assert_non_null(t.problem);
	assert_span(t.domain, "example.org");
	assert_span(t.selector, "k");
	arena_release(&arena);
}

static void test_limits(void **state)
{
	(void)state;
	struct arena arena;
	struct dkim_tags t;
	struct buf long_value;
	arena_init(&arena);
	buf_init(&long_value, &arena, 1u << 20);
	buf_cstr(&long_value, SIG "; z=");
	while (long_value.n <= LIMIT_HEADER_VALUE)
		buf_byte(&long_value, 'x');
	dkim_tags_read(DKIM_FIELD_SIGNATURE, buf_span(&long_value), &arena, &t);
	assert_string_equal(t.problem, "it is longer than we read");
	dkim_tags_read(DKIM_FIELD_SIGNATURE, span_first(buf_span(&long_value), LIMIT_HEADER_VALUE), &arena, &t);
	assert_null(t.problem);
	struct buf tags;
	buf_init(&tags, &arena, 1u << 20);
	for (unsigned i = 0; i <= LIMIT_TAGS; i++)
		buf_printf(&tags, "z%u=1;", i);
	dkim_tags_read(DKIM_FIELD_SIGNATURE, buf_span(&tags), &arena, &t);
	assert_non_null(t.problem);
	char label[70], selector[300];
	memset(label, 'a', sizeof label);
	label[63] = '\0';
	snprintf(selector, sizeof selector, "%s.%s.%s", label, label, label);
	dkim_tags_read(DKIM_FIELD_SIGNATURE,
		       arena_printf(&arena, "v=1; a=rsa-sha256; d=%s.example; s=%s; h=from; bh=AAAA; b=AAAA", label, selector), &arena, &t);
	assert_string_equal(t.problem, "its selector and domain make a name too long for the DNS");
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_problems),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
