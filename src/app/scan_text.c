/* app/scan_text.c - see scan_text.h */
#include "app/scan_text.h"
#include "base/utf8.h"
#include "report/words.h"

#include <stdlib.h>

enum { NAME_COLUMNS = 50, NAME_STEP = 10 };

static const enum style_kind action_style[] = {
	[VERDICT_ACCEPT] = STYLE_GOOD, [VERDICT_MARK] = STYLE_WARN,  [VERDICT_QUARANTINE] = STYLE_BAD,
	[VERDICT_REJECT] = STYLE_BAD,  [VERDICT_DEFER] = STYLE_WARN,
};

/* Bytes of the first columns characters; *ret_columns gets how many there were. */
static size_t prefix(struct span text, size_t columns, size_t *ret_columns)
{
	size_t at = 0, seen = 0;
	uint32_t character;
	for (; at < text.n && seen < columns; seen++)
		at += utf8_decode(text, at, &character);
	*ret_columns = seen;
	return at;
}

/* What decided it: the heaviest evidence on the side of the verdict. */
static struct span strongest_reason(const struct judgement *judgement)
{
	const struct evidence *strongest = NULL;
	bool accepted = judgement->verdict.action == VERDICT_ACCEPT;
	for (uint32_t i = 0; i < judgement->evidence.list.n; i++) {
		const struct evidence *evidence = &judgement->evidence.list.v[i];
		/* That a message is a little like good mail is no news. */
		if (evidence->weight == 0 || (evidence->def->group == GROUP_LEARNED && evidence->weight < 0 && evidence->weight > -500))
			continue;
		bool heavier =
		    !strongest || (accepted ? abs(evidence->weight) > abs(strongest->weight) : evidence->weight > strongest->weight);
		if (heavier)
			strongest = evidence;
	}
	return strongest ? strongest->says : SPAN("nothing speaks against it");
}

/* "99.9 %": never 100, because nothing is certain; a dash for accepted mail, of which no probability can be told while nobody
 * has taught postern how much of the user's mail is abuse. */
static struct span percent(const struct judgement *judgement, struct arena *arena)
{
	double value = judgement->verdict.probability * 100;
	if (judgement->verdict.action == VERDICT_ACCEPT)
		return SPAN("      -");
	if (value > 99.9)
		return SPAN(">99.9 %");
	return arena_printf(arena, "%5.1f %%", value);
}

/* On a terminal all names get the same room, and of a longer one the end is shown, which tells files of one folder apart. Elsewhere names
 * stay whole; files of one folder mostly have names of about one length, so steps keep their reasons in one column. Returns the columns
 * used. */
static size_t put_name(struct span name, const struct style *style, struct buf *out)
{
	size_t columns, room, cut;
	prefix(name, SIZE_MAX, &columns);
	if (style->width) {
		room = style->width * 2 / 5;
		if (columns > room) {
			name = span_skip(name, prefix(name, columns - room + 1, &cut));
			buf_cstr(out, "…");
			columns = room;
		}
	} else {
		room = columns < NAME_COLUMNS ? NAME_COLUMNS : (columns + NAME_STEP - 1) / NAME_STEP * NAME_STEP;
	}
	buf_put(out, name);
	buf_printf(out, "%*s", (int)(room - columns) + 2, "");
	return room + 2;
}

void scan_text_line(const struct judgement *judgement, const struct style *style, struct buf *out)
{
	enum { VERDICT_COLUMNS = 20 };
	struct arena *arena = out->arena;
	enum verdict_action action = judgement->verdict.action;
	struct span name = style_safe(judgement->file, arena), reason = strongest_reason(judgement);
	if (judgement->n)
		name = arena_printf(arena, "%.*s:%u", SPAN_ARG(name), judgement->n);
	style_put(style, out, action_style[action], arena_printf(arena, "%-10s", verdict_action_name(action)));
	struct span probability = percent(judgement, arena);
	buf_printf(out, " %7.*s  ", SPAN_ARG(probability));
	size_t columns, used = VERDICT_COLUMNS + put_name(name, style, out);
	if (style->width && prefix(reason, style->width - used + 1, &columns) && columns > style->width - used) {
		buf_put(out, span_first(reason, prefix(reason, style->width - used - 1, &columns)));
		buf_cstr(out, "…\n");
		return;
	}
	buf_put(out, reason);
	buf_byte(out, '\n');
}

