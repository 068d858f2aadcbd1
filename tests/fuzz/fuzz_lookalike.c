/* tests/fuzz/fuzz_lookalike.c - any bytes as the domain of From, and as text with links, held against brands and an own domain. */
#include "check/check.h"
#include "message/unicode.h"
#include "message/url.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena arena;
	static bool warm;
	if (!warm) {
		unicode_warm_up();
		url_warm_up();
		warm = true;
	}
	arena_reset(&arena);
	struct span input = span_of(data, size), line = span_first(input, span_find_byte(input, '\n', 0));
	struct path path = { 0 };
	struct anomalies anomalies = { 0 };
	struct content content = { 0 };
	struct address from = { .domain = line };
	struct check_view view = { .content = &content, .path = &path, .arena = &arena };
	struct evidence_set set = { .arena = &arena };
	*(struct span *)vec_push(&arena, &view.own.domains) = SPAN("clientsite.co.nz");
	links_from_text(span_skip(input, line.n), 0, PLACE_TEXT, &arena, &anomalies, &content.links);
	view.sender = (struct sender){ .from = &from, .from_org = sender_org(line), .outside = true };
	check_lookalike.examine(&view, &set);
	evidence_finish(&set);
	return 0;
}
