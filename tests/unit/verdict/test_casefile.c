/* verdict/casefile: what was written is read back the same, verdicts are reached again bit for bit, damage is refused, ids sort by time. */
#include "base/clock.h"
#include "base/err.h"
#include "tests/test.h"
#include "verdict/casefile.h"

#include <stdlib.h>

static struct arena arena;

static const struct evidence_def heavy = { "heavy.one", GROUP_IDENTITY, 4100, EVIDENCE_PROOF, "{1} is heavy", "" };
static const struct evidence_def light = { "light.one", GROUP_FORM, -600, 0, "light", "" };
static const struct evidence_def worst = { "worst.one", GROUP_LISTS, 4000, 0, "worst", "" };

static struct span written(const struct casefile *c)
{
	struct buf out;
	buf_init(&out, &arena, SIZE_MAX);
	casefile_write(c, &out);
	return buf_span(&out);
}

static void set_id(struct casefile *c)
{
	static const uint8_t random[CASEFILE_RANDOM] = { 0xff, 1, 2, 3, 4, 5, 6, 7, 8, 0xff };
	char id[CASEFILE_ID];
	casefile_id(1800000000123, random, id);
	c->id = arena_dup(&arena, span_of(id, sizeof id));
}

static void fill(struct casefile *c)
{
	static struct evidence_detail detail = { SPAN_INIT("beneath"), { 7, 9, 2, PLACE_TEXT }, SPAN_INIT(" (line 3 as shown)") };
	memset(c, 0, sizeof *c);
	set_id(c);
	c->door = SPAN("milter");
	c->queue_id = SPAN("4ABC");
	c->reference_time = CLOCK_NONE;
	c->microseconds = 123;
	c->has_ip = c->has_origin = true;
	c->ip = ip_from_v4(0xc0000201);
	c->origin = ip_from_v4(0xc0000202);
	c->helo = SPAN("");
	c->mail_from = SPAN("");
	c->from = SPAN("\"A\" <a@example.com>");
	c->from_address = SPAN("a@example.com");
	c->subject = SPAN("gr\xc3\xbc\xc3\x9f");
	c->bytes = 4000000000u;
	memset(c->fingerprint, 0xcd, sizeof c->fingerprint);
	c->answers = SPAN("\1\0\0");
	c->evidence.arena = &arena;
	struct evidence *e = evidence_add(&c->evidence, &heavy, SPAN("lead"), span_none, span_none);
	evidence_at(e, (struct place){ 10, 20, 0, PLACE_RAW });
	e->cited = SPAN(" (line 2)");
	e->details = &detail;
	e->n_details = 1;
	evidence_add(&c->evidence, &light, span_none, span_none, span_none)->weight = -1;
	evidence_add(&c->evidence, &heavy, SPAN("again"), span_none, span_none);
	struct unchecked *u = evidence_unchecked(&c->evidence, "listed", "timed out", span_none);
	u->could = &worst;
	u->temporary = true;
	u->at = (struct place){ 1, 2, 0, PLACE_RAW };
	evidence_unchecked(&c->evidence, "dkim", "no answer", span_none);
	c->evidence.dropped = 3;
	c->verdict = verdict_judge(&c->evidence, &(struct verdict_thresholds){ 100, 5000, 6000, 8123, true });
	c->disposition = 3;
	c->bound = true;
	c->generations = (struct casefile_generations){ SPAN("0.1.0"), UINT64_MAX, 7, 0 };
	*(struct casefile_recipient *)vec_push(&arena, &c->recipients) = (struct casefile_recipient){ SPAN("b@example.org"), true };
	*(struct casefile_recipient *)vec_push(&arena, &c->recipients) = (struct casefile_recipient){ SPAN("C@example.org"), false };
	*(struct casefile_part *)vec_push(&arena, &c->parts) = (struct casefile_part){ 2, SPAN("1.2") };
	struct casefile_sentence *s = vec_push(&arena, &c->sender);
	s->says = SPAN("It says that it is from nobody.");
}

static void comes_back(void **state)
{
	struct casefile c, again;
	(void)state;
	fill(&c);
	struct span record = written(&c);
	assert_int_equal(casefile_read(record, &arena, &again), 0);
	assert_true(span_eq(written(&again), record));
	assert_true(span_eq(again.id, c.id));
	assert_span(again.door, "milter");
	assert_int_equal(again.reference_time, CLOCK_NONE);
	assert_true(again.mail_from.p && again.helo.p && !again.rdns.p && !again.auth_user.p);
	assert_int_equal(again.bytes, 4000000000u);
	assert_int_equal(again.evidence.list.n, 3);
	assert_ptr_equal(again.evidence.list.v[0].def, again.evidence.list.v[2].def);
	assert_string_equal(again.evidence.list.v[0].def->id, "heavy.one");
	assert_int_equal(again.evidence.list.v[0].def->flags, EVIDENCE_PROOF);
	assert_span(again.evidence.list.v[0].says, "lead is heavy");
	assert_span(again.evidence.list.v[0].cited, " (line 2)");
	assert_int_equal(again.evidence.list.v[0].at[0].to, 20);
	assert_int_equal(again.evidence.list.v[0].details[0].at.in, PLACE_TEXT);
	assert_string_equal(again.evidence.unchecked.v[0].could->id, "worst.one");
	assert_true(again.evidence.unchecked.v[0].temporary && !again.evidence.unchecked.v[1].temporary);
	assert_true(again.bound && again.verdict.thresholds.defer);
	assert_true(again.recipients.v[0].withheld && !again.recipients.v[1].withheld);
	assert_int_equal(again.verdict.action, c.verdict.action);
}

