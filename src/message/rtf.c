/* message/rtf.c - see rtf.h */
#include "message/rtf.h"

#include "base/ascii.h"

static const struct {
	struct span word;
	uint32_t flag;
} words[] = {
	{ SPAN_INIT("objdata"), ATTACHMENT_EMBEDDED_OBJECT },    { SPAN_INIT("objemb"), ATTACHMENT_EMBEDDED_OBJECT },
	{ SPAN_INIT("objocx"), ATTACHMENT_EMBEDDED_OBJECT },     { SPAN_INIT("objupdate"), ATTACHMENT_RTF_UPDATE },
	{ SPAN_INIT("objautlink"), ATTACHMENT_EXTERNAL_OBJECT },
};

/* "{\*\template http://...}": Word fetches it when the document opens. */
static void judge_template(struct attachment_work *work, struct span after, struct span name)
{
	struct span target = span_trim(span_first(after, 1024));
	if (!span_istarts(target, SPAN("http")) && !span_istarts(target, SPAN("\\\\\\\\")))
		return;
	target = span_first(target, span_find_byte(target, '}', 0));
	attachment_flag(work, ATTACHMENT_EXTERNAL_TEMPLATE, name);
	if (!work->attachment->external.p)
		work->attachment->external = target;
}

void rtf_examine(struct attachment_work *work, struct span s, struct span name)
{
	if (span_ihas(s, SPAN("4571756174696f6e2e33"))) /* "Equation.3" in the hexadecimal of objdata */
		attachment_flag(work, ATTACHMENT_EQUATION, name);
	for (size_t at = 0; (at = span_find_byte(s, '\\', at)) != SPAN_NPOS;) {
		size_t end = ++at;
		while (end < s.n && end - at < 32 && ascii_is_alpha(s.p[end]))
			end++;
		struct span word = span_slice(s, at, end);
		if (word.n == 0) { /* an escaped character: a backslash must not begin a word again */
			at++;
			continue;
		}
		for (size_t i = 0; i < sizeof words / sizeof *words; i++)
			if (span_eq(word, words[i].word))
				attachment_flag(work, words[i].flag, name);
		if (span_eq(word, SPAN("template")))
			judge_template(work, span_skip(s, end), name);
		at = end;
	}
}
