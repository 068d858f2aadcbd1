/* tests/unit/auth/test_arc.c - chains that we seal are valid, what breaks one is said, and since when nothing was changed; the suite arc
 * has the cases of others. */
#include "auth/arc.h"
#include "auth/dkim_digest.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "tests/dkim_test.h"

#define MAIL "From: a@example.org\nTo: list@example.net\nSubject: hi\n\nHello.\n"
#define NOW 1767571200

struct fixture {
	struct arena arena, kept; /* kept: as long as the test */
	struct dkim_key *key;
	struct span record;
};

static int set_up(void **state)
{
	static struct fixture f;
	struct span pem;
	arena_init(&f.arena);
	arena_init(&f.kept);
	assert_int_equal(dkim_key_new(DKIM_ED25519_SHA256, &f.kept, &pem), ERR_OK);
	assert_int_equal(dkim_key_read(pem, &f.key), ERR_OK);
	f.record = dkim_key_record(f.key, &f.kept);
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	dkim_key_free(f->key);
	arena_release(&f->arena);
	arena_release(&f->kept);
	dkim_test_keys_free();
	return 0;
}

/* Every question is answered: with the record, or with status where the name has `sick` in it. */
static struct arc validated(struct fixture *f, struct span text, const char *sick, enum answer_status status)
{
	struct message *message = arena_new(&f->arena, struct message);
	struct answers answers = { 0 };
	struct arc_state *kept = NULL;
	struct dkim_digest digest;
	struct arc arc;
	message_parse(text, &f->arena, message);
	dkim_digest_init(&digest, message, &f->arena);
	for (int round = 0;; round++) {
		struct questions questions = { .arena = &f->arena };
		assert_true(round < 3);
		if (arc_validate(&digest, NOW, &answers, &questions, &kept, &arc) == AUTH_DONE)
			return arc;
		assert_true(questions.list.n > 0);
		for (uint32_t i = 0; i < questions.list.n; i++) {
			struct span name = questions.list.v[i].name;
			bool bad = sick && span_has(name, span_cstr(sick));
			if (!answers_find(&answers, QUESTION_TXT, name))
				dkim_test_answer(&answers, &f->arena, name, bad ? status : ANSWER_OK, bad ? span_none : f->record);
		}
	}
}

/* The message with one more set on top, sealed by sN.example.org. */
static int seal(struct fixture *f, struct span text, struct span *ret)
{
	struct message message;
	struct arc arc = validated(f, text, NULL, ANSWER_OK);
	struct dkim_signing signing = { .key = f->key, .selector = SPAN("k"), .header = DKIM_RELAXED, .body = DKIM_RELAXED, .now = NOW };
	struct span fields;
	signing.domain = arena_printf(&f->arena, "s%u.example.org", arc.highest + 1);
	message_parse(text, &f->arena, &message);
	int err = arc_seal(
	    &message, &arc, &signing, SPAN("mx.example.org"),
	    SPAN("spf=pass smtp.mailfrom=example.org; dkim=pass header.d=example.org header.s=k; dmarc=pass header.from=example.org"),
	    &f->arena, &fields);
	if (!err)
		*ret = arena_printf(&f->arena, "%.*s%.*s", SPAN_ARG(fields), SPAN_ARG(text));
	return err;
}

static struct span chain_of(struct fixture *f, unsigned sets)
{
	struct span text = SPAN(MAIL);
	for (unsigned i = 0; i < sets; i++)
		assert_int_equal(seal(f, text, &text), ERR_OK);
	return text;
}

static void test_own_chains(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(validated(f, SPAN(MAIL), NULL, ANSWER_OK).cv, ARC_NONE);
	for (unsigned sets = 1; sets <= 5; sets++) {
		struct arc arc = validated(f, chain_of(f, sets), NULL, ANSWER_OK);
		assert_int_equal(arc.cv, ARC_PASS);
		assert_int_equal(arc.sets.n, sets);
		assert_int_equal(arc.oldest_pass, 0);
		assert_null(arc.problem.p);
		for (unsigned i = 0; i < sets; i++) {
			assert_int_equal(arc.sets.v[i].instance, i + 1);
			assert_true(arc.sets.v[i].signature_passes);
			assert_true(span_eq(arc.sets.v[i].domain, arena_printf(&f->arena, "s%u.example.org", i + 1)));
			assert_true(span_starts(arc.sets.v[i].results_text, SPAN("mx.example.org; spf=pass")));
		}
		arena_reset(&f->arena);
	}
}

