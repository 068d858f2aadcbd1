/* app/auth.c - `postern auth`: who vouches for a message or a client, SPF, DKIM, DMARC and ARC alone. */
#include "app/asking.h"
#include "app/auth_text.h"
#include "app/command.h"
#include "app/input.h"
#include "app/terminal.h"
#include "auth/authres.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json_out.h"
#include "base/limits.h"

#include <stdio.h>
#include <unistd.h>

/* Whom to ask: the --dns file, or the resolver of the settings. However old a message is: the user wants to know how it is judged now. */
static bool begin_asking(struct options *o, struct asker **ret)
{
	const struct settings *s = &o->pipeline.settings;
	struct dns_files files = { 0 };
	struct span error;
	int err = o->zone ? ERR_OK : dns_files_read(s, &o->arena, &files, &error);
	struct asker_options options = asking_options(s, &files);
	options.zone = o->zone;
	if (err == ERR_OK && asker_new(&options, NULL, &o->arena, ret, &error) == 0)
		return true;
	fprintf(stderr, "postern: the DNS cannot be asked: %.*s\n", SPAN_ARG(error));
	return false;
}

static void judge(struct asker *asker, const struct authentication_source *source, struct arena *arena, struct authentication *ret)
{
	struct answers answers = { 0 };
	struct asker_call call = { .answers = &answers, .arena = arena, .began = clock_microseconds() };
	*ret = (struct authentication){ .step = AUTH_MORE };
	for (unsigned round = 0; round <= LIMIT_ROUNDS && ret->step == AUTH_MORE; round++) {
		struct questions questions = { .arena = arena };
		authentication_step(source, &answers, &questions, arena, ret);
		if (asker_ask(asker, &questions, &call))
			asker_wait(asker);
	}
}

struct telling {
	const struct options *options;
	struct asker *asker;
	struct style style; /* of stdout */
};

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

static void put_json(const struct authentication *a, struct buf *out)
{
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
	if (a->has_message) {
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
static enum exit_status outcome(const struct authentication *a)
{
	bool disowned = a->has_message && a->dmarc.result != DMARC_NONE ? a->dmarc.result != DMARC_PASS
									: a->has_client && a->mail_from.result == SPF_FAIL;
	return disowned ? EXIT_FOUND : EXIT_CLEAN;
}

/* As a mail server of this name would put it on top of the message. */
static void put_field(const struct authentication *a, const struct settings *settings, struct buf *out)
{
	struct span id = authres_value(settings_authserv_id(settings), out->arena), results = authres_write(a, SPAN(";\n\t"), out->arena);
	buf_printf(out, "Authentication-Results: %.*s;\n\t%.*s\n", SPAN_ARG(id), SPAN_ARG(results));
}

static enum exit_status tell(const struct telling *t, const struct authentication_source *source, struct arena *arena)
{
	struct authentication judged;
	struct buf out;
	judge(t->asker, source, arena, &judged);
	buf_init(&out, arena, LIMIT_REPORT_BYTES);
	if (t->options->json)
		put_json(&judged, &out);
	else if (t->options->header)
		put_field(&judged, &t->options->pipeline.settings, &out);
	else
		auth_text(&judged, &t->style, &out);
	fwrite(out.p, 1, out.n, stdout);
	return outcome(&judged);
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

static enum exit_status each_message(const struct telling *t, struct authentication_source *source)
{
	const struct options *o = t->options;
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
		enum exit_status one = tell(t, source, &arena);
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
	struct authentication_source source = {
		.connection = connection,
		.client = connection->has_ip ? &client : NULL,
		.receiver = o->pipeline.settings.hostname,
	};
	struct telling telling = { .options = o, .style = terminal_style(STDOUT_FILENO) };
	enum exit_status status;
	if (o->n_paths == 0 && !connection->has_ip) {
		fprintf(stderr, "postern: auth needs a client (--ip ADDRESS --helo NAME --from ADDRESS), a message, or both\n");
		return EXIT_TROUBLE;
	}
	if (!begin_asking(o, &telling.asker))
		return EXIT_TROUBLE;
	if (o->n_paths) {
		pipeline_warm_up();
		status = each_message(&telling, &source);
	} else {
		source.now = o->pipeline.now;
		status = tell(&telling, &source, &o->arena);
	}
	asker_free(telling.asker);
	return status;
}
