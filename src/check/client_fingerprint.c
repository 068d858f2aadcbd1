/* check/client_fingerprint.c - does the message look as the mail program writes it that it claims to come from?
 *
 * Programs betray themselves by habits nobody thinks of: the grammar of their Message-IDs and MIME boundaries, fields they always write,
 * that they never send HTML alone. A tool that borrows a program's name seldom borrows its habits. The habits stand in client_programs.def.
 * Real-world example: "X-Mailer: Microsoft Outlook Express 6.00.2600.0000" beside "boundary=NS_MAIL_Boundary_07132022".
 * Silent when no known program is claimed, and about what servers and lists on the way may rewrite. */
#include "base/buf.h"
#include "check/check.h"
#include "check/client_shape.h"

enum { FOREIGN_ID, FOREIGN_BOUNDARY, MISSING_FIELD, HTML_ALONE, OUTDATED };
static const struct evidence_def defs[] = {
	[FOREIGN_ID] = { "client.foreign_message_id", GROUP_CLIENT, 2800, EVIDENCE_PROOF,
			 "It claims to be written with {1}, but {1} never writes a Message-ID like <{2}>",
			 "Programs build their Message-IDs in one way. Servers that replace them are excused; an unknown one would be the "
			 "honest exception, "
			 "so one such contradiction alone marks and does not quarantine." },
	[FOREIGN_BOUNDARY] = { "client.foreign_boundary", GROUP_CLIENT, 2800, EVIDENCE_PROOF,
			       "It claims to be written with {1}, but {1} never divides a message with the line \"--{2}\"",
			       "Boundaries are made by the library a program is built with. Lists that wrap messages are excused." },
	[MISSING_FIELD] = { "client.missing_field", GROUP_CLIENT, 2200, EVIDENCE_PROOF,
			    "It claims to be written with {1}, but lacks {2}, which {1} always writes",
			    "Every version writes these fields, and nobody on the way removes them; a privacy gateway could." },
	[HTML_ALONE] = { "client.html_alone", GROUP_CLIENT, 2000, 0,
			 "It claims to be written with {1}, but {1} sends formatted text only together with plain text",
			 "These programs always send both. A gateway that drops the plain half would be the honest exception." },
	[OUTDATED] = { "client.outdated", GROUP_CLIENT, 1200, 0,
		       "It claims to be written with {1}, whose last version is of {2}, {3} years before the message",
		       "Some people keep old programs for decades; ratware keeps its templates longer." },
};

enum { CLIENT_WRITES_BOTH = 1 };

static const struct program {
	const char *name, *begins, *without, *ids, *boundaries, *required;
	int flags, last_year;
} programs[] = {
#define CLIENT(name, begins, without, ids, boundaries, required, flags, last_year)                                                         \
	{ name, begins, without, ids, boundaries, required, flags, last_year },
#include "check/client_programs.def"
#undef CLIENT
};

/* Years after the last version from which a claim is worth a word. */
enum { OUTDATED_YEARS = 6 };

/* Does text begin with (or have) one of the words, which '|' separates? No words: no. */
static bool any_word(struct span text, const char *words, bool (*matches)(struct span, struct span))
{
	struct span rest = span_cstr(words), word;
	if (rest.n == 0)
		return false;
	while (span_split(&rest, '|', &word))
		if (matches(text, word))
			return true;
	return false;
}

static const struct program *find_program(struct span claim)
{
	for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
		if (any_word(claim, programs[i].begins, span_starts) && !any_word(claim, programs[i].without, span_has))
			return &programs[i];
	return NULL;
}

/* Servers that give every message a Message-ID of their own. */
static bool id_may_be_replaced(struct span id)
{
	static const char servers[] = "hotmail.com|msn.com|phx.gbl|outlook.com|amazonses.com|yahoogroups.com|gmane.org";
	return any_word(id, servers, span_iends) || span_starts(id, SPAN("LYRIS-"));
}

/* Lists wrap what they add a footer to into a multipart of their own. */
static bool list_wrapped(const struct check_view *view, struct span boundary)
{
	const struct headers *h = message_headers(view->message);
	return span_starts(boundary, SPAN("=====")) && (header_first(h, HEADER_LIST_ID) || header_first(h, HEADER_LIST_POST) ||
							header_first(h, HEADER_X_BEENTHERE) || header_first(h, HEADER_PRECEDENCE));
}

