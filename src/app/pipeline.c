/* app/pipeline.c - see pipeline.h */
#include "app/pipeline.h"
#include "base/clock.h"
#include "check/learned.h"
#include "message/charset.h"

#include <inttypes.h>

void pipeline_warm_up(void) { content_warm_up(); }

void pipeline_init(struct pipeline *pipeline, const struct pipeline_options *options)
{
	memset(pipeline, 0, sizeof *pipeline);
	pipeline->options = options;
	arena_init(&pipeline->arena);
	if (options->model)
		pipeline->scratch = features_scratch_new();
}

void pipeline_release(struct pipeline *pipeline)
{
	arena_release(&pipeline->arena);
	features_scratch_free(pipeline->scratch);
	charset_thread_release();
}

/* Puts the questions that have no answer yet; true when there was a new one. */
static bool ask(struct pipeline *p, const struct questions *questions, int64_t now)
{
	bool asked = false;
	for (uint32_t i = 0; i < questions->list.n; i++) {
		const struct question *question = &questions->list.v[i];
		if (answers_find(&p->answers, question->type, question->name) || p->answers.list.n >= LIMIT_QUESTIONS)
			continue;
		struct answer *answer = vec_push(&p->arena, &p->answers.list);
		answer->question = *question;
		answer->time = now;
		answer->status = ANSWER_UNAVAILABLE;
		if (p->options->zone)
			zone_answer(p->options->zone, &p->arena, answer);
		asked = true;
	}
	return asked;
}

/* Authentication and every check are stepped until they are done; questions of one round are put together. */
static void run_checks(struct pipeline *p, const struct check_view *view, struct evidence_set *set)
{
	const struct check *const *checks = p->options->checks ? p->options->checks : check_all;
	size_t n = 0;
	while (checks[n])
		n++;
	bool *done = arena_zalloc(&p->arena, n * sizeof *done);
	struct authentication_source vouch = {
		.message = view->message,
		.content = view->content,
		.path = view->path,
		.connection = view->connection,
		.now = view->now,
	};
	for (unsigned round = 0; round <= LIMIT_ROUNDS; round++) {
		struct questions questions = { .arena = &p->arena };
		authentication_step(&vouch, &p->answers, &questions, &p->arena, &p->auth);
		for (size_t i = 0; i < n; i++)
			if (!done[i])
				done[i] = checks[i]->step(view, &p->answers, &questions, set) == CHECK_DONE;
		if (!ask(p, &questions, view->now))
			break;
	}
	for (size_t i = 0; i < n; i++)
		if (!done[i])
			evidence_unchecked(set, checks[i]->name, "The check {1} asked more questions than one message may",
					   span_cstr(checks[i]->name));
}

/* Costs more than a message; so again only when there is a sixty-fourth more good mail. */
static void refresh_bound(struct pipeline *p)
{
	const int32_t *cells = p->options->model->cells + MODEL_BOUND;
	int32_t count = __atomic_load_n(&cells[0], __ATOMIC_RELAXED);
	if (p->bound.threshold && count >= p->bound_count && (int64_t)count - p->bound_count <= p->bound_count / 64)
		return;
	p->bound = bound_find(cells, p->options->settings.reject, p->options->settings.reject_loss / 1e5);
	p->bound_count = count;
}

static bool has_proof(const struct evidence_set *set)
{
	for (uint32_t i = 0; i < set->list.n; i++)
		if (set->list.v[i].def->flags & EVIDENCE_PROOF && set->list.v[i].weight > 0)
			return true;
	return false;
}

/* While the good mail learned is too little to promise that `reject` loses none, what was learned may not reject on its own: it stops
 * short, unless the checks prove something or come that far by themselves. */
