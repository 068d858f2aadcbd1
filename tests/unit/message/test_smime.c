/* message/smime: what could be a PKCS #7 object, what cannot, and what nobody can tell. */
#include "message/smime.h"
#include "tests/test.h"

#define SIGNED "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80"
#define ENVELOPED "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03\xa0\x80"
#define COMPRESSED "\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x09\xa0\x80"

static void verdicts(void **state)
{
	static const struct {
		const char *name;
		struct span bytes;
		enum smime_kind kind;
		enum smime_verdict verdict;
	} cases[] = {
		{ "signature, indefinite length", SPAN_INIT("\x30\x80" SIGNED "0000"), SMIME_SIGNATURE, SMIME_PLAUSIBLE },
		{ "signature, definite length", SPAN_INIT("\x30\x11" SIGNED "0000"), SMIME_SIGNATURE, SMIME_PLAUSIBLE },
		{ "length in two octets", SPAN_INIT("\x30\x82\x00\x11" SIGNED "0000"), SMIME_SIGNATURE, SMIME_PLAUSIBLE },
		{ "signed data, opaque", SPAN_INIT("\x30\x80" SIGNED "0000"), SMIME_OPAQUE, SMIME_PLAUSIBLE },
		{ "encrypted", SPAN_INIT("\x30\x80" ENVELOPED "0000"), SMIME_OPAQUE, SMIME_PLAUSIBLE },
		{ "compressed", SPAN_INIT("\x30\x80" COMPRESSED "0000"), SMIME_OPAQUE, SMIME_PLAUSIBLE },
		{ "encrypted data as a signature", SPAN_INIT("\x30\x80" ENVELOPED "0000"), SMIME_SIGNATURE, SMIME_FAKE },
		{ "a program", SPAN_INIT("MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff\0\0"), SMIME_SIGNATURE, SMIME_FAKE },
		{ "a sequence of numbers", SPAN_INIT("\x30\x0e\x02\x01\x01\x02\x01\x01\x02\x01\x01\x02\x01\x01\0\0"), SMIME_OPAQUE,
		  SMIME_FAKE },
		{ "another object identifier", SPAN_INIT("\x30\x80\x06\x03\x55\x04\x03\xa0\x80 0000000000"), SMIME_OPAQUE, SMIME_FAKE },
		{ "identifier longer than any", SPAN_INIT("\x30\x80\x06\x84\xff\xff\xff\xff 0000000000"), SMIME_OPAQUE, SMIME_FAKE },
		{ "length in 127 octets", SPAN_INIT("\x30\xff 00000000000000000"), SMIME_OPAQUE, SMIME_FAKE },
		{ "cut", SPAN_INIT("\x30\x82\x10\x00" SIGNED "0000"), SMIME_SIGNATURE, SMIME_UNKNOWN },
		{ "empty", SPAN_INIT(""), SMIME_SIGNATURE, SMIME_UNKNOWN },
		{ "PEM", SPAN_INIT("-----BEGIN PKCS7-----\n"), SMIME_SIGNATURE, SMIME_UNKNOWN },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (smime_judge(cases[i].bytes, cases[i].kind) != cases[i].verdict)
			fail_msg("%s: %d", cases[i].name, smime_judge(cases[i].bytes, cases[i].kind));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(verdicts) };
	return cmocka_run_group_tests_name("message/smime", tests, NULL, NULL);
}
