/* message/path: the trust boundary, the origin, and which lines are true. */
#include "base/limits.h"
#include "message/path.h"
#include "tests/test.h"

#define HOP(from, by, time) "Received: from " from " by " by "; Tue, 3 Mar 2009 " time " +0000\n"
#define END "From: a@example.org\n\nhello\n"
#define OUT "out.example.net (out.example.net [198.51.100.7])"
#define MX "mx.example.com (Postfix) with ESMTP id 0A1B2C3D4E"

static const struct {
	const char *name, *message;
	const char *trusted, *internal, *msa; /* one network each, or NULL */
	const char *client_ip, *auth;         /* live connection */
	uint32_t boundary;
	const char *verdicts; /* t, u, f for each hop */
	const char *origin, *relay;
	enum origin_role role;
	bool outgoing;
} cases[] = {
	{ .name = "nothing", .message = END, .verdicts = "" },
	{ .name = "one hop", .message = HOP(OUT, MX, "09:00:05") END, .verdicts = "t", .origin = "198.51.100.7", .role = ORIGIN_ORIGIN },
	{ .name = "a relay and its client",
	  .message = HOP(OUT, MX, "09:00:05") HOP("pc ([203.0.113.9])", "out.example.net with ESMTP id 7", "09:00:00") END,
	  .verdicts = "tu",
	  .origin = "203.0.113.9",
	  .relay = "198.51.100.7",
	  .role = ORIGIN_ORIGIN },
	{ .name = "a relay and a line of somebody else",
	  .message = HOP(OUT, MX, "09:00:05") HOP("pc ([203.0.113.9])", "other.example.info with ESMTP id 7", "09:00:00") END,
	  .verdicts = "tu",
	  .origin = "198.51.100.7",
	  .role = ORIGIN_RELAY },
	{ .name = "an access line relays nothing",
	  .message = HOP("x (p198-51-100-7.dip.example.de [198.51.100.7])", MX, "09:00:05")
	      HOP("pc ([203.0.113.9])", "other.example.info with ESMTP id 7", "09:00:00") END,
	  .verdicts = "tu",
	  .origin = "198.51.100.7",
	  .role = ORIGIN_ORIGIN },
	{ .name = "private address inside",
	  .boundary = 1,
	  .message = HOP("scan ([10.0.0.3])", MX, "09:00:06") HOP(OUT, "scan.example.com", "09:00:05") END,
	  .verdicts = "tt",
	  .origin = "198.51.100.7",
	  .role = ORIGIN_ORIGIN },
	{ .name = "own organisation, name proven",
	  .boundary = 1,
	  .message = HOP("gate.example.com (gate.example.com [192.0.2.8])", MX, "09:00:06") HOP(OUT, "gate.example.com", "09:00:05") END,
	  .verdicts = "tt",
	  .origin = "198.51.100.7",
	  .role = ORIGIN_ORIGIN },
	{ .name = "own organisation, neighbours",
	  .boundary = 1,
	  .message = HOP("gate.example.com (192.0.2.8)", "hub.example.com (192.0.2.9) with Microsoft SMTP Server id 8.2.83.0", "09:00:06")
	      HOP(OUT, "gate.example.com", "09:00:05") END,
	  .verdicts = "tt",
	  .origin = "198.51.100.7",
	  .role = ORIGIN_ORIGIN },
	{ .name = "a stranger who greets with our name",
	  .boundary = 0,
	  .message = HOP("gate.example.com (203.0.113.9)", "hub.example.com (192.0.2.9) with Microsoft SMTP Server id 8.2.83.0", "09:00:06")
	      HOP(OUT, "gate.example.com", "09:00:05") END,
	  .verdicts = "tu",
	  .origin = "198.51.100.7",
	  .relay = "203.0.113.9",
	  .role = ORIGIN_ORIGIN },
	{ .name = "networks set: nothing is inferred",
	  .trusted = "192.0.2.0/24",
	  .message = HOP("gate.example.com (gate.example.com [203.0.113.8])", MX, "09:00:06") HOP(OUT, "gate.example.com", "09:00:05") END,
	  .verdicts = "tu",
	  .origin = "198.51.100.7",
	  .relay = "203.0.113.8",
	  .role = ORIGIN_ORIGIN },
	{ .name = "fetched from a mailbox elsewhere",
	  .boundary = 1,
	  .message = HOP("imap.example.com [192.0.2.8]", "localhost with IMAP (fetchmail-6.3) for ann@localhost", "09:10:00")
	      HOP(OUT, MX, "09:00:05") END,
	  .verdicts = "tt",
	  .origin = "198.51.100.7",
	  .role = ORIGIN_ORIGIN },
	{ .name = "user of ours",
	  .boundary = 1,
	  .message = HOP("pc (unknown [198.51.100.7])", "mx.example.com (Postfix) with ESMTPSA id 0A1B2C3D4E", "09:00:05") END,
	  .verdicts = "t",
	  .outgoing = true },
	{ .name = "user of somebody else",
	  .boundary = 0,
	  .message = HOP(OUT, MX, "09:00:05")
	      HOP("pc (unknown [203.0.113.9])", "out.example.net (Postfix) with ESMTPSA id 0A1B2C3D4E", "09:00:00") END,
	  .verdicts = "tu",
	  .origin = "203.0.113.9",
	  .relay = "198.51.100.7",
	  .role = ORIGIN_ORIGIN },
	{ .name = "submission network",
	  .trusted = "198.51.100.0/24",
	  .msa = "198.51.100.7",
	  .boundary = 1,
	  .message = HOP(OUT, MX, "09:00:05") END,
	  .verdicts = "t",
	  .outgoing = true },
	{ .name = "internal network",
	  .internal = "198.51.100.0/24",
	  .boundary = 1,
	  .message = HOP(OUT, MX, "09:00:05") END,
	  .verdicts = "t",
	  .outgoing = true },
	{ .name = "live connection",
	  .client_ip = "198.51.100.7",
	  .message = HOP("pc ([203.0.113.9])", "out.example.net with ESMTP id 7", "09:00:00") END,
	  .verdicts = "tu",
	  .origin = "198.51.100.7",
	  .role = ORIGIN_RELAY },
	{ .name = "live user",
	  .client_ip = "198.51.100.7",
	  .auth = "ann",
	  .boundary = 1,
	  .message = END,
	  .verdicts = "t",
	  .outgoing = true },
	{ .name = "forged line",
	  .message = HOP(OUT, MX, "09:00:05") HOP("[198.51.100.7]", "abc.hotmail.com", "09:00:00") END,
	  .verdicts = "tf",
	  .origin = "198.51.100.7",
	  .role = ORIGIN_ORIGIN },
	{ .name = "a provider with several names and address blocks",
	  .boundary = 2,
	  .message = HOP("BL1.namprd19.prod.outlook.com (2001:db8:10a6::16)",
			 "MN0.namprd19.prod.outlook.com (2001:db8:10b6::11) with Microsoft SMTP Server id 15.20.1.1", "09:00:07")
	      HOP("VI1.eop-eur06.prod.protection.outlook.com (2001:db8:10a6::36)",
		  "BL1.outlook.office365.com (2001:db8:10a6::16) with Microsoft SMTP Server id 15.20.1.1", "09:00:06")
		  HOP("shop.example.net (198.51.100.7)",
		      "VI1.mail.protection.outlook.com (10.13.6.61) with Microsoft SMTP Server id 15.20.1.1", "09:00:05") END,
	  .verdicts = "ttt",
	  .origin = "198.51.100.7",
	  .role = ORIGIN_ORIGIN },
	{ .name = "written by the list's server before the list's server had it",
	  .message = HOP("list.example.info (list.example.info [192.0.2.55])", MX, "09:00:09")
	      HOP("no-data ([198.51.100.7]:56313 \"HELO 192.0.2.55\" rhost-flags-OK)", "list.example.info with SMTP id S1", "09:00:06")
		  HOP("[203.0.113.9]", "192.0.2.55 with ESMTP id 23100309", "09:00:00") END,
	  .verdicts = "tuf",
	  .origin = "198.51.100.7",
	  .relay = "192.0.2.55",
	  .role = ORIGIN_ORIGIN },
	{ .name = "webmail client",
	  .message = HOP(OUT, MX, "09:00:05") "X-Originating-IP: [203.0.113.9]\n" END,
	  .verdicts = "tu",
	  .origin = "203.0.113.9",
	  .relay = "198.51.100.7",
	  .role = ORIGIN_ORIGIN },
};

