/* The JSON writer: commas, nesting, escapes, odd file names. */
#include "base/json_out.h"
#include "tests/test.h"

static void writes(void **state)
{
	(void)state;
	struct arena arena;
	struct buf buf;
	struct json_out j;
	arena_init(&arena);
	buf_init(&buf, &arena, 1000);
	json_init(&j, &buf);
	json_object(&j, NULL);
	json_text(&j, "a", SPAN("x\"\\\n\t\x01\xff\xc3\xa9\x7f"));
	json_array(&j, "b");
	json_int(&j, NULL, -1);
	json_milli(&j, NULL, -1500);
	json_milli(&j, NULL, 1005);
	json_milli(&j, NULL, 2000);
	json_bool(&j, NULL, true);
	json_close(&j);
	json_text_or_null(&j, "c", span_none);
	json_double(&j, "d", 0.5, 3);
	json_close(&j);
	assert_span(buf_span(&buf),
		    "{\"a\":\"x\\\"\\\\\\n\\t\\u0001\\udcff\xc3\xa9\\u007f\",\"b\":[-1,-1.5,1.005,2,true],\"c\":null,\"d\":0.500}");
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(writes) };
	return cmocka_run_group_tests_name("base/json_out", tests, NULL, NULL);
}
