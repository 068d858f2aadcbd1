/* check/attachment_disguise: names and types that hide a program are found; honest mislabelling is not. */
#include "tests/check_test.h"

#define HEAD "From: a@example.org\nTo: b@example.net\nSubject: files\nMIME-Version: 1.0\n"
#define NAMED(type, name, body)                                                                                                            \
	HEAD "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nSee the file.\n--b\nContent-Type: " type       \
	     "\nContent-Disposition: attachment; " name "\nContent-Transfer-Encoding: base64\n\n" body "\n--b--\n"
#define PE_64 "TVoAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\nAAAAQAAAAFBFAABoYXJtbGVzcw=="
#define TEXT_64 "aGVsbG8sIHdvcmxkCg=="
#define HTML_64 "PCFET0NUWVBFIGh0bWw+PGh0bWw+PGJvZHk+bG9naW4="
#define GIF_64 "R0lGODlhAQABAAAAACw="

static const struct check_case cases[] = {
	{ .name = "silent on plain mail", .message = HEAD "\nhello\n", .absent = "attachment.*" },
	{ .name = "a program that is called a picture",
	  .message = NAMED("image/jpeg", "filename=photo.jpg", PE_64),
	  .present = "attachment.program_poses attachment.type_poses" },
	{ .name = "a program that is called a program",
	  .message = NAMED("application/octet-stream", "filename=setup.exe", PE_64),
	  .absent = "attachment.program_poses attachment.type_poses attachment.double_extension" },
	{ .name = "announced as sound", .message = NAMED("audio/x-wav", "filename=news.scr", PE_64), .present = "attachment.type_poses" },
	{ .name = "a picture with a name like a program",
	  .message = NAMED("image/gif", "filename=\"logo of example.com\"", GIF_64),
	  .absent = "attachment.type_poses" },
	{ .name = "double extension",
	  .message = NAMED("application/octet-stream", "filename=invoice.pdf.exe", PE_64),
	  .present = "attachment.double_extension" },
	{ .name = "double extension of a script",
	  .message = NAMED("application/octet-stream", "filename=Scan001.JPG.vbs", TEXT_64),
	  .present = "attachment.double_extension" },
	{ .name = "a library that is called jquery.min.js",
	  .message = NAMED("text/javascript", "filename=jquery.min.js", TEXT_64),
	  .absent = "attachment.double_extension" },
	{ .name = "a version number",
	  .message = NAMED("application/octet-stream", "filename=setup-1.2.exe", PE_64),
	  .absent = "attachment.double_extension" },
	{ .name = "a tar archive", .message = NAMED("application/gzip", "filename=src.tar.gz", TEXT_64), .absent = "attachment.*" },
	{ .name = "turned name",
	  .message = NAMED("application/octet-stream", "filename*=utf-8''invoice%E2%80%AEfdp.exe", PE_64),
	  .present = "attachment.turned_name" },
	{ .name = "an Arabic name",
	  .message = NAMED("application/pdf", "filename*=utf-8''%D9%81%D8%A7%D8%AA%D9%88%D8%B1%D8%A9.pdf", TEXT_64),
	  .absent = "attachment.turned_name" },
	{ .name = "blanks before the ending",
	  .message = NAMED("application/octet-stream", "filename=\"invoice.pdf                         .exe\"", PE_64),
	  .present = "attachment.far_extension attachment.double_extension" },
	{ .name = "two names",
	  .message = NAMED("application/octet-stream; name=readme.txt", "filename=readme.vbs", TEXT_64),
	  .present = "attachment.script" },
	{ .name = "a web page that is called a document",
	  .message = NAMED("application/pdf", "filename=invoice.pdf", HTML_64),
	  .present = "attachment.page_poses" },
	{ .name = "a table that is HTML, as web programs export it",
	  .message = NAMED("application/vnd.ms-excel", "filename=report.xls", HTML_64),
	  .absent = "attachment.page_poses" },
};

CHECK_TEST_MAIN(attachment_disguise, cases)
