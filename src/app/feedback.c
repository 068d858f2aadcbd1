/* app/feedback.c - see feedback.h */
#include "app/feedback.h"
#include "base/limits.h"

#include <stdlib.h>

static const struct {
	const char *name;
	enum feedback_kind kind;
	uint64_t most; /* 0: takes no number */
} words[] = {
	{ "immediate", FEEDBACK_IMMEDIATE, 0 },
	{ "delay", FEEDBACK_DELAY, LIMIT_FEEDBACK_DELAY },
	{ "first", FEEDBACK_FIRST, UINT32_MAX },
	{ "none", FEEDBACK_NONE, 0 },
};

bool feedback_parse(struct span text, struct feedback *ret)
{
	struct span name;
	if (!span_split(&text, ':', &name))
		return false;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		uint64_t n = 0;
		if (!span_eq(name, span_cstr(words[i].name)))
			continue;
		if (words[i].most ? !span_to_uint(text, words[i].most, &n) : text.p != NULL)
			return false;
		*ret = (struct feedback){ words[i].kind, n };
		return true;
	}
	return false;
}

struct span feedback_name(const struct feedback *feedback, struct arena *arena)
{
	size_t i = 0;
	while (words[i].kind != feedback->kind)
		i++;
	if (!words[i].most)
		return span_cstr(words[i].name);
	return arena_printf(arena, "%s:%llu", words[i].name, (unsigned long long)feedback->n);
}

void feedback_init(struct feedback_queue *queue, const struct feedback *feedback)
{
	*queue = (struct feedback_queue){ .feedback = *feedback, .cap = (feedback->kind == FEEDBACK_DELAY ? feedback->n : 0) + 1 };
	queue->ring = calloc(queue->cap, sizeof *queue->ring);
	if (!queue->ring)
		abort();
}

void feedback_release(struct feedback_queue *queue)
{
	for (; queue->n; queue->n--, queue->first = (queue->first + 1) % queue->cap)
		lesson_free(queue->ring[queue->first].lesson);
	free(queue->ring);
	queue->ring = NULL;
}

bool feedback_wants(struct feedback_queue *queue)
{
	uint64_t n = queue->judged++;
	return queue->feedback.kind == FEEDBACK_FIRST ? n < queue->feedback.n : queue->feedback.kind != FEEDBACK_NONE;
}

void feedback_put(struct feedback_queue *queue, struct lesson *lesson, bool spam)
{
	queue->ring[(queue->first + queue->n++) % queue->cap] = (struct feedback_item){ lesson, spam };
}

bool feedback_take(struct feedback_queue *queue, struct feedback_item *ret)
{
	if (queue->n < queue->cap)
		return false;
	*ret = queue->ring[queue->first];
	queue->first = (queue->first + 1) % queue->cap;
	queue->n--;
	return true;
}
