/* app/trap_list.c - see trap_list.h */
#include "app/trap_list.h"
#include "base/clock.h"
#include "base/json_out.h"
#include "base/vec.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { LINE_BYTES = 16384 };

static const char *country_of(const char *country) { return country[0] ? country : "unknown"; }

static int by_last(const void *a, const void *b)
{
	const struct operator_machine *x = *(const struct operator_machine *const *)a, *y = *(const struct operator_machine *const *)b;
	return x->last != y->last ? (x->last > y->last ? -1 : 1) : memcmp(&x->ip, &y->ip, sizeof x->ip);
}

/* What the live set says of it, for people; until: CLOCK_NONE where it has no end, or nothing is said. */
static const char *gate_of(const struct address_live *live, const struct ip *ip, int64_t *ret_until)
{
	struct address_live_entry entry;
	*ret_until = CLOCK_NONE;
	if (!live || !address_live_find(live, ip, clock_now(), &entry))
		return "let in";
	*ret_until = entry.expires;
	return entry.net.exclude || strcmp(entry.class, "allow") == 0 ? "let in by you" : "kept out";
}

static void put_machine(const struct operator_machine *m, const struct address_live *live, struct buf *out)
{
	char ip[IP_TEXT_MAX], last[CLOCK_TEXT_MAX], end[CLOCK_TEXT_MAX] = "";
	size_t n = ip_format(&m->ip, ip);
	int64_t until;
	const char *gate = gate_of(live, &m->ip, &until);
	clock_format(m->last, last);
	if (until != CLOCK_NONE)
		clock_format(until, end);
	buf_printf(out, "%-24.*s %-8s %8" PRIu32 " %8" PRIu32 "  %-24s %s%s%s%s\n", (int)n, ip, country_of(m->country), m->probes,
		   m->payloads, last, gate, end[0] ? " until " : "", end, m->listed ? ", was listed before" : "");
}

static void put_machine_json(const struct operator_machine *m, const struct address_live *live, struct buf *out)
{
	char ip[IP_TEXT_MAX];
	struct json_out j;
	int64_t until;
	json_init(&j, out);
	json_object(&j, NULL);
	json_cstr(&j, "kind", "machine");
	json_text(&j, "ip", span_of(ip, ip_format(&m->ip, ip)));
	json_cstr(&j, "country", country_of(m->country));
	json_int(&j, "as", m->as);
	json_int(&j, "first", m->first);
	json_int(&j, "last", m->last);
	json_int(&j, "probes", m->probes);
	json_int(&j, "payloads", m->payloads);
	json_bool(&j, "listed", m->listed);
	json_cstr(&j, "gate", gate_of(live, &m->ip, &until));
	if (until != CLOCK_NONE)
		json_int(&j, "until", until);
	json_close(&j);
	buf_byte(out, '\n');
}

/* Machines, the latest first. */
static void list_machines(const struct trap_memory *memory, const struct address_live *live, bool json)
{
	struct operators *operators = memory->operators;
	uint32_t n = operators_machines(operators), leader;
	const struct operator_machine **all = calloc(n + 1, sizeof *all);
	struct arena arena;
	struct buf out;
	if (!all)
		abort();
	for (uint32_t i = 0; i < n; i++)
		all[i] = operators_at(operators, i, &leader);
	qsort(all, n, sizeof *all, by_last);
	arena_init(&arena);
	if (!json && (n || !used_count(memory->used)))
		printf("%-24s %-8s %8s %8s  %-24s %s\n", "machine", "country", "probes", "payload", "last seen", "at the gate");
	for (uint32_t i = 0; i < n; i++) {
		arena_reset(&arena);
		buf_init(&out, &arena, LINE_BYTES);
		(json ? put_machine_json : put_machine)(all[i], live, &out);
		fwrite(out.p, 1, out.n, stdout);
	}
	arena_release(&arena);
	free(all);
}

/* Trap recipients of the real server. */

struct uses {
	struct arena arena;
	VEC(const struct used_recipient *) list;
};

static void gather(void *context, const struct used_recipient *u)
{
	struct uses *uses = context;
	*(const struct used_recipient **)vec_push(&uses->arena, &uses->list) = u;
}

static int by_last_use(const void *a, const void *b)
{
	const struct used_recipient *x = *(const struct used_recipient *const *)a, *y = *(const struct used_recipient *const *)b;
	return x->last != y->last ? (x->last > y->last ? -1 : 1) : strcmp(x->address, y->address);
}

static void put_use(const struct used_recipient *u, struct buf *out)
{
	char ip[IP_TEXT_MAX], shown[IP_TEXT_MAX], last[CLOCK_TEXT_MAX], when[CLOCK_TEXT_MAX];
	ip_format(&u->ip, ip);
	clock_format(u->last, last);
	buf_printf(out, "%s\n    %" PRIu32 " time%s, last by %s%s at %s, from <%s>\n", u->address, u->times, u->times == 1 ? "" : "s", ip,
		   u->others ? " (others before)" : "", last, u->mail_from);
	if (!u->planted)
		return;
	ip_format(&u->shown.visitor, shown);
	clock_format(u->shown.time, when);
	buf_printf(out, "    shown to %s alone, in the hour from %s\n", shown, when);
}

static void put_use_json(const struct used_recipient *u, struct buf *out)
{
	char ip[IP_TEXT_MAX];
	struct json_out j;
	json_init(&j, out);
	json_object(&j, NULL);
	json_cstr(&j, "kind", "recipient");
	json_cstr(&j, "address", u->address);
	json_int(&j, "times", u->times);
	json_text(&j, "ip", span_of(ip, ip_format(&u->ip, ip)));
	json_cstr(&j, "mail_from", u->mail_from);
	json_int(&j, "first", u->first);
	json_int(&j, "last", u->last);
	json_bool(&j, "planted", u->planted);
	if (u->planted) {
		json_text(&j, "shown_to", span_of(ip, ip_format(&u->shown.visitor, ip)));
		json_int(&j, "shown", u->shown.time);
	}
	json_close(&j);
	buf_byte(out, '\n');
}

static void list_used(const struct trap_memory *memory, bool json)
{
	struct uses uses = { .list = { 0 } };
	struct arena arena;
	struct buf out;
	arena_init(&uses.arena);
	arena_init(&arena);
	used_each(memory->used, gather, &uses);
	if (uses.list.n)
		qsort(uses.list.v, uses.list.n, sizeof *uses.list.v, by_last_use);
	if (!json && uses.list.n)
		printf("%strap recipients that were used\n", operators_machines(memory->operators) ? "\n" : "");
	for (uint32_t i = 0; i < uses.list.n; i++) {
		arena_reset(&arena);
		buf_init(&out, &arena, LINE_BYTES);
		if (json)
			put_use_json(uses.list.v[i], &out);
		else
			put_use(uses.list.v[i], &out);
		fwrite(out.p, 1, out.n, stdout);
	}
	arena_release(&arena);
	arena_release(&uses.arena);
}

void trap_list(const struct trap_memory *memory, const struct address_live *live, bool json)
{
	list_machines(memory, live, json);
	list_used(memory, json);
}
