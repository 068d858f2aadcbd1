/* session/smtp_login: which mechanisms are passed on, and who logs in by each; nothing of a secret is kept. */
#include "session/smtp_login.h"
#include "tests/test.h"

static void mechanisms(void **state)
{
	static const struct {
		const char *offered, *more, *passed;
	} v[] = {
		{ "PLAIN LOGIN", NULL, "PLAIN LOGIN" },
		{ "  PLAIN   LOGIN ", NULL, "PLAIN LOGIN" },
		{ "EXTERNAL PLAIN", NULL, "PLAIN" },
		{ "external gssapi GS2-KRB5 KERBEROS_V4 SCRAM-SHA-1-PLUS SCRAM-SHA-1", NULL, "SCRAM-SHA-1" },
		{ "PLAIN", "plain CRAM-MD5", "PLAIN CRAM-MD5" },
		{ "PL\x01"
		  "AIN A=B THISNAMEISLONGERTHANTWENTY",
		  NULL, "" },
		{ "", NULL, "" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(v); i++) {
		struct smtp_mechanisms m = { 0 };
		smtp_mechanisms_add(&m, span_cstr(v[i].offered));
		if (v[i].more)
			smtp_mechanisms_add(&m, span_cstr(v[i].more));
		assert_span(smtp_mechanisms_text(&m), v[i].passed);
	}
	struct smtp_mechanisms m = { 0 };
	for (int i = 0; i < 1000; i++) {
		char name[16];
		snprintf(name, sizeof name, "MECH-%d", i);
		smtp_mechanisms_add(&m, span_cstr(name));
	}
	assert_in_range(m.n, LIMIT_SMTP_MECHANISMS - 16, LIMIT_SMTP_MECHANISMS);
	assert_true(smtp_mechanisms_have(&m, SPAN("mech-7 AGFu")));
	assert_true(smtp_mechanisms_have(&m, SPAN("MECH-7")));
	assert_false(smtp_mechanisms_have(&m, SPAN("MECH")));
	assert_false(smtp_mechanisms_have(&m, SPAN("EXTERNAL =")));
	assert_false(smtp_mechanisms_have(&m, SPAN("")));
}

static void users(void **state)
{
	static const struct {
		const char *argument, *first, *second, *user;
	} v[] = {
		{ "PLAIN AGFubmEAc2VjcmV0", NULL, NULL, "anna" },  /* NUL anna NUL secret */
		{ "plain", "YmVuAGFubmEAc2VjcmV0", NULL, "anna" }, /* ben NUL anna NUL secret: acts for ben */
		{ "PLAIN", "c2VjcmV0", NULL, "unknown" },          /* no NUL: no name is to be found */
		{ "PLAIN =", NULL, NULL, "unknown" },
		{ "LOGIN", "YW5uYQ==", "c2VjcmV0", "anna" },
		{ "LOGIN YW5uYQ==", "c2VjcmV0", NULL, "anna" },
		{ "CRAM-MD5", "YW5uYSBiZXJnIDEyMzQ=", NULL, "anna?berg" }, /* "anna berg 1234" */
		{ "SCRAM-SHA-256", "biwsbj1hbm5hLHI9MTIz", NULL, "anna" }, /* n,,n=anna,r=123 */
		{ "XOAUTH2 dXNlcj1hbm5hQHgBYXV0aD1CZWFyZXIgc2VjcmV0AQE=", NULL, NULL, "anna@x" },
		{ "OAUTHBEARER bixhPWFubmFAeCwBYXV0aD1CZWFyZXIgc2VjcmV0AQE=", NULL, NULL, "anna@x" },
		{ "NTLM", "TlRMTVNTUAAB", NULL, "unknown" },
		{ "LOGIN", "***", "YW5uYQ==", "unknown" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(v); i++) {
		struct smtp_login login;
		smtp_login_begin(&login, span_cstr(v[i].argument));
		if (v[i].first)
			smtp_login_line(&login, span_cstr(v[i].first));
		if (v[i].second)
			smtp_login_line(&login, span_cstr(v[i].second));
		assert_span(smtp_login_user(&login), v[i].user);
		assert_null(memmem(&login, sizeof login, "secret", 6));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mechanisms),
		cmocka_unit_test(users),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
