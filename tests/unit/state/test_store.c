/* state/store: found by everything it may be found by, by whom it may be found; kept through kills, damage and a full disk. */
#include "base/clock.h"
#include "check/check.h"
#include "state/cases_parts.h"
#include "tests/store_test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

enum { NOW = 1800000000, DAY = 86400 };
static struct arena arena;
static const struct store_options options = { STORE_WRITE, 60, 7, 64u << 20, NOW };

static struct store *opened(enum store_mode mode)
{
	struct store *store = NULL;
	struct store_options o = options;
	char why[STORE_WHY_MAX];
	o.mode = mode;
	if (store_open(test_folder, &o, why, &store) != 0)
		fail_msg("%s", why);
	return store;
}

static const struct made mails[] = {
	{ NOW * 1000ull,
	  "bounce@Shop.example",
	  "news@shop.example",
	  "Great O\xc3\xbc"
	  "fers \"today\"",
	  { "a@example.org", "b@example.org" },
	  1,
	  0,
	  2 },
	{ NOW * 1000ull + 1000, "", "mailer@isp.example", "Undeliverable", { "B@example.org" }, 2, 2000, 1 },
	{ NOW * 1000ull + 2000, "x@evil.example", "bank@bank.example", "your account today", { "a@example.org" }, 3, 8000, 2 },
	{ NOW * 1000ull + 3000, "x@evil.example", NULL, NULL, { "c@example.net" }, 77, 0, 0 },
};
static char ids[COUNT(mails)][CASEFILE_ID];

static void add_all(struct store *store, bool hold)
{
	for (size_t i = 0; i < COUNT(mails); i++) {
		struct span record = make_case(&mails[i], &arena, ids[i]);
		struct store_entry entry = { record, SPAN("Subject: hello\r\n\r\nhello\r\n"), hold && i == 2 };
		assert_int_equal(store_add(store, &entry), 0);
	}
	assert_int_equal(store_commit(store), 0);
}

static bool note(void *context, const struct store_case *found)
{
	struct buf *out = context;
	for (size_t i = 0; i < COUNT(mails); i++)
		if (span_eq(found->casefile.id, span_of(ids[i], CASEFILE_ID)))
			buf_printf(out, "%zu", i);
	return true;
}

static void expect(struct store *store, struct store_query query, const char *want)
{
	struct buf out;
	uint64_t unreadable;
	buf_init(&out, &arena, 1000);
	assert_int_equal(store_search(store, &query, note, &out, &unreadable), 0);
	assert_int_equal(unreadable, 0);
	assert_span(buf_span(&out), want);
}

#define ANY .since = CLOCK_NONE, .until = CLOCK_NONE
static void found(void **state)
{
	struct store *writer = opened(STORE_WRITE);
	(void)state;
	add_all(writer, true);
	struct store *store = opened(STORE_READ);
	expect(store, (struct store_query){ ANY }, "3210");
	expect(store, (struct store_query){ ANY, .oldest_first = true, .limit = 3 }, "012");
	expect(store, (struct store_query){ ANY, .address = SPAN("BOUNCE@shop.example") }, "0");
	expect(store, (struct store_query){ ANY, .address = SPAN("shop.EXAMPLE") }, "0");
	expect(store, (struct store_query){ ANY, .address = SPAN("@example.org") }, "210");
	expect(store, (struct store_query){ ANY, .address = SPAN("example.or") }, "");
	expect(store, (struct store_query){ ANY, .address = SPAN("xample.org") }, "");
	expect(store, (struct store_query){ ANY, .address = SPAN("b@example.org") }, "10");
	expect(store, (struct store_query){ ANY, .address = SPAN("") }, "");
	expect(store, (struct store_query){ ANY, .recipient = SPAN("b@example.org") }, "10");
	expect(store, (struct store_query){ ANY, .recipient = SPAN("b@example.org"), .address = SPAN("a@example.org") }, "");
	expect(store, (struct store_query){ ANY, .recipient = SPAN("a@example.org"), .address = SPAN("shop.example") }, "0");
	expect(store, (struct store_query){ ANY, .subject = SPAN("TODAY") }, "20");
	expect(store, (struct store_query){ ANY, .subject = SPAN("today great") }, "0");
	expect(store, (struct store_query){ ANY, .subject = SPAN("oufers") }, "0");
	expect(store, (struct store_query){ ANY, .subject = SPAN("today NEAR(\"x\" OR *") }, "");
	expect(store, (struct store_query){ ANY, .subject = SPAN("\"") }, "");
	expect(store, (struct store_query){ ANY, .evidence = SPAN("test.light") }, "20");
	expect(store, (struct store_query){ ANY, .evidence = SPAN("test.unknown") }, "");
	expect(store, (struct store_query){ ANY, .has_verdict = true, .verdict = VERDICT_REJECT }, "2");
	expect(store, (struct store_query){ ANY, .has_verdict = true, .verdict = VERDICT_ACCEPT }, "3");
	struct store_query by_net = { ANY, .has_net = true };
	assert_true(ip_net_parse(SPAN("192.0.2.0/30"), &by_net.net));
	expect(store, by_net, "210");
	assert_true(ip_net_parse(SPAN("192.0.2.77"), &by_net.net));
	expect(store, by_net, "3");
	expect(store, (struct store_query){ .since = NOW + 1, .until = NOW + 3 }, "21");
	expect(store, (struct store_query){ ANY, .held = true }, "2");
	store_close(store);
	store_close(writer);
}

