/* tests/milter_test.h - packets as a mail server sends them. */
#ifndef TESTS_MILTER_TEST_H
#define TESTS_MILTER_TEST_H

#include "base/buf.h"

static inline void milter_test_be32(struct buf *out, uint32_t n)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		buf_byte(out, (uint8_t)(n >> shift));
}

static inline void milter_test_packet(struct buf *out, char letter, struct span data)
{
	milter_test_be32(out, (uint32_t)data.n + 1);
	buf_byte(out, (uint8_t)letter);
	buf_put(out, data);
}
/* MILTER_TEST(&out, 'H', "mail.example.org\0"): the final NUL of a string must be written. */
#define MILTER_TEST(out, letter, literal) milter_test_packet((out), (letter), SPAN(literal))

static inline void milter_test_offer(struct buf *out, uint32_t version, uint32_t actions, uint32_t steps)
{
	milter_test_be32(out, 13);
	buf_byte(out, 'O');
	milter_test_be32(out, version);
	milter_test_be32(out, actions);
	milter_test_be32(out, steps);
}

/* What Postfix 3.7 and sendmail 8.17 offer. */
enum { MILTER_TEST_ACTIONS = 0x1ff, MILTER_TEST_STEPS = 0x1fffff };

static inline void milter_test_header(struct buf *out, const char *name, const char *value)
{
	milter_test_be32(out, (uint32_t)(1 + strlen(name) + 1 + strlen(value) + 1));
	buf_byte(out, 'L');
	buf_cstr(out, name);
	buf_byte(out, 0);
	buf_cstr(out, value);
	buf_byte(out, 0);
}

#endif
