/* check/decoration: armour that cannot be what it says is told from honest, quoted and damaged armour. */
#include "tests/check_test.h"

#define HEAD "From: a@example.org\nTo: b@example.net\nSubject: news\n\n"
#define SIGNED "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nHello.\n"
#define BEGIN "-----BEGIN PGP SIGNATURE-----\n\n"
#define END "-----END PGP SIGNATURE-----\n"
/* A version 4 RSA SHA-256 signature packet of zeros and counted bytes, made for this test */
#define GOOD_1 "iQEzBAABCAAdFiEEAAECAwQFBgcICQoLDA0ODxAREhMFAmAAAAAACgkQAAECAwQF\n"
#define GOOD_2 "BgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1\n"

static const struct check_case cases[] = {
	{ .name = "silent on plain mail", .message = HEAD "hello\n", .absent = "decoration.*" },
	{ .name = "capitals and digits in lines of 65",
	  .message = HEAD "Dear customer,\n\n" BEGIN "AN86DCS206WKI6IK8LIFD5S1VODA48SHXDCG6KT8V4C50MO21RUHP8O84T6P73YGX\n"
			  "EO755U27OA5JVX3U51QF8N2E97FQQDOC6IRHH7T3TSQJRFYYPR3434M634A375LAO\n49ICIMQZ680BR307==\n" END,
	  .present = "decoration.openpgp_fake" },
	{ .name = "random radix-64 in lines of 64 that begins with no packet",
	  .message = HEAD BEGIN "Zm9vYmFyYmF6cXV4eHl6enkxMjM0NTY3ODkwYWJjZGVmZ2hpamtsbW5vcHFyc3R1\nZm9vYmFyYmF6cXV4eHl6enkxMjM0NTY3\n" END,
	  .present = "decoration.openpgp_fake" },
	{ .name = "a public key that is said to be a signature",
	  .message =
	      HEAD SIGNED BEGIN "mQENBGAAAAABCADAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIj\nBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd\n" END,
	  .present = "decoration.openpgp_fake" },
	{ .name = "a signature in good form without checksum",
	  .message = HEAD SIGNED BEGIN GOOD_1 GOOD_2 END,
	  .absent = "decoration.openpgp_fake" },
	{ .name = "a signature quoted in a reply",
	  .message = HEAD "> " BEGIN "> AN86DCS206WKI6IK8LIFD5S1VODA48SHXDCG6KT8V4C50MO21RUHP8O84T6P73YGX\n> " END,
	  .absent = "decoration.*" },
	{ .name = "a list footer inside",
	  .message = HEAD SIGNED BEGIN GOOD_1 "_______________________________________________\nlist mailing list\n" END,
	  .absent = "decoration.*" },
	{ .name = "cut before its end",
	  .message = HEAD SIGNED BEGIN "AN86DCS206WKI6IK8LIFD5S1VODA48SHXDCG6KT8V4C50MO21RUHP8O84T6P73YGX\n",
	  .absent = "decoration.*" },
	{ .name = "an example in prose", .message = HEAD "Paste it between\n" BEGIN "your signature here\n" END, .absent = "decoration.*" },
	{ .name = "an example of dots", .message = HEAD SIGNED BEGIN "iQEzBAAB...\n" END, .absent = "decoration.*" },
	{ .name = "an S/MIME signature that is text",
	  .message =
	      "From: a@example.org\nMIME-Version: 1.0\nContent-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; "
	      "boundary=b\n\n"
	      "--b\n\nhello\n--b\nContent-Type: application/pkcs7-signature; name=smime.p7s\n\nthis message is digitally signed\n--b--\n",
	  .present = "decoration.smime_fake" },
	{ .name = "an S/MIME signature that was cut",
	  .message = "From: a@example.org\nMIME-Version: 1.0\nContent-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; "
		     "boundary=b\n\n"
		     "--b\n\nhello\n--b\nContent-Type: application/pkcs7-signature; name=smime.p7s\nContent-Transfer-Encoding: base64\n\n"
		     "MIIFyAYJKoZIhvcNAQcCoIIFuTCCBbUCAQ==\n--b--\n",
	  .absent = "decoration.*" },
	{ .name = "signed, but the signature is gone",
	  .message = "From: a@example.org\nMIME-Version: 1.0\nContent-Type: multipart/signed; protocol=\"application/pgp-signature\"; "
		     "boundary=b\n\n"
		     "--b\n\nhello\n--b--\n",
	  .present = "decoration.signed_without_signature" },
};

CHECK_TEST_MAIN(decoration, cases)
