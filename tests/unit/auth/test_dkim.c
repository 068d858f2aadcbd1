/* tests/unit/auth/test_dkim.c - what is made of a signature: the result, the flags, and how much work a hostile message costs. */
#include "base/buf.h"
#include "base/limits.h"
#include "tests/dkim_test.h"

#define MAIL "From: a@example.org\nTo: b@example.net\nSubject: hi\n\nHello.\nBye.\n"
#define RSA "v=1; a=rsa-sha256; d=example.org; s=k; "
#define FIELDS "h=from:to:subject"
#define MONDAY 1767571200 /* 2026-01-05 00:00 UTC */

static const struct policy_case {
	const char *name;
	const char *tags;
	enum dkim_test_key key;
	const char *record;         /* before p=; NULL: v=DKIM1, and k= as it must be */
	const char *public;         /* of p=; NULL: the right one */
	enum answer_status status;  /* of the DNS */
	const char *find, *replace; /* what happens to the signed message on its way; NULL: nothing */
	const char *after;          /* what is appended; NULL: nothing */
	int64_t now;
	enum dkim_crypto crypto;
	enum dkim_result result;
	uint32_t flags;
} policy_cases[] = {
#define GOOD DKIM_CRYPTO_PASS, DKIM_PASS
#define BROKEN DKIM_CRYPTO_FAIL, DKIM_FAIL
#define ERROR DKIM_CRYPTO_NONE, DKIM_PERMERROR
	{ "RSA", RSA FIELDS, .now = MONDAY, .crypto = GOOD },
	{ "RSA, relaxed", RSA "c=relaxed/relaxed; " FIELDS, .now = MONDAY, .crypto = GOOD },
	{ "Ed25519", "v=1; a=ed25519-sha256; d=example.org; s=k; " FIELDS, DKIM_TEST_ED25519, .now = MONDAY, .crypto = GOOD },
	{ "no time known", RSA "t=1; x=2; " FIELDS, .now = CLOCK_NONE, .crypto = GOOD },
	/* worth nothing, though it verifies: RFC 8301 */
	{ "SHA-1", "v=1; a=rsa-sha1; d=example.org; s=k; " FIELDS, .now = MONDAY, .crypto = DKIM_CRYPTO_PASS, .result = DKIM_POLICY,
	  .flags = DKIM_SHA1 },
	{ "SHA-1, changed", "v=1; a=rsa-sha1; d=example.org; s=k; " FIELDS, .find = "Bye", .replace = "Pay", .now = MONDAY,
	  .crypto = BROKEN, .flags = DKIM_SHA1 | DKIM_BODY_CHANGED },
	{ "short key", RSA FIELDS, DKIM_TEST_RSA_512, .now = MONDAY, .crypto = DKIM_CRYPTO_PASS, .result = DKIM_POLICY,
	  .flags = DKIM_SHORT_KEY },
	/* times */
	{ "expired", RSA "t=1767000000; x=1767571199; " FIELDS, .now = MONDAY, .crypto = DKIM_CRYPTO_NONE, .result = DKIM_POLICY,
	  .flags = DKIM_EXPIRED },
	{ "not yet expired", RSA "x=1767571200; " FIELDS, .now = MONDAY, .crypto = GOOD },
	{ "expired before it was made", RSA "t=20; x=10; " FIELDS, .now = CLOCK_NONE, .crypto = ERROR },
	{ "from the future", RSA "t=1767760000; " FIELDS, .now = MONDAY, .crypto = GOOD, .flags = DKIM_FUTURE },
	{ "a clock an hour ahead", RSA "t=1767574800; " FIELDS, .now = MONDAY, .crypto = GOOD },
	/* changes on the way */
	{ "body changed", RSA FIELDS, .find = "Hello", .replace = "Hullo", .now = MONDAY, .crypto = BROKEN, .flags = DKIM_BODY_CHANGED },
	{ "footer of a list", RSA FIELDS, .after = "--\nlist\n", .now = MONDAY, .crypto = BROKEN, .flags = DKIM_BODY_CHANGED },
	{ "subject changed", RSA FIELDS, .find = "hi", .replace = "ho", .now = MONDAY, .crypto = BROKEN, .flags = DKIM_HEADER_CHANGED },
	{ "both changed", RSA FIELDS, .find = "hi\n\nHello", .replace = "ho\n\nHullo", .now = MONDAY, .crypto = BROKEN,
	  .flags = DKIM_BODY_CHANGED | DKIM_HEADER_CHANGED },
	{ "empty lines at the end", RSA FIELDS, .after = "\n\n\n", .now = MONDAY, .crypto = GOOD },
	{ "folded otherwise, relaxed", RSA "c=relaxed; " FIELDS, .find = "To: b", .replace = "To:\n\t b", .now = MONDAY, .crypto = GOOD },
	{ "folded otherwise, simple", RSA FIELDS, .find = "To: b", .replace = "To:\n\t b", .now = MONDAY, .crypto = BROKEN,
	  .flags = DKIM_HEADER_CHANGED },
	{ "mbox line", RSA FIELDS, .find = "DKIM-", .replace = "From a@b Thu Jan  1 00:00:00 2026\nDKIM-", .now = MONDAY, .crypto = GOOD },
	{ "signature changed", RSA FIELDS, .find = "; b=", .replace = "; b=QUFB", .now = MONDAY, .crypto = BROKEN,
	  .flags = DKIM_HEADER_CHANGED },
	/* what is not signed */
	{ "l= and nothing beyond", RSA "l=14; " FIELDS, .now = MONDAY, .crypto = GOOD },
	{ "l= and a tail", RSA "l=14; " FIELDS, .after = "Buy now\n", .now = MONDAY, .crypto = GOOD, .flags = DKIM_BODY_LENGTH },
	{ "l=0", RSA "l=0; " FIELDS, .now = MONDAY, .crypto = GOOD, .flags = DKIM_BODY_LENGTH },
	{ "l= beyond the body", RSA "l=15; " FIELDS, .now = MONDAY, .crypto = BROKEN, .flags = DKIM_BODY_CHANGED },
	{ "l= beyond all numbers", RSA "l=99999999999999999999999; " FIELDS, .now = MONDAY, .crypto = BROKEN, .flags = DKIM_BODY_CHANGED },
	{ "a second From", RSA FIELDS, .find = "DKIM-", .replace = "From: bank@example.com\nDKIM-", .now = MONDAY, .crypto = GOOD,
	  .flags = DKIM_HEADER_ADDED },
	{ "a second From, oversigned", RSA FIELDS ":from", .find = "DKIM-", .replace = "From: bank@example.com\nDKIM-", .now = MONDAY,
	  .crypto = BROKEN, .flags = DKIM_HEADER_CHANGED },
	{ "a field that is not named", RSA FIELDS, .find = "DKIM-", .replace = "X-Spam: no\nDKIM-", .now = MONDAY, .crypto = GOOD },
	{ "Subject is not signed", RSA "h=from", .now = MONDAY, .crypto = GOOD, .flags = DKIM_SUBJECT_UNSIGNED },
	{ "From is not signed", RSA "h=to:subject", .now = MONDAY, .crypto = ERROR, .flags = DKIM_FROM_UNSIGNED },
	/* the key */
	{ "testing", RSA FIELDS, .record = "t=y", .now = MONDAY, .crypto = GOOD, .flags = DKIM_TESTING },
	{ "testing, changed", RSA FIELDS, .record = "v=DKIM1; t=s:y", .find = "Bye", .replace = "Pay", .now = MONDAY,
	  .crypto = DKIM_CRYPTO_FAIL, .result = DKIM_NEUTRAL, .flags = DKIM_TESTING | DKIM_BODY_CHANGED },
	{ "revoked", RSA FIELDS, .public = "", .now = MONDAY, .crypto = ERROR, .flags = DKIM_REVOKED },
	{ "not base64", RSA FIELDS, .public = "@@", .now = MONDAY, .crypto = ERROR },
	{ "base64 of nothing we know", RSA FIELDS, .public = "aGVsbG8=", .now = MONDAY, .crypto = ERROR },
	{ "of another kind", RSA FIELDS, .record = "k=ed25519", .public = "s8FuX2oN67zQnxyW7CucoWRxXGVB+B7zWo9aQwtuRaM=", .now = MONDAY,
	  .crypto = ERROR },
	{ "of a kind unknown", RSA FIELDS, .record = "k=dsa", .now = MONDAY, .crypto = ERROR },
	{ "of another version", RSA FIELDS, .record = "v=DKIM2", .now = MONDAY, .crypto = ERROR },
	{ "version not first", RSA FIELDS, .record = "k=rsa; v=DKIM1", .now = MONDAY, .crypto = ERROR },
	{ "for another service", RSA FIELDS, .record = "s=tlsrpt", .now = MONDAY, .crypto = ERROR },
	{ "for mail among others", RSA FIELDS, .record = "s=tlsrpt : email", .now = MONDAY, .crypto = GOOD },
	{ "for SHA-1 only", RSA FIELDS, .record = "h=sha1", .now = MONDAY, .crypto = ERROR },
	{ "for both hashes", RSA FIELDS, .record = "h=sha1:sha256", .now = MONDAY, .crypto = GOOD },
	{ "strict, below the domain", RSA "i=a@sub.example.org; " FIELDS, .record = "t=s", .now = MONDAY, .crypto = ERROR },
	{ "strict, the domain", RSA "i=a@Example.ORG; " FIELDS, .record = "t=s", .now = MONDAY, .crypto = GOOD },
	{ "unknown tags", RSA "zz=1; " FIELDS, .record = "v=DKIM1; g=x*; n=note", .now = MONDAY, .crypto = GOOD },
	{ "no such name", RSA FIELDS, .status = ANSWER_NXDOMAIN, .now = MONDAY, .crypto = ERROR, .flags = DKIM_NO_KEY },
	{ "no such record", RSA FIELDS, .status = ANSWER_NODATA, .now = MONDAY, .crypto = ERROR, .flags = DKIM_NO_KEY },
	{ "time-out", RSA FIELDS, .status = ANSWER_TIMEOUT, .now = MONDAY, .crypto = DKIM_CRYPTO_NONE, .result = DKIM_TEMPERROR },
	{ "server failure", RSA FIELDS, .status = ANSWER_SERVFAIL, .now = MONDAY, .crypto = DKIM_CRYPTO_NONE, .result = DKIM_TEMPERROR },
	{ "nobody to ask", RSA FIELDS, .status = ANSWER_UNAVAILABLE, .now = MONDAY, .crypto = DKIM_CRYPTO_NONE, .result = DKIM_TEMPERROR },
	/* who */
	{ "identity below the domain", RSA "i=@sub.example.org; " FIELDS, .now = MONDAY, .crypto = GOOD },
	{ "identity of another domain", RSA "i=a@example.com; " FIELDS, .now = MONDAY, .crypto = ERROR },
	{ "identity that only ends alike", RSA "i=a@badexample.org; " FIELDS, .now = MONDAY, .crypto = ERROR },
	{ "no v=: a draft", "a=rsa-sha256; d=example.org; s=k; " FIELDS, .now = MONDAY, .crypto = DKIM_CRYPTO_PASS,
	  .result = DKIM_PERMERROR },
	{ "version 2", "v=2; a=rsa-sha256; d=example.org; s=k; " FIELDS, .now = MONDAY, .crypto = ERROR },
};

