/* trap/memory: a mixed stream of probes and payloads is told apart, collecting addresses and operators are learned, and all of it is kept.
 *
 * With $TRAP_CORPUS (a devpack.index beside its messages) the payloads are real spam of that corpus; without, written here. */
#include "trap/memory.h"

#include "tests/test.h"

#include <stdlib.h>

static uint64_t seed = 42;
static uint32_t chance(uint32_t below)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(seed >> 33) % below;
}

static struct span base64(struct arena *arena, struct span s)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	struct buf out;
	buf_init(&out, arena, 4096);
	for (size_t i = 0; i < s.n; i += 3) {
		uint32_t bits = 0;
		for (size_t k = 0; k < 3; k++)
			bits = bits << 8 | (i + k < s.n ? s.p[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			buf_byte(&out, i + k > s.n ? '=' : (uint8_t)alphabet[bits >> (18 - 6 * k) & 63]);
	}
	return buf_span(&out);
}

enum { SPELLINGS = 20, FAMILIES = 14, OPERATORS = 12, TARGETS = 40 };

static struct span spell(struct arena *arena, unsigned how, uint32_t v4)
{
	unsigned a = v4 >> 24, b = v4 >> 16 & 255, c = v4 >> 8 & 255, d = v4 & 255;
	switch (how) {
	case 0: return arena_printf(arena, "%u.%u.%u.%u", a, b, c, d);
	case 1: return arena_printf(arena, "%u-%u-%u-%u", a, b, c, d);
	case 2: return arena_printf(arena, "%u_%u_%u_%u", a, b, c, d);
	case 3: return arena_printf(arena, "[%u.%u.%u.%u]", a, b, c, d);
	case 4: return arena_printf(arena, "%u.%u.%u.%u", d, c, b, a);
	case 5: return arena_printf(arena, "%08X", v4);
	case 6: return arena_printf(arena, "1%08X:%u", v4, 1 + chance(65535));
	case 7: return arena_printf(arena, "%02x-%02x-%02x-%02x", a, b, c, d);
	case 8: return arena_printf(arena, "0x%x.0x%x.0x%x.0x%x", a, b, c, d);
	case 9: return arena_printf(arena, "%u", v4);
	case 10: return arena_printf(arena, "%03u.%03u.%03u.%03u", a, b, c, d);
	case 11: return arena_printf(arena, "%03u%03u%03u%03u", a, b, c, d);
	case 12: return arena_printf(arena, "0%o.0%o.0%o.0%o", a, b, c, d);
	case 13: return base64(arena, arena_printf(arena, "%u.%u.%u.%u", a, b, c, d));
	case 14: return arena_printf(arena, "%%%02x%%%02x%%%02x%%%02x", a, b, c, d);
	case 15: return arena_printf(arena, "%u.%u.\r\n %u.%u", a, b, c, d);
	case 16: return arena_printf(arena, "%u.%u.%u.%u:%u", a, b, c, d, 25);
	case 17: return arena_printf(arena, "%u dot %u dot %u dot %u", a, b, c, d);
	case 18: return arena_printf(arena, "%08x", __builtin_bswap32(v4));
	default: return arena_printf(arena, "::ffff:%02x%02x:%02x%02x", a, b, c, d);
	}
}

struct made {
	struct trap_catch catch;
	struct span recipients[60];
	bool probe;
	unsigned operator_;
};

static struct span letters(struct arena *arena, size_t n)
{
	uint8_t *p = arena_alloc(arena, n);
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)('a' + chance(26));
	return span_of(p, n);
}

/* Two families are published and used by all, the others made up, one for each operator; in the last the body holds the address, in the
 * last but one nothing does. */
static struct span probe_message(struct arena *arena, unsigned family, struct span address, struct span to)
{
	static const char *const subjects[] = { "BC_%.*s",         "Super webscan open relay check succeded, hostname = %.*s",
						"relay ok %.*s",   "%.*s",
						"test of %.*s",    "MX:%.*s;ok",
						"open? %.*s",      "<<%.*s>>",
						"probe/%.*s/%u",   "Q %.*s Q",
						"hello from %.*s", "SMTP %.*s is good" };
	struct span word = letters(arena, chance(60));
	struct span subject = family < COUNT(subjects)
				  ? arena_printf(arena, subjects[family], SPAN_ARG(address), chance(100000)) /* NOLINT */
				  : arena_printf(arena, "%.*s %u", SPAN_ARG(word), chance(1000));
	struct span body = family == FAMILIES - 1 ? arena_printf(arena, "node=%.*s\r\nkey=%u\r\n", SPAN_ARG(address), chance(1000000))
						  : arena_printf(arena, "%.*s\r\n", SPAN_ARG(word));
	return arena_join(arena, SPAN("From: <"), letters(arena, 8), SPAN("@mail.example>\r\nTo: <"), to, SPAN(">\r\nSubject: "), subject,
			  SPAN("\r\nDate: Mon, 2 Mar 2009 10:00:00 +0800\r\n\r\n"), body);
}

