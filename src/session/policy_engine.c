/* session/policy_engine.c - see policy_engine.h */
#include "session/policy_engine.h"
#include "base/err.h"

static const struct {
	const char *name;
	size_t member;
} attributes[] = {
#define ATTRIBUTE(name, member)                                                                                                            \
	{                                                                                                                                  \
		name, offsetof(struct policy_question, member)                                                                             \
	}
	ATTRIBUTE("client_address", address),
	ATTRIBUTE("client_port", port),
	ATTRIBUTE("server_address", own),
	ATTRIBUTE("helo_name", helo),
	ATTRIBUTE("protocol_name", protocol),
	ATTRIBUTE("sender", sender),
	ATTRIBUTE("recipient", recipient),
	ATTRIBUTE("sasl_username", user),
	ATTRIBUTE("encryption_protocol", tls_protocol),
	ATTRIBUTE("encryption_cipher", tls_cipher),
#undef ATTRIBUTE
};

static enum policy_state state_of(struct span name)
{
	static const char *const names[POLICY_OTHER] = { "CONNECT", "EHLO", "MAIL", "RCPT", "DATA" };
	for (unsigned i = 0; i < POLICY_OTHER; i++)
		if (span_eq(name, span_cstr(names[i])))
			return (enum policy_state)i;
	return span_eq(name, SPAN("HELO")) ? POLICY_HELO : POLICY_OTHER;
}

static void set(struct policy_question *q, struct span name, struct span value)
{
	if (span_eq(name, SPAN("protocol_state")))
		q->state = state_of(value);
	for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++)
		if (span_eq(name, span_cstr(attributes[i].name)))
			*(struct span *)((char *)q + attributes[i].member) = value;
}

int policy_question_read(struct span bytes, struct policy_question *ret)
{
	struct policy_question q = { .state = POLICY_OTHER };
	struct span rest = bytes;
	for (;;) {
		size_t end = span_find_byte(rest, '\n', 0);
		if (end == SPAN_NPOS)
			return bytes.n >= POLICY_BYTES ? ERR_LIMIT : 0;
		struct span line = span_first(rest, end);
		rest = span_skip(rest, end + 1);
		if ((size_t)(rest.p - bytes.p) > POLICY_BYTES)
			return ERR_LIMIT;
		if (!line.n)
			break;
		size_t equals = span_find_byte(line, '=', 0);
		if (equals == SPAN_NPOS)
			return ERR_SYNTAX;
		set(&q, span_first(line, equals), span_skip(line, equals + 1));
	}
	*ret = q;
	return (int)(rest.p - bytes.p);
}

void policy_answer(const struct gate_reply *reply, struct buf *out)
{
	if (reply->answer == GATE_PASS)
		buf_cstr(out, "action=DUNNO\n\n");
	else
		buf_printf(out, "action=%u %s %.*s\n\n", reply->code, reply->enhanced, SPAN_ARG(reply->text));
}
