/* message/zip: both directories of ZIP files made here; lies about offsets, sizes and names are harmless. */
#include "message/zip.h"
#include "tests/test.h"
#include "tests/zip_make.h"

static void both_directories(void **state)
{
	struct zip_make z = { 0 };
	struct zip zip;
	struct zip_entry entry, local;
	(void)state;
	zip_make_add(&z, "a.txt", SPAN("hello"), 0);
	zip_make_add_names(&z, "local.exe", "central.txt", SPAN("MZ"), ZIP_MAKE_DEFLATE);
	zip_make_add(&z, "hidden.exe", SPAN("MZ"), ZIP_MAKE_UNLISTED);
	struct span bytes = zip_make_end(&z);
	assert_true(zip_open(bytes, &zip));
	assert_int_equal(zip.stated_entries, 2);
	assert_true(zip_next(&zip, &entry));
	assert_span(entry.name, "a.txt");
	assert_int_equal(entry.unpacked, 5);
	assert_true(zip_local(&zip, &entry, &local));
	assert_span(local.data, "hello");
	assert_true(zip_next(&zip, &entry));
	assert_span(entry.name, "central.txt");
	assert_int_equal(entry.method, ZIP_DEFLATED);
	assert_true(zip_local(&zip, &entry, &local));
	assert_span(local.name, "local.exe");
	assert_false(zip_next(&zip, &entry));

	static const char *const locals[] = { "a.txt", "local.exe", "hidden.exe" };
	zip.at = 0;
	for (size_t i = 0; i < COUNT(locals); i++) {
		assert_true(zip_next_local(&zip, &local));
		assert_span(local.name, locals[i]);
	}
	assert_false(zip_next_local(&zip, &local));
	zip_make_free(&z);
}

/* A program in front: all offsets are too small by its length. */
static void self_extracting(void **state)
{
	struct zip_make z = { 0 };
	struct zip zip;
	struct zip_entry entry, local;
	(void)state;
	zip_make_add(&z, "a.txt", SPAN("hello"), 0);
	struct span bytes = zip_make_end(&z);
	uint8_t *p = malloc(bytes.n + 1000);
	memset(p, 'x', 1000);
	memcpy(p + 1000, bytes.p, bytes.n);
	assert_true(zip_open(span_of(p, bytes.n + 1000), &zip));
	assert_int_equal(zip.base, 1000);
	assert_true(zip_next(&zip, &entry));
	assert_true(zip_local(&zip, &entry, &local));
	assert_span(local.data, "hello");
	free(p);
	zip_make_free(&z);
}

/* Every byte of a small file turned into others, and every length of it: never an overrun, and each walk ends. */
static void lies(void **state)
{
	static const uint8_t values[] = { 0, 1, 0x7f, 0xff };
	struct zip_make z = { 0 };
	(void)state;
	zip_make_add(&z, "a.txt", SPAN("hello"), 0);
	zip_make_add(&z, "b.txt", SPAN("hello"), ZIP_MAKE_DEFLATE);
	struct span whole = zip_make_end(&z);
	for (size_t cut = 0; cut <= whole.n; cut++)
		for (size_t v = 0; v < COUNT(values); v++) {
			uint8_t *p = malloc(whole.n); /* exactly as long, so that the sanitizer sees an overrun */
			memcpy(p, whole.p, whole.n);
			if (cut < whole.n)
				p[cut] = values[v];
			struct span bytes = v == 3 ? span_of(p, cut) : span_of(p, whole.n);
			struct zip zip;
			struct zip_entry entry, local;
			unsigned n = 0;
			if (zip_open(bytes, &zip))
				while (zip_next(&zip, &entry) && n++ < 100)
					zip_local(&zip, &entry, &local);
			zip.at = 0;
			while (zip_next_local(&zip, &local) && n++ < 100)
				;
			assert_true(n <= 4);
			free(p);
		}
	zip_make_free(&z);
}

static void no_archive(void **state)
{
	struct zip zip;
	struct zip_entry entry;
	(void)state;
	assert_false(zip_open(span_none, &zip));
	assert_false(zip_open(SPAN("no archive at all, but long enough to hold an end record somewhere"), &zip));
	assert_false(zip_next(&zip, &entry));
	assert_false(zip_next_local(&zip, &entry));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(both_directories), cmocka_unit_test(self_extracting), cmocka_unit_test(lies),
					    cmocka_unit_test(no_archive) };
	return cmocka_run_group_tests_name("message/zip", tests, NULL, NULL);
}