static uint64_t of_verdict(const struct batch_totals *totals, unsigned action)
{
	uint64_t sum = 0;
	for (unsigned label = 0; label < BATCH_LABELS; label++)
		sum += totals->by_verdict[label][action];
	return sum;
}

static uint64_t of_label(const struct batch_totals *totals, unsigned label)
{
	uint64_t sum = 0;
	for (unsigned action = VERDICT_ACCEPT; action <= VERDICT_DEFER; action++)
		sum += totals->by_verdict[label][action];
	return sum;
}

static void put_verdicts(const struct batch_totals *totals, const struct style *style, struct buf *out)
{
	static const char *const done[] = {
		[VERDICT_ACCEPT] = "accepted", [VERDICT_MARK] = "marked",    [VERDICT_QUARANTINE] = "quarantined",
		[VERDICT_REJECT] = "rejected", [VERDICT_DEFER] = "deferred",
	};
	char number[32];
	const char *between = "";
	for (unsigned action = VERDICT_ACCEPT; action <= VERDICT_DEFER; action++) {
		uint64_t n = of_verdict(totals, action);
		if (!n)
			continue;
		buf_cstr(out, between);
		style_put(style, out, action_style[action], arena_printf(out->arena, "%s %s", words_grouped(n, number), done[action]));
		between = ", ";
	}
}

/* A row for each label, a column for each verdict, as part of that label's messages too. */
static void put_table(const struct batch_totals *totals, struct buf *out)
{
	static const char *const names[] = { [BATCH_UNLABELLED] = "unlabelled", [BATCH_HAM] = "ham", [BATCH_SPAM] = "spam" };
	bool deferred = of_verdict(totals, VERDICT_DEFER) > 0;
	buf_printf(out, "\n%-10s %10s", "", "messages");
	for (unsigned action = VERDICT_ACCEPT; action <= (deferred ? VERDICT_DEFER : VERDICT_REJECT); action++)
		buf_printf(out, "  %17s", verdict_action_name((enum verdict_action)action));
	buf_byte(out, '\n');
	for (unsigned label = 0; label < BATCH_LABELS; label++) {
		uint64_t all = of_label(totals, label);
		char number[32];
		if (!all)
			continue;
		buf_printf(out, "%-10s %10s", names[label], words_grouped(all, number));
		for (unsigned action = VERDICT_ACCEPT; action <= (deferred ? VERDICT_DEFER : VERDICT_REJECT); action++) {
			uint64_t n = totals->by_verdict[label][action];
			buf_printf(out, "  %8s  %5.2f %%", words_grouped(n, number), 100.0 * (double)n / (double)all);
		}
		buf_byte(out, '\n');
	}
}

void scan_text_summary(const struct batch_totals *totals, uint64_t microseconds, const struct style *style)
{
	struct arena arena;
	struct buf out;
	char number[32];
	double seconds = (double)microseconds / 1e6;
	arena_init(&arena);
	buf_init(&out, &arena, 65536);
	buf_byte(&out, '\n');
	style_put(style, &out, STYLE_BOLD,
		  arena_printf(&arena, "%s message%s", words_grouped(totals->messages, number), totals->messages == 1 ? "" : "s"));
	buf_cstr(&out, ": ");
	put_verdicts(totals, style, &out);
	if (totals->failures)
		buf_printf(&out, "; %s could not be read", words_grouped(totals->failures, number));
	buf_byte(&out, '\n');
	if (totals->messages > of_label(totals, BATCH_UNLABELLED))
		put_table(totals, &out);
	buf_printf(&out, "%.2f s, %s messages and %.1f MB a second\n", seconds,
		   words_grouped((uint64_t)((double)totals->messages / (seconds > 0 ? seconds : 1)), number),
		   (double)totals->bytes / 1e6 / (seconds > 0 ? seconds : 1));
	fwrite(out.p, 1, out.n, stdout);
	arena_release(&arena);
}
