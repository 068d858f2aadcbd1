/* app/pipeline.c - see pipeline.h */
#include "app/pipeline.h"
#include "app/asking.h"
#include "base/clock.h"
#include "base/err.h"
#include "check/learned.h"
#include "message/charset.h"
#include "report/words.h"

#include <inttypes.h>

void pipeline_warm_up(void) { content_warm_up(); }

void pipeline_thread_init(struct pipeline_thread *thread, const struct pipeline_options *options)
{
	memset(thread, 0, sizeof *thread);
	thread->options = options;
	arena_init(&thread->arena);
	if (options->model) {
		thread->scratch = features_scratch_new();
		model_expect(options->model, thread->scratch);
	}
}

void pipeline_thread_release(struct pipeline_thread *thread)
{
	asker_free(thread->asker);
	arena_release(&thread->arena);
	features_scratch_free(thread->scratch);
	charset_thread_release();
}

void pipeline_init_in(struct pipeline *pipeline, struct pipeline_thread *thread)
{
	memset(pipeline, 0, sizeof *pipeline);
	pipeline->options = thread->options;
	pipeline->thread = thread;
	pipeline->connection = &thread->options->connection;
	pipeline->now = thread->options->now;
	arena_init(&pipeline->arena);
}

void pipeline_init(struct pipeline *pipeline, const struct pipeline_options *options)
{
	struct pipeline_thread own;
	pipeline_thread_init(&own, options);
	pipeline_init_in(pipeline, &own);
	pipeline->own = own;
	pipeline->thread = &pipeline->own;
}

void pipeline_release(struct pipeline *pipeline)
{
	arena_release(&pipeline->arena);
	if (pipeline->thread == &pipeline->own)
		pipeline_thread_release(&pipeline->own);
}

/* Made by the first question of the thread. */
static struct asker *asker_of(struct pipeline_thread *thread)
{
	const struct pipeline_options *o = thread->options;
	if (thread->asker || thread->asker_trouble.n)
		return thread->asker;
	struct dns_files files = { 0 };
	struct span trouble;
	bool asks_itself = o->network && !o->zone && !o->forward.put;
	int err = asks_itself ? dns_files_read(&o->settings, &thread->arena, &files, &trouble) : ERR_OK;
	struct asker_options options = asking_options(&o->settings, &files);
	options.zone = o->zone;
	options.forward = o->forward;
	options.nobody = options.nobody || !o->network;
	memcpy(options.answerers, o->answerers, sizeof options.answerers);
	if (err == ERR_OK)
		err = asker_new(&options, NULL, &thread->arena, &thread->asker, &trouble);
	if (err != ERR_OK)
		thread->asker_trouble = arena_printf(&thread->arena, "was not asked: %.*s", SPAN_ARG(trouble));
	return thread->asker;
}

struct span pipeline_why_not_asked(const struct pipeline_options *options, int64_t then, struct arena *arena)
{
	static const char proves[] = "what the DNS says today proves nothing about then";
	int64_t now = clock_now();
	char days[32];
	if (options->zone || !options->network || options->settings.resolver.kind == RESOLVER_NONE)
		return span_none;
	if (then == CLOCK_NONE)
		return SPAN("was not asked: when the message came is not known, and what the DNS says today may prove nothing about then");
	int64_t age = (now - then) / 86400;
	if (age >= -PIPELINE_RECENT_DAYS && age <= PIPELINE_RECENT_DAYS)
		return span_none;
	if (age < 0)
		return arena_printf(arena, "was not asked: the message is dated in the future, and %s", proves);
	return arena_printf(arena, "was not asked: the message is %s days old, and %s", words_grouped((uint64_t)age, days), proves);
}

/* From what was kept, or by the word that nobody is there. */
static void answer_without_asking(struct pipeline *p, const struct questions *questions, struct span unused)
{
	for (uint32_t i = 0; i < questions->list.n; i++) {
		const struct question *question = &questions->list.v[i];
		if (answers_find(&p->answers, question->type, question->name))
			continue;
		const struct answer *kept = p->options->kept ? answers_find(p->options->kept, question->type, question->name) : NULL;
		struct answer *answer = answers_add(&p->answers, &p->arena, question);
		answer->why = unused;
		if (kept) {
			*answer = *kept;
			answer->question = *question;
		}
	}
}

/* Puts the questions that have no answer yet. */
static enum pipeline_step ask(struct pipeline *p, const struct questions *questions)
{
	if (p->options->kept) {
		answer_without_asking(p, questions, p->options->kept->unused);
		return PIPELINE_DONE;
	}
	struct asker *asker = asker_of(p->thread);
	if (!asker) {
		answer_without_asking(p, questions, p->thread->asker_trouble);
		return PIPELINE_DONE;
	}
	if (!p->asked) {
		p->asked = clock_microseconds();
		p->unused = pipeline_why_not_asked(p->options, p->view.now, &p->arena);
	}
	struct asker_call call = { .answers = &p->answers, .arena = &p->arena, .began = p->asked, .unused = p->unused, .context = p };
	return asker_ask(asker, questions, &call) ? PIPELINE_WAITING : PIPELINE_DONE;
}

