/* app/stats.c - `postern stats`: how much was offered, what became of it at each stage, and whether the numbers add up. */
#include "app/command.h"
#include "app/data_folder.h"
#include "app/terminal.h"
#include "base/clock.h"
#include "base/json_out.h"
#include "state/stages.h"

#include <stdio.h>
#include <unistd.h>

enum kind { KIND_BOTH, KIND_GOOD, KIND_SPAM, KIND_NEITHER };

/* How the page lies: sums of stages, indented below what they are parts of. */
struct line {
	const char *name, *words; /* of sums; NULL: that of the stage */
	enum stage stage;         /* STAGES: of a sum */
	unsigned indent;
	enum kind kind;
};
static const struct line lines[] = {
	{ NULL, NULL, STAGE_OFFERED, 0, KIND_BOTH },         { NULL, NULL, STAGE_REFUSED_LIST, 1, KIND_SPAM },
	{ NULL, NULL, STAGE_REFUSED_TRAP, 1, KIND_SPAM },    { NULL, NULL, STAGE_REFUSED_SCORE, 1, KIND_SPAM },
	{ NULL, NULL, STAGE_PUT_OFF_LOAD, 1, KIND_NEITHER }, { NULL, NULL, STAGE_PUT_OFF_GREYLIST, 1, KIND_NEITHER },
	{ NULL, NULL, STAGE_GONE, 1, KIND_NEITHER },         { "inside", "still inside, or cut off", STAGES, 1, KIND_NEITHER },
	{ NULL, NULL, STAGE_PASSED, 0, KIND_BOTH },          { NULL, NULL, STAGE_HANDED_IN, 0, KIND_BOTH },
	{ NULL, NULL, STAGE_ABANDONED, 1, KIND_NEITHER },    { NULL, NULL, STAGE_ACCEPTED, 1, KIND_GOOD },
	{ NULL, NULL, STAGE_MARKED, 1, KIND_SPAM },          { NULL, NULL, STAGE_QUARANTINED, 1, KIND_SPAM },
	{ NULL, NULL, STAGE_REJECTED, 1, KIND_SPAM },        { NULL, NULL, STAGE_DEFERRED, 1, KIND_NEITHER },
	{ NULL, NULL, STAGE_UNJUDGED, 1, KIND_NEITHER },     { "at_work", "being judged, or cut off", STAGES, 1, KIND_NEITHER },
};

/* Of traps: hits, and below them what became of each. */
static const struct line trap_lines[] = {
	{ NULL, NULL, STAGE_TRAP_CAME, 0, KIND_NEITHER },      { NULL, NULL, STAGE_TRAP_PROBE, 1, KIND_NEITHER },
	{ NULL, NULL, STAGE_TRAP_PAYLOAD, 1, KIND_NEITHER },   { NULL, NULL, STAGE_TRAP_UNSURE, 1, KIND_NEITHER },
	{ NULL, NULL, STAGE_TRAP_TAUGHT, 1, KIND_NEITHER },    { NULL, NULL, STAGE_TRAP_HIT, 0, KIND_NEITHER },
	{ NULL, NULL, STAGE_TRAP_RECIPIENT, 0, KIND_NEITHER }, { NULL, NULL, STAGE_TRAP_NEW, 1, KIND_NEITHER },
	{ NULL, NULL, STAGE_TRAP_KEPT_OUT, 1, KIND_NEITHER },  { NULL, NULL, STAGE_TRAP_GATHERED, 1, KIND_NEITHER },
	{ NULL, NULL, STAGE_TRAP_GUARDED, 1, KIND_NEITHER },   { NULL, NULL, STAGE_TRAP_UNCHECKED, 1, KIND_NEITHER },
	{ NULL, NULL, STAGE_TRAP_DECIDED, 1, KIND_NEITHER },   { NULL, NULL, STAGE_TRAP_NO_ROOM, 1, KIND_NEITHER },
};

struct page {
	struct stage_counts counts;
	struct stages_open open;
	uint64_t good, spam; /* of the judge */
};

static int64_t value_of(const struct page *page, const struct line *line)
{
	if (line->stage == STAGES)
		return span_eq(span_cstr(line->name), SPAN("inside")) ? page->open.door : page->open.judge;
	return (int64_t)page->counts.n[line->stage];
}

/* What goes on to the judge is as good as the judge says in the end. */
static uint64_t spam_at_door(const struct page *p)
{
	return p->counts.n[STAGE_REFUSED_LIST] + p->counts.n[STAGE_REFUSED_TRAP] + p->counts.n[STAGE_REFUSED_SCORE];
}

static bool adds_up(const struct page *page) { return page->open.door >= 0 && page->open.judge >= 0 && page->open.trap >= 0; }

