/* session/milter_engine: every command, every order, every version, one byte at a time. */
#include "base/limits.h"
#include "session/milter_engine.h"
#include "tests/milter_test.h"
#include "tests/test.h"

static struct arena arena;

/* What the engine makes of the bytes, in letters: an event each, ! for BAD; + after it where a reply is wanted. */
static const char letters[MILTER_EVENTS + 1] = "OCHMRTLNBEADUKQ";

struct run {
	char events[200];
	size_t n;
	struct milter_engine engine;
	struct milter_event last[MILTER_EVENTS];
};

/* Step by step: after each byte the engine is asked, with everything that is there and not used. */
static void feed(struct run *run, struct span bytes, size_t step)
{
	size_t from = 0, have = 0;
	while (have < bytes.n) {
		have = have + step < bytes.n ? have + step : bytes.n;
		for (;;) {
			struct milter_event event;
			size_t used = 0;
			enum milter_step s = milter_engine_step(&run->engine, span_slice(bytes, from, have), &used, &event);
			assert_true(run->n < sizeof run->events - 3);
			if (s == MILTER_MORE) {
				assert_true(run->engine.need > have - from);
				break;
			}
			if (s == MILTER_BAD) {
				run->events[run->n++] = '!';
				run->events[run->n] = 0;
				assert_non_null(run->engine.why);
				return;
			}
			from += used;
			run->last[event.kind] = event;
			run->events[run->n++] = letters[event.kind];
			if (event.wants_reply)
				run->events[run->n++] = '+';
			run->events[run->n] = 0;
		}
	}
}

static void begin(struct buf *out, uint32_t version, uint32_t steps)
{
	buf_init(out, &arena, 1 << 20);
	milter_test_offer(out, version, version == 2 ? 0x3f : MILTER_TEST_ACTIONS, steps);
}

static void a_whole_conversation(void **state)
{
	(void)state;
	struct buf in;
	begin(&in, 6, MILTER_TEST_STEPS);
	MILTER_TEST(&in, 'D', "Cj\0mx.example.org\0{daemon_name}\0smtpd\0");
	MILTER_TEST(&in, 'C',
		    "mail.example.net\0"
		    "4\0\x19"
		    "192.0.2.7\0");
	MILTER_TEST(&in, 'H', "mail.example.net\0");
	MILTER_TEST(&in, 'D', "M{auth_authen}\0ann\0{tls_version}\0TLSv1.3\0");
	MILTER_TEST(&in, 'M', "<a@example.net>\0SIZE=100\0");
	MILTER_TEST(&in, 'R', "<b@example.org>\0");
	MILTER_TEST(&in, 'R', "<c@example.org>\0NOTIFY=NEVER\0");
	MILTER_TEST(&in, 'T', "");
	MILTER_TEST(&in, 'L', "Subject\0 hello\0");
	MILTER_TEST(&in, 'N', "");
	MILTER_TEST(&in, 'B', "text\r\n");
	MILTER_TEST(&in, 'E', "more\r\n");
	for (size_t step = 1; step < 40; step += 13) {
		struct run run = { 0 };
		milter_engine_init(&run.engine);
		feed(&run, buf_span(&in), step);
		assert_string_equal(run.events, "ODCHDMRRTLNB+E");
		assert_int_equal(run.engine.state, MILTER_JUDGING);
		assert_int_equal(run.engine.version, 6);
		assert_span(run.last[MILTER_CONNECT].text, "mail.example.net");
		assert_true(run.last[MILTER_CONNECT].has_ip);
		assert_int_equal(ip_v4(&run.last[MILTER_CONNECT].ip), 0xC0000207);
		assert_span(run.last[MILTER_MAIL].text, "<a@example.net>");
		assert_span(run.last[MILTER_RCPT].text, "<c@example.org>");
		assert_span(run.last[MILTER_HEADER].name, "Subject");
		assert_span(run.last[MILTER_HEADER].text, " hello");
		assert_span(run.last[MILTER_BODY].text, "text\r\n");
		assert_span(run.last[MILTER_END].text, "more\r\n");
		milter_engine_answered(&run.engine);
		assert_int_equal(run.engine.state, MILTER_CONNECTED);
	}
}

