/* check/attachment_disguise.c - is an attachment made to look like something that it is not?
 *
 * Compares what a file is with what its names and its declared type say, and looks for the tricks of names: "invoice.pdf.exe", blanks that
 * push the extension out of sight, U+202E that turns "exe.pdf" round. Servers and people mislabel harmless files all day (a .xls that is
 * HTML, a .doc that is RTF), so a disagreement counts only when it hides something that starts or a page that pretends. */
#include "base/ascii.h"
#include "base/utf8.h"
#include "check/check.h"

enum {
	PROGRAM_POSES,
	TYPE_POSES,
	DOUBLE_EXTENSION,
	TURNED_NAME,
	FAR_EXTENSION,
	NAMES_DISAGREE,
	PAGE_POSES,
	ARCHIVE_POSES,
	DIRECTORY_DIFFERS,
	HIDDEN_MEMBER
};
static const struct evidence_def defs[] = {
	[PROGRAM_POSES] = { "attachment.program_poses", GROUP_ATTACHMENT, 4500, EVIDENCE_PROOF, "{1} is called like {2}, but is {3}",
			    "No program gives a program the name of a picture or a document." },
	[TYPE_POSES] = { "attachment.type_poses", GROUP_ATTACHMENT, 3500, EVIDENCE_PROOF, "{1} is announced as {2}, but is {3}",
			 "Announcing a program as sound or picture made old mail programs start it (Klez, Nimda). No mail program does so "
			 "by itself." },
	[DOUBLE_EXTENSION] = { "attachment.double_extension", GROUP_ATTACHMENT, 3000, 0,
			       "The name {1} ends twice, so that it looks like {2}, but opens as {3}",
			       "Windows hides the last extension of a name: this one shows as a document and starts as a program." },
	[TURNED_NAME] = { "attachment.turned_name", GROUP_ATTACHMENT, 2500, 0, "A hidden character turns part of the name round: {1}",
			  "U+202E shows \"exe.pdf\" for what ends in \"fdp.exe\". Right-to-left scripts do without it in file names." },
	[FAR_EXTENSION] = { "attachment.far_extension", GROUP_ATTACHMENT, 3500, 0,
			    "Many blanks push the ending of the name out of sight: {1}",
			    "A window shows the beginning of a long name; the program behind the blanks is not seen." },
	[NAMES_DISAGREE] = { "attachment.names_disagree", GROUP_ATTACHMENT, 3000, 0,
			     "The attachment has two names: {1}, and for other programs {2}, {3}",
			     "Made so that a filter reads one name and the mail program saves under the other. Broken software gives names "
			     "that mean the same." },
	[PAGE_POSES] = { "attachment.page_poses", GROUP_ATTACHMENT, 1800, 0, "{1} is called like {2}, but is a web page",
			 "A login page under the name of a document. Download scripts that fail also save their error page so." },
	[ARCHIVE_POSES] = { "attachment.archive_poses", GROUP_ATTACHMENT, 1500, 0, "{1} is called like {2}, but is {3}",
			    "An archive under another name gets past filters that go by names; people rename files to get them through as "
			    "well." },
	[DIRECTORY_DIFFERS] = { "attachment.archive_names_differ", GROUP_ATTACHMENT, 2200, 0,
				"The archive {1} gives a member two different names: {2}",
				"One name for scanners, another for the reader's program. Faulty writers differ in accents, and those "
				"weigh a third." },
	[HIDDEN_MEMBER] = { "attachment.archive_hidden_member", GROUP_ATTACHMENT, 1200, 0,
			    "The archive {1} contains a file that its directory does not name: {2}",
			    "Some programs show it and some do not. Archives that were updated in place keep old members like this." },
};

enum { MANY_BLANKS = 6 };

static struct evidence *say(const struct check_view *view, struct evidence_set *set, int which, const struct attachment *a, struct span d1,
			    struct span d2, struct span d3)
{
	const struct part *part = &view->message->parts.v[a->part];
	struct evidence *evidence = evidence_add(set, &defs[which], d1, d2, d3);
	if (part->names.n)
		evidence_at(evidence, part->names.v[0].at);
	evidence_at(evidence, message_place(view->message, part->raw_body));
	return evidence;
}

/* What nobody expects to start anything. */
static bool looks_harmless(const struct file_type *type)
{
	return type && (type->class == FILE_TEXT || type->class == FILE_IMAGE || type->class == FILE_AUDIO || type->class == FILE_VIDEO ||
			type->class == FILE_DOCUMENT || type->class == FILE_HTML);
}

static struct span says(const struct file_type *type) { return span_cstr(type->says); }

/* A file that starts, by its content: ZIP files with a Java manifest are too common to say so. */
static bool content_starts(const struct file_type *content) { return file_starts(content) && content != file_type(FILE_TYPE_JAR); }

static void judge_content(const struct check_view *view, struct evidence_set *set, const struct attachment *a)
{
	const struct file_type *shown = file_type_named(a->shown_name), *content = a->by_content;
	if (content_starts(content) && looks_harmless(shown) && content->class != FILE_SCRIPT) {
		say(view, set, PROGRAM_POSES, a, a->shown_name, says(shown), says(content));
		return;
	}
	if (content->class == FILE_HTML && content != file_type(FILE_TYPE_SVG) && shown &&
	    (shown == file_type(FILE_TYPE_PDF) || shown->class == FILE_IMAGE))
		say(view, set, PAGE_POSES, a, a->shown_name, says(shown), span_none);
	if (content->class == FILE_ARCHIVE && looks_harmless(shown) && shown->class != FILE_TEXT && shown != file_type(FILE_TYPE_WMF) &&
	    shown != file_type(FILE_TYPE_EMF) && shown != file_type(FILE_TYPE_SVG) && content != file_type(FILE_TYPE_ZIP))
		say(view, set, ARCHIVE_POSES, a, a->shown_name, says(shown), says(content));
}

