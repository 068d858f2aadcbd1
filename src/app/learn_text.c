/* app/learn_text.c - see learn_text.h */
#include "app/learn_text.h"
#include "base/clock.h"
#include "base/json_out.h"
#include "report/style.h"
#include "report/words.h"

static const char *const label_names[] = { [WEIGHTS_HAM] = "ham", [WEIGHTS_SPAM] = "spam" };

/* ", 12 " and what follows, unless there is none of it. */
static bool put_number(struct buf *out, bool *some, uint64_t n)
{
	char text[32];
	if (!n)
		return false;
	buf_printf(out, "%s%s ", *some ? ", " : "", words_grouped(n, text));
	return *some = true;
}

static void put_learned(const struct learn_totals *t, bool *some, struct buf *out)
{
	static const enum weights_label order[] = { WEIGHTS_SPAM, WEIGHTS_HAM };
	for (size_t i = 0; i < 2; i++)
		if (put_number(out, some, t->done[order[i]] + t->changed[order[i]]))
			buf_printf(out, "learned as %s", label_names[order[i]]);
	for (size_t i = 0; i < 2; i++)
		if (put_number(out, some, t->changed[order[i]]))
			buf_printf(out, "of these as %s until now", label_names[!order[i]]);
	if (put_number(out, some, t->known[0] + t->known[1]))
		buf_cstr(out, "known already");
}

void learn_text_totals(const struct learn_totals *t, struct buf *out)
{
	bool some = false;
	if (!t->forget)
		put_learned(t, &some, out);
	else if (put_number(out, &some, t->done[0] + t->done[1]))
		buf_cstr(out, "taken back");
	if (put_number(out, &some, t->never))
		buf_cstr(out, "had not been learned");
	if (put_number(out, &some, t->failures))
		buf_cstr(out, "could not be read");
	buf_cstr(out, some ? "\n" : "no messages\n");
}

void learn_json_totals(const struct learn_totals *t, struct buf *out)
{
	struct json_out j;
	json_init(&j, out);
	json_object(&j, NULL);
	for (unsigned label = 0; label < 2; label++) {
		json_object(&j, label_names[label]);
		json_int(&j, t->forget ? "forgotten" : "learned", (int64_t)(t->done[label] + t->changed[label]));
		if (!t->forget) {
			json_int(&j, "changed", (int64_t)t->changed[label]);
			json_int(&j, "known", (int64_t)t->known[label]);
		}
		json_close(&j);
	}
	if (t->forget)
		json_int(&j, "not_learned", (int64_t)t->never);
	json_int(&j, "failures", (int64_t)t->failures);
	json_close(&j);
	buf_byte(out, '\n');
}

static void put_row(struct buf *out, const char *name) { buf_printf(out, "%-14s ", name); }

/* "25.6 MB" */
static void put_bytes(struct buf *out, uint64_t bytes) { buf_printf(out, "%.1f MB", (double)bytes / 1e6); }

static void put_span_of_time(const struct weights_status *w, struct buf *out)
{
	char oldest[CLOCK_TEXT_MAX], newest[CLOCK_TEXT_MAX], number[32];
	put_row(out, "Can take back");
	buf_printf(out, "the newest %s messages", words_grouped(w->keep, number));
	if (w->spam + w->ham && w->oldest != CLOCK_NONE) {
		clock_format(w->oldest, oldest);
		clock_format(w->newest, newest);
		buf_printf(out, "; now those learned from %s to %s", oldest, newest);
	}
	buf_byte(out, '\n');
}

/* What `reject` may lose, in words: promised or not, and what does hold. */
static void put_bound(const struct learn_status *s, struct buf *out)
{
	char good[32];
	put_row(out, "Refusing");
	if (s->bound.promised)
		buf_printf(out, "from a score of %.2f on; loses at most %.3g %% of good mail, say %s good messages (at 99 %% confidence)\n",
			   s->bound.threshold / 1000.0, s->bound.holds * 100, words_grouped(s->bound.good, good));
	else if (s->bound.good)
		buf_printf(out, "not by what was learned alone: %s good messages promise a loss below %.3g %% only, not %.3g %%\n",
			   words_grouped(s->bound.good, good), s->bound.holds * 100, s->reject_loss * 100);
	else
		buf_cstr(out, "not by what was learned alone: no good message was learned yet\n");
	if (s->bound.drift) {
		put_row(out, "");
		buf_cstr(out, "Your newest good mail scores higher than older mail did: learn more of it as ham\n");
	}
}