static void judge_id(const struct check_view *view, const struct program *program, const struct header *claim, struct evidence_set *set)
{
	struct span id = view->content->message_id;
	if (!program->ids || id.n == 0 || client_shape(id, program->ids) || id_may_be_replaced(id) ||
	    client_posted_as_news(message_headers(view->message)))
		return;
	struct evidence *e = evidence_add(set, &defs[FOREIGN_ID], span_cstr(program->name), id, span_none);
	evidence_at(e, header_place(view->message->raw, header_first(message_headers(view->message), HEADER_MESSAGE_ID)));
	evidence_at(e, header_place(view->message->raw, claim));
}

static void judge_boundary(const struct check_view *view, const struct program *program, const struct header *claim,
			   struct evidence_set *set)
{
	const struct part *root = message_root(view->message);
	const struct header *type = header_first(&root->headers, HEADER_CONTENT_TYPE);
	if (!program->boundaries || !type ||
	    !(part_is(root, "multipart/mixed") || part_is(root, "multipart/alternative") || part_is(root, "multipart/related")))
		return;
	struct span boundary = field_value_get(&root->type, SPAN("boundary"));
	if (boundary.n == 0 || client_shape(boundary, program->boundaries) || list_wrapped(view, boundary))
		return;
	struct evidence *e = evidence_add(set, &defs[FOREIGN_BOUNDARY], span_cstr(program->name), boundary, span_none);
	evidence_at(e, header_place(view->message->raw, type));
	evidence_at(e, header_place(view->message->raw, claim));
}

static void judge_fields(const struct check_view *view, const struct program *program, const struct header *claim, struct evidence_set *set)
{
	struct span rest = span_cstr(program->required), name;
	struct buf missing;
	if (rest.n == 0)
		return;
	buf_init(&missing, view->arena, LIMIT_EVIDENCE_DETAIL);
	while (span_split(&rest, '|', &name))
		if (!header_named(message_headers(view->message), name)) {
			buf_cstr(&missing, missing.n ? ", " : "");
			buf_put(&missing, name);
		}
	if (missing.n)
		evidence_at(evidence_add(set, &defs[MISSING_FIELD], span_cstr(program->name), buf_span(&missing), span_none),
			    header_place(view->message->raw, claim));
}

static void judge_html(const struct check_view *view, const struct program *program, const struct header *claim, struct evidence_set *set)
{
	const struct part *root = message_root(view->message);
	const struct header *type = header_first(&root->headers, HEADER_CONTENT_TYPE);
	if (!(program->flags & CLIENT_WRITES_BOTH) || !type || root->kind != PART_HTML)
		return;
	struct evidence *e = evidence_add(set, &defs[HTML_ALONE], span_cstr(program->name), span_none, span_none);
	evidence_at(e, header_place(view->message->raw, type));
	evidence_at(e, header_place(view->message->raw, claim));
}

static void judge_age(const struct check_view *view, const struct program *program, const struct header *claim, struct evidence_set *set)
{
	if (!program->last_year || view->now == CLOCK_NONE)
		return;
	struct civil now;
	clock_to_civil(view->now, &now);
	if (now.year - program->last_year < OUTDATED_YEARS)
		return;
	evidence_at(evidence_add(set, &defs[OUTDATED], span_cstr(program->name), arena_printf(view->arena, "%d", program->last_year),
				 arena_printf(view->arena, "%d", now.year - program->last_year)),
		    header_place(view->message->raw, claim));
}

static void examine(const struct check_view *view, struct evidence_set *set)
{
	const struct headers *headers = message_headers(view->message);
	const struct header *claim = header_first(headers, HEADER_X_MAILER);
	if (!claim)
		claim = header_first(headers, HEADER_USER_AGENT);
	if (!claim)
		return;
	const struct program *program = find_program(header_unfolded(claim, view->arena));
	if (!program)
		return;
	judge_id(view, program, claim, set);
	judge_boundary(view, program, claim, set);
	judge_fields(view, program, claim, set);
	judge_html(view, program, claim, set);
	judge_age(view, program, claim, set);
}

const struct check check_client_fingerprint = {
	.name = "client_fingerprint",
	.purpose = "Does the message look as the mail program writes it that it claims to come from?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.examine = examine,
};
