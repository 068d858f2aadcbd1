/* check/attachment_program.c - is a program, a script or a shortcut attached, in the open or inside an archive?
 *
 * Rests on message/attachment.h: what a file is by its content and by the most dangerous of its names. What Windows or a phone starts at a
 * double click weighs much; source code weighs nothing, because developers mail each other shell and Python scripts all day (the lists of
 * the dev corpus do), and nothing starts those. Real examples: KB266311.exe in a "Microsoft update" (2008), an .iso with a .lnk in it
 * (2022). */
#include "check/check.h"

enum {
	PROGRAM,
	SCRIPT,
	SHORTCUT,
	WEB_SHORTCUT,
	IN_ARCHIVE,
	SCRIPT_ALONE_IN_ARCHIVE,
	SCRIPT_AMONG_FILES,
	ENCRYPTED_PROGRAM,
	DISK_IMAGE,
	ODD_ARCHIVE,
	HTML_IN_ARCHIVE,
	SOURCE,
	TEST_VIRUS,
	BOMB,
	DEEP
};
static const struct evidence_def defs[] = {
	[PROGRAM] = { "attachment.program", GROUP_ATTACHMENT, 3200, 0, "A program is attached: {1}, {2}",
		      "People do not mail each other programs any more, most servers refuse them; a customer of a software maker may still "
		      "get one." },
	[SCRIPT] = { "attachment.script", GROUP_ATTACHMENT, 3000, 0, "A script that starts when it is opened is attached: {1}, {2}",
		     "Windows runs .js, .vbs and .hta files at a double click. Web developers do send .js files: labelled as text they "
		     "weigh a third." },
	[SHORTCUT] = { "attachment.shortcut", GROUP_ATTACHMENT, 3500, 0, "A shortcut is attached, which can start any program: {1}",
		       "A shortcut works on the computer where it was made; sent by mail it is there to run a command." },
	[WEB_SHORTCUT] = { "attachment.web_shortcut", GROUP_ATTACHMENT, 500, 0, "A shortcut to a web address is attached: {1}",
			   "Some people drag a bookmark into a mail, so this alone means little; it also hides a link from filters." },
	[IN_ARCHIVE] = { "attachment.program_in_archive", GROUP_ATTACHMENT, 2600, 0, "The archive {2} contains a program: {1}, {3}",
			 "Packed to pass the servers that refuse programs; software is passed around like that as well." },
	[SCRIPT_ALONE_IN_ARCHIVE] = { "attachment.script_in_archive", GROUP_ATTACHMENT, 3200, 0,
				      "The archive {2} contains little but {1}, {3}",
				      "An archive of one to three files, one of which is a Windows script or a shortcut, is how droppers "
				      "come." },
	[SCRIPT_AMONG_FILES] = { "attachment.script_among_files", GROUP_ATTACHMENT, 200, 0,
				 "Among the files of the archive {2} is {1}, {3}",
				 "Source archives and saved web sites contain batch files and JavaScript." },
	[ENCRYPTED_PROGRAM] = { "attachment.program_encrypted", GROUP_ATTACHMENT, 3500, 0,
				"The encrypted archive {2} contains a program: {1}, {3}",
				"Encryption keeps the program from every scanner on the way; names stay readable." },
	[DISK_IMAGE] = { "attachment.disk_image", GROUP_ATTACHMENT, 1800, 0, "A disk image is attached: {1}",
			 "Windows opens it like a folder, and files inside lose the mark that they came from outside. Too large for mail "
			 "as a rule." },
	[ODD_ARCHIVE] = { "attachment.odd_archive", GROUP_ATTACHMENT, 1200, 0,
			  "An archive of a kind that hardly anybody uses is attached: {1}, {2}",
			  "ACE, ARJ, LHA and cabinet files are chosen because few scanners look inside. Collectors of old software "
			  "differ." },
	[HTML_IN_ARCHIVE] = { "attachment.html_in_archive", GROUP_ATTACHMENT, 700, 0, "The archive {2} contains little but a web page: {1}",
			      "A login form in an archive is hidden from filters; a saved page is packed with its pictures." },
	[SOURCE] = { "attachment.source_script", GROUP_ATTACHMENT, 0, 0, "A script in source form is attached: {1}, {2}",
		     "Only said: developers send scripts, and no desktop starts them by itself." },
	[TEST_VIRUS] = { "attachment.test_virus", GROUP_ATTACHMENT, 4500, EVIDENCE_PROOF,
			 "The attachment is the EICAR test file, which stands for a virus: {1}",
			 "Every scanner must report it; whoever sends it wants to see that." },
	[BOMB] = { "attachment.archive_bomb", GROUP_LIMIT, 600, EVIDENCE_LIMIT, "The archive {1} unpacks to hundreds of times its size",
		   "Made to exhaust scanners; disk images and logs of zeros that developers send compress as well, so it is no proof." },
	[DEEP] = { "attachment.archive_depth", GROUP_LIMIT, 750, EVIDENCE_LIMIT, "Archives lie inside archives, deeper than is read: {1}",
		   "Nesting hides content from scanners; a few build systems pack twice, hardly ever four times." },
};

