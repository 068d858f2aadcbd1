/* app/pipeline: a message judged again from the answers that were kept, with the network cut, gives the same verdict, evidence and
 * unchecked, byte for byte. A thousand messages made up here and, where ../shared exists, a thousand of the dev corpus; a DNS that is made
 * up too: what it says follows from the name alone, and it fails in every way. */
#include "app/pipeline.h"
#include "facts/answers_record.h"
#include "report/json.h"
#include "tests/test.h"

#include <stdlib.h>
#include <xxhash.h>

enum { MESSAGES = 1000, EVERY = 14, LARGEST = 200000 };

static struct pipeline_options asking, cut;
static struct pipeline first, again;
static struct arena arena;
static unsigned statuses[ANSWER_UNAVAILABLE + 1];
static size_t kept_bytes, judged;

static struct span made_up(enum question_type type, struct span name, uint64_t h, struct arena *a)
{
	unsigned other = (unsigned)(h >> 8) % 50;
	switch (type) {
	case QUESTION_A: return arena_printf(a, "192.0.2.%u", other);
	case QUESTION_AAAA: return arena_printf(a, "2001:db8::%x", other);
	case QUESTION_MX: return arena_printf(a, "%u m%u.example", other, other);
	case QUESTION_NETWORK: return arena_printf(a, "AS645%02u NZ 192.0.2.0/24 Network %u", other, other);
	case QUESTION_TXT:
		if (span_has(name, SPAN("_dmarc")))
			return arena_printf(a, "v=DMARC1; p=%s", other % 2 ? "reject" : "none");
		if (span_has(name, SPAN("_domainkey")))
			return SPAN("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
		return arena_printf(a, "v=spf1 include:i%u.example a:a%u.example mx exists:%%{i}.e%u.example %sall", other, other, other,
				    other % 2 ? "-" : "?");
	default: return arena_printf(a, "h%u.example", other);
	}
}

static void answer_by_name(const void *context, struct arena *a, struct answer *answer)
{
	uint64_t h = XXH3_64bits_withSeed(answer->question.name.p, answer->question.name.n, (XXH64_hash_t)answer->question.type);
	(void)context;
	static const enum answer_status word[] = { ANSWER_TIMEOUT, ANSWER_SERVFAIL, ANSWER_NXDOMAIN, ANSWER_NODATA, ANSWER_UNAVAILABLE };
	answer->status = h % 12 < COUNT(word) ? word[h % 12] : ANSWER_OK;
	if (answer->status == ANSWER_UNAVAILABLE && h & 0x1000)
		answer->why = SPAN("was not asked: made up");
	if (answer->status != ANSWER_OK)
		return;
	answer->ttl = (uint32_t)(h >> 40) % 90000;
	for (unsigned i = 0; i <= (h >> 20) % 3; i++)
		*(struct span *)vec_push(a, &answer->records) = made_up(answer->question.type, answer->question.name, h + i * 256, a);
}

static struct span told(struct judgement *judgement)
{
	struct buf json;
	buf_init(&json, &arena, 1u << 24);
	judgement->microseconds = 0;
	report_json(judgement, &json);
	return buf_span(&json);
}

static void judge_twice(struct span raw, const char *name)
{
	struct judgement judgement;
	struct answers kept;
	struct buf record;
	arena_reset(&arena);
	pipeline_judge(&first, raw, &judgement);
	struct span was = told(&judgement);
	buf_init(&record, &arena, 1u << 24);
	answers_record_write(&first.answers, &record);
	for (uint32_t i = 0; i < first.answers.list.n; i++)
		statuses[first.answers.list.v[i].status]++;
	kept_bytes += record.n;
	judged++;

	assert_int_equal(answers_record_read(buf_span(&record), &arena, &kept), 0);
	cut.kept = &kept;
	pipeline_judge(&again, raw, &judgement);
	struct span is = told(&judgement);
	if (!span_eq(was, is))
		fail_msg("%s: first\n%.*s\nand then\n%.*s", name, SPAN_ARG(was), SPAN_ARG(is));
	assert_int_equal(again.answers.list.n, first.answers.list.n);
}

static struct span make_message(unsigned i)
{
	static const char *const bodies[] = {
		"hello\n",
		"Your account was limited: http://www.d%u.example/login and https://192.0.2.7/x\n",
		"See http://d%u.example/?u=http://e.example/\n",
	};
	struct buf out;
	uint64_t h = XXH3_64bits_withSeed(&i, sizeof i, 1);
	unsigned d = (unsigned)(h % 97), e = (unsigned)((h >> 16) % 97);
	buf_init(&out, &arena, 1u << 16);
	buf_printf(&out, "Return-Path: <bounce@d%u.example>\n", h & 1 ? d : e);
	buf_printf(&out,
		   "Received: from mail.d%u.example (host%u.example [192.0.2.%u]) by mx.example.org with ESMTP id %u; "
		   "Mon, %u Mar 2026 10:00:00 +0000\n",
		   e, e, (unsigned)(h >> 24 & 255), i, 2 + i % 20);
	if (h & 2)
		buf_printf(&out,
			   "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=d%u.example; s=s%u; h=from:subject;\n"
			   "\tbh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA%u\n",
			   d, i % 3, 1000 + i % 9000);
	buf_printf(&out,
		   "From: \"%s\" <a%u@d%u.example>\nTo: b@example.org\nSubject: message %u\nMessage-ID: <%u@d%u.example>\n"
		   "Date: Mon, 2 Mar 2026 10:00:00 +0000\n\n",
		   h & 4 ? "PayPal" : "A B", i, d, i, i, d);
	const char *body = bodies[(h >> 32) % COUNT(bodies)];
	for (; *body; body++) /* %u is the domain */
		if (body[0] == '%' && body[1] == 'u') {
			buf_printf(&out, "%u", e);
			body++;
		} else {
			buf_byte(&out, (uint8_t)*body);
		}
	return buf_span(&out);
}

static void of_our_own(void **state)
{
	(void)state;
	for (unsigned i = 0; i < MESSAGES; i++) {
		char name[32];
		arena_reset(&arena);
		struct span made = make_message(i), raw = span_of(memcpy(malloc(made.n), made.p, made.n), made.n);
		sprintf(name, "message %u", i);
		judge_twice(raw, name);
		free((void *)(uintptr_t)raw.p);
	}
	for (unsigned i = 0; i <= ANSWER_UNAVAILABLE; i++)
		assert_true(statuses[i] > 100); /* they were of all kinds */
	print_message("# %.0f bytes a message, %.1f answers\n", (double)kept_bytes / (double)judged,
		      (double)(statuses[0] + statuses[1] + statuses[2] + statuses[3] + statuses[4] + statuses[5]) / (double)judged);
}

static uint64_t octal(const char *digits, size_t n)
{
	uint64_t value = 0;
	for (size_t i = 0; i < n && digits[i] >= '0' && digits[i] <= '7'; i++)
		value = value * 8 + (uint64_t)(digits[i] - '0');
	return value;
}

/* The archive is read as a tar stream (POSIX ustar: 512-byte blocks, name at 0, size in octal at 124, type at 156). */
static void of_the_dev_corpus(void **state)
{
	const char *root = getenv("POSTERN_ROOT");
	char command[4096], head[512];
	unsigned n = 0;
	(void)state;
	snprintf(command, sizeof command, "%s/../shared/corpora/dev-mail.tar.zst", root ? root : ".");
	FILE *there = fopen(command, "rb");
	if (!there)
		skip();
	fclose(there);
	snprintf(command, sizeof command, "zstd -dcq '%s/../shared/corpora/dev-mail.tar.zst'", root ? root : ".");
	FILE *tar = popen(command, "r");
	assert_non_null(tar);
	while (fread(head, sizeof head, 1, tar) == 1 && head[0]) {
		size_t size = octal(head + 124, 11), padded = (size + 511) / 512 * 512;
		char *bytes = malloc(padded + 1);
		assert_true(fread(bytes, 1, padded, tar) == padded);
		char name[101] = "";
		memcpy(name, head, 100);
		if ((head[156] == '0' || !head[156]) && size && size < LARGEST && n++ % EVERY == 0)
			judge_twice(span_of(bytes, size), name);
		free(bytes);
	}
	pclose(tar);
	assert_true(n > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(of_our_own), cmocka_unit_test(of_the_dev_corpus) };
	settings_defaults(&asking.settings);
	asking.now = CLOCK_NONE;
	for (int type = 0; type < QUESTION_TYPES; type++)
		asking.answerers[type].answer = answer_by_name;
	settings_defaults(&cut.settings);
	cut.now = CLOCK_NONE;
	arena_init(&arena);
	pipeline_warm_up();
	pipeline_init(&first, &asking);
	pipeline_init(&again, &cut);
	int failed = cmocka_run_group_tests_name("app/kept", tests, NULL, NULL);
	pipeline_release(&again);
	pipeline_release(&first);
	arena_release(&arena);
	return failed;
}
