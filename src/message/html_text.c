/* message/html_text.c - the visible and the hidden text of html_parse: blanks, references, invisible characters, hidden runs. */
#include "base/ascii.h"
#include "base/utf8.h"
#include "message/html_machine.h"
#include "message/html_reference.h"
#include "message/unicode.h"

enum {
	PREHEADER_AFTER = 80, /* a preheader stands before this much visible text ("View in browser") */
	PREHEADER_MAX = 500,  /* bytes; a longer one is more than a preview line */
};

enum text_class { PLAIN, BLANK, REFERENCE, CONTROL, MARKED };

/* MARKED: first bytes of characters that may be invisible, blank or turn the direction of writing. */
static const uint8_t classes[256] = {
	[0] = CONTROL,   ['\t'] = BLANK,    ['\n'] = BLANK,  ['\f'] = BLANK,  ['\r'] = BLANK,
	[' '] = BLANK,   ['&'] = REFERENCE, [0xC2] = MARKED, [0xCD] = MARKED, [0xD8] = MARKED,
	[0xE1] = MARKED, [0xE2] = MARKED,   [0xE3] = MARKED, [0xEF] = MARKED, [0xF3] = MARKED,
};

void html_text_start(struct html_machine *m)
{
	/* References grow by a fifth at most ("&nGt;"), block tags and alternative texts are longer than what they write. */
	size_t cap = m->source.n + m->source.n / 4 + 64;
	if (cap > LIMIT_TEXT_BYTES)
		cap = LIMIT_TEXT_BYTES;
	m->seen.cap = m->hidden.cap = cap;
	m->seen.p = arena_alloc(m->arena, cap);
	m->hidden.p = arena_alloc(m->arena, cap);
	m->run_at = arena_alloc(m->arena, LIMIT_HTML_HIDDEN_RUNS * sizeof *m->run_at);
}

static bool is_word_byte(uint8_t c) { return ascii_is_alnum(c) || c >= 0x80; }

/* Begins a hidden run unless one of the same reason is open. */
static void continue_run(struct html_machine *m, enum html_hidden why)
{
	struct html *html = m->html;
	if (m->run_open && html->hidden_runs.n && html->hidden_runs.v[html->hidden_runs.n - 1].why == why)
		return;
	m->run_open = true;
	if (m->hidden.n)
		m->hidden.pending = '\n';
	if (html->hidden_runs.n >= LIMIT_HTML_HIDDEN_RUNS)
		return;
	struct html_hidden_run *run = vec_push(m->arena, &html->hidden_runs);
	run->why = why;
	run->from = m->token_from;
	m->run_at[html->hidden_runs.n - 1] = (uint32_t)(m->hidden.n + (m->hidden.n > 0));
	if (m->seen.n <= PREHEADER_AFTER && m->runs_at_top == html->hidden_runs.n - 1)
		m->runs_at_top++;
}

static void put(struct html_machine *m, struct html_writer *w, const uint8_t *p, size_t n)
{
	if (w->n + n + 1 > w->cap) {
		m->text_full = true;
		return;
	}
	if (w->pending && w->n)
		w->p[w->n++] = w->pending;
	w->pending = 0;
	memcpy(w->p + w->n, p, n);
	w->n += n;
	w->letter = is_word_byte(p[n - 1]);
}

static void write_outlook(struct html_machine *m, const uint8_t *p, size_t n)
{
	if (!m->outlook.p) {
		m->outlook.cap = m->seen.cap;
		m->outlook.p = arena_alloc(m->arena, m->outlook.cap);
	}
	put(m, &m->outlook, p, n);
}

/* Writes bytes that are no blanks. */
static void write(struct html_machine *m, const uint8_t *p, size_t n)
{
	if (m->in_outlook) {
		write_outlook(m, p, n);
		return;
	}
	uint8_t hidden = html_stack_look(&m->stack)->hidden;
	struct html_writer *w = hidden ? &m->hidden : &m->seen;
	if (hidden) {
		continue_run(m, (enum html_hidden)(hidden - 1));
		m->gap |= HTML_GAP_HIDDEN;
	} else {
		if (m->gap && !w->pending && w->letter && is_word_byte(*p)) {
			m->html->counts.words_split_by_tags += (m->gap & HTML_GAP_TAG) != 0;
			m->html->counts.words_split_by_hidden += (m->gap & HTML_GAP_HIDDEN) != 0;
		}
		m->gap = 0;
		m->run_open = false;
	}
	size_t before = w->n;
	put(m, w, p, n);
	if (hidden && w->n > before)
		m->html->hidden_runs.v[m->html->hidden_runs.n - 1].to = m->token_to;
}

