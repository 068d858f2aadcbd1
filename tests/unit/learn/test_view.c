/* learn/view: a message seen on the wire and its copy in a mailbox read the same and give the same features, in every view and with the
 * evidence of the checks; each byte of a view stands where its place says; and hostile messages stay within the bounds. */
#include "learn/view.h"
#include "tests/learn_test.h"

/* ---- seen live, and delivered ---- */

struct twin {
	const char *name;
	const char *trusted;                             /* blank-separated networks, or NULL: inferred */
	const char *ip, *rdns, *helo, *mail_from, *rcpt; /* the live connection */
	const char *auth;                                /* or NULL */
	const char *now;                                 /* the clock when it arrives: what delivery writes into its line */
	const char *added;                               /* on top of the delivered copy */
	const char *message;                             /* as sent */
};

#define ALL_MARKS                                                                                                                          \
	"Return-Path: <a@sender.example>\nDelivered-To: b@home.example\nX-Original-To: b@home.example\n"                                   \
	"X-Spam-Checker-Version: Other 3.4\nX-Spam-Status: Yes, score=9.1 tests=VIAGRA\n\tautolearn=no\nX-Spam-Flag: YES\n"                \
	"X-Postern-Verdict: reject; probability=0.99\nAuthentication-Results: mx.home.example; spf=fail smtp.mailfrom=a@sender.example;\n" \
	"\tdkim=none; dmarc=fail\nReceived-SPF: fail (mx.home.example: not permitted)\n"

#define PLAIN                                                                                                                              \
	"Received: from desk.sender.example (desk.sender.example [203.0.113.77])\n\tby mail.sender.example (Postfix) with ESMTPSA id 9;\n" \
	"\tMon, 2 Mar 2026 09:59:50 +0000\n"                                                                                               \
	"DKIM-Signature: v=1; a=rsa-sha256; d=sender.example; s=k;\n\th=from:to:subject; bh=Zm9vYmFy; b=Zm9v\n\tYmFy\n"                    \
	"From: =?utf-8?q?Anna_Beisp=C3=ADel?= <a@sender.example>\nTo: \"Bernd\"\n <b@home.example>\nSubject: Minutes of\n\tTuesday\n"      \
	"Date: Mon, 2 Mar 2026 10:59:48 +0100\nMessage-ID: <20260302095948.1@desk.sender.example>\nMIME-Version: 1.0\n"                    \
	"User-Agent: Mutt/2.2\nContent-Type: text/plain; charset=utf-8;\n\tformat=flowed\nContent-Transfer-Encoding: 8bit\n\n"             \
	"Hello Bernd,\n\nhere are the minutes: https://files.sender.example/minutes?id=7\n\nGr\xc3\xbc\xc3\x9f"                            \
	"e, Anna\n"

#define BAIT                                                                                                                               \
	"From: \"PayPal Service\" <service@paypa1-secure.example>\nReply-To: win@free.example\nTo: undisclosed-recipients:;\n"             \
	"Subject: =?utf-8?b?WW91ciBhY2NvdW50IGlzIGxpbWl0ZWQh?=\nDate: Mon, 2 Mar 2026 12:00:00 +0000\nMIME-Version: 1.0\n"                 \
	"X-Mailer: Microsoft Outlook Express 6.00.2900.2180\nContent-Type: multipart/mixed; boundary=\"--x\"\n\n----x\n"                   \
	"Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n<html><body>Dear customer,<br>\n"          \
	"<a href=3D\"http://198.51.100.9/pay=\npal/login.php\">https://www.paypal.com/</a>\n<div style=3D\"display:none\">quiet "          \
	"words</div>\n<form action=3D\"http://198.51.100.9/x\"><input type=3Dpassword name=3Dpin></form></body></html>\n----x\n"           \
	"Content-Type: application/zip; name=\"invoice.pdf.exe\"\nContent-Disposition: attachment;\n filename=\"invoice.pdf.exe\"\n"       \
	"Content-Transfer-Encoding: base64\n\n"                                                                                            \
	"TVqQAAMAAAAEAAAA//8AALgAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"                                                       \
	"TVqQAAMAAAAEAAAA//8AALgAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"                                                       \
	"AAAA\n----x--\n"