/* After "O" and "C": letters are commands in their simplest form. */
static const struct {
	const char *commands, *events;
} orders[] = {
	/* several messages, the client going and another coming */
	{ "HMRTLNBE=MRNE=Q", "HMRTLNB+EMRNEQ" },
	{ "HMRNEA", "HMRNEA" },
	{ "MRNE=KC", "MRNEKC" },
	{ "AAMA", "AAMA" },
	{ "UHUMURULU", "UHUMURULU" },
	{ "MRLNBBBE", "MRLNB+B+B+E" },
	/* a client that begins anew in the middle */
	{ "MRH", "MRAH" },
	{ "MRLNBM", "MRLNB+AM" },
	/* a lone QUIT anywhere */
	{ "MRLQ", "MRLQ" },
	{ "MRLNEQ", "MRLNEQ" },
	{ "Q", "Q" },
	/* out of order */
	{ "R", "!" },
	{ "L", "!" },
	{ "N", "!" },
	{ "B", "!" },
	{ "E", "!" },
	{ "T", "!" },
	{ "C", "!" },
	{ "O", "!" },
	{ "ML", "M!" },
	{ "MN", "M!" },
	{ "MT", "M!" },
	{ "MRTR", "MRT!" },
	{ "MRLR", "MRL!" },
	{ "MRB", "MR!" },
	{ "MRE", "MR!" },
	{ "MRLB", "MRL!" },
	{ "MRLE", "MRL!" },
	{ "MRNL", "MRN!" },
	{ "MRNN", "MRN!" },
	{ "MRNEB", "MRNE!" },
	{ "MRNEM", "MRNE!" },
	{ "MRNEH", "MRNE!" },
	{ "MRNEU", "MRNE!" },
	{ "KM", "K!" },
	{ "QM", "Q!" },
	{ "z", "!" },
};

static struct span simplest(char letter)
{
	switch (letter) {
	case 'C': return SPAN("unknown\0U");
	case 'H':
	case 'M':
	case 'R': return SPAN("x\0");
	case 'L': return SPAN("a\0b\0");
	case 'O': return SPAN("\0\0\0\6\0\0\1\xff\0\0\0\0");
	default: return SPAN("");
	}
}

static void any_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(orders); i++) {
		struct run run = { 0 };
		struct buf in;
		begin(&in, 6, MILTER_TEST_STEPS);
		milter_test_packet(&in, 'C', simplest('C'));
		milter_engine_init(&run.engine);
		feed(&run, buf_span(&in), 1);
		run.n = 0;
		run.events[0] = 0;
		for (const char *c = orders[i].commands; *c; c++) {
			if (*c == '=') {
				milter_engine_answered(&run.engine);
				continue;
			}
			buf_init(&in, &arena, 1 << 20);
			milter_test_packet(&in, *c, simplest(*c));
			feed(&run, buf_span(&in), 3);
		}
		if (strcmp(run.events, orders[i].events) != 0)
			print_error("case %zu, %s: %s instead of %s\n", i, orders[i].commands, run.events, orders[i].events);
		assert_string_equal(run.events, orders[i].events);
	}
}

static const struct {
	const char *name;
	uint32_t version, actions, steps;
	uint32_t agreed_version, agreed_actions, agreed_steps; /* version 0: refused */
} offers[] = {
	{ "sendmail 8.17", 6, 0x1ff, 0x1fffff, 6, 0x139, 0x1fffff & 0x17f780 },
	{ "a later one", 9, 0xffffffff, 0xffffffff, 6, 0x139, 0x17f780 },
	{ "no skipping: then the body needs no replies", 6, 0x1ff, 0x1ffbff, 6, 0x139, 0x1ff380 },
	{ "version 2", 2, 0x3f, 0x7f, 2, 0x39, 0 },
	{ "version 3", 3, 0x3f, 0x17f, 3, 0x39, 0x100 },
	{ "version 4", 4, 0x3f, 0x3ff, 4, 0x39, 0x380 },
	{ "without a quarantine", 6, 0x1df, 0, 6, 0x119, 0 },
	{ "version 1", 1, 0x0f, 0, 0, 0, 0 },
	{ "header fields may not be changed", 6, 0x0f, 0, 0, 0, 0 },
};

static void what_is_agreed(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(offers); i++) {
		struct run run = { 0 };
		struct buf in, out;
		buf_init(&in, &arena, 1 << 20);
		buf_init(&out, &arena, 1 << 20);
		milter_test_offer(&in, offers[i].version, offers[i].actions, offers[i].steps);
		milter_engine_init(&run.engine);
		feed(&run, buf_span(&in), 1);
		if (run.engine.version != offers[i].agreed_version || (run.engine.version && run.engine.steps != offers[i].agreed_steps))
			print_error("%s: version %u, steps %x\n", offers[i].name, run.engine.version, run.engine.steps);
		assert_int_equal(run.engine.version, offers[i].agreed_version);
		assert_string_equal(run.events, offers[i].agreed_version ? "O" : "!");
		if (!offers[i].agreed_version)
			continue;
		assert_int_equal(run.engine.actions, offers[i].agreed_actions);
		assert_int_equal(run.engine.steps, offers[i].agreed_steps);
		milter_engine_agree(&run.engine, &out);
		/* The length is that of what follows, lists of macros included. */
		assert_int_equal(out.n, 4u + (uint32_t)(out.p[2] << 8 | out.p[3]));
		assert_int_equal(out.p[4], 'O');
		assert_int_equal(out.p[8], offers[i].agreed_version);
		assert_int_equal(out.n > 17, (offers[i].actions & MILTER_SET_MACROS) != 0);
	}
}

