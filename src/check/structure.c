/* check/structure.c - what is odd about the form of the message (anomalies of the parsers), as evidence.
 *
 * Honest software produces most anomalies now and then, so each kind weighs little, counts once however often it occurs, and GROUP_FORM
 * caps them together. Weights follow how hard it is to make the anomaly by accident, not what one corpus shows; the counts of the dev
 * corpus (9,312 good, 5,603 spam messages) in the reasons only keep them honest. Anomalies that no row names only stand in the parser's
 * output. */
#include "check/check.h"

enum form {
	FORM_PARTS,
	FORM_ENCODING,
	FORM_NAME,
	FORM_ADDRESS,
	FORM_MULTIPART,
	FORM_HEADER,
	FORM_DUPLICATE,
	FORM_RAW_8BIT,
	FORM_CHARSET,
	FORM_BYTES,
	FORM_BROKEN_CONTENT,
	FORM_NUL,
	FORM_ARCHIVE,
	FORM_LIMIT,
	FORM_LONG,
	FORMS
};

static const struct evidence_def defs[FORMS] = {
	[FORM_PARTS] = { "form.ambiguous_parts", GROUP_FORM, 750, 0, "Mail programs disagree about what this message contains: {1}",
			 "Attackers hide a part in the reading that the filter does not have. No known composer makes such a message; a "
			 "gateway that wraps a "
			 "broken one may." },
	[FORM_ENCODING] = { "form.ambiguous_encoding", GROUP_FORM, 600, 0, "Mail programs disagree about how to decode a part: {1}",
			    "Data behind the padding of base64, or a field that some programs do not understand, shows one content to the "
			    "filter and another to the "
			    "reader. List software that appends a footer to an encoded part makes it by accident. 0 good and 4 spam "
			    "messages." },
	[FORM_NAME] = { "form.ambiguous_name", GROUP_FORM, 200, 0,
			"Mail programs disagree about the kind of file an attachment names itself: {1}",
			"One program shows .png, another .exe. Honest programs also write two names that differ (6 good messages), so it "
			"is weak by itself; "
			"the attachment is judged by its most dangerous name anyway." },
	[FORM_ADDRESS] = { "form.ambiguous_address", GROUP_FORM, 400, 0, "Mail programs disagree about an address: {1}",
			   "Two senders in one field, by the reading. Careless scripts also write such fields." },
	[FORM_MULTIPART] = { "form.broken_multipart", GROUP_FORM, 400, 0, "The message promises parts and does not keep its own form: {1}",
			     "Home-made senders forget the last boundary; mail cut off on the way loses it too. 1 good and 53 spam "
			     "messages." },
	[FORM_HEADER] = { "form.broken_header", GROUP_FORM, 400, 0, "The header has lines that no mail program writes: {1}",
			  "Home-made senders leave template rests there. Old mailbox software also breaks headers." },
	[FORM_DUPLICATE] = { "form.duplicate_field", GROUP_FORM, 500, 0, "{1}",
			     "From, Subject or Date twice: programs show one, filters judge the other. Known from spam tools that add what "
			     "a relay added before; "
			     "RFC 5322 3.6 forbids it. 0 good and 15 spam messages." },
	[FORM_RAW_8BIT] = { "form.raw_8bit", GROUP_FORM, 600, 0, "{1}",
			    "Every mail program since 1996 encodes header text, or writes UTF-8. Bulk tools of single-country markets do "
			    "not; nor do some web forms. "
			    "8 good and 103 spam messages, the good ones of 2002." },
	[FORM_CHARSET] = { "form.unknown_charset", GROUP_FORM, 450, 0, "{1}",
			   "Templates with an unfilled or invented charset. 1 good and 29 spam messages." },
	[FORM_BYTES] = { "form.invalid_bytes", GROUP_FORM, 200, 0, "{1}",
			 "Pasted together from several sources, or damaged on the way; 5 good and 36 spam messages." },
	[FORM_BROKEN_CONTENT] = { "form.broken_encoding", GROUP_FORM, 200, 0, "A part is not encoded as it says: {1}",
				  "Home-made encoders; gateways that rewrite links in encoded text do it as well (12 good, 62 spam "
				  "messages)." },
	[FORM_NUL] = { "form.nul", GROUP_FORM, 500, 0, "{1}",
		       "NUL bytes end the text for some programs and vanish for others; no composer writes them, a damaged disk does." },
	[FORM_ARCHIVE] = { "form.archive_differs", GROUP_FORM, 1200, 0, "{1}",
			   "A ZIP file whose two lists of contents differ shows the scanner one file and the unpacker another." },
	[FORM_LIMIT] = { "form.limit", GROUP_LIMIT, 500, EVIDENCE_LIMIT, "The message goes beyond what is read: {1}",
			 "Nobody writes a thousand parts or fifty levels by hand; floods meant to exhaust a filter do. What was read is "
			 "judged as usual." },
	[FORM_LONG] = { "form.long", GROUP_LIMIT, 0, EVIDENCE_LIMIT, "Not all of the message was looked at: {1}",
			"Large honest mail reaches these limits; said so that it is not silent." },
};

