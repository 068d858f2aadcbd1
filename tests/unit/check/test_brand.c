/* check/brand: borrowed names in the shown name, the address, the subject and the signature; the brands themselves and talk about them. */
#include "tests/check_test.h"
#include "tests/unit/check/mail.h"

#define BY(from) BROUGHT_BY(ELSEWHERE) "From: " from "\n" TO_ME REST
#define SAYS(subject, body)                                                                                                                \
	BROUGHT_BY(ELSEWHERE) "From: x@elsewhere.example\n" TO_ME "Message-ID: <1@elsewhere.example>\nSubject: " subject "\n\n" body
static const struct check_case cases[] = {
	{ .name = "name", .message = BY("PayPal <x@elsewhere.example>"), .present = "brand.display" },
	{ .name = "name and service", .message = BY("\"PayPal Customer Service\" <x@elsewhere.example>"), .present = "brand.display" },
	{ .name = "two words", .message = BY("\"Wells Fargo Online Security\" <x@elsewhere.example>"), .present = "brand.display" },
	{ .name = "joined by signs", .message = BY("\"~Bank-of-America~\" <x@elsewhere.example>"), .present = "brand.display" },
	{ .name = "digits for letters", .message = BY("\"PayPa1 Service\" <x@elsewhere.example>"), .present = "brand.disguised" },
	{ .name = "capital i for small l", .message = BY("\"Greetings WaImart\" <x@elsewhere.example>"), .present = "brand.disguised" },
	{ .name = "zeros", .message = BY("\"C0STC0 member\" <x@elsewhere.example>"), .present = "brand.disguised" },
	{ .name = "Cyrillic letters", .message = BY("\"РаyРаl\" <x@elsewhere.example>"), .present = "brand.disguised" },
	{ .name = "common word whole", .message = BY("\"Apple Support\" <x@elsewhere.example>"), .present = "brand.display" },
	{ .name = "common word in a name", .message = BY("\"Apple Valley News\" <x@elsewhere.example>"), .absent = "brand.*" },
	{ .name = "a person called Chase", .message = BY("\"Chase Miller\" <x@elsewhere.example>"), .absent = "brand.*" },
	{ .name = "a target group", .message = BY("\"Target Group Research\" <x@elsewhere.example>"), .absent = "brand.display" },
	{ .name = "the brand itself", .message = BY("PayPal <service@paypal.de>"), .absent = "brand.display*" },
	{ .name = "its mail domain",
	  .message =
	      BROUGHT_BY("mx1.facebookmail.com (mx1.facebookmail.com [198.51.100.7])") "From: Facebook <x@facebookmail.com>\n" TO_ME REST,
	  .absent = "brand.*" },
	{ .name = "its free-mail customer",
	  .message =
	      BROUGHT_BY("x.outlook.com (x.outlook.com [198.51.100.7])") "From: \"Microsoft account team\" <abc@outlook.com>\n" TO_ME REST,
	  .present = "brand.display" },
	{ .name = "a reseller",
	  .message = BY("\"Jim at Microsoft Partners Ltd of York\" <x@elsewhere.example>"),
	  .absent = "brand.display" },
	{ .name = "brand's domain by a dial-up",
	  .message = BROUGHT_BY(DIALUP) "From: Microsoft <customerservice@microsoft.com>\n" TO_ME REST,
	  .present = "brand.stranger" },
	{ .name = "brand's domain unsigned today",
	  .message = BROUGHT_BY(ELSEWHERE) "From: Netflix <info@netflix.com>\n" TO_ME REST,
	  .present = "brand.unsigned_now" },
	{ .name = "brand's domain by its own machine",
	  .message = BROUGHT_BY("mail.microsoft.com (mail.microsoft.com [198.51.100.7])") "From: Microsoft <x@microsoft.com>\n" TO_ME REST,
	  .absent = "brand.*" },
	{ .name = "brand's domain by a service, signed",
	  .message = BROUGHT_BY(ELSEWHERE) "DKIM-Signature: v=1; a=rsa-sha256; d=ups.com; s=a; h=from; t=555-1; bh=YWJj; b=YWJj\nFrom: UPS "
					   "<x@ups.com>\n" TO_ME REST,
	  .absent = "brand.*" },
	{ .name = "a list talks",
	  .message = BROUGHT_BY(
	      "lists.example.org (lists.example.org [198.51.100.9])") "List-Id: <x.lists.example.org>\nFrom: p@elsewhere.example\nSubject: "
								      "Netflix raises prices\nTo: x@lists.example.org\n\nNetflix\n",
	  .absent = "brand.*" },
	{ .name = "subject", .message = SAYS("Netflix: update your payment", "x\n"), .present = "brand.subject" },
	{ .name = "subject about", .message = SAYS("What I think of the new Netflix series", "x\n"), .absent = "brand.*" },
	{ .name = "signature", .message = SAYS("hello", "Pay now.\n\nThe PayPal Security Team\n"), .present = "brand.signature" },
	{ .name = "signature of a company", .message = SAYS("hello", "Pay now.\n\nMicrosoft Corp.\n"), .present = "brand.signature" },
	{ .name = "button", .message = SAYS("hello", "News.\n\nFacebook\nTwitter\n"), .absent = "brand.*" },
};

CHECK_TEST_MAIN(brand, cases)
