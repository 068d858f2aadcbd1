/* tests/fuzz/fuzz_plan.c - any message, judged as spam and edited: afterwards it bears our fields once, nothing else in our name, and
 * everything else as it was. */
#include "action/plan.h"
#include "message/content.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

static bool is_ours(const struct header *h) { return span_istarts(h->name, SPAN("X-Spam-")) || span_istarts(h->name, SPAN("X-Postern-")); }

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct evidence_def def = { "a.b", GROUP_IDENTITY, 9000, 0, "Says {1}", "" };
	struct arena arena;
	struct message message, again;
	struct content content;
	struct settings settings;
	struct outcome outcome;
	struct connection connection = { .has_ip = false };
	struct path path = { .outgoing = false };
	struct authentication auth = { .step = AUTH_DONE };
	struct evidence_set set = { .arena = &arena };
	struct verdict verdict = { .action = VERDICT_MARK, .score = 3000, .thresholds = { 0, 2000, 4000, 8000, false } };
	struct buf out;
	arena_init(&arena);
	settings_defaults(&settings);
	settings.subject_mark = size % 2 ? SPAN("[SPAM]") : span_none;
	message_parse(span_of(data, size), &arena, &message);
	content_examine(&message, &content);
	evidence_add(&set, &def, content.subject, span_none, span_none);
	struct plan_source source = { &message,  &content,           &path,     &auth, &set, &verdict, &connection,
				      &settings, SPAN("mx.example"), SPAN("1"), false, 0,    0,        true };
	plan_outcome(&source, &arena, &outcome);
	buf_init(&out, &arena, SIZE_MAX);
	outcome_edit(&outcome, message.raw, SPAN("\r\n"), &out);
	message_parse(buf_span(&out), &arena, &again);
	const struct headers *headers = message_headers(&again);
	uint32_t ours = 0, changed = 0;
	for (uint32_t i = 0; i < outcome.edits.n; i++)
		changed += outcome.edits.v[i].kind == HEADER_INSERT;
	for (uint32_t i = 0; i < headers->list.n; i++)
		ours += is_ours(&headers->list.v[i]);
	if (ours != 6 && message_headers(&message)->list.n + changed < LIMIT_HEADERS && message.raw.n < LIMIT_HEADER_BYTES / 2)
		abort();
	arena_release(&arena);
	return 0;
}