static struct span replaced(struct span text, const char *find, const char *replace, struct arena *arena)
{
	if (!find)
		return text;
	size_t at = span_find(text, span_cstr(find), 0);
	assert_true(at != SPAN_NPOS);
	return arena_printf(arena, "%.*s%s%.*s", SPAN_ARG(span_first(text, at)), replace, SPAN_ARG(span_skip(text, at + strlen(find))));
}

static void judge(struct span text, int64_t now, const struct answers *answers, struct arena *arena, struct dkim *ret)
{
	struct message *message = arena_new(arena, struct message);
	struct questions questions = { .arena = arena };
	struct dkim_state *state = NULL;
	struct dkim_digest digest;
	message_parse(text, arena, message);
	dkim_digest_init(&digest, message, arena);
	assert_int_equal(dkim_verify(&digest, now, answers, &questions, &state, ret), AUTH_DONE);
	assert_int_equal(questions.list.n, 0);
}

static struct span with_crlf(struct span text, struct arena *arena)
{
	struct buf out;
	buf_init(&out, arena, 2 * text.n);
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\n')
			buf_byte(&out, '\r');
		buf_byte(&out, text.p[i]);
	}
	return buf_span(&out);
}

static void check_policy(const struct policy_case *c, struct arena *arena)
{
	struct answers answers = { 0 };
	EVP_PKEY *key = dkim_test_key(c->key);
	struct span public = c->public ? span_cstr(c->public) : dkim_test_public(key, arena);
	const char *record = c->record ? c->record : c->key == DKIM_TEST_ED25519 ? "v=DKIM1; k=ed25519" : "v=DKIM1; k=rsa";
	dkim_test_answer(&answers, arena, SPAN("k._domainkey.example.org"), c->status,
			 c->status == ANSWER_OK ? arena_printf(arena, "%s; p=%.*s", record, SPAN_ARG(public)) : span_none);
	struct span text = dkim_test_signed(c->tags, key, SPAN(MAIL), arena);
	text = replaced(text, c->find, c->replace, arena);
	text = arena_printf(arena, "%.*s%s", SPAN_ARG(text), c->after ? c->after : "");
	for (int crlf = 0; crlf < 2; crlf++) {
		struct dkim dkim;
		judge(crlf ? with_crlf(text, arena) : text, c->now, &answers, arena, &dkim);
		assert_int_equal(dkim.list.n, 1);
		const struct dkim_signature *s = &dkim.list.v[0];
		if (s->crypto != c->crypto || s->result != c->result || s->flags != c->flags)
			print_error("%s: %s, %s, flags 0x%x (%.*s)\n", c->name, dkim_crypto_name(s->crypto), dkim_result_name(s->result),
				    s->flags, SPAN_ARG(s->problem));
		assert_int_equal(s->crypto, c->crypto);
		assert_int_equal(s->result, c->result);
		assert_int_equal(s->flags, c->flags);
		assert_int_equal(s->problem.p != NULL, s->result != DKIM_PASS);
		assert_span(s->domain, "example.org");
	}
}

