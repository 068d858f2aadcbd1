/* app/trap_command.c - `postern trap`: reads what an open-relay trap caught, and counts who came.
 *
 * The messages are those that a trap kept, of this program or of any other: who sent them is taken from the newest Received line, the
 * envelope from Return-Path and, where a trap writes them, Delivered-To or X-Envelope-To; else from To.
 * Without messages, `list` and `stats` tell what the trap of `postern serve` remembers. */
#include "app/command.h"
#include "app/input.h"
#include "app/store_file.h"
#include "app/trap_file.h"
#include "app/trap_list.h"
#include "app/trap_plant.h"
#include "app/trap_release.h"
#include "base/clock.h"
#include "base/json_out.h"
#include "base/limits.h"
#include "facts/network.h"
#include "message/content.h"
#include "message/received.h"
#include "trap/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct trap_run {
	struct options *options;
	bool stats, trouble, found;
	struct arena kept, arena; /* arena: of one message */
	struct own_set *own;
	struct network *places; /* NULL: not known */
	struct trap_memory *memory;
	uint64_t messages;
};

/* "192.0.2.1,2001:db8::1,relay.example.org" */
static bool read_own(struct trap_run *run, struct span list)
{
	VEC(struct own_address) own = { 0 };
	struct span one;
	while (span_split(&list, ',', &one)) {
		struct own_address *address = vec_push(&run->kept, &own);
		one = span_trim(one);
		if (ip_parse(one, &address->ip))
			continue;
		address->name = one;
		if (one.n < 6 || span_find_byte(one, '.', 0) == SPAN_NPOS || span_find_byte(one, '/', 0) != SPAN_NPOS) {
			fprintf(stderr, "postern: \"%.*s\" is neither an address nor a host name of the trap\n", SPAN_ARG(one));
			return false;
		}
	}
	if (own_address_build(own.v, own.n, &run->kept, &run->own) != 0) {
		fprintf(stderr, "postern: these are more addresses and names than can be sought at a time\n");
		return false;
	}
	return true;
}

static void envelope_of(const struct message *message, const struct content *content, struct arena *arena, struct trap_catch *catch)
{
	VEC(struct span) to = { 0 };
	static const char *const fields[] = { "X-Envelope-To", "Delivered-To", "X-Original-To" };
	for (size_t i = 0; i < sizeof fields / sizeof *fields && to.n == 0; i++) {
		const struct header *header = header_named(message_headers(message), span_cstr(fields[i]));
		struct span rest = header ? header_unfolded(header, arena) : span_none, one;
		while (to.n < LIMIT_ADDRESSES && span_split(&rest, ',', &one))
			*(struct span *)vec_push(arena, &to) = span_trim(one);
	}
	const struct addresses *shown[] = { &content->to, &content->cc };
	for (size_t k = 0; k < 2 && (to.n == 0 || k == 1) && !catch->n_recipients; k++)
		for (uint32_t i = 0; i < shown[k]->list.n; i++)
			*(struct span *)vec_push(arena, &to) = shown[k]->list.v[i].spec;
	catch->recipients = to.v;
	catch->n_recipients = to.n;
	catch->mail_from = content->has_return_path   ? content->return_path.spec
			   : content->from.list.n > 0 ? content->from.list.v[0].spec
						      : span_none;
}

static void catch_of(struct trap_run *run, struct span bytes, struct trap_catch *ret)
{
	struct message message;
	struct content content;
	struct received received = { 0 };
	message_parse(bytes, &run->arena, &message);
	content_examine(&message, &content);
	*ret = (struct trap_catch){ .message = bytes, .time = content.has_date && content.date_readable ? content.date.seconds : 0 };
	const struct header *line = header_first(message_headers(&message), HEADER_RECEIVED);
	if (line)
		received_parse(header_unfolded(line, &run->arena), &run->arena, &received);
	/* what the trap wrote on top names us, and is none of the message */
	if (line)
		ret->message = span_skip(bytes, (size_t)(line->raw.p + line->raw.n - bytes.p));
	if (received.has_ip)
		ret->ip = received.ip;
	if (received.has_by_ip)
		ret->own = received.by_ip;
	if (received.has_time)
		ret->time = received.time.seconds;
	ret->helo = received.helo;
	envelope_of(&message, &content, &run->arena, ret);
}

