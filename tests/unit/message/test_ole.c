/* message/ole, message/ole_macro: the directory of compound files made here, chains that turn in circles, and what names and sheets say. */
#include "tests/attachment_fixture.h"

#include "message/ole.h"

enum { SECTOR = 512 };

/* Header, then a sector table, one directory sector, and the sectors of one stream. */
struct file {
	uint8_t bytes[SECTOR * 12];
	size_t n;
};

static void put(struct file *f, size_t at, uint32_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		f->bytes[at + i] = (uint8_t)(value >> 8 * i);
}

static void make(struct file *f)
{
	memset(f, 0, sizeof *f);
	memcpy(f->bytes, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8);
	put(f, 30, 9, 2);
	put(f, 32, 6, 2);
	put(f, 48, 1, 4); /* directory */
	put(f, 56, 0, 4); /* no stream is small enough for the mini stream */
	put(f, 60, 0xfffffffe, 4);
	put(f, 68, 0xfffffffe, 4);
	memset(f->bytes + 76, 0xff, 436);
	put(f, 76, 0, 4); /* the sector table is sector 0 */
	memset(f->bytes + SECTOR, 0xff, SECTOR);
	put(f, SECTOR, 0xfffffffd, 4);
	put(f, SECTOR + 4, 0xfffffffe, 4); /* the directory ends */
	put(f, SECTOR + 8, 3, 4);          /* stream: sectors 2, 3 */
	put(f, SECTOR + 12, 0xfffffffe, 4);
	f->n = SECTOR * 5;
}

static void entry(struct file *f, unsigned slot, const char *name, unsigned kind, uint32_t start, uint32_t size)
{
	size_t at = SECTOR * 2 + slot * 128, n = strlen(name);
	for (size_t i = 0; i < n; i++)
		put(f, at + 2 * i, (uint8_t)name[i], 2);
	put(f, at + 64, (uint32_t)(2 * n + 2), 2);
	put(f, at + 66, kind, 1);
	put(f, at + 116, start, 4);
	put(f, at + 120, size, 4);
}

static void directory(void **state)
{
	(void)state;
	struct file f;
	struct ole ole;
	struct ole_entry e;
	uint8_t bytes[2000];
	make(&f);
	entry(&f, 0, "Root Entry", 5, 0xfffffffe, 0);
	entry(&f, 1, "Workbook", 2, 2, 700);
	memset(f.bytes + SECTOR * 3, 'a', 2 * SECTOR);
	assert_true(ole_open(span_of(f.bytes, f.n), &ole));
	assert_true(ole_next(&ole, &e));
	assert_span(ole_entry_name(&e), "Root Entry");
	assert_true(ole_next(&ole, &e));
	assert_span(ole_entry_name(&e), "Workbook");
	assert_int_equal(ole_read(&ole, &e, bytes, sizeof bytes), 700);
	assert_int_equal(bytes[699], 'a');
	assert_false(ole_next(&ole, &e));
	assert_false(ole.damaged);
	assert_string_equal(file_type_of(span_of(f.bytes, f.n))->name, "xls");
}

static void circles(void **state)
{
	(void)state;
	struct file f;
	struct ole ole;
	struct ole_entry e;
	uint8_t bytes[2000];
	make(&f);
	entry(&f, 0, "Root Entry", 5, 0xfffffffe, 0);
	entry(&f, 1, "Book", 2, 2, 0x7fffffff);
	put(&f, SECTOR + 4, 1, 4); /* the directory leads back to itself */
	put(&f, SECTOR + 8, 2, 4); /* and so does the stream */
	assert_true(ole_open(span_of(f.bytes, f.n), &ole));
	while (ole_next(&ole, &e))
		if (e.kind == OLE_STREAM)
			assert_true(ole_read(&ole, &e, bytes, sizeof bytes) <= sizeof bytes);
	assert_true(ole.damaged);
	assert_true(ole.steps < 1000);
}

