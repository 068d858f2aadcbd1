/* check/attachment_program: programs, scripts and shortcuts are found by content and by any of their names; source code is left alone. */
#include "tests/check_test.h"

#define HEAD "From: a@example.org\nTo: b@example.net\nSubject: files\nMIME-Version: 1.0\n"
#define PART(type, name, encoding, body)                                                                                                   \
	HEAD "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nSee the file.\n--b\nContent-Type: " type       \
	     "\nContent-Disposition: attachment; filename=\"" name "\"\nContent-Transfer-Encoding: " encoding "\n\n" body "\n--b--\n"
/* "MZ", NULs, and at 0x3c the offset 0x40 of "PE\0\0": the shortest thing that counts as a Windows program. */
#define PE_64 "TVoAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\nAAAAQAAAAFBFAABoYXJtbGVzcw=="

static const struct check_case cases[] = {
	{ .name = "silent on plain mail", .message = HEAD "\nhello\n", .absent = "attachment.*" },
	{ .name = "a Windows program",
	  .message = PART("application/octet-stream", "update.exe", "base64", PE_64),
	  .present = "attachment.program" },
	{ .name = "a program without a telling name",
	  .message = PART("application/octet-stream", "readme", "base64", PE_64),
	  .present = "attachment.program" },
	{ .name = "a screen saver by name only",
	  .message = PART("application/octet-stream", "photo.scr", "7bit", "x"),
	  .present = "attachment.program" },
	{ .name = "an upper-case name with a dot at its end",
	  .message = PART("application/octet-stream", "PHOTO.PIF.", "7bit", "x"),
	  .present = "attachment.program" },
	{ .name = "a name that ends like a DOS program",
	  .message = PART("text/plain", "minutes for example.com", "7bit", "Present: all."),
	  .absent = "attachment.*" },
	{ .name = "a Windows script",
	  .message = PART("application/octet-stream", "invoice.vbs", "7bit", "x = 1"),
	  .present = "attachment.script" },
	{ .name = "an HTML application",
	  .message = PART("application/hta", "a.hta", "7bit", "<hta:application id=x>"),
	  .present = "attachment.script" },
	{ .name = "a shortcut",
	  .message = PART("application/octet-stream", "scan.lnk", "base64", "TAAAAAEUAgAAAAAAwAAAAAAAAEY="),
	  .present = "attachment.shortcut" },
	{ .name = "a shell script among developers",
	  .message = PART("application/x-sh", "build.sh", "7bit", "#!/bin/sh\nmake\n"),
	  .present = "attachment.source_script",
	  .absent = "attachment.script attachment.program" },
	{ .name = "a patch", .message = PART("text/x-patch", "0001-fix.patch", "7bit", "--- a/x\n+++ b/x\n"), .absent = "attachment.*" },
	{ .name = "a bookmark",
	  .message = PART("application/octet-stream", "site.url", "7bit", "[InternetShortcut]\nURL=http://example.org/\n"),
	  .present = "attachment.web_shortcut",
	  .absent = "attachment.shortcut" },
	{ .name = "a disk image by name",
	  .message = PART("application/octet-stream", "scan.img", "base64", "AAECAwQF"),
	  .present = "attachment.disk_image" },
};

CHECK_TEST_MAIN(attachment_program, cases)