static void test_policy(void **state)
{
	(void)state;
	struct arena arena;
	arena_init(&arena);
	for (size_t i = 0; i < COUNT(policy_cases); i++) {
		check_policy(&policy_cases[i], &arena);
		arena_reset(&arena);
	}
	arena_release(&arena);
}

/* One signature waits for the DNS, so all do; what was asked once is not asked again; done is done. */
static void test_rounds(void **state)
{
	(void)state;
	struct arena arena;
	struct message message;
	struct answers answers = { 0 };
	struct dkim_state *kept = NULL;
	struct dkim_digest digest;
	struct dkim dkim = { 0 };
	arena_init(&arena);
	struct span record = arena_printf(&arena, "p=%.*s", SPAN_ARG(dkim_test_public(dkim_test_key(DKIM_TEST_RSA_2048), &arena)));
	struct span text = dkim_test_signed(RSA FIELDS, dkim_test_key(DKIM_TEST_RSA_2048), SPAN(MAIL), &arena);
	text = dkim_test_signed("v=1; a=rsa-sha256; d=example.net; s=n; " FIELDS, dkim_test_key(DKIM_TEST_RSA_2048), text, &arena);
	text = dkim_test_signed("v=1; a=none; d=example.com; s=c; " FIELDS, dkim_test_key(DKIM_TEST_RSA_2048), text, &arena);
	message_parse(text, &arena, &message);
	dkim_digest_init(&digest, &message, &arena);
	struct questions first = { .arena = &arena }, second = { .arena = &arena }, third = { .arena = &arena };
	assert_int_equal(dkim_verify(&digest, MONDAY, &answers, &first, &kept, &dkim), AUTH_MORE);
	assert_int_equal(first.list.n, 2); /* nothing is asked for a signature that is broken already */
	assert_span(first.list.v[0].name, "n._domainkey.example.net");
	dkim_test_answer(&answers, &arena, SPAN("k._domainkey.example.org"), ANSWER_OK, record);
	assert_int_equal(dkim_verify(&digest, MONDAY, &answers, &second, &kept, &dkim), AUTH_MORE);
	assert_int_equal(second.list.n, 1);
	dkim_test_answer(&answers, &arena, SPAN("n._domainkey.example.net"), ANSWER_TIMEOUT, span_none);
	for (int again = 0; again < 2; again++) {
		assert_int_equal(dkim_verify(&digest, MONDAY, &answers, &third, &kept, &dkim), AUTH_DONE);
		assert_int_equal(dkim.list.n, 3);
		assert_int_equal(dkim.list.v[0].result, DKIM_PERMERROR);
		assert_int_equal(dkim.list.v[1].result, DKIM_TEMPERROR);
		assert_int_equal(dkim.list.v[2].result, DKIM_PASS);
		assert_int_equal(third.list.n, 0);
	}
	assert_int_equal(dkim.list.v[2].b.n, 8);
	assert_int_equal(dkim.list.v[2].key_bits, 2048);
	arena_release(&arena);
}

