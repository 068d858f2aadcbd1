/* app/checks_command.c - `postern checks`: every check with its evidence, weights and reasons, from the tables the checks run by. */
#include "app/command.h"
#include "app/terminal.h"
#include "base/json_out.h"
#include "base/limits.h"

#include <stdio.h>
#include <unistd.h>

static bool wanted(const struct check *check, const char *name)
{
	if (!name || strcmp(check->name, name) == 0)
		return true;
	for (size_t i = 0; i < check->n_evidence; i++)
		if (strcmp(check->evidence[i].id, name) == 0)
			return true;
	return false;
}

static void json_check(const struct check *check, struct buf *out)
{
	struct json_out j;
	json_init(&j, out);
	json_object(&j, NULL);
	json_cstr(&j, "check", check->name);
	json_cstr(&j, "purpose", check->purpose);
	json_array(&j, "evidence");
	for (size_t i = 0; i < check->n_evidence; i++) {
		const struct evidence_def *def = &check->evidence[i];
		json_object(&j, NULL);
		json_cstr(&j, "id", def->id);
		json_cstr(&j, "group", evidence_group_name(def->group));
		json_milli(&j, "weight", def->weight);
		json_bool(&j, "proof", def->flags & EVIDENCE_PROOF);
		json_cstr(&j, "says", def->says);
		json_cstr(&j, "why", def->why);
		json_close(&j);
	}
	json_close(&j);
	json_close(&j);
	buf_byte(out, '\n');
}

static void text_evidence(const struct evidence_def *def, const struct style *style, struct arena *arena, struct buf *out)
{
	enum style_kind kind = def->weight < 0 ? STYLE_GOOD : def->weight >= 2000 ? STYLE_BAD : def->weight > 0 ? STYLE_WARN : STYLE_PLAIN;
	buf_cstr(out, "  ");
	/* The model weighs each message anew. */
	style_put(style, out, kind, def->group == GROUP_LEARNED ? SPAN("varies") : arena_printf(arena, "%+6.2f", def->weight / 1000.0));
	buf_cstr(out, "  ");
	style_put(style, out, STYLE_BOLD, span_cstr(def->id));
	style_put(style, out, STYLE_DIM,
		  arena_printf(arena, "  %s%s", evidence_group_name(def->group), def->flags & EVIDENCE_PROOF ? ", proof" : ""));
	buf_cstr(out, "\n          ");
	style_wrap(style, out, 10, span_cstr(def->says));
	buf_cstr(out, "\n          ");
	style_wrap(style, out, 10, arena_printf(arena, "Why: %s", def->why));
	buf_byte(out, '\n');
}

static void text_check(const struct check *check, const char *only, const struct style *style, struct arena *arena, struct buf *out)
{
	if (out->n)
		buf_byte(out, '\n');
	style_put(style, out, STYLE_BOLD, span_cstr(check->name));
	buf_cstr(out, "  ");
	style_wrap(style, out, 2, span_cstr(check->purpose));
	buf_byte(out, '\n');
	bool all = !only || strcmp(check->name, only) == 0;
	for (size_t i = 0; i < check->n_evidence; i++)
		if (all || strcmp(check->evidence[i].id, only) == 0)
			text_evidence(&check->evidence[i], style, arena, out);
}

enum exit_status checks_run(struct options *o)
{
	const char *name = o->n_paths ? o->paths[0] : NULL;
	struct style style = terminal_style(STDOUT_FILENO);
	struct buf out;
	buf_init(&out, &o->arena, LIMIT_REPORT_BYTES);
	for (size_t i = 0; check_all[i]; i++) {
		if (!wanted(check_all[i], name))
			continue;
		if (o->json)
			json_check(check_all[i], &out);
		else
			text_check(check_all[i], name, &style, &o->arena, &out);
	}
	if (out.n == 0) {
		fprintf(stderr, "postern: there is no check and no evidence \"%s\"; `postern checks` lists all\n", name);
		return EXIT_TROUBLE;
	}
	fwrite(out.p, 1, out.n, stdout);
	return EXIT_CLEAN;
}
