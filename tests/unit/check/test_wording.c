/* check/wording: lures in several languages and spellings; talk about them in a mailing list stays silent. */
#include "tests/check_test.h"

#define MAIL(subject, text)                                                                                                                \
	"From: a@example.org\nTo: b@example.net\nSubject: " subject "\nContent-Type: text/plain; charset=utf-8\n\n" text "\n"

static const struct check_case cases[] = {
	{ .name = "account", .message = MAIL("hello", "Dear customer, please verify   your\naccount."), .present = "wording.account" },
	{ .name = "capitals", .message = MAIL("YOUR ACCOUNT HAS BEEN SUSPENDED", "x"), .present = "wording.account" },
	{ .name = "two weak ones", .message = MAIL("Unusual activity", "Sign in to continue."), .present = "wording.account" },
	{ .name = "one weak one", .message = MAIL("Unusual activity", "in the garden"), .absent = "wording.*" },
	{ .name = "one weak one twice", .message = MAIL("Unusual activity", "unusual activity"), .absent = "wording.*" },
	{ .name = "German", .message = MAIL("Konto", "Bitte bestätigen Sie Ihre Daten."), .present = "wording.account" },
	{ .name = "German without accents", .message = MAIL("Konto", "BESTATIGEN SIE IHRE DATEN"), .present = "wording.account" },
	{ .name = "French", .message = MAIL("x", "votre compte a été suspendu"), .present = "wording.account" },
	{ .name = "Russian", .message = MAIL("x", "Подтвердите ВАШИ данные"), .present = "wording.account" },
	{ .name = "Polish", .message = MAIL("x", "Twoje konto zostało zablokowane"), .present = "wording.account" },
	{ .name = "mailbox", .message = MAIL("Password expires today", "x"), .present = "wording.mailbox" },
	{ .name = "advance fee", .message = MAIL("x", "I am the next of kin"), .present = "wording.advance_fee" },
	{ .name = "zero-width letters",
	  .message = "From: a@example.org\nSubject: x\nContent-Type: text/html\n\nver&#8203;ify your acc&zwnj;ount",
	  .present = "wording.account" },
	{ .name = "dashes and quotes between words", .message = MAIL("x", "“verify — your” account"), .present = "wording.account" },
	{ .name = "far inside a text, beside a word of many letters and one of two alphabets",
	  .message = MAIL("x", "Donaudampfschifffahrtsgesellschaft naïveté 1234567 12345678 please VERIFY your Account before the end of "
			       "this very long week"),
	  .present = "wording.account" },
	{ .name = "parts of words are no words", .message = MAIL("x", "reverify your accounts"), .absent = "wording.*" },
	{ .name = "hidden text is not read",
	  .message = "From: a@example.org\nSubject: x\nContent-Type: text/html\n\n<p hidden>verify your account</p>hello",
	  .absent = "wording.*" },
	{ .name = "list talk",
	  .message = MAIL("Re: [PATCH] fix account lookup",
			  "The update adds a certificate check. If the server is upgraded, users\n"
			  "can log in. Please verify the patch; the password hash is unchanged. Free memory after use."),
	  .absent = "wording.*" },
};

static void every_case(void **state)
{
	bool ok = true;
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		ok &= check_test_case_(&cases[i]);
	assert_true(ok);
}

/* Text is read in windows: behind a word of any length, and with any number of bytes after it. */
static void wherever_it_stands(void **state)
{
	bool ok = true;
	(void)state;
	for (int before = 0; before < 150; before++)
		for (int after = 0; after < 150; after += 50) {
			char name[64], message[512];
			snprintf(name, sizeof name, "behind %d letters, before %d", before, after);
			snprintf(message, sizeof message,
				 "From: a@example.org\nContent-Type: text/plain; charset=utf-8\n\n%.*s\u00a0verify your account %.*s",
				 before,
				 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
				 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
				 after,
				 "b b b b b b b b b b b b b b b b b b b b b b b b b b b b b b b b b b b b b b b b b b b b b b b b "
				 "b b b b b b b b b b b b b b b b b b b b b b b b b b b b");
			struct check_case c = { .name = name, .message = message, .present = "wording.account" };
			ok &= check_test_case_(&c);
		}
	assert_true(ok);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_case), cmocka_unit_test(wherever_it_stands) };
	pipeline_warm_up();
	return cmocka_run_group_tests_name("check/wording", tests, NULL, NULL);
}