/* Under version 2 every command waits for its reply, those without content and the macros excepted. */
static void version_2_waits_for_all(void **state)
{
	(void)state;
	struct run run = { 0 };
	struct buf in;
	begin(&in, 2, 0x7f);
	for (const char *c = "DCHMRTLNBE"; *c; c++)
		milter_test_packet(&in, *c, *c == 'D' ? SPAN("C") : simplest(*c));
	milter_engine_init(&run.engine);
	feed(&run, buf_span(&in), 1);
	assert_string_equal(run.events, "ODC+H+M+R+T+L+N+B+E");
}

static const struct {
	const char *name;
	struct span connect;
	bool good, has_ip;
	const char *ip;
} connects[] = {
	{ "IPv4", SPAN_INIT("a\0004\0\031192.0.2.7\0"), true, true, "192.0.2.7" },
	{ "IPv6", SPAN_INIT("a\0006\0\0312001:db8::7\0"), true, true, "2001:db8::7" },
	{ "IPv6 as sendmail writes it", SPAN_INIT("a\0006\0\031IPv6:2001:db8::7\0"), true, true, "2001:db8::7" },
	{ "a unix socket", SPAN_INIT("localhost\0L\0\0/run/x\0"), true, false, NULL },
	{ "unknown", SPAN_INIT("localhost\0U"), true, false, NULL },
	{ "no address at all", SPAN_INIT("a\0004\0\031nonsense\0"), true, false, NULL },
	{ "empty", SPAN_INIT(""), false, false, NULL },
	{ "no end of the name", SPAN_INIT("abc"), false, false, NULL },
	{ "no family", SPAN_INIT("abc\0"), false, false, NULL },
	{ "a family of nobody", SPAN_INIT("abc\0X\0\031a\0"), false, false, NULL },
	{ "no port", SPAN_INIT("abc\0004"), false, false, NULL },
	{ "no end of the address", SPAN_INIT("abc\0004\0\0311.2.3.4"), false, false, NULL },
};

static void clients(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(connects); i++) {
		struct run run = { 0 };
		struct buf in;
		char text[IP_TEXT_MAX];
		begin(&in, 6, 0);
		milter_test_packet(&in, 'C', connects[i].connect);
		milter_engine_init(&run.engine);
		feed(&run, buf_span(&in), 1);
		if (strcmp(run.events, connects[i].good ? "OC+" : "O!") != 0)
			print_error("%s: %s\n", connects[i].name, run.events);
		assert_string_equal(run.events, connects[i].good ? "OC+" : "O!");
		assert_int_equal(run.last[MILTER_CONNECT].has_ip, connects[i].has_ip);
		if (connects[i].has_ip) {
			ip_format(&run.last[MILTER_CONNECT].ip, text);
			assert_string_equal(text, connects[i].ip);
		}
	}
}

static const struct {
	const char *name;
	struct span bytes;
} malformed[] = {
	{ "an empty packet", SPAN_INIT("\0\0\0\0") },
	{ "one byte too large", SPAN_INIT("\0\4\0\1L") }, /* LIMIT_MILTER_PACKET + 1 */
	{ "enormous", SPAN_INIT("\377\377\377\377") },
	{ "text of another protocol", SPAN_INIT("GET / HTTP/1.1\r\n\r\n") },
	{ "macros of no command", SPAN_INIT("\0\0\0\1D") },
	{ "an offer cut short", SPAN_INIT("\0\0\0\5O\0\0\0\6") },
	{ "not to be said before the offer", SPAN_INIT("\0\0\0\3Hx\0") },
};

static void malformed_packets(void **state)
{
	(void)state;
	assert_int_equal(LIMIT_MILTER_PACKET, 0x40000);
	for (size_t i = 0; i < COUNT(malformed); i++) {
		struct run run = { 0 };
		milter_engine_init(&run.engine);
		feed(&run, malformed[i].bytes, 1);
		if (strcmp(run.events, "!") != 0)
			print_error("%s: %s\n", malformed[i].name, run.events);
		assert_string_equal(run.events, "!");
		/* Nothing goes on after that. */
		feed(&run, SPAN("\0\0\0\1Q"), 5);
		assert_string_equal(run.events, "!!");
	}
}