static void make_probe(struct arena *arena, const uint32_t *targets, unsigned i, struct made *ret)
{
	unsigned operator_ = chance(OPERATORS), family = chance(4) ? 2 + operator_ : chance(2);
	uint32_t target = targets[chance(TARGETS)];
	*ret = (struct made){ .probe = true, .operator_ = operator_ };
	ret->recipients[0] = arena_printf(arena, "box%u@webmail%u.example", operator_, operator_ % 3);
	ret->catch = (struct trap_catch){ .time = 1236000000 + i * 60,
					  .ip = ip_from_v4(0x3B000000 + operator_ * 256 + chance(6)),
					  .own = ip_from_v4(target),
					  .own_port = 25,
					  .helo = letters(arena, 6),
					  .dialect = operator_ + 1,
					  .mail_from = arena_join(arena, letters(arena, 8), SPAN("@mail.example")),
					  .n_recipients = 1 };
	ret->catch.message = probe_message(arena, family, spell(arena, chance(SPELLINGS), target), ret->recipients[0]);
}

static struct span written_spam(struct arena *arena)
{
	static const char *const texts[] = {
		"Subject: Cheap watches\r\n\r\nBuy now at http://watches%u.example/x\r\n",
		"Subject: Dear friend\r\n\r\nI am the widow of the late minister and need your help to move 10.5.20.%u million dollars "
		"abroad. "
		"Write to me in confidence, so that I may tell you of the percentage and of the lawyer who holds the papers for us "
		"both.\r\n"
		"Please tell no one of this until the funds are safe with you.\r\n",
		"Subject: Invoice %u\r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<html><a "
		"href=\"http://a.example/\">pay</a></html>\r\n",
	};
	return arena_printf(arena, texts[chance(COUNT(texts))], chance(250)); /* NOLINT */
}

static struct span corpus_spam(struct arena *arena, FILE *index, const char *folder)
{
	char line[1024], path[2048];
	while (fgets(line, sizeof line, index)) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "spam ", 5) != 0)
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, line + 5);
		FILE *f = fopen(path, "rb");
		if (!f)
			continue;
		uint8_t *p = arena_alloc(arena, 1 << 20);
		size_t n = fread(p, 1, 1 << 20, f);
		fclose(f);
		return span_of(p, n);
	}
	return span_none;
}

static void make_payload(struct arena *arena, const uint32_t *targets, unsigned i, struct span message, struct made *ret)
{
	*ret = (struct made){ .operator_ = chance(OPERATORS) };
	unsigned n = chance(3) ? 2 + chance(49) : 1;
	for (unsigned k = 0; k < n; k++)
		ret->recipients[k] = arena_join(arena, letters(arena, 6), SPAN("@"), letters(arena, 5), SPAN(".example"));
	ret->catch = (struct trap_catch){ .time = 1236000000 + i * 60,
					  .ip = ip_from_v4(0x50000000 + chance(3000)),
					  .own = ip_from_v4(targets[chance(TARGETS)]),
					  .own_port = 25,
					  .helo = letters(arena, 6),
					  .mail_from = arena_join(arena, letters(arena, 8), SPAN("@mail.example")),
					  .n_recipients = n,
					  .message = message };
}

struct counts {
	unsigned right_probe, missed, unsure_probe, false_probe, payload, unsure_payload;
};

static void count(struct counts *c, bool probe, enum probe_kind kind)
{
	c->right_probe += probe && kind == PROBE_PROBE;
	c->unsure_probe += probe && kind == PROBE_UNSURE;
	c->missed += probe && kind != PROBE_PROBE;
	c->false_probe += !probe && kind == PROBE_PROBE;
	c->unsure_payload += !probe && kind == PROBE_UNSURE;
	c->payload += !probe;
}