/* Each case changes one thing in a chain of three. */
static const struct broken_case {
	const char *name, *find, *replace;
	enum arc_result cv;
	const char *problem;
} broken_cases[] = {
	{ "nothing", "Hello", "Hello", ARC_PASS, NULL },
	{ "body", "Hello", "Hullo", ARC_FAIL, "the newest signature, 3, is no good: the body" },
	{ "subject", "Subject: hi", "Subject: ho", ARC_FAIL, "the newest signature, 3, is no good: what it signs was changed" },
	{ "a field added that no one signs", "From: a", "X-New: x\nFrom: a", ARC_PASS, NULL },
	{ "no seal 2", "ARC-Seal: i=2;", "X-Seal: i=2;", ARC_FAIL, "set 2 has no field ARC-Seal" },
	{ "no signature 1", "ARC-Message-Signature: i=1;", "X-AMS: i=1;", ARC_FAIL, "set 1 has no field ARC-Message-Signature" },
	{ "no results 3", "ARC-Authentication-Results: i=3;", "X-AAR: i=3;", ARC_FAIL, "set 3 has no field ARC-Authentication-Results" },
	{ "a seal twice", "ARC-Seal: i=2;", "ARC-Seal: i=3;", ARC_FAIL, "set 3 has the field ARC-Seal twice" },
	{ "no instance", "ARC-Seal: i=2;", "ARC-Seal: j=2;", ARC_FAIL, "a field ARC-Seal does not say which set" },
	{ "results without instance", "ARC-Authentication-Results: i=2;", "ARC-Authentication-Results: mx;", ARC_FAIL,
	  "does not say which set" },
	{ "a gap", "ARC-Seal: i=3;", "ARC-Seal: i=5;", ARC_FAIL, "set 3 has no field ARC-Seal" },
	{ "older results changed", "results: spf", "results: spf", ARC_PASS, NULL },
	{ "seal 1 does not begin", "i=1; a=ed25519-sha256; cv=none", "i=1; a=ed25519-sha256; cv=pass", ARC_FAIL,
	  "seal 1 says that the chain before it was \"pass\"" },
	{ "seal 2 begins", "i=2; a=ed25519-sha256; cv=pass", "i=2; a=ed25519-sha256; cv=none", ARC_FAIL, "seal 2 says" },
	{ "seal 3 says fail", "i=3; a=ed25519-sha256; cv=pass", "i=3; a=ed25519-sha256; cv=fail", ARC_FAIL, "seal 3 says" },
	{ "seal 2 moved in time", "d=s2.example.org; s=k;\r\n\tt=1767571200; b=", "d=s2.example.org; s=k;\r\n\tt=1767571201; b=", ARC_FAIL,
	  "seal 2 of s2.example.org is no good" },
	{ "seal with SHA-1", "i=2; a=ed25519-sha256; cv", "i=2; a=rsa-sha1; cv", ARC_FAIL,
	  "seal 2 of s2.example.org is no good: it uses SHA-1" },
};

static struct span replaced(struct span text, const char *find, const char *replace, struct arena *arena)
{
	size_t at = span_find(text, span_cstr(find), 0);
	if (at == SPAN_NPOS)
		return text;
	return arena_printf(arena, "%.*s%s%.*s", SPAN_ARG(span_first(text, at)), replace, SPAN_ARG(span_skip(text, at + strlen(find))));
}

static void test_broken(void **state)
{
	struct fixture *f = *state;
	for (size_t i = 0; i < COUNT(broken_cases); i++) {
		const struct broken_case *c = &broken_cases[i];
		struct arc arc = validated(f, replaced(chain_of(f, 3), c->find, c->replace, &f->arena), NULL, ANSWER_OK);
		if (arc.cv != c->cv || !span_has(arc.problem, span_cstr(c->problem ? c->problem : "")))
			print_error("%s: %s (%.*s)\n", c->name, arc_result_name(arc.cv), SPAN_ARG(arc.problem));
		assert_int_equal(arc.cv, c->cv);
		assert_int_equal(arc.problem.p != NULL, c->problem != NULL);
		assert_true(!c->problem || span_has(arc.problem, span_cstr(c->problem)));
		arena_reset(&f->arena);
	}
}

/* A list adds its footer before it seals: what was signed before no longer holds, and that is no failure. */
static void test_oldest_pass(void **state)
{
	struct fixture *f = *state;
	for (unsigned before = 1; before <= 3; before++) {
		struct span text = arena_printf(&f->arena, "%.*s-- \nlist\n", SPAN_ARG(chain_of(f, before)));
		/* The list knows that the chain was whole when it came. */
		struct arc whole = validated(f, chain_of(f, before), NULL, ANSWER_OK);
		struct message message;
		struct dkim_signing signing = { .key = f->key, .domain = SPAN("list.example.net"), .selector = SPAN("k"), .now = NOW };
		struct span fields;
		message_parse(text, &f->arena, &message);
		assert_int_equal(arc_seal(&message, &whole, &signing, SPAN("list.example.net"), SPAN("arc=pass"), &f->arena, &fields),
				 ERR_OK);
		struct arc arc = validated(f, arena_printf(&f->arena, "%.*s%.*s", SPAN_ARG(fields), SPAN_ARG(text)), NULL, ANSWER_OK);
		assert_int_equal(arc.cv, ARC_PASS);
		assert_int_equal(arc.oldest_pass, before + 1);
		assert_true(arc.sets.v[before].signature_passes);
		assert_false(arc.sets.v[before - 1].signature_passes);
		arena_reset(&f->arena);
	}
}

