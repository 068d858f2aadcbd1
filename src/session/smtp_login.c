/* session/smtp_login.c - see smtp_login.h */
#include "session/smtp_login.h"

enum { DECODED = 1024 }; /* of a response: a name stands at its beginning */

/* Mechanisms. */

static bool cannot_pass(struct span name)
{
	static const struct span names[] = { SPAN_INIT("EXTERNAL"), SPAN_INIT("GSSAPI"), SPAN_INIT("GSS-SPNEGO"),
					     SPAN_INIT("KERBEROS_V4") };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (span_ieq(name, names[i]))
			return true;
	return span_iends(name, SPAN("-PLUS")) || span_istarts(name, SPAN("GS2-"));
}

/* RFC 4422 section 3.1. */
static bool is_name(struct span name)
{
	for (size_t i = 0; i < name.n; i++) {
		uint8_t c = name.p[i];
		if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
			return false;
	}
	return name.n > 0 && name.n <= 20;
}

static bool have(const struct smtp_mechanisms *m, struct span name)
{
	struct span rest = smtp_mechanisms_text(m), word;
	while (rest.n && span_split(&rest, ' ', &word))
		if (span_ieq(word, name))
			return true;
	return false;
}

void smtp_mechanisms_add(struct smtp_mechanisms *m, struct span words)
{
	struct span word;
	while (words.n && span_split(&words, ' ', &word)) {
		size_t space = m->n ? 1 : 0;
		if (!is_name(word) || cannot_pass(word) || have(m, word) || m->n + space + word.n > sizeof m->names)
			continue;
		if (space)
			m->names[m->n] = ' ';
		memcpy(m->names + m->n + space, word.p, word.n);
		m->n = (uint16_t)(m->n + space + word.n);
	}
}

static struct span name_of(struct span *argument)
{
	struct span name = span_first(*argument, span_find_byte(*argument, ' ', 0));
	*argument = span_trim(span_skip(*argument, name.n));
	return name;
}

bool smtp_mechanisms_have(const struct smtp_mechanisms *m, struct span argument) { return have(m, name_of(&argument)); }

/* Who. */

/* As much of it as can be read and fits. */
static size_t decode(struct span text, uint8_t room[DECODED])
{
	uint32_t bits = 0;
	unsigned n_bits = 0;
	size_t n = 0;
	for (size_t i = 0; i < text.n && n < DECODED; i++) {
		uint8_t c = text.p[i];
		unsigned value = c >= 'A' && c <= 'Z'   ? c - (unsigned)'A'
				 : c >= 'a' && c <= 'z' ? c - 'a' + 26u
				 : c >= '0' && c <= '9' ? c - '0' + 52u
				 : c == '+'             ? 62
				 : c == '/'             ? 63
							: 64;
		if (value == 64)
			break;
		bits = bits << 6 | value;
		n_bits += 6;
		if (n_bits >= 8) {
			n_bits -= 8;
			room[n++] = (uint8_t)(bits >> n_bits);
		}
	}
	return n;
}

/* RFC 4616: authorization identity, NUL, authentication identity, NUL, password. */
static struct span of_plain(struct span said)
{
	size_t first = span_find_byte(said, 0, 0);
	said = span_skip(said, first == SPAN_NPOS ? said.n : first + 1);
	return span_first(said, span_find_byte(said, 0, 0));
}

static struct span of_login(struct span said) { return said; }

/* RFC 2195: the name, a space, a digest. */
static struct span of_cram(struct span said)
{
	size_t space = span_rfind_byte(said, ' ');
	return space == SPAN_NPOS ? SPAN("") : span_first(said, space);
}

static struct span between(struct span said, struct span before, uint8_t end)
{
	size_t at = span_find(said, before, 0);
	said = span_skip(said, at == SPAN_NPOS ? said.n : at + before.n);
	return span_first(said, span_find_byte(said, end, 0));
}

static struct span of_scram(struct span said) { return between(said, SPAN(",n="), ','); }      /* RFC 5802: "n,,n=user,r=..." */
static struct span of_xoauth(struct span said) { return between(said, SPAN("user="), 1); }     /* "user=anna@x\1auth=Bearer ..." */
static struct span of_oauthbearer(struct span said) { return between(said, SPAN("a="), ','); } /* RFC 7628: "n,a=anna@x,\1..." */

static const struct {
	struct span name;
	struct span (*user)(struct span said);
} readable[] = {
	{ SPAN_INIT("PLAIN"), of_plain },         { SPAN_INIT("LOGIN"), of_login },
	{ SPAN_INIT("CRAM-MD5"), of_cram },       { SPAN_INIT("SCRAM-SHA-1"), of_scram },
	{ SPAN_INIT("SCRAM-SHA-256"), of_scram }, { SPAN_INIT("SCRAM-SHA-512"), of_scram },
	{ SPAN_INIT("XOAUTH2"), of_xoauth },      { SPAN_INIT("OAUTHBEARER"), of_oauthbearer },
};

void smtp_login_line(struct smtp_login *login, struct span line)
{
	uint8_t room[DECODED];
	if (login->heard || !login->mechanism)
		return;
	login->heard = true;
	struct span user = readable[login->mechanism - 1].user(span_of(room, decode(line, room)));
	user = span_first(user, sizeof login->user);
	for (size_t i = 0; i < user.n; i++)
		login->user[i] = user.p[i] > ' ' && user.p[i] != 0x7f ? (char)user.p[i] : '?';
	login->n = (uint8_t)user.n;
	explicit_bzero(room, sizeof room);
}

void smtp_login_begin(struct smtp_login *login, struct span argument)
{
	struct span name = name_of(&argument);
	*login = (struct smtp_login){ 0 };
	for (size_t i = 0; i < sizeof readable / sizeof *readable; i++)
		if (span_ieq(name, readable[i].name))
			login->mechanism = (uint8_t)(i + 1);
	if (argument.n)
		smtp_login_line(login, argument);
}

struct span smtp_login_user(const struct smtp_login *login) { return login->n ? span_of(login->user, login->n) : SPAN("unknown"); }
