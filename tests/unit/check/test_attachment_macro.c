/* check/attachment_macro: documents and pages that act by themselves are found, plain ones are not. Office files:
 * tests/unit/message/test_ooxml.c. */
#include "tests/check_test.h"

#define HEAD "From: a@example.org\nTo: b@example.net\nSubject: files\nMIME-Version: 1.0\n"
#define WITH(text, type, name, body)                                                                                                       \
	HEAD "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\n" text "\n--b\nContent-Type: " type            \
	     "\nContent-Disposition: attachment; filename=" name "\n\n" body "\n--b--\n"
#define ZIP_ENCRYPTED_64 /* one encrypted member "a.doc" of four bytes */                                                                  \
	"UEsDBBQAAQAAAAAAAAAAAAAABAAAAAQAAAAFAAAAYS5kb2NYWFhYUEsBAhQAFAABAAAAAAAAAAAAAAAEAAAA\nBAAAAAUAAAAAAAAAAAAAAAAAAAAAAGEuZG9jUEsFBg" \
	"AAAAABAAEAMwAAACcAAAAAAA=="

static const struct check_case cases[] = {
	{ .name = "silent on plain mail", .message = HEAD "\nhello\n", .absent = "attachment.*" },
	{ .name = "a plain PDF",
	  .message = WITH("See.", "application/pdf", "a.pdf", "%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"),
	  .absent = "attachment.*" },
	{ .name = "a PDF with a script",
	  .message = WITH("See.", "application/pdf", "a.pdf", "%PDF-1.4\n1 0 obj\n<< /S /JavaScript /JS (app.alert(1)) >>\nendobj\n"),
	  .present = "attachment.pdf_script" },
	{ .name = "a PDF with a script in disguise",
	  .message = WITH("See.", "application/pdf", "a.pdf", "%PDF-1.4\n1 0 obj\n<< /S /J#61vaScr#69pt >>\nendobj\n"),
	  .present = "attachment.pdf_script" },
	{ .name = "a PDF that starts a program",
	  .message = WITH("See.", "application/pdf", "a.pdf", "%PDF-1.4\n1 0 obj\n<< /S /Launch /F (cmd.exe) >>\nendobj\n"),
	  .present = "attachment.pdf_launch" },
	{ .name = "the words inside a stream are no names",
	  .message = WITH("See.", "application/pdf", "a.pdf",
			  "%PDF-1.4\n1 0 obj\n<< /Length 20 >>\nstream\n/JavaScript /Launch\nendstream\nendobj\n"),
	  .absent = "attachment.pdf_script attachment.pdf_launch" },
	{ .name = "RTF that loads an object",
	  .message = WITH("See.", "application/rtf", "a.rtf", "{\\rtf1{\\object\\objemb\\objupdate{\\*\\objdata 0105}}}"),
	  .present = "attachment.rtf_update",
	  .absent = "attachment.embedded_object" },
	{ .name = "RTF with a remote template",
	  .message = WITH("See.", "application/msword", "a.doc", "{\\rtf1{\\*\\template http://example.org/t.dot}hello}"),
	  .present = "attachment.remote_template" },
	{ .name = "RTF with a template on a disk",
	  .message = WITH("See.", "application/msword", "a.doc", "{\\rtf1{\\*\\template C:\\\\Templates\\\\Normal.dot}hello}"),
	  .absent = "attachment.*" },
	{ .name = "a web page that asks for a password",
	  .message = WITH("See.", "text/html", "login.html",
			  "<html><form action=\"http://example.org/x\"><input type=password name=p></form></html>"),
	  .present = "attachment.password_form attachment.html" },
	{ .name = "HTML smuggling",
	  .message = WITH("See.", "text/html", "doc.html",
			  "<html><script>var b = new Blob([d]); a.href = URL.createObjectURL(b); a.download = 'x.iso';</script></html>"),
	  .present = "attachment.html_smuggling" },
	{ .name = "a web page as a file, said only faintly",
	  .message = WITH("See.", "text/html", "report.html", "<html><body><table><tr><td>1</table></html>"),
	  .present = "attachment.html",
	  .absent = "attachment.html_script attachment.html_smuggling attachment.password_form" },
	{ .name = "an SVG picture with a script",
	  .message =
	      WITH("See.", "image/svg+xml", "a.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>location.href='x'</script></svg>"),
	  .present = "attachment.picture_script" },
	{ .name = "a plain SVG picture",
	  .message = WITH("See.", "image/svg+xml", "a.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"><path d=\"M0 0\"/></svg>"),
	  .absent = "attachment.picture_script attachment.html" },
	{ .name = "an encrypted archive and its password",
	  .message = WITH("Archive password: 4711", "application/zip\nContent-Transfer-Encoding: base64", "a.zip", ZIP_ENCRYPTED_64),
	  .present = "attachment.password_told",
	  .absent = "attachment.encrypted" },
	{ .name = "an encrypted archive, the password comes another way",
	  .message = WITH("I shall ring you.", "application/zip\nContent-Transfer-Encoding: base64", "a.zip", ZIP_ENCRYPTED_64),
	  .present = "attachment.encrypted",
	  .absent = "attachment.password_told" },
};

CHECK_TEST_MAIN(attachment_macro, cases)
