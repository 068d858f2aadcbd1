/* tests/fuzz/fuzz_features.c - any bytes as a message, to what the model sees of it and learns from it: texts within their bounds, cells in
 * range and each once, a score that is a number, a lesson that the store would take. */
#include "learn/features.h"
#include "learn/model.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

static void check(bool sound)
{
	if (!sound)
		abort();
}

static void check_view(const struct view *view, size_t most)
{
	check(view->text.n <= most);
	for (uint32_t i = 0; i < view->pieces.n; i++)
		check(view->pieces.v[i].at <= view->text.n && (i == 0 || view->pieces.v[i].at >= view->pieces.v[i - 1].at));
	struct place place = view_place(view, 0, (uint32_t)view->text.n);
	check(place.from <= place.to);
}

static void check_list(struct features_scratch *scratch, const struct feature_list *list, struct arena *arena)
{
	struct feature_list sorted = *list;
	sorted.cell = (uint32_t *)(uintptr_t)arena_dup(arena, span_of(list->cell, list->n * sizeof *list->cell)).p;
	for (uint32_t i = 0; i < list->n; i++)
		check(list->cell[i] < FEATURES_CELLS);
	features_sort(scratch, &sorted);
	for (uint32_t i = 1; i < list->n; i++)
		check(sorted.cell[i - 1] < sorted.cell[i]);
}

static void check_lesson(const struct model_lesson *lesson)
{
	check(lesson->n_groups <= MODEL_GROUPS);
	for (uint32_t g = 0; g < lesson->n_groups; g++)
		for (uint32_t i = 0; i < lesson->group[g].n; i++)
			check(lesson->group[g].cells[i] < MODEL_CELLS &&
			      (i == 0 || lesson->group[g].cells[i - 1] < lesson->group[g].cells[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct path_settings unset;
	static const struct connection none;
	static struct features_scratch *scratch;
	static int32_t *cells;
	struct arena arena;
	struct message message;
	struct content content;
	struct path path;
	struct views views;
	struct features features;
	if (!scratch) {
		scratch = features_scratch_new();
		cells = calloc(MODEL_CELLS, sizeof *cells);
		for (uint32_t i = MODEL_PARAMETERS; i < MODEL_CELLS; i++)
			cells[i] = (int32_t)(i * 2654435761u) >> 12;
		cells[MODEL_SEEN_HAM] = cells[MODEL_SEEN_SPAM] = cells[MODEL_COUNTED_HAM] = cells[MODEL_COUNTED_SPAM] = 1000;
	}
	arena_init(&arena);
	message_parse(span_of(data, size), &arena, &message);
	content_examine(&message, &content);
	path_examine(&message, &content, &unset, &none, &path);
	struct view_source source = { .message = &message, .content = &content, .path = &path };
	views_build(&source, true, &arena, &views);
	check_view(&views.raw, VIEW_HEADER_BYTES + VIEW_BODY_BYTES + 1024);
	check_view(&views.text, 2 * VIEW_TEXT_BYTES + 16);
	check_view(&views.fields, VIEW_FIELDS_BYTES);

	features_take(&views, FEATURES_ALL, scratch, &arena, &features);
	for (unsigned v = 0; v < FEATURES_VIEWS; v++)
		check_list(scratch, &features.of[v], &arena);
	struct model model = { cells };
	struct model_score score;
	struct model_lesson lesson;
	model_score(&model, &features, 1000, &score);
	check(score.log_odds > -1e6 && score.log_odds < 1e6);
	model_teach(&model, &features, 1000, size & 1, scratch, &arena, &lesson);
	check_lesson(&lesson);
	arena_release(&arena);
	return 0;
}
