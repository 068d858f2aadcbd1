/* Authentication-Results and Received-SPF as mail systems write them, as they should not be written, and ours read back. */
#include "auth/authres.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "tests/test.h"

static struct arena arena;

/* "id|method=result[reason] type.name=value ...|..." */
static struct span shown(const struct authres *results)
{
	struct buf out;
	buf_init(&out, &arena, 65536);
	buf_put(&out, results->authserv_id);
	for (uint32_t i = 0; i < results->methods.n; i++) {
		const struct authres_method *m = &results->methods.v[i];
		buf_printf(&out, "|%.*s=%.*s", SPAN_ARG(m->method), SPAN_ARG(m->result));
		if (m->reason.p)
			buf_printf(&out, "[%.*s]", SPAN_ARG(m->reason));
		for (uint32_t p = 0; p < m->properties.n; p++)
			buf_printf(&out, " %.*s.%.*s=%.*s", SPAN_ARG(m->properties.v[p].type), SPAN_ARG(m->properties.v[p].name),
				   SPAN_ARG(m->properties.v[p].value));
	}
	return buf_span(&out);
}

static void fields(void **state)
{
	static const struct {
		const char *text, *want; /* NULL: refused */
	} cases[] = {
		{ "example.org; none", "example.org" },
		{ "Example.Org 1; NONE (nothing) ", "example.org" },
		{ "example.org; spf=pass smtp.mailfrom=u@example.net", "example.org|spf=pass smtp.mailfrom=u@example.net" },
		{ "example.org; dkim=pass reason=\"good \\\"signature\\\"\" header.d=a.example header.b=AB/+",
		  "example.org|dkim=pass[good \"signature\"] header.d=a.example header.b=AB/+" },
		{ "mx.example.org;\tDKIM=Pass header.i=@a.example header.s=s1 header.b=\"Ab=/+\"; spf=pass (mx: domain of u@a.example "
		  "designates "
		  "192.0.2.1 (as it should)) smtp.mailfrom=u@a.example; dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=a.example",
		  "mx.example.org|dkim=pass header.i=@a.example header.s=s1 header.b=Ab=/+|spf=pass smtp.mailfrom=u@a.example|dmarc=pass "
		  "header.from=a.example" },
		{ "mx.example.org; dkim=pass (signature was verified)\r\n header.d=a.example;dmarc=pass action=none\r\n "
		  "header.from=a.example;compauth=pass "
		  "reason=100",
		  "mx.example.org|dkim=pass header.d=a.example|dmarc=pass .action=none header.from=a.example|compauth=pass[100]" },
		{ "\"odd; name\" ; auth=pass (x) smtp.auth=\"a b\"@c.example", "odd; name|auth=pass smtp.auth=a b@c.example" },
		{ "(c)foo.example(d)1(e);(f)dkim(g)/(h)1(i)=(j)fail(k)policy(l).(m)expired(n)=(o)1362471462(p)",
		  "foo.example|dkim=fail policy.expired=1362471462" },
		{ "a.example; iprev=pass policy.iprev=2001:db8::1;", "a.example|iprev=pass policy.iprev=2001:db8::1" },
		{ "a.example;; spf=none;", "a.example|spf=none" },
		{ "a.example;", "a.example" },
		{ "a.example", NULL },
		{ "", NULL },
		{ ";", NULL },
		{ "; spf=pass", NULL },
		{ "spf=pass smtp.mailfrom=a.example", NULL },
		{ "a.example spf=pass", NULL },
		{ "a.example; spf", NULL },
		{ "a.example; spf=", NULL },
		{ "a.example; =pass", NULL },
		{ "a.example; spf=pass smtp.mailfrom", NULL },
		{ "a.example; spf=pass smtp.=x", NULL },
		{ "a.example; spf=pass .mailfrom=x", NULL },
		{ "a.example; spf=pass (open", NULL },
		{ "a.example; spf=pass reason=\"open", NULL },
		{ "a.example; spf=pass\x01", NULL },
		{ "a.example; none; spf=pass", NULL },
		{ "a.example; spf=pass @x=y", NULL },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct authres results;
		arena_reset(&arena);
		int err = authres_parse(span_cstr(cases[i].text), &arena, &results);
		if (err != (cases[i].want ? 0 : ERR_SYNTAX))
			fail_msg("%s: %d", cases[i].text, err);
		if (!err)
			assert_span(shown(&results), cases[i].want);
	}
	(void)state;
}

static void properties(void **state)
{
	struct authres results;
	assert_int_equal(authres_parse(SPAN("a.example; dkim=pass Header.D=x.example header.d=y.example action=none"), &arena, &results),
			 0);
	assert_span(authres_property(&results.methods.v[0], "header", "d"), "x.example");
	assert_span(authres_property(&results.methods.v[0], "", "action"), "none");
	assert_null(authres_property(&results.methods.v[0], "header", "s").p);
	(void)state;
}

