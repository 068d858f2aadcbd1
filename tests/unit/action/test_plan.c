/* Verdict and settings to what is done: disposition, reply, and the header, for honest and for hostile messages. */
#include "action/plan.h"
#include "message/content.h"
#include "tests/test.h"

#include <stdlib.h>
#include <string.h>

static struct arena arena;

static const struct evidence_def spam_def = { "spam.sure", GROUP_IDENTITY, 9000, 0, "Says {1}", "test" };
static const struct evidence_def trap_def = { "trap_recipient.named", GROUP_TRAP, 9000, 0, "It is sent to {1}", "test" };
static const struct evidence_def weak_def = { "weak.one", GROUP_IDENTITY, 300, 0, "Weak", "test" };
static const struct evidence_def good_def = { "good.one", GROUP_IDENTITY, -500, 0, "Good", "test" };

/* A message on its way, as a door and the settings see it. */
struct scene {
	const char *raw;
	const char *yaml;
	int32_t score;
	const char *detail;     /* of the evidence */
	const char *ip;         /* NULL: 192.0.2.1 */
	const char *recipients; /* blank-separated; NULL: u@example.org */
	bool trap;              /* the strongest says that a recipient is one */
	bool outgoing, advises, defer, unauthenticated;
};

static const char plain[] = "Received: from a\r\nFrom: a@b.example\r\nSubject: hello\r\nMessage-ID: <1@b.example>\r\n\r\nbody\r\n";

static struct settings settings_of(const char *yaml)
{
	struct settings settings;
	struct settings_report report;
	struct settings_files files = { 0 };
	*(struct settings_file *)vec_push(&arena, &files.list) =
	    (struct settings_file){ SPAN("f"), arena_printf(&arena, "%shostname: mx.example.org\n%s",
							    yaml && strncmp(yaml, "local", 5) == 0 ? "" : "local_domains: [example.org]\n",
							    yaml ? yaml : "") };
	if (settings_parse(&files, &arena, &settings, &report))
		fail_msg("%.*s", SPAN_ARG(report.errors.v[0]));
	return settings;
}

static struct outcome plan(const struct scene *scene)
{
	static struct settings settings;
	static struct message message;
	static struct content content;
	static struct path path;
	static struct authentication auth;
	static struct evidence_set set;
	static struct verdict verdict;
	static struct connection connection;
	VEC(struct span) recipients = { 0 };
	struct span rest = span_cstr(scene->recipients ? scene->recipients : "u@example.org"), word;
	struct outcome outcome;
	settings = settings_of(scene->yaml);
	message_parse(span_cstr(scene->raw ? scene->raw : plain), &arena, &message);
	content_examine(&message, &content);
	while (span_split(&rest, ' ', &word))
		*(struct span *)vec_push(&arena, &recipients) = word;
	connection = (struct connection){ .has_ip = true, .recipients = recipients.v, .n_recipients = recipients.n };
	ip_parse(span_cstr(scene->ip ? scene->ip : "192.0.2.1"), &connection.ip);
	path = (struct path){ .outgoing = scene->outgoing, .origin = { .has_ip = true, .ip = connection.ip } };
	auth = (struct authentication){ .step = AUTH_DONE,
					.has_client = !scene->unauthenticated,
					.client = { .ip = connection.ip, .mail_from = SPAN("a@b.example") } };
	set = (struct evidence_set){ .arena = &arena };
	evidence_add(&set, &weak_def, span_none, span_none, span_none);
	evidence_add(&set,
		     scene->trap        ? &trap_def
		     : scene->score > 0 ? &spam_def
					: &good_def,
		     scene->detail ? span_cstr(scene->detail) : SPAN("why"), span_none, span_none);
	struct verdict_thresholds thresholds = { 0, settings.mark, settings.quarantine, settings.reject, false };
	verdict = (struct verdict){ .score = scene->score,
				    .thresholds = thresholds,
				    .action = scene->defer ? VERDICT_DEFER : verdict_action_at(scene->score, &thresholds) };
	struct plan_source source = { &message,  &content,          &path,          &auth,          &set, &verdict, &connection,
				      &settings, settings.hostname, SPAN("0a1b2c"), scene->advises, 90,   1000 };
	plan_outcome(&source, &arena, &outcome);
	return outcome;
}