static void put_number(struct buf *out, int64_t value, bool shown)
{
	char digits[32], grouped[48];
	size_t n = 0, count = (size_t)snprintf(digits, sizeof digits, "%lld", (long long)value);
	for (size_t i = 0; i < count; i++) {
		grouped[n++] = digits[i];
		if (digits[i] != '-' && (count - i - 1) % 3 == 0 && i + 1 < count)
			grouped[n++] = ',';
	}
	grouped[n] = 0;
	buf_printf(out, "%16s", shown ? grouped : "");
}

static void put_line(struct buf *out, const struct page *page, const struct line *line)
{
	int64_t value = value_of(page, line);
	const char *words = line->words ? line->words : stage_words(line->stage);
	buf_printf(out, "%*s%-*s", (int)(2 * line->indent), "", (int)(38 - 2 * line->indent), words);
	put_number(out, value, true);
	put_number(out, value, line->kind == KIND_GOOD);
	put_number(out, value, line->kind == KIND_SPAM);
	buf_byte(out, '\n');
}

static void put_traps(struct buf *out, const struct page *page)
{
	uint64_t all = 0;
	for (size_t i = 0; i < sizeof trap_lines / sizeof *trap_lines; i++)
		all |= page->counts.n[trap_lines[i].stage];
	if (all)
		buf_cstr(out, "\nTraps (docs/trap.md)\n");
	for (size_t i = 0; i < sizeof trap_lines / sizeof *trap_lines && all; i++)
		if (trap_lines[i].indent == 0 || page->counts.n[trap_lines[i].stage])
			put_line(out, page, &trap_lines[i]);
}

static void put_text(struct buf *out, const struct page *page, int64_t from, int64_t until)
{
	char a[CLOCK_TEXT_MAX], b[CLOCK_TEXT_MAX];
	clock_format(from, a);
	clock_format(until, b);
	buf_printf(out, "%s to %s\n\n%-38s%16s%16s%16s\n", a, b, "", "total", "good", "spam");
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		if (lines[i].stage != STAGES || value_of(page, &lines[i]))
			put_line(out, page, &lines[i]);
	put_traps(out, page);
	uint64_t spam = page->spam + spam_at_door(page), sure = spam + page->good;
	if (spam_at_door(page) && sure)
		buf_printf(out, "\n%.2f %% of the spam was refused at the door, before a byte of it was read.\n",
			   100.0 * (double)spam_at_door(page) / (double)spam);
	buf_cstr(out, adds_up(page) ? "\nThe numbers add up: what is left of each stage is what the next one got.\n"
				    : "\nThe numbers do not add up: more came out of a stage than went into it. Please report this.\n");
}

static void put_json(struct buf *out, const struct page *page, int64_t from, int64_t until)
{
	struct json_out j;
	json_init(&j, out);
	json_object(&j, NULL);
	json_int(&j, "from", from);
	json_int(&j, "until", until);
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		json_int(&j, lines[i].name ? lines[i].name : stage_name(lines[i].stage), value_of(page, &lines[i]));
	for (size_t i = 0; i < sizeof trap_lines / sizeof *trap_lines; i++)
		json_int(&j, stage_name(trap_lines[i].stage), value_of(page, &trap_lines[i]));
	json_int(&j, "good", (int64_t)page->good);
	json_int(&j, "spam", (int64_t)(page->spam + spam_at_door(page)));
	json_bool(&j, "adds_up", adds_up(page));
	json_close(&j);
	buf_byte(out, '\n');
}

enum exit_status stats_run(struct options *o)
{
	const char *folder = (const char *)data_folder(&o->pipeline.settings, &o->arena).p;
	struct stages *stages;
	struct page page = { 0 };
	struct buf out;
	int64_t until = clock_now() / 3600 * 3600 + 3600, from = until - (o->day ? 86400 : 7 * 86400);
	int err = stages_open(folder, false, &stages);
	if (err != 0) {
		fprintf(stderr, "postern: %s/stages: %s\n", folder,
			err == ERR_NOT_FOUND ? "nothing was counted yet: it begins with `postern serve`" : "it cannot be read");
		return EXIT_TROUBLE;
	}
	stages_sum(stages, from, until, &page.counts);
	stages_close(stages);
	page.open = stages_open_of(&page.counts);
	page.good = page.counts.n[STAGE_ACCEPTED];
	page.spam = page.counts.n[STAGE_MARKED] + page.counts.n[STAGE_QUARANTINED] + page.counts.n[STAGE_REJECTED];
	buf_init(&out, &o->arena, 1 << 16);
	if (o->json)
		put_json(&out, &page, from, until);
	else
		put_text(&out, &page, from, until);
	fwrite(out.p, 1, out.n, stdout);
	return adds_up(&page) ? EXIT_CLEAN : EXIT_FOUND;
}