static void told_to_whom(void **state)
{
	struct store *store = opened(STORE_WRITE);
	struct store_case got;
	(void)state;
	add_all(store, false);
	assert_int_equal(store_find(store, span_of(ids[0], CASEFILE_ID), span_none, &arena, &got), 0);
	assert_int_equal(got.casefile.recipients.n, 2);
	assert_int_equal(store_find(store, span_of(ids[0], CASEFILE_ID), SPAN("B@example.org"), &arena, &got), 0);
	assert_int_equal(got.casefile.recipients.n, 1);
	assert_span(got.casefile.evidence.list.v[0].says, "found in mail to (another recipient)");
	assert_int_equal(store_find(store, span_of(ids[0], CASEFILE_ID), SPAN("c@example.org"), &arena, &got), ERR_NOT_FOUND);
	assert_int_equal(store_find(store, SPAN("01kha9xx006w8g84h2meg0z0z1"), span_none, &arena, &got), ERR_NOT_FOUND);
	store_close(store);
}

static void marked_and_released(void **state)
{
	struct store *store = opened(STORE_WRITE);
	struct span id = span_of(ids[2], CASEFILE_ID), content;
	struct store_case got;
	struct store_status status;
	(void)state;
	add_all(store, true);
	assert_int_equal(store_content(store, id, &arena, &content), 0);
	assert_span(content, "Subject: hello\r\n\r\nhello\r\n");
	store_status(store, &status);
	assert_int_equal(status.cases, 4);
	assert_int_equal(status.oldest, NOW);
	assert_int_equal(status.newest, NOW + 3);
	assert_int_equal(status.held, 1);
	assert_true(status.held_bytes > 0 && status.content_bytes > 0 && status.database_bytes > 0);
	assert_int_equal(store_mark_learned(store, id, STORE_LEARNED_SPAM, NOW + 9), 0);
	assert_int_equal(store_end_hold(store, id, STORE_RELEASED, NOW + 10), 0);
	assert_int_equal(store_end_hold(store, id, STORE_DELETED, NOW + 11), ERR_NOT_FOUND);
	assert_int_equal(store_find(store, id, span_none, &arena, &got), 0);
	assert_int_equal(got.held, STORE_RELEASED);
	assert_int_equal(got.held_time, NOW + 10);
	assert_int_equal(got.learned, STORE_LEARNED_SPAM);
	store_status(store, &status);
	assert_int_equal(status.held, 0);
	assert_int_equal(status.held_bytes, 0);
	store_close(store);
}

static void grows_old(void **state)
{
	struct store *store = opened(STORE_WRITE);
	struct store_status status;
	bool more = true;
	(void)state;
	add_all(store, true);
	assert_int_equal(store_expire(store, NOW + 60 * DAY, &more), 0);
	assert_false(more);
	store_status(store, &status);
	assert_int_equal(status.cases, 4);
	for (unsigned i = 0; (more || !i) && i < 9; i++)
		assert_int_equal(store_expire(store, NOW + 60 * DAY + 3, &more), 0);
	expect(store, (struct store_query){ ANY }, "3");
	expect(store, (struct store_query){ ANY, .subject = SPAN("today") }, "");
	expect(store, (struct store_query){ ANY, .address = SPAN("example.org") }, "");
	store_status(store, &status);
	assert_int_equal(status.held_bytes, 0);
	store_close(store);
}

