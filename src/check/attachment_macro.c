/* check/attachment_macro.c - does a document or a web page that is attached do things by itself when it is opened?
 *
 * Macros, remote templates, scripts of PDF and HTML, encrypted archives whose password stands in the mail. Presence only: what a macro does
 * is not read. Honest documents do have macros and forms, so only what documents never need weighs much.
 * Real examples: Emotet's encrypted ZIP with the password in the text (2020), Follina's remote object (2022), SVG login pages (2024). */
#include "base/ascii.h"
#include "check/check.h"

enum {
	MACROS,
	XLM_HIDDEN,
	TEMPLATE,
	REMOTE_OBJECT,
	RTF_UPDATE,
	EMBEDDED,
	EQUATION,
	PDF_SCRIPT,
	PDF_LAUNCH,
	PASSWORD_TOLD,
	ENCRYPTED,
	SMUGGLING,
	PASSWORD_FORM,
	UNPACKS,
	SCRIPT_PICTURE,
	PAGE,
	PAGE_SCRIPT,
	ONENOTE
};
static const struct evidence_def defs[] = {
	[MACROS] = { "attachment.macros", GROUP_ATTACHMENT, 1700, 0, "The Office document {1} contains macros",
		     "Offices exchange documents with macros, strangers hardly ever do; packed in an archive they weigh more, because that "
		     "only helps "
		     "to get past a filter." },
	[XLM_HIDDEN] = { "attachment.macro_sheet_hidden", GROUP_ATTACHMENT, 3000, 0,
			 "The workbook {1} keeps a sheet of Excel 4 macros out of sight",
			 "Excel 4 macros were given up in 1993 and came back in malware; very old workbooks of accountants have them in "
			 "sight." },
	[TEMPLATE] = { "attachment.remote_template", GROUP_ATTACHMENT, 2500, 0, "The document {1} fetches its template from {2}",
		       "The template brings macros that were not there when the mail was scanned. Company templates on an intranet are the "
		       "exception." },
	[REMOTE_OBJECT] = { "attachment.remote_object", GROUP_ATTACHMENT, 2300, 0,
			    "The document {1} fetches an object from {2} when it is opened",
			    "Follina and its kin. Linked spreadsheets on company servers are the exception." },
	[RTF_UPDATE] = { "attachment.rtf_update", GROUP_ATTACHMENT, 3000, 0, "The RTF document {1} loads an embedded object without asking",
			 "Equation Editor exploits need it; word processors do not write it." },
	[EMBEDDED] = { "attachment.embedded_object", GROUP_ATTACHMENT, 200, 0, "The document {1} has other files embedded",
		       "Charts and invoices are embedded every day; programs as well." },
	[EQUATION] = { "attachment.equation_editor", GROUP_ATTACHMENT, 1600, 0,
		       "The document {1} embeds an object of the old Equation Editor",
		       "Withdrawn in 2018 because opening such an object runs code; teachers have old Word files with real formulas, so a "
		       "workbook or an "
		       "RTF file with one weighs more." },
	[PDF_SCRIPT] = { "attachment.pdf_script", GROUP_ATTACHMENT, 750, 0, "The PDF {1} contains JavaScript",
			 "Forms compute with it; exploits of readers need it." },
	[PDF_LAUNCH] = { "attachment.pdf_launch", GROUP_ATTACHMENT, 3000, 0, "The PDF {1} wants to start a program",
			 "Launch actions have no use in a document that is mailed." },
	[PASSWORD_TOLD] = { "attachment.password_told", GROUP_ATTACHMENT, 2300, 0,
			    "{1} is encrypted, and the message tells the password: {2}",
			    "Encryption that everybody can undo only keeps scanners out. Some offices do this in good faith, with "
			    "documents." },
	[ENCRYPTED] = { "attachment.encrypted", GROUP_ATTACHMENT, 400, 0, "{1} is encrypted and could not be looked into",
			"Banks and careful people encrypt." },
	[SMUGGLING] = { "attachment.html_smuggling", GROUP_ATTACHMENT, 3500, 0,
			"The web page {1} builds a file by script and offers it as a download",
			"The file never passes a scanner. Reports that export their own tables do this too, from senders one knows." },
	[PASSWORD_FORM] = { "attachment.password_form", GROUP_ATTACHMENT, 3000, 0, "The attached web page {1} asks for a password",
			    "A login page that comes by mail sends the password to whoever wrote it. Encrypted-mail services use it in "
			    "good faith." },
	[UNPACKS] = { "attachment.html_unpacks", GROUP_ATTACHMENT, 2500, 0,
		      "The attached web page {1} is scrambled and unpacks itself by script",
		      "Written to keep its content from filters; encrypted-mail services use it in good faith." },
	[SCRIPT_PICTURE] = { "attachment.picture_script", GROUP_ATTACHMENT, 2800, 0,
			     "The attached picture {1} is an SVG file with a script",
			     "It opens in the browser, and the script leads elsewhere. Drawings have no scripts." },
	[PAGE] = { "attachment.html", GROUP_ATTACHMENT, 300, 0, "A web page is attached as a file: {1}",
		   "Half of the attached phishing pages come so; tickets, reports and invoices do too." },
	[PAGE_SCRIPT] = { "attachment.html_script", GROUP_ATTACHMENT, 450, 0, "The attached web page {1} contains scripts",
			  "Scripts do not run in a mail, but they do in a file that is opened; reports with charts have them." },
	[ONENOTE] = { "attachment.onenote", GROUP_ATTACHMENT, 1500, 0, "A OneNote notebook is attached: {1}",
		      "Became a carrier of scripts in 2023, when macros were blocked; people share notebooks by link." },
};

