/* Counters: told in both forms, counted nowhere when the place does not exist, and labels in the order of what they count. */
#include "action/outcome.h"
#include "base/metrics.h"
#include "session/handlers.h"
#include "state/stages.h"
#include "tests/test.h"

#include <jansson.h>

static struct arena arena;

static struct span text_of(const struct metrics *m)
{
	struct buf out;
	buf_init(&out, &arena, SIZE_MAX);
	metrics_put_text(m, &out);
	return buf_span(&out);
}

static void counts(void **state)
{
	struct metrics m;
	struct metrics_at reject = { DOOR_MILTER, VERDICT_REJECT, DISPOSITION_REJECT };
	(void)state;
	metrics_init(&m, &arena);
	size_t calls = arena.system_calls, taken = arena.taken;
	metrics_add(&m, METRIC_MESSAGES, 2, reject);
	metrics_add(&m, METRIC_MESSAGES, 1, reject);
	metrics_add(&m, METRIC_MESSAGES, 1, (struct metrics_at){ DOORS, 0, 0 });
	metrics_add(&m, METRIC_MESSAGES, 1, (struct metrics_at){ 0, 99, 0 });
	metrics_add(&m, METRIC_MESSAGES, 1, (struct metrics_at){ 0, 0, DISPOSITIONS });
	metrics_set(&m, METRIC_CONNECTIONS_OPEN, 7, (struct metrics_at){ DOOR_HTTP, 0, 0 });
	metrics_set(&m, METRIC_CONNECTIONS_OPEN, 5, (struct metrics_at){ DOOR_HTTP, 0, 0 });
	metrics_observe(&m, METRIC_JUDGE_SECONDS, 90, METRICS_PLAIN);
	metrics_observe(&m, METRIC_JUDGE_SECONDS, 100, METRICS_PLAIN);
	metrics_observe(&m, METRIC_JUDGE_SECONDS, 70000000, METRICS_PLAIN);
	metrics_observe(&m, METRIC_ANSWER_SECONDS, 0, (struct metrics_at){ DOORS, 0, 0 });
	assert_true(arena.system_calls == calls && arena.taken == taken);
	assert_int_equal(metrics_get(&m, METRIC_MESSAGES, reject), 3);
	assert_int_equal(metrics_get(&m, METRIC_JUDGE_SECONDS, METRICS_PLAIN), 3);
	static const char *const lines[] = {
		"# HELP postern_messages_total Messages answered, by what was decided and what was done.\n# TYPE postern_messages_total "
		"counter\n"
		"postern_messages_total{door=\"milter\",verdict=\"reject\",disposition=\"reject\"} 3\n# HELP postern_message_bytes_total",
		"# TYPE postern_connections_open gauge\npostern_connections_open{door=\"milter\"} "
		"0\npostern_connections_open{door=\"spamd\"} 0\n"
		"postern_connections_open{door=\"http\"} 5\n",
		"# TYPE postern_judge_seconds histogram\npostern_judge_seconds_bucket{le=\"0.00005\"} "
		"0\npostern_judge_seconds_bucket{le=\"0.0001\"} "
		"2\n",
		"postern_judge_seconds_bucket{le=\"60\"} 2\npostern_judge_seconds_bucket{le=\"+Inf\"} 3\npostern_judge_seconds_sum "
		"70.00019\n"
		"postern_judge_seconds_count 3\n",
		"postern_answer_seconds_bucket{door=\"milter\",le=\"0.00005\"} 0\n",
		"\npostern_case_files_dropped_total 0\n",
	};
	for (size_t i = 0; i < COUNT(lines); i++)
		if (!span_has(text_of(&m), span_cstr(lines[i])))
			fail_msg("%s\nis not in\n%.*s", lines[i], SPAN_ARG(text_of(&m)));
}

static void json(void **state)
{
	struct metrics m;
	struct buf out;
	(void)state;
	metrics_init(&m, &arena);
	metrics_add(&m, METRIC_LEARNED, 4, (struct metrics_at){ 1, 0, 0 });
	metrics_observe(&m, METRIC_WAIT_SECONDS, 1500000, METRICS_PLAIN);
	buf_init(&out, &arena, SIZE_MAX);
	metrics_put_json(&m, &out);
	json_t *all = json_loadb((const char *)out.p, out.n, 0, NULL);
	assert_non_null(all);
	assert_int_equal(json_object_size(all), METRICS);
	json_t *ham = json_array_get(json_object_get(all, "postern_learned_total"), 1);
	assert_string_equal(json_string_value(json_object_get(ham, "kind")), "ham");
	assert_int_equal(json_integer_value(json_object_get(ham, "value")), 4);
	json_t *wait = json_array_get(json_object_get(all, "postern_dns_wait_seconds"), 0);
	assert_true(json_number_value(json_object_get(wait, "sum")) == 1.5);
	json_decref(all);
}

/* The names in the table are those of the enums. */
static void labels(void **state)
{
	struct metrics m;
	(void)state;
	for (unsigned v = VERDICT_ACCEPT; v <= VERDICT_DEFER; v++)
		for (unsigned d = 0; d < DISPOSITIONS; d++) {
			metrics_init(&m, &arena);
			metrics_add(&m, METRIC_MESSAGES, 1, (struct metrics_at){ 0, v, d });
			struct span want = arena_printf(&arena, "verdict=\"%s\",disposition=\"%s\"} 1\n",
							verdict_action_name((enum verdict_action)v), disposition_name((enum disposition)d));
			assert_true(span_has(text_of(&m), want));
		}
	for (unsigned u = 0; u < UNJUDGEDS; u++) {
		metrics_init(&m, &arena);
		metrics_add(&m, METRIC_UNJUDGED, 1, (struct metrics_at){ u, 0, 0 });
		assert_true(
		    span_has(text_of(&m), arena_printf(&arena, "reason=\"%s\"} 1\n", outcome_unjudged_name((enum outcome_unjudged)u))));
	}
}

/* What traps count has the names of the stages. */
static void traps(void **state)
{
	(void)state;
	struct metrics m;
	metrics_init(&m, &arena);
	for (unsigned i = 0; i < STAGES_OF_TRAP; i++)
		metrics_add(&m, METRIC_TRAP, i + 1, (struct metrics_at){ i, 0, 0 });
	struct span text = text_of(&m);
	for (unsigned i = 0; i < STAGES_OF_TRAP; i++)
		assert_true(span_has(text, arena_printf(&arena, "postern_trap_total{what=\"%s\"} %u\n",
							stage_name((enum stage)(STAGE_TRAP_CAME + i)) + strlen("trap_"), i + 1)));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(counts), cmocka_unit_test(json), cmocka_unit_test(labels),
					    cmocka_unit_test(traps) };
	arena_init(&arena);
	int failed = cmocka_run_group_tests_name("base/metrics", tests, NULL, NULL);
	arena_release(&arena);
	return failed;
}