static void hold_back(struct pipeline *p, struct evidence_set *set, struct model_score *score)
{
	const struct settings *s = &p->options->settings;
	int32_t most = s->reject - 100 - s->prior; /* told with one decimal, it must not look as if it had reached it */
	if (p->bound.promised || p->structural > most || score->log_odds * 1000 <= most || has_proof(set))
		return;
	score->log_odds = most / 1000.0;
	evidence_unchecked(
	    set, "learned",
	    "It is like spam enough to be rejected, but the {1} good messages learned so far do not promise yet that this loses no "
	    "more good mail than reject_loss allows",
	    arena_printf(&p->arena, "%" PRIu64, p->bound.good));
}

/* What was learned speaks last: it reads what the checks said. */
static void consult_model(struct pipeline *p, struct evidence_set *set)
{
	static const struct verdict_thresholds none = { 0, INT32_MAX, INT32_MAX, INT32_MAX, false };
	struct view_source source = { .message = &p->message, .content = &p->content, .path = &p->path, .evidence = set };
	struct views views;
	p->structural = verdict_judge(set, &none).score;
	unsigned wanted = p->options->judges_only ? model_listens(p->options->model) : FEATURES_ALL;
	views_build(&source, wanted & 1u << FEATURES_RAW, &p->arena, &views);
	features_take(&views, wanted, p->scratch, &p->arena, &p->features);
	model_score(p->options->model, &p->features, p->structural, &p->score);
	refresh_bound(p);
	struct model_score said = p->score;
	hold_back(p, set, &said);
	struct explain_source reasons = { &source, &views, &p->features, p->options->model, &p->score };
	struct explanation explanation;
	if (p->options->explain)
		explain_score(&reasons, &p->arena, &explanation);
	learned_add(&said, p->structural, p->options->explain ? &explanation : NULL, set);
}

void pipeline_judge(struct pipeline *p, struct span raw, struct judgement *ret)
{
	uint64_t begin = clock_microseconds();
	const struct pipeline_options *o = p->options;
	arena_reset(&p->arena);
	memset(&p->answers, 0, sizeof p->answers);
	p->auth = (struct authentication){ .step = AUTH_MORE };
	memset(ret, 0, sizeof *ret);
	ret->evidence.arena = &p->arena;

	message_parse(raw, &p->arena, &p->message);
	content_examine(&p->message, &p->content);
	struct path_settings nets = {
		.trusted = o->settings.trusted_networks.v,
		.n_trusted = o->settings.trusted_networks.n,
		.internal = o->settings.internal_networks.v,
		.n_internal = o->settings.internal_networks.n,
		.msa = o->settings.msa_networks.v,
		.n_msa = o->settings.msa_networks.n,
	};
	path_examine(&p->message, &p->content, &nets, &o->connection, &p->path);

	struct check_settings settings = { .local_domains = o->settings.local_domains.v, .n_local_domains = o->settings.local_domains.n };
	struct check_view view = {
		.message = &p->message,
		.content = &p->content,
		.path = &p->path,
		.connection = &o->connection,
		.settings = &settings,
		.auth = &p->auth,
		.now = o->now != CLOCK_NONE ? o->now : p->path.reference_time,
		.arena = &p->arena,
	};
	sender_examine(&p->message, &p->content, &p->path, &o->connection, &view.sender);
	check_own_domains(&view);
	run_checks(p, &view, &ret->evidence);
	if (o->model)
		consult_model(p, &ret->evidence);
	if (o->model_trouble.n)
		evidence_unchecked(&ret->evidence, "learned", "What was learned before could not be consulted: {1}", o->model_trouble);
	evidence_finish(&ret->evidence);

	struct verdict_thresholds thresholds = { o->settings.prior, o->settings.mark, o->settings.quarantine, o->settings.reject,
						 o->settings.defer_unchecked };
	if (o->model && p->bound.promised)
		thresholds.reject = p->bound.threshold;
	ret->verdict = verdict_judge(&ret->evidence, &thresholds);
	ret->message = &p->message;
	ret->content = &p->content;
	ret->path = &p->path;
	ret->reference_time = view.now;
	ret->microseconds = clock_microseconds() - begin;
}
