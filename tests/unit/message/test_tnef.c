/* message/tnef: the members of winmail.dat by name and content, whatever the lengths say. */
#include "tests/attachment_fixture.h"

struct tnef {
	uint8_t bytes[4096];
	size_t n;
};

static void put(struct tnef *t, uint32_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		t->bytes[t->n++] = (uint8_t)(value >> 8 * i);
}

static void begin(struct tnef *t)
{
	t->n = 0;
	put(t, 0x223e9f78, 4);
	put(t, 1, 2);
}

static void attribute(struct tnef *t, uint32_t id, struct span value, uint32_t stated)
{
	put(t, 2, 1);
	put(t, id, 4);
	put(t, stated, 4);
	memcpy(t->bytes + t->n, value.p, value.n);
	t->n += value.n;
	put(t, 0, 2);
}

static void members(void **state)
{
	struct tnef t;
	struct attachment_fixture f;
	(void)state;
	begin(&t);
	attribute(&t, 0x00069006, SPAN("\x01\x00\x02\x00"), 4); /* version: passed over */
	attribute(&t, 0x0006800f, SPAN("MZ\0\0 this stands for a program"), 30);
	attribute(&t, 0x00018010, SPAN("photo.jpg\0rest"), 14); /* the name ends at its NUL */
	attribute(&t, 0x00018010,
		  SPAN("\xfc"
		       "ber.txt"),
		  8); /* no data of its own */
	struct attachment *a = attachment_fixture_begin(&f, span_of(t.bytes, t.n), "winmail.dat");
	assert_int_equal(a->members.n, 2);
	assert_span(a->members.v[0].name, "photo.jpg");
	assert_string_equal(a->members.v[0].by_content->name, "dos");
	assert_int_equal(a->members.v[0].depth, 1);
	assert_span(a->members.v[1].name, "\xc3\xbc"
					  "ber.txt");
	assert_int_equal(a->members.v[1].bytes, 0);
	assert_int_equal(a->flags, 0);
	attachment_fixture_end(&f);
}

static void lying_length(void **state)
{
	struct tnef t;
	struct attachment_fixture f;
	(void)state;
	begin(&t);
	attribute(&t, 0x00018010, SPAN("a.exe\0"), 0xffffffff);
	struct attachment *a = attachment_fixture_begin(&f, span_of(t.bytes, t.n), "winmail.dat");
	assert_true(a->flags & ATTACHMENT_DAMAGED);
	attachment_fixture_end(&f);
}

static void too_many(void **state)
{
	static struct tnef t;
	struct attachment_fixture f;
	(void)state;
	begin(&t);
	for (unsigned i = 0; i < 200; i++)
		attribute(&t, 0x00018010, SPAN("x"), 1);
	struct attachment *a = attachment_fixture_begin(&f, span_of(t.bytes, t.n), "winmail.dat");
	assert_int_equal(a->members.n, 200);
	/* The limit counts all archives of a message together. */
	f.all.entries = LIMIT_ARCHIVE_ENTRIES - 10;
	attachment_examine(&f.work, span_of(t.bytes, t.n), a->by_content, SPAN("winmail.dat"), 0);
	assert_int_equal(a->members.n, 210);
	assert_true(a->flags & ATTACHMENT_LIMIT);
	assert_int_equal(f.message.anomalies.count[ANOMALY_ARCHIVE_LIMIT], 1);
	attachment_fixture_end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(members), cmocka_unit_test(lying_length), cmocka_unit_test(too_many) };
	return cmocka_run_group_tests_name("message/tnef", tests, NULL, NULL);
}
