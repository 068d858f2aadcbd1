/* tests/unit/check/mail.h - the top of messages for the tests of who sent them: by our server, from a machine of our choice. */
#ifndef TESTS_UNIT_CHECK_MAIL_H
#define TESTS_UNIT_CHECK_MAIL_H

/* from: "name (rdns [ip])" as Postfix writes it; to somebody at ours.example */
#define BROUGHT_BY(from)                                                                                                                   \
	"Received: from " from                                                                                                             \
	"\n\tby mx.ours.example (Postfix) with ESMTP id 4B1C23F0A1\n\tfor <me@ours.example>; Mon, 19 Oct 2026 12:20:31 +0000\n"
#define ELSEWHERE "mail.elsewhere.example (mail.elsewhere.example [198.51.100.7])"
#define DIALUP "pc (p5d8184e2.dip.pool.provider.example [93.129.132.226])"
#define TO_ME "To: me@ours.example\n"
#define REST "Date: Mon, 19 Oct 2026 12:20:30 +0000\nMessage-ID: <20261019122030.4711@elsewhere.example>\nSubject: hello\n\nhello\n"

#endif
