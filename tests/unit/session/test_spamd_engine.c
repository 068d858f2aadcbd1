/* session/spamd_engine: every command and header, any pieces, whatever is wrong. */
#include "base/buf.h"
#include "base/limits.h"
#include "session/spamd_engine.h"
#include "tests/engine_test.h"

struct run {
	struct spamd_engine engine;
	struct engine_test told; /* name=text; # after the head, the body in (), . at the end, ! for BAD */
};

static void feed(struct run *run, struct span bytes, size_t piece)
{
	size_t from = 0, have = 0;
	bool done = false;
	spamd_engine_init(&run->engine, 1000);
	while (!done) {
		have = bytes.n - have < piece ? bytes.n : have + piece;
		done = have == bytes.n;
		for (;;) {
			struct spamd_event event;
			size_t used = 0;
			enum spamd_step step = spamd_engine_step(&run->engine, span_slice(bytes, from, have), done, &used, &event);
			from += used;
			if (step == SPAMD_BAD) {
				engine_test_add(&run->told, SPAN("!"));
				return;
			}
			if (step == SPAMD_MORE)
				break;
			if (event.kind == SPAMD_HEADER)
				engine_test_add_header(&run->told, event.name, event.text);
			if (event.kind == SPAMD_HEAD)
				engine_test_add(&run->told, SPAN("#"));
			if (event.kind == SPAMD_BODY)
				engine_test_add(&run->told, event.text);
			if (event.kind == SPAMD_END) {
				engine_test_add(&run->told, SPAN("."));
				return;
			}
		}
	}
}

static void tell(struct engine_test *told, struct span bytes, size_t piece)
{
	struct run run = { 0 };
	feed(&run, bytes, piece);
	*told = run.told;
}

static const struct engine_test_case cases[] = {
	{ "CHECK SPAMC/1.5\r\nUser: ann\r\nContent-length: 5\r\n\r\nhello", "User=ann;#hello." },
	{ "CHECK SPAMC/1.2\n\nhello\n", "#hello\n." },
	{ "PROCESS SPAMC/1.3\r\nContent-Length: 0\r\n\r\n", "#." },
	{ "PROCESS SPAMC/1.3\r\nContent-Length: 2\r\n\r\nhello", "#he." },
	{ "SYMBOLS SPAMC/1.4\r\nX: a:b \r\n\r\n", "X=a:b;#." },
	{ "REPORT SPAMC/1.2\r\n\r\n\r\n", "#\r\n." },
	{ "REPORT_IFSPAM SPAMC/1.2\r\n\r\n", "#." },
	{ "HEADERS SPAMC/1.5\r\n\r\n", "#." },
	{ "PING SPAMC/1.2\r\n", "." },
	{ "PING SPAMC/1.5\r\n\r\n", "." },
	{ "SKIP SPAMC/1.5\r\n\r\n", "." },
	{ "TELL SPAMC/1.5\r\nMessage-class: spam\r\nSet: local, remote\r\nContent-length: 1\r\n\r\nx", "#x." },
	{ "TELL SPAMC/1.5\r\nRemove: local\r\n\r\nx", "#x." },
	{ "CHECK RSPAMC/1.3\r\nRcpt: <a>\r\nRcpt: <b>\r\nContent-length: 1\r\n\r\nx", "Rcpt=<a>;Rcpt=<b>;#x." },
	{ "CHECK SPAMC/1.5\r\nCompress: zlib\r\nContent-length: 1\r\n\r\nx", "#x." },
	/* wrong */
	{ "", "!" },
	{ "\r\n", "!" },
	{ "CHECK\r\n", "!" },
	{ "CHECK HTTP/1.1\r\n", "!" },
	{ "GET / HTTP/1.1\r\n", "!" },
	{ "CHECK SPAMC/2.0\r\n\r\n", "!" },
	{ "CHECK SPAMC/1.1\r\n\r\n", "!" },
	{ "CHECK SPAMC/1.\r\n\r\n", "!" },
	{ "CHECK SPAMC/1.500\r\n\r\n", "!" },
	{ "check SPAMC/1.5\r\n\r\n", "!" },
	{ "CHECKS SPAMC/1.5\r\n\r\n", "!" },
	{ "CHECK SPAMC/1.5", "!" },
	{ "CHECK SPAMC/1.5\r\nUser: a", "!" },
	{ "CHECK SPAMC/1.5\r\nUser\r\n\r\n", "!" },
	{ "CHECK SPAMC/1.5\r\n: x\r\n\r\n", "!" },
	{ "CHECK SPAMC/1.5\r\nContent-length: x\r\n\r\n", "!" },
	{ "CHECK SPAMC/1.5\r\nContent-length: -1\r\n\r\n", "!" },
	{ "CHECK SPAMC/1.5\r\nContent-length: 99999999999999999999\r\n\r\n", "!" },
	{ "CHECK SPAMC/1.5\r\nContent-length: 5\r\n\r\nhell", "#hell!" },
	{ "CHECK SPAMC/1.5\r\nCompress: zlib\r\n\r\nx", "!" },
	{ "CHECK SPAMC/1.5\r\nCompress: lzma\r\nContent-length: 1\r\n\r\nx", "!" },
	{ "TELL SPAMC/1.5\r\nMessage-class: eggs\r\n\r\n", "!" },
	{ "TELL SPAMC/1.5\r\nSet: local\r\n\r\n", "!" },
	{ "TELL SPAMC/1.5\r\nMessage-class: ham\r\nSet: local\r\nRemove: local\r\n\r\n", "!" },
};

