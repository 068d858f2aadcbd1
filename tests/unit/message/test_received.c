/* message/received: a line of every server, in parts. */
#include "base/limits.h"
#include "message/received.h"
#include "tests/test.h"

static const struct {
	const char *line;
	enum received_class class;
	enum received_writer writer;
	const char *ip, *rdns, *helo, *by, *with, *id, *auth, *recipient, *envelope_from; /* NULL: none */
} cases[] = {
	{ "from mail.example.net (out-7.example.net [198.51.100.7]) (using TLSv1.2 with cipher X (256/256 bits)) by mx.example.com "
	  "(Postfix) with ESMTPS id 4F2A1B0C for "
	  "<b@example.com>; Tue,  3 Mar 2009 10:00:05 +0100 (CET)",
	  RECEIVED_RELAY, RECEIVED_BY_POSTFIX, "198.51.100.7", "out-7.example.net", "mail.example.net", "mx.example.com", "ESMTPS",
	  "4F2A1B0C", NULL, "b@example.com", NULL },
	{ "from [10.1.2.3] (unknown [198.51.100.7]) (Authenticated sender: ann) by mx.example.com (Postfix) with ESMTPSA id 4F2A1B0C; Tue, "
	  "3 Mar 2009 10:00:05 +0100",
	  RECEIVED_RELAY, RECEIVED_BY_POSTFIX, "198.51.100.7", NULL, "[10.1.2.3]", "mx.example.com", "ESMTPSA", "4F2A1B0C", "Postfix", NULL,
	  NULL },
	{ "from gate (root@gate.example.net [198.51.100.7] (may be forged)) by mx.example.com (8.14.3/8.14.3/Debian-5) with ESMTP id "
	  "n239A5x1004711 for <b@example.com>; "
	  "Tue, 3 Mar 2009 10:00:05 +0100",
	  RECEIVED_RELAY, RECEIVED_BY_SENDMAIL, "198.51.100.7", "gate.example.net", "gate", "mx.example.com", "ESMTP", "n239A5x1004711",
	  NULL, "b@example.com", NULL },
	{ "from out.example.net ([198.51.100.7] helo=box) by mx.example.com with esmtpsa (TLSv1:AES256-SHA:256) (Exim 4.69) (envelope-from "
	  "<a@example.org>) id "
	  "1LeQ5B-0001aZ-Qx for b@example.com; Tue, 03 Mar 2009 09:00:05 +0000",
	  RECEIVED_RELAY, RECEIVED_BY_EXIM, "198.51.100.7", "out.example.net", "box", "mx.example.com", "esmtpsa", "1LeQ5B-0001aZ-Qx",
	  "esmtpsa", "b@example.com", "a@example.org" },
	{ "from [198.51.100.7] (port=52666 helo=[127.0.0.1]) by mx.example.com with esmtp (Exim 4.95) id 1LeQ5B-0001aZ-Qx; Tue, 03 Mar "
	  "2009 09:00:05 +0000",
	  RECEIVED_RELAY, RECEIVED_BY_EXIM, "198.51.100.7", NULL, "[127.0.0.1]", "mx.example.com", "esmtp", "1LeQ5B-0001aZ-Qx", NULL, NULL,
	  NULL },
	{ "from unknown (HELO box) (198.51.100.7) by mx.example.com with SMTP; 3 Mar 2009 09:00:05 -0000", RECEIVED_RELAY,
	  RECEIVED_BY_UNKNOWN, "198.51.100.7", NULL, "box", "mx.example.com", "SMTP", NULL, NULL, NULL, NULL },
	{ "(qmail 4711 invoked by uid 89); 3 Mar 2009 09:00:05 -0000", RECEIVED_IGNORE, RECEIVED_BY_QMAIL, NULL, NULL, NULL, NULL, NULL,
	  NULL, NULL, NULL, NULL },
	{ "from out.example.net (198.51.100.7) by hub.example.com (192.0.2.5) with Microsoft SMTP Server (version=TLS1_2) id 15.20.5880.11 "
	  "via Frontend Transport; "
	  "Tue, 3 Mar 2009 09:00:05 +0000",
	  RECEIVED_RELAY, RECEIVED_BY_EXCHANGE, "198.51.100.7", NULL, "out.example.net", "hub.example.com", "Microsoft SMTP Server",
	  "15.20.5880.11", NULL, NULL, NULL },
	{ "from A.example.com ([fe80::1%12]) by B.example.com ([2001:db8::5%7]) with mapi id 15.20.5880.011; Tue, 3 Mar 2009 09:00:05 "
	  "+0000",
	  RECEIVED_RELAY, RECEIVED_BY_EXCHANGE, "fe80::1", NULL, "A.example.com", "B.example.com", "mapi", "15.20.5880.011", NULL, NULL,
	  NULL },
	{ "from out.example.net (out.example.net. [2001:db8::7]) by mx.google.com with ESMTPS id x12si1.2009.03.03.01.00.05 for "
	  "<b@example.com> (version=TLS1); "
	  "Tue, 03 Mar 2009 01:00:05 -0800 (PST)",
	  RECEIVED_RELAY, RECEIVED_BY_GMAIL, "2001:db8::7", "out.example.net.", "out.example.net", "mx.google.com", "ESMTPS",
	  "x12si1.2009.03.03.01.00.05", NULL, "b@example.com", NULL },
	{ "by 10.142.1.2 with SMTP id h5cs12345wxn; Tue, 3 Mar 2009 01:00:05 -0800 (PST)", RECEIVED_IGNORE, RECEIVED_BY_UNKNOWN, NULL, NULL,
	  NULL, "10.142.1.2", "SMTP", "h5cs12345wxn", NULL, NULL, NULL },
	{ "from out.example.net ([198.51.100.7]) by hub.example.com (Lotus Domino Release 8.5) with ESMTP id 2009030310000512-4711; Tue, 3 "
	  "Mar 2009 10:00:05 +0100",
	  RECEIVED_RELAY, RECEIVED_BY_LOTUS, "198.51.100.7", NULL, "out.example.net", "hub.example.com", "ESMTP", "2009030310000512-4711",
	  NULL, NULL, NULL },
	{ "from [198.51.100.7] (account ann@example.com HELO box) by mx.example.com (CommuniGate Pro SMTP 5.2) with ESMTPSA id 4711 for "
	  "b@example.com; Tue, 03 Mar 2009 09:00:05 +0000",
	  RECEIVED_RELAY, RECEIVED_BY_COMMUNIGATE, "198.51.100.7", NULL, "box", "mx.example.com", "ESMTPSA", "4711", "ESMTPSA",
	  "b@example.com", NULL },
	{ "from imap.example.com [198.51.100.7] by localhost with IMAP (fetchmail-6.3) for <ann@localhost> (single-drop); Tue, 03 Mar 2009 "
	  "09:00:05 +0000",
	  RECEIVED_IGNORE, RECEIVED_BY_FETCHMAIL, "198.51.100.7", NULL, "imap.example.com", "localhost", "IMAP", NULL, NULL,
	  "ann@localhost", NULL },
	{ "from 198.51.100.7 (SquirrelMail authenticated user ann); by webmail.example.com with HTTP; Tue, 3 Mar 2009 09:00:05 +0000",
	  RECEIVED_RELAY, RECEIVED_BY_WEBMAIL, "198.51.100.7", NULL, NULL, "webmail.example.com", "HTTP", NULL, "HTTP", NULL, NULL },
	{ "from mx.example.net (HELO mx) ([::ffff:198.51.100.7]) by mx.example.com with ESMTP; 3 Mar 2009 09:00:05 -0000", RECEIVED_RELAY,
	  RECEIVED_BY_UNKNOWN, "198.51.100.7", "mx.example.net", "mx", "mx.example.com", "ESMTP", NULL, NULL, NULL, NULL },
	{ "from out.example.net ([198.51.100.7]:53343 \"EHLO box\" rhost-flags-OK-FAIL-OK-OK) by mx.example.com with ESMTP id S1726788; "
	  "Tue, 3 Mar 2009 09:00:05 +0000",
	  RECEIVED_RELAY, RECEIVED_BY_UNKNOWN, "198.51.100.7", "out.example.net", "box", "mx.example.com", "ESMTP", "S1726788", NULL, NULL,
	  NULL },
	{ "from ann by mx.example.com with local (Exim 4.69) id 1LeQ5B-0001aZ-Qx; Tue, 03 Mar 2009 09:00:05 +0000", RECEIVED_IGNORE,
	  RECEIVED_BY_EXIM, NULL, NULL, "ann", "mx.example.com", "local", "1LeQ5B-0001aZ-Qx", NULL, NULL, NULL },
	{ "nonsense", RECEIVED_UNPARSEABLE, RECEIVED_BY_UNKNOWN, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL },
	{ "", RECEIVED_UNPARSEABLE, RECEIVED_BY_UNKNOWN, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL },
};