/* Ten thousand signatures: the first LIMIT_DKIM_SIGNATURES are judged, and so many questions put. */
static void test_many_signatures(void **state)
{
	(void)state;
	enum { MANY = 9000 };
	struct arena arena;
	struct message message;
	struct answers answers = { 0 };
	struct dkim_state *kept = NULL;
	struct dkim_digest digest;
	struct dkim dkim;
	struct buf text;
	arena_init(&arena);
	buf_init(&text, &arena, 64u * 1024 * 1024);
	for (unsigned i = 0; i < MANY; i++)
		buf_printf(&text, "DKIM-Signature: v=1; a=rsa-sha256; d=d%u.example; s=k; h=from; bh=AAAA; b=AAAA\n", i);
	buf_cstr(&text, MAIL);
	message_parse(buf_span(&text), &arena, &message);
	dkim_digest_init(&digest, &message, &arena);
	struct questions questions = { .arena = &arena };
	assert_int_equal(dkim_verify(&digest, MONDAY, &answers, &questions, &kept, &dkim), AUTH_MORE);
	assert_int_equal(questions.list.n, LIMIT_DKIM_SIGNATURES);
	for (uint32_t i = 0; i < questions.list.n; i++)
		dkim_test_answer(&answers, &arena, questions.list.v[i].name, ANSWER_NXDOMAIN, span_none);
	assert_int_equal(dkim_verify(&digest, MONDAY, &answers, &questions, &kept, &dkim), AUTH_DONE);
	assert_int_equal(dkim.list.n, LIMIT_DKIM_SIGNATURES);
	assert_int_equal(dkim.left_out, MANY - LIMIT_DKIM_SIGNATURES);
	arena_release(&arena);
}

