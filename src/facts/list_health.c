/* facts/list_health.c - see list_health.h */
#include "facts/list_health.h"

/* Of LIST_WINDOW different keys in a row, all but one. Where 19 in 20 messages are spam and a good list knows all who send it, that happens
 * once in 30,000 times. PROVEN answers that are not all hits end the memory of earlier trouble. */
enum { NEARLY_ALL = LIST_WINDOW - 1, PROVEN = 32, DAY = 86400 };

static void forget_window(struct list_health *h)
{
	h->n = h->hits = h->next = 0;
	h->failures = 0;
}

/* Twice as long each time until it is well again. */
static void mute(struct list_health *h, enum list_trouble trouble, int64_t now)
{
	if (h->trouble != LIST_WELL && now < h->control_at) {
		h->trouble = trouble; /* late answers to questions put before */
		return;
	}
	h->muted_for = h->muted_for == 0 ? LIST_MUTED_FIRST : h->muted_for > LIST_MUTED_LONGEST / 2 ? LIST_MUTED_LONGEST : h->muted_for * 2;
	h->trouble = trouble;
	h->control_at = now + h->muted_for;
	forget_window(h);
}

static void remember(struct list_health *h, bool hit, uint64_t key, int64_t now)
{
	h->failures = 0;
	for (uint32_t i = 0; i < h->n; i++)
		if (h->keys[i] == key)
			return;
	if (h->n == LIST_WINDOW)
		h->hits -= h->hit[h->next];
	else
		h->n++;
	h->keys[h->next] = key;
	h->hit[h->next] = hit;
	h->hits += hit;
	h->next = (h->next + 1) % LIST_WINDOW;
	if (h->n == LIST_WINDOW && h->hits >= NEARLY_ALL)
		mute(h, LIST_LISTS_ALL, now);
	else if (h->n >= PROVEN && h->hits < h->n)
		h->muted_for = 0;
}

enum list_leave list_health_leave(struct list_health *h, uint32_t per_day, bool has_controls, int64_t now, enum list_trouble *ret_trouble)
{
	int64_t day = now / DAY;
	if (day != h->day) {
		h->day = day;
		h->asked_today = 0;
	}
	if (h->asked_today >= per_day) {
		*ret_trouble = LIST_SPENT;
		return LIST_MUTED;
	}
	if (now < h->control_at) {
		*ret_trouble = h->trouble;
		return h->trouble == LIST_WELL ? LIST_ASK : LIST_MUTED;
	}
	if (has_controls)
		return LIST_ASK_CONTROLLED;
	h->trouble = LIST_WELL; /* its time is over, and nothing can be asked to make sure */
	return LIST_ASK;
}

void list_health_take(struct list_health *h, enum list_event event, uint64_t key, int64_t now)
{
	h->asked_today++;
	switch (event) {
	case LIST_HIT:
	case LIST_MISS:
		if (h->trouble == LIST_WELL)
			remember(h, event == LIST_HIT, key, now);
		return;
	case LIST_REFUSAL: mute(h, LIST_REFUSES, now); return;
	case LIST_FAILURE:
		if (++h->failures >= LIST_FAILURES)
			mute(h, LIST_SILENT, now);
		return;
	case LIST_CONTROL_LISTED: mute(h, LIST_LISTS_INNOCENT, now); return;
	case LIST_CONTROL_MISSED: mute(h, LIST_MISSES_TEST, now); return;
	case LIST_CONTROL_RIGHT:
		h->trouble = LIST_WELL;
		h->control_at = now + LIST_CONTROL_EVERY;
		h->failures = 0;
		return;
	}
}

const char *list_trouble_says(enum list_trouble trouble)
{
	static const char *const says[] = {
		[LIST_WELL] = "it answers as it should",
		[LIST_LISTS_INNOCENT] = "it lists a test address that no list may hold",
		[LIST_MISSES_TEST] = "it does not list the test address that every list holds",
		[LIST_REFUSES] = "it refuses to answer us",
		[LIST_LISTS_ALL] = "it lists nearly everything it is asked about",
		[LIST_SILENT] = "it does not answer",
		[LIST_SPENT] = "its questions of today are spent",
	};
	return says[trouble];
}