static const struct check *const *checks_of(const struct pipeline *p) { return p->options->checks ? p->options->checks : check_all; }

static struct span origin_text(struct pipeline *p)
{
	char text[IP_TEXT_MAX];
	return arena_dup(&p->arena, span_of(text, ip_format(&p->path.origin.ip, text)));
}

/* Who runs the address it comes from: for people, no check needs it. */
static void ask_origin(struct pipeline *p, struct questions *questions)
{
	const struct pipeline_options *o = p->options;
	if (p->path.origin.has_ip && (o->answerers[QUESTION_NETWORK].answer || o->zone || o->kept) && !p->judgement.origin_network.p) {
		const struct answer *answer = question_ask(&p->answers, questions, QUESTION_NETWORK, origin_text(p));
		if (answer && answer->status == ANSWER_OK && answer->records.n)
			p->judgement.origin_network = answer->records.v[0];
	}
}

static bool run_check(struct pipeline *p, const struct check *check, struct questions *questions)
{
	struct evidence_set *set = &p->judgement.evidence;
	if (!check->examine)
		return check->step(&p->view, &p->answers, questions, set) == CHECK_DONE;
	check->examine(&p->view, set);
	return true;
}

/* Authentication and every check are stepped until they are done; questions of one round are put together. */
static enum pipeline_step run_checks(struct pipeline *p)
{
	const struct check *const *checks = checks_of(p);
	const struct settings *settings = &p->options->settings;
	struct authentication_source vouch = {
		.message = p->view.message,
		.content = p->view.content,
		.path = p->view.path,
		.connection = p->view.connection,
		.now = p->view.now,
		.receiver = settings->hostname,
		.authserv_id = settings_authserv_id(settings),
		.authserv_id_set = settings->authserv_id.n > 0,
		.networks_set = settings->trusted_networks.n + settings->internal_networks.n > 0,
	};
	for (;;) {
		struct questions questions = { .arena = &p->arena };
		uint32_t answered = p->answers.list.n;
		ask_origin(p, &questions);
		authentication_step(&vouch, &p->answers, &questions, &p->arena, &p->auth);
		for (size_t i = 0; checks[i]; i++)
			if (!p->done[i])
				p->done[i] = run_check(p, checks[i], &questions);
		if (questions.list.n == 0 || p->rounds++ >= LIMIT_ROUNDS)
			return PIPELINE_DONE;
		if (ask(p, &questions) == PIPELINE_WAITING)
			return PIPELINE_WAITING;
		if (p->answers.list.n == answered)
			return PIPELINE_DONE;
	}
}

/* Costs more than a message; so again only when there is a sixty-fourth more good mail. */
static void refresh_bound(struct pipeline *p)
{
	const int32_t *cells = p->options->model->cells + MODEL_BOUND;
	int32_t count = __atomic_load_n(&cells[0], __ATOMIC_RELAXED);
	if (p->thread->bound.threshold && count >= p->thread->bound_count &&
	    (int64_t)count - p->thread->bound_count <= p->thread->bound_count / 64)
		return;
	p->thread->bound = bound_find(cells, p->options->settings.reject, p->options->settings.reject_loss / 1e5);
	p->thread->bound_count = count;
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
	if (p->thread->bound.promised || p->structural > most || score->log_odds * 1000 <= most || has_proof(set))
		return;
	score->log_odds = most / 1000.0;
	evidence_unchecked(
	    set, "learned",
	    "It is like spam enough to be rejected, but the {1} good messages learned so far do not promise yet that this loses no "
	    "more good mail than reject_loss allows",
	    arena_printf(&p->arena, "%" PRIu64, p->thread->bound.good));
}

static bool wants_reasons(const struct pipeline *p, const struct model_score *said)
{
	const struct settings *s = &p->options->settings;
	double all = said->log_odds * 1000 + s->prior;
	return p->options->explain == EXPLAIN_ALWAYS ||
	       (p->options->explain == EXPLAIN_DOUBTED && (all >= s->mark || p->structural + s->prior >= s->mark));
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
	features_take(&views, wanted, p->thread->scratch, &p->arena, &p->features);
	model_score(p->options->model, &p->features, p->structural, &p->score);
	refresh_bound(p);
	struct model_score said = p->score;
	hold_back(p, set, &said);
	struct explain_source reasons = { &source, &views, &p->features, p->options->model, &p->score };
	struct explanation explanation;
	bool explain = wants_reasons(p, &said);
	if (explain)
		explain_score(&reasons, &p->arena, &explanation);
	learned_add(&said, p->structural, explain ? &explanation : NULL, set);
}

