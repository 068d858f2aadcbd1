/* app/symbols.c - see symbols.h */
#include "app/symbols.h"
#include "base/json_out.h"
#include "check/check.h"
#include "session/client_text.h"

/* The sentence, with "..." where the details of a message would stand: "{1}". */
static struct span sentence(const char *says, struct arena *arena)
{
	struct span rest = span_cstr(says);
	struct buf out;
	buf_init(&out, arena, 4096);
	while (rest.n) {
		bool blank = rest.n >= 3 && rest.p[0] == '{' && rest.p[2] == '}';
		buf_put(&out, blank ? SPAN("...") : span_first(rest, 1));
		rest = span_skip(rest, blank ? 3 : 1);
	}
	return buf_span(&out);
}

static void put_rule(struct json_out *j, const struct evidence_def *def, const struct outcome *scale)
{
	json_object(j, NULL);
	json_cstr(j, "symbol", def->id);
	json_milli(j, "weight", (int64_t)client_text_symbol_score(scale, def->weight) * 10);
	json_text(j, "description", sentence(def->says, j->buf->arena));
	json_close(j);
}

static void put_group(struct json_out *j, enum evidence_group group, const struct outcome *scale)
{
	bool any = false;
	for (size_t c = 0; check_all[c]; c++)
		for (size_t i = 0; i < check_all[c]->n_evidence; i++) {
			const struct evidence_def *def = &check_all[c]->evidence[i];
			if (def->group != group)
				continue;
			if (!any) {
				json_object(j, NULL);
				json_cstr(j, "group", evidence_group_name(group));
				json_array(j, "rules");
			}
			any = true;
			put_rule(j, def, scale);
		}
	if (any) {
		json_close(j);
		json_close(j);
	}
}

void symbols_put(const struct verdict_thresholds *thresholds, struct buf *out)
{
	struct outcome scale = { .thresholds = *thresholds };
	struct json_out j;
	json_init(&j, out);
	json_array(&j, NULL);
	for (unsigned group = 0; group < GROUPS; group++)
		put_group(&j, (enum evidence_group)group, &scale);
	json_close(&j);
	buf_byte(out, '\n');
}