static void told_apart(void **state)
{
	(void)state;
	const char *corpus = getenv("TRAP_CORPUS");
	FILE *index = NULL;
	char path[1024];
	if (corpus) {
		snprintf(path, sizeof path, "%s/devpack.index", corpus);
		index = fopen(path, "r");
	}
	struct arena arena, kept;
	arena_init(&arena);
	arena_init(&kept);
	uint32_t targets[TARGETS];
	struct own_address own[TARGETS] = { 0 };
	for (unsigned i = 0; i < TARGETS; i++) {
		targets[i] = (1 + chance(220)) << 24 | (chance(1 << 24) | 0x10101);
		own[i].ip = ip_from_v4(targets[i]);
	}
	struct own_set *set;
	assert_int_equal(own_address_build(own, TARGETS, &kept, &set), 0);
	struct trap_memory *memory = trap_memory_new(99);
	struct counts counts = { 0 };
	uint32_t operator_of[OPERATORS][6];
	memset(operator_of, 0xff, sizeof operator_of);
	unsigned rounds = index ? 11000 : 3000;
	for (unsigned i = 0; i < rounds; i++) {
		arena_reset(&arena);
		struct made made;
		struct span spam = i % 2 ? span_none : index ? corpus_spam(&arena, index, corpus) : written_spam(&arena);
		if (i % 2 == 0 && !spam.p)
			continue;
		if (i % 2)
			make_probe(&arena, targets, i, &made);
		else
			make_payload(&arena, targets, i, spam, &made);
		made.catch.recipients = made.recipients;
		struct reading reading, read;
		struct buf record;
		reading_take(&made.catch, set, &arena, &reading);
		buf_init(&record, &arena, 1 << 20);
		reading_write(&reading, &record);
		assert_int_equal(reading_read(buf_span(&record), &arena, &read), 0);
		struct evidence_set evidence = { .arena = &arena };
		struct trap_told told;
		trap_memory_see(memory, &read, &(struct trap_where){ .country = "TW" }, &evidence, &told);
		count(&counts, made.probe, told.judgement.kind);
		if (made.probe && getenv("TRAP_SHOW"))
			print_message("operator %u %s: %.*s\n", made.operator_, told.family, SPAN_ARG(read.shape.text));
		if (made.probe != (told.judgement.kind == PROBE_PROBE) && getenv("TRAP_SHOW")) {
			print_message("%s %s %d:", made.probe ? "missed" : "false", probe_kind_name(told.judgement.kind),
				      told.judgement.score);
			for (uint32_t k = 0; k < evidence.list.n; k++)
				print_message(" [%.*s %d]", SPAN_ARG(evidence.list.v[k].says), evidence.list.v[k].weight);
			print_message("\n  %.*s\n", SPAN_ARG(read.shape.text));
		}
		if (made.probe)
			operator_of[made.operator_][made.catch.ip.b[15]] = told.run_by;
	}
	double precision = 100.0 * counts.right_probe / (counts.right_probe + counts.false_probe);
	double recall = 100.0 * counts.right_probe / (counts.right_probe + counts.missed);
	print_message("probes: precision %.2f %%, recall %.2f %% (%u unsure); %u payloads, %u unsure; %u families\n", precision, recall,
		      counts.unsure_probe, counts.payload, counts.unsure_payload, families_count(memory->families));
	assert_true(precision >= 99.5);
	assert_true(recall >= 99.0);
	/* the machines of one operator are one */
	for (unsigned o = 0; o < OPERATORS; o++)
		for (unsigned k = 0; k < 6; k++)
			for (unsigned p = 0; p < OPERATORS; p++)
				if (operator_of[o][k] != UINT32_MAX && operator_of[p][0] != UINT32_MAX) {
					struct ip a = ip_from_v4(0x3B000000 + o * 256 + k), b = ip_from_v4(0x3B000000 + p * 256);
					assert_int_equal(operators_of(memory->operators, &a) == operators_of(memory->operators, &b),
							 o == p);
				}
	struct buf out, twice;
	buf_init(&out, &arena, 64 << 20);
	trap_memory_write(memory, &out);
	struct trap_memory *again = trap_memory_new(1);
	assert_int_equal(trap_memory_read(again, buf_span(&out)), 0);
	buf_init(&twice, &arena, 64 << 20);
	trap_memory_write(again, &twice);
	assert_int_equal(out.n, twice.n);
	assert_int_equal(trap_memory_read(again, span_first(buf_span(&out), out.n / 2)), ERR_SYNTAX);
	trap_memory_free(memory);
	trap_memory_free(again);
	if (index)
		fclose(index);
	arena_release(&arena);
	arena_release(&kept);
}

static void collectors(void **state)
{
	(void)state;
	struct collectors *c = collectors_new(5);
	struct ip a = ip_from_v4(1), b = ip_from_v4(2);
	assert_null(collectors_find(c, SPAN("x@y.example")));
	collectors_see(c, SPAN("x@y.example"), &a, &a, true, 1);
	assert_false(collector_is_known(collectors_find(c, SPAN("x@y.example"))));
	collectors_see(c, SPAN("x@y.example"), &b, &a, true, 2);
	assert_true(collector_is_known(collectors_find(c, SPAN("x@y.example"))));
	/* a victim of spam that got two probes by chance is none */
	for (int i = 0; i < 3; i++)
		collectors_see(c, SPAN("x@y.example"), &b, &a, false, 3);
	assert_false(collector_is_known(collectors_find(c, SPAN("x@y.example"))));
	/* no more than LIMIT_COLLECTORS, and those known stay longest */
	for (int i = 0; i < 3; i++)
		collectors_see(c, SPAN("stays@y.example"), &b, &a, true, 4);
	char text[32];
	for (unsigned i = 0; i < 2 * LIMIT_COLLECTORS; i++) {
		snprintf(text, sizeof text, "u%u@v.example", i);
		collectors_see(c, span_cstr(text), &a, &a, false, 5);
	}
	assert_true(collector_is_known(collectors_find(c, SPAN("stays@y.example"))));
	collectors_free(c);
}