#define LIST                                                                                                                               \
	"Received: from lists.group.example (localhost [127.0.0.1])\n\tby lists.group.example (Postfix) with ESMTP id 5;\n"                \
	"\tMon,  2 Mar 2026 09:00:02 +0000 (UTC)\nReceived: from a.example (a.example [203.0.113.8])\n\tby lists.group.example (Postfix) " \
	"with ESMTPS id 6;\n\tMon,  2 Mar 2026 09:00:00 +0000 (UTC)\nFrom: c@a.example\nTo: talk@lists.group.example\n"                    \
	"Subject: Re: [talk] patch\nDate: Mon, 02 Mar 2026 08:59:58 +0000\nMessage-ID: <x1@a.example>\nIn-Reply-To: <x0@b.example>\n"      \
	"List-Id: talk <talk.lists.group.example>\nList-Unsubscribe: <mailto:talk-leave@lists.group.example>\nPrecedence: list\n\n"        \
	"> old\nnew words\n_______\ntalk mailing list\n"

#define OWN                                                                                                                                \
	"From: b@home.example\nTo: d@other.example\nSubject: Offer\nDate: Mon, 02 Mar 2026 09:59:58 +0000\n"                               \
	"Message-ID: <y1@home.example>\nUser-Agent: Thunderbird\n\nAs discussed.\n"