void learn_text_status(const struct learn_status *s, struct buf *out)
{
	const struct weights_status *w = &s->weights;
	char all[32], spam[32], ham[32], other[32];
	put_row(out, "File");
	buf_put(out, style_safe(span_cstr(s->path), out->arena));
	buf_byte(out, '\n');
	put_row(out, "Learned");
	if (s->bytes) {
		buf_printf(out, "%s messages: %s spam, %s ham", words_grouped(w->spam + w->ham, all), words_grouped(w->spam, spam),
			   words_grouped(w->ham, ham));
		if (w->forgotten)
			buf_printf(out, "; %s taken back", words_grouped(w->forgotten, other));
		buf_byte(out, '\n');
		put_row(out, "Size");
		put_bytes(out, s->bytes);
		buf_cstr(out, ", and a journal of ");
		put_bytes(out, w->journal_bytes);
		buf_byte(out, '\n');
		put_span_of_time(w, out);
		put_row(out, "Generation");
		buf_printf(out, "%s\n", words_grouped(w->generation, other));
		put_bound(s, out);
	} else {
		buf_cstr(out, "nothing yet\n");
	}
	put_row(out, "Shipped prior");
	buf_cstr(out, s->prior ? "on\n" : "off\n");
}

static void put_time(struct json_out *j, const char *key, int64_t time)
{
	char text[CLOCK_TEXT_MAX];
	if (time == CLOCK_NONE)
		json_null(j, key);
	else
		json_text(j, key, span_of(text, clock_format_rfc3339(time, text)));
}

void learn_json_status(const struct learn_status *s, struct buf *out)
{
	const struct weights_status *w = &s->weights;
	struct json_out j;
	json_init(&j, out);
	json_object(&j, NULL);
	json_cstr(&j, "file", s->path);
	json_int(&j, "spam", (int64_t)w->spam);
	json_int(&j, "ham", (int64_t)w->ham);
	json_int(&j, "forgotten", (int64_t)w->forgotten);
	json_int(&j, "bytes", (int64_t)s->bytes);
	json_int(&j, "journal_bytes", (int64_t)w->journal_bytes);
	json_int(&j, "keep", w->keep);
	put_time(&j, "oldest", w->oldest);
	put_time(&j, "newest", w->newest);
	json_int(&j, "generation", (int64_t)w->generation);
	json_int(&j, "format", w->format);
	json_bool(&j, "shipped_prior", s->prior);
	json_object(&j, "reject");
	json_bool(&j, "promised", s->bound.promised);
	json_int(&j, "good", (int64_t)s->bound.good);
	json_int(&j, "lost", (int64_t)s->bound.lost);
	json_milli(&j, "threshold", s->bound.threshold);
	json_double(&j, "loses_at_most_percent", s->bound.holds * 100, 4);
	json_bool(&j, "drift", s->bound.drift);
	json_close(&j);
	json_close(&j);
	buf_byte(out, '\n');
}

void learn_text_merged(const struct weights_merged *m, struct buf *out)
{
	char lessons[32], known[32], older[32];
	buf_printf(out, "%s messages added, %s known already", words_grouped(m->lessons, lessons), words_grouped(m->known, known));
	if (m->older)
		buf_printf(out, ", and the sum of %s older ones", words_grouped(m->older, older));
	buf_byte(out, '\n');
}

void learn_json_merged(const struct weights_merged *m, struct buf *out)
{
	struct json_out j;
	json_init(&j, out);
	json_object(&j, NULL);
	json_int(&j, "learned", (int64_t)m->lessons);
	json_int(&j, "known", (int64_t)m->known);
	json_int(&j, "older", (int64_t)m->older);
	json_int(&j, "ignored_bytes", (int64_t)m->ignored_bytes);
	json_close(&j);
	buf_byte(out, '\n');
}