static bool same(const char *line, const char *what, struct span got, const char *want)
{
	if (span_eq(got, span_cstr(want)))
		return true;
	print_error("%.60s...: %s is \"%.*s\", want \"%s\"\n", line, what, SPAN_ARG(got), want ? want : "");
	return false;
}

static void lines(void **state)
{
	struct arena arena;
	bool ok = true;
	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct received r;
		char ip[IP_TEXT_MAX];
		const char *line = cases[i].line;
		received_parse(span_cstr(line), &arena, &r);
		ok &= same(line, "class", span_cstr(received_class_name(r.class)), received_class_name(cases[i].class));
		ok &= same(line, "writer", span_cstr(received_writer_name(r.writer)), received_writer_name(cases[i].writer));
		ok &= same(line, "ip", r.has_ip ? span_of(ip, ip_format(&r.ip, ip)) : span_none, cases[i].ip);
		ok &= same(line, "rdns", r.rdns, cases[i].rdns) & same(line, "helo", r.helo, cases[i].helo) &
		      same(line, "by", r.by, cases[i].by);
		ok &= same(line, "with", r.with, cases[i].with) & same(line, "id", r.id, cases[i].id) &
		      same(line, "auth", r.auth, cases[i].auth);
		ok &= same(line, "for", r.recipient, cases[i].recipient) &
		      same(line, "envelope-from", r.envelope_from, cases[i].envelope_from);
		if (cases[i].class != RECEIVED_UNPARSEABLE && (!r.has_time || r.time.seconds != 1236070805))
			ok &= same(line, "time", span_none, "2009-03-03 09:00:05");
	}
	arena_release(&arena);
	assert_true(ok);
}

/* Delimiters that never close, and more items than are kept: linear, and no byte beyond the limit is looked at. */
static void hostile(void **state)
{
	static uint8_t bytes[1 << 20];
	struct arena arena;
	struct received r;
	(void)state;
	arena_init(&arena);
	for (const char *c = "(<[\"; \\a"; *c; c++) {
		memset(bytes, *c, sizeof bytes);
		memcpy(bytes, "from a ([198.51.100.7]) by b ", 29);
		received_parse(span_of(bytes, sizeof bytes), &arena, &r);
		assert_true(r.has_ip && r.by.n == 1);
		assert_true(r.from_clause.p + r.from_clause.n <= bytes + LIMIT_RECEIVED_BYTES);
	}
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(lines), cmocka_unit_test(hostile) };
	return cmocka_run_group_tests_name("message/received", tests, NULL, NULL);
}