static const struct twin twins[] = {
	{ "Postfix, networks inferred", NULL, "203.0.113.5", "mail.sender.example", "mail.sender.example", "<a@sender.example>",
	  "<b@home.example>", NULL, "2026-03-02T10:00:00Z",
	  ALL_MARKS "Received: from mail.sender.example (mail.sender.example [203.0.113.5])\n\t(using TLSv1.3 with cipher "
		    "TLS_AES_256_GCM_SHA384 (256/256 bits))\n\tby mx.home.example (Postfix) with ESMTPS id 4AB\n\tfor <b@home.example>; "
		    "Mon,  2 Mar 2026 10:00:00 +0000 (UTC)\n",
	  PLAIN },
	{ "a filter on the same machine, networks set", "192.0.2.0/24 127.0.0.0/8", "203.0.113.5", "mail.sender.example",
	  "mail.sender.example", "<a@sender.example>", "<b@home.example>", NULL, "2026-03-02T10:00:00Z",
	  ALL_MARKS "Received: from localhost (localhost [127.0.0.1])\n\tby mx.home.example (Postfix) with ESMTP id 4AC\n"
		    "\tfor <b@home.example>; Mon,  2 Mar 2026 10:00:00 +0000 (UTC)\n"
		    "Received: from mail.sender.example (mail.sender.example [203.0.113.5])\n"
		    "\tby mx.home.example (Postfix) with ESMTPS id 4AB\n\tfor <b@home.example>; Mon,  2 Mar 2026 10:00:00 +0000 (UTC)\n",
	  PLAIN },
	{ "two servers of ours", NULL, "203.0.113.5", "mail.sender.example", "mail.sender.example", "<a@sender.example>",
	  "<b@home.example>", NULL, "2026-03-02T10:00:00Z",
	  ALL_MARKS "Received: from mx.home.example ([10.0.0.2])\n\tby store.home.example with LMTP\n\tid a1; Mon, 02 Mar 2026 10:00:00 "
		    "+0000\nReceived: from mail.sender.example (mail.sender.example [203.0.113.5])\n"
		    "\tby mx.home.example (Postfix) with ESMTPS id 4AB\n\tfor <b@home.example>; Mon,  2 Mar 2026 10:00:00 +0000 (UTC)\n",
	  PLAIN },
	{ "Exim, IPv6", NULL, "2001:db8:1::25", "mail.sender.example", "mail.sender.example", "<a@sender.example>", "<b@home.example>",
	  NULL, "2026-03-02T10:00:00Z",
	  "Return-path: <a@sender.example>\nEnvelope-to: b@home.example\nDelivery-date: Mon, 02 Mar 2026 10:00:00 +0000\n"
	  "Received: from mail.sender.example ([2001:db8:1::25])\n\tby mx.home.example with esmtps (TLS1.3) tls TLS_AES_256_GCM_SHA384\n"
	  "\t(Exim 4.96)\n\t(envelope-from <a@sender.example>)\n\tid 1abcde-000001-2x\n\tfor b@home.example;\n"
	  "\tMon, 02 Mar 2026 10:00:00 +0000\n",
	  PLAIN },
	{ "no reverse name, spam", NULL, "198.51.100.7", NULL, "WIN-PC7", "<bounce@free.example>", "<b@home.example>", NULL,
	  "2026-03-02T10:00:00Z",
	  "Return-Path: <bounce@free.example>\nDelivered-To: b@home.example\nAuthentication-Results: mx.home.example; spf=none\n"
	  "Received: from WIN-PC7 (unknown [198.51.100.7])\n\tby mx.home.example (Postfix) with SMTP id 4AB\n"
	  "\tfor <b@home.example>; Mon,  2 Mar 2026 10:00:00 +0000 (UTC)\n",
	  BAIT },
	{ "no reverse name, spam, networks set", "192.0.2.0/24", "198.51.100.7", NULL, "WIN-PC7", "<>", "<b@home.example>", NULL,
	  "2026-03-02T10:00:00Z",
	  "Return-Path: <>\nDelivered-To: b@home.example\nReceived: from WIN-PC7 (unknown [198.51.100.7])\n"
	  "\tby mx.home.example (Postfix) with SMTP id 4AB\n\tfor <b@home.example>; Mon,  2 Mar 2026 10:00:00 +0000 (UTC)\n",
	  BAIT },
	{ "Sendmail, a mailing list", NULL, "203.0.113.80", "lists.group.example", "lists.group.example",
	  "<talk-bounces@lists.group.example>", "<b@home.example>", NULL, "2026-03-02T10:00:00Z",
	  "Return-Path: <talk-bounces@lists.group.example>\nDelivered-To: <b@home.example>\n"
	  "Received: from lists.group.example (lists.group.example [203.0.113.80])\n\tby mx.home.example (8.17.1/8.17.1) with ESMTPS id "
	  "622A0\n\tfor <b@home.example>; Mon, 2 Mar 2026 10:00:00 GMT\nX-Spam-Level: *\nX-Spam-Flag: NO\n",
	  LIST },
	{ "names in capitals", NULL, "203.0.113.5", "Mail.SENDER.example", "MAIL.Sender.Example", "<A@Sender.example>", "<b@home.example>",
	  NULL, "2026-03-02T10:00:00Z",
	  "Return-Path: <A@Sender.example>\nReceived: from MAIL.Sender.Example (Mail.SENDER.example [203.0.113.5])\n"
	  "\tby mx.home.example (Postfix) with ESMTPS id 4AB\n\tfor <b@home.example>; Mon,  2 Mar 2026 10:00:00 +0000 (UTC)\n",
	  PLAIN },
	{ "a server that says unknown, a greeting of two words", NULL, "198.51.100.7", "unknown", "my pc", "<bounce@free.example>",
	  "<b@home.example>", NULL, "2026-03-02T10:00:00Z",
	  "Return-Path: <bounce@free.example>\nReceived: from my pc (unknown [198.51.100.7])\n"
	  "\tby mx.home.example (Postfix) with SMTP id 4AB\n\tfor <b@home.example>; Mon,  2 Mar 2026 10:00:00 +0000 (UTC)\n",
	  BAIT },
	{ "an empty name", NULL, "198.51.100.7", "", "localhost", "<bounce@free.example>", "<b@home.example>", NULL, "2026-03-02T10:00:00Z",
	  "Return-Path: <bounce@free.example>\nReceived: from localhost (unknown [198.51.100.7])\n"
	  "\tby mx.home.example (Postfix) with SMTP id 4AB\n\tfor <b@home.example>; Mon,  2 Mar 2026 10:00:00 +0000 (UTC)\n",
	  BAIT },
	{ "one of ours sends", NULL, "198.51.100.20", "dsl-20.isp.example", "[192.168.1.5]", "<b@home.example>", "<d@other.example>", "b",
	  "2026-03-02T10:00:00Z",
	  "Received: from [192.168.1.5] (dsl-20.isp.example [198.51.100.20])\n\t(Authenticated sender: b)\n"
	  "\tby mx.home.example (Postfix) with ESMTPSA id 4AD\n\tfor <d@other.example>; Mon,  2 Mar 2026 10:00:00 +0000 (UTC)\n",
	  OWN },
	{ "one of ours sends, networks set", "192.0.2.0/24", "198.51.100.20", "dsl-20.isp.example", "[192.168.1.5]", "<b@home.example>",
	  "<d@other.example>", "b", "2026-03-02T10:00:00Z",
	  "Received: from [192.168.1.5] (dsl-20.isp.example [198.51.100.20])\n\t(Authenticated sender: b)\n"
	  "\tby mx.home.example (Postfix) with ESMTPSA id 4AD\n\tfor <d@other.example>; Mon,  2 Mar 2026 10:00:00 +0000 (UTC)\n",
	  OWN },
};

