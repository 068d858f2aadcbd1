/* message/attachment_html.c - see attachment_html.h */
#include "message/attachment_html.h"

#include "base/ascii.h"
#include "base/limits.h"

/* Words of scripts; several classes together make a pattern. */
enum word_class { BUILDS_FILE = 1, OFFERS_FILE = 2, DECODES = 4, WRITES = 8 };

static const struct {
	struct span word;
	uint32_t class;
} words[] = {
	{ SPAN_INIT("new Blob"), BUILDS_FILE },
	{ SPAN_INIT("new File("), BUILDS_FILE },
	{ SPAN_INIT("msSaveOrOpenBlob"), BUILDS_FILE | OFFERS_FILE },
	{ SPAN_INIT("msSaveBlob"), BUILDS_FILE | OFFERS_FILE },
	{ SPAN_INIT("createObjectURL"), OFFERS_FILE },
	{ SPAN_INIT(".download"), OFFERS_FILE },
	{ SPAN_INIT("atob("), DECODES },
	{ SPAN_INIT("fromCharCode"), DECODES },
	{ SPAN_INIT("unescape("), DECODES },
	{ SPAN_INIT("decodeURIComponent("), DECODES },
	{ SPAN_INIT("charCodeAt"), DECODES },
	{ SPAN_INIT("document.write"), WRITES },
	{ SPAN_INIT("eval("), WRITES },
	{ SPAN_INIT("new Function("), WRITES },
	{ SPAN_INIT("window.location"), WRITES },
	{ SPAN_INIT("location.href"), WRITES },
	{ SPAN_INIT("location.replace"), WRITES },
};

/* A hidden file or page is long: runs of 1000 characters without a blank, as base64, hexadecimal or percent escapes have. */
static bool has_long_run(struct span s)
{
	size_t run = 0;
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = s.p[i];
		run = ascii_is_alnum(c) || c == '+' || c == '/' || c == '%' || c == '\\' || c == ',' ? run + 1 : 0;
		if (run == 1000)
			return true;
	}
	return false;
}

static void judge_scripts(struct attachment_work *work, struct span source)
{
	uint32_t seen = 0;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (span_has(source, words[i].word))
			seen |= words[i].class;
	if ((seen & BUILDS_FILE) && (seen & OFFERS_FILE))
		attachment_flag(work, ATTACHMENT_HTML_SMUGGLING, span_none);
	if ((seen & DECODES) && (seen & WRITES) && has_long_run(source))
		attachment_flag(work, ATTACHMENT_HTML_UNPACKS, span_none);
}

void attachment_html_examine(struct attachment_work *work, struct span source, bool collect_links)
{
	struct attachment *a = work->attachment;
	source = span_first(source, LIMIT_TEXT_BYTES);
	a->html = arena_new(work->arena, struct html);
	html_parse(source, a->part, work->arena, &work->message->anomalies, a->html);
	if (collect_links)
		links_from_html(a->html, a->part, LINK_IN_ATTACHMENT, work->arena, &work->message->anomalies, work->links);
	if (a->html->counts.passwords)
		attachment_flag(work, ATTACHMENT_HTML_PASSWORD_FORM, span_none);
	if (a->html->counts.scripts || a->html->counts.event_handlers) {
		attachment_flag(work, ATTACHMENT_HTML_SCRIPT, span_none);
		judge_scripts(work, source);
	}
}
