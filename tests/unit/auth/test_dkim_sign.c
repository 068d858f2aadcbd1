/* tests/unit/auth/test_dkim_sign.c - what we sign verifies here, with every canonicalisation, over odd messages; the suite dkim_peer asks
 * others. */
#include "auth/dkim_digest.h"
#include "auth/dkim_sign.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "tests/dkim_test.h"

static const struct mail_case {
	const char *name, *text;
} mails[] = {
	{ "plain", "From: a@example.org\nTo: b@example.net\nSubject: hi\n\nHello.\n" },
	{ "CRLF", "From: a@example.org\r\nTo: b@example.net\r\nSubject: hi\r\n\r\nHello.\r\n" },
	{ "no body", "From: a@example.org\n\n" },
	{ "no empty line", "From: a@example.org\n" },
	{ "no final line end", "From: a@example.org\n\nHello" },
	{ "blanks and empty lines", "From:  a@example.org  \nSubject: \n\n  Hello  you \t\n\n \n\n" },
	{ "folds", "From: A\n <a@example.org>\nTo: b@example.net,\n\tc@example.net,\n d@example.net\n\nHello.\n" },
	{ "8-bit", "From: \xc3\xa9 <a@example.org>\nSubject: \xff\xfe\n\n\x80\x81\n" },
	{ "duplicates", "From: a@example.org\nTo: b@x.example\nTo: c@x.example\nReceived: 1\nReceived: 2\n\nHello.\n" },
	{ "two From", "From: a@example.org\nFrom: b@example.org\n\nHello.\n" },
	{ "odd case", "FROM: a@example.org\nsUBJECT: x\nMIME-version: 1.0\n\nHello.\n" },
	{ "mbox", "From a@example.org Thu Jan  1 00:00:00 2026\nFrom: a@example.org\n\nHello.\n" },
};

static bool verifies(struct span field, struct span text, struct span record, struct arena *arena)
{
	struct message message;
	struct answers answers = { 0 };
	struct questions questions = { .arena = arena };
	struct dkim_state *state = NULL;
	struct dkim_digest digest;
	struct dkim dkim;
	size_t mbox = span_starts(text, SPAN("From ")) ? span_find_byte(text, '\n', 0) + 1 : 0;
	struct span whole =
	    arena_printf(arena, "%.*s%.*s%.*s", SPAN_ARG(span_first(text, mbox)), SPAN_ARG(field), SPAN_ARG(span_skip(text, mbox)));
	message_parse(whole, arena, &message);
	dkim_test_answer(&answers, arena, SPAN("k._domainkey.example.org"), ANSWER_OK, record);
	dkim_digest_init(&digest, &message, arena);
	assert_int_equal(dkim_verify(&digest, 2000000000, &answers, &questions, &state, &dkim), AUTH_DONE);
	assert_int_equal(dkim.list.n, 1);
	if (dkim.list.v[0].result != DKIM_PASS)
		print_error("%.*s\n", SPAN_ARG(dkim.list.v[0].problem));
	return dkim.list.v[0].result == DKIM_PASS && dkim.list.v[0].flags == 0;
}

static void test_round_trip(void **state)
{
	(void)state;
	static const enum dkim_algorithm algorithms[] = { DKIM_RSA_SHA256, DKIM_ED25519_SHA256 };
	struct arena arena, keys;
	arena_init(&arena);
	arena_init(&keys);
	for (size_t a = 0; a < COUNT(algorithms); a++) {
		struct span pem;
		struct dkim_key *key;
		assert_int_equal(dkim_key_new(algorithms[a], &keys, &pem), ERR_OK);
		assert_int_equal(dkim_key_read(pem, &key), ERR_OK);
		struct span record = dkim_key_record(key, &keys);
		for (size_t i = 0; i < COUNT(mails); i++)
			for (unsigned form = 0; form < 4; form++) {
				struct dkim_signing signing = { .key = key,
								.domain = SPAN("example.org"),
								.selector = SPAN("k"),
								.header = form & 1,
								.body = form >> 1,
								.now = 1999999999,
								.lifetime = form ? 86400 : 0 };
				struct message message;
				struct span field, text = span_cstr(mails[i].text), line;
				message_parse(text, &arena, &message);
				assert_int_equal(dkim_sign(&message, &signing, &arena, &field), ERR_OK);
				bool good = verifies(field, text, record, &arena);
				if (!good)
					print_error("%s, form %u\n%.*s", mails[i].name, form, SPAN_ARG(field));
				assert_true(good);
				assert_true(span_ends(field, SPAN("\r\n")));
				for (struct span rest = field; span_split(&rest, '\n', &line);)
					assert_true(line.n + (span_starts(line, SPAN("	")) ? 7 : 0) <= 77);
				arena_reset(&arena);
			}
		dkim_key_free(key);
	}
	arena_release(&keys);
	arena_release(&arena);
}

static void test_refused(void **state)
{
	(void)state;
	struct arena arena;
	struct span pem, field = SPAN("untouched");
	struct dkim_key *key;
	struct message message;
	arena_init(&arena);
	assert_int_equal(dkim_key_new(DKIM_ED25519_SHA256, &arena, &pem), ERR_OK);
	assert_int_equal(dkim_key_read(pem, &key), ERR_OK);
	struct dkim_signing signing = { .key = key, .domain = SPAN("example.org"), .selector = SPAN("k") };
	message_parse(SPAN("To: b@example.net\n\nHello.\n"), &arena, &message);
	assert_int_equal(dkim_sign(&message, &signing, &arena, &field), ERR_SYNTAX);
	message_parse(SPAN("hello\nFrom: a@example.org\n\nHello.\n"), &arena, &message);
	assert_int_equal(dkim_sign(&message, &signing, &arena, &field), ERR_SYNTAX);
	struct buf text;
	buf_init(&text, &arena, 1u << 20);
	for (unsigned i = 0; i < LIMIT_DKIM_SIGNED_FIELDS; i++)
		buf_cstr(&text, "From: a@example.org\n");
	message_parse(buf_span(&text), &arena, &message);
	assert_int_equal(dkim_sign(&message, &signing, &arena, &field), ERR_LIMIT);
	assert_span(field, "untouched");
	dkim_key_free(key);
	arena_release(&arena);
}

static void test_fold(void **state)
{
	(void)state;
	struct arena arena;
	struct buf out;
	size_t column = 0;
	arena_init(&arena);
	buf_init(&out, &arena, 1000);
	dkim_sign_fold(&out, SPAN("A: 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 012345678 0123456789 x"), " ",
		       &column);
	assert_span(buf_span(&out), "A: 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789\r\n\t012345678 0123456789 x");
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_fold),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