static struct span called(const struct attachment *a)
{
	return a->member_telling.n ? a->member_telling : a->name.n ? a->name : SPAN("(without a name)");
}

static struct evidence *say(const struct check_view *view, struct evidence_set *set, int which, const struct attachment *a,
			    struct span detail)
{
	const struct part *part = &view->message->parts.v[a->part];
	struct evidence *evidence = evidence_add(set, &defs[which], called(a), detail, span_none);
	evidence_at(evidence, message_place(view->message, part->raw_body));
	if (part->names.n)
		evidence_at(evidence, part->names.v[0].at);
	return evidence;
}

/* Formulas belong into texts, not into tables. */
static bool has_no_formulas(const struct attachment *a)
{
	return a->by_content == file_type(FILE_TYPE_XLSX) || a->by_content == file_type(FILE_TYPE_XLS) ||
	       a->by_content == file_type(FILE_TYPE_RTF);
}

/* Flags that speak for themselves, the graver first: where two rows of one line hold, the first is said. */
static const struct {
	uint32_t flag;
	int which;
	uint32_t unless;
} rows[] = {
	{ ATTACHMENT_XLM_HIDDEN, XLM_HIDDEN, 0 },
	{ ATTACHMENT_MACROS, MACROS, ATTACHMENT_XLM_HIDDEN },
	{ ATTACHMENT_EXTERNAL_TEMPLATE, TEMPLATE, 0 },
	{ ATTACHMENT_EXTERNAL_OBJECT, REMOTE_OBJECT, 0 },
	{ ATTACHMENT_RTF_UPDATE, RTF_UPDATE, 0 },
	{ ATTACHMENT_EMBEDDED_OBJECT, EMBEDDED, ATTACHMENT_RTF_UPDATE },
	{ ATTACHMENT_EQUATION, EQUATION, 0 },
	{ ATTACHMENT_PDF_LAUNCH, PDF_LAUNCH, 0 },
	{ ATTACHMENT_PDF_SCRIPT, PDF_SCRIPT, ATTACHMENT_PDF_LAUNCH },
	{ ATTACHMENT_HTML_SMUGGLING, SMUGGLING, 0 },
	{ ATTACHMENT_HTML_UNPACKS, UNPACKS, ATTACHMENT_HTML_SMUGGLING },
};

