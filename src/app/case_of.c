/* app/case_of.c - see case_of.h */
#include "app/case_of.h"
#include "base/visible.h"
#include "facts/answers_record.h"
#include "learn/fingerprint.h"
#include "report/story_build.h"

#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <xxhash.h>

/* One line of what the message says, safe to show. */
static struct span shown(struct span text, struct arena *arena) { return text.p ? visible_text(text, CASEFILE_SHOWN, arena) : span_none; }

static struct span cited(struct cite *cite, const struct place *at, uint32_t n, struct arena *arena)
{
	struct buf out;
	buf_init(&out, arena, 4096);
	cite_put(cite, &out, at, n);
	return out.n ? buf_span(&out) : span_none;
}

/* The numbers of the parts that a sentence points into. */
static void note_parts(struct casefile *c, const struct message *message, const struct place *at, uint32_t n, struct arena *arena)
{
	for (uint32_t i = 0; i < n; i++) {
		uint32_t k = 0;
		while (k < c->parts.n && c->parts.v[k].index != at[i].part)
			k++;
		if (k == c->parts.n && at[i].part < message->parts.n)
			*(struct casefile_part *)vec_push(arena, &c->parts) =
			    (struct casefile_part){ at[i].part, message->parts.v[at[i].part].number };
	}
}

/* A copy of the evidence whose places are in words too. */
static void fill_evidence(struct casefile *c, const struct judgement *j, struct cite *cite, struct arena *arena)
{
	const struct evidence_set *set = &j->evidence;
	c->evidence = (struct evidence_set){ .arena = arena, .dropped = set->dropped, .caps = set->caps };
	for (uint32_t i = 0; i < set->list.n; i++) {
		struct evidence *e = vec_push(arena, &c->evidence.list);
		*e = set->list.v[i];
		e->cited = cited(cite, e->at, e->n_at, arena);
		note_parts(c, j->message, e->at, e->n_at, arena);
		struct evidence_detail *details = e->n_details ? arena_alloc(arena, e->n_details * sizeof *details) : NULL;
		for (uint32_t k = 0; k < e->n_details; k++) {
			details[k] = e->details[k];
			details[k].cited = cited(cite, &details[k].at, 1, arena);
			note_parts(c, j->message, &details[k].at, 1, arena);
		}
		e->details = details;
	}
	for (uint32_t i = 0; i < set->unchecked.n; i++) {
		struct unchecked *u = vec_push(arena, &c->evidence.unchecked);
		*u = set->unchecked.v[i];
		if (!u->at.to)
			continue;
		u->cited = cited(cite, &u->at, 1, arena);
		note_parts(c, j->message, &u->at, 1, arena);
	}
}

static void fill_sender(struct casefile *c, const struct judgement *j, struct cite *cite, struct arena *arena)
{
	struct story story;
	story_build_sender(j, cite, &story);
	for (uint32_t i = 0; i < story.sentences.n; i++) {
		const struct story_sentence *s = &story.sentences.v[i];
		struct casefile_sentence *kept = vec_push(arena, &c->sender);
		kept->says = s->says;
		kept->cited = cited(cite, s->at, s->n_at, arena);
		memcpy(kept->at, s->at, sizeof kept->at);
		kept->n_at = s->n_at;
		note_parts(c, j->message, s->at, s->n_at, arena);
	}
}

static void fill_envelope(struct casefile *c, const struct case_source *source, struct arena *arena)
{
	const struct connection *connection = source->pipeline->connection;
	c->has_ip = connection->has_ip;
	c->ip = connection->ip;
	c->rdns = shown(connection->rdns, arena);
	c->helo = shown(connection->helo, arena);
	c->auth_user = shown(connection->auth_user, arena);
	c->mail_from = connection->mail_from;
	for (size_t i = 0; i < connection->n_recipients; i++) {
		struct casefile_recipient *recipient = vec_push(arena, &c->recipients);
		recipient->address = connection->recipients[i];
		recipient->withheld = source->disposition == DISPOSITION_STORE;
		for (uint32_t k = 0; k < source->n_withheld; k++)
			recipient->withheld |= span_eq(source->withheld[k], recipient->address);
	}
}

