/* app/evaluate_text.c - see evaluate_text.h */
#include "app/evaluate_text.h"
#include "base/json_out.h"
#include "report/words.h"

#include <math.h>

enum { LABEL_COLUMNS = 41 };

static const char *const class_key[EVALUATION_CLASSES] = { [EVALUATION_GOOD] = "ham", [EVALUATION_SPAM] = "spam" };

static void put_label(struct span label, struct buf *out)
{
	buf_put(out, label);
	buf_printf(out, "%*s", label.n < LABEL_COLUMNS ? (int)(LABEL_COLUMNS - label.n) : 1, "");
}

/* needs: why it may be not available. */
static void put_estimate(struct span label, const struct estimate *e, int decimals, const char *unit, struct span needs, struct buf *out)
{
	put_label(label, out);
	if (isnan(e->value))
		buf_printf(out, "%9s (%.*s)\n", "n/a", SPAN_ARG(needs));
	else
		buf_printf(out, "%9.*f%-4s %9.*f to %.*f\n", decimals, e->value, unit, decimals, e->low, decimals, e->high);
}

static void put_measures(const struct evaluate_report *report, struct buf *out)
{
	const struct evaluation *evaluation = report->evaluation;
	struct arena *arena = out->arena;
	const struct span both = SPAN("needs good mail and spam");
	char number[32];
	put_label(SPAN(""), out);
	buf_printf(out, "%9s     %s\n", "", "  95 % interval");
	put_estimate(SPAN("(1-ROCA)%"), &evaluation->roca, 4, "", both, out);
	for (unsigned i = 0; i < EVALUATION_LOSSES; i++) {
		const struct evaluation_loss *loss = &evaluation_losses[i];
		struct span needs = arena_printf(arena, "needs %s good messages", words_grouped(loss->one_in, number));
		put_estimate(arena_printf(arena, "spam missed at %s %% of good mail lost", loss->percent), &evaluation->missed[i], 2, " %",
			     evaluation->messages[EVALUATION_GOOD] < loss->one_in ? needs : both, out);
	}
	put_estimate(arena_printf(arena, "lam%% at %g nats", report->options->pipeline.settings.mark / 1000.0), &evaluation->lam, 2, "",
		     both, out);
	put_estimate(SPAN("calibration error"), &evaluation->calibration, 2, " %", span_none, out);
	struct span sure = arena_printf(arena, "spam among the %s given >= 99 %%", words_grouped(evaluation->sure_messages, number));
	put_estimate(sure, &evaluation->sure, 2, " %", SPAN("no message was given as much"), out);
}

static void put_outcome(const struct evaluate_report *report, struct buf *out)
{
	const struct evaluation *evaluation = report->evaluation;
	unsigned last = evaluation->outcome[0][VERDICT_DEFER] + evaluation->outcome[1][VERDICT_DEFER] ? VERDICT_DEFER : VERDICT_REJECT;
	char number[32];
	buf_printf(out, "\n%-10s", "");
	for (unsigned class = 0; class < EVALUATION_CLASSES; class ++)
		buf_printf(out, "%s%10s %s", class ? "   " : "", words_grouped(evaluation->messages[class], number),
			   class == EVALUATION_GOOD ? "good messages               " : "spam");
	buf_byte(out, '\n');
	for (unsigned action = VERDICT_ACCEPT; action <= last; action++) {
		buf_printf(out, "%-10s", verdict_action_name((enum verdict_action)action));
		for (unsigned class = 0; class < EVALUATION_CLASSES; class ++) {
			const struct estimate *share = &evaluation->outcome_share[class][action];
			buf_printf(out, "%s%10s", class ? "   " : "", words_grouped(evaluation->outcome[class][action], number));
			if (isnan(share->value))
				buf_printf(out, "%10s%19s", "n/a", "");
			else
				buf_printf(out, " %7.3f %% %7.3f to %7.3f", share->value, share->low, share->high);
		}
		buf_byte(out, '\n');
	}
}

