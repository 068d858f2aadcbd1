/* app/replay.c - `postern replay`: is every kept verdict still what its case gives; and with --checks: what would be decided today?
 *
 * The checks run again over the message in the ring and the answers of that day, and the network is cut: what differs is the program, its
 * settings, its lists, or what was learned. */
#include "app/case_of.h"
#include "app/command.h"
#include "app/model_file.h"
#include "app/store_file.h"
#include "base/json_out.h"
#include "facts/answers_record.h"

#include <stdio.h>
#include <stdlib.h>

enum { DIFFERENCES = 8 }; /* told of one message */

struct replay {
	struct options *options;
	struct store *store;
	struct learner *learner; /* NULL: none */
	struct pipeline pipeline;
	struct pipeline_options judging;
	struct connection connection;
	struct answers answers;
	struct casefile_generations today;
	struct arena arena;
	uint64_t cases, changed_verdicts; /* of the cases alone: none, or the program is wrong */
	uint64_t checked, differing, unavailable;
};

/* What is not as it was. */
static struct span causes(struct replay *r, const struct casefile *c)
{
	const struct casefile_generations *then = &c->generations, *now = &r->today;
	struct buf out;
	buf_init(&out, &r->arena, 256);
	const struct {
		bool differs;
		const char *name;
	} each[] = { { !span_eq(then->build, now->build), "build" },
		     { then->settings != now->settings, "settings" },
		     { then->model != now->model, "model" },
		     { then->lists != now->lists, "lists" } };
	for (size_t i = 0; i < sizeof each / sizeof *each; i++)
		if (each[i].differs)
			buf_printf(&out, "%s%s", out.n ? " " : "", each[i].name);
	return out.n ? buf_span(&out) : SPAN("none");
}

/* "+id", "-id", "id 1.2 -> 1.4": how the evidence differs. */
struct changes {
	VEC(struct span) list;
	uint32_t n; /* those beyond DIFFERENCES too */
};

static void add_change(struct replay *r, struct changes *changes, struct span what)
{
	if (changes->n++ < DIFFERENCES)
		*(struct span *)vec_push(&r->arena, &changes->list) = what;
}

/* Of one id there may be several pieces: they are taken together. */
static bool sum_of(const struct evidence_set *set, const char *id, int64_t *ret_sum)
{
	bool there = false;
	*ret_sum = 0;
	for (uint32_t i = 0; i < set->list.n; i++)
		if (strcmp(set->list.v[i].def->id, id) == 0) {
			there = true;
			*ret_sum += set->list.v[i].weight;
		}
	return there;
}

static bool named_before(const struct evidence_set *set, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (strcmp(set->list.v[i].def->id, set->list.v[n].def->id) == 0)
			return true;
	return false;
}

static void compare(struct replay *r, const struct evidence_set *then, const struct evidence_set *now, struct changes *ret)
{
	int64_t before, after;
	for (uint32_t i = 0; i < then->list.n; i++) {
		const char *id = then->list.v[i].def->id;
		if (named_before(then, i))
			continue;
		sum_of(then, id, &before);
		if (!sum_of(now, id, &after))
			add_change(r, ret, arena_printf(&r->arena, "-%s", id));
		else if (before != after)
			add_change(r, ret, arena_printf(&r->arena, "%s %.3f -> %.3f", id, (double)before / 1000, (double)after / 1000));
	}
	for (uint32_t i = 0; i < now->list.n; i++)
		if (!named_before(now, i) && !sum_of(then, now->list.v[i].def->id, &before))
			add_change(r, ret, arena_printf(&r->arena, "+%s", now->list.v[i].def->id));
}

static void print_json(struct replay *r, const struct casefile *c, const struct verdict *now, const struct changes *changes,
		       const char *what)
{
	struct json_out j;
	struct buf out;
	buf_init(&out, &r->arena, LIMIT_REPORT_BYTES);
	json_init(&j, &out);
	json_object(&j, NULL);
	json_text(&j, "id", c->id);
	json_cstr(&j, "differs", what);
	json_cstr(&j, "was", verdict_action_name(c->verdict.action));
	json_milli(&j, "was_score", c->verdict.score);
	json_cstr(&j, "is", verdict_action_name(now->action));
	json_milli(&j, "is_score", now->score);
	json_array(&j, "evidence");
	for (uint32_t i = 0; i < changes->list.n; i++)
		json_text(&j, NULL, changes->list.v[i]);
	json_close(&j);
	json_text(&j, "changed", causes(r, c));
	json_close(&j);
	printf("%.*s\n", SPAN_ARG(buf_span(&out)));
}

static void tell(struct replay *r, const struct casefile *c, const struct verdict *now, const struct changes *changes, const char *what)
{
	if (r->options->json) {
		print_json(r, c, now, changes, what);
		return;
	}
	struct span cause = causes(r, c);
	printf("%.*s: %s: was %s (%.3f), is %s (%.3f)", SPAN_ARG(c->id), what, verdict_action_name(c->verdict.action),
	       c->verdict.score / 1000.0, verdict_action_name(now->action), now->score / 1000.0);
	for (uint32_t i = 0; i < changes->list.n; i++)
		printf("%s%.*s", i ? ", " : "; ", SPAN_ARG(changes->list.v[i]));
	if (changes->n > changes->list.n)
		printf(" and %u more", changes->n - changes->list.n);
	printf("; since then changed: %.*s\n", SPAN_ARG(cause));
}