static void limits(void **state)
{
	struct buf text;
	struct authres results;
	buf_init(&text, &arena, 65536);
	buf_cstr(&text, "a.example");
	for (unsigned i = 0; i < LIMIT_AUTHRES_METHODS; i++)
		buf_cstr(&text, "; dkim=pass");
	assert_int_equal(authres_parse(buf_span(&text), &arena, &results), 0);
	assert_int_equal(results.methods.n, LIMIT_AUTHRES_METHODS);
	buf_cstr(&text, "; dkim=pass");
	assert_int_equal(authres_parse(buf_span(&text), &arena, &results), ERR_LIMIT);
	buf_init(&text, &arena, 65536);
	buf_cstr(&text, "a.example; dkim=pass");
	for (unsigned i = 0; i <= LIMIT_AUTHRES_METHODS; i++)
		buf_cstr(&text, " header.x=y");
	assert_int_equal(authres_parse(buf_span(&text), &arena, &results), ERR_LIMIT);
	(void)state;
}

/* What is taken away on arrival: nobody outside may bear our name. */
static void claims(void **state)
{
	static const struct {
		const char *field, *value;
		bool ours;
	} cases[] = {
		{ "Authentication-Results", "mx.ours.example; none", true },
		{ "authentication-results ", " MX.Ours.Example.;\r\n\tspf=pass smtp.mailfrom=x", true },
		{ "Authentication-Results", "mx.ours.example 1; dkim=pass", true },
		{ "Authentication-Results", "mx.ours.example", true },
		{ "Authentication-Results", "(hello) \"mx.ours.example\" (there); spf=pass", true },
		{ "Authentication-Results", "\r\n mx.ours.example\r\n\t; spf=pass", true },
		{ "Authentication-Results", "mx.ours.example/3; spf=pass", true }, /* some filters add a number */
		{ "Authentication-Results", "mx(c).ours.example; spf=pass", true },
		{ "Authentication-Results", "mx.ours .example; spf=pass", true },
		{ "Authentication-Results", "(never closed; mx.ours.example; spf=pass", true },
		{ "Authentication-Results", "x mx.ours.example; spf=pass", true },
		{ "Authentication-Results", "mx.ours.example spf=pass", true },
		{ "Authentication-Results", "mx.other.example; spf=pass smtp.helo=mx.ours.example", false },
		{ "Authentication-Results", "mx.other.example (for mx.ours.example); spf=pass", false },
		{ "Authentication-Results", "ours.example; spf=pass", false },
		{ "Authentication-Results", "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=x.example; dkim=none", false },
		{ "Authentication-Results", "", false },
		{ "ARC-Authentication-Results", "i=1; mx.ours.example; spf=pass", false }, /* its seal speaks for it */
		{ "X-Authentication-Results", "mx.ours.example; spf=pass", false },
	};
	for (size_t i = 0; i < COUNT(cases); i++)
		if (authres_claims(span_cstr(cases[i].field), span_cstr(cases[i].value), SPAN("mx.ours.example"), &arena) != cases[i].ours)
			fail_msg("%s: %s", cases[i].field, cases[i].value);
	assert_false(authres_claims(SPAN("Authentication-Results"), SPAN("x; none"), span_none, &arena));
	(void)state;
}

static void received_spf(void **state)
{
	static const struct {
		const char *text, *want; /* result|receiver|client-ip|envelope-from|helo|identity; NULL: refused */
	} cases[] = {
		{ "pass (mybox.example.org: domain of me@example.com designates 192.0.2.1 as permitted sender) receiver=mybox.example.org; "
		  "client-ip=192.0.2.1; envelope-from=\"me@example.com\"; helo=foo.example.com;",
		  "pass|mybox.example.org|192.0.2.1|me@example.com|foo.example.com|" },
		{ "Fail identity=helo; mechanism=-all; client-ip=2001:db8::1", "fail||2001:db8::1|||helo" },
		{ "none", "none|||||" },
		{ "pass client-ip=192.0.2.1; client-ip=192.0.2.2", "pass||192.0.2.1|||" },
		{ "permerror (a(b)c) ; ; helo=x", "permerror||||x|" },
		{ "", NULL },
		{ "passed", NULL },
		{ "hardfail (x) helo=y", NULL },
		{ "pass helo", NULL },
		{ "pass (open", NULL },
		{ "pass helo=\"open", NULL },
		{ "pass =x", NULL },
		{ "pass helo=\x02", NULL },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct received_spf spf;
		arena_reset(&arena);
		int err = received_spf_parse(span_cstr(cases[i].text), &arena, &spf);
		if (err != (cases[i].want ? 0 : ERR_SYNTAX))
			fail_msg("%s: %d", cases[i].text, err);
		if (!err)
			assert_span(arena_printf(&arena, "%.*s|%.*s|%.*s|%.*s|%.*s|%.*s", SPAN_ARG(spf.result), SPAN_ARG(spf.receiver),
						 SPAN_ARG(spf.client_ip), SPAN_ARG(spf.envelope_from), SPAN_ARG(spf.helo),
						 SPAN_ARG(spf.identity)),
				    cases[i].want);
	}
	(void)state;
}