static struct trap_where where_of(const struct trap_run *run, const struct ip *ip)
{
	struct trap_where where = { 0 };
	struct network_entry entry;
	if (run->places && network_find(run->places, ip, &entry)) {
		memcpy(where.country, entry.country, sizeof where.country);
		where.as = entry.as;
	}
	return where;
}

static void tell_json(struct span name, const struct reading *reading, const struct trap_told *told, const struct evidence_set *evidence,
		      struct buf *out)
{
	struct json_out j;
	char ip[IP_TEXT_MAX];
	json_init(&j, out);
	json_object(&j, NULL);
	json_text(&j, "file", name);
	json_cstr(&j, "kind", probe_kind_name(told->judgement.kind));
	json_double(&j, "probability", told->judgement.probability, 4);
	json_milli(&j, "score", told->judgement.score);
	json_text_or_null(&j, "family", told->family[0] ? span_cstr(told->family) : span_none);
	json_text(&j, "ip", span_of(ip, ip_format(&reading->ip, ip)));
	json_int(&j, "operator", told->run_by);
	json_text(&j, "shape", reading->shape.text);
	json_array(&j, "own");
	static const char *const places[] = { "subject", "body", "header", "envelope" };
	for (int i = 0; i < READING_PLACES; i++) {
		if (!reading->has_own[i])
			continue;
		json_object(&j, NULL);
		json_cstr(&j, "in", places[i]);
		json_cstr(&j, "spelling", own_spelling_name(reading->own_best[i].spelling));
		json_cstr(&j, "wrapping", own_wrapping_words(reading->own_best[i].wrapping));
		json_int(&j, "port", reading->own_best[i].port);
		json_close(&j);
	}
	json_close(&j);
	json_array(&j, "evidence");
	for (uint32_t i = 0; i < evidence->list.n; i++) {
		json_object(&j, NULL);
		json_cstr(&j, "id", evidence->list.v[i].def->id);
		json_milli(&j, "weight", evidence->list.v[i].weight);
		json_text(&j, "says", evidence->list.v[i].says);
		json_close(&j);
	}
	json_close(&j);
	json_close(&j);
	buf_byte(out, '\n');
}

static void tell_text(struct span name, const struct trap_told *told, const struct evidence_set *evidence, struct buf *out)
{
	buf_printf(out, "%.*s: %s (%.1f %%)%s%s\n", SPAN_ARG(name), probe_kind_name(told->judgement.kind),
		   100 * told->judgement.probability, told->family[0] ? ", family " : "", told->family);
	for (uint32_t i = 0; i < evidence->list.n; i++)
		buf_printf(out, "  %+6.2f  %.*s\n", evidence->list.v[i].weight / 1000.0, SPAN_ARG(evidence->list.v[i].says));
}

static void read_one(struct trap_run *run, const struct input_item *item)
{
	struct trap_catch catch;
	struct reading reading;
	struct trap_told told;
	struct evidence_set evidence = { .arena = &run->arena };
	catch_of(run, span_first(item->bytes, LIMIT_MESSAGE_BYTES), &catch);
	reading_take(&catch, run->own, &run->arena, &reading);
	struct trap_where where = where_of(run, &reading.ip);
	trap_memory_see(run->memory, &reading, &where, &evidence, &told);
	run->messages++;
	run->found |= told.judgement.kind == PROBE_PROBE;
	if (run->stats)
		return;
	struct buf out;
	buf_init(&out, &run->arena, LIMIT_REPORT_BYTES);
	if (run->options->json)
		tell_json(item->name, &reading, &told, &evidence, &out);
	else
		tell_text(item->name, &told, &evidence, &out);
	fwrite(out.p, 1, out.n, stdout);
}

static void read_all(struct trap_run *run)
{
	struct input input;
	struct input_item item;
	input_init(&input, run->options->paths + 2, run->options->n_paths - 2, NULL);
	input_item_init(&item);
	while (input_next(&input, &item)) {
		input_load(&item);
		arena_reset(&run->arena);
		if (!item.failed) {
			read_one(run, &item);
		} else if (!item.harmless) {
			fprintf(stderr, "postern: %.*s: %s\n", SPAN_ARG(item.name), item.error);
			run->trouble = true;
		}
	}
	input_item_release(&item);
	input_release(&input);
}