static void all_cases(void **state)
{
	(void)state;
	engine_test_cases(cases, COUNT(cases), tell);
}

static void what_is_kept(void **state)
{
	struct run run = { 0 };
	(void)state;
	feed(&run, SPAN("TELL SPAMC/1.5\r\nMessage-class: HAM\r\nSet: local,remote\r\nContent-length: 1\r\n\r\nx"), 1);
	assert_int_equal(run.engine.command, SPAMD_TELL);
	assert_int_equal(run.engine.class, SPAMD_HAM);
	assert_true(run.engine.set_local);
	assert_int_equal(run.engine.minor, 5);
	memset(&run, 0, sizeof run);
	feed(&run, SPAN("TELL SPAMC/1.4\r\nRemove: remote\r\n\r\nx"), 1);
	assert_false(run.engine.remove_local);
}

static void known_by_its_beginning(void **state)
{
	static const char *const ours[] = { "CHECK RSPAMC/1.3\r\n", "REPORT_IFSPAM RSPAMC/1.2", "PING SPAMC/1.2", "HEADERS SPAMC/1.5" };
	static const char *const others[] = { "GET / HTTP/1.1", "POST /check",      "HEAD / ",        "CHECKS ",
					      "CHECK HTTP/1.1", " CHECK",           "PIN SPAMC/1.2",  "\r\n",
					      "check SPAMC",    "CHECK  SPAMC/1.2", "CHECK RSPAMC/2", "x" };
	(void)state;
	for (size_t i = 0; i < COUNT(ours); i++) {
		size_t n = 0;
		while (spamd_engine_recognise(span_of(ours[i], n)) == SPAMD_MORE)
			n++;
		assert_int_equal(spamd_engine_recognise(span_of(ours[i], n)), SPAMD_EVENT);
		assert_true(n <= LIMIT_SPAMD_BEGINNING);
		assert_int_equal(ours[i][n - 2], '1');
	}
	for (size_t i = 0; i < COUNT(others); i++)
		assert_int_equal(spamd_engine_recognise(span_cstr(others[i])), SPAMD_BAD);
}

static void endless_heads(void **state)
{
	struct arena arena;
	struct buf in;
	(void)state;
	arena_init(&arena);
	buf_init(&in, &arena, 100000);
	buf_cstr(&in, "CHECK SPAMC/1.5\r\n");
	size_t beginning = in.n;
	for (int i = 0; i < 2000; i++)
		buf_byte(&in, 'x'); /* one line */
	struct run run = { 0 };
	feed(&run, buf_span(&in), 7);
	assert_string_equal(run.told.events, "!");
	in.n = beginning;
	for (int i = 0; i < 200; i++)
		buf_cstr(&in, "Set: local\r\n"); /* many */
	memset(&run, 0, sizeof run);
	feed(&run, buf_span(&in), 7);
	assert_string_equal(run.told.events, "!");
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(all_cases), cmocka_unit_test(what_is_kept),
					    cmocka_unit_test(known_by_its_beginning), cmocka_unit_test(endless_heads) };
	return cmocka_run_group_tests_name("session/spamd_engine", tests, NULL, NULL);
}
