/* message/attachment: which parts are attachments, and what archives hold, at any depth and under the limits. Archives are made here. */
#include "tests/test.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>

#include "tests/attachment_fixture.h"
#include "tests/zip_make.h"

static const struct attachment_member *member(const struct attachment *a, const char *name)
{
	for (uint32_t i = 0; i < a->members.n; i++)
		if (span_eq(a->members.v[i].name, span_cstr(name)))
			return &a->members.v[i];
	return NULL;
}

#define PE_HEAD "MZ\0\0 this stands for a program"

static void zip_members(void **state)
{
	(void)state;
	struct attachment_fixture f;
	struct zip_make z = { 0 };
	zip_make_add(&z, "readme.txt", SPAN("hello"), 0);
	zip_make_add(&z, "photo.jpg", SPAN(PE_HEAD), ZIP_MAKE_DEFLATE);
	zip_make_add(&z, "Rechnung-\xc3\xbc.exe", SPAN("x"), ZIP_MAKE_ENCRYPTED);
	struct attachment *a = attachment_fixture_begin(&f, zip_make_end(&z), "a.zip");
	assert_int_equal(a->members.n, 3);
	assert_string_equal(member(a, "readme.txt")->by_content->name, "text");
	assert_string_equal(member(a, "photo.jpg")->by_content->name, "dos");
	assert_string_equal(member(a, "photo.jpg")->by_name->name, "jpeg");
	assert_true(member(a, "Rechnung-\xc3\xbc.exe")->encrypted);
	assert_int_equal(a->flags, ATTACHMENT_ENCRYPTED);
	attachment_fixture_end(&f);
	zip_make_free(&z);
}

static void zip_directories_differ(void **state)
{
	(void)state;
	struct attachment_fixture f;
	struct zip_make z = { 0 };
	zip_make_add_names(&z, "invoice.exe", "invoice.txt", SPAN("MZ?"), 0);
	struct attachment *a = attachment_fixture_begin(&f, zip_make_end(&z), "a.zip");
	assert_true(a->flags & ATTACHMENT_NAMES_DIFFER);
	assert_string_equal(a->members.v[0].by_name->name, "pe");
	attachment_fixture_end(&f);
	zip_make_free(&z);
}

static void zip_hidden_member(void **state)
{
	(void)state;
	struct attachment_fixture f;
	struct zip_make z = { 0 };
	zip_make_add(&z, "one.txt", SPAN("1"), 0);
	zip_make_add(&z, "two.exe", SPAN(PE_HEAD), ZIP_MAKE_UNLISTED);
	zip_make_add(&z, "three.txt", SPAN("3"), 0);
	struct attachment *a = attachment_fixture_begin(&f, zip_make_end(&z), "a.zip");
	assert_int_equal(a->members.n, 3);
	assert_true(a->flags & ATTACHMENT_HIDDEN_MEMBERS);
	assert_true(member(a, "two.exe")->hidden);
	attachment_fixture_end(&f);
	zip_make_free(&z);
}

/* A stored archive inside holds local headers of its own, which are not hidden members of the outer one. */
static void zip_nested(void **state)
{
	(void)state;
	struct attachment_fixture f;
	struct zip_make inner = { 0 }, outer = { 0 };
	zip_make_add(&inner, "setup.exe", SPAN(PE_HEAD), 0);
	zip_make_add(&outer, "inner.zip", zip_make_end(&inner), 0);
	struct attachment *a = attachment_fixture_begin(&f, zip_make_end(&outer), "a.zip");
	assert_int_equal(a->members.n, 2);
	assert_int_equal(member(a, "setup.exe")->depth, 2);
	assert_int_equal(a->flags, 0);
	attachment_fixture_end(&f);
	zip_make_free(&inner);
	zip_make_free(&outer);
}

static void zip_too_deep(void **state)
{
	(void)state;
	struct attachment_fixture f;
	struct zip_make z[6] = { 0 };
	struct span inner = SPAN("the end");
	for (int i = 0; i < 6; i++) {
		zip_make_add(&z[i], i ? "next.zip" : "end.txt", inner, ZIP_MAKE_DEFLATE);
		inner = zip_make_end(&z[i]);
	}
	struct attachment *a = attachment_fixture_begin(&f, inner, "a.zip");
	assert_int_equal(a->members.n, LIMIT_ARCHIVE_DEPTH);
	assert_true(a->flags & ATTACHMENT_DEEP);
	assert_true(f.message.anomalies.count[ANOMALY_ARCHIVE_LIMIT] > 0);
	attachment_fixture_end(&f);
	for (int i = 0; i < 6; i++)
		zip_make_free(&z[i]);
}