static const struct header_edit *edit_of(const struct outcome *o, enum header_edit_kind kind, const char *name)
{
	for (uint32_t i = 0; i < o->edits.n; i++)
		if (o->edits.v[i].kind == kind && span_ieq(o->edits.v[i].name, span_cstr(name)))
			return &o->edits.v[i];
	return NULL;
}

static struct span inserted(const struct outcome *o, const char *name)
{
	const struct header_edit *edit = edit_of(o, HEADER_INSERT, name);
	return edit ? edit->value : span_none;
}

static struct span edited(const struct outcome *o, const char *raw)
{
	struct buf out;
	buf_init(&out, &arena, SIZE_MAX);
	outcome_edit(o, span_cstr(raw), SPAN("\r\n"), &out);
	return buf_span(&out);
}

static void dispositions(void **state)
{
	static const struct {
		struct scene scene;
		enum disposition disposition;
		bool spam;
		unsigned code, withheld;
	} cases[] = {
		{ { .score = -500 }, DISPOSITION_DELIVER, false, 0, 0 },
		{ { .score = 2000 }, DISPOSITION_DELIVER, true, 0, 0 },
		{ { .score = 4000 }, DISPOSITION_STORE, true, 0, 0 },
		{ { .score = 4000, .yaml = "quarantine_in: hold\n" }, DISPOSITION_HOLD, true, 0, 0 },
		{ { .score = 4000, .yaml = "quarantine_in: mark\n" }, DISPOSITION_DELIVER, true, 0, 0 },
		{ { .score = 9000 }, DISPOSITION_REJECT, true, 550, 0 },
		{ { .score = 100, .defer = true }, DISPOSITION_DEFER, false, 451, 0 },
		{ { .score = 9000, .outgoing = true }, DISPOSITION_REJECT, true, 550, 0 },
		/* nothing is enforced */
		{ { .score = 9000, .yaml = "enforce: no\n" }, DISPOSITION_DELIVER, false, 0, 0 },
		{ { .score = 100, .defer = true, .yaml = "enforce: no\n" }, DISPOSITION_DELIVER, false, 0, 0 },
		/* a client that only listens */
		{ { .score = 4000, .advises = true }, DISPOSITION_HOLD, true, 0, 0 },
		{ { .score = 9000, .advises = true, .recipients = "u@example.org abuse@example.org" }, DISPOSITION_DELIVER, true, 0, 0 },
		/* whom a person must reach */
		{ { .score = 9000, .recipients = "postmaster@example.org" }, DISPOSITION_DELIVER, true, 0, 0 },
		{ { .score = 9000, .recipients = "<Abuse@sub.EXAMPLE.org>" }, DISPOSITION_DELIVER, true, 0, 0 },
		{ { .score = 9000, .recipients = "Postmaster" }, DISPOSITION_DELIVER, true, 0, 0 },
		{ { .score = 9000, .recipients = "\"abuse\"@example.org" }, DISPOSITION_DELIVER, true, 0, 0 },
		{ { .score = 9000, .recipients = "abuse" }, DISPOSITION_REJECT, true, 550, 0 },
		{ { .score = 9000, .recipients = "abuse@elsewhere.example" }, DISPOSITION_REJECT, true, 550, 0 },
		{ { .score = 9000, .recipients = "abuse@notexample.org" }, DISPOSITION_REJECT, true, 550, 0 },
		{ { .score = 9000, .recipients = "abuse.x@example.org xabuse@example.org" }, DISPOSITION_REJECT, true, 550, 0 },
		{ { .score = 9000, .recipients = "abuse@elsewhere.example", .yaml = "local_domains: []\n" },
		  DISPOSITION_DELIVER,
		  true,
		  0,
		  0 },
		{ { .score = 9000, .outgoing = true, .recipients = "abuse@elsewhere.example", .yaml = "local_domains: []\n" },
		  DISPOSITION_REJECT,
		  true,
		  550,
		  0 },
		{ { .score = 9000, .recipients = "u@example.org postmaster@example.org v@example.org" }, DISPOSITION_DELIVER, true, 0, 2 },
		{ { .score = 4000, .recipients = "u@example.org abuse@example.org", .yaml = "quarantine_in: hold\n" },
		  DISPOSITION_DELIVER,
		  true,
		  0,
		  1 },
		{ { .score = 100, .defer = true, .recipients = "u@example.org abuse@example.org" }, DISPOSITION_DELIVER, false, 0, 0 },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct scene scene = cases[i].scene;
		struct outcome o = plan(&scene);
		if (o.disposition != cases[i].disposition || o.spam != cases[i].spam || o.reply_code != cases[i].code ||
		    o.withhold.n != cases[i].withheld)
			fail_msg("%zu: %s, spam %d, %u, %u withheld", i, disposition_name(o.disposition), o.spam, o.reply_code,
				 o.withhold.n);
	}
}

