/* check/gtube: the test line wherever a person reads it, and lines that only resemble it. */
#include "tests/check_test.h"

#define HEAD "From: a@example.org\nTo: b@example.net\nSubject: test\nMIME-Version: 1.0\n"
#define LINE "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"

static const struct check_case cases[] = {
	{ .name = "plain", .message = HEAD "\n" LINE "\n", .present = "gtube.line" },
	{ .name = "in the middle", .message = HEAD "\nHello,\n> " LINE ", says he\n", .present = "gtube.line" },
	{ .name = "behind base64",
	  .message = HEAD "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n"
			  "WEpTKkM0SkRCUUFETjEuTlNCTjMqMklETkVOKkdUVUJFLVNUQU5EQVJELUFOVEktVUJFLVRFU1Qt\nRU1BSUwqQy4zNFgK\n",
	  .present = "gtube.line" },
	{ .name = "quoted-printable, cut by a soft line end",
	  .message = HEAD "Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\n"
			  "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD=2DANTI-UBE-=\nTEST-EMAIL*C.34X\n",
	  .present = "gtube.line" },
	{ .name = "in HTML",
	  .message = HEAD "Content-Type: text/html\n\n<p><b>XJS*C4JDBQADN1</b>.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X</p>\n",
	  .present = "gtube.line" },
	{ .name = "one letter short",
	  .message = HEAD "\nXJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34\n",
	  .absent = "gtube.line" },
	{ .name = "small letters",
	  .message = HEAD "\nxjs*c4jdbqadn1.nsbn3*2idnen*gtube-standard-anti-ube-test-email*c.34x\n",
	  .absent = "gtube.line" },
	{ .name = "the word alone", .message = HEAD "\nThe GTUBE test\n", .absent = "gtube.line" },
	{ .name = "in the subject nobody looks for it",
	  .message = "From: a@example.org\nTo: b@example.net\nSubject: " LINE "\n\nHello\n",
	  .absent = "gtube.line" },
};

CHECK_TEST_MAIN(gtube, cases)
