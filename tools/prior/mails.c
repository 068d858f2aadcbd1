/* tools/prior/mails.c - labelled mail to features; see maker.h */
#include "app/input.h"
#include "app/pipeline.h"
#include "learn/label_leaks.h"
#include "tools/prior/maker.h"

#include <stdlib.h>

static void *copy(const void *from, size_t bytes)
{
	void *to = malloc(bytes + 1);
	if (!to)
		abort();
	return memcpy(to, from, bytes);
}

/* Which lines of FIELDS may speak about strangers' mail: what the checks found, how the message is built, which fields it has. What they
 * hold (addresses, hosts, names of lists and programs) is the habit of one place. */
static bool transfers(struct span text, uint32_t at)
{
	static const struct span keys[] = { SPAN_INIT("evidence:"), SPAN_INIT("part:"), SPAN_INIT("attachment.type:"), SPAN_INIT("name:") };
	while (at > 0 && text.p[at - 1] != '\n')
		at--;
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (span_starts(span_skip(text, at), keys[i]))
			return true;
	return false;
}

static void keep(struct mail *mail, const struct features *features, struct span fields)
{
	const struct feature_list *list = &features->of[FEATURES_FIELDS];
	mail->sender = features->sender;
	for (unsigned v = 0; v < FEATURES_VIEWS; v++) {
		mail->n[v] = features->of[v].n;
		mail->cells[v] = copy(features->of[v].cell, features->of[v].n * sizeof(uint32_t));
	}
	mail->transfers = copy(list->cell, list->n);
	for (uint32_t i = 0; i < list->n; i++)
		mail->transfers[i] = transfers(fields, list->at[i]);
}

static struct mail *one_more(struct mails *mails)
{
	if (mails->n == mails->cap) {
		mails->cap = mails->cap ? 2 * mails->cap : 4096;
		mails->v = realloc(mails->v, mails->cap * sizeof *mails->v);
		if (!mails->v)
			abort();
	}
	return &mails->v[mails->n++];
}

/* The index's name without folder and ending. */
static const char *name_of(const char *index)
{
	const char *slash = strrchr(index, '/'), *name = slash ? slash + 1 : index;
	struct span s = span_cstr(name);
	size_t dot = span_find_byte(s, '.', 0);
	char *result = copy(name, s.n);
	result[dot == SPAN_NPOS ? s.n : dot] = '\0';
	return result;
}

void mails_read(struct mails *mails, const char *index)
{
	static const struct verdict_thresholds none = { 0, INT32_MAX, INT32_MAX, INT32_MAX };
	struct pipeline_options options = { .now = CLOCK_NONE };
	struct pipeline pipeline;
	struct features_scratch *scratch = features_scratch_new();
	struct arena arena;
	struct input input;
	struct input_item item;
	settings_defaults(&options.settings);
	pipeline_init(&pipeline, &options);
	arena_init(&arena);
	input_init(&input, NULL, 0, index);
	input_item_init(&item);
	mails->source[mails->n_sources] = name_of(index);
	while (input_next(&input, &item)) {
		struct judgement judgement;
		struct views views;
		struct features features;
		input_load(&item);
		if (item.failed) {
			fprintf(stderr, "%.*s: %s\n", SPAN_ARG(item.name), item.error);
			exit(2);
		}
		arena_reset(&arena);
		pipeline_judge(&pipeline, label_leaks_cut(item.bytes, &arena), &judgement);
		struct view_source source = { &pipeline.message, &pipeline.content, &pipeline.path, &judgement.evidence };
		views_build(&source, true, &pipeline.arena, &views);
		features_take(&views, FEATURES_ALL, scratch, &pipeline.arena, &features);
		struct mail *mail = one_more(mails);
		mail->source = mails->n_sources;
		mail->spam = item.label[0] == 's';
		mail->structural = verdict_judge(&judgement.evidence, &none).score;
		keep(mail, &features, buf_span(&views.fields.text));
	}
	mails->n_sources++;
	input_item_release(&item);
	input_release(&input);
	arena_release(&arena);
	pipeline_release(&pipeline);
	features_scratch_free(scratch);
}