static void trust(struct learn_seen *seen, const char *networks, struct arena *arena)
{
	VEC(struct ip_net) nets = { 0 };
	struct span rest = networks ? span_cstr(networks) : span_none, one;
	while (span_split(&rest, ' ', &one))
		assert_true(ip_net_parse(one, vec_push(arena, &nets)));
	seen->options.settings.trusted_networks.v = nets.v;
	seen->options.settings.trusted_networks.n = nets.n;
}

static bool same_text(const char *name, const char *view, const struct view *a, const struct view *b)
{
	struct span live = buf_span(&a->text), copy = buf_span(&b->text);
	if (span_eq(live, copy))
		return true;
	size_t at = 0;
	while (at < live.n && at < copy.n && live.p[at] == copy.p[at])
		at++;
	print_error("%s: %s differs at %zu:\n  live \"%.*s\"\n  copy \"%.*s\"\n", name, view, at,
		    SPAN_ARG(span_first(span_skip(live, at > 40 ? at - 40 : 0), 120)),
		    SPAN_ARG(span_first(span_skip(copy, at > 40 ? at - 40 : 0), 120)));
	return false;
}

static bool same_features(const char *name, const struct features *a, const struct features *b)
{
	for (unsigned v = 0; v < FEATURES_VIEWS; v++)
		if (a->of[v].n != b->of[v].n || memcmp(a->of[v].cell, b->of[v].cell, a->of[v].n * sizeof *a->of[v].cell) != 0) {
			print_error("%s: the features of view %u differ\n", name, v);
			return false;
		}
	return true;
}

