/* tests/learn_test.h - a message through the whole pipeline, and what the model sees of it.
 *
 * The checks run as they do in a scan, so that their evidence is part of the views. */
#ifndef TESTS_LEARN_TEST_H
#define TESTS_LEARN_TEST_H

#include "app/pipeline.h"
#include "tests/test.h"

struct learn_seen {
	struct pipeline_options options;
	struct pipeline pipeline;
	struct judgement judgement;
	struct features_scratch *scratch;
	struct views views;
	struct features features;
};

/* Judges raw with the options put into seen before, or with none. What is in seen lives until learn_release. */
static inline void learn_see(struct learn_seen *seen, struct span raw)
{
	pipeline_init(&seen->pipeline, &seen->options);
	seen->scratch = features_scratch_new();
	pipeline_judge(&seen->pipeline, raw, &seen->judgement);
	struct view_source source = { .message = seen->judgement.message,
				      .content = seen->judgement.content,
				      .path = seen->judgement.path,
				      .evidence = &seen->judgement.evidence };
	views_build(&source, true, &seen->pipeline.arena, &seen->views);
	features_take(&seen->views, FEATURES_ALL, seen->scratch, &seen->pipeline.arena, &seen->features);
}

static inline void learn_begin(struct learn_seen *seen)
{
	memset(seen, 0, sizeof *seen);
	settings_defaults(&seen->options.settings);
	seen->options.now = CLOCK_NONE;
}

static inline void learn_release(struct learn_seen *seen)
{
	features_scratch_free(seen->scratch);
	pipeline_release(&seen->pipeline);
}

/* The same bytes with CRLF line ends. */
static inline struct span learn_crlf(struct span s, struct arena *arena)
{
	uint8_t *out = arena_alloc(arena, 2 * s.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\n')
			out[n++] = '\r';
		out[n++] = s.p[i];
	}
	return span_of(out, n);
}

#endif