/* 42.zip in small: a member that grows a thousand times, wrapped so that it must be unpacked whole. */
static void zip_bomb(void **state)
{
	(void)state;
	struct attachment_fixture f;
	struct zip_make inner = { 0 }, outer = { 0 };
	size_t n = 200u * 1024 * 1024;
	uint8_t *zeros = calloc(1, n);
	assert_non_null(zeros);
	memcpy(zeros, "%PDF-1.4", 8);
	zip_make_add(&inner, "zeros.pdf", span_of(zeros, n), ZIP_MAKE_DEFLATE);
	free(zeros);
	zip_make_add(&outer, "inner.zip", zip_make_end(&inner), 0);
	struct attachment *a = attachment_fixture_begin(&f, zip_make_end(&outer), "a.zip");
	assert_true(a->flags & ATTACHMENT_LIMIT);
	assert_true(f.all.unpacked <= LIMIT_ARCHIVE_BYTES(f.message.raw.n) + 1024 * 1024);
	assert_true(f.arena.taken < 4u * LIMIT_ARCHIVE_BYTES(f.message.raw.n));
	attachment_fixture_end(&f);
	zip_make_free(&inner);
	zip_make_free(&outer);
}

static void zip_many_entries(void **state)
{
	(void)state;
	struct attachment_fixture f;
	struct zip_make z = { 0 };
	for (unsigned i = 0; i < LIMIT_ARCHIVE_ENTRIES + 500; i++) {
		char name[32];
		snprintf(name, sizeof name, "%u.txt", i);
		zip_make_add(&z, name, SPAN("x"), 0);
	}
	struct attachment *a = attachment_fixture_begin(&f, zip_make_end(&z), "a.zip");
	assert_int_equal(a->members.n, LIMIT_ARCHIVE_ENTRIES);
	assert_int_equal(f.all.entries, LIMIT_ARCHIVE_ENTRIES);
	assert_true(a->flags & ATTACHMENT_LIMIT);
	attachment_fixture_end(&f);
	zip_make_free(&z);
}

/* Every cut and a walk of flipped bytes: nothing may be read outside, nothing may hang. */
static void zip_damage(void **state)
{
	(void)state;
	struct attachment_fixture f;
	struct zip_make z = { 0 };
	zip_make_add(&z, "a.txt", SPAN("hello hello hello hello"), ZIP_MAKE_DEFLATE);
	zip_make_add(&z, "b.exe", SPAN(PE_HEAD), 0);
	struct span whole = zip_make_end(&z);
	for (size_t n = 4; n < whole.n; n++) {
		uint8_t *copy = malloc(n);
		memcpy(copy, whole.p, n);
		attachment_fixture_begin(&f, span_of(copy, n), "a.zip");
		attachment_fixture_end(&f);
		free(copy);
	}
	uint8_t *copy = malloc(whole.n);
	for (size_t i = 4; i < whole.n; i++) {
		memcpy(copy, whole.p, whole.n);
		copy[i] ^= 0xff;
		attachment_fixture_begin(&f, span_of(copy, whole.n), "a.zip");
		attachment_fixture_end(&f);
	}
	free(copy);
	zip_make_free(&z);
}

/* Everything that libarchive can write. */
static struct span make_archive(int (*format)(struct archive *), int (*filter)(struct archive *), const char *const *names,
				const struct span *contents, size_t n)
{
	size_t size = 4u * 1024 * 1024, used = 0;
	void *buffer = malloc(size);
	struct archive *a = archive_write_new();
	assert_int_equal(format(a), ARCHIVE_OK);
	if (filter)
		assert_int_equal(filter(a), ARCHIVE_OK);
	assert_int_equal(archive_write_open_memory(a, buffer, size, &used), ARCHIVE_OK);
	for (size_t i = 0; i < n; i++) {
		struct archive_entry *entry = archive_entry_new();
		archive_entry_set_pathname(entry, names[i]);
		archive_entry_set_size(entry, (int64_t)contents[i].n);
		archive_entry_set_filetype(entry, AE_IFREG);
		archive_entry_set_perm(entry, 0644);
		assert_int_equal(archive_write_header(a, entry), ARCHIVE_OK);
		assert_int_equal(archive_write_data(a, contents[i].p, contents[i].n), (long)contents[i].n);
		archive_entry_free(entry);
	}
	archive_write_close(a);
	archive_write_free(a);
	return span_of(buffer, used);
}