static struct authentication judged(void)
{
	struct authentication a = { .has_client = true, .has_message = true };
	a.client = (struct authentication_client){ .helo = SPAN("mx.example.org"), .mail_from = SPAN("u@example.org") };
	ip_parse(SPAN("192.0.2.1"), &a.client.ip);
	a.mail_from = (struct spf){ .result = SPF_PASS, .domain = SPAN("example.org") };
	a.helo = (struct spf){ .result = SPF_NONE, .domain = SPAN("mx.example.org") };
	*(struct dkim_signature *)vec_push(&arena, &a.dkim.list) = (struct dkim_signature){ .domain = SPAN("example.org"),
											    .selector = SPAN("k1"),
											    .algorithm = DKIM_ED25519_SHA256,
											    .result = DKIM_PASS,
											    .b = SPAN("Ab/+cdEF") };
	a.dmarc = (struct dmarc){ .result = DMARC_PASS, .domain = SPAN("example.org") };
	return a;
}

static void written(void **state)
{
	struct authentication a = judged();
	assert_span(
	    authres_write(&a, SPAN(";\r\n\t"), &arena),
	    "spf=pass smtp.mailfrom=u@example.org;\r\n\tspf=none smtp.helo=mx.example.org;\r\n\tdkim=pass header.d=example.org header.s=k1 "
	    "header.a=ed25519-sha256 header.b=\"Ab/+cdEF\";\r\n\tdmarc=pass header.from=example.org");
	a.client.mail_from = SPAN("");
	a.null_sender = true;
	a.arc.cv = ARC_PASS;
	a.dmarc = (struct dmarc){ .result = DMARC_PERMERROR, .problem = SPAN("there is no From field") };
	a.dkim.list.n = 0;
	assert_span(authres_write(&a, SPAN("; "), &arena), "spf=none smtp.helo=mx.example.org; dkim=none; dmarc=permerror reason=\"there "
							   "is no From field\"; arc=pass header.oldest-pass=0 "
							   "smtp.remote-ip=192.0.2.1");
	a.has_client = a.has_message = false;
	assert_span(authres_write(&a, SPAN("; "), &arena), "none");
	assert_span(authres_value(SPAN("mx.here.example"), &arena), "mx.here.example");
	assert_span(authres_value(SPAN("a b;c\"d\\e\x01\n\xff"), &arena), "\"a b;c\\\"d\\\\e???\"");
	assert_span(authres_value(SPAN("caf\xc3\xa9.example"), &arena), "\"caf\xc3\xa9.example\"");
	assert_span(authres_value(SPAN("@x"), &arena), "\"@x\"");
	assert_span(authres_value(SPAN(""), &arena), "\"\"");
	(void)state;
}

/* Whatever the sender says stays where it was put. */
static void nothing_is_injected(void **state)
{
	static const struct span hostile[] = {
		SPAN_INIT("u@evil.example; dmarc=pass header.from=bank.example"),
		SPAN_INIT("u@evil.example\r\nAuthentication-Results: x; spf=pass"),
		SPAN_INIT("\"; dkim=pass header.d=bank.example \""),
		SPAN_INIT("\\\"; dkim=pass header.d=bank.example"),
		SPAN_INIT("(u)@evil.example"),
		SPAN_INIT("u\0@evil.example; spf=pass"),
		SPAN_INIT("u@evil.example spf=pass"),
		SPAN_INIT("(((((((((("),
	};
	for (size_t i = 0; i < COUNT(hostile); i++) {
		struct authentication a = judged();
		struct authres results;
		a.client.mail_from = a.client.helo = hostile[i];
		a.mail_from.result = a.helo.result = SPF_FAIL;
		a.dmarc.result = DMARC_FAIL;
		a.dmarc.problem = a.dkim.list.v[0].domain = a.dkim.list.v[0].selector = a.dkim.list.v[0].b = hostile[i];
		a.dkim.list.v[0].result = DKIM_FAIL;
		struct span text = authres_write(&a, SPAN("; "), &arena);
		assert_true(span_find_byte(text, '\n', 0) == SPAN_NPOS);
		assert_int_equal(authres_parse(arena_printf(&arena, "me.example; %.*s", SPAN_ARG(text)), &arena, &results), 0);
		assert_int_equal(results.methods.n, 4);
		for (uint32_t m = 0; m < 4; m++)
			assert_span(results.methods.v[m].result, "fail");
	}
	/* and not without end */
	struct authentication a = judged();
	uint8_t *huge = arena_alloc(&arena, 100000);
	memset(huge, 'x', 100000);
	a.client.mail_from = span_of(huge, 100000);
	assert_true(authres_write(&a, SPAN("; "), &arena).n < LIMIT_AUTHRES_VALUE + 300);
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(fields),
					    cmocka_unit_test(properties),
					    cmocka_unit_test(limits),
					    cmocka_unit_test(claims),
					    cmocka_unit_test(received_spf),
					    cmocka_unit_test(written),
					    cmocka_unit_test(nothing_is_injected) };
	arena_init(&arena);
	int failed = cmocka_run_group_tests_name("auth/authres", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