void evaluate_text(const struct evaluate_report *report, struct buf *out)
{
	const struct evaluation *evaluation = report->evaluation;
	const struct options *o = report->options;
	char number[32];
	uint64_t n = evaluation->messages[EVALUATION_GOOD] + evaluation->messages[EVALUATION_SPAM];
	buf_printf(out, "%s message%s", words_grouped(n, number), n == 1 ? "" : "s");
	if (report->messages) {
		struct span feedback = feedback_name(&o->evaluate.feedback, out->arena);
		buf_printf(out, "; feedback %.*s%s", SPAN_ARG(feedback), o->evaluate.prior ? ", with the shipped prior" : "");
	}
	buf_cstr(out, "\n\n");
	put_measures(report, out);
	put_outcome(report, out);
	if (report->messages)
		buf_printf(out, "\n%.0f messages a second; %.1f MB of memory at most, %.1f MB of it the model\n",
			   (double)report->messages / ((double)(report->microseconds ? report->microseconds : 1) / 1e6),
			   (double)report->peak_bytes / 1e6, (double)report->model_bytes / 1e6);
}

static void json_estimate(struct json_out *j, const char *key, const struct estimate *e)
{
	if (isnan(e->value)) {
		json_null(j, key);
		return;
	}
	json_object(j, key);
	json_double(j, "value", e->value, 6);
	json_double(j, "low", e->low, 6);
	json_double(j, "high", e->high, 6);
	json_close(j);
}

static void json_outcome(struct json_out *j, const struct evaluation *evaluation)
{
	json_object(j, "outcome");
	for (unsigned class = 0; class < EVALUATION_CLASSES; class ++) {
		json_object(j, class_key[class]);
		for (unsigned action = 0; action < EVALUATION_ACTIONS; action++) {
			json_object(j, verdict_action_name((enum verdict_action)action));
			json_int(j, "messages", (int64_t)evaluation->outcome[class][action]);
			json_estimate(j, "percent", &evaluation->outcome_share[class][action]);
			json_close(j);
		}
		json_close(j);
	}
	json_close(j);
}

static void json_walk(struct json_out *j, const struct evaluate_report *report, struct arena *arena)
{
	json_text(j, "feedback", feedback_name(&report->options->evaluate.feedback, arena));
	json_bool(j, "prior", report->options->evaluate.prior);
	json_int(j, "failures", (int64_t)report->failures);
	json_double(j, "seconds", (double)report->microseconds / 1e6, 6);
	json_double(j, "messages_per_second", (double)report->messages / ((double)(report->microseconds ? report->microseconds : 1) / 1e6),
		    1);
	json_int(j, "peak_bytes", (int64_t)report->peak_bytes);
	json_int(j, "model_bytes", (int64_t)report->model_bytes);
}

void evaluate_json(const struct evaluate_report *report, struct buf *out)
{
	const struct evaluation *evaluation = report->evaluation;
	struct json_out j;
	json_init(&j, out);
	json_object(&j, NULL);
	for (unsigned class = 0; class < EVALUATION_CLASSES; class ++)
		json_int(&j, class_key[class], (int64_t)evaluation->messages[class]);
	json_estimate(&j, "one_minus_roca_percent", &evaluation->roca);
	json_object(&j, "spam_missed_percent");
	for (unsigned i = 0; i < EVALUATION_LOSSES; i++)
		json_estimate(&j, evaluation_losses[i].percent, &evaluation->missed[i]);
	json_close(&j);
	json_milli(&j, "threshold", report->options->pipeline.settings.mark);
	json_estimate(&j, "lam_percent", &evaluation->lam);
	json_estimate(&j, "calibration_error_percent", &evaluation->calibration);
	json_object(&j, "given_99_percent");
	json_int(&j, "messages", (int64_t)evaluation->sure_messages);
	json_estimate(&j, "spam_percent", &evaluation->sure);
	json_close(&j);
	json_outcome(&j, evaluation);
	if (report->messages)
		json_walk(&j, report, out->arena);
	json_close(&j);
	buf_byte(out, '\n');
}
