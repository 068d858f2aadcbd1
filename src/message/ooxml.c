/* message/ooxml.c - see ooxml.h */
#include "message/ooxml.h"

#include "base/limits.h"
#include "message/archive.h"
#include "message/html.h"
#include "message/zip.h"

enum { RELATIONSHIPS_BYTES = 1024 * 1024 }; /* of one .rels file; honest ones have a few kB */

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
	static const struct span heads[] = { SPAN_INIT("http:"), SPAN_INIT("https:"), SPAN_INIT("ftp:"), SPAN_INIT("mhtml:"), SPAN_INIT("ms-"),
					     SPAN_INIT("\\\\"), SPAN_INIT("file://///"), SPAN_INIT("file:////") };
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
	uint32_t flag = span_iends(type, SPAN("/attachedTemplate")) ? ATTACHMENT_EXTERNAL_TEMPLATE :
			span_iends(type, SPAN("/oleObject")) || span_iends(type, SPAN("/frame")) ? ATTACHMENT_EXTERNAL_OBJECT : 0;
	if (flag && is_remote(target)) {
		attachment_flag(work, flag, name);
		if (!work->attachment->external.p)
			work->attachment->external = target;
	} else if (span_iends(type, SPAN("/hyperlink")) && is_remote(target)) {
		attachment_link(work, target, 0, work->bytes.n);
	}
}

static void judge_relationships(struct attachment_work *work, struct span text, struct span name)
{
	size_t at = 0;
	while ((at = span_find(text, SPAN("<Relationship "), at)) != SPAN_NPOS) {
		size_t end = span_find_byte(text, '>', at);
		if (end == SPAN_NPOS)
			return;
		judge_relationship(work, span_slice(text, at, end), name);
		at = end;
	}
}

/* False when a limit ends the file. */
static bool read_relationships(struct attachment_work *work, const struct zip *zip, const struct zip_entry *entry, uint64_t *unpacked, struct span name)
{
	struct zip_entry local;
	enum inflate_end end;
	if (!zip_local(zip, entry, &local))
		return true;
	struct span text = local.data;
	if (entry->method == ZIP_DEFLATED)
		text = inflate_all(&work->inflater, INFLATE_RAW, local.data, RELATIONSHIPS_BYTES, &end);
	else if (entry->method != ZIP_STORED)
		return true;
	judge_relationships(work, span_first(text, RELATIONSHIPS_BYTES), name);
	return archive_count(work, text.n, unpacked, zip->bytes.n);
}

/* Excel marks sheets as hidden in workbook.xml; together with a macro sheet that is how Excel 4 macros are kept from sight. */
static bool read_workbook(struct attachment_work *work, const struct zip *zip, const struct zip_entry *entry, uint64_t *unpacked, bool *ret_hidden)
{
	struct zip_entry local;
	enum inflate_end end;
	if (!zip_local(zip, entry, &local) || entry->method != ZIP_DEFLATED)
		return true;
	struct span text = inflate_all(&work->inflater, INFLATE_RAW, local.data, RELATIONSHIPS_BYTES, &end);
	*ret_hidden = span_has(text, SPAN("state=\"hidden\"")) || span_has(text, SPAN("state=\"veryHidden\""));
	return archive_count(work, text.n, unpacked, zip->bytes.n);
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
			if (span_istarts(entry.name, signs[i].folder) && span_iends(entry.name, signs[i].end))
				attachment_flag(work, signs[i].flag, name);
		macro_sheets |= span_istarts(entry.name, SPAN("xl/macrosheets/"));
		if (span_iends(entry.name, SPAN(".rels")))
			within = read_relationships(work, &zip, &entry, &unpacked, name);
		else if (span_ieq(entry.name, SPAN("xl/workbook.xml")))
			within = read_workbook(work, &zip, &entry, &unpacked, &sheets_hidden);
	}
	if (macro_sheets && sheets_hidden)
		attachment_flag(work, ATTACHMENT_XLM_HIDDEN, name);
}