static void killed(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 20; round++) {
		int pipes[2];
		assert_int_equal(pipe(pipes), 0);
		pid_t child = fork();
		if (child == 0) {
			struct store *store = opened(STORE_WRITE);
			for (unsigned i = 0;; i++) {
				char id[CASEFILE_ID];
				struct made m = mails[i % COUNT(mails)];
				m.milliseconds += round * 1000000 + i;
				arena_reset(&arena);
				struct store_entry entry = { make_case(&m, &arena, id), SPAN("hello"), i % 8 == 0 };
				if (store_add(store, &entry) != 0 || (i % 16 == 15 && store_commit(store) != 0))
					_exit(1);
				if (i % 8 == 0 && write(pipes[1], id, sizeof id) != sizeof id) /* held: promised at once */
					_exit(1);
			}
		}
		close(pipes[1]);
		usleep(20000 + round * 1500);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		struct store *store = opened(STORE_WRITE);
		char id[CASEFILE_ID];
		unsigned promised = 0;
		while (read(pipes[0], id, sizeof id) == sizeof id) {
			struct store_case got;
			struct span content;
			arena_reset(&arena);
			assert_int_equal(store_find(store, span_of(id, sizeof id), span_none, &arena, &got), 0);
			assert_int_equal(got.held, STORE_HELD);
			assert_int_equal(store_content(store, span_of(id, sizeof id), &arena, &content), 0);
			assert_span(content, "hello");
			promised++;
		}
		(void)promised;
		close(pipes[0]);
		store_close(store);
	}
}

static void overwrite(const char *name, off_t at, size_t n)
{
	char path[128];
	snprintf(path, sizeof path, "%s/%s", test_folder, name);
	int file = open(path, O_WRONLY);
	assert_true(file >= 0);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(pwrite(file, "garbage", 7, at + (off_t)(7 * i)), 7);
	close(file);
}

static void damaged(void **state)
{
	struct store *store = opened(STORE_WRITE);
	struct store_options o = options;
	struct store_case got;
	char why[STORE_WHY_MAX];
	(void)state;
	add_all(store, true);
	store_close(store);
	overwrite("cases.sqlite", 0, 2000);
	o.mode = STORE_READ;
	assert_int_equal(store_open(test_folder, &o, why, &store), ERR_SYNTAX);
	assert_non_null(strstr(why, "damaged"));
	o.mode = STORE_WRITE;
	assert_int_equal(store_open(test_folder, &o, why, &store), 0);
	assert_non_null(strstr(why, "set aside as cases.sqlite.damaged-1800000000"));
	expect(store, (struct store_query){ ANY }, "2"); /* it is held: entered anew */
	assert_int_equal(store_find(store, span_of(ids[2], CASEFILE_ID), span_none, &arena, &got), 0);
	assert_int_equal(got.held, STORE_HELD);
	store_close(store);
}

/* It is damaged while it is open: goes on with a new one. */
static void damaged_meanwhile(void **state)
{
	struct store *store = opened(STORE_WRITE);
	struct store_status status;
	char id[CASEFILE_ID];
	(void)state;
	for (unsigned i = 0; i < 300; i++) {
		struct made m = mails[i % COUNT(mails)];
		m.milliseconds += i;
		struct store_entry entry = { make_case(&m, &arena, id), SPAN("hello"), false };
		assert_int_equal(store_add(store, &entry), 0);
	}
	store_close(store);
	overwrite("cases.sqlite", 3 * 4096, 6000); /* behind its first pages */
	store = opened(STORE_WRITE);
	for (unsigned i = 0; i < 300; i++) {
		struct made m = mails[i % COUNT(mails)];
		m.milliseconds += 5000000 + i;
		struct store_entry entry = { make_case(&m, &arena, id), SPAN("hello"), false };
		assert_int_equal(store_add(store, &entry), 0);
	}
	assert_int_equal(store_commit(store), 0);
	store_status(store, &status);
	assert_int_equal(status.set_aside, 1);
	assert_true(status.cases > 0);
	store_close(store);
}

