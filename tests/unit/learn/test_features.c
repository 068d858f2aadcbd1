/* learn/features: each feature once, in range, where its place says, the same on every machine; and numbers that must never change without
 * MODEL_FORMAT. */
#include "learn/features.h"
#include "learn/model.h"
#include "tests/learn_test.h"

#include <stdlib.h>

struct taken {
	struct arena arena;
	struct features_scratch *scratch;
	struct features features;
};

static void put(struct view *view, struct span text, struct arena *arena)
{
	memset(view, 0, sizeof *view);
	buf_init(&view->text, arena, text.n + 1);
	buf_put(&view->text, text);
}

static void take(struct taken *t, struct span raw, struct span text, struct span fields)
{
	struct views views;
	arena_init(&t->arena);
	t->scratch = features_scratch_new();
	put(&views.raw, raw, &t->arena);
	put(&views.text, text, &t->arena);
	put(&views.fields, fields, &t->arena);
	features_take(&views, FEATURES_ALL, t->scratch, &t->arena, &t->features);
}

static void drop(struct taken *t)
{
	features_scratch_free(t->scratch);
	arena_release(&t->arena);
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

/* In range, each once, met one after the other. */
static void sound(const struct features *features, const struct views *views)
{
	for (unsigned v = 0; v < FEATURES_VIEWS; v++) {
		const struct feature_list *list = &features->of[v];
		uint32_t *sorted = malloc((list->n + 1) * sizeof *sorted);
		memcpy(sorted, list->cell, list->n * sizeof *sorted);
		qsort(sorted, list->n, sizeof *sorted, by_number);
		for (uint32_t i = 0; i < list->n; i++) {
			assert_true(sorted[i] < FEATURES_CELLS);
			assert_true(i == 0 || sorted[i] != sorted[i - 1]);
			assert_true(i == 0 || list->at[i] >= list->at[i - 1]);
		}
		free(sorted);
		const struct view *view = v == FEATURES_RAW ? &views->raw : v == FEATURES_FIELDS ? &views->fields : &views->text;
		for (uint32_t i = 0; i < list->n; i++) {
			assert_true(list->at[i] < view->text.n);
		}
	}
}

static const char message[] =
    "Received: from [192.0.2.9] (helo=x.example) by mx.example.com with smtp; Mon, 2 Mar 2026 10:00:00 +0000\n"
    "From: \"Pay Pal\" <service@example.org>\nTo: a@example.com, b@example.com\nSubject: Your account, your account\n"
    "Message-ID: <1@example.org>\nDate: Mon, 2 Mar 2026 10:00:00 +0000\nX-Mailer: Letters 1.0\n"
    "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n\n<p>Dear <b>friend</b>, the the the offer "
    "<a href='http://offer.example/x?y'>is here</a></p>\n--b\nContent-Type: application/pdf; name=a.pdf\n"
    "Content-Transfer-Encoding: base64\n\nJVBERi0xLjQK\n--b--\n";

static void each_once(void **state)
{
	static struct learn_seen seen;
	(void)state;
	learn_begin(&seen);
	learn_see(&seen, span_cstr(message));
	sound(&seen.features, &seen.views);
	for (unsigned v = 0; v < FEATURES_VIEWS; v++)
		assert_true(seen.features.of[v].n > 10);

	/* The same scratch again, and another: the same features. */
	for (unsigned time = 0; time < 2; time++) {
		struct features again;
		struct features_scratch *fresh = time ? features_scratch_new() : seen.scratch;
		features_take(&seen.views, FEATURES_ALL, fresh, &seen.pipeline.arena, &again);
		for (unsigned v = 0; v < FEATURES_VIEWS; v++) {
			assert_int_equal(again.of[v].n, seen.features.of[v].n);
			assert_memory_equal(again.of[v].cell, seen.features.of[v].cell, again.of[v].n * sizeof(uint32_t));
			/* Sorting keeps what there is. */
			features_sort(fresh, &again.of[v]);
			assert_true(again.of[v].sorted);
			for (uint32_t i = 1; i < again.of[v].n; i++)
				assert_true(again.of[v].cell[i - 1] < again.of[v].cell[i]);
		}
		if (time)
			features_scratch_free(fresh);
	}
	learn_release(&seen);
}

static void few_bytes(void **state)
{
	static const struct {
		const char *raw, *text, *fields;
		uint32_t n[FEATURES_VIEWS];
	} cases[] = {
		{ "", "", "", { 0, 0, 0, 0 } },
		{ "abc", "abc", "no colon\n", { 0, 0, 1, 0 } },
		{ "abcd", "a b c", "k:v\n", { 1, 1, 5, 3 } },                   /* no pairs across a word */
		{ "aaaaaaa", "the the the the", "k:v\nk:v\n", { 1, 2, 2, 3 } }, /* again is nothing new */
		{ "abcd", "WORD word Word", "K:V W\nk:v w\n", { 1, 7, 2, 5 } },
		{ "abcd", "end", "k:", { 1, 0, 1, 2 } },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct taken t;
		take(&t, span_cstr(cases[i].raw), span_cstr(cases[i].text), span_cstr(cases[i].fields));
		for (unsigned v = 0; v < FEATURES_VIEWS; v++) {
			if (t.features.of[v].n != cases[i].n[v])
				print_error("case %zu, view %u\n", i, v);
			assert_int_equal(t.features.of[v].n, cases[i].n[v]);
		}
		drop(&t);
	}
}

/* Grams are chosen sixteen at a time: where they stand must not matter. */
static void grams_anywhere(void **state)
{
	char text[300];
	(void)state;
	for (unsigned i = 0; i < sizeof text; i++)
		text[i] = (char)(i * i / 7 + i * 31); /* some come again */
	for (size_t n = 0; n <= 200; n++) {
		struct taken t;
		const uint8_t *p = (const uint8_t *)text + n / 3;
		static uint32_t want[200];
		uint32_t k = 0;
		take(&t, span_of(p, n), span_none, span_none);
		for (size_t i = 0; i + 4 <= n; i++) {
			uint32_t gram = p[i] | (uint32_t)p[i + 1] << 8 | (uint32_t)p[i + 2] << 16 | (uint32_t)p[i + 3] << 24, before = 0;
			want[k] = gram * 0x9E3779B1u >> (32 - FEATURES_BITS);
			while (before < k && want[before] != want[k])
				before++;
			if ((uint8_t)(5 * p[i] + 11 * p[i + 1]) >= 128 || before < k)
				continue;
			assert_true(k < t.features.of[FEATURES_RAW].n);
			assert_int_equal(t.features.of[FEATURES_RAW].cell[k], want[k]);
			assert_int_equal(t.features.of[FEATURES_RAW].at[k], i);
			k++;
		}
		assert_int_equal(t.features.of[FEATURES_RAW].n, k);
		drop(&t);
	}
}

static bool shares_words(struct span a, struct span b)
{
	struct taken x, y;
	take(&x, span_none, a, span_none);
	take(&y, span_none, b, span_none);
	const struct feature_list *p = &x.features.of[FEATURES_WORDS], *q = &y.features.of[FEATURES_WORDS];
	bool same = p->n == q->n && memcmp(p->cell, q->cell, p->n * sizeof *p->cell) == 0;
	drop(&x);
	drop(&y);
	return same;
}

static void words(void **state)
{
	(void)state;
	assert_true(shares_words(SPAN("Buy Now"), SPAN("buy,   now.")));
	assert_false(shares_words(SPAN("buy now"), SPAN("now buy")));
	assert_false(shares_words(SPAN("buy now"), SPAN("buy! now")));
	/* Longer than sixty bytes is no word, and stands for none. */
	char text[200];
	snprintf(text, sizeof text, "buy %061d now", 1);
	assert_true(shares_words(span_cstr(text), SPAN("buy now")));
	snprintf(text, sizeof text, "buy %060d now", 1);
	assert_false(shares_words(span_cstr(text), SPAN("buy now")));
}

/* Words are read in blocks of bytes and of bits: where one stands, and how long it is, must not matter. */
static void words_anywhere(void **state)
{
	char text[400], other[400];
	(void)state;
	for (int before = 0; before < 200; before++) {
		snprintf(text, sizeof text, "%*s\"Buy\" it's %s", before, "", before % 2 ? "" : ".");
		assert_true(shares_words(span_cstr(text), SPAN("buy it's")));
	}
	for (int length = 1; length <= 60; length++)
		for (int at = 0; at < length; at++) {
			snprintf(text, sizeof text, "%0*d is", length, 0);
			snprintf(other, sizeof other, "%0*d is", length, 0);
			text[at] = 'A' + (char)(length % 26);
			other[at] = 'a' + (char)(length % 26);
			assert_true(shares_words(span_cstr(text), span_cstr(other)));
			other[at]++;
			assert_false(shares_words(span_cstr(text), span_cstr(other)));
		}
	/* Only letters have a case. */
	assert_false(shares_words(SPAN("\xC3\x89t\xC3\xA9"), SPAN("\xC3\xA9t\xC3\xA9")));
}

static uint32_t sender_of(const char *fields, bool *ret_counted)
{
	struct taken t;
	take(&t, span_none, span_none, span_cstr(fields));
	const struct feature_list *list = &t.features.of[FEATURES_FIELDS];
	*ret_counted = false;
	for (uint32_t i = 0; i < list->n; i++)
		*ret_counted = *ret_counted || list->cell[i] == t.features.sender;
	uint32_t sender = t.features.sender;
	drop(&t);
	return sender;
}

/* Who is bounded: an address, or else a machine; and what it teaches is counted. */
static void senders(void **state)
{
	bool counted;
	(void)state;
	uint32_t a = sender_of("helo:x\nip:192.0.2.1\nfrom.addr:a@b.example\nsubject:x\n", &counted);
	assert_true(counted);
	assert_int_equal(a, sender_of("from.name:A\nfrom.addr:a@b.example\nfrom.addr:z@b.example\n", &counted));
	assert_true(counted);
	assert_int_not_equal(a, sender_of("from.addr:c@b.example\n", &counted));
	assert_int_not_equal(sender_of("ip:192.0.2.1\nsubject:from.addr:a@b.example\n", &counted), a);
	assert_true(counted);
	assert_int_equal(sender_of("ip.x:192.0.2.1\n\n", &counted), FEATURES_NOBODY);
	assert_int_equal(sender_of("", &counted), FEATURES_NOBODY);
	assert_false(counted);
}

/* Much of everything: lists end, and say nothing twice. */
static void bounded(void **state)
{
	struct arena arena;
	struct buf text, fields;
	(void)state;
	arena_init(&arena);
	buf_init(&text, &arena, 1u << 20);
	buf_init(&fields, &arena, 1u << 20);
	for (unsigned i = 0; i < 40000; i++) {
		buf_printf(&text, "w%u ", i);
		buf_printf(&fields, "k%u:a%u b c%u\n", i, i, i);
	}
	struct taken t;
	take(&t, buf_span(&text), buf_span(&text), buf_span(&fields));
	assert_true(t.features.of[FEATURES_WORDS].n <= 3000);
	assert_true(t.features.of[FEATURES_FIELDS].n < 8192 + 4);
	struct views views = { .raw.text = text, .text.text = text, .fields.text = fields };
	sound(&t.features, &views);
	drop(&t);
	arena_release(&arena);
}

/* ---- numbers that must not change ---- */

static void pinned_cells(void **state)
{
	static const struct {
		enum feature_view view;
		uint32_t i, cell;
	} pins[] = {
		{ FEATURES_RAW, 0, 24684 },     { FEATURES_RAW, 0, 24684 },      { FEATURES_TEXT, 0, 209635 },
		{ FEATURES_TEXT, 7, 172001 },   { FEATURES_WORDS, 0, 151098 },   { FEATURES_WORDS, 2, 58512 },
		{ FEATURES_WORDS, 4, 251118 },  { FEATURES_FIELDS, 0, 108400 },  { FEATURES_FIELDS, 1, 90602 },
		{ FEATURES_FIELDS, 2, 166418 }, { FEATURES_FIELDS, 11, 215972 },
	};
	struct taken t;
	(void)state;
	take(&t, SPAN("From: x"), SPAN("cheap pills, now"), SPAN("from.addr:a@b.example\nh.X-Mailer:The Bat\n"));
	for (size_t i = 0; i < COUNT(pins); i++) {
		const struct feature_list *list = &t.features.of[pins[i].view];
		assert_true(pins[i].i < list->n);
		assert_int_equal(list->cell[pins[i].i], pins[i].cell);
	}
	drop(&t);
}

/* Of a whole message, without the checks, whose evidence may come and go: a change here is a change of MODEL_FORMAT. */
static void pinned_message(void **state)
{
	static const struct check *const none[] = { NULL };
	static const struct {
		uint32_t n, sum;
	} pins[FEATURES_VIEWS] = { { 195, 2789119930 }, { 29, 3575890149 }, { 17, 2614660026 }, { 166, 737724757 } };
	static struct learn_seen seen;
	(void)state;
	learn_begin(&seen);
	seen.options.checks = none;
	learn_see(&seen, span_cstr(message));
	for (unsigned v = 0; v < FEATURES_VIEWS; v++) {
		uint32_t sum = 0;
		for (uint32_t i = 0; i < seen.features.of[v].n; i++)
			sum = sum * 31 + seen.features.of[v].cell[i];
		assert_int_equal(seen.features.of[v].n, pins[v].n);
		assert_int_equal(sum, pins[v].sum);
	}
	learn_release(&seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_once), cmocka_unit_test(few_bytes),      cmocka_unit_test(grams_anywhere),
		cmocka_unit_test(words),     cmocka_unit_test(words_anywhere), cmocka_unit_test(senders),
		cmocka_unit_test(bounded),   cmocka_unit_test(pinned_cells),   cmocka_unit_test(pinned_message)
	};
	pipeline_warm_up();
	return cmocka_run_group_tests_name("learn/features", tests, NULL, NULL);
}
