/* DMARC records: RFC 9989 4.7 with the records of RFC 7489; what is wrong falls back to its default. */
#include "auth/dmarc_record.h"
#include "base/limits.h"
#include "tests/test.h"

static void records(void **state)
{
	static const struct {
		const char *text;
		bool is, usable;
		const char *p, *sp, *np;
		bool strict_dkim, strict_spf;
		enum dmarc_psd psd;
		bool testing;
		const char *rua;
	} cases[] = {
		{ "v=DMARC1; p=reject", true, true, "reject", "reject", "reject", 0, 0, 0, 0, NULL },
		{ "v=DMARC1;p=none", true, true, "none", "none", "none", 0, 0, 0, 0, NULL },
		{ "V = DMARC1 ; P = Quarantine ;", true, true, "quarantine", "quarantine", "quarantine", 0, 0, 0, 0, NULL },
		{ "v=DMARC1; p=none; sp=reject", true, true, "none", "reject", "reject", 0, 0, 0, 0, NULL },
		{ "v=DMARC1; p=none; np=reject; sp=quarantine", true, true, "none", "quarantine", "reject", 0, 0, 0, 0, NULL },
		{ "v=DMARC1; p=reject; np=none", true, true, "reject", "reject", "none", 0, 0, 0, 0, NULL },
		{ "v=DMARC1; p=reject; adkim=s; aspf=S", true, true, "reject", "reject", "reject", 1, 1, 0, 0, NULL },
		{ "v=DMARC1; p=reject; adkim=strict; aspf=r", true, true, "reject", "reject", "reject", 0, 0, 0, 0, NULL },
		{ "v=DMARC1; p=reject; psd=y", true, true, "reject", "reject", "reject", 0, 0, DMARC_PSD_YES, 0, NULL },
		{ "v=DMARC1; p=reject; psd=N", true, true, "reject", "reject", "reject", 0, 0, DMARC_PSD_NO, 0, NULL },
		{ "v=DMARC1; p=reject; psd=u; t=n", true, true, "reject", "reject", "reject", 0, 0, 0, 0, NULL },
		{ "v=DMARC1; p=reject; t=y", true, true, "reject", "reject", "reject", 0, 0, 0, 1, NULL },
		{ "v=DMARC1; p=reject; pct=0", true, true, "reject", "reject", "reject", 0, 0, 0, 1, NULL },
		{ "v=DMARC1; p=reject; pct=10", true, true, "reject", "reject", "reject", 0, 0, 0, 0, NULL },
		{ "v=DMARC1; p=reject; pct=zero", true, true, "reject", "reject", "reject", 0, 0, 0, 0, NULL },
		{ "v=DMARC1; rua=mailto:d@example.org; p=none", true, true, "none", "none", "none", 0, 0, 0, 0, "mailto:d@example.org" },
		{ "v=DMARC1; p=reject; x=y; foo; =; ;; fo=1:d; ri=86400; rf=afrf", true, true, "reject", "reject", "reject", 0, 0, 0, 0,
		  NULL },
		/* of two the first counts */
		{ "v=DMARC1; p=reject; p=none", true, true, "reject", "reject", "reject", 0, 0, 0, 0, NULL },
		/* 4.10.1: without a policy that exists there must be somebody to report to, and the policy is none */
		{ "v=DMARC1", true, false, "none", "none", "none", 0, 0, 0, 0, NULL },
		{ "v=DMARC1; p=", true, false, "none", "none", "none", 0, 0, 0, 0, NULL },
		{ "v=DMARC1; p=block", true, false, "none", "none", "none", 0, 0, 0, 0, NULL },
		{ "v=DMARC1; p=reject; sp=block", true, false, "none", "none", "none", 0, 0, 0, 0, NULL },
		{ "v=DMARC1; p=reject; np=block", true, false, "none", "none", "none", 0, 0, 0, 0, NULL },
		{ "v=DMARC1; p=block; rua=mailto:a@b.example", true, true, "none", "none", "none", 0, 0, 0, 0, "mailto:a@b.example" },
		{ "v=DMARC1; rua=a@b.example", true, false, "none", "none", "none", 0, 0, 0, 0, "a@b.example" },
		{ "v=DMARC1; rua= , mailto:x@y.example!10m", true, true, "none", "none", "none", 0, 0, 0, 0, ", mailto:x@y.example!10m" },
		/* no DMARC record at all */
		{ "", false, 0, NULL, NULL, NULL, 0, 0, 0, 0, NULL },
		{ "v=DMARC", false, 0, NULL, NULL, NULL, 0, 0, 0, 0, NULL },
		{ "v=DMARC2; p=reject", false, 0, NULL, NULL, NULL, 0, 0, 0, 0, NULL },
		{ "v=dmarc1; p=reject", false, 0, NULL, NULL, NULL, 0, 0, 0, 0, NULL },
		{ "v=DMARC1 p=reject", false, 0, NULL, NULL, NULL, 0, 0, 0, 0, NULL },
		{ " v=DMARC1; p=reject", false, 0, NULL, NULL, NULL, 0, 0, 0, 0, NULL },
		{ "p=reject; v=DMARC1", false, 0, NULL, NULL, NULL, 0, 0, 0, 0, NULL },
		{ "v=spf1 -all", false, 0, NULL, NULL, NULL, 0, 0, 0, 0, NULL },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct dmarc_record r;
		bool is = dmarc_record_read(span_cstr(cases[i].text), &r);
		if (is != cases[i].is)
			fail_msg("%s: %d", cases[i].text, is);
		if (!is)
			continue;
		bool right = r.usable == cases[i].usable && strcmp(dmarc_policy_name(r.p), cases[i].p) == 0 &&
			     strcmp(dmarc_policy_name(r.sp), cases[i].sp) == 0 && strcmp(dmarc_policy_name(r.np), cases[i].np) == 0 &&
			     r.strict_dkim == cases[i].strict_dkim && r.strict_spf == cases[i].strict_spf && r.psd == cases[i].psd &&
			     r.testing == cases[i].testing;
		if (!right)
			fail_msg("%s: usable %d p=%s sp=%s np=%s psd %d testing %d", cases[i].text, r.usable, dmarc_policy_name(r.p),
				 dmarc_policy_name(r.sp), dmarc_policy_name(r.np), r.psd, r.testing);
		assert_true(span_eq(r.rua, span_cstr(cases[i].rua)));
	}
	(void)state;
}

static void long_records(void **state)
{
	static char text[LIMIT_DMARC_RECORD_BYTES + 100];
	struct dmarc_record r;
	memset(text, ';', sizeof text);
	memcpy(text, "v=DMARC1; p=none", 16);
	memcpy(text + LIMIT_DMARC_RECORD_BYTES, "; sp=reject", 11);
	assert_true(dmarc_record_read(span_of(text, sizeof text), &r));
	assert_int_equal(r.sp, DMARC_POLICY_NONE);
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(records), cmocka_unit_test(long_records) };
	return cmocka_run_group_tests_name("auth/dmarc_record", tests, NULL, NULL);
}
