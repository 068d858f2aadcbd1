/* check/client_form.c - is the header what any honest mail program would write, whichever it is?
 *
 * Small habits of bulk and ratware, whatever program is claimed: no Message-ID of their own, impossible ones, Microsoft's priority fields
 * without Microsoft's program, fields nobody spells that way.
 * Most weigh little: scripts and small shops do some of this. Honest programs' own habits are told apart in client_fingerprint.c. */
#include "base/utf8.h"
#include "check/check.h"
#include "check/client_shape.h"

enum {
	NO_ID,
	ID_FORM,
	ID_BY_SERVER,
	ID_IS_ADDRESS,
	MS_PRIORITY,
	URGENT,
	FIELD_SPELLING,
	MIME_SPELLING,
	MAILER_VALUE,
	HTML_ONLY,
	HTML_NO_CHARSET,
	HTML_ENCODED,
	ONE_ALTERNATIVE,
	BODY_LABEL,
	SCRIPT,
	CODE,
};
static const struct evidence_def defs[] = {
	[NO_ID] = { "client.no_message_id", GROUP_FORM, 200, 0, "It has no Message-ID, which every mail program and server gives a message",
		    "Devices and scripts forget it; so does stored mail whose header was cut." },
	[ID_FORM] = { "client.message_id_form", GROUP_CLIENT, 1500, 0,
		      "Its Message-ID, {1}, is not of the form name@host in angle brackets",
		      "RFC 5322 3.6.4. A few old gateways write X.400 names there." },
	[ID_BY_SERVER] = { "client.message_id_by_server", GROUP_FORM, 200, 0,
			   "Its Message-ID, <{1}>, was added by a mail server on the way: the sending program wrote none",
			   "The system mail of any server looks so, and administrators get much of it: next to nothing alone." },
	[ID_IS_ADDRESS] = { "client.message_id_is_recipient", GROUP_CLIENT, 1500, 0, "Its Message-ID is the recipient's mail address, {1}",
			    "A template filled in carelessly." },
	[MS_PRIORITY] = { "client.priority_without_program", GROUP_CLIENT, 750, 0,
			  "It carries the X-MSMail-Priority field of Microsoft's mail programs, but no other trace of one",
			  "Those programs write X-MimeOLE beside it; scripts that copy the field are mostly bulk tools, some webmail "
			  "does." },
	[URGENT] = { "client.urgent", GROUP_FORM, 500, 0, "It is marked as urgent ({1})",
		     "People mark mail as urgent now and then; pressure is a tool of fraud." },
	[FIELD_SPELLING] = { "client.field_spelling", GROUP_CLIENT, 2500, 0, "The field \"{1}\" is spelled as no mail program spells it",
			     "A tool's own typing, kept in each message." },
	[MIME_SPELLING] = { "client.mime_spelling", GROUP_CLIENT, 750, 0,
			    "\"{1}\" is written with blanks around the equals sign, as no mail program does",
			    "RFC 2045 5.1 does not allow them; hand-made templates have them." },
	[MAILER_VALUE] = { "client.mailer_value", GROUP_CLIENT, 1500, 0, "The name of its mail program is a slip of a tool: \"{1}\"",
			   "A field name inside its own value comes from a broken template." },
	[HTML_ONLY] = { "client.html_only", GROUP_FORM, 400, 0,
			"It consists of HTML alone, without the plain text that mail programs send along",
			"Newsletters of some senders do it as well; lists are excused." },
	[HTML_NO_CHARSET] = { "client.html_no_charset", GROUP_FORM, 600, 0,
			      "Its HTML does not say in which character set it is written, as mail programs do",
			      "Hand-made templates; some old web applications." },
	[HTML_ENCODED] = { "client.html_needlessly_encoded", GROUP_FORM, 700, 0,
			   "Its HTML is plain ASCII, yet wrapped in base64, where filters that do not decode see nothing",
			   "Mail programs encode only what needs it; a few gateways wrap everything." },
	[ONE_ALTERNATIVE] = { "client.one_alternative", GROUP_FORM, 400, 0,
			      "It announces alternative versions of its text, but brings one only",
			      "Bulk tools drop the plain text; so do a few newsletter services." },
	[BODY_LABEL] = { "client.body_label", GROUP_CLIENT, 2500, 0,
			 "Its text is labelled \"{1}\", as Pegasus Mail alone does, yet it is not from Pegasus Mail",
			 "Pegasus always names itself. A widespread bulk tool copied the label; none of the good mail of the development "
			 "corpus shows it." },
	[SCRIPT] = { "client.web_script", GROUP_FORM, 500, 0, "It was sent by a script on a web site ({1})",
		     "Contact forms and shops do so; so do sites that were broken into." },
	[CODE] = { "client.injected_script", GROUP_CLIENT, 3000, EVIDENCE_PROOF,
		   "It was sent by code injected into a web site's script ({1})",
		   "PHP names the running file; \"eval()'d code\" is code that was handed in from outside." },
};

