/* message/archive: the rules that all archive readers keep: how many members, how many bytes, how much growth. What whole archives give
 * stands in test_attachment.c. */
#include "tests/attachment_fixture.h"

#include "message/archive.h"

static void counts_members(void **state)
{
	struct attachment_fixture f;
	(void)state;
	attachment_fixture_begin(&f, SPAN("text"), "a.txt");
	for (unsigned i = 0; i < LIMIT_ARCHIVE_ENTRIES; i++)
		assert_non_null(archive_add(&f.work, SPAN("a.txt"), 0));
	assert_false(f.work.attachment->flags & ATTACHMENT_LIMIT);
	for (unsigned i = 0; i < 10; i++)
		assert_null(archive_add(&f.work, SPAN("a.txt"), 0));
	assert_true(f.work.attachment->flags & ATTACHMENT_LIMIT);
	assert_int_equal(f.work.attachment->members.n, LIMIT_ARCHIVE_ENTRIES);
	assert_int_equal(f.message.anomalies.count[ANOMALY_ARCHIVE_LIMIT], 1);
	attachment_fixture_end(&f);
}

/* The most dangerous reading of a name: unpackers written in C end it at a NUL. */
static void names(void **state)
{
	struct attachment_fixture f;
	(void)state;
	attachment_fixture_begin(&f, SPAN("text"), "a.txt");
	struct attachment_member *m = archive_add(&f.work, span_of("a.exe\0.txt", 10), 1);
	assert_string_equal(m->by_name->name, "pe");
	assert_int_equal(m->depth, 2);
	assert_span(archive_name(&f.work, SPAN("gr\xc3\xbc\xc3\x9f")), "gr\xc3\xbc\xc3\x9f");
	assert_span(archive_name(&f.work, SPAN("gr\xfc\xdf")), "gr\xc3\xbc\xc3\x9f");
	attachment_fixture_end(&f);
}

static void counts_bytes(void **state)
{
	struct attachment_fixture f;
	uint64_t unpacked = 0;
	(void)state;
	attachment_fixture_begin(&f, SPAN("text"), "a.txt");
	uint64_t most = LIMIT_ARCHIVE_BYTES(f.message.raw.n);
	assert_int_equal(archive_left(&f.work), most);
	assert_true(archive_count(&f.work, 1000000, &unpacked, 1000000));
	assert_int_equal(archive_left(&f.work), most - 1000000);
	assert_false(archive_count(&f.work, most, &unpacked, 1000000));
	assert_int_equal(archive_left(&f.work), 0);
	assert_int_equal(f.work.attachment->flags, ATTACHMENT_LIMIT);
	attachment_fixture_end(&f);
}

static void growth(void **state)
{
	struct attachment_fixture f;
	uint64_t unpacked = 0;
	(void)state;
	attachment_fixture_begin(&f, SPAN("text"), "a.txt");
	f.message.raw.n = 16u * 1024 * 1024; /* only its length is looked at */
	/* A megabyte may come out of anything. */
	assert_true(archive_count(&f.work, 1024 * 1024, &unpacked, 100));
	assert_false(archive_count(&f.work, 1024 * 1024, &unpacked, 100));
	assert_int_equal(f.work.attachment->flags, ATTACHMENT_LIMIT | ATTACHMENT_BOMB);
	attachment_fixture_end(&f);
}

/* In keeping with the size of the message, and never more than the ceiling. */
static void limit_grows(void **state)
{
	(void)state;
	assert_int_equal(LIMIT_ARCHIVE_BYTES(0), 1024 * 1024);
	assert_int_equal(LIMIT_ARCHIVE_BYTES(256 * 1024), 3 * 1024 * 1024);
	uint64_t before = 0;
	for (size_t raw = 0; raw < 300u * 1024 * 1024; raw += 65536) {
		uint64_t now = LIMIT_ARCHIVE_BYTES(raw);
		assert_true(now >= before && now <= 32u * 1024 * 1024 && now <= 1024 * 1024 + 8 * (uint64_t)raw);
		before = now;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(counts_members), cmocka_unit_test(names), cmocka_unit_test(counts_bytes),
					    cmocka_unit_test(growth), cmocka_unit_test(limit_grows) };
	return cmocka_run_group_tests_name("message/archive", tests, NULL, NULL);
}
