/* message/ooxml: macros, remote templates and objects of Office Open XML files that are made here. */
#include "tests/attachment_fixture.h"
#include "tests/zip_make.h"

#define RELATIONSHIPS(type, target, mode)                                                                                                  \
	"<Relationships><Relationship Id=\"r1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/" type          \
	"\" Target=\"" target "\"" mode "/></Relationships>"
#define EXTERNAL " TargetMode=\"External\""

static const struct {
	const char *what, *member, *content, *type;
	uint32_t flags;
	const char *external;
	uint32_t links;
} cases[] = {
	{ "a plain document", "word/document.xml", "<x/>", "docx", 0, NULL, 0 },
	{ "macros", "word/vbaProject.bin", "x", "docx", ATTACHMENT_MACROS, NULL, 0 },
	{ "a remote template", "word/_rels/settings.xml.rels",
	  RELATIONSHIPS("attachedTemplate", "http://example.org/t.dotm?a=1&amp;b=2", EXTERNAL), "docx", ATTACHMENT_EXTERNAL_TEMPLATE,
	  "http://example.org/t.dotm?a=1&b=2", 0 },
	{ "a template on a disk", "word/_rels/settings.xml.rels",
	  RELATIONSHIPS("attachedTemplate", "file:///C:\\Templates\\Letter.dotm", EXTERNAL), "docx", 0, NULL, 0 },
	{ "a remote object", "word/_rels/document.xml.rels", RELATIONSHIPS("oleObject", "mhtml:http://example.org/x.html!", EXTERNAL),
	  "docx", ATTACHMENT_EXTERNAL_OBJECT, "mhtml:http://example.org/x.html!", 0 },
	{ "a link", "word/_rels/document.xml.rels", RELATIONSHIPS("hyperlink", "https://example.org/page", EXTERNAL), "docx", 0, NULL, 1 },
	{ "a picture of its own", "word/_rels/document.xml.rels", RELATIONSHIPS("image", "media/image1.png", ""), "docx", 0, NULL, 0 },
	{ "an embedded object", "word/embeddings/oleObject1.bin", "x", "docx", ATTACHMENT_EMBEDDED_OBJECT, NULL, 0 },
	{ "a macro sheet", "xl/macrosheets/sheet1.xml", "<x/>", "xlsx", ATTACHMENT_MACROS, NULL, 0 },
};

static void all_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct attachment_fixture f;
		struct zip_make z = { 0 };
		zip_make_add(&z, "[Content_Types].xml", SPAN("<Types/>"), ZIP_MAKE_DEFLATE);
		zip_make_add(&z, cases[i].member, span_cstr(cases[i].content), ZIP_MAKE_DEFLATE);
		struct attachment *a = attachment_fixture_begin(&f, zip_make_end(&z), "a.docx");
		if (a->flags != cases[i].flags || f.links.list.n != cases[i].links)
			print_error("%s: flags %x, links %u\n", cases[i].what, a->flags, f.links.list.n);
		assert_string_equal(a->by_content->name, cases[i].type);
		assert_int_equal(a->flags, cases[i].flags);
		assert_int_equal(f.links.list.n, cases[i].links);
		for (uint32_t k = 0; k < f.links.list.n; k++)
			assert_true(f.links.list.v[k].flags & LINK_IN_ATTACHMENT);
		if (cases[i].external)
			assert_span(a->external, cases[i].external);
		attachment_fixture_end(&f);
		zip_make_free(&z);
	}
}

static void hidden_macro_sheet(void **state)
{
	(void)state;
	struct attachment_fixture f;
	struct zip_make z = { 0 };
	zip_make_add(&z, "[Content_Types].xml", SPAN("<Types/>"), ZIP_MAKE_DEFLATE);
	zip_make_add(&z, "xl/workbook.xml", SPAN("<workbook><sheet name=\"a\" state=\"veryHidden\"/></workbook>"), ZIP_MAKE_DEFLATE);
	zip_make_add(&z, "xl/macrosheets/sheet1.xml", SPAN("<x/>"), ZIP_MAKE_DEFLATE);
	assert_int_equal(attachment_fixture_begin(&f, zip_make_end(&z), "a.xlsm")->flags, ATTACHMENT_MACROS | ATTACHMENT_XLM_HIDDEN);
	attachment_fixture_end(&f);
	zip_make_free(&z);
}

/* A document inside an archive is read as well, and the flag names it. */
static void inside_archive(void **state)
{
	(void)state;
	struct attachment_fixture f;
	struct zip_make inner = { 0 }, outer = { 0 };
	zip_make_add(&inner, "[Content_Types].xml", SPAN("<Types/>"), 0);
	zip_make_add(&inner, "word/vbaProject.bin", SPAN("x"), 0);
	zip_make_add(&outer, "order.doc", zip_make_end(&inner), ZIP_MAKE_DEFLATE);
	struct attachment *a = attachment_fixture_begin(&f, zip_make_end(&outer), "a.zip");
	assert_int_equal(a->flags, ATTACHMENT_MACROS);
	assert_span(a->member_telling, "order.doc");
	assert_string_equal(a->members.v[0].by_content->name, "docx");
	attachment_fixture_end(&f);
	zip_make_free(&inner);
	zip_make_free(&outer);
}

static void one_xml_file(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		uint32_t flags;
	} flat[] = {
		{ "<?xml version=\"1.0\"?><?mso-application progid=\"Word.Document\"?><pkg:package><pkg:part "
		  "pkg:name=\"/word/vbaProject.bin\"/></pkg:package>",
		  ATTACHMENT_MACROS },
		{ "<?xml version=\"1.0\"?><?mso-application progid=\"Word.Document\"?><w:wordDocument w:macrosPresent=\"yes\"/>",
		  ATTACHMENT_MACROS },
		{ "<?xml version=\"1.0\"?><?mso-application progid=\"Word.Document\"?><w:wordDocument w:macrosPresent=\"no\"/>", 0 },
	};
	for (size_t i = 0; i < COUNT(flat); i++) {
		struct attachment_fixture f;
		struct attachment *a = attachment_fixture_begin(&f, span_cstr(flat[i].text), "a.doc");
		assert_string_equal(a->by_content->name, "office-xml");
		assert_int_equal(a->flags, flat[i].flags);
		attachment_fixture_end(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(all_cases), cmocka_unit_test(hidden_macro_sheet),
					    cmocka_unit_test(inside_archive), cmocka_unit_test(one_xml_file) };
	return cmocka_run_group_tests_name("message/ooxml", tests, NULL, NULL);
}
