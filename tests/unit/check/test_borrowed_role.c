/* check/borrowed_role: offices of the house spoken for from outside; real notices from inside stay silent. */
#include "tests/check_test.h"
#include "tests/unit/check/mail.h"

#define OURS .local_domains = "ours.example"
#define BY(from) BROUGHT_BY(ELSEWHERE) "From: " from "\n" TO_ME REST
static const struct check_case cases[] = {
	{ .name = "administrator", .message = BY("administrator@ours.example"), OURS, .present = "role.own" },
	{ .name = "accounts", .message = BY("accounts@ours.example"), OURS, .present = "role.own_office", .absent = "role.own" },
	{ .name = "Spanish", .message = BY("sistema@ours.example"), OURS, .present = "role.own" },
	{ .name = "words joined", .message = BY("it-support@ours.example"), OURS, .present = "role.own" },
	{ .name = "number added", .message = BY("Admin2@ours.example"), OURS, .present = "role.own" },
	{ .name = "role in the name only", .message = BY("\"System Administrator\" <peter@ours.example>"), OURS, .present = "role.own" },
	{ .name = "German", .message = BY("Systemverwalter <p@ours.example>"), OURS, .present = "role.own" },
	{ .name = "Russian", .message = BY("Служба поддержки <p@ours.example>"), OURS, .present = "role.own" },
	{ .name = "Japanese", .message = BY("システム管理者 <p@ours.example>"), OURS, .present = "role.own" },
	{ .name = "Turkish", .message = BY("Sistem Yöneticisi <p@ours.example>"), OURS, .present = "role.own" },
	{ .name = "inferred", .message = BY("postmaster@ours.example"), .present = "role.own_likely", .absent = "role.own" },
	{ .name = "domain administrator at a foreign address",
	  .message = BY("\"ours.example administrator\" <admin@bad.example.net>"),
	  OURS,
	  .present = "role.named" },
	{ .name = "organisation and help desk",
	  .message = BY("\"Ours IT Helpdesk\" <x@bad.example.net>"),
	  .local_domains = "ours.example",
	  .present = "role.named" },
	{ .name = "mail service of nobody",
	  .message = BY("\"Mail Administrator\" <x@bad.example.net>"),
	  OURS,
	  .present = "role.mail_service" },
	{ .name = "a colleague", .message = BY("\"Peter Ours\" <peter@ours.example>"), OURS, .absent = "role.*" },
	{ .name = "a foreign webmaster of his own site", .message = BY("Webmaster <webmaster@bad.example.net>"), OURS, .absent = "role.*" },
	{ .name = "a shop's support", .message = BY("\"Shop Support\" <support@shop.example.net>"), OURS, .absent = "role.*" },
	{ .name = "our administrator from our machine",
	  .message =
	      BROUGHT_BY("intra.ours.example (intra.ours.example [198.51.100.8])") "From: Administrator <admin@ours.example>\n" TO_ME REST,
	  OURS,
	  .absent = "role.*" },
	{ .name = "our administrator from a private address",
	  .message = BROUGHT_BY("intra (intra.local [192.168.1.8])") "From: Administrator <admin@ours.example>\n" TO_ME REST,
	  OURS,
	  .absent = "role.*" },
};

CHECK_TEST_MAIN(borrowed_role, cases)