static void examine(struct pipeline *p, struct span raw)
{
	const struct pipeline_options *o = p->options;
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
	path_examine(&p->message, &p->content, &nets, p->connection, &p->path);

	p->check_settings = (struct check_settings){
		.local_domains = o->settings.local_domains.v,
		.n_local_domains = o->settings.local_domains.n,
		.lists = o->settings.lists.v,
		.n_lists = o->settings.lists.n,
		.trusted_sealers = o->settings.trusted_sealers.v,
		.n_trusted_sealers = o->settings.trusted_sealers.n,
		.allow_domains = o->settings.allow_domains.v,
		.n_allow_domains = o->settings.allow_domains.n,
		.traps = trap_recipients_of(&o->settings),
	};
	p->view = (struct check_view){
		.message = &p->message,
		.content = &p->content,
		.path = &p->path,
		.connection = p->connection,
		.settings = &p->check_settings,
		.auth = &p->auth,
		.now = p->now != CLOCK_NONE ? p->now : p->path.reference_time,
		.arena = &p->arena,
	};
	sender_examine(&p->message, &p->content, &p->path, p->connection, &p->view.sender);
	check_own_domains(&p->view);
}

enum pipeline_step pipeline_begin(struct pipeline *p, struct span raw)
{
	uint64_t begin = clock_microseconds();
	const struct check *const *checks = checks_of(p);
	size_t n = 0;
	while (checks[n])
		n++;
	arena_reset(&p->arena);
	p->answers = (struct answers){ .unused = p->options->kept ? p->options->kept->unused : span_none };
	p->auth = (struct authentication){ .step = AUTH_MORE };
	memset(&p->judgement, 0, sizeof p->judgement);
	p->judgement.evidence.arena = &p->arena;
	p->done = arena_zalloc(&p->arena, n * sizeof *p->done);
	p->rounds = 0;
	p->asked = 0;
	examine(p, raw);
	enum pipeline_step step = run_checks(p);
	p->worked = clock_microseconds() - begin;
	return step;
}

enum pipeline_step pipeline_continue(struct pipeline *p)
{
	uint64_t begin = clock_microseconds();
	enum pipeline_step step = run_checks(p);
	p->worked += clock_microseconds() - begin;
	return step;
}

/* Whom one's own users write to becomes known. */
static void note_correspondents(struct pipeline *p)
{
	const struct connection *connection = p->connection;
	const struct addresses *fields[] = { &p->content.to, &p->content.cc };
	if (!p->path.outgoing)
		return;
	for (size_t i = 0; i < connection->n_recipients; i++)
		*(struct span *)vec_push(&p->arena, &p->judgement.correspondents) = connection->recipients[i];
	for (size_t f = 0; f < sizeof fields / sizeof *fields && !connection->n_recipients; f++)
		for (uint32_t i = 0; i < fields[f]->list.n; i++)
			if (fields[f]->list.v[i].domain.n)
				*(struct span *)vec_push(&p->arena, &p->judgement.correspondents) = fields[f]->list.v[i].spec;
}

static void finish_checks(const struct pipeline *p, struct evidence_set *set)
{
	const struct check *const *checks = checks_of(p);
	for (size_t i = 0; checks[i]; i++)
		if (!p->done[i])
			evidence_unchecked(set, checks[i]->name, "The check {1} asked more questions than one message may",
					   span_cstr(checks[i]->name));
}

void pipeline_finish(struct pipeline *p, struct judgement *ret)
{
	uint64_t begin = clock_microseconds();
	const struct pipeline_options *o = p->options;
	struct judgement *judgement = &p->judgement;
	finish_checks(p, &judgement->evidence);
	note_correspondents(p);
	if (o->lists && !o->kept)
		list_book_observe(o->lists, &p->answers);
	if (o->model)
		consult_model(p, &judgement->evidence);
	if (o->model_trouble.n)
		evidence_unchecked(&judgement->evidence, "learned", "What was learned before could not be consulted: {1}",
				   o->model_trouble);
	evidence_finish(&judgement->evidence);

	struct verdict_thresholds thresholds = { o->settings.prior, o->settings.mark, o->settings.quarantine, o->settings.reject,
						 o->settings.defer_unchecked };
	if (o->model && p->thread->bound.promised)
		thresholds.reject = p->thread->bound.threshold;
	judgement->verdict = verdict_judge(&judgement->evidence, &thresholds);
	judgement->message = &p->message;
	judgement->content = &p->content;
	judgement->path = &p->path;
	judgement->reference_time = p->view.now;
	judgement->microseconds = p->worked + clock_microseconds() - begin;
	*ret = *judgement;
}

void pipeline_judge(struct pipeline *p, struct span raw, struct judgement *ret)
{
	enum pipeline_step step = pipeline_begin(p, raw);
	while (step == PIPELINE_WAITING) {
		asker_wait(p->thread->asker);
		step = pipeline_continue(p);
	}
	pipeline_finish(p, ret);
}