static void replies(void **state)
{
	(void)state;
	struct outcome o = plan(&(struct scene){ .score = 9000, .detail = "\xc3\xa9\r\n250 ok" });
	assert_span(o.reply_status, "5.7.1");
	assert_span(o.reply_text, "Message refused, because it looks like spam: Says ?\\r\\n250 ok. If that is wrong, write to "
				  "postmaster@mx.example.org and quote 0a1b2c");
	o = plan(&(struct scene){ .score = 9000, .outgoing = true });
	assert_true(span_starts(o.reply_text, SPAN("Your message was not sent")));
	o = plan(&(struct scene){ .score = 0, .defer = true });
	assert_span(
	    o.reply_text,
	    "This message cannot be checked at the moment. Please try again later; postmaster@mx.example.org helps if that does not");
	char many[3000];
	memset(many, 'x', sizeof many - 1);
	many[sizeof many - 1] = 0;
	o = plan(&(struct scene){ .score = 9000, .detail = many });
	assert_true(o.reply_text.n <= 480);
}

/* Told to the client, the address would be left off its list, and the trap would be one no more. */
static void no_client_is_told_of_a_trap(void **state)
{
	(void)state;
	struct outcome o = plan(&(struct scene){ .score = 9000, .trap = true });
	assert_span(
	    o.reply_text,
	    "Message refused, because it looks like spam: Weak. If that is wrong, write to postmaster@mx.example.org and quote 0a1b2c");
}

static void headers(void **state)
{
	(void)state;
	struct outcome o = plan(&(struct scene){ .score = 5120 });
	assert_span(edited(&o, plain),
		    "Authentication-Results: mx.example.org;\r\n\tspf=none smtp.mailfrom=a@b.example\r\n"
		    "X-Postern-Id: 0a1b2c\r\n"
		    "X-Postern-Why: quarantine, score 5.12 (quarantine from 4.00): Says why; Weak\r\n"
		    "X-Spam-Flag: YES\r\n"
		    "X-Spam-Score: 10.2\r\n"
		    "X-Spam-Level: **********\r\n"
		    "X-Spam-Status: Yes, score=10.2 required=5.0 tests=weak.one,spam.sure\r\n"
		    "Received: from a\r\nFrom: a@b.example\r\nSubject: hello\r\nMessage-ID: <1@b.example>\r\n\r\nbody\r\n");
	o = plan(&(struct scene){ .score = -2500 });
	assert_null(edit_of(&o, HEADER_INSERT, "X-Spam-Flag"));
	assert_null(edit_of(&o, HEADER_INSERT, "X-Spam-Level"));
	assert_span(inserted(&o, "X-Spam-Status"), " No, score=-2.5 required=5.0 tests=weak.one,good.one");
	assert_span(inserted(&o, "X-Postern-Why"), " accept, score -2.50: Good");
	assert_span(o.message_id, "1@b.example");
	assert_span(o.origin, "192.0.2.1");
	/* Nothing is enforced: nothing that a filter behind us acts on. */
	o = plan(&(struct scene){ .score = 9000, .yaml = "enforce: no\nsubject_mark: S\n" });
	assert_span(inserted(&o, "X-Postern-Why"), " not enforced, would be reject, score 9.00 (reject from 8.00):\r\n\tSays why; Weak");
	assert_int_equal(o.would, DISPOSITION_REJECT);
	assert_null(edit_of(&o, HEADER_INSERT, "X-Spam-Status"));
	assert_null(edit_of(&o, HEADER_CHANGE, "Subject"));
	assert_non_null(edit_of(&o, HEADER_INSERT, "Authentication-Results"));
	o = plan(&(struct scene){ .score = 9000, .recipients = "abuse@example.org" });
	assert_true(span_has(o.why, SPAN("delivered because it is to postmaster or abuse")));
	/* A sentence that quotes what would begin a field, or be decoded. */
	o = plan(&(struct scene){ .score = 3000, .detail = "x\r\nX-Spam-Flag: NO\r\n\r\n=?UTF-8?Q?=0D=0A?=" });
	assert_true(span_starts(inserted(&o, "X-Postern-Why"), SPAN(" =?UTF-8?Q?mark=2C_score_3.00_")));
}

