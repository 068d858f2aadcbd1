/* session/spamd_answer.c - see spamd_answer.h */
#include "session/spamd_answer.h"
#include "base/ascii.h"
#include "base/limits.h"
#include "session/client_text.h"

enum { MANY_HEADERS = 3 }; /* from version 1.3 on */

/* What ends the lines of the message, and so of what is put into it. */
static struct span eol_of(struct span raw)
{
	size_t end = span_find_byte(raw, '\n', 0);
	return end == SPAN_NPOS || end == 0 || raw.p[end - 1] != '\r' ? SPAN("\n") : SPAN("\r\n");
}

/* The header section, its empty line included. */
static struct span head_of(struct span raw)
{
	for (size_t at = 0, end; (end = span_find_byte(raw, '\n', at)) != SPAN_NPOS; at = end + 1)
		if (end == at || (end == at + 1 && raw.p[at] == '\r'))
			return span_first(raw, end + 1);
	return raw;
}

static void put_symbols(struct buf *out, const struct outcome *outcome)
{
	for (uint32_t i = 0; i < outcome->symbols.n; i++) {
		if (i)
			buf_byte(out, ',');
		buf_put(out, outcome->symbols.v[i].id);
	}
}

static void put_body(struct buf *out, const struct spamd_engine *e, const struct outcome *outcome, struct span raw)
{
	switch (e->command) {
	case SPAMD_PROCESS: outcome_edit(outcome, raw, eol_of(raw), out); break;
	case SPAMD_HEADERS: outcome_edit(outcome, head_of(raw), eol_of(raw), out); break;
	case SPAMD_SYMBOLS:
		put_symbols(out, outcome);
		if (e->minor < MANY_HEADERS)
			buf_cstr(out, "\r\n");
		break;
	case SPAMD_REPORT_IFSPAM:
	case SPAMD_REPORT:
		if (e->command == SPAMD_REPORT || outcome->spam)
			client_text_report(out, outcome);
		break;
	default: break;
	}
}

/* "True ; 7.1 / 5.0" */
static void put_spam(struct buf *out, const struct spamd_engine *e, const struct outcome *outcome)
{
	static const char *const words[2][2] = { { "False", "True" }, { "No", "Yes" } };
	buf_printf(out, "Spam: %s ; ", words[e->command == SPAMD_REPORT_IFSPAM][outcome->spam]);
	client_text_tenths(out, outcome_client_score(outcome));
	buf_cstr(out, " / ");
	client_text_tenths(out, CLIENT_MARK);
	buf_cstr(out, "\r\n");
}

static void put_length(struct buf *out, size_t n) { buf_printf(out, "Content-length: %zu\r\n", n); }

static void put_spamd(struct buf *out, const struct spamd_engine *e, const struct outcome *outcome, struct span body)
{
	bool message = e->command == SPAMD_PROCESS || e->command == SPAMD_HEADERS;
	buf_cstr(out, "SPAMD/1.1 0 EX_OK\r\n");
	if (e->command != SPAMD_CHECK && (e->minor >= MANY_HEADERS || message))
		put_length(out, body.n);
	if (e->minor >= MANY_HEADERS || !message)
		put_spam(out, e, outcome);
	buf_cstr(out, "\r\n");
	buf_put(out, body);
}

/* Exim reads this with sscanf: the two lines at the beginning are not ours to change. */
static void put_rspamd(struct buf *out, const struct outcome *outcome)
{
	buf_printf(out, "RSPAMD/1.3 0 EX_OK\r\nMetric: default; %s; ", outcome->spam ? "True" : "False");
	client_text_tenths(out, outcome_client_score(outcome));
	buf_cstr(out, " / ");
	client_text_tenths(out, CLIENT_MARK);
	buf_cstr(out, " / ");
	client_text_tenths(out, CLIENT_REJECT);
	buf_printf(out, "\r\nAction: %s\r\n", outcome_client_action(outcome));
	for (uint32_t i = 0; i < outcome->symbols.n; i++) {
		const struct outcome_symbol *symbol = &outcome->symbols.v[i];
		buf_cstr(out, "Symbol: ");
		buf_put(out, symbol->id);
		buf_byte(out, '(');
		client_text_hundredths(out, client_text_symbol_score(outcome, symbol->weight));
		buf_cstr(out, ")\r\n");
	}
	buf_cstr(out, "Message-ID: ");
	buf_put(out, outcome->message_id);
	buf_cstr(out, "\r\n\r\n");
}

void spamd_answer_outcome(struct buf *out, const struct spamd_engine *e, const struct outcome *outcome, struct span raw)
{
	if (e->rspamc && e->command != SPAMD_PROCESS) {
		put_rspamd(out, outcome);
		return;
	}
	struct buf body;
	buf_init(&body, out->arena, raw.n + LIMIT_MILTER_ANSWER);
	put_body(&body, e, outcome, raw);
	put_spamd(out, e, outcome, buf_span(&body));
}

void spamd_answer_told(struct buf *out, const struct spamd_engine *e, bool done)
{
	buf_cstr(out, "SPAMD/1.1 0 EX_OK\r\n");
	if (done && e->set_local)
		buf_cstr(out, "DidSet: local\r\n");
	if (done && e->remove_local)
		buf_cstr(out, "DidRemove: local\r\n");
	buf_cstr(out, "\r\n");
}

void spamd_answer_failure(struct buf *out, enum spamd_status status, struct span why)
{
	const char *says = status == SPAMD_PROTOCOL ? "Bad header line: " : status == SPAMD_UNAVAILABLE ? "Service Unavailable: " : "";
	buf_printf(out, "SPAMD/1.0 %d %s", (int)status, says);
	why = span_first(why, LIMIT_REPLY_TEXT);
	for (size_t i = 0; i < why.n; i++)
		buf_byte(out, ascii_is_print(why.p[i]) ? why.p[i] : '?');
	buf_cstr(out, "\r\n\r\n"); /* spamd leaves the empty line out, and spamc then reports a broken connection instead of the reason */
}
