/* report/story, story_build, cite, words: what a person is told, for messages whose story is known. */
#include "app/pipeline.h"
#include "report/story.h"
#include "tests/test.h"

#define WAY                                                                                                                                \
	"Received: from pc.example.org (pc.example.org [192.0.2.77])\n\tby mx.example.com (Postfix) with ESMTP id 4B1C23F0A1\n\tfor "      \
	"<bob@example.com>; Mon, 22 Jul 2002 14:03:12 +0200\n"
#define HEAD "From: Ann <ann@example.org>\nTo: bob@example.com\nSubject: hello\nDate: Mon, 22 Jul 2002 14:03:11 +0200\n"
#define OE "X-Mailer: Microsoft Outlook Express 6.00.2600.0000\nX-MimeOLE: x\nX-Priority: 3\nX-MSMail-Priority: Normal\nMIME-Version: 1.0\n"

static const struct {
	const char *name, *message;
	const char *says[6], *silent[3];
} cases[] = {
	{ "plain mail",
	  WAY HEAD "Message-ID: <1@example.org>\n\nhello\n",
	  { "test.eml\nIt is accepted: nothing in it speaks against it.",
	    "It says that it is from \"Ann\" <ann@example.org>, to <bob@example.com>, about \"hello\" (lines 4, 5 and 6).",
	    "192.0.2.77 (known as pc.example.org), which handed it to mx.example.com on 2002-07-22 12:03:12 UTC (line 1).",
	    "What was not checked", "(Score 0.0;" },
	  { "What speaks against it", "Why it was not marked", "What speaks for it" } },
	{ "two contradictions",
	  WAY HEAD OE "Message-ID: <033b17d73c5b$6165d1c2$0cb37aa5@nicwuh>\nContent-Type: multipart/mixed; "
		      "boundary=\"tool_1\"\n\n--tool_1\n\nhi\n--tool_1--\n",
	  { "It is kept in quarantine: the probability that it is abuse is 99 %.",
	    "What speaks against it\n  The program it claims to be written with\n    - The Windows clock inside its Message-ID says",
	    "(lines 7 and 13)", "What would have changed the verdict\nWithout this one finding it would have been delivered with a mark",
	    "\"--tool_1\" (lines 8 and 14)" },
	  { "nats", NULL } },
	{ "no trace of its way, hostile subject",
	  "From: ann@example.org\nSubject: a\x1B[2Jb\xE2\x80\xAE"
	  "c\nMessage-ID: <1@x.example>\n\nx\n",
	  { "about \"a\\e[2Jb\\u202Ec\"", "It carries no trace of its way, so its origin cannot be told." },
	  { "\x1B", NULL } },
	{ "nobody", "\nhello\n", { "It does not say who it is from." }, { "(line 0)", NULL } },
	{ "nobody to ask",
	  WAY HEAD "Message-ID: <1@example.org>\n\nhello\n",
	  { "was not asked: there is no resolver: at worst it would have been delivered with a mark" },
	  { NULL } },
};

static struct judgement judge(struct pipeline *p, const char *message)
{
	struct judgement judgement;
	pipeline_judge(p, span_cstr(message), &judgement);
	judgement.file = SPAN("test.eml");
	return judgement;
}

static void texts(void **state)
{
	struct pipeline_options o = { .now = CLOCK_NONE };
	struct style plain = { 0 };
	struct pipeline p;
	(void)state;
	settings_defaults(&o.settings);
	pipeline_init(&p, &o);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct judgement j = judge(&p, cases[i].message);
		struct buf out;
		bool ok = true;
		buf_init(&out, &p.arena, 1 << 20);
		report_story(&j, &plain, &out);
		for (size_t k = 0; k < COUNT(cases[i].says) && cases[i].says[k]; k++)
			ok &= span_has(buf_span(&out), span_cstr(cases[i].says[k]));
		for (size_t k = 0; k < COUNT(cases[i].silent) && cases[i].silent[k]; k++)
			ok &= !span_has(buf_span(&out), span_cstr(cases[i].silent[k]));
		if (!ok)
			print_error("%s:\n%.*s\n", cases[i].name, SPAN_ARG(buf_span(&out)));
		assert_true(ok);
	}
	pipeline_release(&p);
}

/* Any width: no line is longer, except where a single blank-free run must be kept. */
static void widths(void **state)
{
	struct pipeline_options o = { .now = CLOCK_NONE };
	struct pipeline p;
	(void)state;
	settings_defaults(&o.settings);
	pipeline_init(&p, &o);
	struct judgement j = judge(&p, cases[1].message);
	for (unsigned width = 40; width < 140; width += 7) {
		struct style style = { .width = width };
		struct buf out;
		struct span rest, line;
		buf_init(&out, &p.arena, 1 << 20);
		report_story(&j, &style, &out);
		rest = span_skip(buf_span(&out), span_find_byte(buf_span(&out), '\n', span_find_byte(buf_span(&out), '\n', 0) + 1));
		while (span_split(&rest, '\n', &line))
			if (line.n > width && span_find_byte(line, '-', 0) != SPAN_NPOS) {
				print_error("%u: %.*s\n", width, SPAN_ARG(line));
				assert_true(line.n <= width);
			}
	}
	pipeline_release(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(texts), cmocka_unit_test(widths) };
	pipeline_warm_up();
	return cmocka_run_group_tests_name("report/story", tests, NULL, NULL);
}
