/* trap/memory.c - see memory.h */
#include "trap/memory.h"

#include <stdlib.h>

struct trap_memory *trap_memory_new(uint64_t secret)
{
	struct trap_memory *memory = calloc(1, sizeof *memory);
	if (!memory)
		abort();
	memory->families = families_new();
	memory->collectors = collectors_new(secret);
	memory->operators = operators_new(secret * 0x9E3779B97F4A7C15ULL);
	memory->tally = tally_new();
	memory->used = used_new(secret);
	return memory;
}

void trap_memory_free(struct trap_memory *memory)
{
	if (!memory)
		return;
	families_free(memory->families);
	collectors_free(memory->collectors);
	operators_free(memory->operators);
	tally_free(memory->tally);
	used_free(memory->used);
	free(memory);
}

static void tie(struct trap_memory *memory, const struct reading *r, const struct family *family)
{
	for (uint32_t i = 0; i < r->n_kept; i++)
		if (collector_is_known(collectors_find(memory->collectors, r->recipients[i])))
			operators_tie(memory->operators, &r->ip, OPERATOR_COLLECTOR, r->recipients[i], r->time);
	if (!family)
		return;
	struct span name = span_cstr(family->name);
	/* a published shape is anybody's: only together with the way of talking it tells one from another */
	if (!family->published)
		operators_tie(memory->operators, &r->ip, OPERATOR_FAMILY, name, r->time);
	if (r->dialect) {
		uint8_t both[FAMILY_NAME + sizeof r->dialect];
		memcpy(both, name.p, name.n);
		memcpy(both + name.n, &r->dialect, sizeof r->dialect);
		operators_tie(memory->operators, &r->ip, OPERATOR_DIALECT, span_of(both, name.n + sizeof r->dialect), r->time);
	}
}

void trap_memory_see(struct trap_memory *memory, const struct reading *r, const struct trap_where *where, struct evidence_set *evidence,
		     struct trap_told *ret)
{
	const struct operator_machine *machine = operators_find(memory->operators, &r->ip);
	struct probe_known known = {
		.first = machine == NULL,
		.payloads = machine ? machine->payloads : 0,
		.collector = r->n_kept && collector_is_known(collectors_find(memory->collectors, r->recipients[0])),
	};
	/* families are of probes: what is sure to be payload is not looked up among them */
	bool bare = r->has_message && r->n_recipients > 0 && r->n_recipients <= 4 && !r->attachments && r->bytes <= 16384;
	if (bare || r->published[0])
		known.family = families_see(memory->families, &(struct family_sight){ .shape = &r->shape,
										      .published = r->published[0] ? r->published : NULL,
										      .target = r->own,
										      .sender = r->ip,
										      .time = r->time });
	known.family_of_probes = known.family && (known.family->published || r->shape.own);
	*ret = (struct trap_told){ .known = machine != NULL, .family = known.family ? known.family->name : "" };
	probe_judge(r, &known, evidence, &ret->judgement);
	bool probe = ret->judgement.kind == PROBE_PROBE, payload = ret->judgement.kind == PROBE_PAYLOAD;
	if (probe || payload)
		for (uint32_t i = 0; i < r->n_kept; i++)
			collectors_see(memory->collectors, r->recipients[i], &r->own, &r->ip, probe, r->time);
	struct operator_sight sight = {
		.ip = r->ip, .time = r->time, .probe = probe, .payload = payload, .listed = where->listed, .as = where->as
	};
	memcpy(sight.country, where->country, sizeof sight.country);
	operators_see(memory->operators, &sight);
	if (probe)
		tie(memory, r, known.family);
	ret->run_by = operators_of(memory->operators, &r->ip);
	machine = operators_find(memory->operators, &r->ip);
	ret->scout = machine && machine->probes && !machine->payloads;
	struct tally_row row = {
		.week = r->time, .listed = where->listed, .probes = probe, .payloads = payload, .others = !probe && !payload
	};
	memcpy(row.country, where->country, sizeof row.country);
	memcpy(row.family, ret->family, strlen(ret->family));
	tally_add(memory->tally, &row);
}

void trap_memory_write(const struct trap_memory *memory, struct buf *out)
{
	families_write(memory->families, out);
	collectors_write(memory->collectors, out);
	operators_write(memory->operators, out);
	tally_write(memory->tally, out);
	used_write(memory->used, out);
}

int trap_memory_read(struct trap_memory *memory, struct span record)
{
	struct cursor c = cursor_of(record);
	int r = families_read(memory->families, &c);
	if (r == 0)
		r = collectors_read(memory->collectors, &c);
	if (r == 0)
		r = operators_read(memory->operators, &c);
	if (r == 0)
		r = tally_read(memory->tally, &c);
	/* files of before there were trap recipients end here */
	return r || cursor_left(&c) == 0 ? r : used_read(memory->used, &c);
}
