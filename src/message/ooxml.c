/* message/ooxml.c - see ooxml.h */
#include "message/ooxml.h"

#include "base/limits.h"
#include "message/archive.h"
#include "message/html.h"
#include "message/ole_macro.h"
#include "message/zip.h"

enum { CONTENT_BYTES = 1024 * 1024 }; /* of one member that is looked at; honest ones have a few kB */

/* Beginning and end of a member's name, and what its presence says. */
static const struct {
	struct span folder, end;
	uint32_t flag;
} signs[] = {
	{ SPAN_INIT(""), SPAN_INIT("vbaProject.bin"), ATTACHMENT_MACROS },
	{ SPAN_INIT("xl/macrosheets/"), SPAN_INIT(".xml"), ATTACHMENT_MACROS },
	{ SPAN_INIT(""), SPAN_INIT("/oleObject1.bin"), ATTACHMENT_EMBEDDED_OBJECT },
};

/* Attribute of one Relationship element; elements are cut out before. */
static struct span attribute(struct span element, struct span name_and_quote)
{
	size_t at = span_find(element, name_and_quote, 0);
	if (at == SPAN_NPOS)
		return span_none;
	struct span value = span_skip(element, at + name_and_quote.n);
	size_t end = span_find_byte(value, '"', 0);
	return end == SPAN_NPOS ? span_none : span_first(value, end);
}

/* A template on the author's own disk is how every company template looks; only what comes over the net counts. */
static bool is_remote(struct span target)
{
	static const struct span heads[] = { SPAN_INIT("http:"), SPAN_INIT("https:"), SPAN_INIT("ftp:"),       SPAN_INIT("mhtml:"),
					     SPAN_INIT("ms-"),   SPAN_INIT("\\\\"),   SPAN_INIT("file://///"), SPAN_INIT("file:////") };
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
		if (span_istarts(target, heads[i]))
			return true;
	return false;
}

static void judge_relationship(struct attachment_work *work, struct span element, struct span name)
{
	if (!span_has(element, SPAN("TargetMode=\"External\"")))
		return;
	struct span type = attribute(element, SPAN("Type=\""));
	struct span target = html_decode_references(attribute(element, SPAN("Target=\"")), true, work->arena);
	uint32_t flag = span_iends(type, SPAN("/attachedTemplate"))                                ? ATTACHMENT_EXTERNAL_TEMPLATE
			: span_iends(type, SPAN("/oleObject")) || span_iends(type, SPAN("/frame")) ? ATTACHMENT_EXTERNAL_OBJECT
												   : 0;
	if (flag && is_remote(target)) {
		attachment_flag(work, flag, name);
		if (!work->attachment->external.p)
			work->attachment->external = target;
	} else if (span_iends(type, SPAN("/hyperlink")) && is_remote(target)) {
		attachment_link(work, target, 0, work->bytes.n);
	}
}

static bool judge_relationships(struct attachment_work *work, struct span text, struct span name)
{
	size_t at = 0;
	while ((at = span_find(text, SPAN("<Relationship "), at)) != SPAN_NPOS) {
		size_t end = span_find_byte(text, '>', at);
		if (end == SPAN_NPOS)
			break;
		judge_relationship(work, span_slice(text, at, end), name);
		at = end;
	}
	return false;
}

static bool judge_embedded(struct attachment_work *work, struct span content, struct span name)
{
	if (file_type_of(content)->class == FILE_DOCUMENT && span_starts(content, SPAN("\xd0\xcf\x11\xe0")))
		ole_macro_examine(work, content, name);
	return false;
}

/* Excel marks sheets as hidden in workbook.xml; together with a macro sheet that is how Excel 4 macros are kept from sight. */
static bool judge_workbook(struct attachment_work *work, struct span text, struct span name)
{
	(void)work;
	(void)name;
	return span_has(text, SPAN("state=\"hidden\"")) || span_has(text, SPAN("state=\"veryHidden\""));
}

/* Members whose content is looked at; judge says whether it hides sheets. */
static const struct content_reader {
	struct span folder, end;
	bool (*judge)(struct attachment_work *work, struct span content, struct span name);
} readers[] = {
	{ SPAN_INIT(""), SPAN_INIT(".rels"), judge_relationships },
	{ SPAN_INIT("xl/"), SPAN_INIT("workbook.xml"), judge_workbook },
	{ SPAN_INIT("xl/embeddings/"), SPAN_INIT(".bin"), judge_embedded },
	{ SPAN_INIT("word/embeddings/"), SPAN_INIT(".bin"), judge_embedded },
	{ SPAN_INIT("ppt/embeddings/"), SPAN_INIT(".bin"), judge_embedded },
};

static bool fits(struct span name, struct span folder, struct span end) { return span_istarts(name, folder) && span_iends(name, end); }

/* False when a limit ends the file. */
static bool read_content(struct attachment_work *work, const struct zip *zip, const struct zip_entry *entry,
			 const struct content_reader *reader, uint64_t *unpacked, bool *hides, struct span name)
{
	struct zip_entry local;
	enum inflate_end end;
	if (!zip_local(zip, entry, &local))
		return true;
	struct span content = span_first(local.data, CONTENT_BYTES);
	if (entry->method == ZIP_DEFLATED)
		content = inflate_all(&work->inflater, INFLATE_RAW, local.data, CONTENT_BYTES, &end);
	else if (entry->method != ZIP_STORED)
		return true;
	*hides |= reader->judge(work, content, name);
	return archive_count(work, content.n, unpacked, zip->bytes.n);
}

void ooxml_examine_flat(struct attachment_work *work, struct span bytes, struct span name)
{
	/* Word 2003 XML says that it has macros and keeps them in editdata.mso; flat OPC names its parts. */
	static const struct span signs_of_macros[] = { SPAN_INIT("macrosPresent=\"yes\""), SPAN_INIT("editdata.mso"),
						       SPAN_INIT("vbaProject.bin") };
	for (size_t i = 0; i < sizeof signs_of_macros / sizeof *signs_of_macros; i++)
		if (span_has(bytes, signs_of_macros[i]))
			attachment_flag(work, ATTACHMENT_MACROS, name);
}

void ooxml_examine(struct attachment_work *work, struct span bytes, struct span name)
{
	struct zip zip;
	struct zip_entry entry;
	uint64_t unpacked = 0;
	bool within = true, sheets_hidden = false, macro_sheets = false;
	if (!zip_open(bytes, &zip)) {
		attachment_flag(work, ATTACHMENT_DAMAGED, name);
		return;
	}
	for (uint32_t n = 0; within && zip_next(&zip, &entry); n++) {
		if (n >= LIMIT_ARCHIVE_ENTRIES) {
			attachment_flag(work, ATTACHMENT_LIMIT, name);
			break;
		}
		for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
			if (fits(entry.name, signs[i].folder, signs[i].end))
				attachment_flag(work, signs[i].flag, name);
		macro_sheets |= span_istarts(entry.name, SPAN("xl/macrosheets/"));
		for (size_t i = 0; within && i < sizeof readers / sizeof *readers; i++)
			if (fits(entry.name, readers[i].folder, readers[i].end))
				within = read_content(work, &zip, &entry, &readers[i], &unpacked, &sheets_hidden, name);
	}
	if (macro_sheets && sheets_hidden)
		attachment_flag(work, ATTACHMENT_XLM_HIDDEN, name);
}
