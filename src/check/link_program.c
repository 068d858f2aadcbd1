/* check/link_program.c - a link straight to a program that starts when it is opened: by the last extension of path or parameter.
 *
 * Vendors link to their installers and developers to their builds; so alone it does not even mark. Beside a borrowed name it decides.
 * ".com" does not count (it is mostly a host name in a path), nor do files that browsers show (.js). */
#include "check/link_target.h"
#include "message/filetype.h"

enum { PROGRAM, DISGUISED, ON_ADDRESS, LIST };
static const struct evidence_def defs[] = {
	[PROGRAM] = { "link.program", GROUP_LINK, 1200, 0, "A link leads straight to a program: {1} on {2}",
		      "Whoever clicks it downloads something that runs. Software makers do that in honest mail." },
	[DISGUISED] = { "link.program_disguised", GROUP_LINK, 2800, 0,
			"A link leads to a program that is named like a document: {1} on {2}",
			"invoice.pdf.exe has one purpose: that Windows hides the last part." },
	[ON_ADDRESS] = { "link.program_on_address", GROUP_LINK, 2800, 0,
			 "A link leads straight to a program on a machine without a name: {1} on {2}",
			 "Software is offered under a name; infected machines have none." },
	[LIST] = { "link.program_list", GROUP_LINK, 300, 0, "A link leads straight to a program, in mail of a mailing list: {1} on {2}",
		   "Developers post builds and attachments of bug reports." },
};

static const struct file_type *program_named(struct span name)
{
	struct span extension = file_extension(name);
	if (span_ieq(extension, SPAN("com")) || span_ieq(extension, SPAN("js")) || extension.n == name.n)
		return NULL;
	const struct file_type *type = file_type_named(name);
	return file_starts(type) ? type : NULL;
}

/* "report.pdf.exe": the extension before the last is that of something to look at. */
static bool looks_like_document(struct span name)
{
	struct span extension = file_extension(name);
	if (extension.n + 1 >= name.n)
		return false;
	const struct file_type *type = file_type_named(span_first(name, name.n - extension.n - 1));
	return type && (type->class == FILE_DOCUMENT || type->class == FILE_IMAGE || type->class == FILE_TEXT || type->class == FILE_HTML);
}

static struct span last_piece(struct span path)
{
	size_t slash = span_rfind_byte(path, '/');
	struct span name = slash == SPAN_NPOS ? path : span_skip(path, slash + 1);
	size_t semicolon = span_find_byte(name, ';', 0);
	return semicolon == SPAN_NPOS ? name : span_first(name, semicolon);
}

/* The name of the program the link leads to; span_none when it leads to none. */
static struct span program_in(const struct url *url, struct arena *arena)
{
	struct span name = last_piece(url_percent_decode(url->path, arena)), rest = url->query, parameter;
	if (name.n && program_named(name))
		return name;
	while (span_split(&rest, '&', &parameter)) {
		size_t equals = span_find_byte(parameter, '=', 0);
		/* "?a=b.exe&..." names a file; a whole address in a parameter is a link of its own. */
		name = equals == SPAN_NPOS ? parameter : span_skip(parameter, equals + 1);
		if (!memchr(name.p ? name.p : (const uint8_t *)"", '.', name.n) && !span_ihas(name, SPAN("%2e")))
			continue;
		name = last_piece(url_percent_decode(name, arena));
		if (name.n && program_named(name))
			return name;
	}
	return span_none;
}

static struct link_finding judge(const struct check_view *view, uint32_t index, void *context)
{
	const struct link *link = &view->content->links.list.v[index];
	const struct url *url = &link->url;
	(void)context;
	if (link->flags & LINK_IMAGE || (url->path.n < 5 && !url->query.n))
		return LINK_FINDS_NOTHING;
	struct span name = program_in(url, view->arena);
	if (!name.n)
		return LINK_FINDS_NOTHING;
	bool bare = (url->host_kind == URL_HOST_IPV4 && !ip_is_private(&url->ip)) || url->host_kind == URL_HOST_IPV6;
	int kind = looks_like_document(name) ? DISGUISED : bare ? ON_ADDRESS : view->sender.list ? LIST : PROGRAM;
	return (struct link_finding){ kind, name, url->host };
}

static void examine(const struct check_view *view, struct evidence_set *set)
{
	struct link_findings findings = { defs, set, 0 };
	link_findings_collect(view, judge, NULL, &findings);
}

const struct check check_link_program = {
	.name = "link_program",
	.purpose = "Does a link lead straight to a program?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.examine = examine,
};