/* What this build would say does not count: the caps of the case do. */
static void judged_again(void **state)
{
	struct casefile c, again;
	int32_t caps[GROUPS] = { 0 };
	(void)state;
	fill(&c);
	caps[GROUP_IDENTITY] = 8200;
	caps[GROUP_FORM] = 1;
	caps[GROUP_LISTS] = 0;
	c.evidence.caps = caps;
	c.verdict = verdict_judge(&c.evidence, &c.verdict.thresholds);
	assert_int_equal(c.verdict.score, 100 + 8200 - 1);
	assert_int_equal(c.verdict.action, VERDICT_REJECT);
	assert_int_equal(casefile_read(written(&c), &arena, &again), 0);
	struct verdict verdict = casefile_verdict(&again);
	assert_int_equal(verdict.score, c.verdict.score);
	assert_int_equal(verdict.action, VERDICT_REJECT);
	assert_memory_equal(verdict.group_sum, c.verdict.group_sum, sizeof verdict.group_sum);
	assert_memory_equal(&verdict.probability, &again.verdict.probability, sizeof verdict.probability);
}

static void damage_is_refused(void **state)
{
	struct casefile c, again;
	(void)state;
	fill(&c);
	struct span record = written(&c);
	for (size_t n = 0; n < record.n; n++)
		assert_int_equal(casefile_read(span_first(record, n), &arena, &again), ERR_SYNTAX);
	for (size_t i = 0; i < record.n; i++) {
		struct span copy = arena_dup(&arena, record);
		uint8_t *byte = (uint8_t *)(uintptr_t)copy.p + i;
		for (unsigned bit = 0; bit < 8; bit++) {
			*byte ^= (uint8_t)(1 << bit);
			if (casefile_read(copy, &arena, &again) == 0) /* may be another case, but one that can be written */
				(void)written(&again);
			*byte ^= (uint8_t)(1 << bit);
		}
		arena_reset(&arena);
		fill(&c);
		record = written(&c);
	}
	assert_int_equal(casefile_read(SPAN("\3later"), &arena, &again), ERR_UNSUPPORTED);
}

/* Of version 1, with 32 bytes more in front of the fingerprint. */
static void of_an_older_build(void **state)
{
	struct casefile c, again;
	struct buf old;
	uint8_t fingerprint[CASEFILE_FINGERPRINT], digest[32] = { 1 };
	(void)state;
	fill(&c);
	struct span record = written(&c);
	memset(fingerprint, 0xcd, sizeof fingerprint);
	size_t at = span_find(record, span_of(fingerprint, sizeof fingerprint), 0);
	assert_int_not_equal(at, SPAN_NPOS);
	buf_init(&old, &arena, SIZE_MAX);
	buf_byte(&old, 1);
	buf_put(&old, span_slice(record, 1, at));
	buf_put(&old, span_of(digest, sizeof digest));
	buf_put(&old, span_skip(record, at));
	assert_int_equal(casefile_read(buf_span(&old), &arena, &again), 0);
	assert_true(span_eq(written(&again), record));
}

static void ids(void **state)
{
	static const uint8_t random[CASEFILE_RANDOM] = { 0x84, 0x21, 0x08, 0x42, 0x10, 0xff, 0xff, 0xff, 0xff, 0xff };
	char id[CASEFILE_ID], next[CASEFILE_ID], parsed[CASEFILE_ID];
	uint64_t time;
	(void)state;
	casefile_id(0, random, id);
	assert_span(span_of(id, sizeof id), "0000000000"
					    "gggggggg"
					    "zzzzzzzz");
	casefile_id(1800000000123, random, id);
	assert_true(casefile_id_time(span_of(id, sizeof id), &time));
	assert_int_equal(time, 1800000000123);
	casefile_id(1800000000124, random, next);
	assert_true(memcmp(id, next, sizeof id) < 0);
	assert_true(casefile_id_parse(SPAN("01KHA9XXOO6W8G84H2MEG0Z0ZL"), parsed));
	assert_span(span_of(parsed, sizeof parsed), "01kha9xx006w8g84h2meg0z0z1");
	assert_false(casefile_id_parse(SPAN("01kha9xx006w8g84h2meg0z0z"), parsed));
	assert_false(casefile_id_parse(SPAN("01kha9xx006w8g84h2meg0z0zu"), parsed));
	assert_false(casefile_id_time(SPAN("01KHA9XX006W8G84H2MEG0Z0Z1"), &time));
	assert_false(casefile_id_time(SPAN("zzzzzzzzzz6w8g84h2meg0z0z1"), &time));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_back),        cmocka_unit_test(judged_again), cmocka_unit_test(damage_is_refused),
		cmocka_unit_test(of_an_older_build), cmocka_unit_test(ids),
	};
	arena_init(&arena);
	int failures = cmocka_run_group_tests(tests, NULL, NULL);
	arena_release(&arena);
	return failures;
}