static void malformed_arguments(void **state)
{
	static const struct span packets[] = {
		SPAN_INIT("\0\0\0\2Hx"),
		SPAN_INIT("\0\0\0\1M"),
		SPAN_INIT("\0\0\0\1H"),
	};
	(void)state;
	for (size_t i = 0; i < COUNT(packets); i++) {
		struct run run = { 0 };
		struct buf in;
		begin(&in, 6, MILTER_TEST_STEPS);
		milter_test_packet(&in, 'C', simplest('C'));
		buf_put(&in, packets[i]);
		milter_engine_init(&run.engine);
		feed(&run, buf_span(&in), 1);
		assert_string_equal(run.events, "OC!");
	}
	static const struct span fields[] = { SPAN_INIT("Subject\0 a"), SPAN_INIT("Subject"), SPAN_INIT("\0 a\0"), SPAN_INIT("a\0b\0c\0") };
	for (size_t i = 0; i < COUNT(fields); i++) {
		struct run run = { 0 };
		struct buf in;
		begin(&in, 6, MILTER_TEST_STEPS);
		for (const char *c = "CMR"; *c; c++)
			milter_test_packet(&in, *c, simplest(*c));
		milter_test_packet(&in, 'L', fields[i]);
		milter_engine_init(&run.engine);
		feed(&run, buf_span(&in), 1);
		assert_string_equal(run.events, "OCMR!");
	}
}

static void macros(void **state)
{
	(void)state;
	struct span rest = SPAN("i\0004F1\0{auth_authen}\0ann\0{}\0\0{x\0y\0cut"), name, value;
	static const char *const want[] = { "i", "4F1", "auth_authen", "ann", "{}", "", "{x", "y" };
	for (size_t i = 0; i < COUNT(want); i += 2) {
		assert_true(milter_macro_next(&rest, &name, &value));
		assert_span(name, want[i]);
		assert_span(value, want[i + 1]);
	}
	assert_false(milter_macro_next(&rest, &name, &value));
	assert_false(milter_macro_next(&rest, &name, &value));
}

static const struct {
	uint32_t steps;
	const char *name, *value, *line;
} lines[] = {
	{ MILTER_LEADING_SPACE, "Subject", " hello", "Subject: hello\r\n" },
	{ MILTER_LEADING_SPACE, "Subject", "hello", "Subject:hello\r\n" },
	{ MILTER_LEADING_SPACE, "Subject", "\thello", "Subject:\thello\r\n" },
	{ MILTER_LEADING_SPACE, "Subject", "  two\n\tand\n more ", "Subject:  two\r\n\tand\r\n more \r\n" },
	{ MILTER_LEADING_SPACE, "Subject", " a\r\n b", "Subject: a\r\n b\r\n" },
	{ MILTER_LEADING_SPACE, "Subject", "\n a", "Subject:\r\n a\r\n" },
	{ MILTER_LEADING_SPACE, "Subject", "", "Subject:\r\n" },
	{ MILTER_LEADING_SPACE, "Subject ", " a\n", "Subject : a\r\n\r\n" },
	{ 0, "Subject", "hello", "Subject: hello\r\n" },
	{ 0, "Subject", " hello", "Subject:  hello\r\n" },
	{ 0, "Subject", "\thello", "Subject:\thello\r\n" },
	{ 0, "Subject", "\n hello", "Subject:\r\n hello\r\n" },
	{ 0, "Subject", "", "Subject: \r\n" },
};

static void put(void *context, struct span bytes) { buf_put(context, bytes); }

static void header_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		struct milter_engine engine = { .steps = lines[i].steps };
		struct milter_event event = { .name = span_cstr(lines[i].name), .text = span_cstr(lines[i].value) };
		struct buf out;
		buf_init(&out, &arena, 1000);
		milter_engine_put_header(&engine, &event, put, &out);
		assert_span(buf_span(&out), lines[i].line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_conversation),    cmocka_unit_test(any_order), cmocka_unit_test(what_is_agreed),
		cmocka_unit_test(version_2_waits_for_all), cmocka_unit_test(clients),   cmocka_unit_test(malformed_packets),
		cmocka_unit_test(malformed_arguments),     cmocka_unit_test(macros),    cmocka_unit_test(header_lines),
	};
	return cmocka_run_group_tests_name("session/milter_engine", tests, NULL, NULL);
}