/* What leaves for others bears nothing of ours; what stays and is spam does. */
static void outgoing(void **state)
{
	static const struct {
		struct scene scene;
		bool told;
	} cases[] = {
		{ { .outgoing = true, .score = -1000, .recipients = "u@example.org" }, false },
		{ { .outgoing = true, .score = 3000, .recipients = "u@example.org" }, true },
		{ { .outgoing = true, .score = 3000, .recipients = "u@example.org v@other.example" }, false },
		{ { .outgoing = true, .score = 3000, .recipients = "v@other.example" }, false },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct outcome o = plan(&cases[i].scene);
		if ((o.edits.n > 0) != cases[i].told || edit_of(&o, HEADER_INSERT, "Authentication-Results"))
			fail_msg("%zu", i);
	}
}

/* What a message brings along and may not: found under every spelling, numbered as the milter protocol counts, the last first. */
static void claims(void **state)
{
	static const char raw[] =
	    "x-SPAM-flag: NO\r\nX-Spam-Flag: NO\r\nX-Spammer: no\r\nX-Spam: Yes\r\nX-Spam_score: 1\r\nX-Postern-Why: a\r\n b\r\n"
	    "Authentication-Results: other.example; spf=pass\r\nAuthentication-Results: MX.example.org; dkim=pass\r\n"
	    "X-Spam-Status : No\r\nSubject: a\r\n\r\nX-Spam-Flag: NO\r\n";
	static const char inside[] = "X-Spammer: no\r\nAuthentication-Results: other.example; spf=pass\r\n"
				     "Authentication-Results: MX.example.org; dkim=pass\r\nSubject: a\r\n\r\nX-Spam-Flag: NO\r\n";
	static const char left[] =
	    "X-Spammer: no\r\nAuthentication-Results: other.example; spf=pass\r\nSubject: a\r\n\r\nX-Spam-Flag: NO\r\n";
	(void)state;
	struct outcome o = plan(&(struct scene){ .raw = raw, .score = 0, .outgoing = true, .recipients = "v@other.example" });
	assert_span(edited(&o, raw), inside);
	o = plan(&(struct scene){ .raw = raw, .score = 0 });
	assert_true(span_ends(edited(&o, raw), span_cstr(left)));
	uint32_t last = UINT32_MAX;
	for (uint32_t i = 0; i < 7; i++) {
		assert_int_equal(o.edits.v[i].kind, HEADER_DELETE);
		assert_true(o.edits.v[i].from < last);
		last = o.edits.v[i].from;
	}
	assert_int_equal(edit_of(&o, HEADER_DELETE, "X-Spam-Flag")->n, 2);
	assert_int_equal(edit_of(&o, HEADER_DELETE, "Authentication-Results")->n, 2);
	/* One of our own machines may speak in our name, but only one verdict stands. */
	o = plan(&(struct scene){ .raw = raw, .score = 0, .yaml = "internal_networks: [192.0.2.0/24]\n" });
	assert_true(span_ends(edited(&o, raw), span_cstr(inside)));
	assert_null(edit_of(&o, HEADER_INSERT, "Authentication-Results"));
}

/* 10,000 fields of as many names, or of one: no more than sorting. */
static void many_claims(void **state)
{
	(void)state;
	for (int same = 0; same < 2; same++) {
		struct buf raw;
		buf_init(&raw, &arena, SIZE_MAX);
		for (unsigned i = 0; i < LIMIT_HEADERS - 1; i++)
			buf_printf(&raw, "X-Spam-%u: a\n", same ? 1 : i);
		buf_cstr(&raw, "Subject: a\n\nb");
		buf_byte(&raw, 0);
		struct outcome o =
		    plan(&(struct scene){ .raw = (const char *)raw.p, .score = 0, .outgoing = true, .recipients = "v@o.example" });
		assert_int_equal(o.edits.n, LIMIT_HEADERS - 1);
		assert_int_equal(o.edits.v[0].n, same ? LIMIT_HEADERS - 1 : 1);
		assert_span(edited(&o, (const char *)raw.p), "Subject: a\n\nb");
	}
}

