/* message/filetype_container: which kind of ZIP file it is, by its members. OLE files are told apart in test_ole.c. */
#include "message/filetype_container.h"
#include "tests/test.h"
#include "tests/zip_make.h"

static void zips(void **state)
{
	static const struct {
		const char *members[4], *first;
		enum file_type_id id;
	} cases[] = {
		{ { "a.txt" }, "x", FILE_TYPE_ZIP },
		{ { "[Content_Types].xml", "word/document.xml" }, "x", FILE_TYPE_DOCX },
		{ { "[Content_Types].xml", "xl/workbook.xml" }, "x", FILE_TYPE_XLSX },
		{ { "ppt/a.xml", "[Content_Types].xml" }, "x", FILE_TYPE_PPTX },
		{ { "visio/a.xml", "[Content_Types].xml" }, "x", FILE_TYPE_VISIO },
		{ { "word/readme.txt", "main.c" }, "x", FILE_TYPE_ZIP }, /* a folder of that name makes no document */
		{ { "META-INF/MANIFEST.MF", "A.class" }, "x", FILE_TYPE_JAR },
		{ { "META-INF/MANIFEST.MF", "classes.dex", "AndroidManifest.xml" }, "x", FILE_TYPE_APK },
		{ { "AppxManifest.xml" }, "x", FILE_TYPE_APPX },
		{ { "mimetype", "content.xml" }, "application/vnd.oasis.opendocument.text", FILE_TYPE_ODF },
		{ { "mimetype", "a.xhtml" }, "application/epub+zip", FILE_TYPE_EPUB },
		{ { "mimetype" }, "text/plain", FILE_TYPE_ZIP },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		for (unsigned how = 0; how <= ZIP_MAKE_UNLISTED; how += ZIP_MAKE_UNLISTED) { /* with a directory, and without */
			struct zip_make z = { 0 };
			for (size_t k = 0; k < COUNT(cases[i].members) && cases[i].members[k]; k++)
				zip_make_add(&z, cases[i].members[k], span_cstr(k == 0 ? cases[i].first : "x"), how);
			enum file_type_id id = filetype_container_zip(zip_make_end(&z));
			if (id != cases[i].id)
				fail_msg("%s ...: %d, not %d", cases[i].members[0], id, cases[i].id);
			zip_make_free(&z);
		}
}

/* What tells must stand among the first members. */
static void looks_at_few(void **state)
{
	struct zip_make z = { 0 };
	(void)state;
	for (unsigned i = 0; i < 64; i++)
		zip_make_add(&z, "a.txt", SPAN("x"), 0);
	zip_make_add(&z, "AndroidManifest.xml", SPAN("x"), 0);
	assert_int_equal(filetype_container_zip(zip_make_end(&z)), FILE_TYPE_ZIP);
	zip_make_free(&z);
}

static void no_container(void **state)
{
	(void)state;
	assert_int_equal(filetype_container_zip(span_none), FILE_TYPE_ZIP);
	assert_int_equal(filetype_container_ole(span_none), FILE_TYPE_OLE);
	assert_int_equal(filetype_container_ole(SPAN("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")), FILE_TYPE_OLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(zips), cmocka_unit_test(looks_at_few), cmocka_unit_test(no_container) };
	return cmocka_run_group_tests_name("message/filetype_container", tests, NULL, NULL);
}
