/* check/@NAME@: TODO: what is proven here. */
#include "tests/check_test.h"

static const struct check_case cases[] = {
	{ .name = "silent on plain mail", .message = "From: a@example.org\nSubject: hello\n\nhello\n", .absent = "@NAME@.todo" },
};

CHECK_TEST_MAIN(@NAME@, cases)