enum { FEW_MEMBERS = 3 };

static struct evidence *say(const struct check_view *view, struct evidence_set *set, int which, const struct attachment *a, struct span d1,
			    struct span d2, struct span d3)
{
	const struct part *part = &view->message->parts.v[a->part];
	struct evidence *evidence = evidence_add(set, &defs[which], d1, d2, d3);
	evidence_at(evidence, message_place(view->message, part->raw_body));
	if (part->names.n)
		evidence_at(evidence, part->names.v[0].at);
	return evidence;
}

/* What it is called, or what it is when it has no name. */
static struct span called(const struct attachment *a) { return a->name.n ? a->name : SPAN("(without a name)"); }

/* Text that looks like text, said to be text: how web developers send JavaScript. */
static bool sent_as_text(const struct check_view *view, const struct attachment *a)
{
	const struct part *part = &view->message->parts.v[a->part];
	return a->by_content->class == FILE_TEXT &&
	       (span_starts(part->type.value, SPAN("text/")) || part_is(part, "application/javascript"));
}

/* "report.example.com" ends like a DOS program; it is one only when it does not look like text. */
static bool com_by_chance(const struct file_type *by_name, const struct file_type *by_content, struct span name)
{
	return by_name == file_type(FILE_TYPE_PE) && span_ieq(file_extension(name), SPAN("com")) && by_content &&
	       by_content->class != FILE_UNKNOWN && !file_starts(by_content);
}

/* A jar by content alone may be any ZIP that a Java tool wrote. */
static const struct file_type *started_type(const struct file_type *by_name, const struct file_type *by_content, struct span name)
{
	if (by_content && file_starts(by_content) && by_content != file_type(FILE_TYPE_JAR))
		return by_content;
	return file_starts(by_name) && !com_by_chance(by_name, by_content, name) ? by_name : NULL;
}

static void judge_file(const struct check_view *view, struct evidence_set *set, const struct attachment *a)
{
	const struct file_type *type = started_type(a->by_name, a->by_content, a->name);
	struct span says = type ? span_cstr(type->says) : span_none;
	if (a->by_content == file_type(FILE_TYPE_EICAR)) {
		say(view, set, TEST_VIRUS, a, called(a), span_none, span_none);
	} else if (!type) {
		if (a->by_name == file_type(FILE_TYPE_URL_SHORTCUT) || a->by_content == file_type(FILE_TYPE_URL_SHORTCUT))
			say(view, set, WEB_SHORTCUT, a, called(a), span_none, span_none);
		else if (file_runs(a->by_name) && !file_starts(a->by_name))
			say(view, set, SOURCE, a, called(a), span_cstr(a->by_name->says), span_none);
	} else if (type->class == FILE_EXECUTABLE) {
		say(view, set, PROGRAM, a, called(a), says, span_none);
	} else if (type->class == FILE_SHORTCUT) {
		say(view, set, SHORTCUT, a, called(a), span_none, span_none);
	} else {
		struct evidence *evidence = say(view, set, SCRIPT, a, called(a), says, span_none);
		if (sent_as_text(view, a))
			evidence->weight = defs[SCRIPT].weight / 3;
	}
}