static const struct {
	enum anomaly_kind kind;
	enum form form;
} rows[] = {
	{ ANOMALY_BOUNDARY_AMBIGUOUS, FORM_PARTS },
	{ ANOMALY_BOUNDARY_NESTED_SAME, FORM_PARTS },
	{ ANOMALY_MIME_AMBIGUOUS, FORM_PARTS },
	{ ANOMALY_MIME_DUPLICATE_FIELD, FORM_PARTS },
	{ ANOMALY_TRANSFER_ENCODING_AMBIGUOUS, FORM_ENCODING },
	{ ANOMALY_BASE64_AFTER_PADDING, FORM_ENCODING },
	{ ANOMALY_NAME_AMBIGUOUS, FORM_NAME },
	{ ANOMALY_ADDRESS_AMBIGUOUS, FORM_ADDRESS },
	{ ANOMALY_BOUNDARY_MISSING, FORM_MULTIPART },
	{ ANOMALY_BOUNDARY_UNTERMINATED, FORM_MULTIPART },
	{ ANOMALY_HEADER_NO_COLON, FORM_HEADER },
	{ ANOMALY_HEADER_BAD_NAME, FORM_HEADER },
	{ ANOMALY_NO_BODY_SEPARATOR, FORM_HEADER },
	{ ANOMALY_HEADER_DUPLICATE, FORM_DUPLICATE },
	{ ANOMALY_HEADER_RAW_8BIT, FORM_RAW_8BIT },
	{ ANOMALY_CHARSET_UNKNOWN, FORM_CHARSET },
	{ ANOMALY_CHARSET_INVALID_BYTES, FORM_BYTES },
	{ ANOMALY_BASE64_JUNK, FORM_BROKEN_CONTENT },
	{ ANOMALY_BASE64_BAD_LENGTH, FORM_BROKEN_CONTENT },
	{ ANOMALY_QP_BAD_ESCAPE, FORM_BROKEN_CONTENT },
	{ ANOMALY_UUENCODE_BAD, FORM_BROKEN_CONTENT },
	{ ANOMALY_TRANSFER_ENCODING_UNKNOWN, FORM_BROKEN_CONTENT },
	{ ANOMALY_HEADER_NUL, FORM_NUL },
	{ ANOMALY_HTML_NUL, FORM_NUL },
	{ ANOMALY_ARCHIVE_DIRECTORY_DIFFERS, FORM_ARCHIVE },
	{ ANOMALY_HEADER_LIMIT, FORM_LIMIT },
	{ ANOMALY_DEPTH_LIMIT, FORM_LIMIT },
	{ ANOMALY_PARTS_LIMIT, FORM_LIMIT },
	{ ANOMALY_READINGS_LIMIT, FORM_LIMIT },
	{ ANOMALY_DECODED_LIMIT, FORM_LIMIT },
	{ ANOMALY_ARCHIVE_LIMIT, FORM_LIMIT },
	{ ANOMALY_HTML_DEPTH_LIMIT, FORM_LIMIT },
	{ ANOMALY_HOPS_LIMIT, FORM_LIMIT },
	{ ANOMALY_PARAMETER_LIMIT, FORM_LIMIT },
	{ ANOMALY_HEADER_VALUE_LIMIT, FORM_LONG },
	{ ANOMALY_MESSAGE_LIMIT, FORM_LONG },
	{ ANOMALY_TEXT_LIMIT, FORM_LONG },
	{ ANOMALY_HTML_TEXT_LIMIT, FORM_LONG },
	{ ANOMALY_LINK_LIMIT, FORM_LONG },
	{ ANOMALY_ADDRESS_LIMIT, FORM_LONG },
	{ ANOMALY_LINK_INNER_LIMIT, FORM_LONG },
	{ ANOMALY_URL_LIMIT, FORM_LONG },
	{ ANOMALY_HTML_STYLE_LIMIT, FORM_LONG },
};

/* One piece of evidence a form, at the first places of all its anomalies. */
static void examine(const struct check_view *view, struct evidence_set *set)
{
	const struct anomalies *anomalies = &view->message->anomalies;
	struct evidence *found[FORMS] = { NULL };
	uint8_t form_of[ANOMALY_KINDS];
	memset(form_of, FORMS, sizeof form_of);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		form_of[rows[i].kind] = (uint8_t)rows[i].form;
	for (unsigned form = 0; form < FORMS; form++)
		for (uint32_t i = 0; i < anomalies->list.n; i++) {
			const struct anomaly *anomaly = &anomalies->list.v[i];
			if (form_of[anomaly->kind] != form)
				continue;
			if (!found[form])
				found[form] = evidence_add(set, &defs[form], span_cstr(anomaly_says(anomaly->kind)), span_none, span_none);
			evidence_at(found[form], anomaly->at);
		}
}

const struct check check_structure = {
	.name = "structure",
	.purpose = "Is the form of the message odd, ambiguous, or beyond what is read?",
	.evidence = defs,
	.n_evidence = sizeof defs / sizeof *defs,
	.examine = examine,
};
