/* tests/unit/check/test_structure.c - oddities of form as evidence, and honest messages that must stay silent. */
#include "tests/check_test.h"

#define HEAD "From: a@example.org\nTo: b@example.net\nSubject: x\nDate: Thu, 1 Jan 2026 10:00:00 +0000\nMessage-ID: <1@example.org>\n"

static const struct check_case cases[] = {
	{ .name = "plain", .message = HEAD "\nHello\n", .absent = "form.*" },
	{ .name = "honest multipart",
	  .absent = "form.*",
	  .message =
	      HEAD "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"b1\"\n\n--b1\nContent-Type: multipart/alternative; "
		   "boundary=\"b1_2\"\n\n"
		   "--b1_2\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\nR3LDvMOfZQo=\n--b1_2--\n--b1\n"
		   "Content-Type: application/pdf; name=\"a.pdf\"\nContent-Disposition: attachment; "
		   "filename*=utf-8''a.pdf\n\nx\n--b1--\nlist footer\n" },
	{ .name = "raw UTF-8 header", .message = "Subject: gr\xC3\xBC\xC3\x9F\n" HEAD "\nHello\n", .absent = "form.raw_8bit" },
	{ .name = "raw 8-bit header", .message = "X-Note: gr\xFC\xDF\n" HEAD "\nHello\n", .present = "form.raw_8bit" },
	{ .name = "two boundaries",
	  .present = "form.ambiguous_parts",
	  .message = HEAD "Content-Type: multipart/mixed; boundary=a; boundary=b\n\n--a\n\nx\n--b\n\ny\n--a--\n--b--\n" },
	{ .name = "parts after the end",
	  .present = "form.ambiguous_parts",
	  .message =
	      HEAD "Content-Type: multipart/mixed; boundary=a\n\n--a\n\nx\n--a--\n--a\nContent-Type: text/html\n\n<b>y</b>\n--a--\n" },
	{ .name = "two encodings",
	  .present = "form.ambiguous_parts",
	  .message = HEAD "Content-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64\n\nSGVsbG8=\n" },
	{ .name = "encoding with junk",
	  .message = HEAD "Content-Transfer-Encoding: base64;foo\n\nSGVsbG8=\n",
	  .present = "form.ambiguous_encoding" },
	{ .name = "encoding with fold", .message = HEAD "Content-Transfer-Encoding:\n base64\n\nSGVsbG8=\n", .absent = "form.*" },
	{ .name = "chunked base64",
	  .message = HEAD "Content-Transfer-Encoding: base64\n\nSGVsbG8=SGVsbG8=\n",
	  .present = "form.ambiguous_encoding" },
	{ .name = "names differ",
	  .present = "form.ambiguous_name",
	  .message = HEAD "Content-Type: image/png; name=a.png\nContent-Disposition: attachment; filename=a.exe\n\nx\n" },
	{ .name = "names alike",
	  .absent = "form.*",
	  .message = HEAD "Content-Type: application/pdf; name=\"r?sum?.pdf\"\nContent-Disposition: attachment; "
			  "filename*=utf-8''r%C3%A9sum%C3%A9.PDF\n\nx\n" },
	{ .name = "no end", .message = HEAD "Content-Type: multipart/mixed; boundary=a\n\n--a\n\nx\n", .present = "form.broken_multipart" },
	{ .name = "two subjects", .message = HEAD "Subject: y\n\nHello\n", .present = "form.duplicate_field" },
	{ .name = "unknown charset",
	  .message = HEAD "Content-Type: text/plain; charset=%CHARSET%\n\nHello\n",
	  .present = "form.unknown_charset" },
};

CHECK_TEST_MAIN(structure, cases)
