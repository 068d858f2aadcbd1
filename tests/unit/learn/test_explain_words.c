/* learn/explain_words: words, where phrases begin and end, and which stretch is told. */
#include "learn/explain_words.h"
#include "tests/test.h"

/* A view of one piece, and what each of its words moved. */
static struct explain_words words_of(struct arena *arena, struct view *view, const char *text, const float *nats)
{
	struct explain_words words;
	*view = (struct view){ 0 };
	buf_init(&view->text, arena, 65536);
	*vec_push(arena, &view->pieces) = (struct view_piece){ .exact = true, .place = { .to = (uint32_t)strlen(text) } };
	buf_cstr(&view->text, text);
	explain_words_read(view, 0, (uint32_t)view->text.n, arena, &words);
	for (uint32_t i = 0; nats && i < words.n; i++)
		words.v[i].nats = nats[i];
	return words;
}

static const struct {
	const char *name, *text;
	float nats[12];
	const char *phrases; /* separated by | */
} cases[] = {
	{ "neighbours of one direction", "buy cheap pills now", { 1, 1, 1, 1 }, "buy cheap pills now" },
	{ "the other direction ends it", "buy cheap minutes pills now", { 1, 1, -1, 1, 1 }, "buy cheap|minutes|pills now" },
	{ "what says nothing may stand between, not at the ends", "the buy of pills the", { 0, 1, 0, 1, 0 }, "buy of pills" },
	{ "a sentence ends it", "buy pills. More here", { 1, 1, 1, 1 }, "buy pills|More here" },
	{ "an empty line ends it", "buy pills\n\nmore here", { 1, 1, 1, 1 }, "buy pills|more here" },
	{ "a wrapped line does not",
	  "some rather long line of words that was wrapped here\nat last",
	  { 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1 },
	  "wrapped here\nat last" },
	{ "one word takes its neighbour along", "a pill here", { 0, 1, 0 }, "pill here" },
	{ "six words at most, the strongest", "a b c d e f g h", { 1, 1, 1, 1, 1, 1, 9, 9 }, "g h" },
	{ "a URL is one word", "see http://x.example/a-b?c=d. Now", { 0, 1, 0 }, "http://x.example/a-b?c=d" },
	{ "a bracket comes with its like", "x [list] matter", { -1, 1, 1 }, "x|[list] matter" },
	{ "an address is one word", "write to me@lists.example.org, now", { 0, 0, 1, 0 }, "me@lists.example.org, now" },
	{ "lines and rulers are no words", "pill ---------- pill", { 1, 1 }, "pill|pill" },
};

static void phrases(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct arena arena;
		struct view view;
		struct buf got;
		struct explain_phrase phrase;
		arena_init(&arena);
		struct explain_words words = words_of(&arena, &view, cases[i].text, cases[i].nats);
		buf_init(&got, &arena, 4096);
		for (uint32_t at = 0; explain_phrase_next(&words, 0.1f, &at, &phrase);) {
			buf_cstr(&got, got.n ? "|" : "");
			buf_put(&got, span_slice(buf_span(&view.text), phrase.from, phrase.to));
		}
		if (!span_eq(buf_span(&got), span_cstr(cases[i].phrases)))
			fail_msg("%s: got %.*s", cases[i].name, SPAN_ARG(buf_span(&got)));
		arena_release(&arena);
	}
}

static void lookup(void **state)
{
	struct arena arena;
	struct view a, b;
	(void)state;
	arena_init(&arena);
	struct explain_words words = words_of(&arena, &a, "one two two three", NULL), other = words_of(&arena, &b, "TWO four", NULL);
	explain_words_index(&words, &arena);
	assert_ptr_equal(explain_words_find(&words, other.v[0].hash), &words.v[1]);
	assert_null(explain_words_find(&words, other.v[1].hash));
	explain_words_drop(&words, SPAN("Mr Two"));
	assert_true(words.v[1].begins && words.v[3].begins);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(phrases), cmocka_unit_test(lookup) };
	return cmocka_run_group_tests_name("learn/explain_words", tests, NULL, NULL);
}
