/* tests/fuzz/fuzz_html.c - html_parse on any bytes: ranges stay in bounds, work stays linear, references decode everywhere. */
#include "message/html.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

static void must(bool ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena arena;
	if (!arena.first)
		arena_init(&arena);
	arena_reset(&arena);
	struct anomalies anomalies = { 0 };
	struct html html;
	struct span source = span_of(data, size);
	html_parse(source, 1, &arena, &anomalies, &html);
	must(html.steps <= 32 * size + 1000);
	must(html.text.n <= size + size / 4 + 64 && html.hidden.n <= size + size / 4 + 64);
	for (uint32_t i = 0; i < html.links.n; i++) {
		const struct html_link *link = &html.links.v[i];
		must(link->from <= link->to && link->to <= size && link->href.n > 0);
		must(link->text_from <= link->text_to && link->text_to <= html.text.n);
	}
	for (uint32_t i = 0; i < html.hidden_runs.n; i++)
		must(html.hidden_runs.v[i].from <= html.hidden_runs.v[i].to && html.hidden_runs.v[i].to <= size);
	html_decode_references(source, true, &arena);
	html_decode_references(source, false, &arena);
	return 0;
}
