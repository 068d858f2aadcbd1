/* facts/list_book: leave to ask by health, keys of local lists, files that change, are damaged and mended, and many threads at once. */
#include "base/err.h"
#include "facts/list_book.h"
#include "tests/test.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct arena arena;
static int64_t now = 1000000;
static int64_t clock_of_test(void) { return __atomic_load_n(&now, __ATOMIC_RELAXED); }

static char path[] = "/tmp/postern-list-XXXXXX";
static struct list_code code = { { { 127, 127, 0 }, { 0, 0, 0 }, { 0, 0, 0 }, { 2, 9, 0 } }, 1000, SPAN_INIT("sends spam") };

static void write_list(const char *text)
{
	static int writes;
	char other[sizeof path + 4];
	snprintf(other, sizeof other, "%s.new", path);
	FILE *f = fopen(other, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	/* as if a second had passed */
	struct timespec times[2] = { { .tv_sec = 1000 + writes }, { .tv_sec = 1000 + writes } };
	writes++;
	assert_int_equal(utimensat(AT_FDCWD, other, times, 0), 0);
	assert_int_equal(rename(other, path), 0);
}

static void declare(struct list_declaration lists[2])
{
	list_declaration_init(&lists[0], SPAN("ours"));
	lists[0].file = span_cstr(path);
	lists[0].asks = LIST_CLIENT;
	list_declaration_init(&lists[1], SPAN("theirs"));
	lists[1].zone = SPAN("bl.example");
	lists[1].asks = LIST_CLIENT;
	lists[1].codes = (struct list_codes){ &code, 1 };
	list_declaration_complete(&lists[1], &arena);
}

static struct answer ask(struct list_book *book, const char *name)
{
	struct answer answer = { .question = { QUESTION_LIST, span_cstr(name) }, .status = ANSWER_UNAVAILABLE };
	list_book_answer(book, &arena, &answer);
	return answer;
}

static void answered(struct answers *answers, const char *name, enum answer_status status, const char *record)
{
	struct answer *answer = vec_push(&arena, &answers->list);
	*answer = (struct answer){ .question = { QUESTION_A, span_cstr(name) }, .status = status };
	if (record)
		*(struct span *)vec_push(&arena, &answer->records) = span_cstr(record);
}

static void local_keys(void **state)
{
	struct list_declaration lists[2];
	struct list_book *book;
	struct span error;
	(void)state;
	declare(lists);
	write_list("192.0.2.0/24\nbad.example\n");
	assert_int_equal(list_book_new(lists, 2, clock_of_test, &arena, &book, &error), 0);
	struct answer a = ask(book, "ours 192.0.2.7");
	assert_int_equal(a.status, ANSWER_OK);
	assert_span(a.records.v[0], "192.0.2.0/24 (line 1)");
	assert_int_equal(ask(book, "OURS www.bad.example").status, ANSWER_OK);
	assert_int_equal(ask(book, "ours 192.0.3.7").status, ANSWER_NXDOMAIN);
	assert_int_equal(ask(book, "ours").status, ANSWER_OK);
	assert_int_equal(ask(book, "nobody 192.0.3.7").status, ANSWER_UNAVAILABLE);
	assert_int_equal(ask(book, "theirs 192.0.3.7").status, ANSWER_UNAVAILABLE);

	write_list("192.0.3.0/24\n");
	assert_int_equal(ask(book, "ours 192.0.3.7").status, ANSWER_NXDOMAIN); /* not looked at again so soon */
	now += 10;
	assert_int_equal(ask(book, "ours 192.0.3.7").status, ANSWER_OK);
	assert_true(list_book_trouble(book, &arena).n == 0);

	write_list("192.0.4.0/24\nwhat is this\n");
	now += 10;
	assert_int_equal(ask(book, "ours 192.0.3.7").status, ANSWER_OK); /* what was read before stays in use */
	struct span trouble = list_book_trouble(book, &arena);
	assert_true(span_starts(trouble, span_cstr(path)) && span_has(trouble, SPAN(":2: one entry a line")));
	now += 10;
	assert_int_equal(ask(book, "ours 192.0.3.7").status, ANSWER_OK);
	assert_true(list_book_trouble(book, &arena).n == 0); /* told once */
	unlink(path);
	now += 10;
	assert_int_equal(ask(book, "ours 192.0.3.7").status, ANSWER_OK);
	assert_true(list_book_trouble(book, &arena).n > 0);

	write_list("192.0.4.0/24\n");
	now += 10;
	assert_int_equal(ask(book, "ours 192.0.4.7").status, ANSWER_OK);
	assert_int_equal(ask(book, "ours 192.0.3.7").status, ANSWER_NXDOMAIN);
	list_book_free(book);

	write_list("192.0.2.300\n");
	assert_int_equal(list_book_new(lists, 2, clock_of_test, &arena, &book, &error), ERR_SYNTAX);
	assert_true(span_has(error, SPAN(":1: this is no address")));
	list_book_free(NULL);
}

static void health(void **state)
{
	struct list_declaration lists[2];
	struct list_book *book;
	struct span error;
	(void)state;
	declare(lists);
	write_list("");
	assert_int_equal(list_book_new(lists, 2, clock_of_test, &arena, &book, &error), 0);
	assert_span(ask(book, "theirs").records.v[0], "controls");
	struct answers good = { 0 }, refused = { 0 };
	answered(&good, "1.0.0.127.bl.example", ANSWER_NXDOMAIN, NULL);
	answered(&good, "2.0.0.127.bl.example", ANSWER_OK, "127.0.0.2");
	answered(&good, "7.2.0.192.bl.example", ANSWER_OK, "127.0.0.2");
	answered(&good, "example.org", ANSWER_OK, "192.0.2.1");
	list_book_observe(book, &good);
	assert_span(ask(book, "theirs").records.v[0], "ask");
	answered(&refused, "7.2.0.192.bl.example", ANSWER_OK, "127.255.255.254");
	list_book_observe(book, &refused);
	struct answer muted = ask(book, "theirs");
	assert_int_equal(muted.status, ANSWER_UNAVAILABLE);
	assert_span(muted.why, "was not asked: it refuses to answer us");
	now += LIST_MUTED_FIRST;
	assert_span(ask(book, "theirs").records.v[0], "controls");
	list_book_observe(book, &good);
	assert_span(ask(book, "theirs").records.v[0], "ask");
	struct answers world = { 0 };
	answered(&world, "1.0.0.127.bl.example", ANSWER_OK, "127.0.0.2");
	list_book_observe(book, &world);
	assert_span(ask(book, "theirs").why, "was not asked: it lists a test address that no list may hold");
	list_book_free(book);
}

static void *thread(void *context)
{
	struct list_book *book = context;
	struct arena own;
	arena_init(&own);
	for (int i = 0; i < 2000; i++) {
		struct answer key = { .question = { QUESTION_LIST, SPAN("ours 192.0.2.7") } };
		struct answer may = { .question = { QUESTION_LIST, SPAN("theirs") } };
		struct answers answers = { 0 };
		list_book_answer(book, &own, &key);
		list_book_answer(book, &own, &may);
		struct answer *a = vec_push(&own, &answers.list);
		*a = (struct answer){ .question = { QUESTION_A, SPAN("7.2.0.192.bl.example") }, .status = ANSWER_NXDOMAIN };
		list_book_observe(book, &answers);
		if (key.status != ANSWER_OK)
			return book;
		if (i % 100 == 0)
			__atomic_add_fetch(&now, 10, __ATOMIC_RELAXED);
		arena_reset(&own);
	}
	arena_release(&own);
	return NULL;
}

static void threads(void **state)
{
	struct list_declaration lists[2];
	struct list_book *book;
	struct span error;
	pthread_t all[4];
	(void)state;
	declare(lists);
	write_list("192.0.2.0/24\n");
	assert_int_equal(list_book_new(lists, 2, clock_of_test, &arena, &book, &error), 0);
	for (size_t i = 0; i < COUNT(all); i++)
		assert_int_equal(pthread_create(&all[i], NULL, thread, book), 0);
	for (int i = 0; i < 20; i++)
		write_list(i % 2 ? "192.0.2.0/25\n" : "192.0.2.7\n192.0.2.8\n");
	for (size_t i = 0; i < COUNT(all); i++) {
		void *failed;
		pthread_join(all[i], &failed);
		assert_null(failed);
	}
	list_book_free(book);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(local_keys), cmocka_unit_test(health), cmocka_unit_test(threads) };
	arena_init(&arena);
	int fd = mkstemp(path);
	close(fd);
	int failed = cmocka_run_group_tests_name("facts/list_book", tests, NULL, NULL);
	unlink(path);
	arena_release(&arena);
	return failed;
}
