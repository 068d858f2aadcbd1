/* app/relaytest_smtp.c - tries every address form on a mail server, one transaction after the other.
 *
 * A form is MAIL, RCPT, RSET; with --deliver a marked message goes to the recipient where the form was taken, once. Servers lose patience
 * with clients that are refused again and again (Postfix hangs up after 20 errors), so each conversation has a few forms only, and a form
 * that a used conversation lost is tried once more in a fresh one. */
#include "app/relaytest.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/visible.h"
#include "session/smtp_client_engine.h"

#include <errno.h>
#include <unistd.h>

enum { FORMS_A_TALK = 6, LOST_IN_A_ROW = 3, REPLIES = 1 << 17, COMMANDS = 1 << 14, SHOWN = 200 };

struct talk {
	struct relaytest *run;
	struct arena arena; /* of the conversation */
	int socket;         /* -1: none */
	unsigned forms;     /* tried in it */
	struct smtp_client_engine engine;
	struct buf in, out;
	size_t used; /* of in */
	struct smtp_origin origin;
	struct span why; /* the last failure, in words; of the run's arena */
};

static void hang_up(struct talk *t)
{
	if (t->socket >= 0)
		close(t->socket);
	t->socket = -1;
	arena_reset(&t->arena);
}

static struct span one_line(struct arena *arena, struct span reply)
{
	struct span line;
	struct buf all;
	buf_init(&all, arena, SHOWN * 2);
	while (smtp_reply_line(&reply, &line)) {
		if (all.n && line.n)
			buf_byte(&all, ' ');
		buf_put(&all, line);
	}
	return visible_text(arena_dup(arena, buf_span(&all)), SHOWN, arena);
}

static bool lost(struct talk *t, bool hung_up)
{
	t->why = hung_up              ? SPAN("it hung up")
		 : errno == ETIMEDOUT ? arena_printf(t->run->arena, "it said nothing for %u seconds", t->run->seconds)
		 : errno == ENOBUFS   ? SPAN("it said too much")
				      : arena_printf(t->run->arena, "%s", strerror(errno));
	return false;
}

/* Sends what is to be sent and waits for an event. False: there will be none; the conversation is over. */
static bool hear(struct talk *t, struct smtp_client_event *ret)
{
	int64_t until = relaytest_clock() + (int64_t)t->run->seconds * 1000;
	if (until > t->run->until)
		until = t->run->until;
	for (;;) {
		size_t used;
		if (t->used) {
			memmove(t->in.p, t->in.p + t->used, t->in.n - t->used);
			t->in.n -= t->used;
			t->used = 0;
		}
		enum smtp_client_step step = smtp_client_step(&t->engine, buf_span(&t->in), &used, ret, &t->out);
		t->used = used;
		if (step == SMTP_CLIENT_BAD) {
			t->why = span_cstr(t->engine.why);
			return false;
		}
		if (!relaytest_send(t->socket, buf_span(&t->out), until))
			return lost(t, errno == EPIPE || errno == ECONNRESET);
		t->out.n = 0;
		if (step == SMTP_CLIENT_EVENT)
			return true;
		if (used)
			continue;
		ssize_t n = relaytest_receive(t->socket, &t->in, until);
		if (n <= 0)
			return lost(t, n == 0 || errno == ECONNRESET);
	}
}

/* The first word of what answered EHLO or HELO, if it is a name. */
static struct span name_in(struct span reply)
{
	struct span line;
	if (!smtp_reply_line(&reply, &line))
		return span_none;
	line = span_first(line, span_find_byte(line, ' ', 0));
	return relay_domain(line) ? line : span_none;
}

/* False: t->why. answer is set where the server spoke. */
static bool greet(struct talk *t, struct relay_answer *answer)
{
	struct relaytest *run = t->run;
	struct smtp_client_event event;
	int64_t until = relaytest_clock() + (int64_t)run->seconds * 1000;
	t->socket = relaytest_connect(&run->peer, until < run->until ? until : run->until);
	if (t->socket < 0)
		return lost(t, false);
	const struct smtp_client_options options = { .hostname = run->hostname, .origin = run->as ? &t->origin : NULL };
	smtp_client_init(&t->engine, &options);
	buf_init(&t->in, &t->arena, REPLIES);
	buf_init(&t->out, &t->arena, COMMANDS);
	t->used = 0;
	t->forms = 0;
	if (!hear(t, &event))
		return false;
	if (event.kind == SMTP_CLIENT_REFUSED) {
		answer->code = event.code;
		t->why = arena_printf(run->arena, "it let us not in: %u %.*s", event.code, SPAN_ARG(one_line(run->arena, event.reply)));
		return false;
	}
	if (run->as && !t->engine.presented) {
		t->why = SPAN("it does not let us stand for another client (XCLIENT): see --ip in postern-relaytest(1)");
		return false;
	}
	if (!run->names.server.n)
		run->names.server = arena_dup(run->arena, name_in(event.reply));
	return true;
}