static void fill_message(struct casefile *c, const struct judgement *j, struct arena *arena)
{
	struct fingerprint fingerprint;
	const struct content *content = j->content;
	c->message_id = shown(content->message_id, arena);
	c->subject = shown(content->subject, arena);
	struct span from = message_field_text(j->message, HEADER_FROM);
	c->from = shown(from, arena);
	if (content->from.list.n)
		c->from_address = arena_lower(arena, shown(content->from.list.v[0].spec, arena));
	c->bytes = (uint32_t)j->message->raw.n;
	fingerprint_take(j->message, &fingerprint);
	memcpy(c->fingerprint, fingerprint.b, sizeof c->fingerprint);
}

void case_of(const struct case_source *source, struct arena *arena, struct casefile *ret)
{
	const struct judgement *j = source->judgement;
	struct cite cite = { .message = j->message, .content = j->content, .arena = arena };
	struct buf answers;
	*ret = (struct casefile){
		.id = source->id,
		.door = source->door,
		.queue_id = shown(source->queue_id, arena),
		.reference_time = j->reference_time,
		.microseconds = j->microseconds,
		.has_origin = j->path->origin.has_ip,
		.origin = j->path->origin.ip,
		.outgoing = j->path->outgoing,
		.verdict = j->verdict,
		.disposition = (uint8_t)source->disposition,
		.bound = source->pipeline->options->model && source->pipeline->thread->bound.promised,
		.generations = source->generations,
	};
	fill_envelope(ret, source, arena);
	fill_message(ret, j, arena);
	fill_evidence(ret, j, &cite, arena);
	fill_sender(ret, j, &cite, arena);
	buf_init(&answers, arena, SIZE_MAX);
	answers_record_write(&source->pipeline->answers, &answers);
	ret->answers = buf_span(&answers);
}

/* Of the files of local lists: size and time of change. */
static uint64_t lists_generation(const struct settings *settings)
{
	uint64_t hash = 0;
	for (size_t i = 0; i < settings->lists.n; i++) {
		struct stat is;
		const char *path = (const char *)settings->lists.v[i].file.p;
		if (!path || stat(path, &is) != 0)
			continue;
		const int64_t facts[] = { is.st_size, is.st_mtim.tv_sec, is.st_mtim.tv_nsec };
		hash = XXH3_64bits_withSeed(facts, sizeof facts, hash + i + 1);
	}
	return hash;
}

struct casefile_generations case_generations(const struct settings *settings, struct arena *arena)
{
	struct buf all;
	buf_init(&all, arena, LIMIT_SETTINGS_BYTES * 2);
	for (size_t i = 0; i < settings_options_n; i++) {
		if (settings_options[i].offset == offsetof(struct settings, data_directory) ||
		    settings_options[i].offset == offsetof(struct settings, model)) /* where something is kept decides nothing */
			continue;
		buf_put(&all, settings_value(settings, &settings_options[i], arena));
		buf_byte(&all, '\n');
	}
	return (struct casefile_generations){ .build = SPAN(POSTERN_VERSION),
					      .settings = XXH3_64bits(all.p, all.n),
					      .lists = lists_generation(settings) };
}

uint64_t case_model_generation(const struct learner *learner)
{
	struct weights_status status;
	if (!learner || !learner_weights((struct learner *)(uintptr_t)learner))
		return 0;
	weights_status(learner_weights((struct learner *)(uintptr_t)learner), &status);
	return status.generation;
}

bool case_new_id(char ret_id[CASEFILE_ID])
{
	uint8_t random[CASEFILE_RANDOM];
	struct timespec now;
	if (getrandom(random, sizeof random, 0) != sizeof random || clock_gettime(CLOCK_REALTIME, &now) != 0)
		return false;
	casefile_id((uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000, random, ret_id);
	return true;
}
