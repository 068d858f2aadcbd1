/* session/relay_forms.c - see relay_forms.h */
#include "session/relay_forms.h"
#include "base/ascii.h"
#include "session/smtp_path.h"

enum { LOCAL_BYTES = 64, DOMAIN_BYTES = 255, FORM_BYTES = 2048 }; /* RFC 5321 4.5.3.1 */

const struct relay_form relay_forms[] = {
#define RELAY_FORM(name, mail_from, rcpt_to, lands, sentence) { name, mail_from, rcpt_to, RELAY_##lands, sentence },
#include "session/relay_forms.def"
#undef RELAY_FORM
};
const size_t relay_forms_n = sizeof relay_forms / sizeof *relay_forms;

static void put_literal(const struct relay_names *names, bool v6, struct buf *out)
{
	char text[IP_TEXT_MAX];
	struct span address = span_of(text, ip_format(&names->ip, text));
	buf_byte(out, '[');
	if (v6 || !ip_is_v4(&names->ip))
		buf_cstr(out, ip_is_v4(&names->ip) ? "IPv6:::ffff:" : "IPv6:"); /* RFC 5321 4.1.3 */
	buf_put(out, address);
	buf_byte(out, ']');
}

/* False: there is no such word. */
static bool put_word(struct span word, const struct relay_names *n, struct buf *out)
{
	const struct {
		struct span word, value;
	} words[] = { { SPAN_INIT("f"), n->from_local },
		      { SPAN_INIT("F"), n->from_domain },
		      { SPAN_INIT("to"), n->to_local },
		      { SPAN_INIT("T"), n->to_domain },
		      { SPAN_INIT("S"), n->server } };
	char text[IP_TEXT_MAX];
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (span_eq(word, words[i].word)) {
			buf_put(out, words[i].value);
			return true;
		}
	if (span_eq(word, SPAN("ip"))) {
		buf_put(out, span_of(text, ip_format(&n->ip, text)));
		return true;
	}
	bool v6 = span_eq(word, SPAN("v6"));
	if (!v6 && !span_eq(word, SPAN("IP")))
		return false;
	put_literal(n, v6, out);
	return true;
}

struct span relay_form_write(const char *template, const struct relay_names *names, struct arena *arena)
{
	struct span rest = span_cstr(template);
	struct buf out;
	buf_init(&out, arena, FORM_BYTES);
	while (rest.n) {
		size_t end = rest.p[0] == '{' ? span_find_byte(rest, '}', 0) : SPAN_NPOS;
		if (end != SPAN_NPOS && put_word(span_slice(rest, 1, end), names, &out)) {
			rest = span_skip(rest, end + 1);
			continue;
		}
		buf_byte(&out, rest.p[0]);
		rest = span_skip(rest, 1);
	}
	return buf_span(&out);
}

const char *relay_control(enum relay_lands lands)
{
	static const char *const templates[RELAY_LANDS] = {
		[RELAY_NAME] = "{to}@{S}",     [RELAY_LITERAL] = "{to}@{IP}",
		[RELAY_ADDRESS] = "{to}@{ip}", [RELAY_LOCALHOST] = "{to}@localhost",
		[RELAY_EMPTY] = "{to}@[]",     [RELAY_BARE] = "{to}",
	};
	return templates[lands];
}

/* Of RFC 5322's atext without what some server somewhere takes for a way: % ! / # and quotes. */
static bool is_plain(uint8_t c) { return ascii_is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '+' || c == '='; }

static bool all_plain(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_plain(s.p[i]))
			return false;
	return true;
}

bool relay_domain(struct span name)
{
	return name.n <= DOMAIN_BYTES && smtp_domain_valid(name) && all_plain(name) && span_find_byte(name, '.', 0) != SPAN_NPOS;
}

bool relay_address(struct span address, struct span *ret_local, struct span *ret_domain)
{
	size_t at = span_find_byte(address, '@', 0);
	struct span local = span_first(address, at), domain = span_skip(address, at == SPAN_NPOS ? at : at + 1);
	if (at == SPAN_NPOS || local.n == 0 || local.n > LOCAL_BYTES || !all_plain(local) || !relay_domain(domain))
		return false;
	*ret_local = local;
	*ret_domain = domain;
	return true;
}

enum relay_verdict relay_judge(const struct relay_answer *a, bool any_name)
{
	if (a->stage == RELAY_AT_NOTHING)
		return RELAY_NOT_TRIED;
	if (a->stage == RELAY_AT_OFFER)
		return RELAY_REFUSED;
	if (a->stage > RELAY_AT_RCPT && a->code / 100 != 2)
		return any_name ? RELAY_ANY_NAME : a->code / 100 >= 4 ? RELAY_LATE : RELAY_OPEN;
	if (a->stage == RELAY_AT_END || (a->stage == RELAY_AT_RCPT && a->code / 100 == 2))
		return any_name ? RELAY_ANY_NAME : a->stage == RELAY_AT_END ? RELAY_OPEN_MESSAGE : RELAY_OPEN;
	if (a->code / 100 == 5)
		return a->stage == RELAY_AT_RCPT ? RELAY_REFUSED : a->stage == RELAY_AT_MAIL ? RELAY_SENDER_REFUSED : RELAY_NO_ANSWER;
	return a->code / 100 == 4 ? RELAY_COME_AGAIN : RELAY_NO_ANSWER;
}

static const struct {
	const char *word, *sentence;
	enum relay_state state;
} verdicts[RELAY_VERDICTS] = {
	[RELAY_REFUSED] = { "refused", "closed: refused", RELAY_CLOSED },
	[RELAY_SENDER_REFUSED] = { "sender-refused", "closed: the sender was refused", RELAY_CLOSED },
	[RELAY_OPEN] = { "open", "OPEN: took the recipient", RELAY_IS_OPEN },
	[RELAY_OPEN_MESSAGE] = { "open-message", "OPEN: took the message", RELAY_IS_OPEN },
	[RELAY_LATE] = { "late", "LATE: took the recipient, but not the message", RELAY_IS_OPEN },
	[RELAY_ANY_NAME] = { "any-name", "could not tell: it takes any name there", RELAY_UNSURE },
	[RELAY_COME_AGAIN] = { "come-again", "could not tell: it said come again", RELAY_UNSURE },
	[RELAY_NO_ANSWER] = { "no-answer", "could not tell: it did not answer", RELAY_UNSURE },
	[RELAY_NOT_TRIED] = { "not-tried", "could not tell: was not tried", RELAY_UNSURE },
};

const char *relay_verdict_word(enum relay_verdict verdict) { return verdicts[verdict].word; }
const char *relay_verdict_sentence(enum relay_verdict verdict) { return verdicts[verdict].sentence; }
enum relay_state relay_verdict_state(enum relay_verdict verdict) { return verdicts[verdict].state; }