static bool any_of(struct span text, const char *words, bool (*matches)(struct span, struct span))
{
	struct span rest = span_cstr(words), word;
	while (span_split(&rest, '|', &word))
		if (matches(text, word))
			return true;
	return false;
}

static void say(const struct check_view *view, struct evidence_set *set, int kind, struct span detail1, struct span detail2,
		const struct header *at)
{
	struct evidence *e = evidence_add(set, &defs[kind], detail1, detail2, span_none);
	if (at)
		evidence_at(e, header_place(view->message->raw, at));
}

static bool through_list(const struct headers *h)
{
	return header_first(h, HEADER_LIST_ID) || header_first(h, HEADER_LIST_POST) || header_first(h, HEADER_LIST_UNSUBSCRIBE) ||
	       header_first(h, HEADER_X_BEENTHERE) || header_first(h, HEADER_MAILING_LIST) || header_first(h, HEADER_PRECEDENCE);
}

static struct span id_host(struct span id)
{
	size_t at = span_rfind_byte(id, '@');
	return at == SPAN_NPOS ? span_none : span_skip(id, at + 1);
}

static void judge_id(const struct check_view *view, const struct headers *headers, struct evidence_set *set)
{
	const struct content *c = view->content;
	const struct header *field = header_first(headers, HEADER_MESSAGE_ID);
	if (!field) {
		say(view, set, NO_ID, span_none, span_none, NULL);
		return;
	}
	struct span id = c->message_id, host = id_host(id), whole = header_unfolded(field, view->arena);
	bool brackets = span_starts(whole, SPAN("<")) && span_ends(whole, SPAN(">"));
	if (!host.p || !brackets)
		say(view, set, ID_FORM, whole.n ? whole : SPAN("an empty field"), span_none, field);
	else if (client_shape(id, "%14d.%8-14X@|%12d.%2A%5d@|%12d.%12-14w@|E%6w-%6w-%2w@|E%6w-%11w-%4w@"))
		say(view, set, ID_BY_SERVER, id, span_none, field);
	if (c->to.list.n && c->to.list.v[0].spec.n && span_ieq(id, c->to.list.v[0].spec))
		say(view, set, ID_IS_ADDRESS, id, span_none, field);
}

static void judge_priority(const struct check_view *view, const struct headers *headers, struct evidence_set *set)
{
	const struct header *ms = header_first(headers, HEADER_X_MSMAIL_PRIORITY), *program = header_first(headers, HEADER_X_MAILER);
	struct span name = program ? header_unfolded(program, view->arena) : span_none;
	/* Outlook since 2010 writes the field beside "urgent" alone; SquirrelMail always did. */
	bool own = span_istarts(name, SPAN("Microsoft")) || span_ihas(name, SPAN("squirrel")) || header_first(headers, HEADER_USER_AGENT);
	if (ms && !header_first(headers, HEADER_X_MIMEOLE) && !own)
		say(view, set, MS_PRIORITY, span_none, span_none, ms);
	const struct header *priority = header_first(headers, HEADER_X_PRIORITY), *importance = header_first(headers, HEADER_IMPORTANCE);
	if (priority && span_starts(header_unfolded(priority, view->arena), SPAN("1")))
		say(view, set, URGENT, span_trim(span_first(priority->raw, 60)), span_none, priority);
	else if (importance && span_ieq(header_unfolded(importance, view->arena), SPAN("high")))
		say(view, set, URGENT, span_trim(span_first(importance->raw, 60)), span_none, importance);
}