static void quit(struct talk *t)
{
	if (t->socket >= 0 && t->engine.state == SMTP_CLIENT_IDLE) {
		smtp_client_quit(&t->engine, &t->out);
		relaytest_send(t->socket, buf_span(&t->out), relaytest_clock() + 1000);
	}
	hang_up(t);
}

static bool open_talk(struct talk *t, struct relay_answer *answer)
{
	if (t->socket >= 0 && t->forms < FORMS_A_TALK && t->engine.state == SMTP_CLIENT_IDLE)
		return true;
	quit(t);
	answer->stage = RELAY_AT_CONNECT;
	if (greet(t, answer))
		return true;
	hang_up(t);
	return false;
}

/* one form */

static struct span message(const struct relaytest *run, const struct relaytest_try *try)
{
	struct civil c;
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	int64_t now = clock_now();
	clock_to_civil(now, &c);
	struct span when = arena_printf(run->arena, "%s, %d %s %d %02d:%02d:%02d +0000", days[clock_weekday(now)], c.day,
					months[c.month - 1], c.year, c.hour, c.minute, c.second);
	return arena_printf(run->arena,
			    "From: <%.*s>\r\nTo: <%.*s>\r\nDate: %.*s\r\nMessage-ID: <%s.%s@%.*s>\r\nSubject: postern relaytest: %s\r\n"
			    "X-Postern-Relaytest: %s %s\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
			    "Content-Type: text/plain; charset=us-ascii\r\n\r\n"
			    "This is a test message that you had sent to yourself by `postern relaytest --deliver`.\r\n"
			    "That it arrived says that the mail server passes on mail to strangers in the form %s:\r\n%s.\r\n",
			    SPAN_ARG(run->sender), SPAN_ARG(run->recipient), SPAN_ARG(when), try->name, run->mark,
			    SPAN_ARG(run->names.from_domain), try->name, run->mark, try->name, try->name, try->sentence);
}

/* What was answered at a stage. True: yes. */
static bool note(struct talk *t, struct relaytest_try *try, struct relay_answer *answer, enum relay_stage stage)
{
	struct smtp_client_event event;
	answer->stage = stage;
	answer->code = 0;
	if (!hear(t, &event)) {
		try->said = t->why;
		hang_up(t);
		return false;
	}
	answer->code = event.code;
	try->said = one_line(t->run->arena, event.reply);
	return event.code / 100 == 2 || (stage == RELAY_AT_DATA && event.code == 354);
}

static void deliver(struct talk *t, struct relaytest_try *try, struct relay_answer *answer)
{
	struct smtp_stuffing stuffing = { 0 };
	struct span piece;
	smtp_client_data(&t->engine, &t->out);
	if (!note(t, try, answer, RELAY_AT_DATA) || t->engine.state != SMTP_CLIENT_AT_END)
		return;
	smtp_stuffing_add(&stuffing, message(t->run, try));
	while (smtp_stuffing_next(&stuffing, &piece))
		buf_put(&t->out, piece);
	buf_put(&t->out, smtp_stuffing_end(&stuffing));
	note(t, try, answer, RELAY_AT_END);
}

static void transact(struct talk *t, struct relaytest_try *try, struct relay_answer *answer, bool give)
{
	const struct smtp_parameters plain = { 0 };
	struct smtp_parameters of_mail = { 0 };
	for (size_t i = 0; i < 2; i++)
		for (size_t at = 0; at < try->sent[i].n; at++)
			of_mail.utf8 |= try->sent[i].p[at] >= 0x80;
	int err = smtp_client_mail(&t->engine, try->sent[0], &of_mail, &t->out);
	if (err) {
		answer->stage = RELAY_AT_OFFER;
		try->said = err == ERR_UNSUPPORTED ? SPAN("it takes no addresses beyond ASCII (SMTPUTF8)") : SPAN("cannot be asked for");
		return;
	}
	t->forms++;
	if (note(t, try, answer, RELAY_AT_MAIL)) {
		err = smtp_client_rcpt(&t->engine, try->sent[1], &plain, &t->out);
		if (err) {
			answer->stage = RELAY_AT_OFFER;
			try->said = SPAN("cannot be asked for");
		} else if (note(t, try, answer, RELAY_AT_RCPT) && give) {
			deliver(t, try, answer);
		}
	}
	struct smtp_client_event event;
	bool idle = t->socket >= 0 && t->engine.state == SMTP_CLIENT_IDLE;
	if (idle)
		smtp_client_rset(&t->engine, &t->out);
	if (!idle || !hear(t, &event) || event.code / 100 != 2)
		hang_up(t); /* no transaction goes on into the next */
}