/* A selector with several records: the right one is found among the first LIMIT_DKIM_KEYS. */
static void test_many_keys(void **state)
{
	(void)state;
	struct arena arena;
	arena_init(&arena);
	struct span right = arena_printf(&arena, "p=%.*s", SPAN_ARG(dkim_test_public(dkim_test_key(DKIM_TEST_RSA_2048), &arena)));
	struct span text = dkim_test_signed(RSA FIELDS, dkim_test_key(DKIM_TEST_RSA_2048), SPAN(MAIL), &arena);
	for (uint32_t before = 0; before <= LIMIT_DKIM_KEYS; before++) {
		struct answers answers = { 0 };
		struct dkim dkim;
		dkim_test_answer(&answers, &arena, SPAN("k._domainkey.example.org"), ANSWER_OK, before ? SPAN("v=spf1 -all") : right);
		for (uint32_t i = 1; i <= before; i++)
			*(struct span *)vec_push(&arena, &answers.list.v[0].records) = i < before ? SPAN("k=rsa; p=") : right;
		judge(text, MONDAY, &answers, &arena, &dkim);
		assert_int_equal(dkim.list.v[0].result, before < LIMIT_DKIM_KEYS ? DKIM_PASS : DKIM_PERMERROR);
	}
	arena_release(&arena);
}

/* The work of hashing, counted, for one signature. */
static void measure(struct span text, uint64_t *ret_looked, uint64_t *ret_steps)
{
	struct arena arena;
	struct message message;
	struct dkim_tags tags;
	struct dkim_digest digest;
	arena_init(&arena);
	message_parse(text, &arena, &message);
	const struct header *own = header_first(message_headers(&message), HEADER_DKIM_SIGNATURE);
	dkim_tags_read(DKIM_FIELD_SIGNATURE, own->value, &arena, &tags);
	assert_null(tags.problem);
	dkim_digest_init(&digest, &message, &arena);
	dkim_digest_header(&digest, &tags, own);
	dkim_digest_body(&digest, &tags);
	*ret_looked = digest.looked;
	*ret_steps = digest.fields.steps;
	dkim_digest_release(&digest);
	arena_release(&arena);
}