static void live_and_delivered(void **state)
{
	bool ok = true;
	(void)state;
	for (size_t i = 0; i < COUNT(twins); i++) {
		const struct twin *t = &twins[i];
		static struct learn_seen live, copy;
		struct arena arena;
		arena_init(&arena);
		learn_begin(&live);
		learn_begin(&copy);
		trust(&live, t->trusted, &arena);
		trust(&copy, t->trusted, &arena);
		struct span recipient = span_cstr(t->rcpt);
		struct connection *c = &live.options.connection;
		c->has_ip = ip_parse(span_cstr(t->ip), &c->ip);
		c->rdns = span_cstr(t->rdns);
		c->helo = span_cstr(t->helo);
		c->mail_from = span_cstr(t->mail_from);
		c->auth_user = span_cstr(t->auth);
		c->recipients = &recipient;
		c->n_recipients = 1;
		assert_true(clock_parse(span_cstr(t->now), &live.options.now));
		learn_see(&live, learn_crlf(span_cstr(t->message), &arena));
		learn_see(&copy, arena_printf(&arena, "%s%s", t->added, t->message));
		assert_true(live.views.raw.text.n && live.views.text.text.n && live.views.fields.text.n);
		ok &= same_text(t->name, "RAW", &live.views.raw, &copy.views.raw);
		ok &= same_text(t->name, "TEXT", &live.views.text, &copy.views.text);
		ok &= same_text(t->name, "FIELDS", &live.views.fields, &copy.views.fields);
		ok &= same_features(t->name, &live.features, &copy.features);
		learn_release(&live);
		learn_release(&copy);
		arena_release(&arena);
	}
	assert_true(ok);
}

/* ---- places ---- */

static uint8_t low(uint8_t c) { return c >= 'A' && c <= 'Z' ? c | 0x20 : c; }

static struct span space_of(const struct learn_seen *seen, const struct place *place)
{
	if (place->in == PLACE_RAW)
		return seen->judgement.message->raw;
	for (uint32_t i = 0; i < seen->judgement.content->bodies.n; i++)
		if (seen->judgement.content->bodies.v[i].part == place->part)
			return seen->judgement.content->bodies.v[i].text;
	return span_none;
}

/* Bytes of exact pieces that do not stand where their place says; *exact counts all of them. */
static unsigned misplaced(const struct learn_seen *seen, const struct view *view, unsigned *exact)
{
	unsigned wrong = 0;
	for (uint32_t p = 0; p < view->pieces.n; p++) {
		uint32_t end = p + 1 < view->pieces.n ? view->pieces.v[p + 1].at : (uint32_t)view->text.n;
		for (uint32_t at = view->pieces.v[p].at; view->pieces.v[p].exact && at < end; at++) {
			struct place place = view_place(view, at, at + 1);
			int there = span_at(space_of(seen, &place), place.from);
			++*exact;
			/* A line end may be ours, put behind the last line. */
			wrong += (there < 0 || low((uint8_t)there) != low(view->text.p[at])) && view->text.p[at] != '\n';
		}
	}
	return wrong;
}

static void places(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * COUNT(twins); i++) {
		static struct learn_seen seen;
		struct arena arena;
		unsigned exact = 0;
		arena_init(&arena);
		learn_begin(&seen);
		struct span message = arena_printf(&arena, "%s%s", twins[i / 2].added, twins[i / 2].message);
		learn_see(&seen, i % 2 ? learn_crlf(message, &arena) : message);
		assert_int_equal(misplaced(&seen, &seen.views.raw, &exact), 0);
		assert_true(exact > 100);
		exact = 0;
		assert_int_equal(misplaced(&seen, &seen.views.text, &exact), 0);
		assert_true(exact > 10);
		learn_release(&seen);
		arena_release(&arena);
	}
}