/* A conversation that others used before may have ended for their sake: then once more. Never after a message was begun. */
static void attempt(struct talk *t, struct relaytest_try *try, struct relay_answer *answer, bool give)
{
	for (unsigned round = 0; round < 2; round++) {
		*answer = (struct relay_answer){ .stage = RELAY_AT_NOTHING };
		if (!open_talk(t, answer)) {
			try->said = t->why;
			return;
		}
		bool used = t->forms > 0;
		transact(t, try, answer, give);
		bool broke = answer->stage >= RELAY_AT_MAIL && answer->stage <= RELAY_AT_RCPT && (answer->code == 0 || answer->code == 421);
		if (!used || !broke)
			return;
	}
}

/* Names that nobody has, at the server's own. */
static void try_nobody(struct talk *t, bool *ret_any)
{
	struct relaytest *run = t->run;
	struct relay_names names = run->names;
	names.to_local = arena_printf(run->arena, "nobody-%.12s", run->mark);
	for (int lands = 0; lands < RELAY_LANDS; lands++) {
		const char *control = relay_control((enum relay_lands)lands);
		struct relay_answer answer;
		if (!control)
			continue;
		struct relaytest_try try = { .sent = { run->sender, relay_form_write(control, &names, run->arena) } };
		attempt(t, &try, &answer, false);
		ret_any[lands] = answer.stage == RELAY_AT_RCPT && answer.code / 100 == 2;
		run->any_name |= ret_any[lands];
		relaytest_rest(run);
	}
}

/* Whether a message in this form, and its bounce, can only reach the user. Some servers (Postfix 3.7) end a source route at the first
 * colon, that of an IPv6 literal, and mean another mailbox by the rest. The sender's name at the recipient's domain may be somebody else's.
 */
static bool means_ours(const struct relaytest *run, const struct relaytest_try *try)
{
	struct span from = try->sent[0], at = arena_join(run->arena, SPAN("@"), run->names.to_domain);
	bool foreign = span_iends(from, at) && !span_ieq(from, run->sender) && !span_ieq(from, run->recipient);
	return !foreign && !span_istarts(try->sent[1], SPAN("@[IPv6:"));
}

static void try_forms(struct talk *t)
{
	struct relaytest *run = t->run;
	bool any[RELAY_LANDS] = { false };
	unsigned lost_in_a_row = 0;
	try_nobody(t, any);
	for (size_t i = 0; i < relay_forms_n; i++) {
		const struct relay_form *form = &relay_forms[i];
		struct relaytest_try *try = &run->tries[i];
		struct relay_answer answer = { .stage = RELAY_AT_NOTHING };
		*try = (struct relaytest_try){ .name = form->name, .sentence = form->sentence, .said = SPAN("") };
		try->sent[0] = relay_form_write(form->mail_from, &run->names, run->arena);
		try->sent[1] = relay_form_write(form->rcpt_to, &run->names, run->arena);
		if (lost_in_a_row < LOST_IN_A_ROW && relaytest_clock() < run->until) {
			attempt(t, try, &answer, run->deliver && means_ours(run, try));
			lost_in_a_row = answer.code == 0 && answer.stage != RELAY_AT_OFFER ? lost_in_a_row + 1 : 0;
			relaytest_rest(run);
		}
		enum relay_verdict verdict = relay_judge(&answer, any[form->lands]);
		try->code = answer.code;
		try->verdict = relay_verdict_word(verdict);
		try->words = relay_verdict_sentence(verdict);
		try->state = relay_verdict_state(verdict);
	}
}

/* A domain that is the server's own to begin with cannot show whether it passes mail on to strangers. */
static bool is_foreign(struct relaytest *run)
{
	struct span s = run->names.server, t = run->names.to_domain;
	bool below = s.n > t.n && span_iends(s, t) && s.p[s.n - t.n - 1] == '.';
	if (!span_ieq(s, t) && !below)
		return true;
	run->why = arena_printf(
	    run->arena, "%.*s belongs to the server %.*s itself, which then should take its mail: give an address of yours elsewhere",
	    SPAN_ARG(t), SPAN_ARG(s));
	return false;
}

bool relaytest_smtp(struct relaytest *run)
{
	struct talk talk = { .run = run, .socket = -1 };
	struct relay_answer answer = { .stage = RELAY_AT_NOTHING };
	arena_init(&talk.arena);
	if (run->as)
		talk.origin = (struct smtp_origin){ .has_ip = true, .ip = *run->as, .helo = run->hostname, .esmtp = true };
	bool open = open_talk(&talk, &answer);
	if (!open)
		run->why = talk.why;
	if (open && !run->names.server.n)
		run->names.server = relay_form_write("{IP}", &run->names, run->arena);
	if (open && (open = is_foreign(run))) {
		run->n = relay_forms_n;
		run->tries = arena_zalloc(run->arena, run->n * sizeof *run->tries);
		try_forms(&talk);
	}
	quit(&talk);
	arena_release(&talk.arena);
	return open;
}
