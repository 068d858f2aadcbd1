/* app/relaytest_text.c - what `postern relaytest` found, as a table for people or one JSON object. */
#include "app/relaytest.h"
#include "app/terminal.h"
#include "base/json_out.h"
#include "base/visible.h"

#include <stdio.h>
#include <unistd.h>

enum { SENT_BYTES = 300, NAME_WIDTH = 28, WORDS_WIDTH = 30 };

static struct span peer_text(const struct relaytest *run)
{
	char text[IP_TEXT_MAX];
	ip_format(&run->peer.ip, text);
	return arena_printf(run->arena, ip_is_v4(&run->peer.ip) ? "%s:%u" : "[%s]:%u", text, run->peer.port);
}

/* A line for what is closed; for what is not, also what was sent and what that is. */
static void put_try(const struct style *style, const struct relaytest *run, const struct relaytest_try *try, bool proxy, struct buf *out)
{
	static const enum style_kind kinds[] = { [RELAY_CLOSED] = STYLE_GOOD, [RELAY_IS_OPEN] = STYLE_BAD, [RELAY_UNSURE] = STYLE_WARN };
	struct span first = visible_text(try->sent[0], SENT_BYTES, run->arena), second = visible_text(try->sent[1], SENT_BYTES, run->arena);
	size_t words = strlen(try->words);
	buf_printf(out, "%-*s  ", NAME_WIDTH, try->name);
	style_put(style, out, kinds[try->state], span_cstr(try->words));
	buf_printf(out, "%*s  ", (int)(words < WORDS_WIDTH ? WORDS_WIDTH - words : 0), "");
	if (try->code)
		buf_printf(out, "%u ", try->code);
	buf_put(out, try->said);
	if (try->state != RELAY_CLOSED && proxy)
		buf_printf(out, "\n    %.*s: %s", SPAN_ARG(first), try->sentence);
	else if (try->state != RELAY_CLOSED)
		buf_printf(out, "\n    from <%.*s> to <%.*s>: %s", SPAN_ARG(first), SPAN_ARG(second), try->sentence);
	buf_byte(out, '\n');
}

/* What is worth knowing before the table is believed. */
static void put_advice(const struct relaytest *run, bool proxy, struct buf *out)
{
	size_t open = relaytest_count(run, RELAY_IS_OPEN), unsure = relaytest_count(run, RELAY_UNSURE);
	buf_printf(out, "\n%zu of %zu %s open, %zu closed, %zu could not be told.\n", open, run->n, proxy ? "ways" : "forms",
		   relaytest_count(run, RELAY_CLOSED), unsure);
	if (open && proxy)
		buf_cstr(out, "Who may use it is its own setting: what is open from here may be closed to strangers. Try from outside with "
			      "--i-own-it.\n");
	else if (open && !run->as && relaytest_is_own(&run->peer.ip))
		buf_cstr(out,
			 "This was tried from the server's own host, which servers often trust (mynetworks in Postfix): what is open to it "
			 "may be closed to others.\nTry from outside with --i-own-it, or as another client with --ip where the server "
			 "offers XCLIENT.\n");
	if (open && !proxy && !run->deliver)
		buf_cstr(out,
			 "Only recipients were tried: --deliver sends a test message to you in each form that was taken, to see whether it "
			 "arrives.\n");
	if (run->deliver)
		buf_printf(out, "Test messages that were taken have the subject \"postern relaytest\" and the mark %s.\n", run->mark);
	if (run->any_name)
		buf_cstr(out,
			 "The server takes mail for names that nobody has at its own domain, so taking a form there says little: look with "
			 "--deliver whether its test message arrives at you.\n");
	if (unsure && !run->any_name)
		buf_cstr(out, "What could not be told may be told later: a server that says \"come again\" (greylisting) says more after a "
			      "while. Try "
			      "again in ten minutes with the same addresses, or give more --seconds.\n");
}

void relaytest_text(const struct relaytest *run, bool proxy)
{
	struct style style = terminal_style(STDOUT_FILENO);
	struct buf out;
	buf_init(&out, run->arena, SIZE_MAX);
	buf_printf(&out, proxy ? "Is %.*s an open proxy?\n\n" : "Does %.*s pass on mail to strangers?\n\n", SPAN_ARG(peer_text(run)));
	buf_printf(&out, "%-*s  %-*s  %s\n", NAME_WIDTH, proxy ? "way" : "form", WORDS_WIDTH, "verdict", "answer");
	for (size_t i = 0; i < run->n; i++)
		put_try(&style, run, &run->tries[i], proxy, &out);
	put_advice(run, proxy, &out);
	fwrite(out.p, 1, out.n, stdout);
}

void relaytest_json(const struct relaytest *run, bool proxy)
{
	static const char *const states[] = { [RELAY_CLOSED] = "closed", [RELAY_IS_OPEN] = "open", [RELAY_UNSURE] = "unsure" };
	struct buf out;
	struct json_out j;
	buf_init(&out, run->arena, SIZE_MAX);
	json_init(&j, &out);
	json_object(&j, NULL);
	json_text(&j, "server", peer_text(run));
	json_cstr(&j, "test", proxy ? "proxy" : "relay");
	if (!proxy)
		json_text(&j, "name", run->names.server);
	json_text(&j, "mark", span_cstr(run->mark));
	json_bool(&j, "any_name", run->any_name);
	for (int s = RELAY_CLOSED; s <= RELAY_UNSURE; s++)
		json_int(&j, states[s], (int64_t)relaytest_count(run, (enum relay_state)s));
	json_array(&j, "tries");
	for (size_t i = 0; i < run->n; i++) {
		const struct relaytest_try *try = &run->tries[i];
		json_object(&j, NULL);
		json_cstr(&j, "name", try->name);
		json_cstr(&j, "sentence", try->sentence);
		json_text(&j, proxy ? "request" : "mail_from", try->sent[0]);
		if (!proxy)
			json_text(&j, "rcpt_to", try->sent[1]);
		if (try->code)
			json_int(&j, "code", try->code);
		json_text(&j, "answer", try->said);
		json_cstr(&j, "verdict", try->verdict);
		json_cstr(&j, "state", states[try->state]);
		json_close(&j);
	}
	json_close(&j);
	json_close(&j);
	buf_byte(&out, '\n');
	fwrite(out.p, 1, out.n, stdout);
}
