/* learn/delivered: which fields delivery wrote, down to the line that names the machine outside, and which are noise. */
#include "learn/delivered.h"
#include "tests/test.h"

struct delivered_case {
	const char *name, *header;
	const char *trusted; /* one network, or NULL */
	const char *client;  /* live connection, or NULL */
	const char *kept;    /* a letter a field: k kept, - delivery's, o kept but opaque */
};

#define OUR "Received: from mail.sender.example (mail.sender.example [203.0.113.5]) by mx.home.example (Postfix) with ESMTP id 1\n"
#define INNER "Received: from mx.home.example (mx.home.example [10.0.0.2]) by store.home.example (Postfix) with ESMTP id 2\n"
#define LMTP "Received: from store.home.example ([unix socket]) by store.home.example (Cyrus) with LMTPA\n"
#define THEIRS "Received: from desk.sender.example (desk.sender.example [203.0.113.77]) by mail.sender.example (Postfix) with ESMTP id 3\n"

static const struct delivered_case cases[] = {
	{ "one server", OUR THEIRS "From: a@sender.example\n", NULL, NULL, "-kk" },
	{ "three of ours", LMTP INNER OUR THEIRS "From: a@sender.example\n", NULL, NULL, "---kk" },
	{ "the user says what is ours", OUR THEIRS "From: a@sender.example\n", "203.0.113.5/32", NULL, "--k" },
	{ "seen as it arrives", THEIRS "From: a@sender.example\n", NULL, "203.0.113.5", "kk" },
	{ "seen behind our first server", OUR THEIRS "From: a@sender.example\n", NULL, "10.0.0.2", "-kk" },
	{ "never left", "Received: by store.home.example (Postfix, from userid 33) id 4\nFrom: cron@home.example\n", NULL, NULL, "-k" },
	{ "a Received line below others", "Subject: x\n" OUR "To: b@home.example\n" THEIRS, NULL, NULL, "k-kk" },
	{ "none at all", "From: a@sender.example\n", NULL, NULL, "k" },
	{ "marks and folders",
	  "Return-Path: <a@sender.example>\nDELIVERED-TO: b@home.example\nX-Original-To: b@home.example\nEnvelope-To: b@home.example\n"
	  "Delivery-Date: Mon, 2 Mar 2026 10:00:00 +0000\nX-Spam-Status: No\nx-spam-score: 1\nX-Postern-Verdict: accept\n"
	  "Authentication-Results: home.example; spf=pass\nReceived-SPF: pass\nStatus: RO\nX-Status: A\nX-Keywords: x\nX-UID: 7\nLines: 9\n"
	  "Content-Length: 9\nX-Mozilla-Status: 0001\nX-Account-Key: 1\nX-Evolution-Source: 1\nX-Rspamd-Server: a\nX-Bogosity: Ham\n",
	  NULL, NULL, "---------------------" },
	{ "near misses", "Return-Path-Not: x\nX-Spammer: x\nX-Spam: x\nStatuses: x\nX-Posterns: x\nLine: x\nReceived-By: x\n", NULL, NULL,
	  "kkkkkkk" },
	{ "noise",
	  "DKIM-Signature: v=1; b=Zm9v\nDomainKey-Signature: a=b\nARC-Seal: i=1\nX-Google-Smtp-Source: AB\nX-Gm-Message-State: AC\n"
	  "X-Received: by 10.1.1.1\nX-MS-Exchange-CrossTenant-Id: 1\nX-MS-Exchange-Organization: kept\nX-Mailer: x\nARCO: x\n",
	  NULL, NULL, "oooooookkk" },
};

static void fields(void **state)
{
	bool ok = true;
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct arena arena;
		struct message message;
		struct content content;
		struct path path;
		struct delivered delivered;
		struct ip_net net;
		struct path_settings settings = { 0 };
		struct connection connection = { 0 };
		char got[64];
		arena_init(&arena);
		if (cases[i].trusted && ip_net_parse(span_cstr(cases[i].trusted), &net))
			settings = (struct path_settings){ .trusted = &net, .n_trusted = 1 };
		connection.has_ip = cases[i].client && ip_parse(span_cstr(cases[i].client), &connection.ip);
		message_parse(arena_printf(&arena, "%s\nbody\n", cases[i].header), &arena, &message);
		content_examine(&message, &content);
		path_examine(&message, &content, &settings, &connection, &path);
		delivered_begin(&path, &delivered);
		const struct headers *headers = message_headers(&message);
		assert_true(headers->list.n < sizeof got);
		for (uint32_t k = 0; k < headers->list.n; k++)
			got[k] = delivered_field(&delivered, &headers->list.v[k]) ? '-' : delivered_opaque(&headers->list.v[k]) ? 'o' : 'k';
		got[headers->list.n] = '\0';
		if (strcmp(got, cases[i].kept) != 0) {
			print_error("%s: got %s, want %s\n", cases[i].name, got, cases[i].kept);
			ok = false;
		}
		arena_release(&arena);
	}
	assert_true(ok);
}

/* A field known by number is looked up like one that is not. */
static void by_number(void **state)
{
	struct path path = { 0 };
	(void)state;
	for (uint16_t id = 0; id < HEADER_IDS; id++) {
		struct header known = { .name = span_cstr(header_id_name(id)), .id = id }, other = known;
		struct delivered delivered;
		delivered_begin(&path, &delivered);
		other.id = HEADER_OTHER;
		assert_true(id == HEADER_RECEIVED || delivered_field(&delivered, &known) == delivered_field(&delivered, &other));
		assert_int_equal(delivered_opaque(&known), delivered_opaque(&other));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(fields), cmocka_unit_test(by_number) };
	content_warm_up();
	return cmocka_run_group_tests_name("learn/delivered", tests, NULL, NULL);
}