/* Where no byte stands for another the place is that of the whole: the field, the part. */
static void whole_places(void **state)
{
	static struct learn_seen seen;
	(void)state;
	learn_begin(&seen);
	learn_see(&seen, SPAN("From: a@b.example\nSubject: =?utf-8?q?L=C3=B6we?=\n\nbody\n"));
	struct span text = buf_span(&seen.views.text.text), raw = seen.judgement.message->raw;
	assert_true(span_starts(text, SPAN("l\xc3\xb6we\nbody\n")));
	struct place place = view_place(&seen.views.text, 0, 3);
	assert_span(span_slice(raw, place.from, place.to), "Subject: =?utf-8?q?L=C3=B6we?=\n");
	text = buf_span(&seen.views.fields.text);
	size_t at = span_find(text, SPAN("from.addr:a@b.example"), 0);
	assert_true(at != SPAN_NPOS);
	place = view_place(&seen.views.fields, (uint32_t)at, (uint32_t)at + 4);
	assert_true(span_has(span_slice(raw, place.from, place.to), SPAN("a@b.example")));
	learn_release(&seen);

	struct view empty = { 0 };
	place = view_place(&empty, 0, 4);
	assert_int_equal(place.to, 0);

	/* A body of nothing leaves a line end that stands nowhere in the message. */
	struct view_piece late = { .at = 1, .exact = true, .place = { .from = 10, .to = 20 } };
	struct view view = { .pieces = { &late, 1, 1 } };
	place = view_place(&view, 0, 3);
	assert_int_equal(place.from, 10);
	assert_int_equal(place.to, 12);
	place = view_place(&view, 0, 1);
	assert_int_equal(place.from, place.to);
}

/* ---- what a person sees ---- */