/* "password" in the languages that mail is most written in; followed by the password itself. */
static const struct span password_words[] = {
	SPAN_INIT("password"),
	SPAN_INIT("passcode"),
	SPAN_INIT("pass code"),
	SPAN_INIT("passwort"),
	SPAN_INIT("kennwort"),
	SPAN_INIT("mot de passe"),
	SPAN_INIT("contrase\xc3\xb1"
		  "a"),
	SPAN_INIT("senha"),
	SPAN_INIT("wachtwoord"),
	SPAN_INIT("has\xc5\x82o"),
	SPAN_INIT("heslo"),
	SPAN_INIT("l\xc3\xb6senord"),
	SPAN_INIT("jelsz\xc3\xb3"),
	SPAN_INIT("parola"),
	SPAN_INIT("\xd0\xbf\xd0\xb0\xd1\x80\xd0\xbe\xd0\xbb\xd1\x8c"),
	SPAN_INIT("\xe5\xaf\x86\xe7\xa0\x81"),
	SPAN_INIT("\xe5\xaf\x86\xe7\xa2\xbc"),
	SPAN_INIT("\xe3\x83\x91\xe3\x82\xb9\xe3\x83\xaf\xe3\x83\xbc\xe3\x83\x89"),
};

/* A word for password that a colon, "is", "=" or a digit follows soon: "Password: 1234", "the password is 77". */
static struct span told_password(struct span text)
{
	for (size_t i = 0; i < sizeof password_words / sizeof *password_words; i++)
		for (size_t at = 0; (at = span_ifind(text, password_words[i], at)) != SPAN_NPOS; at += password_words[i].n) {
			struct span after = span_slice(text, at + password_words[i].n, at + password_words[i].n + 24);
			for (size_t k = 0; k < after.n && after.p[k] != '\n'; k++)
				if (after.p[k] == ':' || after.p[k] == '=' || ascii_is_digit(after.p[k]) ||
				    span_istarts(span_skip(after, k), SPAN(" is ")))
					return span_trim(span_slice(text, at, at + password_words[i].n + 24));
		}
	return span_none;
}

static void judge_encrypted(const struct check_view *view, struct evidence_set *set, const struct attachment *a)
{
	if (!(a->flags & ATTACHMENT_ENCRYPTED) || a->by_content == file_type(FILE_TYPE_PDF))
		return;
	struct span told = view->content->subject.n ? told_password(view->content->subject) : span_none;
	for (uint32_t i = 0; i < view->content->bodies.n && !told.p; i++)
		told = told_password(view->content->bodies.v[i].text);
	say(view, set, told.p ? PASSWORD_TOLD : ENCRYPTED, a, told);
}

static void judge_page(const struct check_view *view, struct evidence_set *set, const struct attachment *a)
{
	const struct part *part = &view->message->parts.v[a->part];
	bool svg = a->by_content == file_type(FILE_TYPE_SVG);
	if (svg && a->flags & ATTACHMENT_HTML_SCRIPT)
		say(view, set, SCRIPT_PICTURE, a, span_none);
	/* A body that happens to have a name is shown by the mail program, which runs no scripts. */
	if (!(part->flags & PART_ATTACHMENT) && part->kind != PART_OTHER)
		return;
	if (a->flags & ATTACHMENT_HTML_PASSWORD_FORM)
		say(view, set, PASSWORD_FORM, a, span_none);
	if (a->html && !svg) {
		say(view, set, PAGE, a, span_none);
		if (a->flags & ATTACHMENT_HTML_SCRIPT)
			say(view, set, PAGE_SCRIPT, a, span_none);
	}
}

static void judge(const struct check_view *view, struct evidence_set *set, const struct attachment *a)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (a->flags & rows[i].flag && !(a->flags & rows[i].unless)) {
			struct evidence *evidence = say(view, set, rows[i].which, a, a->external);
			if (rows[i].which == EQUATION && has_no_formulas(a))
				evidence->weight += 1000;
			if (rows[i].which == MACROS && a->by_content->class == FILE_ARCHIVE)
				evidence->weight += 600;
		}
	judge_encrypted(view, set, a);
	judge_page(view, set, a);
	if (a->by_content == file_type(FILE_TYPE_ONENOTE) || a->by_name == file_type(FILE_TYPE_ONENOTE))
		say(view, set, ONENOTE, a, span_none);
}

static void examine(const struct check_view *view, struct evidence_set *set)
{
	const struct attachments *all = &view->content->attachments;
	for (uint32_t i = 0; i < all->list.n; i++)
		judge(view, set, &all->list.v[i]);
}

const struct check check_attachment_macro = {
	.name = "attachment_macro",
	.purpose = "Does an attached document or web page do things by itself when it is opened?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.examine = examine,
};