static void full_disk(void **state)
{
	struct store *store = opened(STORE_WRITE);
	struct store_status status;
	struct rlimit limit, none;
	char id[CASEFILE_ID];
	unsigned failed = 0, n = 0;
	(void)state;
	add_all(store, false);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &none);
	limit = none;
	limit.rlim_cur = 500000;
	setrlimit(RLIMIT_FSIZE, &limit);
	for (; n < 3000; n++) {
		struct made m = mails[n % COUNT(mails)];
		m.milliseconds += 10000 + n;
		arena_reset(&arena);
		struct store_entry entry = { make_case(&m, &arena, id), SPAN("hello"), false };
		failed += store_add(store, &entry) != 0;
		if (n % 100 == 99)
			failed += store_commit(store) != 0;
	}
	assert_true(failed > 0);
	assert_true(strlen(store_why(store)) > 0);
	store_status(store, &status);
	uint64_t lost = status.lost_cases, there = status.cases;
	assert_true(lost > 0);
	assert_int_equal(there + lost, COUNT(mails) + n);
	setrlimit(RLIMIT_FSIZE, &none);
	struct made m = mails[0];
	m.milliseconds += 999999;
	struct store_entry entry = { make_case(&m, &arena, id), SPAN("hello"), true };
	assert_int_equal(store_add(store, &entry), 0);
	assert_int_equal(store_commit(store), 0);
	struct store_case got;
	assert_int_equal(store_find(store, span_of(id, sizeof id), span_none, &arena, &got), 0);
	store_status(store, &status);
	assert_int_equal(status.cases, there + 1);
	store_close(store);
}

static void not_ours(void **state)
{
	struct store_options o = options;
	struct store *store;
	char why[STORE_WHY_MAX], command[200];
	(void)state;
	o.mode = STORE_READ;
	assert_int_equal(store_open(test_folder, &o, why, &store), ERR_NOT_FOUND);
	assert_non_null(strstr(why, "nothing was kept"));
	o.mode = STORE_WRITE;
	assert_int_equal(store_open("/proc/no/such", &o, why, &store), ERR_IO);
	store = opened(STORE_WRITE);
	store_close(store);
	snprintf(command, sizeof command, "%s/cases.sqlite", test_folder);
	int file = open(command, O_WRONLY);
	assert_int_equal(pwrite(file, "\0\0\0\x7f", 4, 60), 4); /* user_version */
	close(file);
	assert_int_equal(store_open(test_folder, &o, why, &store), ERR_UNSUPPORTED);
	assert_non_null(strstr(why, "another version"));
}

/* Two kinds of evidence with one number would be found for each other. */
static void numbers_differ(void **state)
{
	int64_t seen[1024];
	unsigned n = 0;
	(void)state;
	for (const struct check *const *check = check_all; *check; check++)
		for (size_t i = 0; i < (*check)->n_evidence && n < COUNT(seen); i++, n++) {
			seen[n] = cases_number_of(span_cstr((*check)->evidence[i].id));
			for (unsigned k = 0; k < n; k++)
				assert_int_not_equal(seen[k], seen[n]);
		}
	assert_in_range(n, 200, COUNT(seen) - 1);
}

/* The keeper's load: enough that a thousand a second are no burden. */
static void many(void **state)
{
	struct store *store = opened(STORE_WRITE);
	char id[CASEFILE_ID];
	(void)state;
	uint64_t began = clock_microseconds();
	for (unsigned i = 0; i < 5000; i++) {
		struct made m = mails[i % COUNT(mails)];
		m.milliseconds += i;
		arena_reset(&arena);
		struct store_entry entry = { make_case(&m, &arena, id), SPAN("hello"), false };
		assert_int_equal(store_add(store, &entry), 0);
		if (i % 64 == 63)
			assert_int_equal(store_commit(store), 0);
	}
	store_close(store);
	print_message("# %.1f us a case\n", (double)(clock_microseconds() - began) / 5000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_test_folder, drop_test_folder)
		IN_FOLDER(found),
		IN_FOLDER(told_to_whom),
		IN_FOLDER(marked_and_released),
		IN_FOLDER(grows_old),
		IN_FOLDER(killed),
		cmocka_unit_test(numbers_differ),
		IN_FOLDER(damaged),
		IN_FOLDER(damaged_meanwhile),
		IN_FOLDER(full_disk),
		IN_FOLDER(not_ours),
		IN_FOLDER(many),
	};
	arena_init(&arena);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
