/* message/pdf: names in dictionaries and in object streams, links, and bounded work. */
#include "tests/attachment_fixture.h"

#include <stdlib.h>
#include <zlib.h>

static const struct {
	const char *what, *body;
	uint32_t flags, links;
} cases[] = {
	{ "nothing", "1 0 obj\n<< /Type /Catalog >>\nendobj", 0, 0 },
	{ "a script", "<< /S /JavaScript /JS (x) >>", ATTACHMENT_PDF_SCRIPT, 0 },
	{ "escapes in a name", "<< /S /#4c#61unch >>", ATTACHMENT_PDF_LAUNCH, 0 },
	{ "a longer name is another name", "<< /JavaScripts /LaunchPad >>", 0, 0 },
	{ "embedded file and encryption", "<< /Type /EmbeddedFile >> /Encrypt 5 0 R", ATTACHMENT_EMBEDDED_OBJECT | ATTACHMENT_ENCRYPTED,
	  0 },
	{ "a link", "<< /S /URI /URI (http://example.org/a\\)b) >>", 0, 1 },
	{ "a link in hexadecimal", "<< /URI <68 74 74 70 3a 2f 2f 65 78 61 6d 70 6c 65 2e 6f 72 67 2f> >>", 0, 1 },
	{ "names in stream data", "<< /Length 9 >>\nstream\n/Launch /JS\nendstream", 0, 0 },
	{ "a stream that does not end", "<< >>\nstream\n/Launch", 0, 0 },
};

static void names(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct attachment_fixture f;
		char text[1000];
		int n = snprintf(text, sizeof text, "%%PDF-1.5\n%s\n", cases[i].body);
		struct attachment *a = attachment_fixture_begin(&f, span_of(text, (size_t)n), "a.pdf");
		if (a->flags != cases[i].flags || f.links.list.n != cases[i].links)
			print_error("%s: flags %x, links %u\n", cases[i].what, a->flags, f.links.list.n);
		assert_int_equal(a->flags, cases[i].flags);
		assert_int_equal(f.links.list.n, cases[i].links);
		attachment_fixture_end(&f);
	}
}

/* Writes an object stream that holds the content. */
static size_t object_stream(uint8_t *to, size_t room, struct span content)
{
	int n = snprintf((char *)to, room, "%%PDF-1.5\n1 0 obj\n<< /Type /ObjStm /Filter /FlateDecode >>\nstream\n");
	uLongf packed = (uLongf)(room - (size_t)n - 10);
	assert_int_equal(compress2(to + n, &packed, content.p, content.n, 9), Z_OK);
	memcpy(to + n + packed, "\nendstream", 10);
	return (size_t)n + packed + 10;
}

static void packed_objects(void **state)
{
	(void)state;
	struct attachment_fixture f;
	uint8_t bytes[2000];
	size_t n = object_stream(bytes, sizeof bytes, SPAN("1 0 << /S /JavaScript >> << /URI (https://example.org/login) >>"));
	struct attachment *a = attachment_fixture_begin(&f, span_of(bytes, n), "a.pdf");
	assert_int_equal(a->flags, ATTACHMENT_PDF_SCRIPT);
	assert_int_equal(f.links.list.n, 1);
	assert_true(f.links.list.v[0].flags & LINK_IN_ATTACHMENT);
	attachment_fixture_end(&f);
}

static void bomb(void **state)
{
	(void)state;
	struct attachment_fixture f;
	size_t size = 100u * 1024 * 1024;
	uint8_t *zeros = calloc(1, size), *bytes = malloc(1024 * 1024);
	size_t n = object_stream(bytes, 1024 * 1024, span_of(zeros, size));
	free(zeros);
	struct attachment *a = attachment_fixture_begin(&f, span_of(bytes, n), "a.pdf");
	assert_true(a->flags & ATTACHMENT_LIMIT);
	assert_true(f.all.unpacked <= LIMIT_ARCHIVE_BYTES(f.message.raw.n));
	attachment_fixture_end(&f);
	free(bytes);
}

/* More streams than are read: said, and the end is not looked at. */
static void many_streams(void **state)
{
	(void)state;
	struct attachment_fixture f;
	static const char one[] = "<<>>stream\nx\nendstream\n";
	size_t n = sizeof one - 1, count = LIMIT_PDF_OBJECTS + 10;
	uint8_t *bytes = malloc(9 + n * count);
	memcpy(bytes, "%PDF-1.5\n", 9);
	for (size_t i = 0; i < count; i++)
		memcpy(bytes + 9 + i * n, one, n);
	assert_int_equal(attachment_fixture_begin(&f, span_of(bytes, 9 + n * count), "a.pdf")->flags, ATTACHMENT_LIMIT);
	attachment_fixture_end(&f);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(names), cmocka_unit_test(packed_objects), cmocka_unit_test(bomb),
					    cmocka_unit_test(many_streams) };
	return cmocka_run_group_tests_name("message/pdf", tests, NULL, NULL);
}