static void visible_text(void **state)
{
	static const struct {
		const char *message, *text;
	} cases[] = {
		{ "Subject: Hello\n\nBig WORDS\n", "hello\nbig words\n\n" },
		{ "\nno subject\n", "no subject\n\n" },
		{ "Subject: x\n\nvi\xe2\x80\x8b"
		  "ag\xc2\xad"
		  "ra\xe2\x80\xae!\n",
		  "x\nviagra!\n\n" },
		{ "Subject: x\n\n\xf0\x9d\x95\xa8\xf0\x9d\x95\x9a\xf0\x9d\x95\x9f money\n", "x\nwin money\n\n" },
		{ "Subject: x\nContent-Type: text/html\n\n<p>seen<!-- not this --><div style='display:none'>nor this</div><br>here</p>",
		  "x\nseen\nhere\n" },
		{ "Subject: x\nContent-Transfer-Encoding: base64\n\nSGVsbG8NCldvcmxk\n", "x\nhello\nworld\n" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		static struct learn_seen seen;
		learn_begin(&seen);
		learn_see(&seen, span_cstr(cases[i].message));
		assert_span(buf_span(&seen.views.text.text), cases[i].text);
		learn_release(&seen);
	}
}

/* Base64 hides neither what follows it, nor fills the view. */
static void base64_in_raw(void **state)
{
	static struct learn_seen seen;
	struct arena arena;
	struct buf mail;
	(void)state;
	arena_init(&arena);
	buf_init(&mail, &arena, 1u << 20);
	buf_cstr(&mail, "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\n");
	for (unsigned i = 0; i < 500; i++)
		buf_cstr(&mail, "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAx\n");
	buf_cstr(&mail, "--b\n\nbehind the picture\n--b--\n");
	learn_begin(&seen);
	learn_see(&seen, buf_span(&mail));
	struct span raw = buf_span(&seen.views.raw.text);
	assert_true(span_has(raw, SPAN("behind the picture")));
	size_t first = span_find(raw, SPAN("QUJDREVG"), 0);
	assert_true(first != SPAN_NPOS && span_find(raw, SPAN("QUJDREVG"), first + 1) == SPAN_NPOS);
	assert_true(span_has(buf_span(&seen.views.text.text), SPAN("behind the picture")));
	learn_release(&seen);
	arena_release(&arena);
}

/* ---- hostile messages ---- */

static void repeat(struct buf *buf, const char *what, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		buf_cstr(buf, what);
}

static void many_headers(struct buf *b)
{
	for (unsigned i = 0; i < LIMIT_HEADERS; i++)
		buf_printf(b, "X-Name-%u: value %u\n", i, i);
	buf_cstr(b, "\nbody\n");
}

static void many_received(struct buf *b)
{
	repeat(b, "Received: from a (a [203.0.113.1]) by b.example (Postfix) with ESMTP id 1\n", LIMIT_HEADERS);
	buf_cstr(b, "\nbody\n");
}

static void long_subject(struct buf *b)
{
	buf_cstr(b, "Subject: ");
	repeat(b, "longer and longer ", 60000);
	buf_cstr(b, "\n\nbody\n");
}

static void large_base64(struct buf *b)
{
	buf_cstr(b, "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n");
	repeat(b, "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAx\n", 57000);
}

static void only_cr(struct buf *b)
{
	buf_cstr(b, "Subject: x\n\n");
	repeat(b, "\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r", 60000);
}

static void only_invisible(struct buf *b)
{
	buf_cstr(b, "Content-Type: text/plain; charset=utf-8\n\n");
	repeat(b, "\xe2\x80\x8b\xe2\x80\xae\xc2\xad", 100000);
	buf_cstr(b, "seen\n");
}

static void letters_apart(struct buf *b)
{
	buf_cstr(b, "Content-Type: text/plain; charset=utf-8\n\n");
	repeat(b, "v\xe2\x80\x8b", 100000);
}

static void dressed(struct buf *b)
{
	buf_cstr(b, "Content-Type: text/plain; charset=utf-8\n\n");
	repeat(b, "\xf0\x9d\x95\xa8\xef\xb7\xba ", 100000); /* U+FDFA becomes eighteen letters */
}

static void many_parts(struct buf *b)
{
	buf_cstr(b, "Content-Type: multipart/mixed; boundary=b\n");
	for (unsigned i = 0; i < 2000; i++)
		buf_printf(b, "\n--b\nContent-Type: text/plain; name=\"n%u.exe\"\n\nword%u http://h%u.example/\n", i, i, i);
}

static void many_addresses(struct buf *b)
{
	buf_cstr(b, "To: ");
	for (unsigned i = 0; i < 5000; i++)
		buf_printf(b, "\"Name %u\" <a%u@b%u.example>,\n ", i, i, i);
	buf_cstr(b, "x@y.example\n\nbody\n");
}

static void long_values(struct buf *b)
{
	for (unsigned i = 0; i < 200; i++) {
		buf_printf(b, "X-%u-", i);
		repeat(b, "name", 300);
		buf_cstr(b, ": ");
		repeat(b, "0123456789", 100);
		buf_cstr(b, "\n");
	}
	buf_cstr(b, "\nbody\n");
}

static void hostile(void **state)
{
	static void (*const makers[])(struct buf *) = { many_headers, many_received,  long_subject,  large_base64,
							only_cr,      only_invisible, letters_apart, dressed,
							many_parts,   many_addresses, long_values };
	(void)state;
	for (size_t i = 0; i < COUNT(makers); i++) {
		static struct learn_seen seen;
		struct arena arena;
		struct buf mail;
		arena_init(&arena);
		buf_init(&mail, &arena, 16u << 20);
		makers[i](&mail);
		learn_begin(&seen);
		learn_see(&seen, buf_span(&mail));
		const struct views *v = &seen.views;
		assert_true(v->raw.text.n <= VIEW_HEADER_BYTES + VIEW_BODY_BYTES + 1024);
		assert_true(v->text.text.n <= 2 * VIEW_TEXT_BYTES);
		assert_true(v->fields.text.n <= VIEW_FIELDS_BYTES);
		assert_true(v->fields.text.n == 0 || v->fields.text.p[v->fields.text.n - 1] == '\n');
		assert_true(v->raw.pieces.n <= v->raw.text.n + 4096 && v->text.pieces.n <= v->text.text.n + 4096);
		for (unsigned k = 0; k < FEATURES_VIEWS; k++)
			assert_true(seen.features.of[k].n <= 16384);
		learn_release(&seen);
		arena_release(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(live_and_delivered), cmocka_unit_test(places),
					    cmocka_unit_test(whole_places),       cmocka_unit_test(visible_text),
					    cmocka_unit_test(base64_in_raw),      cmocka_unit_test(hostile) };
	pipeline_warm_up();
	return cmocka_run_group_tests_name("learn/view", tests, NULL, NULL);
}
