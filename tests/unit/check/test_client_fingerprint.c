/* check/client_fingerprint: borrowed program names are caught by their habits; the programs themselves, and what lists and servers make of
 * their mail, stay unsuspected. */
#include "tests/check_test.h"

#define HEAD "From: Ann <ann@example.org>\nTo: bob@example.net\nSubject: hello\nDate: Mon, 22 Jul 2002 14:03:11 +0200\nMIME-Version: 1.0\n"
#define OE                                                                                                                                 \
	HEAD "X-Mailer: Microsoft Outlook Express 6.00.2600.0000\nX-MimeOLE: Produced By Microsoft MimeOLE V6.00.2600.0000\nX-Priority: "  \
	     "3\nX-MSMail-Priority: Normal\n"
#define OE_ID "Message-ID: <000801c23178$fc0adbf0$3201010a@annspc>\n"
#define PLAIN "Content-Type: text/plain; charset=\"us-ascii\"\n\nhello\n"
#define ALL "client.foreign_message_id client.foreign_boundary client.missing_field client.html_alone client.outdated"

static const struct check_case cases[] = {
	{ .name = "Outlook Express itself", .message = OE OE_ID PLAIN, .absent = ALL },
	{ .name = "Outlook Express with its boundary",
	  .message =
	      OE OE_ID "Content-Type: multipart/alternative; "
		       "boundary=\"----=_NextPart_000_0005_01C23189.C0B5F2A0\"\n\nx\n------=_NextPart_000_0005_01C23189.C0B5F2A0--\n",
	  .absent = ALL },
	{ .name = "no program claimed", .message = HEAD "Message-ID: <anything@example.org>\n" PLAIN, .absent = ALL },
	{ .name = "an unknown program",
	  .message = HEAD "X-Mailer: Anns own mailer 1.0\nMessage-ID: <anything@example.org>\n" PLAIN,
	  .absent = ALL },
	{ .name = "Message-ID of another make",
	  .message = OE "Message-ID: <qwert-12345@annspc>\n" PLAIN,
	  .present = "client.foreign_message_id",
	  .absent = "client.missing_field" },
	{ .name = "eight digits where twelve stand",
	  .message = OE "Message-ID: <01c23178$fc0adbf0$3201010a@annspc>\n" PLAIN,
	  .present = "client.foreign_message_id" },
	{ .name = "Hotmail replaced the Message-ID",
	  .message = OE "Message-ID: <OE31pQq5pneeFUtLch00019e7b@hotmail.com>\n" PLAIN,
	  .absent = ALL },
	{ .name = "Windows Mail counts in its own way",
	  .message = HEAD "X-Mailer: Microsoft Windows Mail 6.0.6002.18197\nX-MimeOLE: x\nX-Priority: 3\nX-MSMail-Priority: "
			  "Normal\nMessage-ID: <8514C525E9C345FEA377AC5912010871@H270>\n" PLAIN,
	  .absent = ALL },
	{ .name = "boundary of a tool",
	  .message = OE OE_ID "Content-Type: multipart/mixed; boundary=\"abc_123_tool\"\n\nx\n--abc_123_tool--\n",
	  .present = "client.foreign_boundary" },
	{ .name = "a list wrapped it",
	  .message = OE OE_ID "List-Id: <x.example.org>\nContent-Type: multipart/mixed; "
			      "boundary=\"===============0123456789==\"\n\nx\n--===============0123456789==--\n",
	  .absent = ALL },
	{ .name = "fields missing",
	  .message = HEAD "X-Mailer: Microsoft Outlook Express 6.00.2600.0000\n" OE_ID PLAIN,
	  .present = "client.missing_field" },
	{ .name = "the Macintosh edition has other habits",
	  .message = HEAD
	  "X-Mailer: Microsoft Outlook Express Macintosh Edition - 4.5 (0410)\nMessage-ID: <E17hrT0-0004gj-00@example.org>\n" PLAIN,
	  .absent = ALL },
	{ .name = "HTML alone", .message = OE OE_ID "Content-Type: text/html\n\n<p>hello\n", .present = "client.html_alone" },
	{ .name = "seventeen years later", .message = OE OE_ID PLAIN, .now = "2019-05-01", .present = "client.outdated" },
	{ .name = "The Bat! itself",
	  .message = HEAD "X-Mailer: The Bat! (v1.61)\nMessage-ID: <9113862141.20020722140311@example.org>\n" PLAIN,
	  .absent = ALL },
	{ .name = "not The Bat!",
	  .message = HEAD "X-Mailer: The Bat! (v1.52f) Business\nMessage-ID: <033b17d73c5b$6165d1c2$0cb37aa5@nicwuh>\n" PLAIN,
	  .present = "client.foreign_message_id" },
	{ .name = "Thunderbird",
	  .message = HEAD "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:78.0) Gecko/20100101 Thunderbird/78.9.0\nMessage-ID: "
			  "<a3f0c5d2-81f5-9b2c-7c11-f2d1a5e6b7c8@example.org>\n" PLAIN,
	  .absent = ALL },
	{ .name = "Thunderbird posts news",
	  .message =
	      HEAD "User-Agent: Thunderbird 2.0.0.19 (X11/20081209)\nNewsgroups: x.y\nMessage-ID: <ge0ea7-1d2.ln1@example.org>\n" PLAIN,
	  .absent = ALL },
	{ .name = "not Thunderbird",
	  .message = HEAD "User-Agent: Thunderbird 2.0.0.9 (Windows/20071031)\nMessage-ID: <20090406130119.1090107@example.org>\n" PLAIN,
	  .present = "client.foreign_message_id" },
	{ .name = "not an iPhone",
	  .message = HEAD "X-Mailer: iPhone Mail (16A404)\nMessage-ID: <abc@example.org>\n" PLAIN,
	  .present = "client.foreign_message_id" },
	{ .name = "Outlook 16",
	  .message = HEAD "X-Mailer: Microsoft Outlook 16.0\nMessage-ID: <00d501d7ccbe$0169c340$043d49c0$@example.com>\n" PLAIN,
	  .absent = ALL },
	{ .name = "Outlook 16 after 180,000 messages",
	  .message = HEAD "X-Mailer: Microsoft Outlook 16.0\nMessage-ID: <1e6ae01d6f946$bd747040$385d50c0$@example.com>\n" PLAIN,
	  .absent = ALL },
	{ .name = "Eudora itself",
	  .message =
	      HEAD "X-Mailer: QUALCOMM Windows Eudora Version 5.1\nMessage-ID: <5.1.0.14.2.20020722140021.02a4be20@example.org>\n" PLAIN,
	  .absent = ALL },
};

CHECK_TEST_MAIN(client_fingerprint, cases)
