/* check/client_form: habits of bulk and ratware; each with the honest message that looks alike. */
#include "tests/check_test.h"

#define HEAD                                                                                                                               \
	"Received: from mx.example.com (mx.example.com [192.0.2.1]) by in.example.net (Postfix) with ESMTP id 1 for <bob@example.net>; "   \
	"Mon, 22 Jul 2002 14:03:12 +0200\n"
#define FROM "From: Ann <ann@example.org>\n"
#define TO "To: bob@example.net\n"
#define ID "Message-ID: <1234@example.org>\n"
#define REST "Subject: hello\nDate: Mon, 22 Jul 2002 14:03:11 +0200\n"

static const struct check_case cases[] = {
	{ .name = "plain mail", .message = HEAD FROM TO ID REST "\nhello\n", .absent = "client.*" },
	{ .name = "no Message-ID", .message = HEAD FROM TO REST "\nhello\n", .present = "client.no_message_id" },
	{ .name = "no host in it", .message = HEAD FROM TO "Message-ID: <1234>\n" REST "\nhello\n", .present = "client.message_id_form" },
	{ .name = "no brackets",
	  .message = HEAD FROM TO "Message-ID: 1234@example.org\n" REST "\nhello\n",
	  .present = "client.message_id_form" },
	{ .name = "Postfix added it",
	  .message = HEAD FROM TO "Message-ID: <20190428055901.22D19BDA714@thirdlane.local>\n" REST "\nhello\n",
	  .present = "client.message_id_by_server" },
	{ .name = "Mutt's looks alike",
	  .message = HEAD FROM TO "Message-ID: <20190516004032.GA16284@example.org>\n" REST "\nhello\n",
	  .absent = "client.message_id_by_server" },
	{ .name = "the recipient's address as Message-ID",
	  .message = HEAD FROM TO "Message-ID: <bob@example.net>\n" REST "\nhello\n",
	  .present = "client.message_id_is_recipient" },
	{ .name = "priority without the program",
	  .message = HEAD FROM TO ID "X-MSMail-Priority: Normal\n" REST "\nhello\n",
	  .present = "client.priority_without_program" },
	{ .name = "Outlook marks as urgent",
	  .message =
	      HEAD FROM TO ID "X-Mailer: Microsoft Outlook 16.0\nX-MSMail-Priority: High\nX-Priority: 1 (Highest)\n" REST "\nhello\n",
	  .present = "client.urgent",
	  .absent = "client.priority_without_program" },
	{ .name = "a tool's spelling", .message = HEAD FROM TO ID REST "MiME-Version: 1.0\n\nhello\n", .present = "client.field_spelling" },
	{ .name = "Mime-Version is common",
	  .message = HEAD FROM TO ID REST "Mime-Version: 1.0\n\nhello\n",
	  .absent = "client.field_spelling" },
	{ .name = "blanks in a parameter",
	  .message = HEAD FROM TO ID REST "Content-Type: text/plain; charset = \"us-ascii\"\n\nhello\n",
	  .present = "client.mime_spelling" },
	{ .name = "a slip",
	  .message = HEAD FROM TO ID REST "X-Mailer: X-Mailer: QUALCOMM Windows Eudora Pro\n\nhello\n",
	  .present = "client.mailer_value" },
	{ .name = "HTML alone", .message = HEAD FROM TO ID REST "Content-Type: text/html\n\n<p>hello\n", .present = "client.html_only" },
	{ .name = "a list's HTML",
	  .message = HEAD FROM TO ID REST "List-Unsubscribe: <mailto:x@example.org>\nContent-Type: text/html\n\n<p>hello\n",
	  .absent = "client.html_only" },
	{ .name = "HTML without a character set",
	  .message = HEAD FROM TO ID REST "Content-Type: text/html\n\n<p>hello\n",
	  .present = "client.html_no_charset" },
	{ .name = "ASCII in base64",
	  .message = HEAD FROM TO ID REST "Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
					  "PHA+aGVsbG8gaGVsbG8gaGVsbG8gaGVsbG8gaGVsbG8gaGVsbG8gaGVsbG8gaGVsbG88L3A+\n",
	  .present = "client.html_needlessly_encoded",
	  .absent = "client.html_no_charset" },
	{ .name = "one alternative",
	  .message = HEAD FROM TO ID REST
	  "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/html; charset=utf-8\n\n<p>x\n--b--\n",
	  .present = "client.one_alternative" },
	{ .name = "two alternatives",
	  .message = HEAD FROM TO ID REST "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: "
					  "text/plain\n\nx\n--b\nContent-Type: text/html; charset=utf-8\n\n<p>x\n--b--\n",
	  .absent = "client.*" },
	{ .name = "Pegasus's label",
	  .message = HEAD FROM TO ID REST "Content-Type: text/plain\nContent-Description: Mail message body\n\nx\n",
	  .present = "client.body_label" },
	{ .name = "Pegasus itself",
	  .message = HEAD FROM TO
	  "Message-ID: <3D64FA3C.13325.63A5960@example.org>\n" REST
	  "X-Mailer: Pegasus Mail for Windows (v4.01)\nContent-Type: text/plain\nContent-Description: Mail message body\n\nx\n",
	  .absent = "client.*" },
	{ .name = "web script",
	  .message = HEAD FROM TO ID REST "X-PHP-Originating-Script: 1001:mail.php\n\nhello\n",
	  .present = "client.web_script" },
	{ .name = "injected code",
	  .message = HEAD FROM TO ID REST "X-PHP-Originating-Script: 1001:x.php(2) : eval()'d code\n\nhello\n",
	  .present = "client.injected_script" },
};

CHECK_TEST_MAIN(client_form, cases)
