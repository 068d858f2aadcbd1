/* tests/fuzz/fuzz_log.c - any bytes as values of a line: it stays one line, without what acts on a terminal, and its JSON is JSON. */
#include "base/log.h"
#include "base/utf8.h"
#include "base/visible.h"
#include "tests/fuzz/fuzz.h"

#include <jansson.h>
#include <stdlib.h>

static struct span line_of(struct log_line *line, enum log_format format, struct span value)
{
	struct log log = { .target = LOG_TO_JOURNAL, .format = format };
	log_begin(line, &log, LOG_INFO, "fuzz");
	log_text(line, "first", span_first(value, value.n / 2));
	for (size_t i = 0; i <= value.n; i += 400)
		log_text(line, "next", span_skip(value, i));
	log_number(line, "last", 1);
	return log_finish(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct log_line line;
	for (int format = 0; format < 2; format++) {
		struct span text = line_of(&line, (enum log_format)format, span_of(data, size));
		if (text.n > LIMIT_LOG_LINE || !span_ends(text, SPAN("\n")) || !utf8_valid(text))
			abort();
		for (size_t i = 0; i + 1 < text.n;) {
			uint32_t c;
			i += utf8_decode(text, i, &c);
			if (visible_is_hidden(c))
				abort();
		}
		if (format == LOG_AS_JSON && !span_has(text, SPAN("\\ud"))) { /* jansson takes no lone surrogates */
			json_t *json = json_loadb((const char *)text.p, text.n, JSON_ALLOW_NUL, NULL);
			if (!json)
				abort();
			json_decref(json);
		}
	}
	return 0;
}
