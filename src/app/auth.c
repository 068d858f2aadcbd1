/* app/auth.c - `postern auth`: who vouches for a message or a client, SPF, DKIM, DMARC and ARC alone. */
#include "app/auth_text.h"
#include "app/command.h"
#include "app/input.h"
#include "app/terminal.h"
#include "base/json_out.h"
#include "base/limits.h"

#include <stdio.h>
#include <unistd.h>

static void ask(const struct options *o, const struct questions *questions, struct answers *answers, int64_t now, struct arena *arena)
{
	for (uint32_t i = 0; i < questions->list.n; i++) {
		const struct question *question = &questions->list.v[i];
		if (answers_find(answers, question->type, question->name) || answers->list.n >= LIMIT_QUESTIONS)
			continue;
		struct answer *answer = vec_push(arena, &answers->list);
		*answer = (struct answer){ .question = *question, .status = ANSWER_UNAVAILABLE, .time = now };
		if (o->zone)
			zone_answer(o->zone, arena, answer);
	}
}

static void judge(const struct options *o, const struct authentication_source *source, struct arena *arena, struct authentication *ret)
{
	struct answers answers = { 0 };
	*ret = (struct authentication){ .step = AUTH_MORE };
	for (unsigned round = 0; round <= LIMIT_ROUNDS && ret->step == AUTH_MORE; round++) {
		struct questions questions = { .arena = arena };
		authentication_step(source, &answers, &questions, arena, ret);
		ask(o, &questions, &answers, source->now, arena);
	}
}

static void dkim_json(struct json_out *j, const struct dkim *dkim)
{
	json_array(j, "dkim");
	for (uint32_t i = 0; i < dkim->list.n; i++) {
		const struct dkim_signature *signature = &dkim->list.v[i];
		json_object(j, NULL);
		json_text_or_null(j, "domain", signature->domain);
		json_text_or_null(j, "selector", signature->selector);
		json_cstr(j, "algorithm", dkim_algorithm_name(signature->algorithm));
		json_cstr(j, "crypto", dkim_crypto_name(signature->crypto));
		json_cstr(j, "result", dkim_result_name(signature->result));
		json_close(j);
	}
	json_close(j);
}

static void message_json(struct json_out *j, const struct authentication *a)
{
	dkim_json(j, &a->dkim);
	json_object(j, "dmarc");
	json_cstr(j, "result", dmarc_result_name(a->dmarc.result));
	json_text_or_null(j, "domain", a->dmarc.domain);
	if (a->dmarc.record.p)
		json_cstr(j, "policy", dmarc_policy_name(a->dmarc.policy));
	else
		json_null(j, "policy");
	json_cstr(j, "disposition", dmarc_policy_name(a->dmarc.disposition));
	json_close(j);
	json_object(j, "arc");
	json_cstr(j, "cv", arc_result_name(a->arc.cv));
	json_int(j, "instances", a->arc.sets.n);
	json_close(j);
}

static void result_or_null(struct json_out *j, const char *key, bool known, const struct spf *spf)
{
	if (known)
		json_cstr(j, key, spf_result_name(spf->result));
	else
		json_null(j, key);
}

static void put_json(const struct auth_story *story, struct buf *out)
{
	const struct authentication *a = story->judged;
	struct json_out j;
	json_init(&j, out);
	json_object(&j, NULL);
	json_object(&j, "spf");
	result_or_null(&j, "helo", a->has_client && a->client.helo.p, &a->helo);
	result_or_null(&j, "mailfrom", a->has_client && a->client.mail_from.p, &a->mail_from);
	const struct spf *shown = a->client.mail_from.p ? &a->mail_from : &a->helo;
	json_text_or_null(&j, "domain", shown->domain);
	json_text_or_null(&j, "explanation", shown->explanation);
	json_close(&j);
	if (story->has_message) {
		message_json(&j, a);
	} else {
		json_null(&j, "dkim");
		json_null(&j, "dmarc");
		json_null(&j, "arc");
	}
	json_close(&j);
	buf_byte(out, '\n');
}

/* Did somebody disown it? DMARC, where there is a message, is the last word: SPF alone fails with every forwarder. */
static enum exit_status outcome(const struct auth_story *story)
{
	const struct authentication *a = story->judged;
	bool disowned = story->has_message && a->dmarc.result != DMARC_NONE ? a->dmarc.result != DMARC_PASS
									    : a->has_client && a->mail_from.result == SPF_FAIL;
	return disowned ? EXIT_FOUND : EXIT_CLEAN;
}

static enum exit_status tell(const struct options *o, struct auth_story *story, const struct authentication_source *source,
			     struct arena *arena)
{
	struct authentication judged;
	struct buf out;
	judge(o, source, arena, &judged);
	story->judged = &judged;
	story->has_message = source->message;
	buf_init(&out, arena, LIMIT_REPORT_BYTES);
	if (o->json)
		put_json(story, &out);
	else
		auth_text(story, &out);
	fwrite(out.p, 1, out.n, stdout);
	return outcome(story);
}

static void examine(const struct options *o, struct span raw, struct message *message, struct content *content, struct path *path,
		    struct arena *arena)
{
	const struct settings *s = &o->pipeline.settings;
	struct path_settings nets = {
		.trusted = s->trusted_networks.v,
		.n_trusted = s->trusted_networks.n,
		.internal = s->internal_networks.v,
		.n_internal = s->internal_networks.n,
		.msa = s->msa_networks.v,
		.n_msa = s->msa_networks.n,
	};
	message_parse(raw, arena, message);
	content_examine(message, content);
	path_examine(message, content, &nets, &o->pipeline.connection, path);
}

static enum exit_status each_message(struct options *o, struct auth_story *story, struct authentication_source *source)
{
	struct arena arena;
	struct input input;
	struct input_item item;
	enum exit_status status = EXIT_CLEAN;
	arena_init(&arena);
	input_init(&input, o->paths, o->n_paths, NULL);
	input_item_init(&item);
	while (input_next(&input, &item)) {
		struct message message;
		struct content content;
		struct path path;
		input_load(&item);
		arena_reset(&arena);
		if (item.failed && !item.empty) { /* an empty message is one that nobody signed */
			fflush(stdout);
			fprintf(stderr, "postern: %.*s: %s\n", SPAN_ARG(style_safe(item.name, &arena)), item.error);
			status = EXIT_TROUBLE;
			continue;
		}
		examine(o, item.empty ? span_of("", 0) : item.bytes, &message, &content, &path, &arena);
		source->message = &message;
		source->content = &content;
		source->path = &path;
		source->now = o->pipeline.now != CLOCK_NONE ? o->pipeline.now : path.reference_time;
		enum exit_status one = tell(o, story, source, &arena);
		status = one > status ? one : status;
	}
	input_item_release(&item);
	input_release(&input);
	arena_release(&arena);
	return status;
}

enum exit_status auth_run(struct options *o)
{
	const struct connection *connection = &o->pipeline.connection;
	struct authentication_client client = { connection->ip, connection->helo, connection->mail_from };
	struct authentication_source source = { .connection = connection, .client = connection->has_ip ? &client : NULL };
	struct auth_story story = { .style = terminal_style(STDOUT_FILENO) };
	if (o->n_paths == 0 && !connection->has_ip) {
		fprintf(stderr, "postern: auth needs a client (--ip ADDRESS --helo NAME --from ADDRESS), a message, or both\n");
		return EXIT_TROUBLE;
	}
	if (o->n_paths) {
		pipeline_warm_up();
		return each_message(o, &story, &source);
	}
	source.now = o->pipeline.now;
	return tell(o, &story, &source, &o->arena);
}