static void judge_archive(const struct check_view *view, struct evidence_set *set, const struct attachment *a)
{
	static const enum file_type_id odd[] = { FILE_TYPE_ACE, FILE_TYPE_ARJ, FILE_TYPE_LHA, FILE_TYPE_CAB };
	if (a->by_content == file_type(FILE_TYPE_ISO) || a->by_content == file_type(FILE_TYPE_DISK_IMAGE) ||
	    a->by_name == file_type(FILE_TYPE_ISO) || a->by_name == file_type(FILE_TYPE_DISK_IMAGE))
		say(view, set, DISK_IMAGE, a, called(a), span_none, span_none);
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
		if (a->by_content == file_type(odd[i]) || (a->by_name == file_type(odd[i]) && a->by_content->class == FILE_UNKNOWN))
			say(view, set, ODD_ARCHIVE, a, called(a), span_cstr(file_type(odd[i])->says), span_none);
	if (a->flags & ATTACHMENT_BOMB)
		say(view, set, BOMB, a, called(a), span_none, span_none);
	if (a->flags & ATTACHMENT_DEEP)
		say(view, set, DEEP, a, called(a), span_none, span_none);
}

static int member_evidence(const struct attachment *a, const struct attachment_member *member, const struct file_type *type)
{
	if (member->by_content == file_type(FILE_TYPE_EICAR))
		return TEST_VIRUS;
	if (!type)
		return member->by_name && member->by_name->class == FILE_HTML && a->members.n <= FEW_MEMBERS ? HTML_IN_ARCHIVE : -1;
	if (member->encrypted)
		return ENCRYPTED_PROGRAM;
	if (type->class == FILE_EXECUTABLE)
		return IN_ARCHIVE;
	return a->members.n <= FEW_MEMBERS ? SCRIPT_ALONE_IN_ARCHIVE : SCRIPT_AMONG_FILES;
}

/* The worst member speaks for the archive: a hundred programs are no worse than one. */
static void judge_members(const struct check_view *view, struct evidence_set *set, const struct attachment *a)
{
	const struct attachment_member *worst = NULL;
	const struct file_type *worst_type = NULL;
	int worst_kind = -1;
	if (a->by_content->class != FILE_ARCHIVE && a->by_content->class != FILE_MAIL)
		return;
	for (uint32_t i = 0; i < a->members.n; i++) {
		const struct attachment_member *member = &a->members.v[i];
		const struct file_type *type = started_type(member->by_name, member->by_content, member->name);
		int kind = member_evidence(a, member, type);
		if (kind >= 0 && (worst_kind < 0 || defs[kind].weight > defs[worst_kind].weight)) {
			worst = member;
			worst_type = type;
			worst_kind = kind;
		}
	}
	if (worst)
		say(view, set, worst_kind, a, worst->name, called(a), worst_type ? span_cstr(worst_type->says) : span_none);
}

static void examine(const struct check_view *view, struct evidence_set *set)
{
	const struct attachments *all = &view->content->attachments;
	for (uint32_t i = 0; i < all->list.n; i++) {
		judge_file(view, set, &all->list.v[i]);
		judge_archive(view, set, &all->list.v[i]);
		judge_members(view, set, &all->list.v[i]);
	}
}

const struct check check_attachment_program = {
	.name = "attachment_program",
	.purpose = "Is a program, a script or a shortcut attached, in the open or inside an archive?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.examine = examine,
};
