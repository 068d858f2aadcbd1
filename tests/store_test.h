/* tests/store_test.h - what the tests of state/ share: a folder of their own, and case files made up. */
#ifndef TESTS_STORE_TEST_H
#define TESTS_STORE_TEST_H

#include "tests/test.h"

#include <stdlib.h>
#include <unistd.h>

#include "state/store.h"

static char test_folder[64];

static inline int make_test_folder(void **state)
{
	(void)state;
	strcpy(test_folder, "/tmp/postern-test-XXXXXX");
	return mkdtemp(test_folder) ? 0 : -1;
}

static inline int drop_test_folder(void **state)
{
	char command[128];
	(void)state;
	snprintf(command, sizeof command, "rm -rf '%s'", test_folder);
	return system(command);
}

static const struct evidence_def test_evidence[] = { { "test.heavy", GROUP_IDENTITY, 4100 }, { "test.light", GROUP_FORM, 300 } };

struct made {
	uint64_t milliseconds;
	const char *mail_from, *from, *subject;
	const char *to[3]; /* NULL at the end */
	unsigned client;   /* 192.0.2.client */
	int32_t prior;
	unsigned evidence; /* how many of test_evidence */
};

/* Its record; ret_id gets its id. */
static inline struct span make_case(const struct made *m, struct arena *arena, char ret_id[CASEFILE_ID])
{
	static unsigned number;
	uint8_t random[CASEFILE_RANDOM] = { (uint8_t)(++number >> 8), (uint8_t)number };
	struct buf out;
	struct casefile c = { .door = SPAN("milter"), .answers = SPAN("\1\0\0"), .bytes = 5 };
	static const struct verdict_thresholds standard = { 0, 2000, 4000, 8000, false };
	struct verdict_thresholds thresholds = standard;
	casefile_id(m->milliseconds, random, ret_id);
	c.id = span_of(ret_id, CASEFILE_ID);
	c.has_ip = true;
	c.ip = ip_from_v4(0xc0000200 + m->client);
	c.mail_from = span_cstr(m->mail_from);
	c.from = c.from_address = span_cstr(m->from);
	c.subject = span_cstr(m->subject);
	for (unsigned i = 0; i < COUNT(m->to) && m->to[i]; i++)
		*(struct casefile_recipient *)vec_push(arena, &c.recipients) = (struct casefile_recipient){ span_cstr(m->to[i]), i == 0 };
	c.evidence.arena = arena;
	for (unsigned i = 0; i < m->evidence; i++)
		evidence_add(&c.evidence, &test_evidence[i], span_none, span_none, span_none)->says =
		    arena_printf(arena, "found in mail to %s", m->to[0] ? m->to[0] : "nobody");
	thresholds.prior = m->prior;
	c.verdict = verdict_judge(&c.evidence, &thresholds);
	buf_init(&out, arena, SIZE_MAX);
	casefile_write(&c, &out);
	return buf_span(&out);
}

#endif
