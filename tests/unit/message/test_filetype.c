/* message/filetype: what a file is, by its first bytes and by its name. */
#include "tests/test.h"

#include "message/filetype.h"

#define BYTES(literal) SPAN_INIT(literal)

static const struct {
	struct span bytes;
	const char *name;
} contents[] = {
	{ BYTES(""), "unknown" },
	{ BYTES("hello, world\n"), "text" },
	{ BYTES("MZ is how this sentence begins, and it is no program at all, however long it is made to be."), "text" },
	{ BYTES("MZ\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x40"
		"\0\0\0PE\0\0"),
	  "pe" },
	{ BYTES("MZ\0\1\2\3"), "dos" },
	{ BYTES("\x7f"
		"ELF\2\1\1"),
	  "elf" },
	{ BYTES("\xca\xfe\xba\xbe\0\0\0\x34"), "class" },
	{ BYTES("\xca\xfe\xba\xbe\0\0\0\2"), "macho" },
	{ BYTES("\xcf\xfa\xed\xfe\7\0\0\1"), "macho" },
	{ BYTES("L\0\0\0\1\x14\2\0\0\0\0\0"), "lnk" },
	{ BYTES("%PDF-1.7\n"), "pdf" },
	{ BYTES("\nsome junk that readers skip\n%PDF-1.4\n"), "pdf" },
	{ BYTES("{\\rtf1\\ansi"), "rtf" },
	{ BYTES("{\\rt"), "rtf" },
	{ BYTES("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "png" },
	{ BYTES("\xff\xd8\xff\xe0\0\x10JFIF"), "jpeg" },
	{ BYTES("GIF89a\1\0\1\0"), "gif" },
	{ BYTES("RIFF\x10\0\0\0WEBPVP8 "), "webp" },
	{ BYTES("RIFF\x10\0\0\0WAVEfmt "), "wav" },
	{ BYTES("BM\x46\0\0\0\0\0\0\0\x36\0\0\0"), "bmp" },
	{ BYTES("BMW and other cars"), "text" },
	{ BYTES("\0\0\1\0\1\0\x10\x10"), "ico" },
	{ BYTES("\0\0\0\x18"
		"ftypheic"),
	  "heif" },
	{ BYTES("\0\0\0\x18"
		"ftypisom"),
	  "mp4" },
	{ BYTES("Rar!\x1a\7\0"), "rar" },
	{ BYTES("7z\xbc\xaf\x27\x1c\0\4"), "7z" },
	{ BYTES("\x1f\x8b\x08\0"), "gzip" },
	{ BYTES("MSCF\0\0\0\0"), "cab" },
	{ BYTES("!!-lh5-"), "lha" },
	{ BYTES("PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), "zip" },
	{ BYTES("#!/bin/sh\n"), "shell" },
	{ BYTES("#!/usr/bin/env python3\n"), "python" },
	{ BYTES("#!/usr/bin/ruby\n"), "script" },
	{ BYTES("#@~^RQAAAA=="), "script-encoded" },
	{ BYTES("  \n<!DOCTYPE html>\n<html>"), "html" },
	{ BYTES("<!-- saved -->\n<html>"), "html" },
	{ BYTES("\xef\xbb\xbf<html>"), "html" },
	{ BYTES("<html><head><HTA:APPLICATION ID=a>"), "hta" },
	{ BYTES("<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\">"), "svg" },
	{ BYTES("<?xml version=\"1.0\"?>\n<job><script language=\"JScript\">"), "wsf" },
	{ BYTES("[InternetShortcut]\r\nURL=http://example.org/"), "url" },
	{ BYTES("BEGIN:VCALENDAR\r\n"), "calendar" },
	{ BYTES("-----BEGIN PGP SIGNATURE-----\n"), "openpgp" },
	{ BYTES("\x78\x9f\x3e\x22\1\0"), "tnef" },
	{ BYTES("0\x82\1\0\6\x09\x2a\x86\x48\x86\xf7\x0d\1\7\2"), "pkcs7" },
	{ BYTES("\1\2\3\4\5"), "unknown" },
};

static void by_content(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(contents); i++) {
		if (strcmp(file_type_of(contents[i].bytes)->name, contents[i].name) != 0)
			print_error("case %zu: \"%.*s\"\n", i, SPAN_ARG(contents[i].bytes));
		assert_string_equal(file_type_of(contents[i].bytes)->name, contents[i].name);
	}
}

/* Every prefix of every case must be harmless: the sanitizer watches. */
static void cut_content(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(contents); i++)
		for (size_t n = 0; n <= contents[i].bytes.n; n++)
			assert_non_null(file_type_of(span_first(contents[i].bytes, n)));
}

static const struct {
	struct span file;
	const char *name;
} names[] = {
	{ BYTES("KB266311.exe"), "pe" },
	{ BYTES("KB266311.EXE"), "pe" },
	{ BYTES("a.exe. . ."), "pe" },
	{ BYTES("holiday.jpg.scr"), "pe" },
	{ BYTES("archive.tar.gz"), "gzip" },
	{ BYTES("C:\\a.b\\readme"), NULL },
	{ BYTES("dir.exe/readme"), NULL },
	{ BYTES("readme"), NULL },
	{ BYTES(""), NULL },
	{ BYTES(".exe"), "pe" },
	{ BYTES("a.unheardof"), NULL },
	{ BYTES("x.settingcontent-ms"), "shortcut" },
	{ BYTES("x.7z"), "7z" },
	{ BYTES("x.zst"), "zstd" },
	{ BYTES("x.a"), "ar" },
	{ BYTES("report.xlsm"), "docm" },
	{ BYTES("..."), NULL },
};

static void by_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		const struct file_type *type = file_type_named(names[i].file);
		if (!names[i].name)
			assert_null(type);
		else
			assert_string_equal(type ? type->name : "NULL", names[i].name);
	}
}

/* The tables are searched by halves: what they list must be found. */
static void tables_are_sorted(void **state)
{
	(void)state;
	static const char *const extensions[] = {
#define EXTENSION(extension, symbol) extension,
#include "message/extensions.def"
#undef EXTENSION
	};
	for (size_t i = 0; i < COUNT(extensions); i++) {
		char name[40];
		snprintf(name, sizeof name, "x.%s", extensions[i]);
		assert_non_null(file_type_named(span_cstr(name)));
		assert_true(i == 0 || strcmp(extensions[i - 1], extensions[i]) < 0);
	}
}

static void danger(void **state)
{
	(void)state;
	const enum file_type_id rising[] = { FILE_TYPE_UNKNOWN, FILE_TYPE_TEXT, FILE_TYPE_SHELL, FILE_TYPE_HTML, FILE_TYPE_PE };
	for (size_t i = 1; i < COUNT(rising); i++)
		assert_true(file_type_danger(file_type(rising[i - 1])) < file_type_danger(file_type(rising[i])));
	assert_int_equal(file_type_danger(NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(by_content), cmocka_unit_test(cut_content), cmocka_unit_test(by_name),
					    cmocka_unit_test(tables_are_sorted), cmocka_unit_test(danger) };
	return cmocka_run_group_tests_name("message/filetype", tests, NULL, NULL);
}