static void test_hostile(void **state)
{
	(void)state;
	struct arena arena;
	arena_init(&arena);
	static const char *const names[] = { "from:", "x-a-name-that-is-not-there:", "X-FIELD:" };
	for (size_t kind = 0; kind < COUNT(names); kind++) {
		struct buf text;
		buf_init(&text, &arena, 64u * 1024 * 1024);
		buf_cstr(&text, "DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=k; bh=AAAA; b=AAAA; h=");
		unsigned n = 0;
		for (; text.n < LIMIT_HEADER_VALUE - 100; n++)
			buf_cstr(&text, names[kind]);
		buf_cstr(&text, "from\n");
		for (unsigned i = 0; i < 9000; i++)
			buf_printf(&text, i % 2 ? "From: a@example.org\n" : "X-Field: %u\n", i);
		buf_cstr(&text, "\nbody\n");
		uint64_t looked, steps;
		measure(buf_span(&text), &looked, &steps);
		assert_true(looked <= text.n);
		assert_true(steps <= 4 * (uint64_t)(n + 9002));
	}
	arena_release(&arena);
}

/* A signature over more header than LIMIT_DKIM_HEADER_BYTES is not judged. */
static void test_large_header(void **state)
{
	(void)state;
	struct arena arena;
	arena_init(&arena);
	for (unsigned bytes = LIMIT_DKIM_HEADER_BYTES / 2; bytes <= LIMIT_DKIM_HEADER_BYTES; bytes *= 2) {
		struct answers answers = { 0 };
		struct dkim dkim;
		uint8_t *filler = arena_alloc(&arena, bytes);
		memset(filler, 'x', bytes);
		struct span text = arena_printf(&arena, "DKIM-Signature: %s%s:x-big; bh=AAAA; b=AAAA\nX-Big: %.*s\n%s", RSA, FIELDS,
						(int)bytes, (char *)filler, MAIL);
		struct span right = arena_printf(&arena, "p=%.*s", SPAN_ARG(dkim_test_public(dkim_test_key(DKIM_TEST_RSA_2048), &arena)));
		dkim_test_answer(&answers, &arena, SPAN("k._domainkey.example.org"), ANSWER_OK, right);
		judge(text, MONDAY, &answers, &arena, &dkim);
		assert_int_equal(dkim.list.v[0].result, bytes < LIMIT_DKIM_HEADER_BYTES ? DKIM_FAIL : DKIM_PERMERROR);
	}
	arena_release(&arena);
}

/* Eight signatures, eight lengths: the body is gone over once. */
static void test_body_once(void **state)
{
	(void)state;
	enum { BODY = 1000000 };
	struct arena arena;
	struct message message;
	struct dkim_digest digest;
	struct dkim_tags tags[LIMIT_DKIM_SIGNATURES];
	arena_init(&arena);
	uint8_t *raw = arena_alloc(&arena, BODY);
	memset(raw, 'x', BODY);
	raw[0] = '\n';
	message_parse(span_of(raw, BODY), &arena, &message);
	dkim_digest_init(&digest, &message, &arena);
	for (uint32_t i = 0; i < LIMIT_DKIM_SIGNATURES; i++) {
		struct span value = i ? arena_printf(&arena, "l=%u", 700000 - 100000 * i) : SPAN("v=1");
		dkim_tags_read(DKIM_FIELD_SIGNATURE, value, &arena, &tags[i]);
		tags[i].algorithm = DKIM_RSA_SHA256;
		dkim_digest_want(&digest, &tags[i]);
	}
	for (uint32_t i = 0; i < LIMIT_DKIM_SIGNATURES; i++) {
		const struct dkim_body *body = dkim_digest_body(&digest, &tags[i]);
		assert_int_equal(body->length, i ? 700000 - 100000 * i : DKIM_WHOLE_BODY);
		uint8_t want[DKIM_HASH_MAX];
		struct dkim_hash hash = { 0 };
		dkim_hash_begin(&hash, DKIM_RSA_SHA256);
		struct span whole = message_root(&message)->raw_body;
		dkim_hash_take(&hash, whole.p, i ? body->length : whole.n);
		if (!i)
			dkim_hash_take(&hash, (const uint8_t *)"\r\n", 2);
		dkim_hash_end(&hash, want);
		dkim_hash_release(&hash);
		assert_memory_equal(body->digest, want, sizeof want);
	}
	assert_true(digest.looked <= BODY);
	assert_true(digest.hash.bytes <= BODY + 2);
	dkim_digest_release(&digest);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_policy),       cmocka_unit_test(test_rounds),  cmocka_unit_test(test_many_signatures),
		cmocka_unit_test(test_many_keys),    cmocka_unit_test(test_hostile), cmocka_unit_test(test_body_once),
		cmocka_unit_test(test_large_header),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	dkim_test_keys_free();
	return failed;
}