static void tallied(void **state)
{
	(void)state;
	/* Sunday 8 March 2009 belongs to the week of Monday the 2nd, as in the Dublin table */
	assert_int_equal(tally_week(1236470400), 1235952000);
	assert_int_equal(tally_week(1235952000), 1235952000);
	assert_int_equal(tally_week(-1), -3 * 86400);
	struct tally *t = tally_new();
	struct tally_row row = { .week = 1236470400, .country = "TW", .family = "bc", .probes = 1 };
	for (int i = 0; i < 116; i++)
		tally_add(t, &row);
	memcpy(row.country, "EU", 3);
	tally_add(t, &row);
	assert_int_equal(tally_rows(t), 2);
	assert_int_equal(tally_at(t, 0)->probes, 116);
	/* more than LIMIT_TALLY_ROWS: nothing is lost from the sum */
	uint64_t sum = 0;
	for (unsigned i = 0; i < LIMIT_TALLY_ROWS + 2000; i++) {
		row.week += TALLY_WEEK / 50;
		snprintf(row.family, sizeof row.family, "found-%u", i);
		tally_add(t, &row);
	}
	assert_true(tally_rows(t) <= LIMIT_TALLY_ROWS);
	for (uint32_t i = 0; i < tally_rows(t); i++)
		sum += tally_at(t, i)->probes;
	assert_int_equal(sum, 117 + LIMIT_TALLY_ROWS + 2000);
	tally_free(t);
}

/* No more recipients than LIMIT_READING_RECIPIENTS and parts than LIMIT_READING_PARTS are looked at; all are counted. */
static void bounds(void **state)
{
	(void)state;
	struct arena arena;
	arena_init(&arena);
	struct own_address own = { .ip = ip_from_v4(0xC6336407) };
	struct own_set *set;
	assert_int_equal(own_address_build(&own, 1, &arena, &set), 0);
	struct span recipients[LIMIT_READING_RECIPIENTS + 5];
	for (unsigned i = 0; i < COUNT(recipients); i++)
		recipients[i] = i ? SPAN("a%b@c") : SPAN("@x:a@198.51.100.7");
	struct buf text;
	buf_init(&text, &arena, 1 << 20);
	buf_cstr(&text, "Content-Type: multipart/mixed; boundary=b\r\n\r\n");
	for (unsigned i = 0; i < LIMIT_READING_PARTS + 5; i++)
		buf_printf(&text, "--b\r\nContent-Type: text/plain\r\n\r\npart\r\n");
	struct trap_catch catch = { .n_recipients = COUNT(recipients), .recipients = recipients, .message = buf_span(&text) };
	struct reading r;
	reading_take(&catch, set, &arena, &r);
	assert_int_equal(r.n_recipients, COUNT(recipients));
	assert_int_equal(r.n_kept, LIMIT_READING_RECIPIENTS);
	assert_int_equal(r.forms, TRAP_FORM_ROUTE | TRAP_FORM_PERCENT);
	assert_true(r.has_own[READING_ENVELOPE]);
	assert_false(r.has_own[READING_BODY]);
	arena_release(&arena);
}

/* The process that made it has read hostile bytes: what it could write to mislead the keeper is refused. */
static void hostile_readings(void **state)
{
	(void)state;
	struct arena arena;
	arena_init(&arena);
	const struct reading good = {
		.time = 1790000000, .n_recipients = 1, .published = "bc", .has_own = { true }, .own_best[0].weight = 7000
	};
	struct reading cases[] = { good, good, good, good, good, good, good };
	cases[1].time = INT64_MAX; /* a week of which cannot be computed */
	cases[2].time = INT64_MIN;
	cases[3].own_best[0].weight = INT32_MAX; /* sums of which overflow */
	cases[4].own_best[0].weight = -1;
	memcpy(cases[5].published, "\x1b[2J", 5); /* is printed on terminals */
	memcpy(cases[6].published, "a b", 4);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct reading read;
		struct buf record;
		buf_init(&record, &arena, 1 << 20);
		reading_write(&cases[i], &record);
		int want = i == 0 ? 0 : ERR_SYNTAX;
		if (reading_read(buf_span(&record), &arena, &read) != want)
			fail_msg("case %zu", i);
	}
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(told_apart), cmocka_unit_test(collectors), cmocka_unit_test(tallied),
					    cmocka_unit_test(bounds), cmocka_unit_test(hostile_readings) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