static int by_week(const void *a, const void *b)
{
	const struct tally_row *x = *(const struct tally_row *const *)a, *y = *(const struct tally_row *const *)b;
	if (x->week != y->week)
		return x->week < y->week ? -1 : 1;
	return x->probes != y->probes ? (x->probes > y->probes ? -1 : 1) : strcmp(x->country, y->country);
}

static const char *country_of(const char *country) { return country[0] ? country : "unknown"; }

static void stats_rows(const struct trap_run *run, struct json_out *j, struct buf *out)
{
	uint32_t n = tally_rows(run->memory->tally);
	const struct tally_row **rows = calloc(n + 1, sizeof *rows);
	if (!rows)
		abort();
	for (uint32_t i = 0; i < n; i++)
		rows[i] = tally_at(run->memory->tally, i);
	qsort(rows, n, sizeof *rows, by_week);
	for (uint32_t i = 0; i < n; i++) {
		char week[CLOCK_TEXT_MAX];
		clock_format(rows[i]->week, week);
		week[10] = '\0';
		if (j) {
			json_object(j, NULL);
			json_cstr(j, "week", week);
			json_cstr(j, "country", country_of(rows[i]->country));
			json_cstr(j, "family", rows[i]->family);
			json_bool(j, "listed", rows[i]->listed);
			json_int(j, "probes", rows[i]->probes);
			json_int(j, "payloads", rows[i]->payloads);
			json_int(j, "others", rows[i]->others);
			json_close(j);
		} else {
			buf_printf(out, "%-10s  %-8s %-20s %-6s %8" PRIu32 " %8" PRIu32 " %8" PRIu32 "\n", week,
				   country_of(rows[i]->country), rows[i]->family[0] ? rows[i]->family : "-",
				   rows[i]->listed ? "known" : "new", rows[i]->probes, rows[i]->payloads, rows[i]->others);
		}
	}
	free(rows);
}

struct crew {
	uint32_t machines, scouts, senders, probes, payloads;
};

/* Operators of two machines or more; the machine that names one is its oldest. */
static void stats_operators(const struct trap_run *run, struct json_out *j, struct buf *out)
{
	struct operators *operators = run->memory->operators;
	bool first = true;
	uint32_t n = operators_machines(operators), leader;
	struct crew *crews = calloc(n + 1, sizeof *crews);
	if (!crews)
		abort();
	for (uint32_t i = 0; i < n; i++) {
		const struct operator_machine *m = operators_at(operators, i, &leader);
		crews[leader].machines++;
		crews[leader].scouts += m->probes && !m->payloads;
		crews[leader].senders += m->payloads && !m->probes;
		crews[leader].probes += m->probes;
		crews[leader].payloads += m->payloads;
	}
	for (uint32_t i = 0; i < n; i++) {
		char ip[IP_TEXT_MAX];
		if (crews[i].machines < 2)
			continue;
		ip_format(&operators_at(operators, i, &leader)->ip, ip);
		if (j) {
			json_object(j, NULL);
			json_cstr(j, "operator", ip);
			json_int(j, "machines", crews[i].machines);
			json_int(j, "scouts", crews[i].scouts);
			json_int(j, "senders", crews[i].senders);
			json_int(j, "probes", crews[i].probes);
			json_int(j, "payloads", crews[i].payloads);
			json_close(j);
		} else {
			if (first)
				buf_printf(out, "\n%-24s %8s %8s %8s %8s %8s\n", "operator (first machine)", "machines", "scouts",
					   "senders", "probes", "payload");
			first = false;
			buf_printf(out, "%-24s %8" PRIu32 " %8" PRIu32 " %8" PRIu32 " %8" PRIu32 " %8" PRIu32 "\n", ip, crews[i].machines,
				   crews[i].scouts, crews[i].senders, crews[i].probes, crews[i].payloads);
		}
	}
	free(crews);
}