static void subject(void **state)
{
	static const struct {
		const char *raw, *mark, *left;
	} cases[] = {
		{ "Subject: hello\r\n\r\n", "[SPAM]", "Subject: [SPAM] hello\r\n\r\n" },
		{ "SUBJECT:hello\nTo: a\n\n", "[SPAM]", "SUBJECT: [SPAM] hello\r\nTo: a\n\n" },
		{ "Subject: =?UTF-8?B?w6k=?=\r\n =?UTF-8?B?w6k=?=\r\n\r\n", "[SPAM]",
		  "Subject: [SPAM] =?UTF-8?B?w6k=?=\r\n =?UTF-8?B?w6k=?=\r\n\r\n" },
		{ "Subject: =?UTF-8?B?w6k=?=\r\n\r\n", "\xc3\xa9:", "Subject: =?UTF-8?Q?=C3=A9=3A_?= =?UTF-8?B?w6k=?=\r\n\r\n" },
		{ "Subject: [spam] again\r\n\r\n", "[SPAM]", "Subject: [spam] again\r\n\r\n" },
		{ "Subject:\r\n\r\n", "[SPAM]", "Subject: [SPAM]\r\n\r\n" },
		{ "To: a\r\n\r\n", "[SPAM]", "Subject: [SPAM]\r\nTo: a\r\n\r\n" },
		{ "Subject: one\r\nSubject: two\r\nSubject: three\r\n\r\n", "[S]",
		  "Subject: [S] one\r\nSubject: two\r\nSubject: [S] three\r\n\r\n" },
		{ "Subject: a\rb\r\n\tc\r\n\r\n", "[S]", "Subject: [S] ab\r\n\tc\r\n\r\n" },
		{ "Subject: 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 12345\r\n\r\n", "[SPAM]",
		  "Subject: [SPAM]\r\n 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 12345\r\n\r\n" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct outcome o =
		    plan(&(struct scene){ .raw = cases[i].raw,
					  .score = 3000,
					  .yaml = (const char *)arena_printf(&arena, "subject_mark: \"%s\"\n", cases[i].mark).p });
		if (!span_ends(edited(&o, cases[i].raw), span_cstr(cases[i].left)))
			fail_msg("%zu: %.*s", i, SPAN_ARG(edited(&o, cases[i].raw)));
	}
	struct outcome o = plan(&(struct scene){ .score = 0, .yaml = "subject_mark: S\n" });
	assert_null(edit_of(&o, HEADER_CHANGE, "Subject"));
}

static void unjudged(void **state)
{
	static const struct {
		const char *yaml;
		enum outcome_unjudged why;
		enum disposition disposition;
	} cases[] = {
		{ "", UNJUDGED_TOO_LARGE, DISPOSITION_DELIVER },
		{ "", UNJUDGED_CRASHED, DISPOSITION_DEFER },
		{ "", UNJUDGED_TOO_BUSY, DISPOSITION_DEFER },
		{ "on_failure: accept\n", UNJUDGED_TOO_LATE, DISPOSITION_DELIVER },
		{ "enforce: no\n", UNJUDGED_TOO_LATE, DISPOSITION_DELIVER },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct settings settings = settings_of(cases[i].yaml);
		struct connection connection = { .has_ip = false };
		struct plan_source source = { .connection = &connection, .settings = &settings, .hostname = settings.hostname };
		struct outcome o;
		plan_unjudged(&source, cases[i].why, &arena, &o);
		assert_int_equal(o.disposition, cases[i].disposition);
		assert_true(span_starts(inserted(&o, "X-Postern-Why"), SPAN(" not judged: ")));
		assert_int_equal(o.reply_code, o.disposition == DISPOSITION_DEFER ? 451 : 0);
		connection.auth_user = SPAN("u");
		plan_unjudged(&source, cases[i].why, &arena, &o);
		assert_int_equal(o.edits.n, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dispositions), cmocka_unit_test(replies),  cmocka_unit_test(no_client_is_told_of_a_trap),
		cmocka_unit_test(headers),      cmocka_unit_test(outgoing), cmocka_unit_test(claims),
		cmocka_unit_test(many_claims),  cmocka_unit_test(subject),  cmocka_unit_test(unjudged)
	};
	arena_init(&arena);
	int failed = cmocka_run_group_tests_name("action/plan", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