static size_t net(const char *text, struct ip_net *ret) { return text && ip_net_parse(span_cstr(text), ret) ? 1 : 0; }

static bool check_address(const char *name, const char *what, bool has, const struct ip *ip, const char *want)
{
	char text[IP_TEXT_MAX] = "";
	if (has)
		ip_format(ip, text);
	if (strcmp(text, want ? want : "") == 0)
		return true;
	print_error("%s: %s is %s, want %s\n", name, what, text, want ? want : "none");
	return false;
}

static void paths(void **state)
{
	struct arena arena;
	bool ok = true;
	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct ip_net nets[3];
		struct path_settings settings = { .trusted = &nets[0], .internal = &nets[1], .msa = &nets[2] };
		settings.n_trusted = net(cases[i].trusted, &nets[0]);
		settings.n_internal = net(cases[i].internal, &nets[1]);
		settings.n_msa = net(cases[i].msa, &nets[2]);
		struct connection connection = { .auth_user = span_cstr(cases[i].auth) };
		connection.has_ip = cases[i].client_ip && ip_parse(span_cstr(cases[i].client_ip), &connection.ip);
		struct message message;
		struct content content;
		struct path path;
		char verdicts[16] = "";
		message_parse(span_cstr(cases[i].message), &arena, &message);
		content_examine(&message, &content);
		path_examine(&message, &content, &settings, &connection, &path);
		for (uint32_t k = 0; k < path.hops.n && k < sizeof verdicts - 1; k++)
			verdicts[k] = *hop_verdict_name(path.hops.v[k].verdict);
		if (path.boundary != cases[i].boundary || strcmp(verdicts, cases[i].verdicts) != 0 || path.outgoing != cases[i].outgoing ||
		    path.origin.role != cases[i].role) {
			print_error("%s: boundary %u, verdicts %s, outgoing %d, role %s\n", cases[i].name, path.boundary, verdicts,
				    path.outgoing, origin_role_name(path.origin.role));
			ok = false;
		}
		ok &= check_address(cases[i].name, "origin", path.origin.has_ip, &path.origin.ip, cases[i].origin);
		ok &= check_address(cases[i].name, "relay", path.origin.has_relay, &path.origin.relay, cases[i].relay);
		arena_reset(&arena);
	}
	arena_release(&arena);
	assert_true(ok);
}

/* Many lines: LIMIT_HOPS are read, and it is said. */
static void many(void **state)
{
	static const char line[] = "Received: from a ([198.51.100.7]) by b.example.com; Tue, 3 Mar 2009 09:00:00 +0000\n";
	static char text[(sizeof line - 1) * 5000];
	struct arena arena;
	struct message message;
	struct content content;
	struct path path;
	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = line[i % (sizeof line - 1)];
	message_parse(span_of(text, sizeof text), &arena, &message);
	content_examine(&message, &content);
	path_examine(&message, &content, &(struct path_settings){ 0 }, &(struct connection){ 0 }, &path);
	assert_int_equal(path.hops.n, LIMIT_HOPS);
	assert_int_equal(message.anomalies.count[ANOMALY_HOPS_LIMIT], 1);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(paths), cmocka_unit_test(many) };
	content_warm_up();
	return cmocka_run_group_tests_name("message/path", tests, NULL, NULL);
}