static void other_archives(void **state)
{
	(void)state;
	static const struct {
		int (*format)(struct archive *), (*filter)(struct archive *);
		const char *type;
	} kinds[] = {
		{ archive_write_set_format_ustar, NULL, "tar" },
		{ archive_write_set_format_ustar, archive_write_add_filter_gzip, "gzip" },
		{ archive_write_set_format_pax, archive_write_add_filter_bzip2, "bzip2" },
		{ archive_write_set_format_ustar, archive_write_add_filter_xz, "xz" },
		{ archive_write_set_format_7zip, NULL, "7z" },
		{ archive_write_set_format_iso9660, NULL, "iso" },
		{ archive_write_set_format_cpio_newc, NULL, "cpio" },
	};
	static const char *const names[] = { "readme.txt", "setup.exe" };
	const struct span contents[] = { SPAN("hello"), SPAN(PE_HEAD) };
	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct attachment_fixture f;
		struct span bytes = make_archive(kinds[i].format, kinds[i].filter, names, contents, 2);
		struct attachment *a = attachment_fixture_begin(&f, bytes, "a");
		assert_string_equal(a->by_content->name, kinds[i].type);
		const struct attachment_member *program = member(a, "setup.exe");
		if (!program)
			program = member(a, "SETUP.EXE;1");
		if (!program)
			print_error("%s: %u members\n", kinds[i].type, a->members.n);
		assert_non_null(program);
		assert_string_equal(program->by_content->name, "dos");
		attachment_fixture_end(&f);
		free((void *)(uintptr_t)bytes.p);
	}
}

static void gzip_one_file(void **state)
{
	(void)state;
	struct attachment_fixture f;
	static const char *const names[] = { "x" };
	const struct span contents[] = { SPAN(PE_HEAD) };
	struct span bytes = make_archive(archive_write_set_format_raw, archive_write_add_filter_gzip, names, contents, 1);
	struct attachment *a = attachment_fixture_begin(&f, bytes, "setup.exe.gz");
	assert_int_equal(a->members.n, 1);
	assert_span(a->members.v[0].name, "setup.exe");
	assert_string_equal(a->members.v[0].by_content->name, "dos");
	attachment_fixture_end(&f);
	free((void *)(uintptr_t)bytes.p);
}

static void gzip_bomb(void **state)
{
	(void)state;
	struct attachment_fixture f;
	static const char *const names[] = { "x" };
	size_t n = 400u * 1024 * 1024;
	uint8_t *zeros = malloc(n); /* not NULs: those would be an empty tar */
	memset(zeros, 'a', n);
	const struct span contents[] = { span_of(zeros, n) };
	struct span bytes = make_archive(archive_write_set_format_raw, archive_write_add_filter_gzip, names, contents, 1);
	free(zeros);
	struct attachment *a = attachment_fixture_begin(&f, bytes, "zeros.gz");
	assert_true(a->flags & ATTACHMENT_LIMIT);
	assert_true(f.all.unpacked <= LIMIT_ARCHIVE_BYTES(f.message.raw.n) + 1024 * 1024);
	attachment_fixture_end(&f);
	free((void *)(uintptr_t)bytes.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zip_members),       cmocka_unit_test(zip_directories_differ),
		cmocka_unit_test(zip_hidden_member), cmocka_unit_test(zip_nested),
		cmocka_unit_test(zip_too_deep),      cmocka_unit_test(zip_bomb),
		cmocka_unit_test(zip_many_entries),  cmocka_unit_test(zip_damage),
		cmocka_unit_test(other_archives),    cmocka_unit_test(gzip_one_file),
		cmocka_unit_test(gzip_bomb),
	};
	return cmocka_run_group_tests_name("message/attachment", tests, NULL, NULL);
}
