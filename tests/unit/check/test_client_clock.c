/* check/client_clock: Windows clocks that disagree with the Date, and Windows clocks that agree. */
#include "tests/check_test.h"

#define HEAD "From: Ann <ann@example.org>\nTo: bob@example.net\nSubject: hello\nMIME-Version: 1.0\n"
#define DATE "Date: Mon, 22 Jul 2002 14:00:00 +0200\n"
#define PLAIN "Content-Type: text/plain\n\nhello\n"
#define MULTI(boundary) "Content-Type: multipart/mixed; boundary=\"" boundary "\"\n\n--" boundary "\n\nhello\n--" boundary "--\n"

static const struct check_case cases[] = {
	{ .name = "clocks agree",
	  .message = HEAD DATE "Message-ID: <000801c23176$fc0adbf0$3201010a@pc>\n" PLAIN,
	  .absent = "client.message_id_*" },
	{ .name = "random digits",
	  .message = HEAD DATE "Message-ID: <033b17d73c5b$6165d1c2$0cb37aa5@nicwuh>\n" PLAIN,
	  .present = "client.message_id_clock" },
	{ .name = "all zeros",
	  .message = HEAD DATE "Message-ID: <00007dc93dd5$000072da$000064b4@x>\n" PLAIN,
	  .present = "client.message_id_clock" },
	{ .name = "another shape holds no clock",
	  .message = HEAD DATE "Message-ID: <033b17d7$6165d1c2@nicwuh>\n" PLAIN,
	  .absent = "client.message_id_clock" },
	{ .name = "no readable Date, nothing to compare",
	  .message = HEAD "Message-ID: <033b17d73c5b$6165d1c2$0cb37aa5@nicwuh>\n" PLAIN,
	  .absent = "client.message_id_clock" },
	{ .name = "local time in the Message-ID and the same value in the boundary",
	  .message = HEAD "Date: Sun, 12 Oct 2008 07:13:17 +0100\nMessage-ID: <01c92c39$ff9ce480$e284815d@60GC7Q>\n" MULTI(
	      "----=_NextPart_000_000E_01C92C39.FF9CE480"),
	  .present = "client.message_id_local_time client.message_id_is_boundary",
	  .absent = "client.boundary_clock" },
	{ .name = "two readings of the clock",
	  .message = HEAD "Date: Sun, 12 Oct 2008 09:13:17 +0200\nMessage-ID: <000d01c92c39$ff9ce480$e284815d@pc>\n" MULTI(
	      "----=_NextPart_000_000E_01C92C4A.C37A1280"),
	  .absent = "client.message_id_is_boundary client.boundary_clock" },
	{ .name = "boundary years away",
	  .message = HEAD DATE "Message-ID: <a@b>\n" MULTI("----=_NextPart_000_000E_01C92C39.FF9CE480"),
	  .present = "client.boundary_clock" },
	{ .name = "too few digits",
	  .message = HEAD DATE "Message-ID: <a@b>\n" MULTI("----=_NextPart_000_000E_01C92C39.FF9C"),
	  .present = "client.boundary_imitated" },
	{ .name = "another's boundary that begins alike",
	  .message = HEAD DATE "Message-ID: <a@b>\n" MULTI("----=_NextPart_AFDFA575_A551_4907"),
	  .absent = "client.boundary_imitated" },
	{ .name = "copied Thread-Index, bits behind its end",
	  .message = HEAD "Date: Sun, 12 Oct 2008 07:13:17 +0100\nThread-Index: Aca6Q862Q89QD80AN22RHXR0U7WZ61==\n" PLAIN,
	  .present = "client.thread_index_clock client.thread_index_code" },
	{ .name = "a reply may be late",
	  .message =
	      HEAD "In-Reply-To: <x@y>\nDate: Sun, 12 Oct 2008 07:13:17 +0100\nThread-Index: Aca6Q862Q89QD80AN22RHXR0U7WZ6w==\n" PLAIN,
	  .absent = "client.thread_index_*" },
	{ .name = "Zimbra fills it with chance",
	  .message = HEAD DATE "Thread-Index: Z4di5DXkV78PrTTCqXhStc9XBmMYjg==\n" PLAIN,
	  .absent = "client.thread_index_*" },
};

CHECK_TEST_MAIN(client_clock, cases)
