/* message/attachment.c - which parts are attachments, what their names say and what they hold; see attachment.h
 *
 * This file finds the attachments and sends each to the reader of its kind; archive.c, ooxml.c, ole_macro.c, pdf.c, rtf.c, tnef.c and
 * attachment_html.c read. A plain message without attachments costs one test a part. */
#include "message/attachment.h"

#include "message/archive.h"
#include "message/attachment_html.h"
#include "message/attachment_work.h"
#include "message/charset.h"
#include "message/ole_macro.h"
#include "message/ooxml.h"
#include "message/pdf.h"
#include "message/rtf.h"
#include "message/tnef.h"

void attachments_warm_up(void) { archive_warm_up(); }

void attachment_flag(struct attachment_work *work, uint32_t flag, struct span member)
{
	if (!(work->attachment->flags & flag) && !work->attachment->member_telling.n)
		work->attachment->member_telling = member;
	work->attachment->flags |= flag;
}

void attachment_limit(struct attachment_work *work, uint32_t flag, struct span member)
{
	if (!(work->attachment->flags & ATTACHMENT_LIMIT))
		anomaly_add(&work->message->anomalies, work->arena, ANOMALY_ARCHIVE_LIMIT, attachment_place(work, 0, work->bytes.n));
	attachment_flag(work, flag, member);
}

struct place attachment_place(const struct attachment_work *work, size_t from, size_t to)
{
	return (struct place){ .from = (uint32_t)from, .to = (uint32_t)to, .part = work->attachment->part, .in = PLACE_DECODED };
}

static void examine_archive(struct attachment_work *work, struct span bytes, const struct file_type *type, struct span name, uint32_t depth)
{
	if (depth >= LIMIT_ARCHIVE_DEPTH) {
		attachment_limit(work, ATTACHMENT_DEEP | ATTACHMENT_LIMIT, name);
		return;
	}
	if (type == file_type(FILE_TYPE_ZIP) || type == file_type(FILE_TYPE_JAR))
		archive_list_zip(work, bytes, depth);
	else
		archive_list(work, bytes, type, name, depth);
}

void attachment_link(struct attachment_work *work, struct span url, size_t from, size_t to)
{
	uint32_t first = work->links->list.n;
	links_from_text(url, work->attachment->part, PLACE_DECODED, work->arena, &work->message->anomalies, work->links);
	for (uint32_t i = first; i < work->links->list.n; i++) {
		work->links->list.v[i].flags |= LINK_IN_ATTACHMENT;
		work->links->list.v[i].at = attachment_place(work, from, to);
	}
}

/* Which reader knows which kind; archives go by their class. */
static const struct {
	enum file_type_id id;
	void (*examine)(struct attachment_work *work, struct span bytes, struct span name);
} document_readers[] = {
	{ FILE_TYPE_DOCX, ooxml_examine },
	{ FILE_TYPE_XLSX, ooxml_examine },
	{ FILE_TYPE_PPTX, ooxml_examine },
	{ FILE_TYPE_OFFICE_XML, ooxml_examine_flat },
	{ FILE_TYPE_VISIO, ooxml_examine },
	{ FILE_TYPE_OLE, ole_macro_examine },
	{ FILE_TYPE_DOC, ole_macro_examine },
	{ FILE_TYPE_XLS, ole_macro_examine },
	{ FILE_TYPE_PPT, ole_macro_examine },
	{ FILE_TYPE_PUB, ole_macro_examine },
	{ FILE_TYPE_OFFICE_ENCRYPTED, ole_macro_examine },
	{ FILE_TYPE_PDF, pdf_examine },
	{ FILE_TYPE_RTF, rtf_examine },
};

void attachment_examine(struct attachment_work *work, struct span bytes, const struct file_type *type, struct span name, uint32_t depth)
{
	if (type->class == FILE_ARCHIVE || type == file_type(FILE_TYPE_JAR)) {
		examine_archive(work, bytes, type, name, depth);
		return;
	}
	if (type == file_type(FILE_TYPE_TNEF) && depth == 0) {
		tnef_examine(work, bytes, depth);
		return;
	}
	for (size_t i = 0; i < sizeof document_readers / sizeof *document_readers; i++)
		if (type == file_type(document_readers[i].id)) {
			/* An attachment that is itself the document needs no member named. */
			document_readers[i].examine(work, bytes, depth ? name : span_none);
			return;
		}
}

/* Control characters and trailing blanks do not change what Windows starts, a NUL ends the name for some programs. */
static const struct file_type *worst_type(struct span name)
{
	const struct file_type *whole = file_type_named(name), *cut = file_type_named(span_first(name, span_find_byte(name, 0, 0)));
	return file_type_danger(cut) > file_type_danger(whole) ? cut : whole;
}

/* All readings of the name count, because each is the one that some mail program saves the file under. */
static void judge_names(const struct part *part, struct attachment *attachment)
{
	attachment->shown_name = attachment->name = part_name_shown(part);
	for (uint32_t i = 0; i < part->names.n; i++) {
		const struct file_type *type = worst_type(part->names.v[i].text);
		if (!type || (attachment->by_name && file_type_danger(type) <= file_type_danger(attachment->by_name)))
			continue;
		attachment->by_name = type;
		attachment->name = part->names.v[i].text;
	}
}

static bool is_attachment(const struct part *part)
{
	if (part->kind == PART_MULTIPART || part->kind == PART_MESSAGE)
		return false;
	return part->kind == PART_OTHER || part->flags & PART_ATTACHMENT || part->names.n;
}

/* HTML by its declared type, its name or its content: whichever makes a browser open it. */
static bool is_html(const struct part *part, const struct attachment *attachment)
{
	return part->kind == PART_HTML || attachment->by_content->class == FILE_HTML ||
	       (attachment->by_name && attachment->by_name->class == FILE_HTML && attachment->by_content->class == FILE_TEXT);
}

static void examine_html(struct attachment_work *work, const struct part *part)
{
	enum charset_fact fact;
	struct span used, source = part->text;
	if (!source.p) {
		source = charset_to_utf8(span_first(part->bytes, LIMIT_TEXT_BYTES), part->charset, work->arena, &fact, &used);
		if (part->bytes.n > LIMIT_TEXT_BYTES)
			anomaly_add(&work->message->anomalies, work->arena, ANOMALY_TEXT_LIMIT, attachment_place(work, 0, part->bytes.n));
	}
	bool is_body = (part->kind == PART_HTML || part->kind == PART_TEXT) && !(part->flags & PART_ATTACHMENT);
	attachment_html_examine(work, source, !is_body);
}

void attachments_inspect(struct message *message, struct links *links, struct attachments *all)
{
	memset(all, 0, sizeof *all);
	struct attachment_work work = {
		.message = message, .links = links, .all = all, .arena = message->arena, .inflater = { .arena = message->arena }
	};
	for (uint32_t i = 0; i < message->parts.n; i++) {
		const struct part *part = &message->parts.v[i];
		if (!is_attachment(part))
			continue;
		struct attachment *attachment = vec_push(message->arena, &all->list);
		attachment->part = part->index;
		attachment->by_content = file_type_of(part->bytes);
		judge_names(part, attachment);
		work.attachment = attachment;
		work.bytes = part->bytes;
		if (is_html(part, attachment))
			examine_html(&work, part);
		else
			attachment_examine(&work, part->bytes, attachment->by_content, attachment->name, 0);
	}
}
