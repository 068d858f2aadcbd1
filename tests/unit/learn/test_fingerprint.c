/* learn/fingerprint: one message is the same by every way it reaches us, and another one is not. */
#include "learn/fingerprint.h"
#include "tests/test.h"

#define TOP "From: A <a@example.org>\nTo: b@example.net\nSubject: lunch\nMessage-ID: <1@example.org>\n"
#define BODY "\nSee you at nine.\nFrom here it is a mile.\n"

static struct arena arena;

static struct fingerprint taken(const char *text)
{
	struct message message;
	struct fingerprint fingerprint;
	message_parse(span_cstr(text), &arena, &message);
	fingerprint_take(&message, &fingerprint);
	return fingerprint;
}

static bool same(const char *a, const char *b)
{
	struct fingerprint one = taken(a), two = taken(b);
	return memcmp(&one, &two, sizeof one) == 0;
}

static void same_message(void **state)
{
	static const char *const copies[] = {
		TOP BODY,
		/* seen while it arrives, and delivered */
		"Received: from mail.example.org (mail.example.org [192.0.2.7]) by mx.example.net; Mon, 2 Mar 2026 10:00:00 +0000\n" TOP
		    BODY,
		"Return-Path: <a@example.org>\nDelivered-To: b@example.net\nAuthentication-Results: mx.example.net; spf=pass\n"
		"X-Postern-Verdict: accept\nX-Spam-Status: No\nReceived: by mx.example.net; Mon, 2 Mar 2026 10:00:00 +0000\n" TOP
		"DKIM-Signature: v=1; b=abc\nARC-Seal: i=1; b=def\n" BODY,
		/* in an mbox, whose writer quotes From, and whose reader kept flags and the empty line at the end */
		"From a@example.org Mon Mar  2 10:00:00 2026\n" TOP "Status: RO\nX-UID: 7\n"
		"\nSee you at nine.\n>From here it is a mile.\n\n",
		/* line ends of the wire */
		"From: A <a@example.org>\r\nTo: b@example.net\r\nSubject: lunch\r\nMessage-ID: <1@example.org>\r\n\r\nSee you at nine.\r\n"
		"From here it is a mile.\r\n",
		/* a server that spells names its own way */
		"from:A <a@example.org>\nTO: b@example.net\nSubject: lunch \nMessage-Id: <1@example.org>\n" BODY,
	};
	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < COUNT(copies); i++)
		if (!same(copies[0], copies[i]))
			fail_msg("copy %zu is taken for another message", i);
	arena_release(&arena);
}

static void other_message(void **state)
{
	static const char *const others[] = {
		TOP BODY,
		TOP "\nSee you at ten.\nFrom here it is a mile.\n",
		TOP "\nSee you at nine.\n\nFrom here it is a mile.\n",
		TOP "\nSee you at nine.\n> From here it is a mile.\n",
		TOP "\n> See you at nine.\nFrom here it is a mile.\n",
		"To: b@example.net\nFrom: A <a@example.org>\nSubject: lunch\nMessage-ID: <1@example.org>\n" BODY,
		"From: A <a@example.org>\nTo: b@example.net\nSubject: lunch\nMessage-ID: <2@example.org>\n" BODY,
		TOP "X-Mailer: x\n" BODY,
		TOP,
		TOP "Subject: See you at nine.\n\nFrom here it is a mile.\n",
		"",
		"\n\nx",
		"x",
	};
	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < COUNT(others); i++)
		for (size_t k = 0; k < i; k++)
			if (same(others[i], others[k]))
				fail_msg("%zu and %zu are taken for one message", k, i);
	arena_release(&arena);
}

/* What stands in files today must be found again by every later version, on every machine. */
static void never_changes(void **state)
{
	static const uint8_t wanted[16] = {
		0x9f, 0xb0, 0x23, 0xed, 0x87, 0xef, 0x34, 0x02, 0x02, 0xd1, 0xa5, 0x0a, 0x6c, 0xaf, 0x83, 0x07
	};
	(void)state;
	arena_init(&arena);
	struct fingerprint fingerprint = taken(TOP BODY);
	for (size_t i = 0; i < sizeof wanted; i++)
		if (fingerprint.b[i] != wanted[i])
			fail_msg("byte %zu is 0x%02x", i, fingerprint.b[i]);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(same_message), cmocka_unit_test(other_message),
					    cmocka_unit_test(never_changes) };
	return cmocka_run_group_tests_name("learn/fingerprint", tests, NULL, NULL);
}