void html_text_break(struct html_machine *m, uint8_t blank)
{
	if (m->in_outlook) {
		if (m->outlook.pending != '\n')
			m->outlook.pending = blank;
		return;
	}
	/* A blank that is seen parts hidden words too, but not the other way round: "Vi<span hidden> x </span>agra". */
	if (m->hidden.pending != '\n')
		m->hidden.pending = blank;
	if (m->seen.pending != '\n' && !html_stack_look(&m->stack)->hidden)
		m->seen.pending = blank;
}

/* One character above ASCII: blanks are blanks, what cannot be seen is counted and dropped (a joiner within a script that needs it stays).
 */
static void add_marked(struct html_machine *m, const uint8_t *p, size_t n)
{
	uint32_t c;
	utf8_decode(span_of(p, n), 0, &c);
	struct html_counts *counts = &m->html->counts;
	if (c == 0xA0 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000) {
		html_text_break(m, ' ');
		return;
	}
	counts->bidi_overrides += unicode_is_bidi(c);
	if (!unicode_is_invisible(c)) {
		write(m, p, n);
		return;
	}
	const struct html_writer *w = m->in_outlook ? &m->outlook : &m->seen;
	bool foreign = w->n && !w->pending && w->p[w->n - 1] >= 0x80;
	if ((c == 0x200C || c == 0x200D) && foreign) {
		write(m, p, n);
		return;
	}
	counts->invisible_characters++;
	if (c != 0xAD) /* a soft hyphen is where a word may be divided */
		m->gap |= HTML_GAP_HIDDEN;
}

static size_t add_reference(struct html_machine *m, struct span text)
{
	struct html_reference r;
	if (!html_reference_read(text, false, &r)) {
		write(m, text.p, 1);
		return 1;
	}
	m->html->counts.entities_needless += r.needless;
	if (r.utf8[0] >= 0x80)
		add_marked(m, r.utf8, r.n_utf8);
	else if (classes[r.utf8[0]] == BLANK)
		html_text_break(m, ' ');
	else if (r.utf8[0])
		write(m, r.utf8, r.n_utf8);
	return r.n;
}

static size_t character_length(const uint8_t *p, const uint8_t *end)
{
	uint32_t c;
	return utf8_decode(span_of(p, (size_t)(end - p)), 0, &c);
}

void html_text_add(struct html_machine *m, struct span text, bool references)
{
	const uint8_t *p = text.p, *end = p + text.n;
	while (p < end) {
		const uint8_t *q = p;
		switch (classes[*p]) {
		case BLANK:
			html_text_break(m, ' ');
			for (p++; p < end && classes[*p] == BLANK;)
				p++;
			continue;
		case REFERENCE:
			if (references) {
				p += add_reference(m, span_of(p, (size_t)(end - p)));
				continue;
			}
			q++;
			break;
		case CONTROL:
			anomaly_add(m->anomalies, m->arena, ANOMALY_HTML_NUL,
				    (struct place){ m->token_from, m->token_to, m->part, PLACE_DECODED });
			p++;
			continue;
		case MARKED:
			q += character_length(p, end);
			add_marked(m, p, (size_t)(q - p));
			p = q;
			continue;
		default: break;
		}
		while (q < end && classes[*q] == PLAIN)
			q++;
		write(m, p, (size_t)(q - p));
		p = q;
	}
}

/* Runs at the very top that feed the preview of the inbox become preheaders; the rest of the hidden text is html.hidden. */
void html_text_finish(struct html_machine *m)
{
	struct html *html = m->html;
	uint32_t preheaders = 0;
	for (uint32_t i = 0; i < html->hidden_runs.n; i++) {
		size_t end = i + 1 < html->hidden_runs.n ? m->run_at[i + 1] - 1 : m->hidden.n;
		if (end < m->run_at[i])
			end = m->run_at[i];
		html->hidden_runs.v[i].text = span_of(m->hidden.p + m->run_at[i], end - m->run_at[i]);
		if (i == preheaders && i < m->runs_at_top && end <= PREHEADER_MAX)
			preheaders++;
	}
	for (uint32_t i = 0; i < preheaders; i++)
		html->hidden_runs.v[i].why = HTML_HIDDEN_PREHEADER;
	size_t from = preheaders < html->hidden_runs.n ? m->run_at[preheaders] : m->hidden.n;
	html->hidden = span_of(m->hidden.p + from, m->hidden.n - from);
	html->text = span_of(m->seen.p, m->seen.n);
	if (m->text_full)
		anomaly_add(m->anomalies, m->arena, ANOMALY_HTML_TEXT_LIMIT,
			    (struct place){ 0, (uint32_t)m->source.n, m->part, PLACE_DECODED });
}