/* Content-Type: image/gif; name="x.exe". */
static void judge_declared(const struct check_view *view, struct evidence_set *set, const struct attachment *a)
{
	static const struct span shows[] = { SPAN_INIT("image/"), SPAN_INIT("audio/"), SPAN_INIT("video/") };
	struct span type = view->message->parts.v[a->part].type.value;
	const struct file_type *what = content_starts(a->by_content) ? a->by_content : file_starts(a->by_name) ? a->by_name : NULL;
	/* A picture whose name ends in ".com" is still a picture. */
	if (!what || (what == a->by_name && looks_harmless(a->by_content) && a->by_content->class != FILE_TEXT))
		return;
	for (size_t i = 0; i < sizeof shows / sizeof *shows; i++)
		if (span_starts(type, shows[i]))
			say(view, set, TYPE_POSES, a, a->name.n ? a->name : SPAN("An attachment"), type, says(what));
}

/* The blanks that are not seen as such: U+00A0, U+2000..U+200B, U+202F, U+3000, U+2800. */
static bool is_blank(uint32_t c)
{
	return c == ' ' || c == '\t' || c == 0xa0 || (c >= 0x2000 && c <= 0x200b) || c == 0x202f || c == 0x3000 || c == 0x2800;
}

static void judge_characters(const struct check_view *view, struct evidence_set *set, const struct attachment *a, struct span name)
{
	size_t blanks = 0;
	bool turned = false, far = false;
	for (size_t at = 0; at < name.n;) {
		uint32_t c;
		at += utf8_decode(name, at, &c);
		turned |= c == 0x202e || c == 0x202d;
		blanks = is_blank(c) ? blanks + 1 : 0;
		far |= blanks >= MANY_BLANKS;
	}
	bool starts = file_starts(file_type_named(name));
	if (turned) {
		struct evidence *evidence = say(view, set, TURNED_NAME, a, name, span_none, span_none);
		if (starts)
			evidence->weight += 1500;
	}
	if (far && starts)
		say(view, set, FAR_EXTENSION, a, name, span_none, span_none);
}

static void judge_extensions(const struct check_view *view, struct evidence_set *set, const struct attachment *a, struct span name)
{
	const struct file_type *last = file_type_named(name);
	struct span extension = file_extension(name);
	if (!file_starts(last) || extension.n == 0)
		return;
	struct span rest = span_trim(span_first(name, (size_t)(extension.p - name.p) - 1));
	const struct file_type *before = file_type_named(rest);
	/* "example.com" and "jquery.min.js" are one ending each; what counts is a known ending of things one looks at. */
	if (looks_harmless(before) && file_extension(rest).n >= 3 && !span_ieq(extension, SPAN("com")))
		say(view, set, DOUBLE_EXTENSION, a, name, says(before), says(last));
}

static void judge_names(const struct check_view *view, struct evidence_set *set, const struct attachment *a)
{
	struct span worst = a->name;
	if (worst.p) {
		judge_characters(view, set, a, worst);
		judge_extensions(view, set, a, worst);
	}
	if (file_starts(a->by_name) && !file_starts(file_type_named(a->shown_name)) && !span_eq(a->shown_name, worst))
		say(view, set, NAMES_DISAGREE, a, a->shown_name, worst, says(a->by_name));
}

/* The worst member speaks for all. */
static void judge_members(const struct check_view *view, struct evidence_set *set, const struct attachment *a)
{
	for (uint32_t i = 0; i < a->members.n; i++) {
		const struct attachment_member *m = &a->members.v[i];
		if (m->by_content && content_starts(m->by_content) && m->by_content->class != FILE_SCRIPT && looks_harmless(m->by_name)) {
			say(view, set, PROGRAM_POSES, a, m->name, says(m->by_name), says(m->by_content));
			break;
		}
	}
	for (uint32_t i = 0; i < a->members.n; i++) {
		uint32_t before = set->list.n;
		judge_characters(view, set, a, a->members.v[i].name);
		judge_extensions(view, set, a, a->members.v[i].name);
		if (set->list.n != before)
			break;
	}
	struct span name = a->name.n ? a->name : SPAN("(without a name)");
	if (a->flags & ATTACHMENT_NAMES_DIFFER) {
		struct evidence *evidence = say(view, set, DIRECTORY_DIFFERS, a, name, a->member_telling, span_none);
		if (!file_starts(file_type_named(a->member_telling)))
			evidence->weight = defs[DIRECTORY_DIFFERS].weight / 3;
	}
	if (a->flags & ATTACHMENT_HIDDEN_MEMBERS)
		say(view, set, HIDDEN_MEMBER, a, name, a->member_telling, span_none);
}

static void examine(const struct check_view *view, struct evidence_set *set)
{
	const struct attachments *all = &view->content->attachments;
	for (uint32_t i = 0; i < all->list.n; i++) {
		judge_content(view, set, &all->list.v[i]);
		judge_declared(view, set, &all->list.v[i]);
		judge_names(view, set, &all->list.v[i]);
		judge_members(view, set, &all->list.v[i]);
	}
}

const struct check check_attachment_disguise = {
	.name = "attachment_disguise",
	.purpose = "Is an attachment made to look like something that it is not?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.examine = examine,
};
