/* check/free_mail: addresses of free-mail services that no server of the service saw. */
#include "tests/check_test.h"
#include "tests/unit/check/mail.h"

static const struct check_case cases[] = {
	{ .name = "by a stranger", .message = BROUGHT_BY(ELSEWHERE) "From: a@yahoo.com\n" TO_ME REST, .present = "free_mail.not_through" },
	{ .name = "greeting in its name",
	  .message = BROUGHT_BY("mx1.mail.yahoo.com (p5d8184e2.pool.provider.example [198.51.100.7])") "From: a@yahoo.com\n" TO_ME REST,
	  .present = "free_mail.not_through free_mail.helo" },
	{ .name = "by the service",
	  .message =
	      BROUGHT_BY("sonic.gate.mail.ne1.yahoo.com (sonic.gate.mail.ne1.yahoo.com [198.51.100.7])") "From: a@yahoo.com\n" TO_ME REST,
	  .absent = "free_mail.*" },
	{ .name = "its Message-ID",
	  .message = BROUGHT_BY(ELSEWHERE) "From: a@gmail.com\nMessage-ID: <CA+1@mail.gmail.com>\n" TO_ME "\nx\n",
	  .absent = "free_mail.*" },
	{ .name = "through a list",
	  .message = BROUGHT_BY(ELSEWHERE) "From: a@yahoo.com\nList-Id: <x.example.org>\n" TO_ME REST,
	  .present = "free_mail.not_through_list",
	  .absent = "free_mail.not_through" },
	{ .name = "no free mail", .message = BROUGHT_BY(ELSEWHERE) "From: a@elsewhere.example\n" TO_ME REST, .absent = "free_mail.*" },
};

CHECK_TEST_MAIN(free_mail, cases)