static void judge_spelling(const struct check_view *view, const struct headers *headers, struct evidence_set *set)
{
	const struct header *mime = header_first(headers, HEADER_MIME_VERSION), *type = header_first(headers, HEADER_CONTENT_TYPE);
	const struct header *mailer = header_first(headers, HEADER_X_MAILER);
	if (mime && !any_of(mime->name, "MIME-Version|Mime-Version|mime-version|MIME-version|Mime-version|MIME-VERSION", span_eq))
		say(view, set, FIELD_SPELLING, mime->name, span_none, mime);
	if (type) {
		struct span text = header_unfolded(type, view->arena);
		size_t equals = span_ifind(text, SPAN("charset ="), 0);
		if (equals == SPAN_NPOS)
			equals = span_ifind(text, SPAN("charset= \""), 0);
		if (equals != SPAN_NPOS)
			say(view, set, MIME_SPELLING, span_slice(text, equals, equals + 40), span_none, type);
	}
	struct span name = mailer ? header_unfolded(mailer, view->arena) : span_none;
	if (span_istarts(name, SPAN("X-Mailer:")))
		say(view, set, MAILER_VALUE, name, span_none, mailer);
}

static struct place part_place(const struct part *part)
{
	return (struct place){ .part = part->index, .in = PLACE_DECODED, .from = 0, .to = (uint32_t)part->bytes.n };
}

static bool pegasus(const struct headers *headers)
{
	const struct header *mailer = header_first(headers, HEADER_X_MAILER);
	return mailer && span_ihas(mailer->value, SPAN("pegasus"));
}

static void judge_parts(const struct check_view *view, struct evidence_set *set)
{
	for (uint32_t i = 0; i < view->message->parts.n; i++) {
		const struct part *part = &view->message->parts.v[i];
		const struct header *label = header_first(&part->headers, HEADER_CONTENT_DESCRIPTION),
				    *type = header_first(&part->headers, HEADER_CONTENT_TYPE);
		if (part->flags & (PART_ATTACHMENT | PART_ALTERNATE))
			continue;
		if (label && span_eq(span_trim(label->value), SPAN("Mail message body")) && !pegasus(message_headers(view->message)))
			say(view, set, BODY_LABEL, span_trim(label->value), span_none, label);
		if (part_is(part, "multipart/alternative") && part->first_child != PART_NONE &&
		    view->message->parts.v[part->first_child].next_sibling == PART_NONE)
			say(view, set, ONE_ALTERNATIVE, span_none, span_none, type);
		if (part->kind != PART_HTML)
			continue;
		if (type && !part->charset.n)
			say(view, set, HTML_NO_CHARSET, span_none, span_none, type);
		if (part->encoding == TRANSFER_BASE64 && part->bytes.n > 50 && utf8_is_ascii(part->bytes))
			evidence_at(evidence_add(set, &defs[HTML_ENCODED], span_none, span_none, span_none), part_place(part));
	}
}

static void judge_body(const struct check_view *view, const struct headers *headers, struct evidence_set *set)
{
	const struct part *root = message_root(view->message);
	const struct header *script = header_first(headers, HEADER_X_PHP_SCRIPT);
	if (root->kind == PART_HTML && !through_list(headers))
		say(view, set, HTML_ONLY, span_none, span_none, header_first(&root->headers, HEADER_CONTENT_TYPE));
	judge_parts(view, set);
	if (script) {
		struct span name = header_unfolded(script, view->arena);
		say(view, set, span_has(name, SPAN("eval()")) ? CODE : SCRIPT, name, span_none, script);
	}
}

static void examine(const struct check_view *view, struct evidence_set *set)
{
	const struct headers *headers = message_headers(view->message);
	judge_id(view, headers, set);
	judge_priority(view, headers, set);
	judge_spelling(view, headers, set);
	judge_body(view, headers, set);
}

const struct check check_client_form = {
	.name = "client_form",
	.purpose = "Is the header what any honest mail program would write?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.examine = examine,
};
