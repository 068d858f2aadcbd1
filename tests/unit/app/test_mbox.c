/* Mailboxes: what begins a message and what only looks like it, and that the size of the pieces read changes nothing. */
#include "app/mbox.h"
#include "base/err.h"
#include "tests/test.h"

#include <errno.h>

struct source {
	struct span left;
	size_t piece;
	uint64_t repeat; /* then this many bytes 'x' */
};

static ssize_t read_source(void *context, void *bytes, size_t n)
{
	struct source *s = context;
	if (n > s->piece)
		n = s->piece;
	if (s->left.n) {
		n = n < s->left.n ? n : s->left.n;
		memcpy(bytes, s->left.p, n);
		s->left = span_skip(s->left, n);
	} else {
		n = n < s->repeat ? n : (size_t)s->repeat;
		memset(bytes, 'x', n);
		s->repeat -= n;
	}
	return (ssize_t)n;
}

/* The messages, each followed by "|". */
static void split(const char *mailbox, size_t piece, char *ret, size_t room)
{
	struct source source = { span_cstr(mailbox), piece, 0 };
	struct mbox mbox;
	struct span message;
	size_t n = 0;
	ret[0] = '\0';
	mbox_init(&mbox, span_none, read_source, &source);
	while (mbox_next(&mbox, &message) == 1)
		n += (size_t)snprintf(ret + n, room - n, "%.*s|", SPAN_ARG(message));
	mbox_release(&mbox);
}

#define LINE "From a@example.org Thu Jan  1 00:00:00 1970\n"
#define CRLF "From a@example.org Thu Jan  1 00:00:00 1970\r\n"

static void splits(void **state)
{
	static const struct {
		const char *name, *mailbox, *messages;
	} cases[] = {
		{ "two messages", LINE "A: b\n\none\n\n" LINE "A: c\n\ntwo\n", LINE "A: b\n\none\n|" LINE "A: c\n\ntwo\n|" },
		{ "CRLF", CRLF "A: b\r\n\r\none\r\n\r\n" CRLF "A: c\r\n\r\ntwo\r\n",
		  CRLF "A: b\r\n\r\none\r\n|" CRLF "A: c\r\n\r\ntwo\r\n|" },
		{ "no empty line before, but a field after", LINE "A: b\n\none\n" LINE "A: c\n\ntwo\n",
		  LINE "A: b\n\none\n|" LINE "A: c\n\ntwo\n|" },
		{ "a quoted line is text", LINE "A: b\n\none\n>" LINE "two\n", LINE "A: b\n\none\n>" LINE "two\n|" },
		{ "a sentence is text", LINE "A: b\n\n\nFrom here on, Thu Jan was busy\n",
		  LINE "A: b\n\n\nFrom here on, Thu Jan was busy\n|" },
		{ "a date in the middle of text", LINE "A: b\n\none\n" LINE "and so on\n", LINE "A: b\n\none\n" LINE "and so on\n|" },
		{ "an odd first line", "From nobody\nA: b\n\none\n\n" LINE "A: c\n", "From nobody\nA: b\n\none\n|" LINE "A: c\n|" },
		{ "an address with blanks", LINE "A: b\n\nFrom a at b.org  Fri Feb 29 12:00 2008\nA: c\n",
		  LINE "A: b\n|From a at b.org  Fri Feb 29 12:00 2008\nA: c\n|" },
		{ "a zone", LINE "\n\nFrom a Fri Feb 29 12:00:00 CET 2008\n\n", LINE "\n|From a Fri Feb 29 12:00:00 CET 2008\n|" },
		{ "no line end at the end", LINE "A: b\n\none", LINE "A: b\n\none|" },
		{ "a separator without a line end", LINE "\nx\n\nFrom a Fri Feb 29 12:00:00 2008",
		  LINE "\nx\n|From a Fri Feb 29 12:00:00 2008|" },
		{ "empty", "", "" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		for (size_t piece = 1; piece < 2000; piece = piece < 100 ? piece + 1 : piece * 3) {
			char got[1000];
			split(cases[i].mailbox, piece, got, sizeof got);
			if (strcmp(got, cases[i].messages) != 0)
				fail_msg("%s, pieces of %zu: %s", cases[i].name, piece, got);
		}
}

/* A message of any length costs no more memory than the limit, is cut one byte beyond it so that the parser says so, and the next is found.
 */
static void long_message(void **state)
{
	enum { LIMIT = 100000 };
	static char next[] = "\n\n" LINE "A: c\n";
	struct source source = { SPAN(LINE "A: b\n\n"), 1000, 50 * LIMIT };
	struct mbox mbox;
	struct span message;
	(void)state;
	mbox_init(&mbox, span_none, read_source, &source);
	mbox.limit = LIMIT;
	assert_int_equal(mbox_next(&mbox, &message), 1);
	assert_int_equal(message.n, LIMIT + 1);
	assert_int_equal(source.repeat, 0);
	assert_true(mbox.cap < 5 * LIMIT);
	assert_int_equal(mbox_next(&mbox, &message), 0);
	mbox_release(&mbox);

	static char big[5 * LIMIT];
	memset(big, 'y', sizeof big);
	memcpy(big, LINE, strlen(LINE));
	memcpy(big + sizeof big - sizeof next, next, sizeof next);
	source = (struct source){ span_of(big, sizeof big - 1), 4096, 0 };
	mbox_init(&mbox, span_none, read_source, &source);
	mbox.limit = LIMIT;
	assert_int_equal(mbox_next(&mbox, &message), 1);
	assert_int_equal(message.n, LIMIT + 1);
	assert_int_equal(mbox_next(&mbox, &message), 1);
	assert_span(message, LINE "A: c\n");
	mbox_release(&mbox);
}

static ssize_t read_failure(void *context, void *bytes, size_t n)
{
	(void)context;
	(void)bytes;
	(void)n;
	errno = EIO;
	return -1;
}

static void failure(void **state)
{
	struct mbox mbox;
	struct span message;
	(void)state;
	mbox_init(&mbox, SPAN("From "), read_failure, NULL);
	assert_int_equal(mbox_next(&mbox, &message), ERR_IO);
	mbox_release(&mbox);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(splits), cmocka_unit_test(long_message), cmocka_unit_test(failure) };
	return cmocka_run_group_tests_name("app/mbox", tests, NULL, NULL);
}