static void test_dns(void **state)
{
	struct fixture *f = *state;
	struct span text = chain_of(f, 3);
	static const struct {
		const char *sick;
		enum answer_status status;
		enum arc_result cv;
	} cases[] = {
		{ "s3.example", ANSWER_TIMEOUT, ARC_TEMPERROR },     { "s1.example", ANSWER_SERVFAIL, ARC_TEMPERROR },
		{ "s2.example", ANSWER_UNAVAILABLE, ARC_TEMPERROR }, { "s2.example", ANSWER_NXDOMAIN, ARC_FAIL },
		{ "s3.example", ANSWER_NODATA, ARC_FAIL },
	};
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(validated(f, text, cases[i].sick, cases[i].status).cv, cases[i].cv);
	/* What fails for good is not excused by what could not be asked. */
	struct span broken = replaced(text, "Hello", "Hullo", &f->arena);
	assert_int_equal(validated(f, broken, "s1.example", ANSWER_TIMEOUT).cv, ARC_FAIL);
	arena_reset(&f->arena);
}

static void test_seal_refused(void **state)
{
	struct fixture *f = *state;
	struct span text = chain_of(f, 1);
	/* A broken chain is sealed as broken, once. */
	text = replaced(text, "Hello", "Hullo", &f->arena);
	assert_int_equal(seal(f, text, &text), ERR_OK);
	assert_true(span_has(text, SPAN("cv=fail")));
	assert_int_equal(validated(f, text, NULL, ANSWER_OK).cv, ARC_FAIL);
	assert_int_equal(seal(f, text, &text), ERR_UNSUPPORTED);
	assert_int_equal(seal(f, SPAN("To: b@example.org\n\nx\n"), &text), ERR_SYNTAX);
	arena_reset(&f->arena);
}

/* A body that DKIM or another chain has hashed is not gone over again. */
static void test_shared_body(void **state)
{
	struct fixture *f = *state;
	struct message message;
	struct answers answers = { 0 };
	struct questions questions = { .arena = &f->arena };
	struct dkim_digest digest;
	struct arc arc;
	uint64_t looked[2] = { 0 };
	message_parse(chain_of(f, 1), &f->arena, &message);
	dkim_test_answer(&answers, &f->arena, SPAN("k._domainkey.s1.example.org"), ANSWER_OK, f->record);
	dkim_digest_init(&digest, &message, &f->arena);
	for (int i = 0; i < 2; i++) {
		struct arc_state *kept = NULL;
		uint64_t before = digest.looked;
		assert_int_equal(arc_validate(&digest, NOW, &answers, &questions, &kept, &arc), AUTH_DONE);
		assert_int_equal(arc.cv, ARC_PASS);
		looked[i] = digest.looked - before;
	}
	assert_int_equal(looked[0] - looked[1], message_root(&message)->raw_body.n);
	arena_reset(&f->arena);
}

static void test_limits(void **state)
{
	struct fixture *f = *state;
	struct span text = chain_of(f, LIMIT_ARC_SETS);
	struct arc arc = validated(f, text, NULL, ANSWER_OK);
	assert_int_equal(arc.cv, ARC_PASS);
	assert_int_equal(arc.sets.n, LIMIT_ARC_SETS);
	assert_int_equal(seal(f, text, &text), ERR_LIMIT);
	struct buf many;
	buf_init(&many, &f->arena, 64u * 1024 * 1024);
	for (unsigned i = 0; i < 9000; i++)
		buf_printf(&many, "ARC-Seal: i=%u; a=rsa-sha256; cv=none; d=example.org; s=k; b=AAAA\n", i % 50 + 1);
	buf_cstr(&many, MAIL);
	arc = validated(f, buf_span(&many), NULL, ANSWER_OK);
	assert_int_equal(arc.cv, ARC_FAIL);
	assert_int_equal(arc.highest, 50);
	arena_reset(&f->arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own_chains),  cmocka_unit_test(test_broken),       cmocka_unit_test(test_oldest_pass),
		cmocka_unit_test(test_dns),         cmocka_unit_test(test_seal_refused), cmocka_unit_test(test_limits),
		cmocka_unit_test(test_shared_body),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