static void connection_of(struct replay *r, const struct casefile *c)
{
	struct span *recipients = arena_alloc(&r->arena, (c->recipients.n + 1) * sizeof *recipients);
	for (uint32_t i = 0; i < c->recipients.n; i++)
		recipients[i] = c->recipients.v[i].address;
	r->connection = (struct connection){ .has_ip = c->has_ip,
					     .ip = c->ip,
					     .rdns = c->rdns,
					     .helo = c->helo,
					     .auth_user = c->auth_user,
					     .mail_from = c->mail_from,
					     .recipients = recipients,
					     .n_recipients = c->recipients.n };
}

static void check_again(struct replay *r, const struct casefile *c)
{
	struct span content;
	struct judgement judgement;
	struct changes changes = { .n = 0 };
	if (store_content(r->store, c->id, &r->arena, &content) < 0 || answers_record_read(c->answers, &r->arena, &r->answers) < 0) {
		r->unavailable++;
		return;
	}
	connection_of(r, c);
	r->pipeline.connection = &r->connection;
	r->pipeline.now = c->reference_time;
	pipeline_judge(&r->pipeline, content, &judgement);
	r->checked++;
	compare(r, &c->evidence, &judgement.evidence, &changes);
	if (judgement.verdict.action == c->verdict.action && judgement.verdict.score == c->verdict.score && !changes.n)
		return;
	r->differing++;
	tell(r, c, &judgement.verdict, &changes, "the checks say otherwise");
}

static bool one_case(void *context, const struct store_case *found)
{
	struct replay *r = context;
	const struct casefile *c = &found->casefile;
	struct verdict again = casefile_verdict(c);
	arena_reset(&r->arena);
	r->cases++;
	if (again.action != c->verdict.action || again.score != c->verdict.score) {
		struct changes none = { .n = 0 };
		r->changed_verdicts++;
		tell(r, c, &again, &none, "its case gives another verdict");
	}
	/* what came to the trap was judged by the trap, not by the checks of mail */
	if (r->options->store.checks && !span_eq(c->door, SPAN("trap")))
		check_again(r, c);
	return true;
}

static void sum_up(const struct replay *r)
{
	if (r->options->json) {
		printf("{\"cases\":%llu,\"verdicts_differ\":%llu,\"checked\":%llu,\"checks_differ\":%llu,\"content_unavailable\":%llu}\n",
		       (unsigned long long)r->cases, (unsigned long long)r->changed_verdicts, (unsigned long long)r->checked,
		       (unsigned long long)r->differing, (unsigned long long)r->unavailable);
		return;
	}
	printf("%llu cases: %llu give another verdict than was recorded\n", (unsigned long long)r->cases,
	       (unsigned long long)r->changed_verdicts);
	if (r->options->store.checks)
		printf("%llu checked again: of %llu the checks say otherwise; of %llu the message is no longer kept\n",
		       (unsigned long long)r->checked, (unsigned long long)r->differing, (unsigned long long)r->unavailable);
}

/* Kept answers alone, the settings and what was learned as they are today. */
static void prepare(struct replay *r)
{
	struct options *o = r->options;
	r->learner = model_file_consult(o);
	r->judging = o->pipeline;
	r->judging.network = false;
	r->judging.zone = NULL;
	r->judging.kept = &r->answers;
	r->judging.lists = NULL;
	memset(r->judging.answerers, 0, sizeof r->judging.answerers);
	pipeline_warm_up();
	pipeline_init(&r->pipeline, &r->judging);
	r->today.model = case_model_generation(r->learner);
}

enum exit_status replay_run(struct options *o)
{
	struct replay r = { .options = o, .store = store_file_open(o, STORE_READ) };
	uint64_t unreadable = 0;
	if (!r.store)
		return EXIT_TROUBLE;
	if (o->n_paths) {
		store_close(r.store);
		fprintf(stderr, "postern: replay takes no arguments; --since TIME says from when on\n");
		return EXIT_TROUBLE;
	}
	arena_init(&r.arena);
	r.today = case_generations(&o->pipeline.settings, &o->arena);
	if (o->store.checks)
		prepare(&r);
	o->store.query.oldest_first = true;
	o->store.query.limit = 0;
	int err = store_search(r.store, &o->store.query, one_case, &r, &unreadable);
	if (err < 0)
		fprintf(stderr, "postern: %s\n", store_why(r.store));
	if (unreadable)
		fprintf(stderr, "postern: %llu cases cannot be read: they are damaged, or of a newer version\n",
			(unsigned long long)unreadable);
	sum_up(&r);
	if (o->store.checks)
		pipeline_release(&r.pipeline);
	learner_close(r.learner);
	arena_release(&r.arena);
	store_close(r.store);
	return err < 0 || unreadable ? EXIT_TROUBLE : r.changed_verdicts || r.differing ? EXIT_FOUND : EXIT_CLEAN;
}