static void tell_stats(struct trap_run *run)
{
	struct buf out;
	struct json_out j;
	arena_reset(&run->arena);
	buf_init(&out, &run->arena, LIMIT_REPORT_BYTES);
	if (run->options->json) {
		json_init(&j, &out);
		json_object(&j, NULL);
		json_int(&j, "messages", (int64_t)run->messages);
		json_array(&j, "weeks");
		stats_rows(run, &j, NULL);
		json_close(&j);
		json_array(&j, "operators");
		stats_operators(run, &j, NULL);
		json_close(&j);
		json_close(&j);
		buf_byte(&out, '\n');
	} else {
		buf_printf(&out, "%-10s  %-8s %-20s %-6s %8s %8s %8s\n", "week", "country", "family", "before", "probes", "payload",
			   "unsure");
		stats_rows(run, NULL, &out);
		stats_operators(run, NULL, &out);
	}
	fwrite(out.p, 1, out.n, stdout);
}

static uint64_t count_all(const struct tally *tally)
{
	uint64_t all = 0;
	for (uint32_t i = 0; i < tally_rows(tally); i++) {
		const struct tally_row *row = tally_at(tally, i);
		all += (uint64_t)row->probes + row->payloads + row->others;
	}
	return all;
}

/* With what the gate does about them, where it does something. */
static void list_kept(struct options *options, const struct trap_memory *memory)
{
	char why[ADDRESS_WHY_MAX];
	struct address_live *live;
	struct span path = arena_printf(&options->arena, "%s/" ADDRESS_LIVE_FOLDER "/" ADDRESS_LIVE_NAME, store_file_folder(options));
	if (address_live_open((const char *)path.p, ADDRESS_LIVE_READ, why, &live) != 0)
		live = NULL;
	trap_list(memory, live, options->json);
	address_live_close(live);
}

/* What serve's own trap remembers. */
static enum exit_status tell_kept(struct options *options, bool list)
{
	struct trap_run run = { .options = options, .stats = true };
	const char *folder = store_file_folder(options);
	run.memory = trap_memory_new(1);
	int err = trap_file_read(folder, run.memory);
	if (err == 0 && list) {
		list_kept(options, run.memory);
	} else if (err == 0) {
		arena_init(&run.arena);
		run.messages = count_all(run.memory->tally);
		tell_stats(&run);
		arena_release(&run.arena);
	} else {
		fprintf(
		    stderr, "postern: %s/trap: %s\n", folder,
		    err == ERR_NOT_FOUND
			? "nothing that a trap caught is written there; listen_trap opens one, and what it catches is there within a minute"
			: "it cannot be read");
	}
	trap_memory_free(run.memory);
	return err == 0 ? EXIT_CLEAN : EXIT_TROUBLE;
}

enum exit_status trap_run(struct options *options)
{
	struct span what = span_cstr(options->n_paths ? options->paths[0] : NULL);
	struct trap_run run = { .options = options, .stats = span_eq(what, SPAN("stats")) };
	if (span_eq(what, SPAN("plant")))
		return trap_plant(options);
	if (span_eq(what, SPAN("whose")))
		return trap_whose(options);
	if (span_eq(what, SPAN("release")))
		return trap_release(options);
	if (options->n_paths == 1 && (run.stats || span_eq(what, SPAN("list"))))
		return tell_kept(options, !run.stats);
	if (options->n_paths < 3 || (!run.stats && !span_eq(what, SPAN("read")))) {
		fprintf(stderr, "postern: trap list, trap stats, trap plant VISITOR..., trap whose ADDRESS..., trap release ID...; or of "
				"messages: trap "
				"read|stats OWN[,OWN...] PATH...\n");
		return EXIT_TROUBLE;
	}
	content_warm_up();
	arena_init(&run.kept);
	arena_init(&run.arena);
	struct span error;
	if (!read_own(&run, span_cstr(options->paths[1]))) {
		run.trouble = true;
	} else {
		if (network_open(NETWORK_PACKAGED, &run.kept, &run.places, &error) != 0)
			run.places = NULL;
		/* one run, nobody who could choose keys against it */
		run.memory = trap_memory_new(1);
		read_all(&run);
		if (run.stats)
			tell_stats(&run);
		network_close(run.places);
		trap_memory_free(run.memory);
	}
	arena_release(&run.kept);
	arena_release(&run.arena);
	return run.trouble ? EXIT_TROUBLE : run.found ? EXIT_FOUND : EXIT_CLEAN;
}