static const struct {
	const char *names[3];
	uint32_t flags;
	const char *type;
} files[] = {
	{ { "WordDocument", "1Table", NULL }, 0, "doc" },
	{ { "WordDocument", "Macros", "_VBA_PROJECT" }, ATTACHMENT_MACROS, "doc" },
	{ { "Workbook", "_VBA_PROJECT_CUR", NULL }, ATTACHMENT_MACROS, "xls" },
	{ { "\1Ole10Native", NULL, NULL }, ATTACHMENT_EMBEDDED_OBJECT, "ole" },
	{ { "EncryptedPackage", "EncryptionInfo", NULL }, ATTACHMENT_ENCRYPTED, "office-encrypted" },
	{ { "PowerPoint Document", NULL, NULL }, 0, "ppt" },
	{ { "__properties_version1.0", NULL, NULL }, 0, "msg" },
};

static void signs(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(files); i++) {
		struct file f;
		struct attachment_fixture fixture;
		make(&f);
		entry(&f, 0, "Root Entry", 5, 0xfffffffe, 0);
		for (unsigned k = 0; k < 3 && files[i].names[k]; k++)
			entry(&f, k + 1, files[i].names[k], 2, 0xfffffffe, 0);
		struct attachment *a = attachment_fixture_begin(&fixture, span_of(f.bytes, f.n), "a");
		assert_string_equal(a->by_content->name, files[i].type);
		assert_int_equal(a->flags, files[i].flags);
		attachment_fixture_end(&fixture);
	}
}

/* BoundSheet8: offset, state (2: very hidden), kind (1: macro sheet). */
static void macro_sheet(void **state)
{
	(void)state;
	struct file f;
	struct attachment_fixture fixture;
	make(&f);
	entry(&f, 0, "Root Entry", 5, 0xfffffffe, 0);
	entry(&f, 1, "Workbook", 2, 2, 600);
	memcpy(f.bytes + SECTOR * 3, "\x09\x08\4\0\0\6\5\0\x85\0\x08\0\0\0\0\0\2\1\0\0", 20);
	assert_int_equal(attachment_fixture_begin(&fixture, span_of(f.bytes, f.n), "a.xls")->flags,
			 ATTACHMENT_MACROS | ATTACHMENT_XLM_HIDDEN);
	attachment_fixture_end(&fixture);
}

static void equation(void **state)
{
	(void)state;
	struct file f;
	struct attachment_fixture fixture;
	make(&f);
	entry(&f, 0, "Root Entry", 5, 0xfffffffe, 0);
	memcpy(f.bytes + SECTOR * 2 + 80, "\x02\xce\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46", 16);
	assert_int_equal(attachment_fixture_begin(&fixture, span_of(f.bytes, f.n), "a.bin")->flags, ATTACHMENT_EQUATION);
	attachment_fixture_end(&fixture);
}

/* A chain of the small streams that stays where it is: given up in keeping with the size of the file, whatever length is stated. */
static void endless_small_stream(void **state)
{
	(void)state;
	struct file f;
	struct ole ole;
	struct ole_entry e;
	static uint8_t bytes[65536];
	make(&f);
	put(&f, 32, 2, 2);          /* small sectors of four bytes */
	put(&f, 56, 0xffffffff, 4); /* every stream is small */
	put(&f, 60, 3, 4);          /* their table, all zeros: sector 0 follows sector 0 */
	entry(&f, 0, "Root Entry", 5, 2, 0xffffff);
	entry(&f, 1, "Workbook", 2, 0, 0xffffff);
	assert_true(ole_open(span_of(f.bytes, f.n), &ole));
	assert_true(ole_next(&ole, &e) && ole_next(&ole, &e));
	ole_read(&ole, &e, bytes, sizeof bytes);
	assert_true(ole.cut);
	assert_true(ole.steps < LIMIT_OLE_SECTORS / 32);
	entry(&f, 2, "Workbook", 2, 0, 0xffffff);
	entry(&f, 3, "Book", 2, 0, 0xffffff);
	struct attachment_fixture a;
	attachment_fixture_begin(&a, span_of(f.bytes, f.n), "a.xls");
	assert_int_equal(a.message.anomalies.count[ANOMALY_ARCHIVE_LIMIT], 1);
	attachment_fixture_end(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(endless_small_stream), cmocka_unit_test(directory), cmocka_unit_test(circles), cmocka_unit_test(signs),
		cmocka_unit_test(macro_sheet),          cmocka_unit_test(equation)
	};
	return cmocka_run_group_tests_name("message/ole", tests, NULL, NULL);
}
